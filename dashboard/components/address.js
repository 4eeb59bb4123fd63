/* The address, for controls of our own: what it says of a part, and the same with another part.
 * It is ahead of what the server has drawn: a choice made meanwhile is not lost. */
(function () {
    "use strict";

    const parts = () => new URLSearchParams(window.location.search);

    const address = {
        part: (name) => parts().get(name) || "",

        /** Say another part, or none where it is empty; the page follows. */
        put(name, value) {
            const search = parts();
            if (value) {
                search.set(name, value);
            } else {
                search.delete(name);
            }
            window.dash_clientside.set_props("location", {search: `?${search}`});
        },
    };

    window.vigie = Object.assign(window.vigie || {}, {address});
})();
