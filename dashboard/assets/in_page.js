/* Links that change the selection within a page: the address changes, the page stays where it is.
 * They are plain links too: with a modifier key, or before the page is alive, the browser follows. */
(function () {
    "use strict";

    const isPlain = (event) =>
        event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

    document.addEventListener("click", (event) => {
        const link = event.target.closest && event.target.closest("a.in-page");
        if (!link || event.defaultPrevented || !isPlain(event)) {
            return;
        }
        const there = new URL(link.href);
        if (there.pathname === window.location.pathname && window.dash_clientside) {
            event.preventDefault();
            window.dash_clientside.set_props("location", {search: there.search});
        }
    });

    /** The selected row of a ranked table comes into its window; the page itself does not move. */
    let shown = null;
    new MutationObserver(() => {
        const row = document.querySelector(".ranked tr.selected");
        const name = row && row.querySelector("a").id;
        if (name === shown) {
            return;
        }
        shown = name;
        if (row) {
            const view = row.closest(".scroll");
            const head = view.querySelector("thead").offsetHeight;
            const top = row.offsetTop - head;
            if (top < view.scrollTop || top + row.offsetHeight > view.scrollTop + view.clientHeight - head) {
                view.scrollTop = top - (view.clientHeight - head) / 2;
            }
        }
    }).observe(document.documentElement, {childList: true, subtree: true, attributes: true, attributeFilter: ["class"]});
})();
