/* WeightSliders: native ranges; the address follows a moment after the last one was moved. */
(function () {
    "use strict";

    const {createElement, useEffect, useRef, useState} = window.React;

    const HEAVIEST = 10;
    const STEP = 0.5;
    /** How long after the last move the weights are applied. */
    const PAUSE_MS = 300;

    const read = (text, declared) => (text ? text.split(",").map(Number) : declared);
    const same = (one, other) => one.every((weight, place) => weight === other[place]);

    function WeightSliders(props) {
        const {id, legend, note, items, declared, value, locale} = props;
        const [weights, weigh] = useState(read(value, declared));
        const pause = useRef(null);
        /** What the address was told last, until the server has drawn it. */
        const told = useRef(null);
        // What the server has drawn is shown, unless a slider has been moved since.
        useEffect(() => {
            if (told.current === (value || "")) {
                told.current = null;
            }
            if (pause.current === null && told.current === null) {
                weigh(read(value, declared));
            }
        }, [value, String(declared)]);
        useEffect(() => () => window.clearTimeout(pause.current), []);

        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const number = new Intl.NumberFormat(locale, {maximumFractionDigits: 2});
        const share = new Intl.NumberFormat(locale, {maximumFractionDigits: 0});

        const apply = (after) => {
            pause.current = null;
            if (after.some((weight) => weight > 0)) {
                told.current = same(after, declared) ? "" : after.join(",");
                window.vigie.address.put("weights", told.current);
            }
        };
        const move = (place, weight) => {
            const after = weights.map((old, other) => (other === place ? weight : old));
            weigh(after);
            window.clearTimeout(pause.current);
            pause.current = window.setTimeout(apply, PAUSE_MS, after);
        };
        const reset = () => {
            window.clearTimeout(pause.current);
            weigh(declared);
            apply(declared);
        };

        const sliders = items.map((item, place) => {
            const said = total
                ? props.shareLabel.replace("{share}", share.format((100 * weights[place]) / total))
                : "";
            const written = number.format(weights[place]);
            return createElement(
                "div",
                {key: item.id, className: "weight"},
                createElement("label", {htmlFor: `${id}-${place}`}, item.label),
                createElement("output", {htmlFor: `${id}-${place}`}, written),
                createElement("input", {
                    id: `${id}-${place}`,
                    type: "range",
                    min: 0,
                    max: HEAVIEST,
                    step: STEP,
                    value: weights[place],
                    "aria-valuetext": [written, said].filter(Boolean).join(", "),
                    "aria-describedby": `${id}-${place}-declared`,
                    onChange: (event) => move(place, Number(event.target.value)),
                }),
                createElement(
                    "span",
                    {id: `${id}-${place}-declared`, className: "quiet"},
                    [said, item.declared].filter(Boolean).join(" · "),
                ),
            );
        });
        return createElement(
            "fieldset",
            {id, className: "weights screen-only"},
            createElement("legend", null, legend),
            createElement("p", {className: "quiet"}, note),
            ...sliders,
            createElement("p", {role: "status", className: "note", hidden: total > 0}, props.emptyLabel),
            createElement(
                "button",
                {
                    type: "button",
                    id: `${id}-reset`,
                    className: "button second",
                    disabled: same(weights, declared),
                    onClick: reset,
                },
                props.resetLabel,
            ),
        );
    }

    window.vigie = Object.assign(window.vigie || {}, {WeightSliders});
})();
