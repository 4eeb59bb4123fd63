/* The data officer's buttons: each sends one wish to the server, with the officer's name.
 * A button waits for a name, asks before it decides, and is deaf until the answer has come. */
(function () {
    "use strict";

    /** How long an answer is waited for before the buttons can be pressed again. */
    const PATIENCE_MS = 15000;

    let busy = false;
    let patience = null;
    /** The button whose question the dialog is asking. */
    let asked = null;

    const byId = (id) => document.getElementById(id);
    const written = (id) => ((byId(id) && byId(id).value) || "").trim();

    /** Buttons can be pressed when there is a name and no answer is awaited. */
    function arm() {
        if (!byId("data-name")) {
            return;
        }
        const hasName = written("data-name") !== "";
        for (const button of document.querySelectorAll("button[data-ask]")) {
            const disabled = busy || !hasName;
            if (button.disabled !== disabled) {
                button.disabled = disabled;
            }
        }
        const note = byId("data-nameless");
        if (note && note.hidden !== hasName) {
            note.hidden = hasName;
        }
    }

    function free() {
        busy = false;
        window.clearTimeout(patience);
        arm();
    }

    function send(button) {
        const {ask, release, job} = button.dataset;
        busy = true;
        patience = window.setTimeout(free, PATIENCE_MS);
        arm();
        window.dash_clientside.set_props("data-wish", {
            data: {
                kind: ask,
                release_id: release || "",
                job_id: job || "",
                by: written("data-name"),
                reason: written("data-reason"),
                sent: Date.now(),
            },
        });
    }

    function question(button) {
        asked = button;
        byId("data-confirm-text").textContent = button.dataset.confirm;
        byId("data-confirm").showModal();
    }

    document.addEventListener("click", (event) => {
        const target = event.target.closest && event.target.closest("button");
        if (!target || target.disabled || busy) {
            return;
        }
        if (target.dataset.ask) {
            if (target.dataset.confirm) {
                question(target);
            } else {
                send(target);
            }
        } else if (target.id === "data-confirm-yes" || target.id === "data-confirm-no") {
            byId("data-confirm").close();
            if (target.id === "data-confirm-yes" && asked) {
                send(asked);
            }
            asked = null;
        }
    });

    document.addEventListener("input", (event) => {
        if (event.target.id === "data-name") {
            arm();
        }
    });

    new MutationObserver(arm).observe(document.documentElement, {childList: true, subtree: true});

    window.dash_clientside = Object.assign(window.dash_clientside || {}, {
        vigie_officer: {
            /** The name has changed, or was remembered. */
            arm() {
                arm();
                return window.dash_clientside.no_update;
            },
            /** The answer has come: the buttons can be pressed again. */
            answered() {
                free();
                return window.dash_clientside.no_update;
            },
        },
    });
})();
