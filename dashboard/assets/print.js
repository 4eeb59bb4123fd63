/* On paper nothing can be opened: what is folded is open while it prints. Each sheet says where it
   is from and when it was printed. */
(function () {
    "use strict";

    /** What a sheet of A4 holds beside its margins, in pixels. */
    const SHEET = 690;

    let opened = [];

    /** Whether this browser writes in the margins of its sheets. */
    const hasMargins = () => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync('@page { @bottom-left { content: "" } }');
        return sheet.cssRules[0].cssText.includes("@bottom-left");
    };

    /** Says the day and the address at the foot of each sheet, or else once, at the end. */
    const sign = () => {
        const signed = document.querySelector(".printed");
        if (!signed) {
            return;
        }
        const day = new Date().toLocaleDateString(signed.dataset.locale, {dateStyle: "long"});
        const said = signed.dataset.said
            .replace("{day}", () => day)
            .replace("{address}", () => location.href);
        document.documentElement.style.setProperty("--printed", JSON.stringify(said));
        signed.textContent = hasMargins() ? "" : said;
    };

    window.addEventListener("beforeprint", () => {
        opened = [...document.querySelectorAll("details:not([open], .as-opened)")];
        opened.forEach((details) => (details.open = true));
        for (const picture of document.querySelectorAll(".compare-picture")) {
            const scale = Math.min(1, SHEET / picture.clientWidth);
            picture.style.setProperty("--paper-scale", scale.toFixed(3));
        }
        sign();
    });

    window.addEventListener("afterprint", () => {
        opened.forEach((details) => (details.open = false));
        opened = [];
    });
})();
