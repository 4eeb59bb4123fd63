"""Every publication: when, by whom, why; how to go back to one; what was known on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard import data, journal
from dashboard.components.now import reason_of
from dashboard.components.record_table import Head, record_table
from dashboard.components.told import button, folded, moment, number_of, source_name
from dashboard.pages import Desk
from geodata.release import Publication

#: How many publications are shown before the older ones are folded.
_OPEN = 12


def publications(desk: Desk) -> list[Component]:
    """The history, newest first; each release that is kept has a button that goes back to it."""
    words = desk.words
    shown = journal.publications(desk.principal, desk.settings)
    if not shown:
        return [html.P(words("history.none"))]
    caption = words("history.caption", kept=words.number(desk.settings.keep))
    heads = [
        Head(words("history.number")),
        *(Head(words(f"history.{name}")) for name in ("at", "by", "reason", "state")),
    ]
    rows = _rows(desk, shown)
    made: list[Component] = [html.P(caption, className="quiet")]
    made.append(record_table(caption, heads, rows[:_OPEN], "publications"))
    if rows[_OPEN:]:
        older = words("history.older", count=words.number(len(rows) - _OPEN))
        made.append(folded(older, [record_table(older, heads, rows[_OPEN:], "publications")]))
    return made


def known_on(desk: Desk, day: str) -> list[Any]:
    """What was published at the end of a day: the release, its sources, or why there is none."""
    words = desk.words
    if not day:
        return []
    try:
        chosen = date.fromisoformat(day)
    except ValueError:
        return [html.P(words("history.no_day"))]
    shown = journal.known_on(desk.principal, desk.settings, chosen)
    if shown is None:
        return [html.P(words("history.known_nothing", day=words.day(day)))]
    told = words(
        "history.known",
        day=words.day(day),
        number=number_of(words, shown.release_id),
        moment=moment(words, shown.at),
        by=shown.by or words("desk.nobody"),
    )
    kept = {k.release_id: k for k in journal.kept(desk.principal, desk.settings)}
    release = kept.get(shown.release_id)
    if release is None:
        return [html.P(told), html.P(words("history.known_gone"))]
    frame = data.sources(desk.principal, release)
    rows = [
        [
            source_name(words, desk.catalogue, str(row["source_id"])),
            row["vintage"],
            words.day(str(row["retrieved_on"])),
            html.Code(str(row["sha256"])[:10], title=row["sha256"]),
        ]
        for row in frame.to_dict("records")
    ]
    heads = [
        Head(words("data.source_name")),
        *(Head(words(f"data.source_{name}")) for name in ("vintage", "retrieved_on", "sha256")),
    ]
    summary = words("history.known_sources", count=words.number(len(rows)))
    return [
        html.P(told),
        html.P(
            [words("data.release_content"), " ", html.Code(release.content_sha256[:12])],
            className="quiet",
        ),
        folded(summary, [record_table(summary, heads, rows, "known-sources")]),
    ]


def _rows(desk: Desk, shown: list[Publication]) -> list[list[Any]]:
    words = desk.words
    kept = {k.release_id for k in journal.kept(desk.principal, desk.settings)}
    pending = set(journal.pending_jobs(desk.principal, desk.settings)["release_id"])
    current = shown[-1]
    rows, offered = [], {current.release_id}
    for publication in reversed(shown):
        release_id = publication.release_id
        state: Any = ""
        if publication is current:
            state = html.Span(words("history.online"), className="outcome published")
        elif release_id not in kept:
            state = words("history.gone")
        elif release_id in pending:
            state = words("history.going_back")
        elif release_id not in offered:
            number, now = (number_of(words, name) for name in (release_id, current.release_id))
            state = button(
                words("history.go_back", number=number),
                "rollback",
                is_second=True,
                release=release_id,
                confirm=words("history.go_back_confirm", number=number, now=now),
            )
        offered.add(release_id)
        rows.append(
            [
                [number_of(words, release_id), html.Br(), html.Code(release_id)],
                moment(words, publication.at),
                publication.by or words("desk.nobody"),
                reason_of(desk, publication.reason),
                state,
            ]
        )
    return rows
