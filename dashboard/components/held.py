"""The rows held back: source by source, each with its reason; the file to mend, and how."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import journal
from dashboard.addresses import held_path
from dashboard.components.record_table import Head, record_table
from dashboard.components.told import folded, source_name
from dashboard.pages import Desk

#: How many rows of a source are listed; the file has them all.
LISTED = 50
_WHOLE_ROW = "{}"


def held_rows(desk: Desk) -> list[Component]:
    """Every source with rows held back; or that there are none."""
    words = desk.words
    frame = journal.held_rows(desk.principal, desk.settings)
    title = html.H2(words("held.title"))
    if frame.empty:
        return [title, html.P(words("held.none"))]
    count = words.number(len(frame))
    files = words.number(frame["source_id"].nunique())
    return [
        title,
        html.P(words("held.explained", count=count, files=files)),
        *(
            _source(desk, str(source_id), rows)
            for source_id, rows in frame.groupby("source_id", sort=True)
        ),
    ]


def _source(desk: Desk, source_id: str, rows: pd.DataFrame) -> Component:
    words = desk.words
    name = source_name(words, desk.catalogue, source_id)
    heads = [
        Head(words("held.line"), is_number=True),
        Head(words("held.column")),
        *(Head(words(f"data.issue_{part}")) for part in ("what", "mend")),
    ]
    listed = [_row(desk, row) for row in rows.head(LISTED).to_dict("records")]
    summary = words("held.source", name=name, count=words.number(len(rows)))
    parts: list[Any] = [record_table(summary, heads, listed, "held")]
    if len(rows) > LISTED:
        more = words("held.more", listed=words.number(LISTED), count=words.number(len(rows)))
        parts.append(html.P(more, className="quiet"))
    parts.append(
        html.Div(
            html.A(
                words("held.file"),
                href=held_path(words.language, source_id),
                download="",
                className="button second",
            ),
            className="acts",
        )
    )
    if (rows["cells"] == _WHOLE_ROW).all():  # rows about persons: their cells are kept nowhere
        parts.append(html.P(words("held.record_level"), className="note"))
    else:
        command = f"vigie mend {source_id} {words('held.file_name')}_{source_id}.csv"
        steps = [
            html.Li(words("held.step_file")),
            html.Li(words("held.step_mend")),
            html.Li(
                [
                    words("held.step_command"),
                    html.Pre(html.Code(command)),
                ]
            ),
            html.Li(words("held.step_refresh")),
        ]
        parts += [html.P(words("held.again")), html.Ol(steps, className="commands")]
    return folded(summary, parts)


def _row(desk: Desk, row: dict[Any, Any]) -> list[Any]:
    is_french = desk.words.language == "fr"
    return [
        desk.words.number(row["line"]),
        html.Code(row["column"]) if row["column"] else "",
        row["message_fr"] if is_french else row["message_en"],
        (row["mend_fr"] if is_french else row["mend_en"]) or desk.words("data.no_mend"),
    ]
