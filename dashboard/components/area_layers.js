/* Layers of the map: what MapLibre draws for a level, as plain descriptions. Values reach the
 * layers through feature-state only, so that new values need no new layer and no new tile. */
(function () {
    "use strict";

    const SOURCE = "areas";
    const FILL = "fill";
    const CASING = "casing"; // the lowest part of what is pointed at or selected
    const {DOUBT, HATCHES, MARKS} = window.vigie;

    const IS_OWN = ["==", ["get", "own"], 1];
    const isOn = (state) => ["boolean", ["feature-state", state], false];

    /** The layer that draws a part of a level. MapLibre knows by it whose a tile is that was on
     *  its way while the layers changed: of the same name for all levels, the states of one level
     *  would be given to the areas of another. */
    const layerId = (level, part) => `${level}/${part}`;

    function layerOf(level, part, type, paint, more) {
        const id = layerId(level, part);
        return {id, type, source: SOURCE, "source-layer": level, paint, ...more};
    }

    function line(level, part, colour, width, opacity, more) {
        const paint = {"line-color": colour, "line-width": width, "line-opacity": opacity};
        return layerOf(level, part, "line", paint, {layout: {"line-join": "round"}, ...more});
    }

    const hatchPart = (name) => `hatch-${name}`;
    const markPart = (name) => `mark-${name}`;

    /** Coloured areas, above them the hatch of each silence and the marks of what is to be read
     *  with care, shown area by area. Hatches and marks
     *  are hidden until an area needs them, and hold the territory's areas only except at the
     *  coarsest level, where others are compared: a computer without a graphics card fills every
     *  polygon of every visible layer, transparent or not. */
    function fills(level, levels, props, colour) {
        const {markedFlags = 0, presentStatuses = [], isDoubtDrawn} = props;
        const seenIf = (isNeeded) => ({visibility: isNeeded ? "visible" : "none"});
        const kept = level === levels.at(-1) ? {} : {filter: IS_OWN};
        const plain = {
            "fill-color": ["to-color", ["feature-state", "colour"], colour("outside")],
        };
        const hatched = Object.entries(HATCHES).map(([code, name]) =>
            layerOf(
                level,
                hatchPart(name),
                "fill",
                {
                    "fill-antialias": false,
                    "fill-pattern": name,
                    "fill-opacity": [
                        "case", ["==", ["feature-state", "status"], Number(code)], 1, 0,
                    ],
                },
                {...kept, layout: seenIf(presentStatuses.includes(Number(code)))},
            ),
        );
        const marked = Object.entries(MARKS).map(([name, bits]) => {
            const opacity = ["case", isOn(markPart(name)), 1, 0];
            const paint = {
                "fill-antialias": false, "fill-pattern": markPart(name), "fill-opacity": opacity,
            };
            const more = {...kept, layout: seenIf(markedFlags & bits)};
            return layerOf(level, markPart(name), "fill", paint, more);
        });
        const doubted = layerOf(
            level,
            DOUBT,
            "fill",
            {
                "fill-antialias": false,
                "fill-pattern": DOUBT,
                "fill-opacity": ["case", isOn(DOUBT), 1, 0],
            },
            {...kept, layout: seenIf(isDoubtDrawn)},
        );
        return [layerOf(level, FILL, "fill", plain), ...hatched, doubted, ...marked];
    }

    /** Thin light edges; those of the finest level fade out where they would hide the colours. */
    function edges(level, levels, colour) {
        const width = ["interpolate", ["linear"], ["zoom"], 5, 0.3, 8, 0.8, 11, 1.4];
        const fading = ["interpolate", ["linear"], ["zoom"], 5.5, 0, 7, 0.9];
        return line(level, "edge", colour("edge"), width, level === levels[0] ? fading : 0.9);
    }

    /** Outlines of coarser levels, coarsest last and widest. In the coarsest, and where the areas
     *  themselves are of the coarsest level, the border of the territory is drawn darker. */
    function outlines(level, levels, {outlineLevels = [], borderCode}, colour) {
        const coarser = levels.slice(levels.indexOf(level) + 1);
        const drawn = coarser.filter((name) => outlineLevels.includes(name));
        const made = drawn.map((name, rank) =>
            line(name, "outline", colour("outline"), 0.7 + 0.3 * rank, 0.7),
        );
        const whole = drawn.at(-1) || (coarser.length ? null : level);
        if (!whole) {
            return made;
        }
        const filter = borderCode ? ["==", ["get", "code"], borderCode] : IS_OWN;
        return [...made, line(whole, "border", colour("border"), 1.8, 1, {filter})];
    }

    /** What the pointer is on, and what is selected: dark on a light casing, above all. A line
     *  of no width costs nothing to draw, a transparent one does. */
    function marks(level, colour) {
        const casing = ["case", isOn("selected"), 5.5, 0];
        const mark = ["case", isOn("selected"), 2.8, isOn("hover"), 1.6, 0];
        return [
            line(level, CASING, colour("edge"), casing, 1),
            line(level, "mark", colour("mark"), mark, 1),
        ];
    }

    /** Every layer for `level`, bottom first. `colour` reads a colour of the style sheet. */
    function areaLayers(props, colour) {
        const {level, levels, groundLevel} = props;
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
            ...fills(level, known, props, colour),
            edges(level, known, colour),
            ...outlines(level, known, props, colour),
            ...marks(level, colour),
        ];
    }

    const shared = {CASING, FILL, SOURCE, areaLayers, hatchPart, layerId, markPart};
    window.vigie = Object.assign(window.vigie, shared);
})();
