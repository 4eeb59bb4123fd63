/* NativeInput: a label and a real <input>. What is remembered stays in this browser. */
(function () {
    "use strict";

    const {createElement, useEffect, useState} = window.React;

    /** What this browser remembers under a name, or nothing where it remembers nothing. */
    function remembered(name) {
        try {
            return window.localStorage.getItem(name) || "";
        } catch (_closed) {
            return "";
        }
    }

    function remember(name, value) {
        try {
            window.localStorage.setItem(name, value);
        } catch (_closed) {
            /* a browser that remembers nothing: the field works all the same */
        }
    }

    /** A number as the address has it: spaces between its digits are no part of it. */
    const bare = (text) => text.replace(/\s/g, "").replace(",", ".");

    function NativeInput(props) {
        const {id, label, type, className, part, settles, setProps} = props;
        const name = props.remember;
        const [written, write] = useState(props.value || (name && remembered(name)) || "");
        // A field that settles shows what was made of it; another one is only the reader's.
        useEffect(() => {
            if (settles) {
                write(props.value || "");
            }
        }, [props.value, settles]);
        const settle = () => {
            if (settles && written !== (props.value || "")) {
                setProps({value: written});
                if (part) {
                    window.vigie.address.put(part, bare(written));
                }
            }
        };
        const change = (event) => {
            write(event.target.value);
            if (!settles) {
                setProps({value: event.target.value});
            }
            if (name) {
                remember(name, event.target.value);
            }
        };
        return createElement(
            "div",
            {className: `native-input ${className || ""}`.trim()},
            createElement("label", {htmlFor: id, className: "native-select-label"}, label),
            createElement("input", {
                id,
                type: type || "text",
                className: "native-input-control",
                value: written,
                maxLength: props.maxLength,
                max: props.max,
                required: Boolean(props.required),
                autoComplete: props.autoComplete,
                "aria-describedby": props.describedBy,
                inputMode: props.inputMode,
                onChange: change,
                onBlur: settle,
                onKeyDown: (event) => event.key === "Enter" && settle(),
            }),
        );
    }

    window.vigie = Object.assign(window.vigie || {}, {NativeInput});
})();
