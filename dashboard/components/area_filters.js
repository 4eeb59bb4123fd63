/* AreaFilters: a fieldset of native boxes, number fields and one <select>. */
(function () {
    "use strict";

    const {createElement, useEffect, useState} = window.React;

    /** "a,b:2" as {a: "", b: "2"}. */
    function read(text) {
        const found = {};
        for (const token of (text || "").split(",").filter(Boolean)) {
            const at = token.indexOf(":");
            found[at < 0 ? token : token.slice(0, at)] = at < 0 ? "" : token.slice(at + 1);
        }
        return found;
    }

    const write = (found) =>
        Object.entries(found)
            .map(([name, argument]) => (argument ? `${name}:${argument}` : name))
            .join(",");

    /** A number as the address has it, or nothing where what is written is none. */
    function number(text) {
        const bare = text.replace(/\s/g, "").replace(",", ".");
        return bare !== "" && Number(bare) >= 0 ? String(Number(bare)) : "";
    }

    /** A field that settles when it is left or Enter is pressed. */
    function NumberField({id, label, unit, given, settle}) {
        const [written, rewrite] = useState(given);
        useEffect(() => rewrite(given), [given]);
        const done = () => {
            const said = number(written);
            rewrite(said);
            if (said !== given) {
                settle(said);
            }
        };
        return createElement(
            "div",
            {className: "filter-number"},
            createElement("label", {htmlFor: id}, label),
            createElement("input", {
                id,
                type: "text",
                inputMode: "decimal",
                autoComplete: "off",
                className: "native-input-control",
                value: written,
                "aria-describedby": `${id}-unit`,
                onChange: (event) => rewrite(event.target.value),
                onBlur: done,
                onKeyDown: (event) => event.key === "Enter" && done(),
            }),
            createElement("span", {id: `${id}-unit`, className: "quiet"}, unit),
        );
    }

    function areaField(id, area, chosen, settle) {
        const groups = new Map();
        for (const {value, label, group} of area.options) {
            groups.set(group, [
                ...(groups.get(group) || []),
                createElement("option", {key: value, value}, label),
            ]);
        }
        return createElement(
            "div",
            {className: "native-select"},
            createElement("label", {htmlFor: id, className: "native-select-label"}, area.label),
            createElement(
                "select",
                {
                    id,
                    className: "native-select-control",
                    value: chosen || "",
                    onChange: (event) => settle(event.target.value),
                },
                createElement("option", {value: ""}, area.all),
                ...[...groups].map(([label, options]) =>
                    createElement("optgroup", {key: label, label}, options),
                ),
            ),
        );
    }

    function AreaFilters(props) {
        const {id, legend, note, checks, numbers, area, value, clearLabel, setProps} = props;
        const found = read(value);
        const settle = (text) => {
            setProps({value: text});
            window.vigie.address.put("only", text);
        };
        const change = (name, argument) => {
            const after = read(window.vigie.address.part("only"));
            if (argument === null) {
                delete after[name];
            } else {
                after[name] = argument;
            }
            settle(write(after));
        };
        const boxes = checks.map(({name, label}) =>
            createElement(
                "label",
                {key: name, className: "filter-check"},
                createElement("input", {
                    id: `${id}-${name}`,
                    type: "checkbox",
                    checked: name in found,
                    onChange: (event) => change(name, event.target.checked ? "" : null),
                }),
                createElement("span", null, label),
            ),
        );
        const fields = numbers.map(({name, label, unit}) =>
            createElement(NumberField, {
                key: name,
                id: `${id}-${name}`,
                label,
                unit,
                given: found[name] || "",
                settle: (said) => change(name, said || null),
            }),
        );
        const within =
            area && area.options.length
                ? areaField(`${id}-${area.name}`, area, found[area.name], (said) =>
                      change(area.name, said || null),
                  )
                : null;
        return createElement(
            "fieldset",
            {id, className: "filters screen-only"},
            createElement("legend", null, legend),
            createElement("p", {className: "quiet"}, note),
            ...boxes,
            ...fields,
            within,
            createElement(
                "button",
                {
                    type: "button",
                    id: `${id}-clear`,
                    className: "button second",
                    disabled: !value,
                    onClick: () => settle(""),
                },
                clearLabel,
            ),
        );
    }

    window.vigie = Object.assign(window.vigie || {}, {AreaFilters});
})();
