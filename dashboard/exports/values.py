"""The values of a map as a file: an area a line, with what weakens each value in words."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Hashable, Sequence
from http import HTTPStatus
from typing import Any

import pandas as pd
from flask import Flask, Response, request

from dashboard import data
from dashboard.addresses import LANGUAGES, PATHS
from dashboard.components.tables import value_rows
from dashboard.exports.csv import MARKS, SEPARATORS, file_number, file_text
from dashboard.flags import flag_words
from dashboard.pages import View

#: The numbers of a line, after its value, in the decimals of the indicator.
_NUMBERS = ("low", "high", "smoothed", "smoothed_low", "smoothed_high")
_HEADINGS = (
    *("rank", "area", "area_id", "value", "unit", "status", "flags", "low", "high", "interval"),
    *("smoothed", "smoothed_low", "smoothed_high", "standing", "numerator", "denominator"),
    *("indicator", "territory", "level", "period", "release"),
)


def routes(server: Flask, view_of: Callable[[str, str], View]) -> None:
    """Add the files to the server; ``view_of`` reads an address as the pages do."""
    for language in LANGUAGES:
        path = PATHS[language, "map"]

        def values(path: str = path) -> Response:
            try:
                view = view_of(path, request.query_string.decode("utf-8", "replace"))
            except data.Unready as error:
                return Response(str(error), HTTPStatus.SERVICE_UNAVAILABLE, mimetype="text/plain")
            made = Response(value_file(view).encode("utf-8"), mimetype="text/csv")
            made.headers["Content-Disposition"] = f'attachment; filename="{value_file_name(view)}"'
            made.headers["Cache-Control"] = "no-store"
            return made

        server.add_url_rule(f"{path}.csv", f"values_csv_{language}", values)


def value_file_url(view: View) -> str:
    """Address of the file of what the map page shows."""
    return f"{PATHS[view.selection.language, 'map']}.csv?{view.selection.search()}"


def value_file_name(view: View) -> str:
    """A file name that says territory, indicator, level, period and release."""
    chosen = view.selection
    parts = (chosen.indicator, chosen.level, chosen.period)
    return "_".join(("vigie", view.release.territory_id, *parts, view.release.release_id)) + ".csv"


def value_file(view: View) -> str:
    """The text of the file: the rows of the table under the map, in its order, all of them.

    Its form is that of `dashboard.exports.csv`. Where there is no value its mark stands in its
    place; where something is not known of a value, nothing does.
    """
    words, language, chosen = view.words, view.words.language, view.selection
    frame = value_rows(
        data.area_values(
            view.principal, view.release, chosen.indicator, chosen.level, chosen.period
        )
    )
    lines: list[Sequence[str]] = [[words(f"value_column.{name}") for name in _HEADINGS]]
    lines += [_line(view, row) for row in frame.to_dict("records")]
    made = io.StringIO()
    writer = csv.writer(made, delimiter=SEPARATORS[language], lineterminator="\r\n")
    writer.writerows(lines)
    return MARKS[language] + made.getvalue()


def _line(view: View, row: dict[Hashable, Any]) -> list[str]:
    words, known, chosen = view.words, view.catalogue, view.selection
    indicator = known.indicators[chosen.indicator]
    language = words.language

    def number(name: str, decimals: int) -> str:
        return "" if pd.isna(row[name]) else file_number(float(row[name]), decimals, language)

    status = str(row["status"])
    value = number("value", indicator.decimals) or words(f"silence.{status}")
    interval, standing = row["interval"], row["standing"]
    cells = {
        "rank": number("rank", 0),
        "area": str(row["name"]),
        "area_id": str(row["area_id"]),
        "value": value,
        "unit": words.of(indicator.unit),
        "status": words.status(status),
        "flags": flag_words(words, int(row["flags"])),
        "interval": "" if pd.isna(interval) else words(f"interval.{interval}"),
        "standing": "" if pd.isna(standing) else words(f"standing_short.{standing}"),
        "numerator": number("numerator", 1),
        "denominator": number("denominator", 1),
        "indicator": words.of(indicator.name),
        "territory": words.of(known.territory.name),
        "level": words.of(known.territory.level(chosen.level).one),
        "period": chosen.period,
        "release": view.release.release_id,
        **{name: number(name, indicator.decimals + 1) for name in _NUMBERS},
    }
    are_numbers = {"rank", "value", "numerator", "denominator", *_NUMBERS}
    return [cells[name] if name in are_numbers else file_text(cells[name]) for name in _HEADINGS]
