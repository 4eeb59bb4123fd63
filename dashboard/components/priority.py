"""The priority of an area: its rank and how far it holds, and the figures it is made of."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.components.invented import priority_line
from dashboard.pages import View
from dashboard.standing import Part, Standing, standings
from geodata.catalogue.nouns import Priority
from geodata.model import AreaKey


def priorities(view: View, key: AreaKey) -> list[Component]:
    """The place of an area in each order, a heading each; nothing where no order is described."""
    orders = view.catalogue.priorities.values()
    found = zip(orders, standings(view.reader, key), strict=True)
    return [part for order, standing in found for part in _standing(view, order, standing)]


def _standing(view: View, order: Priority, standing: Standing) -> list[Component]:
    head = [
        html.H3(standing.name),
        html.P(standing.definition, className="quiet"),
        *(priority_line(view, order) if standing.parts else ()),
    ]
    if standing.why:
        table = [_table(view, standing)] if standing.parts else []
        return [*head, html.P(standing.why), *table]
    return [
        *head,
        html.P(html.Strong(standing.rank)),
        html.Ul([html.Li(sentence) for sentence in standing.held], className="rank-held"),
        _table(view, standing),
        html.P(standing.note, className="quiet"),
    ]


def _table(view: View, standing: Standing) -> Component:
    words = view.words
    heads = [html.Th(words("priority.indicator"), scope="col")]
    heads += [
        html.Th(words(f"priority.{name}"), scope="col", className="number")
        for name in ("value", "weight", "points")
    ]
    total = html.Tr(
        [
            html.Th(words("priority.total"), scope="row", colSpan=3),
            html.Td(standing.total, className="number"),
        ]
    )
    return html.Table(
        [
            html.Caption(words("priority.caption")),
            html.Thead(html.Tr(heads)),
            html.Tbody([_row(part) for part in standing.parts]),
            *([html.Tfoot(total)] if standing.total else []),
        ],
        className="priority-parts",
    )


def _row(part: Part) -> Component:
    unit = html.Span(f"{part.unit}, {part.period}", className="unit")
    silent = " silent" if part.is_silent else ""
    return html.Tr(
        [
            html.Th([part.name, unit], scope="row"),
            html.Td(part.value, className=f"number{silent}"),
            html.Td(part.weight, className="number"),
            html.Td(part.points, className=f"number{silent}"),
        ]
    )
