"""The worker's schedule: it asks for what is due, and waits after failures."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import takewhile

import pandas as pd

from geodata import jobs
from geodata.catalogue.nouns import Catalogue
from geodata.due import due, last_runs, schedules, time_zone
from geodata.queries import jobs as job_queries
from geodata.state import Engine

#: Who asks for what a schedule asks.
ASKED_BY = "schedule"
#: How long the schedule waits after as many failures in a row; beyond, twice as long each time.
WAITS = (timedelta(0), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
LONGEST_WAIT = timedelta(days=1)


def is_paused(history: pd.DataFrame, now: datetime) -> bool:
    """Whether the last jobs failed in a row, and lately, so that the schedule waits.

    After one failure 5 minutes, after two 15, after three an hour, then twice as long each time,
    a day at most. A job that was done ends the wait.
    """
    ended = history[history["state"].isin([jobs.DONE, jobs.FAILED])]
    in_a_row = takewhile(lambda state: state == jobs.FAILED, ended["state"])
    failures = sum(1 for _ in in_a_row)
    if not failures:
        return False
    last: datetime = ended["ended_at"].iloc[0].to_pydatetime()
    return timedelta(0) <= now - last < wait_after(failures)


def wait_after(failures: int) -> timedelta:
    """How long the schedule waits after as many failures in a row."""
    if failures < len(WAITS):
        return WAITS[failures]
    doublings = min(failures - len(WAITS) + 1, 10)
    longer: timedelta = WAITS[-1] * 2**doublings
    return min(longer, LONGEST_WAIT)


def ask_due(engine: Engine, words: Catalogue, now: datetime) -> int | None:
    """Queue one refresh for all the sources that are due ``now``; its id, or None without any.

    Two workers that look at the same moment queue one: the second finds that the queue moved.
    """
    planned = [words.sources[source_id] for source_id in schedules(words)]
    if not planned:
        return None
    history = job_queries.history(engine, words.territory.id)
    if is_paused(history, now):
        return None
    by_hand = job_queries.last_run_by_hand(engine, words.territory.id)
    before = last_runs(
        history,
        [entry.id for entry in planned],
        None if by_hand is None else by_hand.to_pydatetime(),
    )
    wanted = due(planned, before, now, time_zone(words))
    if not wanted:
        return None
    return jobs.ask_after(
        engine,
        "refresh",
        words.territory.id,
        ASKED_BY,
        {"sources": wanted},
        last_id=int(history["job_id"].max()) if len(history) else 0,
        at=now,
    )
