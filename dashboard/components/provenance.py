"""Where the figures come from, and which levels do not add up."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.record_table import Head, record_table
from dashboard.pages import View
from geodata.catalogue.nouns import Catalogue

_ROWS = ("rows_read", "rows_loaded", "rows_quarantined", "rows_dropped")
#: Smaller differences are what is left of arithmetic.
_NOTHING = 1e-6


def source_list(view: View) -> list[Component]:
    """Every source of the release with its passport, and what was read and kept of it."""
    words = view.words
    frame = data.sources(view.principal, view.release)
    if frame.empty:
        return [html.H2(words("data.sources_title")), html.P(words("data.sources_none"))]
    names = ("name", "producer", "vintage", "licence", "origin", "retrieved_on")
    heads = [
        *(Head(words(f"data.source_{name}")) for name in names),
        *(Head(words(f"data.source_{name}"), is_number=True) for name in _ROWS),
        Head(words("data.source_sha256")),
    ]
    order = {source: place for place, source in enumerate(view.catalogue.sources)}
    frame = frame.assign(place=frame["source_id"].map(order)).sort_values("place")
    rows = [_source_row(view, row) for row in frame.to_dict("records")]
    return [
        html.H2(words("data.sources_title")),
        html.P(words("data.sources_caption"), className="quiet"),
        record_table(words("data.sources_caption"), heads, rows, "sources-table"),
        html.P(words("data.sources_note"), className="quiet"),
    ]


def _source_row(view: View, row: dict[Any, Any]) -> list[Any]:
    words, entries = view.words, view.catalogue.sources
    source = str(row["source_id"])
    name = words.of(entries[source].name) if source in entries else source
    producer = html.A(row["producer"], href=row["url"], rel="noreferrer", title=row["dataset"])
    return [
        [name, html.Br(), html.Code(row["file"])],
        producer,
        row["vintage"],
        row["licence"],
        words(f"data.origin_{row['origin']}"),
        words.day(str(row["retrieved_on"])),
        *(words.number(row[name]) for name in _ROWS),
        html.Code(str(row["sha256"])[:10], title=row["sha256"]),
    ]


def levels_that_disagree(view: View) -> list[Component]:
    """Sums of communes beside what producers publish for larger areas, and those that agree."""
    words = view.words
    title = html.H2(words("data.levels_title"))
    totals = _totals(view)
    if totals.empty:
        return [title, html.P(words("data.levels_none"))]
    is_exact = totals[["difference", "widest"]].abs().max(axis=1) < _NOTHING
    parts: list[Component] = [title, html.P(words("data.levels_explained"))]
    if (~is_exact).any():
        parts.append(html.P(words("data.levels_caption"), className="quiet"))
        parts.append(_disagreeing(view, totals[~is_exact]))
    if is_exact.any():
        named = [
            words(
                "data.levels_one",
                name=words.of(view.catalogue.variables[row["variable"]].name),
                period=row["period"],
                total=words.count(row["published"]),
            )
            for row in totals[is_exact].to_dict("records")
        ]
        exact = html.Ul([html.Li(text) for text in named], className="columns")
        parts += [html.H3(words("data.levels_exact")), exact]
    return parts


def _disagreeing(view: View, totals: pd.DataFrame) -> Component:
    words, variables = view.words, view.catalogue.variables
    columns = ("finest", "middle", "whole", "difference", "widest")
    heads = [
        Head(words("data.levels_variable")),
        Head(words("data.levels_period")),
        *(Head(words(f"data.levels_{name}"), is_number=True) for name in columns),
    ]
    rows = [
        [
            words.of(variables[row["variable"]].name),
            row["period"],
            words.count(row["parts_sum"]),
            words.count(row["middle"]),
            words.count(row["published"]),
            words.signed(row["difference"], 0 if row["difference"].is_integer() else 1),
            words.signed(row["widest"], 0 if row["widest"].is_integer() else 1),
        ]
        for row in totals.to_dict("records")
    ]
    return record_table(words("data.levels_caption"), heads, rows, "levels")


def _totals(view: View) -> pd.DataFrame:
    """The latest period of each variable that an indicator uses, a row a variable.

    Columns variable, period, parts_sum, published, difference (of the whole), middle (sum of what
    is published for them), widest (the largest difference of one of them, signed).
    """
    known = view.catalogue
    frame = data.reconciliations(view.principal, view.release, _used(known))
    latest = frame.groupby("variable")["period"].transform("max")
    frame = frame[frame["period"] == latest]
    keys = ["variable", "period"]
    whole = frame[frame["level"] == known.territory.area.level].set_index(keys)
    parts = frame[frame["level"] == known.territory.middle_level]
    sums = parts.groupby(keys)["published"].sum().rename("middle")
    widest = (
        parts.loc[parts["difference"].abs().groupby([parts[key] for key in keys]).idxmax()]
        .set_index(keys)["difference"]
        .rename("widest")
    )
    joined = whole[["parts_sum", "published", "difference"]].join([sums, widest], how="inner")
    order = {variable: place for place, variable in enumerate(known.variables)}
    return joined.reset_index().sort_values(
        "variable", key=lambda names: names.map(order), ignore_index=True
    )


def _used(known: Catalogue) -> tuple[str, ...]:
    """The variables that an indicator or a service is made of, in the catalogue's order."""
    used: set[str] = set()
    for indicator in known.indicators.values():
        used |= {*indicator.numerator, *indicator.denominator, indicator.variable or ""}
    for service in known.services.values():
        used |= {*service.supply, service.demand}
    used |= {known.variables[name].window_of or "" for name in used if name in known.variables}
    return tuple(name for name in known.variables if name in used)
