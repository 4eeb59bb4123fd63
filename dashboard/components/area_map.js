/* AreaMap: a choropleth on vector tiles, recoloured by feature-state. The React half owns the
 * elements; AreaMapView owns the MapLibre map and follows the properties as they change. */
(function () {
    "use strict";

    const {useEffect, useRef, useState, createElement} = window.React;
    const {SOURCE, FILL, HATCHES, MARKS, OUTSIDE, addHatches, areaLayers} = window.vigie;
    const {hatchLayer, markLayer, colourScale, fetchAreaValues} = window.vigie;
    const {flagWords, valueText} = window.vigie;

    const FIT = {padding: 16};
    const TILE_ZOOMS = [3, 11];

    /** MapLibre GL, fetched when the first map is mounted, once for the page. */
    let library = null;
    function mapLibre(scriptUrl, styleUrl) {
        library ||= new Promise((resolve, reject) => {
            const sheet = document.createElement("link");
            sheet.rel = "stylesheet";
            sheet.href = styleUrl;
            const script = document.createElement("script");
            script.src = scriptUrl;
            script.onload = () => resolve(window.maplibregl);
            script.onerror = () => {
                library = null;
                reject(new Error(`map: ${scriptUrl} did not load`));
            };
            document.head.append(sheet, script);
        });
        return library;
    }

    const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
    const absolute = (url) => new URL(url, window.location.origin).href;
    /** Absolute, with the braces of the template kept. */
    const tileTemplate = (url) => absolute(url).replaceAll("%7B", "{").replaceAll("%7D", "}");

    function escaped(text) {
        const element = document.createElement("span");
        element.textContent = text;
        return element.innerHTML;
    }

    function sourceOf({tilesUrl, tileZooms, levels, level}) {
        const [minzoom, maxzoom] = tileZooms || TILE_ZOOMS;
        const promoteId = Object.fromEntries((levels || [level]).map((name) => [name, "fid"]));
        return {type: "vector", tiles: [tileTemplate(tilesUrl)], minzoom, maxzoom, promoteId};
    }

    function mapOptions(container, props, colour) {
        const labels = props.labels || {};
        const isTouched = window.matchMedia("(pointer: coarse)").matches;
        const background = {"background-color": colour("sea")};
        return {
            container,
            style: {
                version: 8,
                sources: {[SOURCE]: sourceOf(props)},
                layers: [{id: "sea", type: "background", paint: background}],
            },
            bounds: props.bounds,
            fitBoundsOptions: FIT,
            minZoom: props.minZoom ?? 3,
            maxZoom: props.maxZoom ?? 13,
            attributionControl: false,
            canvasContextAttributes: {preserveDrawingBuffer: true, antialias: false},
            cooperativeGestures: Boolean(labels.twoFingers) && isTouched,
            dragRotate: false,
            touchPitch: false,
            fadeDuration: 0,
            renderWorldCopies: false,
            trackResize: false,
            locale: {
                "Map.Title": props.label || "",
                "NavigationControl.ZoomIn": labels.zoomIn || "",
                "NavigationControl.ZoomOut": labels.zoomOut || "",
                "AttributionControl.ToggleAttribution": labels.attribution || "",
                "CooperativeGesturesHandler.MobileHelpText": labels.twoFingers || "",
            },
        };
    }

    /** The button that brings the whole territory back. */
    class ResetControl {
        constructor(label, reset) {
            const button = document.createElement("button");
            button.type = "button";
            button.className = "area-map-reset";
            button.title = label;
            button.setAttribute("aria-label", label);
            button.addEventListener("click", reset);
            this.element = document.createElement("div");
            this.element.className = "maplibregl-ctrl maplibregl-ctrl-group";
            this.element.append(button);
        }

        onAdd() {
            return this.element;
        }

        onRemove() {
            this.element.remove();
        }
    }

    class AreaMapView {
        /** `latest` returns the properties of the moment; `fail` shows a text over the map. */
        constructor(maplibregl, {root, canvas, tooltip}, latest, fail) {
            Object.assign(this, {root, tooltip, latest, fail});
            this.drawn = {}; // the properties that the map shows
            this.painted = null; // {values, statuses, flags} behind the colours
            this.isCurrent = false; // those values are the ones asked for
            this.hovered = null; // the feature under the pointer
            this.isMoved = false; // by the reader, away from the bounds
            const sheet = window.getComputedStyle(root);
            this.colour = (name) => sheet.getPropertyValue(`--area-${name}`).trim();
            this.map = new maplibregl.Map(mapOptions(canvas, latest(), this.colour));
            this.addControls(maplibregl);
            this.listen();
            this.observer = new ResizeObserver(() => this.resize());
            this.observer.observe(root);
        }

        addControls(maplibregl) {
            const {labels = {}, attribution} = this.latest();
            const {map} = this;
            map.addControl(new maplibregl.NavigationControl({showCompass: false}), "top-right");
            map.addControl(new ResetControl(labels.reset || "", () => this.fit()), "top-right");
            if (attribution) {
                // MapLibre writes attributions as HTML; ours is text.
                const options = {compact: true, customAttribution: escaped(attribution)};
                map.addControl(new maplibregl.AttributionControl(options), "bottom-right");
            }
            map.touchZoomRotate.disableRotation();
            map.keyboard.disableRotation();
        }

        listen() {
            const {map} = this;
            map.on("style.load", () => {
                addHatches(map, this.colour);
                this.isStyled = true;
                this.update();
            });
            map.on("movestart", (event) => {
                this.isMoved ||= Boolean(event.originalEvent);
            });
            map.on("mousemove", FILL, (event) => this.hover(event.features[0], event.point));
            map.on("mouseleave", FILL, () => this.hover(null));
            map.on("click", FILL, (event) => this.click(event.features[0]));
        }

        /** Draw what changed between the properties shown and the latest. */
        update() {
            if (!this.isStyled) {
                return;
            }
            const props = this.latest();
            const last = this.drawn;
            const changed = (...names) => names.some((name) => !same(props[name], last[name]));
            this.drawn = props;
            if (last.tilesUrl && changed("tilesUrl")) {
                this.map.getSource(SOURCE).setTiles([tileTemplate(props.tilesUrl)]);
            }
            const isRedrawn = changed(
                "level", "levels", "outlineLevels", "borderCode", "groundLevel",
            );
            if (isRedrawn) {
                this.drawLayers(last.level);
            }
            if (isRedrawn || changed("selectedFid")) {
                this.mark(isRedrawn ? null : last.selectedFid, {selected: false});
                this.mark(props.selectedFid, {selected: true});
            }
            const painting = ["valuesUrl", "breaks", "colours", "zeroColour", "markedFlags"];
            if (isRedrawn || changed(...painting)) {
                this.paint();
            }
            if (last.bounds && changed("bounds")) {
                this.fit();
            }
        }

        drawLayers(lastLevel) {
            const {map} = this;
            this.hover(null);
            this.painted = null;
            for (const {id, source} of map.getStyle().layers) {
                if (source === SOURCE) {
                    map.removeLayer(id);
                }
            }
            if (lastLevel) {
                map.removeFeatureState({source: SOURCE, sourceLayer: lastLevel});
            }
            areaLayers(this.drawn, this.colour).forEach((layer) => map.addLayer(layer));
            this.root.dataset.level = this.drawn.level;
        }

        mark(fid, state) {
            if (fid !== null && fid !== undefined) {
                const feature = {source: SOURCE, sourceLayer: this.drawn.level, id: fid};
                this.map.setFeatureState(feature, state);
            }
        }

        /** Fetch the values and colour every area; the last request wins. */
        async paint() {
            const {valuesUrl} = this.drawn;
            this.fetching?.abort();
            const turn = (this.fetching = new AbortController());
            this.isCurrent = false;
            delete this.root.dataset.painted;
            this.fail(null);
            try {
                const fetched = valuesUrl ? await fetchAreaValues(valuesUrl, turn.signal) : null;
                if (turn === this.fetching) {
                    this.colourAreas(fetched);
                    this.map.once("idle", () => turn === this.fetching && this.announce(valuesUrl));
                }
            } catch (error) {
                if (turn === this.fetching && !turn.signal.aborted) {
                    console.error(error);
                    this.colourAreas(null); // old colours under a new legend would lie
                    this.fail(this.drawn.failureText || "");
                }
            }
        }

        colourAreas(fetched) {
            const started = performance.now();
            const last = this.painted;
            this.painted = fetched;
            this.isCurrent = true;
            if (this.hovered) {
                this.describe(this.hovered);
            }
            if (!fetched) {
                const silent = {colour: null, status: null, ...this.marksOf(0)};
                last?.values.forEach((_, fid) => this.mark(fid, silent));
                this.map.triggerRepaint();
                return;
            }
            const colourOf = colourScale(this.drawn);
            const {values, statuses, flags} = fetched;
            let marked = 0;
            for (let fid = 0; fid < values.length; fid += 1) {
                const status = statuses[fid];
                const colour = status === OUTSIDE ? null : colourOf(values[fid]);
                const marks = status === OUTSIDE ? 0 : flags[fid] & (this.drawn.markedFlags || 0);
                marked |= marks;
                this.mark(fid, {colour, status, ...this.marksOf(marks)});
            }
            this.showHatches(new Set(statuses), marked);
            this.root.dataset.colouredInMs = (performance.now() - started).toFixed(1);
        }

        /** The state of each mark's layer for the flags of one area. */
        marksOf(flags) {
            const marks = Object.entries(MARKS);
            return Object.fromEntries(
                marks.map(([name, bits]) => [markLayer(name), Boolean(flags & bits)]),
            );
        }

        showHatches(present, marked) {
            for (const [name, bits] of Object.entries(MARKS)) {
                const visibility = marked & bits ? "visible" : "none";
                this.map.setLayoutProperty(markLayer(name), "visibility", visibility);
            }
            this.root.dataset.marked = marked;
            for (const [code, name] of Object.entries(HATCHES)) {
                const visibility = present.has(Number(code)) ? "visible" : "none";
                this.map.setLayoutProperty(hatchLayer(name), "visibility", visibility);
            }
        }

        /** Tell the page, and whoever tests it, that the map shows these values. */
        announce(valuesUrl) {
            this.root.dataset.painted = valuesUrl || "";
            if (!this.latest().ready) {
                this.latest().setProps({ready: true});
            }
        }

        hover(feature, point) {
            if (feature?.id !== this.hovered?.id) {
                this.mark(this.hovered?.id, {hover: false});
                this.mark(feature?.id, {hover: true});
                this.map.getCanvas().style.cursor = this.isOffered(feature?.id) ? "pointer" : "";
            }
            this.hovered = feature;
            this.tooltip.hidden = !feature;
            if (feature) {
                this.describe(feature);
                this.placeTooltip(point);
            }
        }

        /** Whether the values tell of an area: not of a neighbour drawn for orientation. */
        isOffered(fid) {
            const status = this.painted?.statuses[fid];
            return status !== undefined && status !== OUTSIDE;
        }

        describe({id, properties}) {
            const [name, value, flags] = this.tooltip.children;
            const texts = this.drawn.hoverTexts || {};
            name.textContent = properties.name;
            const isKnown = this.isCurrent && this.painted && id < this.painted.values.length;
            value.textContent = isKnown
                ? valueText(this.painted.values[id], this.painted.statuses[id], texts)
                : "";
            const said = isKnown ? flagWords(this.painted.flags[id], texts.flags) : [];
            flags.textContent = said.join(" · ");
            flags.hidden = !said.length;
        }

        /** Beside the pointer, on the side where it fits. */
        placeTooltip({x, y}) {
            const {offsetWidth: width, offsetHeight: height} = this.tooltip;
            const gap = 14;
            const left = x + gap + width > this.root.clientWidth ? x - gap - width : x + gap;
            const top = y + gap + height > this.root.clientHeight ? y - gap - height : y + gap;
            const move = `translate(${Math.max(left, 0)}px, ${Math.max(top, 0)}px)`;
            this.tooltip.style.transform = move;
        }

        click({id, properties}) {
            if (this.isOffered(id)) {
                const click = {code: properties.code, fid: id, timestamp: Date.now()};
                this.latest().setProps({click});
            }
        }

        /** Back to the bounds; MapLibre jumps by itself where the reader prefers less motion. */
        fit(options) {
            this.isMoved = false;
            this.map.fitBounds(this.latest().bounds, {...FIT, duration: 500, ...options});
        }

        resize() {
            this.map.resize();
            if (!this.isMoved) {
                this.fit({duration: 0});
            }
        }

        remove() {
            this.fetching?.abort();
            this.fetching = null;
            this.observer.disconnect();
            this.map.remove();
        }
    }

    function AreaMap(props) {
        const root = useRef(null);
        const canvas = useRef(null);
        const tooltip = useRef(null);
        const view = useRef(null);
        const latest = useRef(props);
        const [failure, fail] = useState(null);
        latest.current = props;

        useEffect(() => {
            let isGone = false;
            const {scriptUrl, styleUrl} = props;
            mapLibre(scriptUrl, styleUrl)
                .then((maplibregl) => {
                    if (!isGone) {
                        const elements = {
                            root: root.current,
                            canvas: canvas.current,
                            tooltip: tooltip.current,
                        };
                        view.current = new AreaMapView(
                            maplibregl, elements, () => latest.current, fail,
                        );
                    }
                })
                .catch((error) => {
                    console.warn(error);
                    fail(latest.current.noWebglText || "");
                });
            return () => {
                isGone = true;
                view.current?.remove();
                view.current = null;
            };
        }, []);

        useEffect(() => view.current?.update());

        const {id, className, style, note} = props;
        return createElement(
            "div",
            {id, ref: root, className: `area-map ${className || ""}`.trim(), style},
            createElement("div", {ref: canvas, className: "area-map-canvas"}),
            createElement(
                "div",
                {ref: tooltip, className: "area-map-tooltip", hidden: true},
                createElement("strong"),
                createElement("span"),
                createElement("small", {className: "area-map-flags"}),
            ),
            note ? createElement("p", {className: "area-map-note"}, note) : null,
            failure === null
                ? null
                : createElement("p", {className: "area-map-failure", role: "status"}, failure),
        );
    }

    window.vigie.AreaMap = AreaMap;
})();
