"""Where the figures come from, and which levels do not add up."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import data
from dashboard.components.invented import invented_sources
from dashboard.components.record_table import Head, record_table
from dashboard.components.told import folded, licence_name, source_name
from dashboard.pages import View
from geodata.catalogue.nouns import Catalogue, Indicator
from geodata.model import Severity

_ROWS = ("rows_read", "rows_loaded", "rows_quarantined", "rows_dropped")
#: The code of the issue that says of a source that it has no file.
_NO_FILE = "no_file"
_WEB = ("https://", "http://")
#: Smaller differences are what is left of arithmetic.
_NOTHING = 1e-6


def source_list(view: View) -> list[Component]:
    """Every source of the release with its passport, and what was read and kept of it."""
    words = view.words
    frame = data.sources(view.principal, view.release)
    title = html.H2(words("data.sources_title"))
    if frame.empty:
        return [title, html.P(words("data.sources_none"))]
    names = ("name", "producer", "vintage", "origin", "retrieved_on")
    heads = [
        *(Head(words(f"data.source_{name}")) for name in names),
        *(Head(words(f"data.source_{name}"), is_number=True) for name in _ROWS),
        Head(words("data.source_rules")),
        Head(words("data.source_sha256")),
    ]
    order = {source: place for place, source in enumerate(view.catalogue.sources)}
    frame = frame.assign(place=frame["source_id"].map(order)).sort_values("place")
    found = data.issues(view.principal, view.release)
    rules = _rules(view, found)
    invented = invented_sources(view)
    rows = [_source_row(view, row, rules, invented) for row in frame.to_dict("records")]
    return [
        title,
        html.P(words("data.sources_caption"), className="quiet"),
        record_table(words("data.sources_caption"), heads, rows, "sources-table"),
        html.P(words("data.sources_note"), className="quiet"),
        *_without_file(view, found),
    ]


def pinned_line(view: View) -> list[Component]:
    """A line that says that the page is pinned to a release, and leads to the current one."""
    if not view.selection.release:
        return []
    words, release = view.words, view.release
    said = words("shell.pinned", number=release.number, day=words.day(release.published_at))
    current = view.selection.changed(release="").url()
    return [html.P([said, " ", html.A(words("shell.unpin"), href=current)], className="remark")]


def source_names(view: View, indicators: Iterable[Indicator]) -> list[str]:
    """The sources of the release that some indicators are computed from, each with its producer."""
    frame = data.sources(view.principal, view.release)
    vintages = dict(zip(frame["source_id"], frame["vintage"].astype("str"), strict=True))
    used = [name for one in indicators for name in view.catalogue.sources_of(one)]
    return [
        f"{source_name(view.words, view.catalogue, name)} ({vintages[name]})"
        for name in dict.fromkeys(used)
        if name in vintages
    ]


def release_words(view: View) -> str:
    """Which release it is, and of which day."""
    release = view.release
    day = view.words.day(release.published_at or release.made_at)
    return view.words("paper.release", number=release.number, release=release.release_id, day=day)


def _rules(view: View, found: pd.DataFrame) -> dict[tuple[str, str], str]:
    """The words of the rules that dropped rows, by source and rule: each drop wrote a note."""
    column = "message_fr" if view.words.language == "fr" else "message_en"
    notes = found[found["severity"] == Severity.NOTE.value]
    return {
        (str(row["source_id"]), str(row["code"])): str(row[column])
        for row in notes.to_dict("records")
    }


def _without_file(view: View, found: pd.DataFrame) -> list[Component]:
    """The sources that nothing was read of, for want of a file; folded."""
    words = view.words
    absent = found[found["code"] == _NO_FILE]
    if absent.empty:
        return []
    column = "mend_fr" if words.language == "fr" else "mend_en"
    lines = [
        html.Li(
            [
                html.Strong(source_name(words, view.catalogue, str(row["source_id"]))),
                f" – {row[column]}",
            ]
        )
        for row in absent.to_dict("records")
    ]
    summary = words("data.sources_without_file", count=words.number(len(lines)))
    return [folded(summary, [html.Ul(lines)])]


def _source_row(
    view: View,
    row: dict[Any, Any],
    rules: dict[tuple[str, str], str],
    invented: frozenset[str],
) -> list[Any]:
    words = view.words
    source = str(row["source_id"])
    name: list[Any] = [source_name(words, view.catalogue, source)]
    if source in invented:
        name.append(html.Strong(words("data.invented"), className="invented"))
    name += [html.Br(), html.Code(row["file"])]
    producer: Any = row["producer"]
    if str(row["url"]).startswith(_WEB):
        producer = html.A(producer, href=row["url"], rel="noreferrer", title=row["dataset"])
    origin = words.known(f"data.origin_{row['origin']}", str(row["origin"]))
    met = words.known(f"data.met_{row['met']}", "")
    dropped: dict[str, int] = json.loads(row["dropped"] or "{}")
    said = [
        html.Li([html.Span(words.number(count), className="count"), " ", text])
        for rule, count in dropped.items()
        for text in (rules.get((source, rule)) or words.known(f"rule.{rule}", rule),)
    ]
    return [
        name,
        [producer, html.Span(licence_name(words, row["licence"]), className="unit")],
        row["vintage"],
        [origin, html.Span(met, className="unit")],
        words.day(str(row["retrieved_on"])),
        *(words.number(row[name]) for name in _ROWS),
        html.Ul(said, className="rules") if said else words("data.nothing"),
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
        used |= {*service.variables}
    used |= {known.variables[name].window_of or "" for name in used if name in known.variables}
    return tuple(name for name in known.variables if name in used)
