"""What releases have told of own records: it binds the next ones, whatever is kept on disk."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import pandas as pd

from etl.source import TOLD, nothing_told
from etl.staging import Stock
from etl.steps import Step
from geodata import release
from geodata.catalogue.nouns import Catalogue
from geodata.queries import refreshes
from geodata.settings import Settings


def told_before(settings: Settings, words: Catalogue) -> pd.DataFrame:
    """What releases of this territory have told, each figure and value once: :data:`TOLD`.

    Each release carries what was told before it, so that those kept tell of those gone too.
    """
    ours = [entry.id for entry in words.sources.values() if entry.is_record_level]
    frames = []
    for kept in release.kept_releases(settings.data):
        if kept.territory_id == words.territory.id:
            with suppress(release.ReleaseError):
                engine = release.reading_engine(kept.database)
                frames.append(refreshes.told_figures(engine, ours))
    return _once(frames)


def told_now(stock: Stock, words: Catalogue, before: pd.DataFrame) -> pd.DataFrame:
    """What was told before, and what this release tells: its table ``told``."""
    frames = [before]
    for source_id, step in stock.sources.items():
        if words.sources[source_id].is_record_level and "figure" in step.tables:
            known = step.frame("figure").dropna(subset="value")
            now = known.assign(source_id=source_id, is_invented=is_invented(step))
            frames.append(now[list(TOLD)])
    return _once(frames)


def is_invented(step: Step) -> bool:
    """Whether the source says itself that its rows are invented."""
    return any(issue["code"] == "invented" for issue in step.account["issues"])


def _once(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Each figure and value once, in one order."""
    some = [frame for frame in frames if len(frame)]
    if not some:
        return nothing_told()
    told = pd.concat(some, ignore_index=True).drop_duplicates()
    return told.sort_values(list(TOLD), ignore_index=True)
