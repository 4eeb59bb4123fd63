"""The order of areas under a priority: the ranked table, its legend, and every point in numbers."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard.certainty import silence
from dashboard.components.drawn import Drawn, drawing
from dashboard.components.record_table import column_names
from dashboard.components.tables import listed_rows
from dashboard.ordering import SURE, Ordering
from dashboard.pages import View
from dashboard.standing import per_cent
from geodata.model import AreaKey, Status

_COLUMNS = ("rank", "name", "interval", "fifth", "top", "score", "made_of")
#: The colours of the components, in their order: `.part-0` to `.part-7` of planner.css.
PART_COLOURS = 8


def order_table(view: View, made: Ordering, rows: pd.DataFrame, caption: str) -> Component:
    """The ranked rows: rank and its interval, how sure, the index and what it is made of."""
    words = view.words
    listed, note = listed_rows(view, rows)
    points = made.parts.pivot(index="area_id", columns="indicator", values="contribution")
    names = component_names(view)
    titles = [_title(view, made, name) for name in _COLUMNS]
    table = html.Table(
        [
            html.Caption(caption, className="hidden"),
            html.Thead(
                html.Tr(
                    [
                        html.Th(title, scope="col", className=_class(name))
                        for name, title in zip(_COLUMNS, titles, strict=True)
                    ]
                )
            ),
            html.Tbody([_row(view, made, row, points, names) for row in listed.to_dict("records")]),
        ],
        className="data-table labelled ranked order-table",
        style=column_names([words(f"priorities.column_{name}") for name in _COLUMNS]),
    )
    scroll = html.Div(
        [table, note],
        className="scroll ranked-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": caption},
    )
    return Drawn(content=drawing([scroll]))


def part_legend(view: View, made: Ordering) -> Component:
    """Each component with its colour and its share of the weight."""
    words = view.words
    names = component_names(view)
    rows = [
        html.Li(
            [
                html.Span(className=f"part-mark part-{place % PART_COLOURS}"),
                html.Span(f"{name} ({per_cent(words, share)})"),
            ]
        )
        for place, (name, share) in enumerate(zip(names.values(), made.weights, strict=True))
    ]
    return html.Ul(rows, className="part-legend")


def point_table(view: View, made: Ordering, rows: pd.DataFrame) -> list[Component]:
    """Every area with the points of every component: the numbers of the bars."""
    words, known = view.words, view.catalogue
    names = component_names(view)
    points = made.parts.pivot(index="area_id", columns="indicator", values="contribution")
    values = made.parts.pivot(index="area_id", columns="indicator", values=["value", "status"])
    periods = made.parts[made.parts["period"] != ""].groupby("indicator")["period"].first()
    heads = [html.Th(words("priorities.column_name"), scope="col")]
    for indicator, name in names.items():
        kind = known.period_kind(known.indicators[indicator])
        when = words.period(kind, str(periods[indicator])) if indicator in periods else ""
        unit = html.Span(
            words("priorities.points_of", unit=words.of(known.indicators[indicator].unit))
            + (f", {when}" if when else ""),
            className="unit",
        )
        heads.append(html.Th([name, unit], scope="col", className="number"))
    heads.append(html.Th(words("priorities.column_score"), scope="col", className="number"))
    listed, _note = listed_rows(view, rows)
    body = []
    for row in listed.to_dict("records"):
        area_id = str(row["area_id"])
        cells = [
            html.Td(_points(view, made, points, values, area_id, name), className="number")
            for name in names
        ]
        total = html.Td(_number(view, row["value"]), className="number")
        body.append(html.Tr([html.Th(row["name"], scope="row"), *cells, total]))
    caption = words("priorities.points_caption")
    titles = [words("priorities.column_name"), *names.values(), words("priorities.column_score")]
    table = html.Table(
        [
            html.Caption(caption, className="hidden"),
            html.Thead(html.Tr(heads)),
            html.Tbody(body),
        ],
        className="data-table labelled",
        style=column_names(titles),
    )
    scroll = html.Div(
        table, className="scroll", tabIndex=0, role="region", **{"aria-label": caption}
    )
    return [html.Details([html.Summary(caption), Drawn(content=drawing([scroll]))])]


def component_names(view: View) -> dict[str, str]:
    """The indicators of the selected priority, in their order, with their short names."""
    known = view.catalogue
    return {
        component.id: view.words.of(known.indicators[component.id].short)
        for component in known.priorities[view.selection.priority].recipe.components
    }


def _title(view: View, made: Ordering, name: str) -> list[Component | str]:
    words = view.words
    counts = {
        "interval": {"ranked": words.number(made.ranked)},
        "fifth": {"fifth": words.number(made.fifth)},
        "top": {"top": words.number(made.top)},
    }
    unit = words.known(f"priorities.unit_{name}", "").format(**counts.get(name, {}))
    title: list[Component | str] = [words(f"priorities.column_{name}")]
    return [*title, html.Span(unit, className="unit")] if unit else title


def _class(name: str) -> str | None:
    classes = {"rank": "number rank", "fifth": "number", "top": "number", "score": "number"}
    return classes.get(name, f"order-{name}")


def _row(
    view: View,
    made: Ordering,
    row: dict[Any, Any],
    points: pd.DataFrame,
    names: dict[str, str],
) -> Component:
    words, selection = view.words, view.selection
    area_id = str(row["area_id"])
    is_selected = selection.area is not None and selection.area.area_id == area_id
    link = html.A(
        row["name"],
        href=selection.changed(area=AreaKey(selection.level, area_id)).url(),
        className="in-page area-link",
        id=f"priorities-area-{area_id}",
        **({"aria-current": "true"} if is_selected else {}),
    )
    head = html.Th(link, scope="row")
    selected = "selected" if is_selected else None
    if pd.isna(row["rank"]):
        lacking = words("priorities.unranked", share=per_cent(words, row["missing_weight"]))
        silent = html.Td(lacking, colSpan=len(_COLUMNS) - 2, className="silent")
        return html.Tr([html.Td("", className="number rank"), head, silent], className=selected)
    is_sure = row["p_worst_fifth"] >= SURE
    return html.Tr(
        [
            html.Td(words.number(row["rank"]), className="number rank"),
            head,
            html.Td(_interval(view, made, row), className="order-interval"),
            html.Td(
                per_cent(words, row["p_worst_fifth"]),
                className="number sure-shortage" if is_sure else "number",
            ),
            html.Td(per_cent(words, row["share_in_top"]), className="number"),
            html.Td(words.number(row["value"], 1), className="number"),
            html.Td(_bar(view, points.T[area_id], names), className="order-made_of"),
        ],
        className=selected,
    )


def _interval(view: View, made: Ordering, row: dict[Any, Any]) -> list[Component]:
    """The interval as a bar on the scale of ranks, the rank as a dot on it; and in words."""
    words = view.words
    low, high = float(row["rank_low"]), float(row["rank_high"])
    wide = max(made.ranked - 1, 1)

    def along(rank: float) -> str:
        return f"{100 * (rank - 1) / wide:.2f}%"

    bar = html.Span(
        [
            html.Span(
                className="rank-range",
                style={"left": along(low), "width": f"{100 * (high - low) / wide:.2f}%"},
            ),
            html.Span(className="rank-dot", style={"left": along(float(row["rank"]))}),
        ],
        className="rank-scale",
        **{"aria-hidden": "true"},
    )
    said = words(
        "priorities.ranks_one" if low == high else "priorities.ranks",
        low=words.number(low),
        high=words.number(high),
    )
    return [html.Span(said, className="rank-words"), bar]


def _bar(view: View, points: pd.Series, names: dict[str, str]) -> Component:
    """The points of each component as one stacked bar, 100 points wide; said in numbers."""
    said, pieces = [], []
    for place, (indicator, name) in enumerate(names.items()):
        value = float(points.get(indicator, math.nan))
        if math.isnan(value) or value <= 0:
            continue
        text = view.words("format.labelled", label=name, value=_number(view, value))
        said.append(text)
        pieces.append(
            html.Span(
                className=f"part part-{place % PART_COLOURS}",
                style={"width": f"{value:.2f}%"},
                title=text,
            )
        )
    label = view.words("format.separators")[0] + " "
    return html.Span(
        pieces, className="part-bar", role="img", **{"aria-label": label.join(said) or "0"}
    )


def _points(
    view: View,
    made: Ordering,
    points: pd.DataFrame,
    values: pd.DataFrame,
    area_id: str,
    indicator: str,
) -> str:
    """The points of a component and its value; a figure that is silent says so."""
    words, known = view.words, view.catalogue.indicators[indicator]
    value = float(values["value", indicator][area_id])
    if math.isnan(value):
        return words(f"silence.{silence(str(values['status', indicator][area_id]))}")
    got = float(points[indicator][area_id])
    weight = made.parts.loc[made.parts["indicator"] == indicator, "weight"].iloc[0]
    if weight == 0:
        got = 0.0
    told = words.number(value, known.decimals)
    return words("priorities.points_value", points=_number(view, got), value=told)


def _number(view: View, value: float) -> str:
    return view.words.value(value, Status.ESTIMATED, 1) if pd.notna(value) else "–"
