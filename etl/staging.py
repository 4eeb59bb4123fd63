"""Stage every source of the territory: the territory itself first, then what is counted on it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from threading import Lock

import pandas as pd

from etl.assembly import assembled
from etl.records.folders import ZoneError
from etl.records.vault import Zone
from etl.sandbox import Limits, staged_safely
from etl.snapshot import Snapshot
from etl.source import (
    HELD_COLUMNS,
    TERRITORY,
    Known,
    Ledger,
    RejectedFile,
    Staged,
    nothing_told,
    rounded_rows,
)
from etl.sources import readers, records
from etl.steps import Made, Step, Steps, hashed, issues_of
from geodata.catalogue.nouns import Catalogue, SourceEntry, Variable
from geodata.model import Issue, Severity

#: Tables a source may need without naming who staged them: small, and of the territory.
_SHARED_TABLES = ("area_event",)
_ACCOUNT = ("rows_read", "rows_loaded", "rows_quarantined", "rows_dropped", "dropped")

Mends = Mapping[tuple[str, str], Mapping[int, Mapping[str, str]]]


@dataclass(slots=True)
class Stock:
    """Every source that could be staged, the assembled territory, and all that was found wrong."""

    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    sources: dict[str, Step] = field(default_factory=dict)
    territory: Step | None = None
    issues: list[Issue] = field(default_factory=list)

    def steps_with(self, table: str) -> list[Step]:
        """The steps that hold a table, in reading order."""
        return [step for step in self.sources.values() if table in step.tables]

    def frames(self, table: str) -> list[pd.DataFrame]:
        """Every frame of a table, in reading order."""
        return [step.frame(table) for step in self.steps_with(table)]


@dataclass(frozen=True, slots=True)
class Desk:
    """What staging works with: the catalogue, the steps kept, corrections, the records' zone."""

    words: Catalogue
    steps: Steps
    mends: Mends
    zone: Zone
    #: What releases have told of own records so far: :data:`etl.source.TOLD`.
    told: pd.DataFrame = field(default_factory=nothing_told)


def staged_sources(
    snapshots: Sequence[Snapshot], desk: Desk, progress: Callable[[str, float], None]
) -> Stock:
    """Every source staged, and all issues found: one bad file does not hide those of the others.

    ``progress`` is told each source and how far along the whole is, from 0 to 1. Sources that
    read nothing of one another are staged side by side.
    """
    words = desk.words
    stock = Stock(snapshots={taken.source_id: taken for taken in snapshots})
    known = Known(words)
    territorial = [t for t in snapshots if words.sources[t.source_id].is_territory]
    others = [t for t in snapshots if not words.sources[t.source_id].is_territory]
    for number, taken in enumerate(territorial):
        progress(taken.source_id, number / len(snapshots))
        known = _stage(taken, known, "", stock, desk)
    refused = any(issue.severity is Severity.REJECT for issue in stock.issues)
    if refused or not known.areas:
        return stock  # without a territory no code can be checked
    progress("territory", len(territorial) / len(snapshots))
    try:
        stock.territory = _territory(stock, desk)
    except RejectedFile as error:
        stock.issues.append(error.issue)
        return stock
    stock.issues += issues_of(stock.territory)
    areas = stock.territory.frame("area")
    members = stock.territory.frame("area_membership")
    known = replace(
        known,
        areas=ids_of(areas),
        tables={**known.tables, TERRITORY: {"area_membership": members}},
    )
    _stage_side_by_side(others, known, stock, desk, progress, len(territorial))
    order = {taken.source_id: place for place, taken in enumerate(snapshots)}
    stock.sources = dict(sorted(stock.sources.items(), key=lambda item: order[item[0]]))
    return stock


def ids_of(areas: pd.DataFrame) -> dict[str, frozenset[str]]:
    """The codes of each level."""
    return {str(level): frozenset(ids) for level, ids in areas.groupby("level")["area_id"]}


def _stage_side_by_side(
    others: Sequence[Snapshot],
    known: Known,
    stock: Stock,
    desk: Desk,
    progress: Callable[[str, float], None],
    done: int,
) -> None:
    """Stage sources two by two, each after those it needs."""
    assert stock.territory is not None
    lock, futures = Lock(), dict[str, Future[Known]]()
    total = len(others) + done
    territory_key = stock.territory.key

    def run(taken: Snapshot) -> Known:
        seen = known
        for needed in desk.words.sources[taken.source_id].needs:
            if needed in futures:
                seen = futures[needed].result()
        made = _stage(taken, seen, territory_key, stock, desk)
        with lock:
            nonlocal done
            done += 1
            progress(taken.source_id, done / total)
        return made

    with ThreadPoolExecutor(max_workers=2) as pool:
        for taken in others:  # reading order: what is needed was asked for before
            futures[taken.source_id] = pool.submit(run, taken)
        for future in futures.values():
            future.result()


def _stage(taken: Snapshot, known: Known, territory_key: str, stock: Stock, desk: Desk) -> Known:
    """Stage one source; what is known after it."""
    words = desk.words
    entry = words.sources[taken.source_id]
    mended = desk.mends.get((entry.id, taken.sha256), {})
    needed = {name: stock.sources[name] for name in entry.needs if name in stock.sources}
    # Sources of the territory are all staged before others run side by side.
    before = [
        stock.sources[name]
        for name in words.territory.sources
        if words.sources[name].is_territory and name in stock.sources
    ]
    shared = [step for step in before if set(_SHARED_TABLES) & set(step.tables)]
    ours = [v for v in words.variables.values() if entry.id in v.sources]
    told = desk.told[desk.told["variable"].isin([v.id for v in ours])]
    depends = [
        taken.sha256,
        taken.file,
        repr(entry),
        repr(sorted((line, sorted(cells.items())) for line, cells in mended.items())),
        repr(ours),
        repr(words.territory),
        territory_key,
        *_protecting(ours, told, words),
        *(step.key for step in before if not territory_key),
        *(step.key for step in (*needed.values(), *shared)),
    ]

    def make() -> Made:
        tables = {name: _frames(step) for name, step in needed.items()}
        for step in shared:
            tables.setdefault(step.name, {}).update(
                {table: step.frame(table) for table in _SHARED_TABLES if table in step.tables}
            )
        seen = replace(known, tables={**known.tables, **tables}, mends=mended, told=told)
        if entry.is_record_level:
            return _put_down(_records(entry, taken, seen, desk.zone), is_exact=False)
        stage = readers()[entry.reader]
        content = taken.content
        if hashlib.sha256(content).hexdigest() != taken.sha256:
            raise Ledger(entry.id, taken.file).reject(
                "damaged",
                "le fichier gardé a changé depuis qu’il a été pris",
                "the file kept has changed since it was taken",
                mend_fr="Le déposer à nouveau dans le dossier des arrivées.",
                mend_en="Put it in the incoming folder again.",
            )
        return _put_down(staged_safely(stage, entry, taken.file, content, seen, Limits()))

    try:
        step = desk.steps.step(entry.id, depends, make)
    except RejectedFile as error:
        stock.issues.append(error.issue)
        return known
    stock.sources[entry.id] = step
    stock.issues += issues_of(step)
    if "area" not in step.tables:
        return known
    areas = {level: set(ids) for level, ids in known.areas.items()}
    for level, ids in ids_of(step.frame("area")).items():
        areas[level] = areas.get(level, set()) | ids
    return replace(known, areas={level: frozenset(ids) for level, ids in areas.items()})


def _protecting(ours: Sequence[Variable], told: pd.DataFrame, words: Catalogue) -> list[str]:
    """What protects the counts of own records, and what was told of them: part of their key."""
    profiles = {repr(words.profile(v.id)) for v in ours if v.disclosure is not None}
    return [*sorted(profiles), told.sort_values(list(told.columns)).to_csv(index=False)]


def _records(entry: SourceEntry, taken: Snapshot, known: Known, zone: Zone) -> Staged:
    """Counts of an extract about persons: of the file, or of the zone once the file is gone."""
    try:
        zone.prepare()
    except ZoneError as error:
        raise Ledger(entry.id, taken.file, is_record_level=True).reject(
            error.code, error.fr, error.en, mend_fr=error.mend_fr, mend_en=error.mend_en
        ) from None
    seen = replace(known, records=zone.folder, key=zone.key_path)
    if taken.origin == "kept":
        made = records.recounted(entry, seen)
        assert made is not None, "the zone was listed a moment ago"
        return made
    stage = readers()[entry.reader]
    return staged_safely(stage, entry, taken.file, taken.content, seen, Limits())


def _frames(step: Step) -> dict[str, pd.DataFrame]:
    return {table: step.frame(table) for table in step.tables if table != "held"}


def _territory(stock: Stock, desk: Desk) -> Step:
    """The areas and memberships of the release, from what the sources of the territory said."""
    names = ("area", "contour", "area_membership")

    def make() -> Made:
        tables = {
            name: pd.concat(frames, ignore_index=True)
            for name in names
            if (frames := stock.frames(name))
        }
        made, issues = assembled(tables, desk.words)
        return made, {"issues": [asdict(issue) for issue in issues]}

    return desk.steps.step(
        TERRITORY,
        [repr(desk.words.territory), *(step.key for step in stock.sources.values())],
        make,
    )


def _put_down(made: Staged, is_exact: bool = True) -> Made:
    """What was staged as tables and an account; of records, an account of rounded parts."""
    account = {name: getattr(made, name) for name in _ACCOUNT}
    account["dropped"] = dict(made.dropped)
    if not is_exact:
        dropped = {rule: rounded_rows(count) for rule, count in made.dropped.items()}
        loaded, held = rounded_rows(made.rows_loaded), rounded_rows(made.rows_quarantined)
        left = sum(dropped.values())
        account |= {"rows_loaded": loaded, "rows_quarantined": held, "dropped": dropped}
        account |= {"rows_dropped": left, "rows_read": loaded + held + left}
    account["issues"] = [asdict(issue) for issue in made.issues]
    return {**made.tables, "held": made.held[list(HELD_COLUMNS)]}, account


def key_of(stock: Stock, words: Catalogue, variable_id: str) -> str:
    """One hash of all that a variable's figures are made from, what protects them included."""
    variable = words.variables[variable_id]
    base = words.variables[variable.window_of] if variable.window_of else variable
    feeding = [stock.sources[name].key for name in base.sources if name in stock.sources]
    assert stock.territory is not None
    protected = repr(words.profile(variable_id))
    return hashed(repr(variable), repr(base), protected, stock.territory.key, *feeding)
