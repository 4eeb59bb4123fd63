"""The maps of a page, within reach of a test: what the component does not offer to anyone."""

from __future__ import annotations

from playwright.sync_api import Page

KEPT = """(() => {
    let library;
    window.kept = [];
    Object.defineProperty(window, "maplibregl", {
        get: () => library,
        set: (made) => {
            class Kept extends made.Map {
                constructor(...parts) {
                    super(...parts);
                    window.kept.push(this);
                }
            }
            library = {...made, Map: Kept};
        },
    });
})()"""


def keep_maps(page: Page) -> None:
    """Have every map that MapLibre makes, on what this page opens from now on, in ``kept``."""
    page.add_init_script(KEPT)
