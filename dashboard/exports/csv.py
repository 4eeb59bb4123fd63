"""The gap table as a file: rows that filters keep, columns, order and rounding as on the screen.

What the screen says in words (an interval, whether a gap is certain) is there as its numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

import numpy as np
from flask import Flask, Response, request

from dashboard import data
from dashboard.addresses import LANGUAGES, PATHS
from dashboard.components.area_filter import kept_gaps
from dashboard.components.gap_table import (
    Column,
    cell_text,
    column_title,
    file_columns,
    titled,
)
from dashboard.flags import flag_words
from dashboard.pages import View
from dashboard.wording import Words

#: Byte order mark: a French spreadsheet then reads the accents right.
MARKS = {"fr": "\ufeff", "en": ""}
SEPARATORS = {"fr": ";", "en": ","}
_DECIMAL_MARKS = {"fr": ",", "en": "."}
#: What a spreadsheet takes for the beginning of a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
#: Columns of the file that the screen says elsewhere, after those of the table.
_CONTEXT = (
    *("area_id", "territory", "level", "service", "standard", "period", "status", "flags"),
    "release",
)


def routes(server: Flask, view_of: Callable[[str, str], View]) -> None:
    """Add the files to the server; ``view_of`` reads an address as the pages do."""
    for language in LANGUAGES:
        path = PATHS[language, "gaps"]

        def gaps(path: str = path) -> Response:
            try:
                view = view_of(path, request.query_string.decode("utf-8", "replace"))
            except data.Unready as error:
                return Response(str(error), HTTPStatus.SERVICE_UNAVAILABLE, mimetype="text/plain")
            made = Response(gap_file(view).encode("utf-8"), mimetype="text/csv")
            made.headers["Content-Disposition"] = f'attachment; filename="{gap_file_name(view)}"'
            made.headers["Cache-Control"] = "no-store"
            return made

        server.add_url_rule(f"{path}.csv", f"gaps_csv_{language}", gaps)


def gap_file_url(view: View) -> str:
    """Address of the file of what the gap page shows."""
    return f"{PATHS[view.selection.language, 'gaps']}.csv?{view.selection.search()}"


def gap_file_name(view: View) -> str:
    """A file name that says territory, service, level, standard, period and release."""
    chosen = view.selection
    parts = [chosen.service, chosen.level, chosen.standard, chosen.period]
    parts += [view.words("filter.file")] if chosen.only else []
    return "_".join(("vigie", view.release.territory_id, *parts, view.release.release_id)) + ".csv"


def gap_file(view: View) -> str:
    """The text of the file: a heading with units, then a line an area, CRLF as RFC 4180 has it.

    French files have ``;`` and a decimal comma, English ones ``,`` and a decimal point. Numbers
    have no thousands mark. Text that a spreadsheet would run as a formula is quoted.
    """
    words, language = view.words, view.words.language
    columns = file_columns(view)
    lines: list[Sequence[str]] = [_headings(words, columns)]
    lines += [_line(view, row, columns) for row in kept_gaps(view).rows.to_dict("records")]
    made = io.StringIO()
    writer = csv.writer(made, delimiter=SEPARATORS[language], lineterminator="\r\n")
    writer.writerows(lines)
    return MARKS[language] + made.getvalue()


def file_number(value: float, decimals: int, language: str) -> str:
    """A number as a spreadsheet of this language reads it: no thousands mark, never "-0"."""
    written = f"{round(value, decimals) + 0.0:.{decimals}f}"
    return written.replace(".", _DECIMAL_MARKS[language])


def file_text(text: str) -> str:
    """A text that no spreadsheet runs: an apostrophe goes before what begins a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _headings(words: Words, columns: tuple[Column, ...]) -> list[str]:
    named = [titled(words, column.heading) for column in columns]
    first = [words("gap_column.rank"), column_title(words, "name")]
    return [*first, *named, *(words(f"gap_context.{name}") for name in _CONTEXT)]


def _line(view: View, row: dict[Any, Any], columns: tuple[Column, ...]) -> list[str]:
    words, language = view.words, view.words.language
    rank = row["rank"]
    cells = ["" if np.isnan(rank) else file_number(rank, 0, language), file_text(str(row["name"]))]
    for column in columns:
        value = float(row[column.name])
        is_silent = np.isnan(value)
        cells.append(
            cell_text(words, column, row)
            if is_silent
            else file_number(value, column.decimals, language)
        )
    return [*cells, *_context(view, row)]


def _context(view: View, row: dict[Any, Any]) -> list[str]:
    words, chosen, known = view.words, view.selection, view.catalogue
    service = known.services[chosen.service]
    texts = (
        str(row["area_id"]),
        words.of(known.territory.name),
        words.of(known.territory.level(chosen.level).one),
        words.of(service.name),
        words.of(service.standard(chosen.standard).name),
        chosen.period,
        words.status(str(row["status"])),
        flag_words(words, int(row["flags"])),
        view.release.release_id,
    )
    return [file_text(text) for text in texts]
