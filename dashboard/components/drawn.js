/* Drawn: a tree of plain HTML as one component; React updates what differs. */
(function () {
    "use strict";

    const {createElement} = window.React;

    const draw = (part) =>
        Array.isArray(part) ? createElement(part[0], part[1], ...part[2].map(draw)) : part;

    function Drawn({id, content, tag, className}) {
        return createElement(tag || "div", {id, className}, ...(content || []).map(draw));
    }

    window.vigie = Object.assign(window.vigie || {}, {Drawn});
})();
