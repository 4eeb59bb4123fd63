"""The filters of a ranking: their controls, what they keep of the gaps and of a priority order."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import Output, html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components import AreaFilters
from dashboard.components.gap_table import gap_rows
from dashboard.filters import Kept, kept, kept_words
from dashboard.inside import insides
from dashboard.ordering import Ordering
from dashboard.pages import View
from geodata.model import Status

_CHECKS = ("shortage", "nothing_near", "solid")
_NUMBERS = ("people", "minutes")
#: So many areas that are left out are named.
_FEW = 30
#: What the filters ask of the gaps of an area.
_FACTS = ("gap", "p_gap", "out_of_reach", "demand", "nearest_minutes")


def filters_id(page: str) -> str:
    """Id of the filters of a page."""
    return f"{page}-only"


def filter_outputs(page: str) -> tuple[Output, ...]:
    """The outputs of the filters of a page, in the order of :func:`filter_properties`."""
    return tuple(Output(filters_id(page), name) for name in ("checks", "numbers", "area", "value"))


def filter_controls(view: View) -> Component:
    """The filters of the page: boxes, numbers and an area to be within."""
    checks, numbers, area, value = filter_properties(view)
    words = view.words
    return AreaFilters(
        filters_id(view.selection.page),
        legend=words("filter.title"),
        note=words("filter.note"),
        checks=checks,
        numbers=numbers,
        area=area,
        value=value,
        clearLabel=words("filter.clear"),
    )


def filter_properties(view: View) -> tuple[Any, ...]:
    """What of the filters changes with the selection: checks, numbers, area, value."""
    words, chosen = view.words, view.selection
    names = area_names(view)
    groups = {
        f"{level.id}/": words.of(level.name)
        for level in reversed(view.catalogue.territory.levels)
        if level.id != chosen.level
    }
    options = [
        {"value": key, "label": name, "group": groups[f"{key.partition('/')[0]}/"]}
        for key, name in names.items()
    ]
    is_finest = chosen.level == view.catalogue.territory.finest_level
    return (
        [{"name": name, "label": words(f"filter.{name}")} for name in _CHECKS],
        [
            {"name": name, "label": words(f"filter.{name}"), "unit": words(f"filter.{name}_unit")}
            for name in _NUMBERS
            if is_finest or name != "minutes"
        ],
        {
            "name": "within",
            "label": words("filter.within"),
            "all": words("filter.within_all"),
            "options": options,
        },
        ",".join(chosen.only),
    )


def area_names(view: View) -> dict[str, str]:
    """The areas that the selected level may be within, as "level/id", with their names."""
    found = _insides(view)
    everything = found["area_id"].nunique()
    keys = ["parent_level", "parent_id", "name"]
    pairs = found.groupby(keys)["area_id"].count().reset_index()
    order = [level.id for level in reversed(view.catalogue.territory.levels)]
    pairs = pairs[pairs["area_id"] < everything]
    rows = sorted(
        pairs.to_dict("records"), key=lambda row: (order.index(row["parent_level"]), row["name"])
    )
    return {f"{row['parent_level']}/{row['parent_id']}": str(row["name"]) for row in rows}


def kept_gaps(view: View) -> Kept:
    """The ranked rows of the gap page that the filters keep; a rank is that among all."""
    return kept(gap_rows(view), view.selection.only, _members(view))


def kept_order(view: View, made: Ordering) -> Kept:
    """The areas of a priority order that the filters keep, with the gaps of the chosen service."""
    rows = made.areas.merge(_facts(view), on="area_id", how="left")
    flags = _component_flags(view, made)
    rows["flags"] = rows["area_id"].map(flags)
    rows["status"] = rows["gap_status"].where(rows["gap_status"].notna(), rows["status"])
    return kept(rows, view.selection.only, _members(view))


def kept_sum(found: Kept) -> pd.Series:
    """The kept areas added up, as a row of `data.gaps`; not known where one of them is not."""
    counts = ["demand", "need", "effective", "served", "within_reach", "out_of_reach", "unmet"]
    total = found.rows[[*counts, "gap"]].sum(skipna=False)
    status = Status.MISSING if total.isna().any() else Status.ESTIMATED
    row: pd.Series = total.astype("object")
    row["status"] = status.value
    return row


def kept_sentences(view: View, found: Kept) -> list[str]:
    """What the filters keep, a sentence each; nothing without a filter."""
    level = view.words(f"areas.{view.selection.level}")
    return kept_words(view.words, found, level, kept_names(view))


def kept_lines(view: View, found: Kept) -> list[Component]:
    """What the filters keep, in words; nothing without a filter."""
    said = kept_sentences(view, found)
    if not said:
        return []
    left = found.left_out["name"].tolist() if found.is_filtered and len(found.rows) else []
    lines = [html.P(sentence) for sentence in said]
    if 0 < len(left) <= _FEW:
        lines.append(
            html.P(view.words("filter.left_out", names=", ".join(left)), className="quiet")
        )
    return [html.Div(lines, className="kept note")]


def kept_names(view: View) -> dict[str, str]:
    """The names of the areas that filters may speak of, that of the one chosen among them."""
    names = area_names(view)
    for token in view.selection.only:
        key = token.partition(":")[2]
        if token.startswith("within:") and key not in names:
            level, _, area_id = key.partition("/")
            areas = data.areas(view.principal, view.release, level).set_index("area_id")["name"]
            names[key] = str(areas.get(area_id, area_id))
    return names


def _facts(view: View) -> pd.DataFrame:
    """What the gaps of the chosen service say of each area, at its latest period."""
    chosen = view.selection
    periods = view.offer.services.get(chosen.service, {}).get(chosen.level, ())
    if not periods:
        return pd.DataFrame(columns=["area_id", *_FACTS, "gap_status"])
    frame = data.gaps(
        view.principal, view.release, chosen.service, chosen.standard, periods[-1], chosen.level
    )
    return frame[["area_id", *_FACTS, "status"]].rename(columns={"status": "gap_status"})


def _component_flags(view: View, made: Ordering) -> pd.Series[int]:
    """What weakens the figures that an area is ordered by: the flags of all of them."""
    flags = pd.Series(0, index=made.areas["area_id"])
    periods = made.parts.loc[made.parts["period"] != ""].groupby("indicator")["period"].first()
    for name, period in periods.items():
        values = data.area_values(
            view.principal, view.release, str(name), view.selection.level, str(period)
        )
        flags |= values.set_index("area_id")["flags"].reindex(flags.index, fill_value=0)
    return flags


def _insides(view: View) -> pd.DataFrame:
    finest = view.catalogue.territory.finest_level
    known = data.level_memberships(view.principal, view.release, finest)
    return insides(known, finest, view.selection.level)


def _members(view: View) -> frozenset[str]:
    """The areas within the one that the filters name; all of the level where none is named."""
    named = [t.partition(":")[2] for t in view.selection.only if t.startswith("within:")]
    if not named:
        return frozenset()
    level, _, area_id = named[0].partition("/")
    if level == view.selection.level:
        return frozenset({area_id})
    found = _insides(view)
    rows = found[(found["parent_level"] == level) & (found["parent_id"] == area_id)]
    return frozenset(rows["area_id"])
