/* AreaPaint: what colours the areas of a map. It is fetched by its address, drawn by feature-state
 * where it differs from what is there, and told in words when an area is pointed at. */
(function () {
    "use strict";

    const {DOUBT, HATCHES, MARKS, OUTSIDE, hatchPart, layerId, markPart} = window.vigie;
    const {colouring, fetchAreaClasses, fetchAreaValues, flagWords} = window.vigie;
    const {readOffer, valueText} = window.vigie;

    class AreaPaint {
        /** `view` is an AreaMapView: its map and element, and what it shows. */
        constructor(view) {
            this.view = view;
            this.url = null; // of what colours the areas, or is about to
            this.painted = null; // {statuses, flags, and values or classes} behind the colours
            this.told = null; // {values, statuses, flags} behind the words, once they are needed
            this.isCurrent = false; // the colours are of what is asked for
            this.isAhead = false; // they are of what the server has yet to answer
            this.turn = null; // of what is being fetched
            this.forget();
        }

        /** Every area is bare: its layers were drawn anew. */
        forget() {
            this.states = []; // of each area, as a text
            this.painted = null;
        }

        stop() {
            this.turn?.abort();
            this.turn = null;
        }

        /** Colour the areas as `props` say; the last request wins. What is there already is not
         *  fetched again, unless it `isStale`. */
        async show(props, isStale, isAhead = false) {
            const {classesUrl, valuesUrl} = props;
            const url = classesUrl || valuesUrl;
            const wasAhead = this.isAhead;
            this.isAhead = isAhead;
            if (wasAhead && !isStale && classesUrl && url === this.url) {
                this.redescribe();
                return;
            }
            const {root, map, fail} = this.view;
            this.stop();
            const turn = (this.turn = new AbortController());
            this.url = url;
            this.isCurrent = false;
            this.told = this.telling = null;
            delete root.dataset.painted;
            fail(null);
            try {
                const fetchPaint = classesUrl ? fetchAreaClasses : fetchAreaValues;
                const fetched = url ? await fetchPaint(url, turn.signal) : null;
                if (turn === this.turn) {
                    this.told = classesUrl ? null : fetched;
                    this.colour(fetched, props);
                    await this.seen();
                    if (turn === this.turn) {
                        this.announce(url);
                    }
                }
            } catch (error) {
                // The server says what is wrong with what it was not asked for yet.
                if (turn === this.turn && !turn.signal.aborted && !isAhead) {
                    console.error(error);
                    this.colour(null, props); // old colours under a new legend would lie
                    fail(props.failureText || "");
                }
            }
        }

        /** Resolves once the areas are on the screen as they are now. */
        seen() {
            const {map} = this.view;
            return new Promise((resolve) => {
                map.once("render", () =>
                    map.areTilesLoaded() ? resolve() : map.once("idle", resolve),
                );
                map.triggerRepaint();
            });
        }

        /** Tell the page, and whoever tests it, that the map shows what is at this address. */
        announce(url) {
            const {root, latest} = this.view;
            root.dataset.painted = url || "";
            const {ahead} = latest();
            if (ahead) {
                readOffer(ahead.offerUrl);
            }
            if (!latest().ready) {
                latest().setProps({ready: true});
            }
        }

        colour(fetched, props) {
            const started = performance.now();
            const {map, root} = this.view;
            const last = this.painted;
            this.painted = fetched;
            this.isCurrent = true;
            this.redescribe();
            if (!fetched) {
                last?.statuses.forEach((_, fid) => this.put(fid, null, null, false, 0));
                map.triggerRepaint();
                return;
            }
            const {statuses, doubts, flags} = fetched;
            const drawnFlags = fetched.classes ? 0xff : props.markedFlags || 0;
            const colourOf = colouring(fetched, props);
            let marked = 0;
            let doubtful = 0;
            for (let fid = 0; fid < statuses.length; fid += 1) {
                const status = statuses[fid];
                const isOutside = status === OUTSIDE;
                const marks = isOutside ? 0 : flags[fid] & drawnFlags;
                const isDoubtful = Boolean(props.isDoubtDrawn && doubts?.[fid]);
                marked |= marks;
                doubtful += isDoubtful;
                this.put(fid, isOutside ? null : colourOf(fid), status, isDoubtful, marks);
            }
            this.showHatches(new Set(statuses), marked, doubtful);
            map.triggerRepaint();
            root.dataset.colouredInMs = (performance.now() - started).toFixed(1);
        }

        /** The state of one area, where it is another than the one that it has. */
        put(fid, colour, status, isDoubtful, marks) {
            const text = `${colour} ${status} ${isDoubtful} ${marks}`;
            if (this.states[fid] === text) {
                return;
            }
            this.states[fid] = text;
            const state = {colour, status, [DOUBT]: isDoubtful};
            for (const [name, bits] of Object.entries(MARKS)) {
                state[markPart(name)] = Boolean(marks & bits);
            }
            this.view.mark(fid, state);
        }

        showHatches(present, marked, doubtful) {
            const {drawn, map, root} = this.view;
            // To show a layer, or to hide one, has every tile read anew: what was needed once
            // stays, and area by area it is transparent.
            const see = (part, isSeen) => {
                const layer = layerId(drawn.level, part);
                if (isSeen && map.getLayoutProperty(layer, "visibility") === "none") {
                    map.setLayoutProperty(layer, "visibility", "visible");
                }
            };
            see(DOUBT, doubtful);
            root.dataset.doubtful = doubtful;
            for (const [name, bits] of Object.entries(MARKS)) {
                see(markPart(name), marked & bits);
            }
            root.dataset.marked = marked;
            for (const [code, name] of Object.entries(HATCHES)) {
                see(hatchPart(name), present.has(Number(code)));
            }
        }

        /** Whether the colours tell of an area: not of a neighbour drawn for orientation. */
        isOffered(fid) {
            const status = this.painted?.statuses[fid];
            return status !== undefined && status !== OUTSIDE;
        }

        redescribe() {
            const {hovered, keys} = this.view;
            if (hovered) {
                this.view.describe(hovered);
            }
            keys?.follow();
        }

        /** What is known of an area in words: its value, and what weakens it. */
        words(id) {
            const {drawn} = this.view;
            const texts = drawn.hoverTexts || {};
            if (!this.isCurrent || this.isAhead || !this.painted) {
                return ["", ""];
            }
            if (!this.told || id >= this.told.values.length) {
                this.tell(drawn.valuesUrl);
                return ["", ""];
            }
            const {values, statuses, flags} = this.told;
            const said = flagWords(flags[id], texts.flags);
            if (this.painted.doubts?.[id] && texts.doubt) {
                said.push(texts.doubt);
            }
            return [valueText(values[id], statuses[id], texts), said.join(" · ")];
        }

        /** Fetch the numbers behind the colours, the first time that one is asked for. */
        async tell(valuesUrl) {
            const {turn} = this;
            if (this.telling || !valuesUrl || !turn) {
                return;
            }
            this.telling = turn;
            try {
                const told = await fetchAreaValues(valuesUrl, turn.signal);
                if (turn === this.turn) {
                    this.told = told;
                    this.redescribe();
                }
            } catch (error) {
                if (turn === this.turn && !turn.signal.aborted) {
                    this.telling = null;
                    console.error(error);
                }
            }
        }
    }

    window.vigie = Object.assign(window.vigie || {}, {AreaPaint});
})();
