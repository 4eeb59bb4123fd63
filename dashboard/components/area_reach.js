/* From where a place can be reached: a light veil over the areas that are too far, and the edges of
 * the others. A click on a place of the map asks for it, or a button of the list of places
 * ([data-reach]: the address; data-name; data-at: longitude and latitude, where they are known),
 * which also takes it away; so does Escape. */
(function () {
    "use strict";

    const {CASING, RINGS, SOURCE, fetchJson, layerId} = window.vigie;
    const VEIL = "reach-veil";
    const EDGES = "reach-edges";
    const NAMED = 20; // areas told by name
    /** Further off than the first, a reach is too small to be read; the map goes to the second. */
    const FAR_ZOOM = 7;
    const NEAR_ZOOM = 8.3;
    /** Whoever writes keeps their Escape. */
    const WRITING = "input, textarea, select";

    const maps = new Set(); // every AreaReach of the page
    let asked = null; // what the list asks of all maps that show its places: {url, name, at}

    const askedBy = ({dataset: {reach: url, name, at}}) => ({url, name, at: at && JSON.parse(at)});
    const isAsked = (button) => JSON.stringify(asked) === JSON.stringify(askedBy(button));

    /** Which button of the list is pressed. */
    function mark() {
        document.querySelectorAll("[data-reach]").forEach((button) => {
            button.setAttribute("aria-pressed", isAsked(button));
        });
    }

    /** A list that is drawn anew has new buttons. */
    const redrawn = new MutationObserver(mark);

    function ask(wanted) {
        asked = wanted;
        redrawn.disconnect();
        if (wanted) {
            redrawn.observe(document.body, {childList: true, subtree: true});
        }
        mark();
    }

    /** No map shows the reach of any place any more. */
    function forget() {
        ask(null);
        maps.forEach(({view}) => view.forgetPlace());
    }

    document.addEventListener("click", ({target}) => {
        const button = target.closest?.("[data-reach]");
        if (button) {
            const wanted = isAsked(button) ? null : askedBy(button);
            forget();
            ask(wanted);
            maps.forEach((map) => map.follow());
        }
    });
    document.addEventListener("keydown", ({key, target, defaultPrevented}) => {
        if (key === "Escape" && !defaultPrevented && !target.closest?.(WRITING)) {
            forget();
        }
    });

    class AreaReach {
        /** `told` is where it is said from where the place is reached; of what the list asks, by
         *  the first map alone. */
        constructor(view, told) {
            Object.assign(this, {view, told, place: null, shown: null});
            maps.add(this);
        }

        remove() {
            this.hide();
            maps.delete(this);
            if (!maps.size) {
                ask(null);
            }
        }

        isFirst() {
            return document.querySelector(".area-map") === this.view.root;
        }

        /** Of a row of `AreaPlaces` that was clicked, for null of none; a promise of whether there
         *  is something to say of it. */
        async ofPlace(place) {
            ask(null);
            maps.forEach((map) => map.hide());
            this.place = place;
            const [longitude, latitude, , , area] = place || [];
            const template = this.view.drawn.reachUrl;
            const url = template && area && template.replace("{place}", encodeURIComponent(area));
            if (!url || !(await this.show(url, [longitude, latitude]))) {
                return false;
            }
            this.tell(this.view.places.names(place, this.texts()));
            return true;
        }

        /** Show what the list asks for, where it is of the places that this map shows. */
        async follow() {
            this.hide();
            const [start] = (this.view.drawn.reachUrl || "").split("{place}");
            if (!asked || !start || !asked.url.startsWith(start)) {
                if (asked && this.isFirst()) {
                    ask(null);
                }
                return;
            }
            const {url, name, at} = asked;
            const isFirst = this.isFirst();
            if (!(await this.show(url, isFirst ? at : null)) || !isFirst) {
                return;
            }
            this.tell(name);
            this.told.parentElement.scrollIntoView({block: "nearest"});
            if (!this.shown.areas) {
                ask(null); // to be asked for again
            }
        }

        /** Fetch and draw, and go there; a promise of whether that is still asked for. */
        async show(url, at) {
            const turn = (this.asking = new AbortController());
            const {levels, level} = this.view.drawn;
            const {map, moves} = this.view;
            let areas = null;
            try {
                areas = await fetchJson(url, turn.signal);
            } catch (error) {
                if (!turn.signal.aborted) {
                    console.info(error); // the reader is told in words
                }
            }
            if (turn !== this.asking) {
                return false;
            }
            this.shown = {areas, level: (levels || [level])[0]};
            this.draw();
            if (areas && at) {
                const isStillThere = () => turn === this.asking && this.view.moves === moves;
                const arrive = () => isStillThere() && this.bringNear(at);
                map.isMoving() ? map.once("moveend", arrive) : arrive();
            }
            return true;
        }

        tell(name) {
            this.told.textContent = `${name} – ${this.names()}`;
        }

        hide() {
            this.asking?.abort();
            this.asking = null;
            this.place = null;
            this.told.textContent = "";
            if (this.shown) {
                this.shown = null;
                this.draw();
            }
        }

        /** From far off the finest areas are not drawn or are specks: the map goes to the place. */
        bringNear(at) {
            const {map} = this.view;
            const isFar = map.getZoom() < FAR_ZOOM;
            if (isFar || !map.getBounds().contains(at)) {
                this.view.isMoved = true;
                map.jumpTo({center: at, zoom: isFar ? NEAR_ZOOM : map.getZoom()});
            }
        }

        /** From how many areas the place is reached, in words; an empty text for another place. */
        words(place) {
            if (!this.shown || place !== this.place) {
                return "";
            }
            const {areas} = this.shown;
            const texts = this.texts();
            return areas
                ? texts.reached.replace("{count}", this.number(areas.length))
                : texts.reachFailed;
        }

        /** The same with the names of the nearest ones. */
        names() {
            const areas = this.shown.areas || [];
            const names = areas.slice(0, NAMED).map(([, name]) => name);
            const left = areas.length - names.length;
            if (left) {
                names.push(this.texts().more.replace("{count}", this.number(left)));
            }
            const said = this.words(this.place);
            return names.length ? `${said} – ${names.join(", ")}` : said;
        }

        texts() {
            return this.view.drawn.placeTexts || {};
        }

        number(count) {
            return new Intl.NumberFormat(this.texts().locale).format(count);
        }

        /** The veil and the edges, or neither. */
        draw() {
            const {map, root, colour} = this.view;
            for (const id of [VEIL, EDGES]) {
                if (map.getLayer(id)) {
                    map.removeLayer(id);
                }
            }
            delete root.dataset.reached;
            if (!this.shown?.areas) {
                return;
            }
            const {areas, level} = this.shown;
            const fids = areas.map(([fid]) => fid);
            root.dataset.reached = fids.length;
            const common = {source: SOURCE, "source-layer": level};
            const within = ["match", ["get", "fid"], fids, true, false];
            const veil = {
                "fill-antialias": false,
                "fill-color": colour("place-edge"),
                "fill-opacity": 0.62,
            };
            const edge = {"line-color": colour("place"), "line-width": 1.2};
            const layers = [
                {...common, id: VEIL, type: "fill", filter: ["!", within], paint: veil},
                {...common, id: EDGES, type: "line", filter: within, paint: edge},
            ];
            // What the pointer is on and what is selected stays above the veil.
            const above = layerId(this.view.drawn.level, CASING);
            const below = [above, RINGS].find((id) => map.getLayer(id));
            layers.forEach((layer) => map.addLayer(layer, below));
        }
    }

    window.vigie = Object.assign(window.vigie, {AreaReach});
})();
