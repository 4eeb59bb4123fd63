/* On paper nothing can be opened: what is folded is open while it prints. */
(function () {
    "use strict";

    /** What a sheet of A4 holds beside its margins, in pixels. */
    const SHEET = 690;

    let opened = [];

    window.addEventListener("beforeprint", () => {
        opened = [...document.querySelectorAll("details:not([open]):not(.entry)")];
        opened.forEach((details) => (details.open = true));
        for (const picture of document.querySelectorAll(".compare-picture")) {
            const scale = Math.min(1, SHEET / picture.clientWidth);
            picture.style.setProperty("--paper-scale", scale.toFixed(3));
        }
    });

    window.addEventListener("afterprint", () => {
        opened.forEach((details) => (details.open = false));
        opened = [];
    });
})();
