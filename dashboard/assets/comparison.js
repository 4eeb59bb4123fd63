/* The controls of the comparison are drawn anew with each answer: who was in one stays there. */
(function () {
    "use strict";

    const PLACE = "#map-against";
    /** Where to go when the control itself is gone: a removed area, a field that was full. */
    const INSTEAD = ["map-find", "map-choice-against"];
    /** The control that has the focus, or had it when it was drawn anew. */
    let held = null;

    document.addEventListener("focusin", (event) => {
        held = event.target.id && event.target.closest(PLACE) ? event.target : null;
    });

    // Left for nothing, such as a click beside it: then nobody is in it. A control that was taken
    // away from under its reader is another matter.
    document.addEventListener("focusout", (event) => {
        window.setTimeout(() => {
            if (held === event.target && held.isConnected && document.activeElement !== held) {
                held = null;
            }
        });
    });

    new MutationObserver(() => {
        if (!held || held.isConnected || document.activeElement !== document.body) {
            return;
        }
        const again = [held.id, ...INSTEAD]
            .map((id) => document.getElementById(id))
            .find((control) => control && !control.disabled);
        if (again) {
            again.focus({preventScroll: true});
        }
    }).observe(document.documentElement, {childList: true, subtree: true});
})();
