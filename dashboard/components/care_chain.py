"""The care chain of an area: steps by sectors, a mark and a word a cell, and what is behind."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.chain import STATES, Cell, Chain, Row, chain_of, state_words
from dashboard.components.invented import chain_line
from dashboard.pages import View
from geodata.model import AreaKey

#: Pixels that the longest word of a state needs.
_NARROWEST = 58


def care_chain(view: View, key: AreaKey) -> list[Component]:
    """The first broken link in words, the table of links, what is unknown, what the words say."""
    words = view.words
    head = html.H3(words("care_chain.title"))
    chain = chain_of(view.reader, key)
    if chain is None:
        territory = words.of(view.catalogue.territory.name)
        return [head, html.P(words("care_chain.outside", territory=territory))]
    return [
        head,
        *chain_line(view),
        html.P(chain.sentence),
        _table(view, chain),
        *(html.P(said, className="quiet") for said in chain.unknown),
        html.Details([html.Summary(words("care_chain.words")), _meanings(view)]),
        html.Details([html.Summary(words("care_chain.services")), _services(chain)]),
    ]


def _table(view: View, chain: Chain) -> Component:
    """A group of rows a step, whose name stands above its cells: a panel is narrow."""
    words = view.words
    caption = words("care_chain.caption")
    heads = [html.Th(sector, scope="col") for sector in chain.sectors]
    bodies = [
        html.Tbody(
            [
                html.Tr(_step(view, number, row, len(chain.sectors))),
                html.Tr([_cell(view, cell) for cell in row.cells]),
            ]
        )
        for number, row in enumerate(chain.rows, start=1)
    ]
    table = html.Table(
        [html.Caption(caption, className="hidden"), html.Thead(html.Tr(heads)), *bodies],
        className="chain",
        style={"minWidth": f"{_NARROWEST * len(chain.sectors)}px"},
    )
    return html.Div(table, className="scroll", tabIndex=0, role="region", **{"aria-label": caption})


def _step(view: View, number: int, row: Row, width: int) -> Component:
    name = f"{number}. {row.name}"
    broken = html.Span(view.words("care_chain.first"), className="broken-link")
    said = [name, " ", broken] if row.is_broken else [name]
    return html.Th(said, colSpan=width, scope="rowgroup")


def _cell(view: View, cell: Cell | None) -> Component:
    if cell is None:
        return html.Td(html.Span(view.words("care_chain.none"), className="hidden"))
    word = state_words(view.reader, cell.state)
    return html.Td([_mark(cell.state), word], className=f"link {_name(cell.state)}")


def _mark(state: str) -> Component:
    """The shape of a state; its word is beside it."""
    return html.Span(className=f"link-mark {_name(state)}", **{"aria-hidden": "true"})


def _name(state: str) -> str:
    return f"link-{state.replace('_', '-')}"


def _meanings(view: View) -> Component:
    return html.Dl(
        [
            part
            for state in STATES
            for part in (
                html.Dt([_mark(state), state_words(view.reader, state)]),
                html.Dd(view.words(f"link_meaning.{state}")),
            )
        ],
        className="link-words",
    )


def _services(chain: Chain) -> Component:
    cells = [cell for row in chain.rows for cell in row.cells if cell is not None]
    return html.Ul([html.Li(cell.behind) for cell in cells], className="chain-services")
