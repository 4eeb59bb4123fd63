/* AreaSearch: a field that proposes areas while one writes (ARIA combobox with a list). */
(function () {
    "use strict";

    const {createElement, useEffect, useRef, useState} = window.React;
    const PAUSE_MS = 150;

    /** Go to an address inside the page, as its own links do. */
    function go(href) {
        window.history.pushState({}, "", href);
        window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
        window.scrollTo(0, 0);
    }

    /** The address that shows an area, all else that is selected kept. */
    function addressOf(path, {level, area}) {
        const search = new URLSearchParams(window.location.search);
        search.set("level", level);
        search.set("area", area);
        return `${path}?${search}`;
    }

    function AreaSearch({id, label, url, path, none, failed, className}) {
        const [written, write] = useState("");
        const [found, setFound] = useState(null);
        const [active, setActive] = useState(-1);
        const [hasFailed, setHasFailed] = useState(false);
        const latest = useRef(0);

        useEffect(() => {
            const asked = ++latest.current;
            if (written.trim().length < 2) {
                setFound(null);
                return undefined;
            }
            const timer = window.setTimeout(async () => {
                try {
                    const answer = await fetch(`${url}?q=${encodeURIComponent(written)}`);
                    if (!answer.ok) {
                        throw new Error(answer.statusText);
                    }
                    const {areas} = await answer.json();
                    if (asked === latest.current) {
                        setFound(areas);
                        setActive(areas.length ? 0 : -1);
                        setHasFailed(false);
                    }
                } catch (_unreachable) {
                    if (asked === latest.current) {
                        setFound([]);
                        setHasFailed(true);
                    }
                }
            }, PAUSE_MS);
            return () => window.clearTimeout(timer);
        }, [written, url]);

        const close = () => {
            latest.current += 1;
            setFound(null);
            setActive(-1);
        };
        const choose = (area) => {
            close();
            write("");
            go(addressOf(path, area));
        };
        const press = (event) => {
            const count = found ? found.length : 0;
            if (event.key === "Escape") {
                close();
                write("");
            } else if (event.key === "Enter" && count && active >= 0) {
                event.preventDefault();
                choose(found[active]);
            } else if (count && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
                event.preventDefault();
                setActive((active + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
            }
        };

        const options = (found || []).map((area, place) =>
            createElement(
                "li",
                {
                    key: `${area.level}-${area.area}`,
                    id: `${id}-option-${place}`,
                    role: "option",
                    "aria-selected": place === active,
                    className: place === active ? "active" : undefined,
                    onMouseDown: (event) => {
                        event.preventDefault();
                        choose(area);
                    },
                },
                createElement("span", {className: "found-name"}, area.name),
                createElement("span", {className: "quiet"}, area.said),
            ),
        );
        const isOpen = options.length > 0;
        const told = hasFailed ? failed : found && !isOpen ? none : "";
        return createElement(
            "div",
            {className: `area-search ${className || ""}`.trim(), role: "search"},
            createElement("label", {htmlFor: id, className: "hidden"}, label),
            createElement("input", {
                id,
                type: "text",
                role: "combobox",
                className: "native-input-control",
                placeholder: label,
                autoComplete: "off",
                spellCheck: false,
                maxLength: 80,
                value: written,
                "aria-expanded": isOpen,
                "aria-controls": `${id}-list`,
                "aria-autocomplete": "list",
                "aria-activedescendant": isOpen ? `${id}-option-${active}` : undefined,
                onChange: (event) => write(event.target.value),
                onKeyDown: press,
                onBlur: close,
            }),
            createElement(
                "ul",
                {id: `${id}-list`, role: "listbox", "aria-label": label, hidden: !isOpen},
                ...options,
            ),
            createElement(
                "p",
                {role: "status", className: told ? "area-search-told" : "hidden"},
                told,
            ),
        );
    }

    window.vigie = Object.assign(window.vigie || {}, {AreaSearch});
})();
