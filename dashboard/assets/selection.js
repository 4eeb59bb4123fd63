/* The browser's half of the selection: a choice or a click becomes the address, nothing else. */
(function () {
    "use strict";

    const same = () => window.dash_clientside.no_update;

    // What was asked last, and what was shown then: as long as that is still shown, a redraw is
    // under way, and the next choice is made on top of the last one.
    let asked = {over: "", parts: {}};

    /** The query that shows `shown`, or what was asked since, with one part changed. */
    function searchWith(shown, name, value) {
        const over = JSON.stringify(shown);
        const parts = {...(asked.over === over ? asked.parts : shown), [name]: value};
        if (name === "level") {
            parts.area = "";
        }
        // What the whole is compared with, or an area of another level, is of another level.
        if (name === "level" || (name === "area" && !shown.area)) {
            parts.against = "";
            parts.compared = "";
        }
        // A target in the unit of another indicator means nothing.
        if (name === "indicator") {
            parts.target = "";
        }
        // Weights are those of the components of one order of priority.
        if (name === "priority") {
            parts.weights = "";
        }
        asked = {over, parts};
        const search = new URLSearchParams();
        for (const [key, text] of Object.entries(parts)) {
            if (text) {
                search.set(key, text);
            }
        }
        return `?${search}`;
    }

    /** A list of choices has a new value. The server sets them too: that is no choice. */
    function choose(value, shown) {
        const {triggered} = window.dash_clientside.callback_context;
        if (!shown || !triggered.length) {
            return same();
        }
        const name = triggered[0].prop_id.split(".")[0].split("-choice-")[1];
        const isChoice = typeof value === "string" && value !== (shown[name] || "");
        return isChoice ? searchWith(shown, name, value) : same();
    }

    /** An area of the map was clicked; the one that is open already stays open. */
    function pick(click, shown) {
        const code = click && click.code;
        return shown && code && code !== shown.area ? searchWith(shown, "area", code) : same();
    }

    /** A target was written; spaces between its digits are no part of it. */
    function aim(text, shown) {
        const bare = (text || "").replace(/\s/g, "").replace(",", ".");
        return shown && text !== undefined && bare !== shown.target
            ? searchWith(shown, "target", bare)
            : same();
    }

    function entitle(title) {
        if (title) {
            document.title = title;
        }
        return same();
    }

    window.dash_clientside = Object.assign(window.dash_clientside || {}, {
        vigie_selection: {choose, pick, aim, entitle},
    });
})();
