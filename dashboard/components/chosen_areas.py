"""The areas that a reader chooses to compare with: those chosen, and a field to find others."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.native_input import NativeInput
from dashboard.components.reading import Reading
from dashboard.pages import View
from dashboard.selection import MOST_COMPARED
from dashboard.wording import collation

#: The field to find an area in, and where what it finds is listed.
FIND_ID, FOUND_ID = "map-find", "map-found"
#: How many of the areas found are listed.
_LISTED = 8


def chosen_areas(view: View, level: str, members: tuple[Reading, ...]) -> list[Component]:
    """The areas chosen, each with a link that removes it, and the field to add others."""
    words = view.words
    made: list[Component] = []
    if members:
        rows = [html.Li([member.name, " ", _removal(view, member)]) for member in members]
        made.append(html.Ul(rows, className="chosen-areas"))
    if len(members) >= MOST_COMPARED:
        return [
            *made,
            html.P(words("against.full", most=MOST_COMPARED), className="quiet screen-only"),
        ]
    peers = words.of(view.catalogue.territory.level(level).name)
    return [
        *made,
        NativeInput(
            FIND_ID,
            label=words("against.find", peers=peers),
            autoComplete="off",
            maxLength=60,
            describedBy="map-find-note",
        ),
        html.P(
            words("against.find_note", most=MOST_COMPARED),
            id="map-find-note",
            className="quiet screen-only",
        ),
        html.Div(id=FOUND_ID, role="status", className="found-areas screen-only"),
    ]


def found_areas(view: View, text: str) -> list[Component]:
    """The areas of the level whose name or code has the text, as links that add them.

    Those that begin with it come first; an area that is told of or chosen already is not found.
    """
    words, selection = view.words, view.selection
    sought = collation(text)
    if not sought:
        return []
    key = selection.area or view.catalogue.territory.area
    areas = data.areas(view.principal, view.release, key.level)
    taken = {key.area_id, *selection.compared}
    areas = areas[(areas["role"] != "edge") & ~areas["area_id"].isin(taken)]
    names = areas["name"].map(collation)
    codes = areas["area_id"].str.casefold()
    is_first = names.str.startswith(sought) | codes.str.startswith(sought)
    found = areas[is_first | names.str.contains(sought, regex=False)]
    if found.empty:
        return [html.P(words("against.none_found"))]
    found = found.assign(is_later=~is_first, order=names).sort_values(["is_later", "order"])
    rows = [html.Li(_addition(view, row)) for row in found[:_LISTED].to_dict("records")]
    more = len(found) - _LISTED
    rest = [html.P(words("against.more_found", count=words.number(more)))] if more > 0 else []
    return [html.Ul(rows), *rest]


def _addition(view: View, row: dict[Any, Any]) -> Component:
    area_id = str(row["area_id"])
    there = view.selection.changed(compared=(*view.selection.compared, area_id))
    text = view.words("against.add", name=row["name"], code=area_id)
    return html.A(text, href=there.url(), id=f"map-add-{area_id}", className="in-page")


def _removal(view: View, member: Reading) -> Component:
    left = tuple(x for x in view.selection.compared if x != member.key.area_id)
    return html.A(
        view.words("against.remove"),
        href=view.selection.changed(compared=left).url(),
        id=f"map-remove-{member.key.area_id}",
        className="in-page screen-only",
        **{"aria-label": view.words("against.remove_name", name=member.name)},
    )
