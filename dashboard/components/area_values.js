/* Values of areas: the binary that travels, the class of a value, the words of the tooltip. */
(function () {
    "use strict";

    const OUTSIDE = 6; // status code of an area drawn for orientation only
    const ZERO_CLASS = 7;
    const FRAGILE = 1; // the flag that travels with the class of an area
    const BYTES_PER_AREA = 6; // one float32, one status byte, one byte of flags

    /** {values: Float32Array, statuses: Uint8Array, flags: Uint8Array} in fid order, from the
     *  bytes of the server. */
    function areaValues(buffer) {
        const count = buffer.byteLength / BYTES_PER_AREA;
        if (!Number.isInteger(count)) {
            throw new Error(`area values: ${buffer.byteLength} bytes is not a whole number of areas`);
        }
        return {
            values: new Float32Array(buffer, 0, count),
            statuses: new Uint8Array(buffer, 4 * count, count),
            flags: new Uint8Array(buffer, 5 * count, count),
        };
    }

    /** {classes, statuses, doubts, flags}: a Uint8Array each, in fid order, and the colours of the
     *  classes, from the bytes of the server (dashboard/classing.py). */
    function areaClasses(buffer) {
        const start = 4 + new DataView(buffer).getUint32(0, true);
        const heading = new TextDecoder().decode(new Uint8Array(buffer, 4, start - 4));
        const {colours, zero} = JSON.parse(heading);
        const count = (buffer.byteLength - start) / 2;
        if (!Number.isInteger(count)) {
            throw new Error(`area classes: ${buffer.byteLength} bytes with ${start} of heading`);
        }
        const packed = new Uint8Array(buffer, start, count);
        return {
            colours,
            zeroColour: zero,
            classes: packed.map((byte) => byte & 7),
            statuses: packed.map((byte) => (byte >> 3) & 7),
            doubts: packed.map((byte) => (byte >> 6) & 1),
            flags: new Uint8Array(buffer, start + count, count).map(
                (byte, fid) => byte | (packed[fid] & 128 ? FRAGILE : 0),
            ),
        };
    }

    async function fetched(url, signal) {
        const response = await fetch(url, {signal, credentials: "same-origin"});
        if (!response.ok) {
            throw new Error(`area values: ${response.status} for ${url}`);
        }
        return response;
    }

    /** Fetch the values behind `url`; rejects on any answer but a good one. */
    async function fetchAreaValues(url, signal) {
        return areaValues(await (await fetched(url, signal)).arrayBuffer());
    }

    /** Fetch what areas are painted from; rejects on any answer but a good one. */
    async function fetchAreaClasses(url, signal) {
        return areaClasses(await (await fetched(url, signal)).arrayBuffer());
    }

    /** Fetch what is written behind `url`; rejects on any answer but a good one. */
    async function fetchJson(url, signal) {
        return (await fetched(url, signal)).json();
    }

    /** The colour of a class as the server counts them: 0 none, 7 exactly zero, else from 1. */
    function classColour(rank, {colours, zeroColour}) {
        if (rank === ZERO_CLASS) {
            return zeroColour;
        }
        return rank ? colours[rank - 1] : null;
    }

    /** A function value -> colour. Class k holds breaks[k-1] <= value < breaks[k].
     *  Breaks are rounded to single precision, as the values are, so that a value equal to a
     *  break falls on the same side here and on the server. NaN has no colour. */
    function colourScale({breaks, colours, zeroColour}) {
        const limits = Float32Array.from(breaks || []);
        return (value) => {
            if (Number.isNaN(value)) {
                return null;
            }
            if (value === 0 && zeroColour) {
                return zeroColour;
            }
            let rank = 0;
            while (rank < limits.length && value >= limits[rank]) {
                rank += 1;
            }
            return colours[rank];
        };
    }

    /** A function fid -> colour: of its class, or else of its value, as `props` say. */
    function colouring(fetched, props) {
        if (fetched.classes) {
            return (fid) => classColour(fetched.classes[fid], fetched);
        }
        const scale = colourScale(props);
        return (fid) => scale(fetched.values[fid]);
    }

    /** The words of the flags of an area, in the order of their bits. */
    function flagWords(flags, words) {
        return Object.entries(words || {})
            .filter(([bit]) => flags & Number(bit))
            .map(([_bit, text]) => text);
    }

    /** The line under the area's name: number, unit and a word on its status, or its silence. */
    function valueText(value, status, texts) {
        if (status === OUTSIDE) {
            return texts.outside;
        }
        const word = texts.statuses && texts.statuses[status];
        if (Number.isNaN(value)) {
            return word || texts.noValue;
        }
        const digits = texts.decimals || 0;
        const number = new Intl.NumberFormat(texts.locale, {
            minimumFractionDigits: digits,
            maximumFractionDigits: digits,
        }).format(value);
        const quantity = texts.unit ? `${number}\u00a0${texts.unit}` : number;
        return word ? `${quantity} (${word})` : quantity;
    }

    window.vigie = Object.assign(window.vigie || {}, {
        OUTSIDE,
        colouring,
        fetchAreaClasses,
        fetchAreaValues,
        fetchJson,
        flagWords,
        valueText,
    });
})();
