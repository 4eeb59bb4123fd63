"""The ages of an area as bars beside the outline of the whole; the numbers stand in the table."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.ages import Ages, ages_of
from dashboard.components.record_table import Head, record_table
from dashboard.pages import View
from geodata.model import AreaKey


def age_bands(view: View, key: AreaKey) -> list[Component]:
    """The bands, oldest on top as in a pyramid; a sentence where the ages are not known."""
    words, territory = view.words, view.catalogue.territory
    here = ages_of(view, key)
    if here is None:
        return [html.P(words("ages.unknown"), className="quiet")]
    whole = ages_of(view, territory.area, here.period) if key != territory.area else None
    if whole is not None and [x.name for x in whole.bands] != [x.name for x in here.bands]:
        whole = None
    name = words.of(territory.name)
    heads = [
        Head(words("ages.band")),
        Head(words("ages.people"), is_number=True),
        Head(words("ages.share"), is_number=True),
    ]
    if whole is not None:
        heads.append(Head(name, is_number=True))
    heads.append(Head(words("ages.drawn", where=name) if whole else words("ages.drawn_alone")))
    rows = [_cells(view, here, whole, place) for place in reversed(range(len(here.bands)))]
    kind = view.catalogue.variables[here.variables[0]].period_kind
    source, period = _source(view, here), words.period(kind, here.period)
    # A source whose name holds its year says when: once is enough.
    is_dated = here.period in source
    told = f"{source}." if is_dated else words("ages.source", source=source, period=period)
    return [
        record_table(words("ages.caption"), heads, rows, "ages"),
        html.P([told, " ", words("ages.no_sex")], className="quiet"),
    ]


def _cells(view: View, here: Ages, whole: Ages | None, place: int) -> list[object]:
    words, band = view.words, here.bands[place]
    widest = max(one.share for ages in (here, whole) if ages for one in ages.bands)
    bars = [html.Span(className="age-bar", style={"width": f"{100 * band.share / widest:.1f}%"})]
    cells: list[object] = [
        words(f"ages.band_{band.name}"),
        words.number(band.people),
        words("ages.per_cent", share=words.number(100 * band.share, 1)),
    ]
    if whole is not None:
        share = whole.bands[place].share
        cells.append(words("ages.per_cent", share=words.number(100 * share, 1)))
        style = {"width": f"{100 * share / widest:.1f}%"}
        bars.append(html.Span(className="age-outline", style=style))
    return [*cells, html.Div(bars, className="age-scale", **{"aria-hidden": "true"})]


def _source(view: View, here: Ages) -> str:
    """Who counted them: the sources of the release that know one of the variables."""
    words, known = view.words, view.catalogue
    read = set(data.sources(view.principal, view.release)["source_id"])
    wanted = [source for variable in here.variables for source in known.variables[variable].sources]
    named = [known.sources[one].name for one in dict.fromkeys(wanted) if one in read]
    return ", ".join(words.of(name) for name in named)
