"""What a release changes against the one it was made on, and the decision it may wait for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dashboard import data, journal
from dashboard.components.issues import issue_table
from dashboard.components.record_table import Head, record_table
from dashboard.components.told import button, folded, level_name, moment, number_of
from dashboard.pages import Desk
from geodata.catalogue.nouns import Indicator
from geodata.model import AreaKey, Severity
from geodata.release import Release
from geodata.state import issues_of

#: More rows than this are folded.
OPEN_ROWS = 12
_COUNTED = re.compile(r"(added|removed|moved) ([0-9]+)")


def waiting_release(desk: Desk) -> list[Component]:
    """The release that waits: why, what it changes, and the two buttons that decide."""
    words = desk.words
    waiting = journal.waiting(desk.principal, desk.settings)
    title = html.H2(words("change.title"))
    if waiting is None:
        return [title, html.P(words("change.none"), className="quiet")]
    number = number_of(words, waiting.release_id)
    found = issues_of(data.issues(desk.principal, waiting))
    holds = [issue for issue in found if issue.severity is Severity.HOLD]
    others = [issue for issue in found if issue.severity is not Severity.HOLD]
    made = words(
        "change.made",
        number=number,
        moment=moment(words, waiting.made_at),
        base=_base(desk, waiting.base_id),
    )
    parts: list[Component] = [
        html.H2(words("change.waits", number=number)),
        html.P(made),
        _decision(desk, waiting),
        html.H3(words("change.why")),
        *issue_table(words, holds, words("change.why_caption"), words("change.why_none")),
        html.H3(words("change.what")),
        *change_tables(desk, waiting),
    ]
    if others:
        summary = words("change.issues", count=words.number(len(others)))
        caption = words("change.issues_caption", number=number)
        parts.append(folded(summary, issue_table(words, others, caption, "")))
    return parts


def last_changes(desk: Desk, release: Release) -> list[Component]:
    """What the published release changed when it was made, folded."""
    words = desk.words
    if release.base_id is None:
        return []
    summary = words("change.last", base=_base(desk, release.base_id))
    return [folded(summary, change_tables(desk, release))]


def change_tables(desk: Desk, release: Release) -> list[Component]:
    """Areas, values, the largest moves, ranks and hidden cells that a release changes."""
    words = desk.words
    frame = data.changes(desk.principal, release)
    if release.base_id is None:
        return [html.P(words("change.first"))]
    if frame.empty:
        return [html.P(words("change.nothing"))]
    rows = [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_kind.setdefault(str(row["kind"]), []).append(row)
    names = _names(desk, release, rows)
    return [
        *_areas(desk, by_kind),
        *_values(desk, by_kind.get("values", [])),
        *_moves(desk, by_kind.get("moved", []), names),
        *_ranks(desk, by_kind.get("rank", []), names),
        *_hidden(desk, by_kind),
    ]


def _base(desk: Desk, base_id: str | None) -> str:
    if base_id is None:
        return desk.words("change.no_base")
    return desk.words("change.base", number=number_of(desk.words, base_id))


def _decision(desk: Desk, waiting: Release) -> Component:
    """Approve or refuse; while a decision is being carried out there is none to take."""
    words = desk.words
    pending = journal.pending_jobs(desk.principal, desk.settings)
    if (pending["release_id"] == waiting.release_id).any():
        return html.P(words("change.deciding"), className="note")
    shown = journal.publications(desk.principal, desk.settings)
    if (shown[-1].release_id if shown else None) != waiting.base_id:
        return html.P(words("change.outdated"), className="note")
    number = number_of(words, waiting.release_id)
    return html.Div(
        [
            button(
                words("change.approve"),
                "publish",
                release=waiting.release_id,
                confirm=words("change.approve_confirm", number=number),
            ),
            button(
                words("change.refuse"),
                "refuse",
                is_second=True,
                release=waiting.release_id,
                confirm=words("change.refuse_confirm", number=number),
            ),
        ],
        className="acts",
    )


def _areas(desk: Desk, by_kind: Mapping[str, list[dict[str, Any]]]) -> list[Component]:
    words = desk.words
    kinds = ("area_added", "area_removed", "area_renamed")
    heads = [Head(words(f"change.{name}")) for name in ("kind", "level", "area")]
    rows = [
        [
            words(f"change.kind_{kind}"),
            level_name(words, desk.catalogue, str(row["level"])),
            [str(row["detail"] or ""), " ", html.Code(row["area_id"])],
        ]
        for kind in kinds
        for row in by_kind.get(kind, [])
    ]
    counts = {kind: len(by_kind.get(kind, [])) for kind in kinds}
    said = words("change.areas", **{name: words.number(count) for name, count in counts.items()})
    return _part(desk, "areas", said, heads, rows)


def _values(desk: Desk, found: list[dict[str, Any]]) -> list[Component]:
    words = desk.words
    counted = ("moved", "added", "removed")
    heads = [
        Head(words("change.indicator")),
        Head(words("change.level")),
        *(Head(words(f"change.{name}"), is_number=True) for name in counted),
    ]
    rows, total = [], 0
    for row in found:
        counts = {name: int(count) for name, count in _COUNTED.findall(str(row["detail"]))}
        total += sum(counts.values())
        rows.append(
            [
                _indicator_name(desk, row),
                level_name(words, desk.catalogue, str(row["level"])),
                *(words.number(counts.get(name, 0)) for name in counted),
            ]
        )
    said = words("change.values", count=words.number(total), indicators=words.number(len(found)))
    return _part(desk, "values", said, heads, rows)


def _moves(
    desk: Desk, found: list[dict[str, Any]], names: Mapping[AreaKey, str]
) -> list[Component]:
    words = desk.words
    heads = [
        *(Head(words(f"change.{name}")) for name in ("indicator", "area", "period")),
        *(Head(words(f"change.{name}"), is_number=True) for name in ("before", "after", "change")),
    ]
    rows = []
    for row in sorted(found, key=_moved, reverse=True):
        indicator = desk.catalogue.indicators.get(str(row["indicator"]))
        decimals = indicator.decimals if indicator else 2
        unit = words.of(indicator.unit) if indicator else ""
        before, after = float(row["before"]), float(row["after"])
        percent = f" ({words.signed(100 * (after / before - 1))} %)" if before else ""
        rows.append(
            [
                [_indicator_name(desk, row), html.Span(unit, className="unit")],
                _area_name(desk, row, names),
                _period(desk, indicator, str(row["period"])),
                words.number(before, decimals),
                words.number(after, decimals),
                words.signed(after - before, decimals) + percent,
            ]
        )
    return _part(desk, "moves", words("change.moves"), heads, rows, is_open=True)


def _moved(row: Mapping[str, Any]) -> float:
    """How much a value moved, as a share of what it was."""
    before, after = float(row["before"]), float(row["after"])
    return abs(after / before - 1) if before else float("inf")


def _ranks(
    desk: Desk, found: list[dict[str, Any]], names: Mapping[AreaKey, str]
) -> list[Component]:
    words = desk.words
    heads = [
        *(Head(words(f"change.{name}")) for name in ("indicator", "area", "period")),
        *(Head(words(f"change.rank_{name}"), is_number=True) for name in ("before", "after")),
    ]
    rows = [
        [
            _indicator_name(desk, row),
            _area_name(desk, row, names),
            _period(
                desk, desk.catalogue.indicators.get(str(row["indicator"])), str(row["period"] or "")
            ),
            words.number(row["before"]),
            words.number(row["after"]),
        ]
        for row in found
    ]
    return _part(desk, "ranks", words("change.ranks"), heads, rows)


def _hidden(desk: Desk, by_kind: Mapping[str, list[dict[str, Any]]]) -> list[Component]:
    """Cells that the producer hides from now on, and those it shows again."""
    words = desk.words
    heads = [
        *(Head(words(f"change.{name}")) for name in ("indicator", "level", "kind")),
        Head(words("change.cells"), is_number=True),
    ]
    rows, counts = [], {}
    for kind in ("suppressed", "shown"):
        found = by_kind.get(kind, [])
        counts[kind] = words.number(sum(int(row["rows"]) for row in found))
        rows += [
            [
                _indicator_name(desk, row),
                level_name(words, desk.catalogue, str(row["level"])),
                words(f"change.kind_{kind}"),
                words.number(row["rows"]),
            ]
            for row in found
        ]
    return _part(desk, "hidden", words("change.hidden", **counts), heads, rows)


def _part(
    desk: Desk,
    name: str,
    said: str,
    heads: list[Head],
    rows: list[list[Any]],
    *,
    is_open: bool = False,
) -> list[Component]:
    """One part of what changes: a sentence, and its table, folded where it is long."""
    if not rows:
        return [html.P(desk.words(f"change.no_{name}"), className="unchanged")]
    table = record_table(said, heads, rows, "changes")
    return [folded(said, [table], is_open=is_open or len(rows) <= OPEN_ROWS)]


def _indicator_name(desk: Desk, row: Mapping[str, Any]) -> str:
    found = desk.catalogue.indicators.get(str(row["indicator"]))
    return desk.words.of(found.short) if found else str(row["indicator"])


def _area_name(desk: Desk, row: Mapping[str, Any], names: Mapping[AreaKey, str]) -> list[Any]:
    key = AreaKey(str(row["level"]), str(row["area_id"]))
    known = {one.id: one for one in desk.catalogue.territory.levels}
    level = desk.words.of(known[key.level].one) if key.level in known else key.level
    return [names.get(key, key.area_id), html.Span(level, className="unit")]


def _period(desk: Desk, indicator: Indicator | None, period: str) -> str:
    if indicator is None or not period:
        return period
    return desk.words.period(desk.catalogue.period_kind(indicator), period)


def _names(desk: Desk, release: Release, rows: Iterable[Mapping[str, Any]]) -> dict[AreaKey, str]:
    """The names of the areas of these rows, a question a level."""
    levels = {str(row["level"]) for row in rows if row["kind"] in ("moved", "rank")}
    names: dict[AreaKey, str] = {}
    for level in sorted(levels):
        frame: pd.DataFrame = data.areas(desk.principal, release, level)
        names |= {
            AreaKey(level, str(row["area_id"])): str(row["name"])
            for row in frame.to_dict("records")
        }
    return names
