"""What is known of the territory before a file is read: its areas and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from etl.records.commands import zone_of
from etl.refresh import recipe_sha256
from etl.snapshot import snapshot
from etl.source import Known, RejectedFile
from etl.staging import Desk, ids_of, staged_sources
from etl.steps import Steps
from geodata import release
from geodata.catalogue.nouns import Catalogue, SourceEntry
from geodata.model import Issue
from geodata.queries import refreshes
from geodata.settings import Settings

_EVENTS = "area_event"


class NoTerritoryError(RuntimeError):
    """No area is known, so that no code of a file can be checked."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The areas of the territory, as the sources of the territory tell them now."""

    known: Known
    #: level, area_id, name.
    areas: pd.DataFrame
    #: The contours of areas, by the source that has them.
    contours: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def for_reading(self, entry: SourceEntry, words: Catalogue) -> Known:
        """What a source is read with: the contours too, when it needs the source that has them."""
        drawn = {n: {"contour": self.contours[n]} for n in entry.needs if n in self.contours}
        return replace(self.known, catalogue=words, tables={**self.known.tables, **drawn})

    def name(self, level: str, area_id: str) -> str:
        """The name of an area, or its code."""
        found = self.areas[self.areas["level"].eq(level) & self.areas["area_id"].eq(area_id)]
        names = found["name"].dropna() if "name" in found else pd.Series(dtype="object")
        return str(names.iloc[0]) if len(names) else area_id


def standing(settings: Settings, words: Catalogue) -> Standing:
    """The areas and events of the territory, read from its files as the last refresh had them.

    Steps that the last refresh left are found again; nothing is downloaded, nothing published.

    Raises
    ------
    NoTerritoryError
        When no source of the territory can be read; the message says why.
    ReleaseError
        While a refresh is running.
    """
    with release.refresh_lock(settings.data):
        current = release.readable_release(settings.data)
        rows = {}
        if current is not None and current.territory_id == words.territory.id:
            told = refreshes.sources(release.reading_engine(current.database))
            rows = {
                str(r["source_id"]): {str(k): v for k, v in r.items()}
                for r in told.to_dict("records")
            }
        taken, issues = [], list[Issue]()
        for source_id in words.territory.sources:
            if words.sources[source_id].is_territory:
                try:
                    found = snapshot(words.sources[source_id], settings, rows)
                except RejectedFile as error:
                    issues.append(error.issue)
                else:
                    taken += [found] if found is not None else []
        steps = Steps(settings.data / "steps", recipe_sha256(words))
        desk = Desk(words, steps, {}, zone_of(settings))
        stock = staged_sources(taken, desk, lambda _source, _share: None)
        if stock.territory is None:
            why = "; ".join(issue.text("en") for issue in [*issues, *stock.issues][:3])
            raise NoTerritoryError(
                "No area of the territory is known"
                + (f": {why}" if why else "")
                + ". Run `vigie refresh` first."
            )
        areas = stock.territory.frame("area")
        tables = {step.name: {_EVENTS: step.frame(_EVENTS)} for step in stock.steps_with(_EVENTS)}
        contours = {step.name: step.frame("contour") for step in stock.steps_with("contour")}
    return Standing(Known(words, areas=ids_of(areas), tables=tables), areas, contours)
