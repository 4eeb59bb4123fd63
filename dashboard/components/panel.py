"""The panel of one area: its value in words, rank, trend, what stands beside it, and its limits."""

from __future__ import annotations

import re

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.area_trend import area_trend
from dashboard.components.area_value import offered_value, rank_line, value_lines, worth
from dashboard.components.care_chain import care_chain
from dashboard.components.comparison import comparison
from dashboard.components.drilling import drilling
from dashboard.components.engine import engine_of, travel_words
from dashboard.components.lineage import lineage
from dashboard.components.priority import priorities
from dashboard.components.reading import chosen_indicator, reading
from dashboard.pages import View
from dashboard.selection import moved
from geodata.catalogue.nouns import Indicator
from geodata.model import AreaKey


def panel(view: View, frame: pd.DataFrame, period: str) -> list[Component]:
    """The panel of the selected area, or of the whole territory.

    ``frame`` has the values of the selected level; ``period`` is the selected one, in words.
    """
    territory = view.catalogue.territory
    key = view.selection.area or territory.area
    parents = data.parents(view.principal, view.release, key)
    beside = [territory.area, territory.country]
    beside += [AreaKey(territory.area.level, neighbour) for neighbour in territory.neighbours]
    offered = [AreaKey(row["parent_level"], row["parent_id"]) for row in parents.to_dict("records")]
    keys = tuple(dict.fromkeys([key, *beside, *offered]))
    series = data.area_series(view.principal, view.release, view.selection.indicator, keys)
    names = _names(view, parents)
    readings = {k: reading(series, k, names.get(k, k.area_id), view.selection.period) for k in keys}
    here = readings[key]
    return [
        *_head(view, key, here.name),
        *drilling(view, [readings[k] for k in offered]),
        *value_lines(view, here, period),
        *offered_value(view, here, [readings[k] for k in offered]),
        *rank_line(view, here, frame),
        *worth(view, here),
        *area_trend(view, series, here, names),
        *comparison(view, here, [readings[k] for k in dict.fromkeys([key, *beside])], readings),
        *priorities(view, key),
        *care_chain(view, key),
        *_meaning(view),
    ]


def _sources_line(view: View) -> Component:
    """The sources of an indicator: the credit line, vintage and date of each."""
    known = data.sources(view.principal, view.release).set_index("source_id")
    indicator = view.catalogue.indicators[view.selection.indicator]
    lines = []
    for source in view.catalogue.sources_of(indicator):
        if source in known.index:
            row = known.loc[source]
            credit, vintage = str(row["attribution"]), str(row["vintage"])
            key = "panel.source" if vintage in credit else "panel.source_vintage"
            parts = {} if vintage in credit else {"vintage": vintage}
            day = view.words.day(str(row["retrieved_on"]))
            lines.append(view.words(key, attribution=credit, day=day, **parts))
    return html.Ul([html.Li(line) for line in lines], className="sources")


def _names(view: View, parents: pd.DataFrame) -> dict[AreaKey, str]:
    territory, words = view.catalogue.territory, view.words
    frames = [data.areas(view.principal, view.release, territory.area.level)]
    area = view.selection.area
    if area is not None:
        frames.append(data.areas(view.principal, view.release, area.level))
    names = {
        AreaKey(row["level"], row["area_id"]): str(row["name"])
        for frame in frames
        for row in frame.to_dict("records")
    }
    names |= {
        AreaKey(row["parent_level"], row["parent_id"]): str(row["name"])
        for row in parents.to_dict("records")
    }
    names[territory.country] = words.of(territory.country_name)
    return names


def _head(view: View, key: AreaKey, name: str) -> list[Component]:
    words = view.words
    head: list[Component] = [
        html.P(words.of(view.catalogue.territory.level(key.level).one), className="eyebrow"),
        html.H2(name),
        *_legal_population(view, key),
        html.P(
            html.A(
                words("profile.open"),
                href=moved(view.selection, view.offer, page="profile").url(),
                className="in-page",
            ),
            className="screen-only",
        ),
    ]
    if view.selection.area is not None:
        whole = words.of(view.catalogue.territory.name)
        back = dcc.Link(
            words("panel.back", territory=whole),
            href=view.selection.changed(area=None).url(),
            className="back screen-only",
        )
        head.insert(0, back)
    return head


def _legal_population(view: View, key: AreaKey) -> list[Component]:
    """Who lives there by law, for orientation only: it is no indicator's denominator."""
    areas = data.areas(view.principal, view.release, key.level).set_index("area_id")
    sources = data.sources(view.principal, view.release).set_index("source_id")
    count = areas["legal_population"].get(key.area_id)
    entries = view.catalogue.sources
    told = [v for name, v in sources["vintage"].items() if entries[str(name)].is_territory]
    year = re.search(view.words("panel.legal_year"), view.words.apart(told))
    if year is None or pd.isna(count):
        return []
    said = view.words("panel.legal_population", year=year.group(1), count=view.words.number(count))
    return [html.P(said, className="quiet")]


def _meaning(view: View) -> list[Component]:
    words, indicator = view.words, chosen_indicator(view)
    notices = [html.P(words(f"notice.{notice}"), className="note") for notice in indicator.notices]
    return [
        html.H3(words("panel.limits")),
        *notices,
        html.P(words.of(indicator.limits)),
        *_engine(view, indicator),
        html.H3(words("panel.sources")),
        _sources_line(view),
        lineage(view, indicator),
    ]


def _engine(view: View, indicator: Indicator) -> list[Component]:
    """What the engine was told beforehand, for an indicator that comes from it."""
    if indicator.coverage is None:
        return []
    words, used = view.words, engine_of(view, indicator)
    how = used.travelled
    said = words(
        "panel.engine",
        day=words.day(used.declared_on),
        threshold=words.number(used.threshold_minutes),
        travel=travel_words(view, f"panel.engine_travel_{how.kind}", how),
        weights=" / ".join(words.plain(weight) for weight in used.weights),
    )
    return [html.P(said, className="quiet")]
