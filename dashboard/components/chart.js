/* Chart: a figure of plotly, drawn when it is about to be seen and the page is at rest. */
(function () {
    "use strict";

    const {createElement, useEffect, useRef, useState} = window.React;

    const CONFIG = {displayModeBar: false, responsive: true};
    /** How far from the window a figure is when it begins to be drawn. */
    const NEAR = "200px";
    /** How long a busy page may keep a figure waiting. */
    const PATIENCE_MS = 3000;

    /** Least width of a figure that leaves, in pixels, and what its writing takes. */
    const LEAST_WIDTH = 720;
    const TITLE = {size: 16, line: 22};
    const NOTE = {size: 11, line: 15};
    const LEGEND = 30;

    let library = null;
    function plotly(scriptUrl) {
        library ||= new Promise((resolve, reject) => {
            const script = document.createElement("script");
            script.src = scriptUrl;
            script.onload = () => resolve(window.Plotly);
            script.onerror = () => {
                library = null;
                reject(new Error(`chart: ${scriptUrl} did not load`));
            };
            document.head.append(script);
        });
        return library;
    }

    /** Resolves once no map of the page is waiting for its first picture and nothing is at work. */
    function rest() {
        const calm = (resolve) =>
            window.requestIdleCallback
                ? window.requestIdleCallback(resolve, {timeout: PATIENCE_MS})
                : window.setTimeout(resolve, 200);
        return new Promise((resolve) => {
            const since = performance.now();
            const look = () => {
                const isBare = document.querySelector(".area-map:not([data-painted])");
                if (isBare && performance.now() - since < PATIENCE_MS) {
                    window.setTimeout(look, 100);
                } else {
                    calm(resolve);
                }
            };
            look();
        });
    }

    /** The lines of a text in a width of pixels; letters are taken as broad as most are. */
    function lines(text, size, width) {
        const most = Math.floor(width / (size * 0.54));
        const made = [""];
        for (const word of text.split(" ")) {
            const longer = made.at(-1) ? `${made.at(-1)} ${word}` : word;
            if (longer.length > most && made.at(-1)) {
                made.push(word);
            } else {
                made[made.length - 1] = longer;
            }
        }
        return made;
    }

    const isDark = () => document.documentElement.dataset.theme === "dark";

    /** A figure, or a part of it, with its colours changed as `colours` tells. */
    function recoloured(part, colours) {
        if (typeof part === "string") {
            return colours[part] || part;
        }
        if (Array.isArray(part)) {
            return part.map((inside) => recoloured(inside, colours));
        }
        if (part && typeof part === "object") {
            const told = Object.entries(part);
            return Object.fromEntries(told.map(([key, one]) => [key, recoloured(one, colours)]));
        }
        return part;
    }

    /** Plotly reads tags in its texts. */
    const plain = (text) =>
        text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

    /** What an axis is called, in as many lines as its length asks for. */
    function fit(element, {layout}) {
        const now = element._fullLayout;
        const changed = {};
        for (const axis of Object.keys(layout).filter((key) => /^[xy]axis/.test(key))) {
            const {text, font} = layout[axis].title || {};
            if (text && now[axis]?.visible) {
                const length = axis.startsWith("x") ? now._size.w : now._size.h;
                const broken = lines(text, font?.size || now.font.size, length).join("<br>");
                if (broken !== now[axis].title.text) {
                    changed[`${axis}.title.text`] = broken;
                }
            }
        }
        if (Object.keys(changed).length) {
            window.Plotly.relayout(element, changed);
        }
    }

    /** The figure with its title over it and its notes under it, on white paper. */
    function sheet({data, layout}, drawn, {title, notes}) {
        const own = structuredClone({data, layout});
        const width = Math.max(LEAST_WIDTH, drawn.width);
        const inside = width - 32;
        const head = lines(title, TITLE.size, inside);
        const foot = notes.flatMap((note) => lines(note, NOTE.size, inside));
        const over = head.length * TITLE.line + 20;
        const notesHigh = foot.length * NOTE.line + 20;
        // On screen a table beside may tell what the colours are; a file has none.
        const isUntold = layout.showlegend === false && data.length > 1;
        const under = notesHigh + (isUntold ? LEGEND : 0);
        const height = layout.height + over + under;
        const {l, r, t, b} = drawn.margin;
        // Fixed margins: automatic ones would move what is written beside the axes.
        const margin = {l: Math.max(l, 16), r: Math.max(r, 16), t: t + over, b: b + under};
        const written = (texts, font, yref) => ({
            ...{x: 0, xref: "paper", xanchor: "left", xshift: 16 - margin.l, yref: "paper"},
            ...{showarrow: false, align: "left", text: texts.map(plain).join("<br>"), font, ...yref},
        });
        const beside = own.layout.annotations || [];
        const legend = {...own.layout.legend};
        if (isUntold) {
            Object.assign(legend, {orientation: "h", x: 0, yref: "container", yanchor: "bottom"});
        }
        if (legend.yref === "container") {
            legend.y = notesHigh / height;
        }
        const headed = written(head, {size: TITLE.size, color: "#1b2430"}, {
            ...{y: 1, yanchor: "top", yshift: margin.t - 12},
        });
        const footed = written(foot, {size: NOTE.size, color: "#3d4650"}, {
            ...{y: 0, yanchor: "bottom", yshift: 12 - margin.b},
        });
        Object.assign(own.layout, {
            ...{width, height, margin, paper_bgcolor: "#ffffff", plot_bgcolor: "#ffffff"},
            ...{annotations: [...beside, headed, footed], autosize: false, legend},
            showlegend: isUntold || layout.showlegend,
        });
        for (const name of Object.keys(own.layout).filter((key) => /^[xy]axis/.test(key))) {
            const axis = own.layout[name];
            const title = axis.title?.text ? {...axis.title, text: drawn.titles[name]} : axis.title;
            own.layout[name] = {...axis, title, automargin: false};
        }
        return own;
    }

    /** What may be saved of a figure that is drawn: a button for each format. */
    function Leaving({leaving, figure, place, isDrawn}) {
        const [said, say] = useState("");
        const save = async (format) => {
            try {
                const {width, _size, ...axes} = place.current._fullLayout;
                const titles = Object.fromEntries(
                    Object.entries(axes).map(([name, axis]) => [name, axis?.title?.text]),
                );
                const drawn = {width, margin: _size, titles};
                const own = sheet(figure, drawn, leaving);
                const {width: wide, height} = own.layout;
                const scale = format === "png" ? 2 : 1;
                const url = await window.Plotly.toImage(own, {
                    ...{format, width: wide, height, scale},
                });
                const link = document.createElement("a");
                link.href = url;
                link.download = `${leaving.name}.${format}`;
                link.click();
                say("");
            } catch {
                say(leaving.failed);
            }
        };
        return createElement(
            "p",
            {className: "chart-leaving", hidden: !isDrawn},
            createElement("span", {"aria-hidden": true}, leaving.save),
            ...leaving.buttons.map(({format, text, label}) =>
                createElement(
                    "button",
                    {
                        ...{key: format, type: "button", "aria-label": label},
                        onClick: () => save(format),
                    },
                    text,
                ),
            ),
            createElement("span", {role: "status"}, said),
        );
    }

    function Chart({id, figure, label, className, dark, leaving, scriptUrl}) {
        const place = useRef(null);
        const latest = useRef(figure);
        const isSeen = useRef(false);
        const isFitted = useRef(false);
        const [isDrawn, setDrawn] = useState(false);
        latest.current = figure;

        const draw = () => {
            const {data, layout} = latest.current;
            // Plotly writes in what it is given.
            const own = recoloured({data, layout}, isDark() ? dark || {} : {});
            window.Plotly.react(place.current, own.data, own.layout, CONFIG);
            if (!isFitted.current) {
                isFitted.current = true;
                place.current.on("plotly_afterplot", () => fit(place.current, latest.current));
                fit(place.current, latest.current);
            }
            setDrawn(true);
        };

        useEffect(() => {
            const element = place.current;
            const begin = async () => {
                await rest();
                try {
                    await plotly(scriptUrl);
                } catch (error) {
                    console.warn(error); // the sentence and the table say the same
                    return;
                }
                if (element.isConnected) {
                    isSeen.current = true;
                    draw();
                }
            };
            const observer = new IntersectionObserver(
                (entries) => {
                    if (entries.some((entry) => entry.isIntersecting)) {
                        observer.disconnect();
                        begin();
                    }
                },
                {rootMargin: NEAR},
            );
            observer.observe(element);
            const print = () => {
                if (window.Plotly) {
                    isSeen.current = true;
                    draw();
                }
            };
            window.addEventListener("beforeprint", print);
            // It is often set to what it is already.
            const themes = new MutationObserver((told) => {
                const {theme} = document.documentElement.dataset;
                if (isSeen.current && told[0].oldValue !== theme) {
                    draw();
                }
            });
            themes.observe(document.documentElement, {
                attributeFilter: ["data-theme"],
                attributeOldValue: true,
            });
            return () => {
                observer.disconnect();
                themes.disconnect();
                window.removeEventListener("beforeprint", print);
                window.Plotly?.purge(element);
            };
        }, []);

        const written = JSON.stringify(figure);
        useEffect(() => {
            if (isSeen.current) {
                draw();
            }
        }, [written]);

        const {height} = figure.layout;
        const picture = createElement(
            "div",
            {role: "img", "aria-label": label},
            createElement("div", {id, ref: place, className, style: {height: `${height}px`}}),
        );
        return leaving
            ? createElement(
                  ...["div", null, picture],
                  createElement(Leaving, {leaving, figure, place, isDrawn}),
              )
            : picture;
    }

    window.vigie = Object.assign(window.vigie || {}, {Chart});
})();
