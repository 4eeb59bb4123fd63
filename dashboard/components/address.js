/* The address, which is the state of a page: what it says of a part, and the same with another
 * part. A choice is in the address at once; the server draws what it says some time later, and a
 * choice made meanwhile is made on top of the last one. */
(function () {
    "use strict";

    const {useEffect, useState} = window.React;

    /** How long a page may stay in the state of being drawn anew, should no answer come. */
    const PATIENCE_MS = 20000;
    /** How long a control keeps showing what was chosen once the page is drawn. */
    const PAUSE_MS = 300;
    /** How long the page waits for what is ahead of it. */
    const HEAD_START_MS = 400;
    const ASKED = "vigie:asked";
    const DRAWN = "vigie:drawn";

    /** What was asked last: {from, search, parts, isThere}. */
    let asked = null;
    let patience = 0;

    /** What the page is drawn for: its query, and every part of the selection. */
    function drawn() {
        const nav = document.querySelector("nav[data-parts]");
        return nav ? {search: nav.dataset.search, parts: JSON.parse(nav.dataset.parts)} : null;
    }

    /** Every part of what is asked, though it be not drawn yet. */
    function parts() {
        const {search} = window.location;
        if (asked && asked.search === search) {
            asked.isThere = true;
        }
        // The address bar follows what was asked within a moment.
        if (asked && (asked.isThere ? asked.search === search : asked.from === search)) {
            return asked.parts;
        }
        const page = drawn();
        return page && page.search === search
            ? page.parts
            : Object.fromEntries(new URLSearchParams(search));
    }

    /** The parts with another one, and without what means nothing beside it. */
    function changed(shown, name, value) {
        const made = {...shown, [name]: value};
        if (name === "level") {
            made.area = "";
        }
        // What the whole is compared with, or an area of another level, is of another level.
        if (name === "level" || (name === "area" && !shown.area)) {
            made.against = "";
            made.compared = "";
        }
        // A target in the unit of another indicator means nothing.
        if (name === "indicator") {
            made.target = "";
        }
        // Weights are those of the components of one order of priority.
        if (name === "priority") {
            made.weights = "";
        }
        return made;
    }

    const written = (made) =>
        `?${new URLSearchParams(Object.entries(made).filter(([, text]) => text))}`;

    /** Say another part, or none where it is empty; the page follows. */
    function put(name, value) {
        const shown = parts();
        if ((shown[name] || "") !== value) {
            ask(changed(shown, name, value));
        }
    }

    /** Whether the page is yet to be drawn for what is asked. */
    function isAhead() {
        const isAsking = document.documentElement.classList.contains("is-asking");
        return isAsking && Boolean(drawn());
    }

    /** Change what a link of the page as it is drawn changes. */
    function follow(search) {
        const before = drawn().parts;
        const there = Object.fromEntries(new URLSearchParams(search));
        const names = Object.keys({...before, ...there});
        const others = names.filter((name) => (there[name] || "") !== (before[name] || ""));
        const changes = others.map((name) => [name, there[name] || ""]);
        ask({...parts(), ...Object.fromEntries(changes)});
    }

    function ask(made) {
        const search = written(made);
        asked = {from: window.location.search, search, parts: made, isThere: false};
        window.clearTimeout(patience);
        patience = window.setTimeout(settle, PATIENCE_MS);
        document.documentElement.classList.add("is-asking");
        const begun = {parts: made, awaited: []};
        window.dispatchEvent(new CustomEvent(ASKED, {detail: begun}));
        if (!begun.awaited.length) {
            window.dash_clientside.set_props("location", {search});
            return;
        }
        // What is ahead of the page is not made to share the server with it.
        const pause = new Promise((resolve) => window.setTimeout(resolve, HEAD_START_MS));
        Promise.race([Promise.allSettled(begun.awaited), pause]).then(() => {
            if (asked && asked.search === search) {
                window.dash_clientside.set_props("location", {search});
            }
        });
    }

    function settle() {
        window.clearTimeout(patience);
        document.documentElement.classList.remove("is-asking");
        window.dispatchEvent(new CustomEvent(DRAWN));
    }

    window.addEventListener("popstate", () => {
        asked = null;
    });
    new MutationObserver(() => {
        const isAsking = document.documentElement.classList.contains("is-asking");
        if (isAsking && drawn()?.search === window.location.search) {
            settle();
        }
    }).observe(document, {attributeFilter: ["data-search"], childList: true, subtree: true});

    function on(name, listener) {
        window.addEventListener(name, listener);
        return () => window.removeEventListener(name, listener);
    }

    /** What a control shows and how it chooses: what was chosen, until the page is drawn for it;
     *  a control that is of no part of the address tells its property alone. */
    function useChoice({part, value, setProps}) {
        const [chosen, choose] = useState(null);
        useEffect(() => {
            let pause = 0;
            const leave = on(DRAWN, () => {
                pause = window.setTimeout(choose, PAUSE_MS, null);
            });
            return () => {
                window.clearTimeout(pause);
                leave();
            };
        }, []);
        if (!part) {
            return [value, (text) => setProps({value: text})];
        }
        const say = (text) => {
            choose({text});
            put(part, text);
        };
        return [chosen ? chosen.text : value, say];
    }

    const address = {
        part: (name) => parts()[name] || "",
        search: () => written(parts()),
        put,
        isAhead,
        follow,
        /** Have `listener` told what is asked; the page waits a moment for a promise of its. */
        onAsked: (listener) =>
            on(ASKED, ({detail: {parts: made, awaited}}) => {
                const begun = listener(made);
                if (begun) {
                    awaited.push(begun);
                }
            }),
    };

    window.vigie = Object.assign(window.vigie || {}, {address, useChoice});
})();
