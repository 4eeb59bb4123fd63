"""The profile of one area: what to know first, its needs and services, and how they move."""

from __future__ import annotations

from dash import Output, html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components import NativeSelect
from dashboard.components.age_bands import age_bands
from dashboard.components.care_chain import care_chain
from dashboard.components.directory import directory
from dashboard.components.downloads import download_links, download_menu
from dashboard.components.invented import finding_mark, invented_mark
from dashboard.components.priority import priorities
from dashboard.components.service_table import service_table
from dashboard.components.spine import spine
from dashboard.exports.paper import area_profile_link
from dashboard.findings import findings
from dashboard.pages import Page, View, choice_id
from dashboard.profile import Line, lines, moves
from dashboard.profile_words import sure_trends, tiles
from dashboard.selection import moved
from geodata.model import AreaKey

_ID = "profile"
_CHOICES = ("level",)
_REGIONS = (
    "head",
    "file",
    "findings",
    "tiles",
    "spine",
    "services",
    "ages",
    "order",
    "chain",
    "moves",
    "since",
)


def title(view: View) -> str:
    """What the window and the history call the page."""
    return view.words("profile.title", name=_name(view, _key(view)))


def layout(view: View) -> Component:
    """The page, drawn: findings first, then figures, services, the chain and what moved."""
    words, regions = view.words, _regions(view)

    def card(name: str, *more: str) -> Component:
        return html.Section(
            regions[name], id=f"profile-{name}", className=" ".join(["card", "words-card", *more])
        )

    return html.Div(
        html.Main(
            [
                html.Div(
                    [
                        html.Div(regions["head"], id="profile-head", **{"aria-live": "polite"}),
                        NativeSelect(
                            id=choice_id(_ID, "level"),
                            part="level",
                            label=words("map.level"),
                            options=_level_options(view),
                            value=view.selection.level,
                        ),
                        download_menu(view, regions["file"]),
                    ],
                    className="profile-head",
                ),
                card("findings", "findings"),
                html.Div(regions["tiles"], id="profile-tiles", className="figures"),
                card("services"),
                card("ages"),
                card("spine"),
                html.Div([card("order"), card("chain")], className="profile-pair"),
                html.Div([card("moves"), card("since")], className="profile-pair"),
            ],
            id="main",
            className="centre",
        ),
        className="page plain profile-page",
    )


def update(view: View) -> tuple[object, ...]:
    """A value for each output, after a change of the selection."""
    regions = _regions(view)
    return (
        _level_options(view),
        view.selection.level,
        *(regions[name] for name in _REGIONS),
    )


PAGE = Page(
    id=_ID,
    title=title,
    layout=layout,
    outputs=(
        Output(choice_id(_ID, "level"), "options"),
        Output(choice_id(_ID, "level"), "value"),
        *(Output(f"profile-{name}", "children") for name in _REGIONS),
    ),
    update=update,
)


def _key(view: View) -> AreaKey:
    return view.selection.area or view.catalogue.territory.area


def _level_options(view: View) -> list[dict[str, str]]:
    return [
        {"value": level.id, "label": view.words.of(level.name)}
        for level in view.catalogue.territory.levels
        if level.id in view.offer.areas
    ]


def _name(view: View, key: AreaKey) -> str:
    areas = data.areas(view.principal, view.release, key.level).set_index("area_id")
    return str(areas.at[key.area_id, "name"]) if key.area_id in areas.index else key.area_id


def _regions(view: View) -> dict[str, list[Component]]:
    words, key = view.words, _key(view)
    known = lines(view, key)
    return {
        "head": _head(view, key),
        "file": download_links(view, "profile"),
        "findings": [html.H2(words("profile.findings")), *_findings(view, key, known)],
        "tiles": _tiles(view, known),
        "services": [
            html.H2(words("profile.services")),
            html.P(words("profile.services_note"), className="quiet"),
            *service_table(view, key),
            *directory(view, key),
        ],
        "spine": [
            html.H2(words("profile.figures")),
            html.P(words("profile.spine_note"), className="quiet"),
            *(spine(view, known) or [html.P(words("profile.no_figures"))]),
        ],
        "ages": [html.H2(words("ages.title")), *age_bands(view, key)],
        "order": [
            html.H2(words("profile.order")),
            *(priorities(view, key) or [html.P(words("profile.no_order"))]),
        ],
        "chain": care_chain(view, key),
        "moves": [html.H2(words("profile.moves")), *_trends(view, key)],
        "since": [html.H2(words("profile.since")), *_since(view, key, known)],
    }


def _head(view: View, key: AreaKey) -> list[Component]:
    """The name, what kind of area it is and within what, and the links to its other pages."""
    words, territory = view.words, view.catalogue.territory
    parents = data.parents(view.principal, view.release, key)
    within = [str(name) for name in parents["name"].drop_duplicates()]
    said = " · ".join([words.of(territory.level(key.level).one), *within])
    links = []
    for page in ("map", "gaps"):
        href = moved(view.selection, view.offer, page=page).url()
        links.append(html.A(words(f"profile.to_{page}"), href=href))
    links.append(area_profile_link(view))
    return [
        html.P(said, className="eyebrow"),
        html.H1(_name(view, key)),
        html.P(links, className="profile-links screen-only"),
    ]


def _findings(view: View, key: AreaKey, known: list[Line]) -> list[Component]:
    found = findings(view, key, known)
    if not found:
        return [html.P(view.words("profile.no_findings"))]
    rows = []
    for finding in found:
        caveat = [html.Span(finding.caveat, className="quiet")] if finding.caveat else []
        said = [html.P(finding.text), *caveat, *finding_mark(view, finding)]
        rows.append(html.Li(said, className=finding.kind))
    return [html.Ol(rows)]


def _tiles(view: View, known: list[Line]) -> list[Component]:
    """The figures that the orders of priority are made of, each with its interval."""
    return [
        html.Div(
            [
                html.Span(one.label, className="figure-label"),
                html.Strong(one.value, className="figure-value"),
                *(html.Span(said, className="figure-where") for said in (one.where, *one.said)),
                *invented_mark(view, one.indicator),
            ],
            className="card figure",
        )
        for one in tiles(view, known)
    ]


def _trends(view: View, key: AreaKey) -> list[Component]:
    """The series that surely move, a sentence each."""
    words, (sure, unsure) = view.words, sure_trends(view, key)
    note = html.P(words("profile.unsure_trends", count=unsure), className="quiet")
    if not sure:
        return [html.P(words("profile.no_trends")), *([note] if unsure else [])]
    rows = [html.Li([html.Strong(name), " ", said]) for name, said in sure]
    return [html.Ul(rows), *([note] if unsure else [])]


def _since(view: View, key: AreaKey, known: list[Line]) -> list[Component]:
    """What the release before said otherwise of these figures."""
    words, changed = view.words, moves(view, key, known)
    if changed is None:
        return [html.P(words("profile.no_before"))]
    if not changed:
        return [html.P(words("profile.unchanged"))]
    rows = [
        html.Li(
            [
                html.Strong(words.of(one.indicator.short)),
                " ",
                words("profile.changed", before=one.before, after=one.after, period=one.period),
            ]
        )
        for one in changed
    ]
    return [html.Ul(rows)]
