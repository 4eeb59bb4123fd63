/* Places of services over the map: a circle whose area follows the capacity, or a ring where that
 * is not known. The rows are those of dashboard/placing.py. */
(function () {
    "use strict";

    const {fetchJson} = window.vigie;
    const PLACES = "places";
    const RINGS = "place-rings"; // the lowest of the two layers of places
    const SMALLEST = 3.5; // radius in pixels, as in components.css
    const RING = 5;
    /** Of more places than this, those that are small are small from far off: they would hide
     *  the map and one another. */
    const CROWD = 2000;
    const FAR_ZOOM = 5;
    const CLOSE_ZOOM = 9;
    const LISTED = 4; // services told of one point

    const total = (services) => services.reduce((sum, [, capacity]) => sum + (capacity || 0), 0);
    const isKnown = (services) => services.some(([, capacity]) => capacity !== null);

    /** The radius of the largest circle, in pixels: smaller on a small screen. */
    const largestRadius = () =>
        parseFloat(
            getComputedStyle(document.documentElement).getPropertyValue("--place-largest"),
        );

    function features(rows, largest) {
        const most = Math.max(...rows.map(([, , , services]) => total(services)), 1);
        return rows.map(([longitude, latitude, , services], index) => {
            const known = isKnown(services);
            const radius = largest * Math.sqrt(total(services) / most);
            return {
                type: "Feature",
                geometry: {type: "Point", coordinates: [longitude, latitude]},
                properties: {index, known, radius},
            };
        });
    }

    class AreaPlaces {
        constructor(map, colour) {
            Object.assign(this, {map, colour, rows: []});
            map.on("resize", () => {
                if (this.rows.length && this.largest !== largestRadius()) {
                    this.draw();
                }
            });
        }

        /** Draw the places behind `url`, none for null; the last request wins. */
        async show(url) {
            this.forget();
            const turn = (this.fetching = new AbortController());
            this.rows = [];
            this.draw();
            if (!url) {
                return;
            }
            try {
                const rows = await fetchJson(url, turn.signal);
                if (turn === this.fetching) {
                    this.rows = rows;
                    this.draw();
                }
            } catch (error) {
                if (!turn.signal.aborted) {
                    console.error(error);
                }
            }
        }

        forget() {
            this.fetching?.abort();
            this.fetching = null;
        }

        /** A length in pixels: `close`, and where there are many places `far` from far off. */
        scaled(close, far) {
            return this.rows.length > CROWD
                ? ["interpolate", ["linear"], ["zoom"], FAR_ZOOM, far, CLOSE_ZOOM, close]
                : close;
        }

        draw() {
            const {map, rows} = this;
            this.largest = largestRadius();
            const data = {type: "FeatureCollection", features: features(rows, this.largest)};
            map.getContainer().parentElement.dataset.places = rows.length;
            if (map.getSource(PLACES)) {
                map.getSource(PLACES).setData(data);
                this.layers().forEach(({id, paint}) =>
                    Object.entries(paint).forEach((part) => map.setPaintProperty(id, ...part)),
                );
            } else if (rows.length) {
                map.addSource(PLACES, {type: "geojson", data});
                this.layers().forEach((layer) => map.addLayer(layer));
            }
        }

        layers() {
            const ink = this.colour("place");
            const edge = this.colour("place-edge");
            const known = (yes, no) => ["case", ["get", "known"], yes, no];
            const radius = (disc, ring, more = 0) => ["+", ["max", ["get", "radius"], known(disc, ring)], more];
            return [
                {
                    id: RINGS,
                    type: "circle",
                    source: PLACES,
                    paint: {
                        "circle-radius": this.scaled(radius(SMALLEST, RING, 1.5), radius(0.8, 1.5, 0.5)),
                        "circle-color": "transparent",
                        "circle-stroke-color": edge,
                        "circle-stroke-width": this.scaled(known(0, 4), 0),
                    },
                },
                {
                    id: PLACES,
                    type: "circle",
                    source: PLACES,
                    paint: {
                        "circle-radius": this.scaled(radius(SMALLEST, RING), radius(0.8, 1.5)),
                        "circle-color": known(ink, "transparent"),
                        "circle-opacity": 0.85,
                        "circle-stroke-color": known(edge, ink),
                        "circle-stroke-width": this.scaled(known(1.5, 2.5), known(0, 0.8)),
                    },
                },
            ];
        }

        /** Above the areas, whose layers were made anew. */
        raise() {
            for (const id of [RINGS, PLACES]) {
                if (this.map.getLayer(id)) {
                    this.map.moveLayer(id);
                }
            }
        }

        /** The row of the place at a point of the screen, if any. */
        at(point) {
            if (!this.rows.length || !this.map.getLayer(PLACES)) {
                return null;
            }
            const reach = 3;
            const box = [
                [point.x - reach, point.y - reach],
                [point.x + reach, point.y + reach],
            ];
            const found = this.map.queryRenderedFeatures(box, {layers: [PLACES]});
            return found.length ? this.rows[found[0].properties.index] : null;
        }

        /** The services that stand there, by name. */
        names([, , , services], texts) {
            const listed = services.slice(0, LISTED).map(([name]) => name);
            const left = services.length - listed.length;
            if (left) {
                listed.push(texts.more.replace("{count}", left));
            }
            return listed.join(texts.apart);
        }

        /** What is said of a place: its name, its capacity, the rest; whole, how far it counts and
         *  from where it is `reached`. */
        lines(place, texts, isWhole, reached = "") {
            const [, , isExact, services] = place;
            const format = new Intl.NumberFormat(texts.locale, {maximumFractionDigits: 1});
            const amount = (capacity) =>
                capacity === null ? texts.unknown : `${format.format(capacity)}\u00a0${texts.unit}`;
            const seat = isExact ? "" : texts.seat;
            const more = isWhole ? [texts.reach, reached] : [seat, texts.source];
            const rest = more.filter(Boolean).join(" · ");
            if (services.length === 1) {
                return [services[0][0], amount(services[0][1]), rest];
            }
            const listed = services.slice(0, LISTED).map(([name, n]) => `${name} (${amount(n)})`);
            const left = services.length - listed.length;
            if (left) {
                listed.push(texts.more.replace("{count}", left));
            }
            const sum = isKnown(services) ? amount(total(services)) : texts.unknown;
            return [sum, listed.join(texts.apart), rest];
        }
    }

    window.vigie = Object.assign(window.vigie, {AreaPlaces, RINGS});
})();
