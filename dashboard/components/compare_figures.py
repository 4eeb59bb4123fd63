"""The figures that compare the areas of a level: what they say, the drawing, the table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.chart import chart
from dashboard.components.compare_table import Told, compare_table
from dashboard.figures.beeswarm import beeswarm_figure
from dashboard.figures.funnel import funnel_figure
from dashboard.figures.scatter import scatter_figure
from dashboard.level_values import (
    NAMED,
    alike_of,
    beside_of,
    funnel_of,
    indicator_of,
    level_values,
    mark_of,
    period_near,
    pointer_text,
    silences,
    whole_of,
)
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator
from geodata.methods.association import rank_correlation
from geodata.methods.funnel import Convention
from geodata.methods.level_funnel import limits_at
from geodata.model import Chance, Standing

#: The most dots that are laid out one beside the other.
MOST_DOTS = 3000
#: How many areas beyond the limits have their name on the figure.
_LABELLED = 8
_BEYOND = (Standing.MUCH_HIGHER, Standing.HIGHER, Standing.LOWER, Standing.MUCH_LOWER)


def funnel_part(view: View) -> list[Component]:
    """The funnel, or why there is none for this indicator."""
    words, indicator = view.words, indicator_of(view)
    made = funnel_of(view)
    if made is None:
        why = "no_counts" if indicator.chance is Chance.NONE else "no_funnel"
        reason = words(f"compare.{why}", name=words.of(indicator.name))
        return [html.P(reason, className="note"), *beeswarm_part(view)]
    frame = level_values(view)
    known = frame[frame["value"].notna() & (frame["denominator"] > 0)].copy()
    known["people"] = known["denominator"]
    known["standing"] = known["standing"].where(known["standing"].notna(), "none")
    far = known["standing"].isin([Standing.MUCH_HIGHER, Standing.MUCH_LOWER])
    named = known[far].sort_values("people", ascending=False).head(_LABELLED).index
    known["label"] = known["name"].where(known.index.isin(named) | known["is_selected"], "")
    known["text"] = _texts(view, indicator, known)
    sizes = np.geomspace(known["people"].min(), known["people"].max(), 60)
    ends = limits_at(made.funnel, sizes, indicator.per, is_share=made.is_share)
    limits = pd.DataFrame(
        dict(zip(("far_low", "low", "high", "far_high"), ends, strict=True))
    ).assign(people=sizes)
    labels = {str(standing): words(f"standing_short.{standing}") for standing in Standing}
    labels |= {
        "none": words("compare.not_tested"),
        "people": words("compare.size"),
        "value": words.of(indicator.unit),
        **{name: words(f"compare.{name}") for name in ("inner", "outer", "selected")},
    }
    separators = words("format.separators")
    figure = funnel_figure(known, limits, made.funnel.benchmark, labels, separators)
    said = _beyond(view, known)
    kind = "spread" if made.funnel.convention is Convention.OVERDISPERSED else "chance"
    benchmark = words.amount(made.funnel.benchmark, indicator.decimals, words.of(indicator.unit))
    how = words(f"compare.funnel_{kind}", whole=whole_of(view)[1], value=benchmark)
    return [
        *(html.P(one) for one in said),
        _graph(view, figure, " ".join(said), [indicator], [*said, how, silences(view, frame)]),
        html.P(how, className="quiet"),
        *_below(view, frame),
        compare_table(view, frame, [_value_column(view, indicator, frame)], has_standing=True),
    ]


def beeswarm_part(view: View) -> list[Component]:
    """The beeswarm with its benchmark, the selected area and those that are like it."""
    words, indicator = view.words, indicator_of(view)
    frame = level_values(view)
    known = frame[frame["value"].notna()].copy()
    if known.empty or len(known) > MOST_DOTS:
        key = "compare.nothing" if known.empty else "compare.too_many"
        return [html.P(words(key, count=words.number(len(known))), className="note")]
    alike = alike_of(view)
    known["role"] = "rest"
    known.loc[known["area_id"].isin(alike), "role"] = "alike"
    known.loc[known["is_selected"], "role"] = "selected"
    known["text"] = _texts(view, indicator, known)
    has_interval = known.loc[known["is_selected"], "low"].notna().any()
    mark = mark_of(view)
    labels = {
        "value": words.of(indicator.unit),
        "benchmark": mark.name if mark else "",
        **{role: words(f"compare.role_{role}") for role in ("rest", "alike")},
        "selected": words("compare.role_selected" if has_interval else "compare.selected"),
    }
    figure = beeswarm_figure(
        known, mark.value if mark else None, labels, words("format.separators")
    )
    said = _spread(view, indicator, known)
    notes = [*said, silences(view, frame)]
    names = {str(row.area_id): str(row.name) for row in frame.itertuples(index=False)}
    near = [names[area_id] for area_id in alike if area_id in names]
    how = []
    if near:
        said.append(words("compare.alike", names=_listed(view, near)))
    elif view.selection.area is None:
        how.append(html.P(words("compare.choose"), className="screen-only"))
    return [
        *(html.P(one) for one in said),
        *how,
        _graph(view, figure, " ".join(said), [indicator], notes),
        *_below(view, frame),
        compare_table(view, frame, [_value_column(view, indicator, frame)], has_standing=False),
    ]


def scatter_part(view: View) -> list[Component]:
    """Two indicators of the same areas, their rank correlation, and what it does not say."""
    words, indicator, other = view.words, indicator_of(view), beside_of(view)
    if other is None:
        return [html.P(words("compare.no_beside"), className="note")]
    period = period_near(view, other.id)
    frame, second = level_values(view), level_values(view, other.id, period)
    people = _people(view)
    both = frame.assign(
        x=frame["value"],
        y=second.set_index("area_id")["value"].reindex(frame["area_id"]).to_numpy(),
        people=people.reindex(frame["area_id"]).to_numpy(),
    )
    known = both[both["x"].notna() & both["y"].notna()].copy()
    if known.empty:
        return [html.P(words("compare.nothing"), className="note")]
    texts = _texts(view, indicator, known)
    known["text"] = [
        f"{text}<br>{words.amount(y, other.decimals, words.of(other.unit))}"
        for text, y in zip(texts, known["y"], strict=True)
    ]
    labels = {
        "x": _axis(view, indicator, view.selection.period),
        "y": _axis(view, other, period),
        "areas": words("compare.role_rest"),
        "selected": words("compare.selected"),
    }
    figure = scatter_figure(known, labels, words("format.separators"))
    said = _association(view, known, indicator, other)
    left_out = len(both) - len(known)
    lacking = [words("compare.without_both", count=words.number(left_out))] if left_out else []
    warning = words("compare.areas_not_people")
    columns = [_value_column(view, indicator, frame), _value_column(view, other, second, period)]
    return [
        *(html.P(one) for one in said),
        _graph(view, figure, " ".join(said), [indicator, other], [*said, warning, *lacking]),
        html.P(warning, className="note"),
        *(html.P(one) for one in lacking),
        compare_table(view, frame, columns, has_standing=False),
    ]


def _association(
    view: View, known: pd.DataFrame, indicator: Indicator, other: Indicator
) -> list[str]:
    words = view.words
    found = rank_correlation(known["x"], known["y"])
    if math.isnan(found.rho):
        return [words("compare.no_rho", areas=words.number(found.areas))]
    rho = words.signed(found.rho, 2)
    if math.isnan(found.low):
        return [words("compare.rho_bare", rho=rho, areas=words.number(found.areas))]
    way = "none" if found.low <= 0 <= found.high else "same" if found.rho > 0 else "other"
    ends = {name: words.signed(getattr(found, name), 2) for name in ("low", "high")}
    names = {"x": words.of(indicator.short), "y": words.of(other.short)}
    said = words("compare.rho", rho=rho, areas=words.number(found.areas), **ends)
    return [words(f"compare.way_{way}", **names), said]


def _spread(view: View, indicator: Indicator, known: pd.DataFrame) -> list[str]:
    """From what to what the values go, and which areas stand at the ends."""
    words, ordered = view.words, known.sort_values("value")
    first, middle, last = ordered.iloc[0], known["value"].median(), ordered.iloc[-1]
    unit = words.of(indicator.unit)
    return [
        words(
            "compare.ends",
            count=words.number(len(known)),
            low=words.amount(first["value"], indicator.decimals, unit),
            first=first["name"],
            high=words.amount(last["value"], indicator.decimals, unit),
            last=last["name"],
            median=words.amount(middle, indicator.decimals, unit),
        )
    ]


def _beyond(view: View, known: pd.DataFrame) -> list[str]:
    """How many areas are beyond the limits, and which, the farthest first."""
    words = view.words
    beyond = known[known["standing"].isin(_BEYOND)]
    head = words("compare.beyond", count=words.number(len(beyond)), total=words.number(len(known)))
    said = [head]
    for standing in _BEYOND:
        is_low = standing in (Standing.LOWER, Standing.MUCH_LOWER)
        rows = beyond[beyond["standing"] == standing].sort_values("value", ascending=is_low)
        names = rows["name"]
        if len(names):
            word = words(f"standing_short.{standing}")
            label = f"{word[:1].upper()}{word[1:]} ({words.number(len(names))})"
            value = _listed(view, [str(name) for name in names])
            said.append(words("format.labelled", label=label, value=value))
    return said


def _listed(view: View, names: list[str]) -> str:
    words = view.words
    shown = words("compare.list").join(names[:NAMED])
    rest = len(names) - NAMED
    return words("compare.more", names=shown, count=words.number(rest)) if rest > 0 else shown


def _texts(view: View, indicator: Indicator, rows: pd.DataFrame) -> list[str]:
    return [pointer_text(view, indicator, row) for row in rows.to_dict("records")]


def _axis(view: View, indicator: Indicator, period: str) -> str:
    words = view.words
    return f"{words.of(indicator.short)} ({words.of(indicator.unit)}), {period}"


def _people(view: View) -> pd.Series:
    """The people of each area of the level."""
    areas = data.areas(view.principal, view.release, view.selection.level)
    return areas.set_index("area_id")["legal_population"].astype("float64")


def _value_column(view: View, indicator: Indicator, frame: pd.DataFrame, period: str = "") -> Told:
    title = _axis(view, indicator, period or view.selection.period)
    return Told(title, indicator, frame.set_index("area_id"))


def _graph(
    view: View,
    figure: go.Figure,
    said: str,
    shown: Sequence[Indicator],
    notes: Sequence[str],
) -> Component:
    """The drawing; ``notes`` are what its files say under it."""
    words, chosen, territory = view.words, view.selection, view.catalogue.territory
    level = words.of(territory.level(chosen.level).name)
    named = [words.of(one.name) for one in shown]
    period = words.period(view.catalogue.period_kind(shown[0]), chosen.period)
    title = words("chart.list").join([*named, words.of(territory.name), level, period])
    drawn = chart(view, figure, said, "compare-figure", title, shown, " ".join(filter(None, notes)))
    picture = html.Div(drawn, className="compare-picture")
    return html.Div(
        picture, className="scroll", tabIndex=0, role="region", **{"aria-label": said[:120]}
    )


def _below(view: View, frame: pd.DataFrame) -> list[Any]:
    said = silences(view, frame)
    return [html.P(said, className="quiet")] if said else []
