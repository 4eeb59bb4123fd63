"""The panel of one area: its value in words, rank, trend, what stands beside it, and its limits."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.care_chain import care_chain
from dashboard.components.engine import engine_of
from dashboard.components.priority import priorities
from dashboard.components.tables import area_url
from dashboard.figures.trend import trend_figure
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator
from geodata.methods.ranking import ranks
from geodata.methods.trend import change_since_first
from geodata.model import AreaKey, Status

#: Statuses of values that the trend draws hollow.
_HOLLOW = (Status.ESTIMATED.value, Status.IMPUTED.value)


@dataclass(frozen=True)
class _Reading:
    """One area's observation at the selected period; ``known`` is False where none exists."""

    key: AreaKey
    name: str
    known: bool
    value: float
    status: str
    numerator: float
    denominator: float
    parts: float
    parts_expected: float


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
    readings = {
        k: _reading(series, k, names.get(k, k.area_id), view.selection.period) for k in keys
    }
    here = readings[key]
    return [
        *_head(view, key, here.name),
        *_value(view, here, period),
        *_offer(view, here, [readings[k] for k in offered]),
        *_rank(view, here, frame),
        *_trend(view, series, here, names),
        *_comparison(view, here, [readings[k] for k in dict.fromkeys([key, *beside])]),
        *priorities(view, key),
        *care_chain(view, key),
        *_meaning(view),
    ]


def sources_line(view: View) -> Component:
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


def _reading(series: pd.DataFrame, key: AreaKey, name: str, period: str) -> _Reading:
    found = series[
        (series["level"] == key.level)
        & (series["area_id"] == key.area_id)
        & (series["period"] == period)
    ]
    nothing = float("nan")
    if found.empty:
        missing = Status.MISSING.value
        return _Reading(key, name, False, nothing, missing, nothing, nothing, nothing, nothing)
    row = found.iloc[0]
    numbers = [
        float(row[column]) if pd.notna(row[column]) else nothing
        for column in ("numerator", "denominator", "parts", "parts_expected")
    ]
    value = float(row["value"]) if pd.notna(row["value"]) else nothing
    return _Reading(key, name, True, value, str(row["status"]), *numbers)


def _indicator(view: View) -> Indicator:
    return view.catalogue.indicators[view.selection.indicator]


def _head(view: View, key: AreaKey, name: str) -> list[Component]:
    words = view.words
    head: list[Component] = [
        html.P(words.of(view.catalogue.territory.level(key.level).one), className="eyebrow"),
        html.H2(name),
        *_legal_population(view, key),
    ]
    if view.selection.area is not None:
        whole = words.of(view.catalogue.territory.name)
        back = dcc.Link(
            words("panel.back", territory=whole),
            href=view.selection.changed(area=None).url(),
            className="back",
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
    year = re.search(view.words("panel.legal_year"), " ; ".join(told))
    if year is None or pd.isna(count):
        return []
    said = view.words("panel.legal_population", year=year.group(1), count=view.words.number(count))
    return [html.P(said, className="quiet")]


def _value(view: View, here: _Reading, period: str) -> list[Component]:
    words, indicator = view.words, _indicator(view)
    if pd.isna(here.value):
        why = words(f"why.{here.status}") if here.known else words("panel.no_value_at_level")
        mark = words.value(here.value, here.status, indicator.decimals)
        return [
            html.P(mark, className="silent-value"),
            html.P([why, " ", html.Span(f"({period})", className="quiet")]),
        ]
    lines: list[Component] = [
        html.P(
            [
                html.Strong(words.number(here.value, indicator.decimals), className="big-value"),
                html.Span(words.of(indicator.unit), className="big-unit"),
            ],
            className="value-line",
        ),
        html.P(f"{period} · {words.status(here.status)}", className="quiet"),
    ]
    made_of = _made_of(view, here)
    return [*lines, html.P(made_of)] if made_of else lines


def _made_of(view: View, here: _Reading) -> str:
    """What the value is made of, such as "4 721 places pour 5 910 enfants"."""
    words, indicator, variables = view.words, _indicator(view), view.catalogue.variables
    if pd.isna(here.numerator) or pd.isna(here.denominator):
        return ""
    if indicator.coverage is not None:
        service = view.catalogue.services[indicator.coverage.service]
        counted = words(f"measure.{indicator.coverage.measure}")
        among = words.of(variables[service.demand or ""].unit)
    elif indicator.numerator and indicator.denominator:
        counted = words.of(indicator.counted or variables[indicator.numerator[0]].unit)
        among = words.of(indicator.out_of or variables[indicator.denominator[0]].unit)
    else:
        return ""
    return words(
        "panel.made_of" if indicator.out_of is None else "panel.share_of",
        numerator=words.count(round(here.numerator, 1)),
        counted=counted,
        denominator=words.count(round(here.denominator, 1)),
        among=among,
    )


def _offer(view: View, here: _Reading, others: list[_Reading]) -> list[Component]:
    """In place of a silence, the value of the area's middle level, or of the whole."""
    if not pd.isna(here.value):
        return []
    words, indicator = view.words, _indicator(view)
    levels = view.offer.indicators[indicator.id]
    for level in (view.catalogue.territory.middle_level, view.catalogue.territory.area.level):
        for other in others:
            if other.key.level != level or pd.isna(other.value):
                continue
            amount = words.amount(other.value, indicator.decimals, words.of(indicator.unit))
            text = words("panel.offered", name=other.name, amount=amount)
            line: list[Component | str] = [text]
            if view.selection.period in levels.get(level, ()):
                href = area_url(view, level, other.key.area_id)
                line += [" ", dcc.Link(words("panel.see", name=other.name), href=href)]
            return [html.P(line, className="note")]
    return []


def _rank(view: View, here: _Reading, frame: pd.DataFrame) -> list[Component]:
    """The area's place among its peers that have a value, the highest first."""
    words = view.words
    level, selection = here.key.level, view.selection
    if level != selection.level:
        frame = data.area_values(
            view.principal, view.release, selection.indicator, level, selection.period
        )
    peers = frame[frame["role"] != "edge"]
    ranking = ranks(peers["value"].to_numpy(dtype="float64"), higher_first=True)
    place = ranking.rank[(peers["area_id"] == here.key.area_id).to_numpy()]
    if pd.isna(here.value) or ranking.ranked < 2 or not len(place):
        return []
    peer_name = words.of(view.catalogue.territory.level(level).name)
    sentence = words("panel.rank", rank=int(place[0]), ranked=ranking.ranked, peers=peer_name)
    return [html.P(sentence)]


def _trend(
    view: View, series: pd.DataFrame, here: _Reading, names: dict[AreaKey, str]
) -> list[Component]:
    words, indicator = view.words, _indicator(view)
    title = html.H3(words("panel.trend"))
    own = _of(series, here.key)
    known = own.dropna(subset="value")
    if len(known) < 2:
        return [title, html.P(words("panel.one_point" if len(known) else "panel.no_point"))]
    change = change_since_first(known["period"].tolist(), known["value"].tolist())
    assert change.absolute is not None
    decimals = indicator.decimals
    sentence = words(
        "panel.change",
        first=words.number(known["value"].iloc[0], decimals),
        first_period=change.first_period,
        last=words.number(known["value"].iloc[-1], decimals),
        last_period=change.last_period,
        change=words.signed(change.absolute, decimals),
    )
    frame = _trend_frame(view, series, here, names)
    soft = [status for status in _HOLLOW if (known["status"] == status).any()]
    drawn = dcc.Graph(
        figure=trend_figure(frame, separators=words("format.separators")),
        config={"displayModeBar": False, "responsive": True, "staticPlot": False},
        className="trend",
    )
    graph = html.Div(drawn, role="img", **{"aria-label": sentence})
    table = _trend_table(view, frame)
    unit = html.P(words.of(indicator.unit), className="quiet")
    hollow = [html.P(words(f"panel.hollow_{'_'.join(soft)}"), className="quiet")] if soft else []
    return [title, html.P(sentence), unit, graph, table, *hollow]


def _trend_table(view: View, frame: pd.DataFrame) -> Component:
    """The values of the trend for who cannot see it: a row a period, a column a line."""
    words, decimals = view.words, _indicator(view).decimals
    names = list(dict.fromkeys(frame["series"]))
    said = {
        (row["period"], row["series"]): words.value(row["value"], row["status"], decimals)
        for row in frame.to_dict("records")
    }
    period = html.Th(words("map.period"), scope="col")
    heads = [period, *(html.Th(name, scope="col") for name in names)]
    rows = [
        html.Tr(
            [
                html.Th(period, scope="row"),
                *(html.Td(said.get((period, name), words("silence.missing"))) for name in names),
            ]
        )
        for period in sorted(set(frame["period"]))
    ]
    caption = html.Caption(words("panel.trend"))
    table = html.Table([caption, html.Thead(html.Tr(heads)), html.Tbody(rows)])
    return html.Div(table, className="hidden")


def _trend_frame(
    view: View, series: pd.DataFrame, here: _Reading, names: dict[AreaKey, str]
) -> pd.DataFrame:
    """The lines of the trend, as :func:`trend_figure` takes them: country, territory, area."""
    words, territory = view.words, view.catalogue.territory
    decimals = _indicator(view).decimals
    roles = {territory.country: "country", territory.area: "territory", here.key: "area"}
    lines = []
    for key, role in roles.items():
        line = _of(series, key)
        if line["value"].notna().sum() > 1:
            name = names.get(key, key.area_id)
            lines.append(line.assign(series=name, role=role))
    frame = pd.concat(lines)
    frame["is_firm"] = frame["status"] == Status.OBSERVED.value
    frame["text"] = [
        words(
            "format.labelled",
            label=row["series"],
            value=words.value(row["value"], row["status"], decimals),
        )
        for row in frame.to_dict("records")
    ]
    return frame


def _of(series: pd.DataFrame, key: AreaKey) -> pd.DataFrame:
    return series[(series["level"] == key.level) & (series["area_id"] == key.area_id)]


def _comparison(view: View, here: _Reading, readings: list[_Reading]) -> list[Component]:
    """The area beside the territory, the country and the neighbours; always there."""
    words, indicator = view.words, _indicator(view)
    known = [reading for reading in readings if not pd.isna(reading.value)]
    others = [r for r in readings if pd.isna(r.value) and r.key != here.key]
    unknown = [reading.name for reading in others if not reading.known]
    widest = max((abs(reading.value) for reading in known), default=0.0)
    has_bars = widest > 0 and all(reading.value >= 0 for reading in known)
    rows = [
        html.Tr(
            [
                html.Th(reading.name, scope="row"),
                html.Td(
                    html.Div(
                        className="bar", style={"width": f"{100 * reading.value / widest:.1f}%"}
                    )
                    if has_bars
                    else "",
                    className="bar-cell",
                    **{"aria-hidden": "true"},
                ),
                html.Td(words.number(reading.value, indicator.decimals), className="number"),
            ],
            className="here" if reading.key == here.key else None,
        )
        for reading in known
    ]
    made: list[Component] = [html.H3(words("panel.comparison"))]
    if rows:
        caption = html.Caption(words("panel.comparison_caption"), className="hidden")
        made.append(html.Table([caption, html.Tbody(rows)], className="comparison"))
    if unknown:
        why = "panel.silent" if indicator.coverage is None else "panel.silent_engine"
        made.append(html.P(words(why, names=", ".join(unknown)), className="quiet"))
    for reading in others:
        if reading.known:
            mark = words.value(reading.value, reading.status, indicator.decimals)
            text = words("format.labelled", label=reading.name, value=mark)
            made.append(html.P(text, className="quiet"))
    country = next(r for r in readings if r.key == view.catalogue.territory.country)
    if not pd.isna(country.value) and country.parts < country.parts_expected:
        parts = words("panel.parts", parts=int(country.parts), expected=int(country.parts_expected))
        made.append(html.P(parts, className="quiet"))
    return made


def _meaning(view: View) -> list[Component]:
    words, indicator = view.words, _indicator(view)
    notices = [html.P(words(f"notice.{notice}"), className="note") for notice in indicator.notices]
    return [
        html.H3(words("panel.limits")),
        *notices,
        html.P(words.of(indicator.limits)),
        *_engine(view, indicator),
        html.H3(words("panel.sources")),
        sources_line(view),
    ]


def _engine(view: View, indicator: Indicator) -> list[Component]:
    """What the engine was told beforehand, for an indicator that comes from it."""
    if indicator.coverage is None:
        return []
    words, used = view.words, engine_of(view, indicator)
    said = words(
        "panel.engine",
        day=words.day(used.declared_on),
        threshold=words.number(used.threshold_minutes),
        detour=words.plain(used.detour_factor),
        speed=words.number(used.speed_kmh),
        weights=" / ".join(words.plain(weight) for weight in used.weights),
    )
    return [html.P(said, className="quiet")]
