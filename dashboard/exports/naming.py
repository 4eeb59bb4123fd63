"""What may be asked for, and how it is called: forms of file, tables of pages, addresses, names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.addresses import PATHS
from dashboard.pages import View


@dataclass(frozen=True, slots=True)
class Form:
    """A form of file: ``id`` is also what its name ends with."""

    id: str
    mimetype: str


FORMS: Mapping[str, Form] = {
    form.id: form
    for form in (
        Form("csv", "text/csv"),
        Form("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        Form("gpkg", "application/geopackage+sqlite3"),
        Form("geojson", "application/geo+json"),
        Form("parquet", "application/vnd.apache.parquet"),
    )
}
#: Those that hold the contours of areas.
GEOGRAPHIC = ("gpkg", "geojson", "parquet")
#: The most areas that all indicators are written of: a country's finest areas would be millions
#: of cells.
MOST_AREAS = 5000
_EVERY, _WITHOUT_CONTOURS = tuple(FORMS), ("csv", "xlsx")


@dataclass(frozen=True, slots=True)
class Named:
    """A table: the page whose address selects it, what its files are named by, its forms."""

    page: str
    parts: tuple[str, ...]
    forms: tuple[str, ...] = _EVERY


TABLES: Mapping[str, Named] = {
    "map": Named("map", ("indicator", "level", "period")),
    "gaps": Named("gaps", ("service", "level", "standard", "period")),
    "priorities": Named("priorities", ("priority", "level")),
    "chain": Named("chain", ("level", "sector")),
    "compare": Named("compare", ("form", "indicator", "level", "period")),
    "profile": Named("profile", ("level", "area"), _WITHOUT_CONTOURS),
    "level": Named("map", ("level",)),
}
#: What is put before the names of files whose parts do not say which table they are of.
_BEGUN = {
    "priorities": "priorities",
    "chain": "chain",
    "compare": "compare",
    "profile": "profile",
    "level": "indicators",
}


def has_level_table(view: View) -> bool:
    """Whether all indicators of the level fit a workbook that a reader can open."""
    return len(view.offer.areas.get(view.selection.level, ())) <= MOST_AREAS


def file_path(language: str, name: str, form_id: str) -> str:
    """The path of a table in a form."""
    page = PATHS[language, TABLES[name].page]
    return f"{page}{'' if name in PAGES else f'/{name}'}.{form_id}"


def file_url(view: View, name: str, form_id: str) -> str:
    """The address of the file of what a view shows."""
    return f"{file_path(view.selection.language, name, form_id)}?{view.selection.search()}"


def file_name(view: View, name: str, form: Form) -> str:
    """A file name that says what was selected, the territory and the release."""
    chosen, parts = view.selection, view.selection.parts()
    said = [parts[part] or str(getattr(chosen, part) or "") for part in TABLES[name].parts]
    filtered = [view.words("filter.file")] if chosen.only and name in _FILTERED else []
    told = [_BEGUN.get(name, ""), *said, *filtered]
    named = [_plain(text) for text in told if text]
    release = view.release
    return "_".join(("vigie", release.territory_id, *named, release.release_id)) + f".{form.id}"


#: The tables that are a page's own; others are a page's besides.
PAGES = tuple(name for name, table in TABLES.items() if table.page == name)
#: The tables that filters take rows from.
_FILTERED = ("gaps", "priorities", "chain")


def _plain(text: str) -> str:
    """A part of a file name: nothing that ends the quotes around it, or leaves its folder."""
    return "".join(c if (c.isalnum() and c.isascii()) or c in "_-" else "_" for c in text)
