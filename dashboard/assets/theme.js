/* Light or dark: as the machine says until a person chooses; the choice stays in this browser. On
 * paper it is always light. */
(function () {
    "use strict";

    const KEPT = "vigie-theme";
    const machine = window.matchMedia("(prefers-color-scheme: dark)");

    const kept = () => {
        try {
            return window.localStorage.getItem(KEPT);
        } catch {
            return null; // a browser that keeps nothing: the machine decides
        }
    };
    const current = () => kept() || (machine.matches ? "dark" : "light");

    function show(theme) {
        document.documentElement.dataset.theme = theme;
        for (const button of document.querySelectorAll("button.theme")) {
            button.setAttribute("aria-pressed", String(theme === "dark"));
        }
    }

    document.addEventListener("click", (event) => {
        if (!event.target.closest("button.theme")) {
            return;
        }
        const next = current() === "dark" ? "light" : "dark";
        try {
            window.localStorage.setItem(KEPT, next);
        } catch {
            // nothing is kept: the choice lasts as long as the page
        }
        show(next);
    });
    machine.addEventListener("change", () => show(current()));
    window.addEventListener("beforeprint", () => show("light"));
    window.addEventListener("afterprint", () => show(current()));
    new MutationObserver(() => {
        const pressed = String(document.documentElement.dataset.theme === "dark");
        const button = document.querySelector("button.theme");
        if (button && button.getAttribute("aria-pressed") !== pressed) {
            show(document.documentElement.dataset.theme);
        }
    }).observe(document, {childList: true, subtree: true});
    show(current());
})();
