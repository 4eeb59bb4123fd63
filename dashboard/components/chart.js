/* Chart: a figure of plotly, drawn when it is about to be seen and the page is at rest. */
(function () {
    "use strict";

    const {createElement, useEffect, useRef} = window.React;

    const CONFIG = {displayModeBar: false, responsive: true};
    /** How far from the window a figure is when it begins to be drawn. */
    const NEAR = "200px";
    /** How long a busy page may keep a figure waiting. */
    const PATIENCE_MS = 3000;

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

    function Chart({id, figure, label, className, scriptUrl}) {
        const place = useRef(null);
        const latest = useRef(figure);
        const isSeen = useRef(false);
        latest.current = figure;

        const draw = () => {
            const {data, layout} = latest.current;
            // Plotly writes in what it is given.
            const own = structuredClone({data, layout});
            return window.Plotly.react(place.current, own.data, own.layout, CONFIG);
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
            return () => {
                observer.disconnect();
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
        return createElement(
            "div",
            {role: "img", "aria-label": label},
            createElement("div", {id, ref: place, className, style: {height: `${height}px`}}),
        );
    }

    window.vigie = Object.assign(window.vigie || {}, {Chart});
})();
