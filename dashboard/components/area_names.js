/* Names of areas over the map, as plain text: the vector map would need fonts of its own. The first
 * of the list are the most populous; a name is written where no earlier one is in its way. */
(function () {
    "use strict";

    const {fetchJson} = window.vigie;
    const MOST = 48; // names at once
    const HEIGHT = 18;
    const GAP = 6;
    const FONT = "600 12px system-ui, sans-serif";

    class AreaNames {
        constructor(map, root) {
            this.map = map;
            this.root = root;
            this.rows = [];
            this.shown = []; // {element, row, width}
            this.layer = document.createElement("div");
            this.layer.className = "area-map-names";
            this.layer.setAttribute("aria-hidden", "true");
            root.append(this.layer);
            this.pen = document.createElement("canvas").getContext("2d");
            this.pen.font = FONT;
            map.on("move", () => this.follow());
            map.on("moveend", () => this.choose());
            map.on("resize", () => this.choose());
        }

        /** Write the names behind `url`, none for null; the last request wins. */
        async show(url) {
            this.fetching?.abort();
            const turn = (this.fetching = new AbortController());
            this.rows = [];
            this.choose();
            if (!url) {
                return;
            }
            try {
                const rows = await fetchJson(url, turn.signal);
                if (turn === this.fetching) {
                    this.rows = rows.map((row) => [...row, this.pen.measureText(row[2]).width]);
                    this.choose();
                }
            } catch (error) {
                if (!turn.signal.aborted) {
                    console.error(error);
                }
            }
        }

        /** Which names fit now. */
        choose() {
            const {clientWidth: width, clientHeight: height} = this.root;
            const taken = [];
            const made = [];
            for (const row of this.rows) {
                const {x, y} = this.map.project([row[0], row[1]]);
                const half = row[3] / 2 + GAP;
                const box = [x - half, y - HEIGHT / 2, x + half, y + HEIGHT / 2];
                const isInside = box[0] > 0 && box[1] > 0 && box[2] < width && box[3] < height;
                if (isInside && !taken.some((other) => meet(box, other))) {
                    taken.push(box);
                    const element = document.createElement("span");
                    element.textContent = row[2];
                    made.push({element, row});
                    if (made.length === MOST) {
                        break;
                    }
                }
            }
            this.shown = made;
            this.layer.replaceChildren(...made.map(({element}) => element));
            this.root.dataset.names = made.length;
            this.follow();
        }

        /** Keep each name on its place while the map moves. */
        follow() {
            for (const {element, row} of this.shown) {
                const {x, y} = this.map.project([row[0], row[1]]);
                const place = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
                element.style.transform = `${place} translate(-50%, -50%)`;
            }
        }
    }

    const meet = (one, other) =>
        one[0] < other[2] && one[2] > other[0] && one[1] < other[3] && one[3] > other[1];

    window.vigie = Object.assign(window.vigie, {AreaNames});
})();
