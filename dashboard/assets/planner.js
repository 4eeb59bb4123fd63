/* The planner's buttons: each sends one wish to the server, with the planner's name. */
(function () {
    "use strict";

    const same = () => window.dash_clientside.no_update;

    /** How long an answer is waited for before a button can be pressed again. */
    const PATIENCE_MS = 15000;

    let pressed = null;
    let patience = null;

    const written = (id) => {
        const field = id && document.getElementById(id);
        return (field && field.value) || "";
    };

    function free() {
        window.clearTimeout(patience);
        if (pressed) {
            pressed.disabled = false;
            pressed = null;
        }
    }

    /** A note or a view is to be written or withdrawn: one wish at a time. */
    function send(button) {
        if (pressed) {
            return;
        }
        pressed = button;
        button.disabled = true;
        patience = window.setTimeout(free, PATIENCE_MS);
        const {plan, item, name, text} = button.dataset;
        window.dash_clientside.set_props("planner-wish", {
            data: {
                kind: plan,
                by: written(name).trim(),
                text: written(text),
                item: item || "",
                sent: Date.now(),
            },
        });
    }

    /** The link is selected too: where the clipboard is closed, it can be copied by hand. */
    async function copy(button) {
        const field = document.getElementById(button.dataset.copy);
        field.select();
        try {
            await window.navigator.clipboard.writeText(field.value);
            button.textContent = button.dataset.copied;
        } catch (_closed) {
            field.focus();
        }
    }

    document.addEventListener("click", (event) => {
        const target = event.target.closest && event.target.closest("button");
        if (target && target.dataset.plan) {
            send(target);
        } else if (target && target.dataset.copy) {
            copy(target);
        }
    });

    /** The answer has come; what was kept is no longer in its field. */
    function answered(told) {
        free();
        const field = document.getElementById("note-text");
        if (told && told.done && told.kind === "note" && field) {
            field.value = "";
        }
        return same();
    }

    window.dash_clientside = Object.assign(window.dash_clientside || {}, {
        vigie_planner: {answered},
    });
})();
