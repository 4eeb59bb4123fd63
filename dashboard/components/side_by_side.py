"""Three coverages of the same places: raw, effective and published, and why they differ."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.record_table import column_names
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator
from geodata.model import AreaKey, Status

#: Which indicators tell the raw, the effective and the published coverage of a service.
_COVERAGES = {
    "childcare": {
        "raw": "childcare_raw_coverage",
        "effective": "childcare_effective_coverage",
        "published": "childcare_published_coverage",
    }
}
_DIFFERENCES = {"raw_effective": ("effective", "raw"), "raw_published": ("published", "raw")}


def side_by_side(view: View) -> list[Component]:
    """The three coverages of the territory, what stands beside it and its EPCI; why they differ.

    Nothing where the release does not have all three.
    """
    chosen = _periods(view)
    if not chosen:
        return []
    words = view.words
    heads = _heads(view, chosen)
    frame = _coverages(view, chosen)
    caption = words("gaps.three_caption")
    table = html.Table(
        [
            html.Caption(caption, className="hidden"),
            html.Thead(html.Tr([_heading(head) for head in heads])),
            html.Tbody([_row(view, row) for row in frame.to_dict("records")]),
        ],
        className="data-table labelled three",
        style=column_names([_named(head) for head in heads]),
    )
    scroll = html.Div(
        table, className="scroll", tabIndex=0, role="region", **{"aria-label": caption}
    )
    reasons = [words(f"gaps.three_{name}") for name in ("raw", "effective", "published")]
    return [
        html.H2(words("gaps.three_title")),
        html.P(_telling_case(view, frame), className="note"),
        html.P(caption, className="table-title"),
        scroll,
        html.P(words("gaps.three_beside"), className="quiet"),
        html.H3(words("gaps.three_why")),
        html.Ul([html.Li(reason) for reason in [*reasons, *_level_totals(view, chosen["raw"])]]),
    ]


def _indicators(view: View) -> dict[str, Indicator]:
    known = _COVERAGES.get(view.selection.service, {})
    return {name: view.catalogue.indicators[indicator] for name, indicator in known.items()}


def _periods(view: View) -> dict[str, str]:
    """The period of each coverage: the selected one, else its own latest; {} when one has none."""
    chosen = {}
    middle = view.catalogue.territory.middle_level
    for name, indicator in _indicators(view).items():
        periods = view.offer.indicators.get(indicator.id, {}).get(middle, ())
        if not periods:
            return {}
        selected = view.selection.period
        chosen[name] = selected if selected in periods else periods[-1]
    return chosen


def _coverages(view: View, chosen: dict[str, str]) -> pd.DataFrame:
    """A row an area: the whole, what stands beside it, then its parts from the largest move down.

    Columns level, area_id, name, place (whole, beside or part); raw, effective, published and
    their statuses; differences. The move is from raw to effective.
    """
    territory, indicators = view.catalogue.territory, _indicators(view)
    beside = [AreaKey(territory.area.level, neighbour) for neighbour in territory.neighbours]
    periods = tuple((indicator.id, chosen[name]) for name, indicator in indicators.items())
    middle = territory.middle_level
    levels = tuple(dict.fromkeys((territory.area.level, territory.country.level, middle)))
    found = data.values_at(view.principal, view.release, periods, levels)
    names = {
        AreaKey(row["level"], row["area_id"]): str(row["name"]) for row in found.to_dict("records")
    }
    names[territory.country] = view.words.of(territory.country_name)
    own = found[(found["level"] == middle) & (found["role"] == "territory")]
    parts = [AreaKey(middle, area_id) for area_id in own["area_id"].unique()]
    keys = [territory.area, territory.country, *(key for key in beside if key in names), *parts]
    keys = list(dict.fromkeys(keys))  # a whole country is its own comparison
    made = pd.DataFrame(
        {
            "level": [key.level for key in keys],
            "area_id": [key.area_id for key in keys],
            "name": [names[key] for key in keys],
            "place": ["whole", *["beside"] * (len(keys) - 1 - len(parts)), *["part"] * len(parts)],
        }
    )
    on = ["level", "area_id"]
    for name, indicator in indicators.items():
        values = found.loc[found["indicator"] == indicator.id, [*on, "value", "status"]]
        column = values.rename(columns={"value": name, "status": f"{name}_status"})
        made = made.merge(column, on=on, how="left", validate="one_to_one")
        made[f"{name}_status"] = made[f"{name}_status"].fillna(Status.MISSING.value)
    for name, (one, other) in _DIFFERENCES.items():
        made[name] = made[one] - made[other]
    move = made["raw_effective"].abs().fillna(-1.0).where(made["place"] == "part", 0.0)
    order = made["place"].map({"whole": 0, "beside": 1, "part": 2})
    return (
        made.assign(order=order, move=move)
        .sort_values(["order", "move"], ascending=[True, False], kind="stable", ignore_index=True)
        .drop(columns=["order", "move"])
    )


def _heads(view: View, chosen: dict[str, str]) -> list[tuple[str, ...]]:
    """The headings of the table: a title, then its period and unit where it has them."""
    words = view.words
    heads: list[tuple[str, ...]] = [(words("gap_column.name"),)]
    for name, indicator in _indicators(view).items():
        period = words.period(view.catalogue.period_kind(indicator), chosen[name])
        heads.append((words(f"gaps.three_column_{name}"), period, words("gaps.three_unit")))
    points = words("gaps.points")
    return [*heads, *((words(f"gaps.three_column_{name}"), points) for name in _DIFFERENCES)]


def _heading(head: tuple[str, ...]) -> Component:
    title, *units = head
    told = [title, *(html.Span(unit, className="unit") for unit in units)]
    return html.Th(told, scope="col", className="number" if units else None)


def _named(head: tuple[str, ...]) -> str:
    """A heading in one line: "Brute (au 31 décembre 2020, places pour 100 enfants)"."""
    title, *units = head
    return f"{title} ({', '.join(units)})" if units else title


def _row(view: View, row: dict[Any, Any]) -> Component:
    words = view.words
    is_beside = row["place"] == "beside"
    cells = []
    for name, indicator in _indicators(view).items():
        value, status = float(row[name]), str(row[f"{name}_status"])
        text = words.value(value, status, 1)
        if pd.isna(value) and is_beside and indicator.coverage is not None:
            text = words("gaps.three_nothing")
        cells.append(html.Td(text, className="number"))
    nothing = words("gaps.three_nothing" if is_beside else "silence.not_applicable")
    for name in _DIFFERENCES:
        value = float(row[name])
        text = nothing if pd.isna(value) else words.signed(value, 1)
        cells.append(html.Td(text, className="number"))
    heading = html.Th(str(row["name"]), scope="row")
    return html.Tr([heading, *cells], className=None if row["place"] == "part" else row["place"])


def _telling_case(view: View, frame: pd.DataFrame) -> str:
    """The area whose places are shared most with its neighbours, or that gains most from them."""
    words = view.words
    parts = frame[(frame["place"] == "part") & frame["raw_effective"].notna()]
    row = parts.iloc[0]
    key = "gaps.three_loses" if row["raw_effective"] < 0 else "gaps.three_gains"
    return words(
        key,
        name=row["name"],
        raw=words.number(row["raw"], 1),
        effective=words.number(row["effective"], 1),
        difference=words.number(abs(row["raw_effective"]), 1),
    )


def _level_totals(view: View, period: str) -> list[str]:
    """The places that each level publishes, where they do not add up to the same."""
    words, territory = view.words, view.catalogue.territory
    supply = view.catalogue.services[view.selection.service].supply
    frame = data.reconciliations(view.principal, view.release, supply)
    frame = frame[frame["period"] == period]
    whole = frame[frame["level"] == territory.area.level]
    parts = frame[frame["level"] == territory.middle_level]
    if whole.empty or parts.empty:
        return []
    sums = (whole["parts_sum"].sum(), parts["published"].sum(), whole["published"].sum())
    if len({round(total, 6) for total in sums}) == 1:
        return []
    finest, middle, largest = (words.number(total) for total in sums)
    return [words("gaps.three_levels", finest=finest, middle=middle, whole=largest)]
