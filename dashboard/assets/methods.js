/* The search of the methods page: entries without the words looked for are put out of sight. */
(function () {
    "use strict";

    /** Letters without their accents, so that "ecart" finds "écart". */
    const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

    /** Show the entries that hold every word looked for; say how many there are. */
    function search(value, words) {
        const wanted = plain(value || "").split(/\s+/).filter(Boolean);
        let count = 0;
        for (const entry of document.querySelectorAll("#methods-entries [data-found]")) {
            const said = plain(entry.textContent);
            const isFound = wanted.every((word) => said.includes(word));
            entry.hidden = !isFound;
            count += isFound ? 1 : 0;
        }
        for (const chapter of document.querySelectorAll("#methods-entries .chapter")) {
            chapter.hidden = !chapter.querySelector("[data-found]:not([hidden])");
        }
        if (!wanted.length) {
            return "";
        }
        const text = count > 1 ? words.many : count ? words.one : words.none;
        return text.replace("{count}", count);
    }

    window.dash_clientside = Object.assign(window.dash_clientside || {}, {
        vigie_methods: {search},
    });
})();
