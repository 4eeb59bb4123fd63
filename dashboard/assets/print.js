/* On paper nothing can be opened: what is folded is open while it prints. */
(function () {
    "use strict";

    let opened = [];

    window.addEventListener("beforeprint", () => {
        opened = [...document.querySelectorAll("details:not([open])")];
        opened.forEach((details) => (details.open = true));
    });

    window.addEventListener("afterprint", () => {
        opened.forEach((details) => (details.open = false));
        opened = [];
    });
})();
