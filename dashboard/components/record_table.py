"""A plain table of records: a caption, headings, a row a record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from dash import html
from dash.development.base_component import Component


class Head(NamedTuple):
    """A heading, whether its cells are numbers, and whether paper has the column too."""

    text: str
    is_number: bool = False
    is_screen_only: bool = False

    @property
    def class_name(self) -> str | None:
        """The classes of its cells."""
        named = ("number", self.is_number), ("screen-only", self.is_screen_only)
        return " ".join(name for name, is_so in named if is_so) or None


def column_names(names: Sequence[str]) -> dict[str, str]:
    """The style of a table that names its columns, from the first on, for a narrow screen.

    There the class ``labelled`` sets each row as a card, and these names before its cells.
    """
    return {
        f"--column-{place}": json.dumps(name, ensure_ascii=False)
        for place, name in enumerate(names, start=1)
    }


def record_table(
    caption: str, heads: Sequence[Head], rows: Sequence[Sequence[Any]], name: str = ""
) -> Component:
    """The rows under their headings, the first cell of each naming it; scrolls within itself.

    ``caption`` is said, not shown. ``name`` is a class of the table, for its column widths.
    """
    classes = [head.class_name for head in heads]
    body = [
        html.Tr(
            [
                html.Th(row[0], scope="row", className=classes[0]),
                *(html.Td(cell, className=k) for cell, k in zip(row[1:], classes[1:], strict=True)),
            ]
        )
        for row in rows
    ]
    titles = [
        html.Th(head.text, scope="col", className=k) for head, k in zip(heads, classes, strict=True)
    ]
    table = html.Table(
        [
            html.Caption(caption, className="hidden"),
            html.Thead(html.Tr(titles)),
            html.Tbody(body),
        ],
        className=f"data-table labelled {name}".strip(),
        style=column_names([head.text for head in heads]),
    )
    return html.Div(table, className="scroll", tabIndex=0, role="region", **{"aria-label": caption})
