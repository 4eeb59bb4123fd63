"""When a source is due: words of sources.toml, the calendar of the territory, and past jobs.

A source is due once in each period of its schedule, by the calendar of the territory's time zone.
Periods are compared as dates, so summer time changes nothing, and a clock that goes back makes
nothing run twice: a source whose last run is dated later than now waits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from geodata import jobs
from geodata.catalogue.entry import CatalogueError
from geodata.catalogue.nouns import Catalogue, SourceEntry

EVERY = ("daily", "weekly", "monthly", "quarterly", "yearly")
_WORDS = re.compile(rf"({'|'.join(EVERY)})(?: at ([01][0-9]|2[0-3]):([0-5][0-9]))?")


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often a source is read again, and from what time of the first day of each period."""

    every: str
    at: time = time(0, 0)


def schedule(text: str) -> Schedule:
    """The schedule that a text says: ``daily``, ``weekly at 05:00``...

    Raises
    ------
    ValueError
        When it says something else.
    """
    found = _WORDS.fullmatch(str(text).strip())
    if found is None:
        raise ValueError(f"{text!r}: write {', '.join(EVERY)}, then `at 05:00` if need be")
    every, hour, minute = found.groups()
    return Schedule(every, time(int(hour or 0), int(minute or 0)))


def schedules(words: Catalogue) -> dict[str, Schedule]:
    """The schedule of each source of the territory that has one, by source id.

    Raises
    ------
    CatalogueError
        Naming the source whose schedule cannot be understood.
    """
    made = {}
    for source_id in words.territory.sources:
        text = words.sources[source_id].schedule
        if text is None:
            continue
        try:
            made[source_id] = schedule(text)
        except ValueError as error:
            raise CatalogueError(f"sources.toml, [{source_id}], schedule: {error}") from error
    return made


def time_zone(words: Catalogue) -> ZoneInfo:
    """The time zone of the territory.

    Raises
    ------
    CatalogueError
        When it is not a name of the IANA time zone database.
    """
    name = words.territory.time_zone
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CatalogueError(
            f"{words.territory.id}, time_zone: {name!r} is no time zone; write one like UTC."
        ) from error


def period_start(plan: Schedule, local: datetime) -> date:
    """The first day of the period that ``local`` (wall clock) belongs to.

    Before the hour of the schedule on a first day, the period is still the one before.
    """
    first = _first_day(plan.every, local.date())
    if local.date() == first and local.time() < plan.at:
        return _first_day(plan.every, first - timedelta(days=1))
    return first


def next_start(plan: Schedule, local: datetime) -> date:
    """The first day of the period after the one that ``local`` (wall clock) belongs to.

    >>> next_start(schedule("quarterly"), datetime(2026, 11, 23))
    datetime.date(2027, 1, 1)
    """
    longest = timedelta(
        days={"daily": 1, "weekly": 7, "monthly": 31, "quarterly": 92}.get(plan.every, 366)
    )
    return _first_day(plan.every, period_start(plan, local) + longest)


def due(
    entries: Iterable[SourceEntry],
    last_runs: Mapping[str, datetime],
    now: datetime,
    zone: ZoneInfo,
) -> list[str]:
    """Ids of the sources that are due ``now``, in the order of ``entries``.

    ``last_runs`` says when each was last read or asked for; moments are in UTC, without time
    zone. A source that never was is due.
    """
    found = []
    for entry in entries:
        if entry.schedule is None:
            continue
        plan = schedule(entry.schedule)
        last = last_runs.get(entry.id)
        if last is None or period_start(plan, local_time(last, zone)) < period_start(
            plan, local_time(now, zone)
        ):
            found.append(entry.id)
    return found


def last_runs(
    history: pd.DataFrame, source_ids: Iterable[str], by_hand: datetime | None = None
) -> dict[str, datetime]:
    """When each source was last asked for, by the newest job that served it.

    ``history`` has the jobs newest first (:func:`geodata.queries.jobs.history`). A job that failed,
    or that stopped with its worker, served nothing; one without ``sources`` served all. The
    order of the jobs counts, not their dates: a job asked for today outweighs one that a wrong
    clock dated in the future. ``by_hand`` stands for sources that no job ever served.
    """
    ids = tuple(source_ids)
    found: dict[str, datetime] = {}
    served = history[
        history["state"].isin([jobs.QUEUED, jobs.RUNNING, jobs.DONE])
        | ((history["state"] == jobs.CANCELLED) & history["is_cancelled_by_someone"].astype(bool))
    ]
    for asked_at, argument in zip(served["asked_at"], served["argument"], strict=True):
        if len(found) == len(ids):
            break
        for source_id in json.loads(argument).get("sources", ids):
            if source_id in ids:
                found.setdefault(source_id, asked_at.to_pydatetime())
    if by_hand is not None:
        for source_id in ids:
            found.setdefault(source_id, by_hand)
    return found


def local_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """The wall clock of a zone at a moment in UTC, both without time zone."""
    return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)


def _first_day(every: str, day: date) -> date:
    if every == "daily":
        return day
    if every == "weekly":  # from Monday (ISO 8601)
        return day - timedelta(days=day.weekday())
    if every == "monthly":
        return day.replace(day=1)
    if every == "quarterly":
        return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return date(day.year, 1, 1)
