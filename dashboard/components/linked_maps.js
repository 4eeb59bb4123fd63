/* Maps that move together: what one shows, the others of its group show. */
(function () {
    "use strict";

    const groups = new Map();

    /** Join `view` to its group; returns what takes it out again. */
    function linked(view, name) {
        if (!name) {
            return () => {};
        }
        const group = groups.get(name) || new Set();
        groups.set(name, group);
        const first = group.values().next().value;
        if (first?.isMoved) {
            show(view, first);
        }
        group.add(view);
        view.map.on("move", () => {
            if (!view.isFollowing) {
                group.forEach((other) => other !== view && show(other, view));
            }
        });
        return () => group.delete(view);
    }

    /** Make `view` show what `other` does. */
    function show(view, other) {
        const {map} = other;
        view.isFollowing = true;
        view.isMoved = other.isMoved;
        view.map.jumpTo({center: map.getCenter(), zoom: map.getZoom()});
        view.isFollowing = false;
    }

    window.vigie = Object.assign(window.vigie, {linked});
})();
