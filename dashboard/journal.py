"""What pages may ask of the state and the folder: refreshes, jobs, rows held back, publications.

Every question says who asks. Nothing is remembered: these things happen meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

import pandas as pd

from dashboard import data
from geodata import jobs as queue
from geodata import release, workers
from geodata.due import last_runs
from geodata.model import Principal
from geodata.queries import jobs as job_queries
from geodata.queries import refreshes
from geodata.release import Publication, Release, ReleaseError
from geodata.settings import Settings
from geodata.state import Engine, state_engine

#: The engine of the state of a folder, one a process.
_state = lru_cache(maxsize=4)(state_engine)


def runs(principal: Principal, settings: Settings, limit: int = 20) -> pd.DataFrame:
    """The latest refreshes, newest first."""
    data.allow(principal, settings)
    frame = _without_nan(refreshes.runs(state_of(settings), limit))
    if not release.is_refreshing(settings.data):  # a run that was killed could not say so
        frame["outcome"] = frame["outcome"].replace("running", "interrupted")
    return frame


def run_issues(principal: Principal, settings: Settings, run_id: int) -> pd.DataFrame:
    """The issues of one refresh, in the order they were found."""
    data.allow(principal, settings)
    return refreshes.run_issues(state_of(settings), run_id)


def run_steps(principal: Principal, settings: Settings, run_id: int) -> pd.DataFrame:
    """What each step of a refresh cost, the longest first."""
    data.allow(principal, settings)
    return refreshes.run_steps(state_of(settings), run_id)


def jobs(principal: Principal, settings: Settings, limit: int = 20) -> pd.DataFrame:
    """The latest jobs, newest first; ``release_id`` is that of their argument, or empty."""
    data.allow(principal, settings)
    frame = _without_nan(job_queries.jobs(state_of(settings), settings.territory, limit))
    arguments = [json.loads(text) for text in frame["argument"]]
    return frame.assign(
        release_id=[str(said.get("release_id") or "") for said in arguments],
        reason=[str(said.get("reason") or "") for said in arguments],
    )


def pending_jobs(principal: Principal, settings: Settings) -> pd.DataFrame:
    """The jobs that wait or are at work, the oldest first."""
    frame = jobs(principal, settings, limit=500)
    return frame[frame["state"].isin((queue.QUEUED, queue.RUNNING))].iloc[::-1]


def log_lines(principal: Principal, settings: Settings, job_id: int) -> pd.DataFrame:
    """What a job said, in order: at, text_fr, text_en."""
    data.allow(principal, settings)
    return job_queries.log_lines(state_of(settings), job_id)


def is_worker_alive(principal: Principal, settings: Settings) -> bool:
    """Whether a worker of this territory gave a sign of life within a minute."""
    data.allow(principal, settings)
    return workers.is_worker_alive(state_of(settings), settings.territory)


def last_readings(
    principal: Principal, settings: Settings, source_ids: Iterable[str]
) -> dict[str, datetime]:
    """When each source was last read or asked for, in UTC; those that never were are left out."""
    data.allow(principal, settings)
    engine = state_of(settings)
    by_hand = job_queries.last_run_by_hand(engine, settings.territory)
    return last_runs(
        job_queries.history(engine, settings.territory),
        source_ids,
        None if by_hand is None else by_hand.to_pydatetime(),
    )


def held_rows(
    principal: Principal, settings: Settings, source_id: str | None = None
) -> pd.DataFrame:
    """The rows held back, each with its reason and its cells (JSON); of one source, or of all."""
    data.allow(principal, settings)
    return _without_nan(refreshes.held_rows(state_of(settings), source_id))


def waiting(principal: Principal, settings: Settings) -> Release | None:
    """The release that waits for a decision, when this version can read it."""
    data.allow(principal, settings)
    found = release.waiting_release(settings.data)
    if found is None or not release.is_readable(found) or found.territory_id != settings.territory:
        return None
    try:
        release.reading_engine(found.database)
    except ReleaseError:
        return None
    return found


def kept(principal: Principal, settings: Settings) -> list[Release]:
    """The published releases that are still on disk and can be read, oldest first."""
    data.allow(principal, settings)
    own = (k for k in release.kept_releases(settings.data) if k.territory_id == settings.territory)
    return [found for found in own if release.is_readable(found)]


def publications(principal: Principal, settings: Settings) -> list[Publication]:
    """Every publication, oldest first; none when what remembers them cannot be read."""
    data.allow(principal, settings)
    try:
        return release.publications(settings.data)
    except ReleaseError:
        return []


def known_on(principal: Principal, settings: Settings, day: date) -> Publication | None:
    """What was published at the end of a day (UTC), or None."""
    data.allow(principal, settings)
    try:
        return release.release_on(settings.data, day.isoformat())
    except ReleaseError:
        return None


def _without_nan(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with None where there is nothing: pandas writes nan beside texts, which is true."""
    return frame.astype("object").where(frame.notna(), None)


def state_of(settings: Settings) -> Engine:
    """The engine of the state of these settings, one a process."""
    return _state(settings.data)
