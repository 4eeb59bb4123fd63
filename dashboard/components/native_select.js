/* NativeSelect: a label and a real <select>, which keyboards, phones and screen readers know. */
(function () {
    "use strict";

    const {createElement} = window.React;

    const optionOf = ({value, label}) =>
        createElement("option", {key: value, value: String(value)}, label);

    /** Options without a group as they come; those of a group together, at its first place. */
    function grouped(options) {
        const groups = new Map();
        const rows = [];
        for (const option of options) {
            if (!option.group) {
                rows.push(optionOf(option));
            } else if (groups.has(option.group)) {
                groups.get(option.group).push(optionOf(option));
            } else {
                const members = [optionOf(option)];
                groups.set(option.group, members);
                rows.push([option.group, members]);
            }
        }
        return rows.map((row) =>
            Array.isArray(row)
                ? createElement("optgroup", {key: `group ${row[0]}`, label: row[0]}, row[1])
                : row,
        );
    }

    function NativeSelect(props) {
        const {id, label, className, disabled, describedBy} = props;
        const [value, choose] = window.vigie.useChoice(props);
        const options = props.options || [];
        const isKnown = options.some((option) => String(option.value) === String(value));
        const change = (event) => {
            const chosen = options.find((option) => String(option.value) === event.target.value);
            if (chosen) {
                choose(chosen.value);
            }
        };
        return createElement(
            "div",
            {className: `native-select ${className || ""}`.trim()},
            createElement("label", {htmlFor: id, className: "native-select-label"}, label),
            createElement(
                "select",
                {
                    id,
                    className: "native-select-control",
                    value: isKnown ? String(value) : "",
                    disabled: Boolean(disabled),
                    "aria-describedby": describedBy,
                    onChange: change,
                },
                // Nothing is shown as chosen that was not chosen.
                isKnown ? null : createElement("option", {value: "", disabled: true, hidden: true}),
                ...grouped(options),
            ),
        );
    }

    window.vigie = Object.assign(window.vigie || {}, {NativeSelect});
})();
