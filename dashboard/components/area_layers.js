/* Layers of the map: what MapLibre draws for a level, as plain descriptions. Values reach the
 * layers through feature-state only, so that new values need no new layer and no new tile. */
(function () {
    "use strict";

    const SOURCE = "areas";
    const FILL = "fill";
    const {HATCHES} = window.vigie;

    const isOn = (state) => ["boolean", ["feature-state", state], false];
    const whenOn = (state) => ["case", isOn(state), 1, 0];

    function layerOf(level, id, type, paint, more) {
        return {id, type, source: SOURCE, "source-layer": level, paint, ...more};
    }

    function line(level, id, colour, width, opacity, more) {
        const paint = {"line-color": colour, "line-width": width, "line-opacity": opacity};
        return layerOf(level, id, "line", paint, {layout: {"line-join": "round"}, ...more});
    }

    /** Coloured areas, and above them the hatch of each silence, shown area by area. */
    function fills(level, colour) {
        const plain = {
            "fill-color": ["to-color", ["feature-state", "colour"], colour("outside")],
        };
        const hatched = Object.entries(HATCHES).map(([code, name]) =>
            layerOf(level, `hatch-${name}`, "fill", {
                "fill-pattern": name,
                "fill-opacity": ["case", ["==", ["feature-state", "status"], Number(code)], 1, 0],
            }),
        );
        return [layerOf(level, FILL, "fill", plain), ...hatched];
    }

    /** Thin light edges; those of the finest level fade out where they would hide the colours. */
    function edges(level, levels, colour) {
        const width = ["interpolate", ["linear"], ["zoom"], 5, 0.3, 8, 0.8, 11, 1.4];
        const fading = ["interpolate", ["linear"], ["zoom"], 5.5, 0, 7, 0.9];
        return line(level, "edge", colour("edge"), width, level === levels[0] ? fading : 0.9);
    }

    /** Outlines of coarser levels, coarsest last and widest; the territory's own border darker. */
    function outlines(level, levels, outlineLevels, colour) {
        const coarser = levels.slice(levels.indexOf(level) + 1);
        const drawn = coarser.filter((name) => outlineLevels.includes(name));
        return drawn.flatMap((name, rank) => {
            const last = rank === drawn.length - 1;
            const outline = line(name, `outline-${name}`, colour("outline"), 0.7 + 0.3 * rank, 0.7);
            const own = {filter: ["==", ["get", "own"], 1]};
            const border = line(name, "border", colour("border"), 1.8, 1, own);
            return last ? [outline, border] : [outline];
        });
    }

    /** What the pointer is on, and what is selected: dark on a light casing, above all. */
    function marks(level, colour) {
        return [
            line(level, "hover", colour("mark"), 1.6, whenOn("hover")),
            line(level, "selected-casing", colour("edge"), 5.5, whenOn("selected")),
            line(level, "selected", colour("mark"), 2.8, whenOn("selected")),
        ];
    }

    /** Every layer for `level`, bottom first. `colour` reads a colour of the style sheet. */
    function areaLayers({level, levels, outlineLevels, groundLevel}, colour) {
        const known = levels && levels.includes(level) ? levels : [level];
        const ground =
            groundLevel && groundLevel !== level
                ? [
                      layerOf(groundLevel, "ground", "fill", {"fill-color": colour("outside")}),
                      line(groundLevel, "ground-edge", colour("edge"), 0.8, 0.9),
                  ]
                : [];
        return [
            ...ground,
            ...fills(level, colour),
            edges(level, known, colour),
            ...outlines(level, known, outlineLevels || [], colour),
            ...marks(level, colour),
        ];
    }

    window.vigie = Object.assign(window.vigie, {SOURCE, FILL, areaLayers});
})();
