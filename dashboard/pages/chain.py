"""The chain page: the care chains of all areas of a level at a glance, and what is behind each."""

from __future__ import annotations

from typing import Any

from dash import Output, html
from dash.development.base_component import Component

from dashboard import data
from dashboard.chain import STATES, state_words
from dashboard.chain_matrix import summary
from dashboard.components import NativeSelect
from dashboard.components.chain_panel import chain_panel
from dashboard.components.chain_table import chain_key, chain_table
from dashboard.components.downloads import download_links, download_menu
from dashboard.components.selected_chains import areas_word, selected_matrix, within
from dashboard.pages import Page, View, choice_id
from geodata.model import Sector

_ID = "chain"
_CHOICES = ("level", "only")
_REGIONS = ("heading", "file", "summary", "sectors", "key", "table", "panel")
#: The most areas of a level that a list offers to stay within.
MOST_WITHIN = 120


def title(view: View) -> str:
    """What the window and the history call the page."""
    return f"{view.words('chain_page.title')}, {_level_name(view)}"


def layout(view: View) -> Component:
    """The page, drawn: the summary, the matrix, and beside it what is behind a link."""
    words, regions = view.words, _regions(view)
    heading = html.Div(regions["heading"], id="chain-heading", **{"aria-live": "polite"})
    caption = words("chain_page.caption")
    scroll = html.Div(
        regions["table"],
        id="chain-table",
        className="scroll chain-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": caption},
    )
    return html.Div(
        [
            html.Main(
                [
                    html.Div(
                        [heading, *_selects(view), download_menu(view, regions["file"])],
                        className="chain-head",
                    ),
                    html.Section(regions["summary"], id="chain-summary", className="card findings"),
                    html.Div(regions["sectors"], id="chain-sectors"),
                    html.Section(
                        [html.Div(regions["key"], id="chain-key"), scroll],
                        className="card table-card",
                    ),
                ],
                id="main",
                className="centre",
            ),
            html.Aside(
                html.Div(
                    regions["panel"],
                    id="chain-panel",
                    className="card panel",
                    **{"aria-live": "polite"},
                ),
                className="side",
                **{"aria-label": words("chain_page.panel")},
            ),
        ],
        className="page chain-page",
    )


def update(view: View) -> tuple[object, ...]:
    """A value for each output, after a change of the selection."""
    regions, choices = _regions(view), _choices(view)
    return (
        *(choices[name][part] for name in _CHOICES for part in ("options", "value")),
        *(regions[name] for name in _REGIONS),
    )


PAGE = Page(
    id=_ID,
    title=title,
    layout=layout,
    outputs=(
        *(Output(choice_id(_ID, name), part) for name in _CHOICES for part in ("options", "value")),
        *(Output(f"chain-{name}", "children") for name in _REGIONS),
    ),
    update=update,
)


def _regions(view: View) -> dict[str, Any]:
    words = view.words
    matrix = selected_matrix(view)
    caption = words("chain_page.caption")
    territory = words.of(view.catalogue.territory.name)
    heading = [
        html.H1(words("chain_page.heading", territory=territory)),
        html.P(words("chain_page.subtitle", areas=areas_word(view)), className="subtitle"),
    ]
    if matrix is None:
        return {
            "heading": heading,
            "file": [],
            "summary": [html.P(_too_many(view))],
            "sectors": [],
            "key": [],
            "table": [],
            "panel": _meanings(view),
        }
    said = summary(words, matrix, areas_word(view))
    return {
        "heading": heading,
        "file": download_links(view, "chain"),
        "summary": [html.H2(words("chain_page.summary")), html.Ul([html.Li(x) for x in said])],
        "sectors": _sectors(view),
        "key": [chain_key(view)],
        "table": (
            [chain_table(view, matrix, caption)]
            if matrix.columns
            else [html.P(words("chain_page.no_link"))]
        ),
        "panel": _panel(view),
    }


def _too_many(view: View) -> str:
    words, level = view.words, view.selection.level
    count = len(data.broken_links(view.principal, view.release, level))
    return words("chain_page.too_many", count=words.number(count), areas=areas_word(view))


def _level_name(view: View) -> str:
    return view.words.of(view.catalogue.territory.level(view.selection.level).name)


def _panel(view: View) -> list[Component]:
    """What is behind the selected link, or the meaning of the states."""
    area, link = view.selection.area, view.selection.link
    if area is None or not link:
        return _meanings(view)
    names = data.areas(view.principal, view.release, area.level).set_index("area_id")["name"]
    words = html.Details([html.Summary(view.words("care_chain.words")), *_meanings(view)[1:]])
    return [*chain_panel(view, area, str(names[area.area_id]), link), words]


def _meanings(view: View) -> list[Component]:
    """The states, each with its sign, its word and what it means; then how to read on."""
    words = view.words
    parts = [
        part
        for state in STATES
        for part in (
            html.Dt(
                [
                    html.Span(
                        className=f"link-mark link-{state.replace('_', '-')}",
                        **{"aria-hidden": "true"},
                    ),
                    state_words(view.reader, state),
                ]
            ),
            html.Dd(words(f"link_meaning.{state}")),
        )
    ]
    return [
        html.H2(words("care_chain.words")),
        html.Dl(parts, className="link-words"),
        html.P(words("chain_page.first_means"), className="quiet"),
        html.P(words("chain_page.open"), className="quiet screen-only"),
    ]


def _sectors(view: View) -> Component:
    """The sectors that one may look at alone, as links."""
    words, chosen = view.words, view.selection
    chains = data.chains(view.principal, view.release, chosen.level, within(view))
    described = {*chains["sector"], chosen.sector, ""}
    links = []
    for sector in [one for one in ("", *Sector) if one in described]:
        name = words(f"sector.{sector}") if sector else words("chain_page.all_sectors")
        current = {"aria-current": "true"} if sector == chosen.sector else {}
        href = chosen.changed(sector=str(sector)).url()
        place = f"chain-sector-{sector or 'all'}"
        links.append(html.Li(html.A(name, href=href, id=place, className="in-page", **current)))
    return html.Nav(
        html.Ul(links, className="pills screen-only"), **{"aria-label": words("chain_page.sectors")}
    )


def _selects(view: View) -> list[Component]:
    return [
        NativeSelect(
            choice_id(_ID, name),
            part=name,
            label=view.words(f"chain_page.{name}"),
            options=choice["options"],
            value=choice["value"],
        )
        for name, choice in _choices(view).items()
    ]


def _choices(view: View) -> dict[str, dict[str, Any]]:
    words, known = view.words, view.catalogue
    levels = [
        {"value": level, "label": words.of(known.territory.level(level).name)}
        for level in view.offer.chain_levels
    ]
    return {
        "level": {"options": levels, "value": view.selection.level},
        "only": {"options": _larger(view), "value": ",".join(view.selection.only)},
    }


def _larger(view: View) -> list[dict[str, str]]:
    """The larger areas to stay within; each choice keeps the other filters of the address."""
    words, territory = view.words, view.catalogue.territory
    order = [level.id for level in territory.levels]
    others = [part for part in view.selection.only if not part.startswith("within:")]
    everywhere = {"value": ",".join(others), "label": words("chain_page.everywhere")}
    options = [everywhere]
    for level in order[order.index(view.selection.level) + 1 :]:
        areas = data.areas(view.principal, view.release, level)
        ours = areas[areas["role"] == "territory"].sort_values("name")
        if not 1 < len(ours) <= MOST_WITHIN:
            continue
        options += [
            {
                "value": ",".join([*others, f"within:{level}/{area_id}"]),
                "label": str(name),
                "group": words.of(territory.level(level).name),
            }
            for area_id, name in zip(ours["area_id"], ours["name"], strict=True)
        ]
    return options
