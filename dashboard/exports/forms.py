"""The forms that a table may leave in, and the tables that each page has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from dashboard import data
from dashboard.exports import geographic
from dashboard.exports.csv import csv_text
from dashboard.exports.naming import FORMS, GEOGRAPHIC, TABLES, Form, file_name
from dashboard.exports.of_chain import chain_table
from dashboard.exports.of_compare import compare_table
from dashboard.exports.of_gaps import gaps_table
from dashboard.exports.of_map import map_table
from dashboard.exports.of_priorities import priorities_table
from dashboard.exports.of_profile import profile_table
from dashboard.exports.table import Table
from dashboard.exports.wide import level_table
from dashboard.exports.workbook import workbook
from dashboard.pages import View

#: What makes each table, None where the address has none; the names are those of `TABLES`.
MAKERS: Mapping[str, Callable[[View], Table | None]] = {
    "map": map_table,
    "gaps": gaps_table,
    "priorities": priorities_table,
    "chain": chain_table,
    "compare": compare_table,
    "profile": profile_table,
    "level": level_table,
}
_WRITERS: Mapping[str, Callable[[Table, pd.DataFrame, str], bytes | Iterable[str]]] = {
    "geojson": geographic.geojson,
    "gpkg": geographic.geopackage,
    "parquet": geographic.geoparquet,
}


@dataclass(frozen=True, eq=False)
class Made:
    """A file: its name, its type, and its content, whole or piece by piece."""

    name: str
    mimetype: str
    content: bytes | Iterable[bytes]


def made_file(
    view: View, name: str, form_id: str, base: str, *, has_mark: bool | None = None
) -> Made | None:
    """A table of a view in a form; None where the address has no such table.

    ``base`` is where the observatory is served: the file links back to it. ``has_mark`` asks for
    a byte order mark at the start of a CSV, or for none.

    Raises
    ------
    KeyError
        For a table that has no such form: contours are drawn for areas only.
    """
    form = FORMS[form_id]
    if form_id not in TABLES[name].forms:
        raise KeyError(form_id)
    table = MAKERS[name](view)
    if table is None:
        return None
    content = _content(view, table, form, base, has_mark)
    whole = content if isinstance(content, bytes) else (text.encode("utf-8") for text in content)
    return Made(file_name(view, name, form), form.mimetype, whole)


def _content(
    view: View, table: Table, form: Form, base: str, has_mark: bool | None
) -> bytes | Iterable[str]:
    if form.id in GEOGRAPHIC:
        contours = data.contours(view.principal, view.release, table.level)
        return _WRITERS[form.id](table, contours, base)
    return workbook(table, base) if form.id == "xlsx" else csv_text(table, has_mark=has_mark)
