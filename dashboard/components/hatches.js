/* Hatches: one square image per silence, drawn on a canvas, repeated without a seam.
 * Colours come from the style sheet, so that a legend's swatch and the map cannot differ. */
(function () {
    "use strict";

    // Side of a pattern in CSS pixels, as `components.css` has it for the swatches. MapLibre draws
    // it once to twice as large, with the zoom.
    const SIDE = 6;
    const RATIO = 2; // canvas pixels per CSS pixel

    /** The status codes that are silences, and the name of their hatch. */
    const HATCHES = {3: "suppressed", 4: "missing", 5: "not-applicable"};

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
        const pen = canvas.getContext("2d");
        pen.scale(RATIO, RATIO);
        pen.fillStyle = paper;
        pen.fillRect(0, 0, SIDE, SIDE);
        pen.fillStyle = pen.strokeStyle = ink;
        pen.beginPath();
        strokes[name](pen);
        return pen.getImageData(0, 0, canvas.width, canvas.height);
    }

    /** Give `map` the image of every hatch under its name. */
    function addHatches(map, colour) {
        for (const name of Object.values(HATCHES)) {
            const image = hatchImage(name, colour(`hatch-${name}-ink`), colour("hatch-paper"));
            map.addImage(name, image, {pixelRatio: RATIO});
        }
    }

    window.vigie = Object.assign(window.vigie || {}, {HATCHES, addHatches});
})();
