"""The refresh: read the sources, check them, compute, and publish a release whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import resources
from pathlib import Path

import geopandas as gpd
import pandas as pd

from etl import checks, compute, coverage, figures, tiles
from etl.snapshot import TAILS, Passport, Snapshot, embedded_snapshot, snapshot
from etl.source import Known, Ledger, RejectedFile, Staged
from etl.sources import readers
from geodata import release, schema, state
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import Catalogue
from geodata.model import Issue, Severity
from geodata.queries import refreshes
from geodata.settings import Settings

#: Told the name of each step and how far along the refresh is, from 0 to 1.
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a refresh."""

    outcome: str  # published | unchanged | rejected
    release: release.Release | None
    issues: tuple[Issue, ...] = ()


def refresh(
    settings: Settings,
    progress: Progress = lambda _step, _share: None,
    accepted: Sequence[str] = (),
    again: bool = False,
) -> Outcome:
    """Bring the published release up to date with its sources.

    Parameters
    ----------
    accepted: sources whose held issues an officer accepts.
    again: rebuild even when nothing changed.

    Returns
    -------
    ``published`` with the new release, ``unchanged`` with the current one, or ``rejected`` with
    the issues that say why; a rejected refresh leaves the published release as it was.

    Raises
    ------
    ReleaseError
        When another refresh is running, or the release cannot be written.
    """
    with release.refresh_lock(settings.data):
        log = state.state_engine(settings.data)
        run_id = state.start_run(log, os.getpid())
        try:
            outcome = _refreshed(settings, progress, accepted, again)
        except BaseException as error:
            state.end_run(log, run_id, "failed", message=f"{type(error).__name__}: {error}")
            raise
        finally:
            log.dispose()
        state.end_run(
            log,
            run_id,
            outcome.outcome,
            release_id=outcome.release.release_id if outcome.release else None,
            issues=outcome.issues,
        )
        log.dispose()
        return outcome


def _refreshed(
    settings: Settings, progress: Progress, accepted: Sequence[str], again: bool
) -> Outcome:
    words = catalogue(settings.territory)
    current = release.readable_release(settings.data)
    progress("read", 0.0)
    snapshots, refused = _snapshots(settings, words)
    strangers = unknown_files(settings.incoming, words)
    if refused:
        return Outcome("rejected", current, (*refused, *strangers))
    inputs = _inputs_sha256(snapshots, words)
    if current is not None and not again and current.inputs_sha256 == inputs:
        progress("done", 1.0)
        return Outcome("unchanged", current, tuple(strangers))
    progress("check", 0.1)
    staged, issues = _staged(snapshots, words, progress)
    issues += [*strangers, *_against_before(staged, snapshots, current, words)]
    issues = [_accepted(issue, accepted) for issue in issues]
    if any(issue.severity in (Severity.REJECT, Severity.HOLD) for issue in issues):
        return Outcome("rejected", current, tuple(issues))
    try:
        tables = _tables(staged, words, progress)
    except RejectedFile as error:
        return Outcome("rejected", current, (error.issue, *issues))
    tables["source"] = _source_rows(snapshots, staged)
    tables["issue"] = pd.DataFrame(
        [state.issue_row(issue) for issue in issues],
        columns=[name for name, _kind in schema.issue_columns],
    )
    tables["about"] = pd.DataFrame(
        {
            "schema_version": [schema.SCHEMA_VERSION],
            "territory_id": [words.territory.id],
            "catalogue_sha256": [words.sha256],
            "recipe_sha256": [recipe_sha256(words)],
            "inputs_sha256": [inputs],
        }
    )
    progress("publish", 0.9)
    with release.draft(settings.data) as draft:
        for table in schema.release.sorted_tables:
            if len(tables[table.name]):
                draft.load(table, tables[table.name])
        recipe = recipe_sha256(words)
        made = release.publish(
            draft, settings.data, words.territory.id, recipe, inputs, settings.keep
        )
    progress("done", 1.0)
    return Outcome("published", made, tuple(issues))


def _snapshots(settings: Settings, words: Catalogue) -> tuple[list[Snapshot], list[Issue]]:
    """Every source's snapshot, and the issues of those that could not be taken."""
    taken, refused = [], []
    for entry in words.sources.values():
        try:
            taken.append(snapshot(entry, settings))
        except RejectedFile as error:
            refused.append(error.issue)
    return taken, refused


def _staged(
    snapshots: Sequence[Snapshot], words: Catalogue, progress: Progress
) -> tuple[dict[str, Staged], list[Issue]]:
    """Every source staged, and all issues found: one bad file does not hide those of the others."""
    stages = readers()
    known = Known(words)
    staged: dict[str, Staged] = {}
    issues: list[Issue] = []
    for number, taken in enumerate(snapshots):
        entry = words.sources[taken.source_id]
        progress(f"check {entry.id}", 0.1 + 0.4 * number / len(snapshots))
        if entry.reader != "areas" and not known.areas:
            break  # without a territory no code can be checked
        try:
            made = stages[entry.reader](entry, taken.file, taken.content, known)
        except RejectedFile as error:
            issues.append(error.issue)
            continue
        staged[entry.id] = made
        issues += made.issues
        if entry.reader == "areas":
            known = replace(known, areas=_ids(made.tables["area"]))
    return staged, issues


def _tables(
    staged: dict[str, Staged], words: Catalogue, progress: Progress
) -> dict[str, pd.DataFrame]:
    """The release's tables, computed from the staged ones."""
    tables: dict[str, list[pd.DataFrame]] = {}
    for made in staged.values():
        for name, frame in made.tables.items():
            tables.setdefault(name, []).append(frame)
    core = {name: pd.concat(frames, ignore_index=True) for name, frames in tables.items()}
    areas, membership = core["area"], core["area_membership"]
    checks.orphans(areas, membership, words)
    progress("compute", 0.5)
    ours = areas.loc[
        (areas["level"] == words.territory.finest_level) & (areas["role"] == "territory"),
        "area_id",
    ]
    members = membership[
        (membership["level"] == words.territory.finest_level) & membership["area_id"].isin(ours)
    ]
    derived = figures.derived_figures(core["figure"], words)
    published = pd.concat([core["figure"], derived], ignore_index=True)
    sums = figures.sums_of_parts(published, members, words)
    core["figure"] = figures.completed_figures(published, sums)
    core["reconciliation"] = figures.reconciliations(published, sums)
    core["coverage"] = coverage.coverages(core["figure"], areas, members, words)
    core["observation"] = compute.observations(core["figure"], core["coverage"], areas, words)
    core["lineage"] = compute.lineages(words)
    progress("tiles", 0.7)
    core["tile"] = _tile_table(areas, words)
    return core


def _tile_table(areas: pd.DataFrame, words: Catalogue) -> pd.DataFrame:
    try:
        return tiles.tiles(_drawn(areas), words.territory.metric_crs)
    except tiles.CoverageError as error:
        entry = words.sources["territory"]
        raise Ledger(entry.id, entry.file).reject(
            "not_a_coverage",
            f"les contours se chevauchent ou ne se touchent pas ({error})",
            f"contours overlap or do not share their edges ({error})",
            column="geometry",
            mend_fr="Fournir des contours qui partagent leurs limites.",
            mend_en="Bring contours that share their edges.",
        ) from error


def _drawn(areas: pd.DataFrame) -> gpd.GeoDataFrame:
    """The areas that have a contour, as the tile builder takes them."""
    with_contour = areas.dropna(subset="geometry")
    frame = with_contour[["level", "area_id", "name", "fid"]].assign(
        is_in_territory=with_contour["role"] == "territory"
    )
    contours = gpd.GeoSeries.from_wkb(with_contour["geometry"], crs="EPSG:4326")
    return gpd.GeoDataFrame(frame, geometry=contours)


def _source_rows(snapshots: Sequence[Snapshot], staged: dict[str, Staged]) -> pd.DataFrame:
    rows = []
    for taken in snapshots:
        made = staged[taken.source_id]
        rows.append(
            {
                **asdict(_credited(taken, made)),
                "source_id": taken.source_id,
                "file": taken.file,
                "origin": taken.origin,
                "sha256": taken.sha256,
                "rows_read": made.rows_read,
                "rows_loaded": made.rows_loaded,
                "rows_quarantined": made.rows_quarantined,
                "rows_dropped": made.rows_dropped,
            }
        )
    return pd.DataFrame(rows)


def _credited(taken: Snapshot, made: Staged) -> Passport:
    """The passport shown: an officer's file without one is dated by what it holds."""
    if taken.origin == "embedded" or taken.has_passport:
        return taken.passport
    periods = made.tables.get("figure", pd.DataFrame({"period": []}))["period"]
    vintage = f"{periods.min()}-{periods.max()}" if len(periods) else taken.passport.retrieved_on
    return replace(
        taken.passport,
        vintage=vintage,
        attribution=f"{taken.passport.producer}, {taken.passport.dataset}, {vintage}",
    )


def _against_before(
    staged: dict[str, Staged],
    snapshots: Sequence[Snapshot],
    current: release.Release | None,
    words: Catalogue,
) -> list[Issue]:
    """What moved or vanished since the published release; the first time, since the embedded."""
    if current is not None:
        engine = release.reading_engine(current.database)
        return [
            *checks.jumps(staged, refreshes.sources(engine)),
            *checks.vanished(staged, refreshes.published_keys(engine)),
        ]
    brought = [taken.source_id for taken in snapshots if taken.origin == "incoming"]
    embedded = [embedded_snapshot(words.sources[source_id]) for source_id in brought]
    areas = staged["territory"].tables["area"] if "territory" in staged else None
    if areas is None or not embedded:
        return []
    known = Known(words, _ids(areas))
    baseline = [
        readers()[words.sources[taken.source_id].reader](
            words.sources[taken.source_id], taken.file, taken.content, known
        ).tables.get("figure")
        for taken in embedded
    ]
    frames = [frame for frame in baseline if frame is not None]
    return checks.vanished(staged, pd.concat(frames)) if frames else []


def _ids(areas: pd.DataFrame) -> dict[str, frozenset[str]]:
    return {str(level): frozenset(ids) for level, ids in areas.groupby("level")["area_id"]}


def unknown_files(incoming: Path, words: Catalogue) -> list[Issue]:
    """A warning for each incoming file that is named after no source: it would not be read."""
    names = {f"{e.id}{Path(e.file).suffix}{tail}" for e in words.sources.values() for tail in TAILS}
    found = sorted(path.name for path in incoming.glob("*")) if incoming.is_dir() else []
    return [
        Issue(
            source_id="incoming",
            severity=Severity.WARNING,
            code="unknown_file",
            message_fr="ce fichier ne porte le nom d’aucune source : il n’est pas lu",
            message_en="this file is named after no source: it is not read",
            mend_fr="Le nommer d’après sa source, par exemple insee_births.csv.",
            mend_en="Name it after its source, for example insee_births.csv.",
            file=name,
        )
        for name in found
        if name not in names and not name.startswith(".")
    ]


def _accepted(issue: Issue, accepted: Sequence[str]) -> Issue:
    if issue.severity is Severity.HOLD and issue.source_id in accepted:
        return replace(issue, severity=Severity.WARNING)
    return issue


def recipe_sha256(words: Catalogue) -> str:
    """One hash of the code and text that make a release: same files, same release."""
    digest = hashlib.sha256(f"{words.sha256} {schema.SCHEMA_VERSION}".encode())
    for package, under in (("geodata", "methods"), ("etl", ".")):
        root = Path(str(resources.files(package))) / under
        for path in sorted(root.rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _inputs_sha256(snapshots: Sequence[Snapshot], words: Catalogue) -> str:
    digest = hashlib.sha256()
    parts = [recipe_sha256(words)]
    parts += sorted(f"{t.source_id} {t.sha256} {t.passport}" for t in snapshots)
    digest.update("\n".join(parts).encode())
    return digest.hexdigest()
