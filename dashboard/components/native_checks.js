/* NativeChecks: real check boxes in a fieldset; what is checked is one text, as addresses say it. */
(function () {
    "use strict";

    const {createElement} = window.React;

    /** The values that a text says are checked. */
    function checkedOf({value, usualValue, noneValue}) {
        const text = value || usualValue || "";
        return new Set(text === noneValue ? [] : text.split(",").filter(Boolean));
    }

    /** The text of what is checked. */
    function written(checked, {options, usualValue, noneValue}) {
        const names = options.map((option) => option.value).filter((name) => checked.has(name));
        const text = names.join(",") || noneValue;
        return text === (usualValue || noneValue) ? "" : text;
    }

    function NativeChecks(props) {
        const {id, label, className} = props;
        const [value, choose] = window.vigie.useChoice(props);
        const options = props.options || [];
        const checked = checkedOf({...props, value});
        const toggle = (name, isOn) => {
            const wanted = new Set(checked);
            wanted[isOn ? "add" : "delete"](name);
            choose(written(wanted, props));
        };
        return createElement(
            "fieldset",
            {id, className: `native-checks ${className || ""}`.trim()},
            createElement("legend", null, label),
            options.map((option) =>
                createElement(
                    "label",
                    {key: option.value},
                    createElement("input", {
                        type: "checkbox",
                        name: option.value,
                        checked: checked.has(option.value),
                        onChange: (event) => toggle(option.value, event.target.checked),
                    }),
                    createElement("span", null, option.label),
                ),
            ),
        );
    }

    window.vigie = Object.assign(window.vigie || {}, {NativeChecks});
})();
