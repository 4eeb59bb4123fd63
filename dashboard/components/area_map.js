/* AreaMap: a choropleth on vector tiles, recoloured by feature-state. The React half owns the
 * elements; AreaMapView owns the MapLibre map and follows the properties as they change. */
(function () {
    "use strict";

    const {useEffect, useRef, useState, createElement} = window.React;
    const {FILL, SOURCE, addHatches, areaLayers, layerId} = window.vigie;
    const {AreaKeys, AreaNames, AreaPaint, AreaPlaces, AreaReach} = window.vigie;
    const {address, classesAhead, linked} = window.vigie;

    const FIT = {padding: 16};
    /** A map less wide than so many pixels is small. */
    const SMALL = 480;
    const TILE_ZOOMS = [3, 11];

    /** MapLibre GL, once for the page: fetched with it where it begins with a map, else when the
     *  first map is mounted. */
    let library = null;
    function mapLibre(scriptUrl, styleUrl) {
        library ||= new Promise((resolve, reject) => {
            if (window.maplibregl) {
                resolve(window.maplibregl);
                return;
            }
            const begun = document.querySelector(`script[src="${scriptUrl}"]`);
            const isOnItsWay = begun && document.readyState !== "complete";
            const script = isOnItsWay ? begun : document.createElement("script");
            script.addEventListener("load", () => resolve(window.maplibregl));
            script.addEventListener("error", () => {
                library = null;
                reject(new Error(`map: ${scriptUrl} did not load`));
            });
            if (!isOnItsWay) {
                const sheet = document.createElement("link");
                sheet.rel = "stylesheet";
                sheet.href = styleUrl;
                script.src = scriptUrl;
                document.head.append(sheet, script);
            }
        });
        return library;
    }

    /** Where the page begins with a map, its worker starts while the page is still being drawn. */
    const begun = document.querySelector('script[async][src*="/maplibre-gl."]');
    if (window.maplibregl) {
        window.maplibregl.prewarm();
    } else {
        begun?.addEventListener("load", () => window.maplibregl.prewarm());
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
                "FullscreenControl.Enter": labels.fullscreen || "",
                "FullscreenControl.Exit": labels.leaveFullscreen || "",
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
        constructor(maplibregl, {root, canvas, tooltip, told, reached}, latest, fail) {
            Object.assign(this, {root, tooltip, latest, fail});
            this.drawn = {}; // the properties that the map shows
            this.hovered = null; // the feature under the pointer
            this.pointed = null; // the place under it, {place, point}
            this.moves = 0; // of the reader
            this.isMoved = false; // by the reader, away from the bounds
            const sheet = window.getComputedStyle(root);
            this.colour = (name) => sheet.getPropertyValue(`--area-${name}`).trim();
            this.map = new maplibregl.Map(mapOptions(canvas, latest(), this.colour));
            this.addControls(maplibregl);
            this.names = new AreaNames(this.map, root);
            this.places = new AreaPlaces(this.map, this.colour);
            this.reach = new AreaReach(this, reached);
            this.paint = new AreaPaint(this);
            this.keys = new AreaKeys(this, told);
            this.leave = linked(this, latest().linkGroup);
            this.leaveAddress = address.onAsked((parts) => this.expect(parts));
            this.listen();
            this.observer = new ResizeObserver(() => this.resize());
            this.observer.observe(root);
        }

        addControls(maplibregl) {
            const {labels = {}, attribution} = this.latest();
            const {map} = this;
            map.addControl(new maplibregl.NavigationControl({showCompass: false}), "top-right");
            map.addControl(new ResetControl(labels.reset || "", () => this.fit()), "top-right");
            if (labels.fullscreen && document.fullscreenEnabled) {
                const options = {container: this.root};
                map.addControl(new maplibregl.FullscreenControl(options), "top-right");
            }
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
                const isOurs = !event.originalEvent;
                this.isMoved ||= !isOurs;
                this.moves += isOurs ? 0 : 1;
            });
            for (const name of ["mousemove", "click"]) {
                map.on(name, (event) => this.pointAt(event.point, name === "click"));
            }
            map.on("mouseout", () => {
                this.hover(null);
                this.leavePlace();
            });
        }

        /** Tell of the place under the pointer, or else of the area; once clicked, also how far
         *  the place counts, or more of the area. */
        pointAt(point, isClicked) {
            const place = this.places.at(point);
            const area = place ? null : this.areaAt(point);
            this.pointed = place && {place, point};
            if (isClicked) {
                this.reachFrom(place);
            }
            if (place) {
                this.tellOfPlace();
            } else if (isClicked && area) {
                this.click(area);
            } else {
                this.hover(area, point);
            }
        }

        /** The area at a point of the screen, if any. */
        areaAt(point) {
            const layer = layerId(this.drawn.level, FILL);
            if (!this.map.getLayer(layer)) {
                return null;
            }
            return this.map.queryRenderedFeatures(point, {layers: [layer]})[0] || null;
        }

        tellOfPlace() {
            const {place, point} = this.pointed;
            const {placeTexts = {}} = this.drawn;
            const isWhole = place === this.reach.place;
            this.hover(null);
            this.tooltip.hidden = false;
            this.say(...this.places.lines(place, placeTexts, isWhole, this.reach.words(place)));
            this.map.getCanvas().style.cursor = "pointer";
            // On a small screen what is told would hide what is shown: it stands at the foot.
            const {clientWidth, clientHeight} = this.root;
            const isAtFoot = isWhole && clientWidth < SMALL;
            this.placeTooltip(isAtFoot ? {x: 0, y: clientHeight} : point);
        }

        /** Show from where a clicked place can be reached; without a place, nothing any more. */
        async reachFrom(place) {
            const isTold = await this.reach.ofPlace(place);
            if (isTold && this.pointed?.place === place) {
                this.pointed.point = this.map.project(place.slice(0, 2));
                this.tellOfPlace();
            }
        }

        /** Nothing is told or shown of a place any more. */
        forgetPlace() {
            this.reach.hide();
            this.leavePlace();
        }

        /** The pointer is on no place. */
        leavePlace() {
            this.pointed = null;
            this.tooltip.hidden = !this.hovered;
        }

        /** The three lines of the tooltip; the last is left out where it is empty. */
        say(name, value, more) {
            const lines = this.tooltip.children;
            [name, value, more].forEach((text, line) => {
                lines[line].textContent = text;
            });
            lines[2].hidden = !more;
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
            const painting = ["classesUrl", "valuesUrl", "isDoubtDrawn"];
            painting.push("breaks", "colours", "zeroColour", "markedFlags");
            if (isRedrawn || changed(...painting)) {
                this.paint.show(props, isRedrawn || changed("isDoubtDrawn"));
            }
            if (last.bounds && changed("bounds")) {
                this.fit();
            }
            if (changed("namesUrl")) {
                this.names.show(props.namesUrl);
            }
            if (changed("placesUrl", "reachUrl")) {
                this.leavePlace();
                this.reach.follow();
            }
            if (changed("placesUrl")) {
                this.places.show(props.placesUrl);
            }
        }

        drawLayers(lastLevel) {
            const {map} = this;
            this.hover(null);
            this.paint.forget();
            for (const {id, source} of map.getStyle().layers) {
                if (source === SOURCE) {
                    map.removeLayer(id);
                }
            }
            if (lastLevel) {
                map.removeFeatureState({source: SOURCE, sourceLayer: lastLevel});
            }
            areaLayers(this.drawn, this.colour).forEach((layer) => map.addLayer(layer));
            this.reach.draw();
            this.places.raise();
            this.root.dataset.level = this.drawn.level;
        }

        /** Colour the areas for a choice that the server has not answered yet; a promise of it,
         *  or null where there is nothing to wait for. */
        expect(parts) {
            const {ahead} = this.drawn;
            return ahead ? this.colourAhead(ahead, parts) : null;
        }

        async colourAhead(ahead, parts) {
            const classesUrl = await classesAhead(ahead, parts, this.drawn.level);
            if (classesUrl && classesUrl !== this.paint.url && this.drawn.ahead === ahead) {
                await this.paint.show({...this.drawn, classesUrl}, false, true);
            }
        }

        mark(fid, state) {
            if (fid !== null && fid !== undefined) {
                const feature = {source: SOURCE, sourceLayer: this.drawn.level, id: fid};
                this.map.setFeatureState(feature, state);
            }
        }

        hover(feature, point) {
            if (feature?.id !== this.hovered?.id) {
                this.mark(this.hovered?.id, {hover: false});
                this.mark(feature?.id, {hover: true});
            }
            this.map.getCanvas().style.cursor = this.paint.isOffered(feature?.id) ? "pointer" : "";
            this.hovered = feature;
            this.tooltip.hidden = !feature;
            if (feature) {
                this.describe(feature);
                this.placeTooltip(point);
            }
        }

        describe({id, properties}) {
            this.say(properties.name, ...this.paint.words(id));
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
            if (this.paint.isOffered(id)) {
                const {part, setProps} = this.latest();
                if (part) {
                    address.put(part, properties.code);
                } else {
                    setProps({click: {code: properties.code, fid: id, timestamp: Date.now()}});
                }
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
            this.paint.stop();
            this.observer.disconnect();
            this.reach.remove();
            this.leave();
            this.leaveAddress();
            this.names.show(null);
            this.places.forget();
            this.map.remove();
        }
    }

    function AreaMap(props) {
        const root = useRef(null);
        const canvas = useRef(null);
        const tooltip = useRef(null);
        const told = useRef(null);
        const reached = useRef(null);
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
                            told: told.current,
                            reached: reached.current,
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
        const map = createElement(
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
            createElement("div", {className: "area-map-crosshair", "aria-hidden": true}),
            createElement("p", {ref: told, className: "area-map-told", "aria-live": "polite"}),
            note ? createElement("p", {className: "area-map-note"}, note) : null,
            failure === null
                ? null
                : createElement("p", {className: "area-map-failure", role: "status"}, failure),
        );
        const below = {ref: reached, className: "area-map-reached", "aria-live": "polite"};
        return createElement(window.React.Fragment, null, map, createElement("p", below));
    }

    window.vigie.AreaMap = AreaMap;
})();
