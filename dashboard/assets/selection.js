/* The title of the window says what is selected. */
(function () {
    "use strict";

    function entitle(title) {
        if (title) {
            document.title = title;
        }
        return window.dash_clientside.no_update;
    }

    window.dash_clientside = Object.assign(window.dash_clientside || {}, {
        vigie_selection: {entitle},
    });
})();
