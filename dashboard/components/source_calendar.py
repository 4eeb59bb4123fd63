"""The calendar of the sources: how often each is read, when it was last, when it is due next."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import NamedTuple

from dash import html
from dash.development.base_component import Component

from dashboard import journal
from dashboard.components.record_table import Head, record_table
from dashboard.components.told import source_name
from dashboard.pages import Desk
from geodata.catalogue.entry import CatalogueError
from geodata.due import Schedule, local_time, next_start, period_start, schedules, time_zone


class Due(NamedTuple):
    """A source of the calendar: when it was last read, and the day from which it is due."""

    source_id: str
    plan: Schedule
    last: date | None
    on: date
    is_due: bool


def source_calendar(desk: Desk) -> list[Component]:
    """Every source that is read on a schedule, those due first; and who reads them."""
    words = desk.words
    title = html.H2(words("calendar.title"))
    try:
        rows = due_sources(desk, datetime.now(UTC).replace(tzinfo=None))
    except CatalogueError as error:
        return [title, html.P(str(error), className="remark")]
    if not rows:
        return [title, html.P(words("calendar.none"))]
    waiting = sum(row.is_due for row in rows)
    is_read = journal.is_worker_alive(desk.principal, desk.settings)
    said = words("calendar.due_count", count=words.number(waiting), total=words.number(len(rows)))
    others = len(desk.catalogue.territory.sources) - len(rows)
    heads = [Head(words(f"calendar.{name}")) for name in ("source", "every", "last", "next")]
    return [
        title,
        html.P(said),
        html.P(words("calendar.read" if is_read else "calendar.unread"), className="quiet"),
        record_table(
            words("calendar.caption"), heads, [_row(desk, row) for row in rows], "calendar-table"
        ),
        *([html.P(words("calendar.others", count=words.number(others)))] if others else []),
    ]


def due_sources(desk: Desk, now: datetime) -> list[Due]:
    """The sources on a schedule at a moment (UTC), the earliest due first."""
    plans, zone = schedules(desk.catalogue), time_zone(desk.catalogue)
    last = journal.last_readings(desk.principal, desk.settings, plans)
    made = []
    for source_id, plan in plans.items():
        begun = period_start(plan, local_time(now, zone))
        read = local_time(last[source_id], zone) if source_id in last else None
        is_due = read is None or period_start(plan, read) < begun
        after = max(read or local_time(now, zone), local_time(now, zone))
        following = begun if is_due else next_start(plan, after)
        made.append(Due(source_id, plan, read.date() if read else None, following, is_due))
    order = {source_id: place for place, source_id in enumerate(plans)}
    return sorted(made, key=lambda row: (not row.is_due, row.on, order[row.source_id]))


def _row(desk: Desk, row: Due) -> list[Component | str]:
    words = desk.words
    day = words.day(row.on.isoformat())
    hour = row.plan.at.isoformat("minutes")
    every = words(f"calendar.{row.plan.every}")
    return [
        source_name(words, desk.catalogue, row.source_id),
        words("calendar.from", every=every, hour=hour) if row.plan.at != time(0) else every,
        words.day(row.last.isoformat()) if row.last else words("calendar.never"),
        html.Span(words("calendar.since", day=day), className="outcome waiting")
        if row.is_due
        else day,
    ]
