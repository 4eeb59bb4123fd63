"""Addresses: where each page is, in each language, and what stands beside the pages."""

from __future__ import annotations

from urllib.parse import quote

LANGUAGES = ("fr", "en")
PATHS: dict[tuple[str, str], str] = {
    ("fr", "map"): "/fr/carte",
    ("fr", "profile"): "/fr/profil",
    ("fr", "gaps"): "/fr/ecarts",
    ("fr", "priorities"): "/fr/priorites",
    ("fr", "chain"): "/fr/chaine",
    ("fr", "compare"): "/fr/comparer",
    ("fr", "data"): "/fr/donnees",
    ("fr", "methods"): "/fr/methodes",
    ("en", "map"): "/en/map",
    ("en", "profile"): "/en/profile",
    ("en", "gaps"): "/en/gaps",
    ("en", "priorities"): "/en/priorities",
    ("en", "chain"): "/en/chain",
    ("en", "compare"): "/en/compare",
    ("en", "data"): "/en/data",
    ("en", "methods"): "/en/methods",
}
_PLACES = {path: place for place, path in PATHS.items()}
#: Where the file of the rows held back of a source is, before its id.
HELD_PATHS = {"fr": "/fr/retenues", "en": "/en/held"}
#: Where the view for a meeting is: plain, frozen on a release.
MEETING_PATHS = {"fr": "/fr/reunion", "en": "/en/meeting"}
#: Where areas are asked for by name.
SEARCH_PATHS = {"fr": "/fr/territoires.json", "en": "/en/areas.json"}
#: Where other programs ask, and where people read how.
INTERFACE = "/api/v1"
GUIDE_PATHS = {"fr": "/fr/interface", "en": "/en/interface"}
#: Bytes that the first line of a request may have, address included.
LONGEST_LINE = 8190
HOME = PATHS["fr", "map"]
#: Where Dash asks for the frame of a page.
FRAME = "/_dash-layout"
#: The route of every callback.
CALLBACKS = "/_dash-update-component"
#: Where what paints the areas of a map is.
CLASSES = "/classes/"


def held_path(language: str, source_id: str) -> str:
    """The address of the file of the rows of a source that are held back."""
    return f"{HELD_PATHS[language]}/{quote(source_id, safe='')}.csv"


def place_of(path: str) -> tuple[str, str] | None:
    """The (language, page) of a path, or None for a path that is no page."""
    return _PLACES.get(path.rstrip("/"))


#: The variable in which `vigie serve` tells its processes where they keep answers together.
ANSWERS_FOLDER = "VIGIE_SERVED_ANSWERS"
