/* What a choice will colour a map with, told from the address and from what the release offers, so
 * that the map need not wait until the page around it is drawn. */
(function () {
    "use strict";

    const {fetchJson} = window.vigie;

    /** {indicator: {level: [period, ...]}} behind each address, once asked for. */
    const offers = new Map();

    /** Fetch what a release offers, to have it when it is needed. */
    function readOffer(url) {
        if (!offers.has(url)) {
            offers.set(url, fetchJson(url).catch(() => {
                offers.delete(url);
                return {};
            }));
        }
        return offers.get(url);
    }

    /** The period shown where another is wanted: the latest before it, else the latest. */
    function nearest(wanted, periods) {
        const before = /^\d+$/.test(wanted) ? periods.filter((period) => period <= wanted) : [];
        return before.at(-1) || periods.at(-1);
    }

    /** The address of what `parts` colour the areas of `level` with; null where that is not sure:
     *  the server will tell. `ahead` has the address of the offer and the template of classes. */
    async function classesAhead({offerUrl, classesUrl, classing}, parts, level) {
        const levels = (await readOffer(offerUrl))[parts.indicator];
        const periods = levels && levels[level];
        if (!periods || parts.level !== level) {
            return null;
        }
        const period = periods.includes(parts.period)
            ? parts.period
            : nearest(parts.period || "", periods);
        const named = {indicator: parts.indicator, level, period, classing: parts.classing || classing};
        return classesUrl.replace(/\{(\w+)\}/g, (_, name) => named[name]);
    }

    window.vigie = Object.assign(window.vigie, {classesAhead, readOffer});
})();
