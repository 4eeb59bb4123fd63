/* Hatches: one square image per silence, drawn on a canvas, repeated without a seam; and marks,
 * which leave the colour under them to be seen, on the areas whose value is to be read with care.
 * Colours come from the style sheet, so that a legend's swatch and the map cannot differ. */
(function () {
    "use strict";

    // Side of a pattern in CSS pixels, as `components.css` has it for the swatches. MapLibre draws
    // it once to twice as large, with the zoom.
    const SIDE = 6;
    const RATIO = 2; // canvas pixels per CSS pixel
    // What is drawn is read at once: not drawn by the graphics card, which is slow to give it back.
    const READ = {willReadFrequently: true};

    /** The status codes that are silences, and the name of their hatch. */
    const HATCHES = {3: "suppressed", 4: "missing", 5: "not-applicable"};

    // Side of a mark's pattern. Each mark has a place of its own in it: an area may have several.
    const MARK_SIDE = 16;

    /** The marks, and the flags (geodata.model.Flag) that each stands for. */
    const MARKS = {fragile: 1, made: 2 | 4 | 8, apart: 16 | 32 | 64};

    // Side of the hatch of doubt: fine lines that fall to the right, over the colour.
    const DOUBT = "doubt";
    const DOUBT_SIDE = 10;

    const strokes = {
        suppressed(pen) {
            pen.lineWidth = 1.3;
            for (const shift of [-SIDE, 0, SIDE]) {
                pen.moveTo(shift - 1, SIDE + 1);
                pen.lineTo(shift + SIDE + 1, -1);
            }
            pen.stroke();
        },
        missing(pen) {
            pen.arc(SIDE / 2, SIDE / 2, 0.9, 0, 2 * Math.PI);
            pen.fill();
        },
        "not-applicable"(pen) {
            pen.lineWidth = 0.9;
            pen.moveTo(0, SIDE / 2);
            pen.lineTo(SIDE, SIDE / 2);
            pen.stroke();
        },
    };

    /** The pixels of one hatch: ink on paper, SIDE * RATIO square. */
    function hatchImage(name, ink, paper) {
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = SIDE * RATIO;
        const pen = canvas.getContext("2d", READ);
        pen.scale(RATIO, RATIO);
        pen.fillStyle = paper;
        pen.fillRect(0, 0, SIDE, SIDE);
        pen.fillStyle = pen.strokeStyle = ink;
        pen.beginPath();
        strokes[name](pen);
        return pen.getImageData(0, 0, canvas.width, canvas.height);
    }

    /** What each mark is, as lines of [x, y]: a short one is a dot, two make a cross. */
    const markLines = {
        fragile: [[[3.5, 3.5], [3.51, 3.5]], [[11.5, 11.5], [11.51, 11.5]]],
        made: [[[9, 6], [14, 1]], [[1, 14], [6, 9]]],
        apart: [[[5.5, 8], [10.5, 8]], [[8, 5.5], [8, 10.5]]],
    };
    const markWidths = {fragile: 3.2, made: 1.4, apart: 1.4};

    /** The pixels of one mark: ink in a light edge, so that it shows on any colour. */
    function markImage(name, ink, edge) {
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = MARK_SIDE * RATIO;
        const pen = canvas.getContext("2d", READ);
        pen.scale(RATIO, RATIO);
        pen.lineCap = "round";
        for (const [colour, more] of [[edge, 1], [ink, 0]]) {
            pen.strokeStyle = colour;
            pen.lineWidth = markWidths[name] + more;
            pen.beginPath();
            for (const [[fromX, fromY], [toX, toY]] of markLines[name]) {
                pen.moveTo(fromX, fromY);
                pen.lineTo(toX, toY);
            }
            pen.stroke();
        }
        return pen.getImageData(0, 0, canvas.width, canvas.height);
    }

    /** The pixels of the hatch of doubt: dark lines in light ones, the colour between them. */
    function doubtImage(ink, edge) {
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = DOUBT_SIDE * RATIO;
        const pen = canvas.getContext("2d", READ);
        pen.scale(RATIO, RATIO);
        for (const [colour, width] of [[edge, 1.8], [ink, 0.8]]) {
            pen.strokeStyle = colour;
            pen.lineWidth = width;
            pen.beginPath();
            for (const shift of [-DOUBT_SIDE, 0, DOUBT_SIDE]) {
                pen.moveTo(shift - 1, -1);
                pen.lineTo(shift + DOUBT_SIDE + 1, DOUBT_SIDE + 1);
            }
            pen.stroke();
        }
        return pen.getImageData(0, 0, canvas.width, canvas.height);
    }

    /** Give `map` the image of every hatch and mark under its name. */
    function addHatches(map, colour) {
        const doubt = doubtImage(colour("doubt-ink"), colour("doubt-edge"));
        map.addImage(DOUBT, doubt, {pixelRatio: RATIO});
        for (const name of Object.keys(MARKS)) {
            const image = markImage(name, colour("mark-ink"), colour("mark-edge"));
            map.addImage(`mark-${name}`, image, {pixelRatio: RATIO});
        }
        for (const name of Object.values(HATCHES)) {
            const image = hatchImage(name, colour(`hatch-${name}-ink`), colour("hatch-paper"));
            map.addImage(name, image, {pixelRatio: RATIO});
        }
    }

    window.vigie = Object.assign(window.vigie || {}, {DOUBT, HATCHES, MARKS, addHatches});
})();
