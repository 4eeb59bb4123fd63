/* Links that change the selection within a page: the address changes, the page stays where it is.
 * They are plain links too: with a modifier key, or on another page, the browser follows them.
 * And links to other pages, which take along what is selected at the moment they are followed.
 * What is folded (details.kept) stays as the reader left it when it is drawn anew. */
(function () {
    "use strict";

    /** The link that was followed: it is drawn anew, and takes back the focus and the scrolling. */
    let followed = null;
    /** Id of the selected row's link, once its row has been brought into sight. */
    let shown = null;
    /** What the reader opened, by id. */
    const opened = new Map();

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
            const {scrollLeft = 0, scrollTop = 0} = link.closest(".scroll") || {};
            followed = {link, scrollLeft, scrollTop};
            if (there.search !== window.location.search) {
                window.vigie.address.follow(there.search);
            }
        }
    });

    /** A link that is followed before it is drawn for what was selected last: what it changes is
     *  changed there, and to another page it takes along what is selected. */
    document.addEventListener(
        "click",
        (event) => {
            const link = event.target.closest && event.target.closest("a[href]");
            const {address} = window.vigie;
            if (!link || !address.isAhead() || !isPlain(event)) {
                return;
            }
            if (link.closest("nav[data-search]")) {
                link.search = address.search();
            } else if (link.pathname === window.location.pathname && link.search) {
                event.preventDefault();
                event.stopImmediatePropagation();
                address.follow(link.search);
            }
        },
        true,
    );

    document.addEventListener(
        "toggle",
        ({target}) => {
            if (target.matches("details.kept") && target.open) {
                opened.set(target.id, target);
            } else if (opened.get(target.id) === target) {
                opened.delete(target.id);
            }
        },
        true,
    );

    function keepOpen() {
        for (const [id, last] of opened) {
            const drawn = document.getElementById(id);
            if (drawn && drawn !== last) {
                opened.set(id, drawn);
                drawn.open = true;
            }
        }
    }

    function takeBack() {
        const drawn = followed && document.getElementById(followed.link.id);
        if (!drawn || drawn === followed.link) {
            return;
        }
        const scroll = drawn.closest(".scroll");
        if (scroll) {
            scroll.scrollLeft = followed.scrollLeft;
            scroll.scrollTop = followed.scrollTop;
        }
        drawn.focus({preventScroll: true});
        followed = null;
    }

    /** The selected row of a ranked table comes into its window; the page itself does not move. */
    function showSelected() {
        const row = document.querySelector(".ranked tr.selected");
        const id = row && row.querySelector("a").id;
        if (id === shown) {
            return;
        }
        shown = id;
        if (row) {
            const scroll = row.closest(".scroll");
            const room = scroll.clientHeight - scroll.querySelector("thead").offsetHeight;
            const top = row.offsetTop + row.offsetHeight - scroll.clientHeight;
            if (scroll.scrollTop < top || scroll.scrollTop > top + room - row.offsetHeight) {
                scroll.scrollTop = top + (room - row.offsetHeight) / 2;
            }
        }
    }

    new MutationObserver(() => {
        keepOpen();
        takeBack();
        showSelected();
    }).observe(document.documentElement, {childList: true, subtree: true});
})();
