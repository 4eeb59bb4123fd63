"""The refresh: read the sources, check them, compute, and publish a release whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd

from etl import checks, compute, diff, figures, shifts
from etl.build import Built, built
from etl.download import Downloaded, UnreachableError, download
from etl.faults import fault
from etl.records.commands import zone_of
from etl.snapshot import (
    UNNAMED,
    Passport,
    Snapshot,
    embedded_snapshot,
    forget_copy,
    kept_records,
    snapshot,
    unknown_files,
)
from etl.source import SECURITY, Known, Ledger, RejectedFile
from etl.sources import readers
from etl.staging import Desk, Stock, ids_of, staged_sources
from etl.steps import Steps, Timing
from etl.told import is_invented, told_before, told_now
from etl.whereabouts import tell_moved
from geodata import quarantine, release, schema, state
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import Catalogue, SourceEntry
from geodata.failure import full_disk_told
from geodata.jobs import Cancelled
from geodata.model import Issue, Severity
from geodata.queries import areas as places
from geodata.queries import refreshes
from geodata.queries.views import pinned_releases
from geodata.settings import Settings
from geodata.state import Engine, StateError

#: Told the name of each step and how far along the refresh is, from 0 to 1.
Progress = Callable[[str, float], None]
#: What stands for the vintage and the credit of invented rows.
INVENTED = "INVENTÉ / INVENTED"
#: What of the code decides what a release says: a change there makes every step anew.
_RECIPE = (("geodata", "methods"), ("geodata", "catalogue"), ("etl", "."))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a refresh."""

    outcome: str  # published | waiting | unchanged | rejected
    release: release.Release | None
    issues: tuple[Issue, ...] = ()
    timings: tuple[Timing, ...] = ()


def refresh(
    settings: Settings,
    progress: Progress = lambda _step, _share: None,
    again: bool = False,
    forget: Sequence[str] = (),
    asked_by: str = "",
    reason: str = "refresh",
    job_id: int | None = None,
) -> Outcome:
    """Bring the published release up to date with its sources.

    Parameters
    ----------
    again: rebuild even when nothing changed.
    forget: sources whose kept file is given up for the one carried with the project.
    asked_by, reason: who asked and why, remembered with the publication.

    Returns
    -------
    ``published`` with the new release, ``waiting`` with the one that an officer must approve,
    ``unchanged`` with the current one, or ``rejected`` with the issues that say why; only
    ``published`` changes what readers see.

    Raises
    ------
    ReleaseError
        When another refresh is running, or the release cannot be written.
    DiskFullError
        When there is no room left; what is published stays.
    StateError
        When the state cannot be read, or the log of a refresh that made nothing be written.
    """
    with release.refresh_lock(settings.data):
        log = state.state_engine(settings.data)
        try:
            run_id = state.start_run(log, os.getpid(), settings.territory, job_id)
            try:
                with full_disk_told(settings.data):
                    outcome = _refreshed(
                        settings, progress, again, forget, asked_by, reason, log, run_id
                    )
            except Cancelled:
                state.end_run(log, run_id, "cancelled")
                raise
            except BaseException as error:
                with suppress(StateError):  # on a full disk: the first fault is the one to tell
                    state.end_run(log, run_id, "failed", message=fault(error).en)
                raise
            try:
                _write_outcome(log, run_id, outcome)
            except StateError as error:
                outcome = _unlogged(outcome, error)
        finally:
            log.dispose()
        return outcome


def _write_outcome(log: Engine, run_id: int, outcome: Outcome) -> None:
    made = outcome.release
    state.end_run(
        log, run_id, outcome.outcome, made.release_id if made else None, "", outcome.issues
    )
    state.write_steps(log, run_id, [asdict(timing) for timing in outcome.timings])


def _unlogged(outcome: Outcome, error: StateError) -> Outcome:
    """The outcome with a warning that its log is not written: what is sealed stays.

    Raises
    ------
    StateError
        When nothing was made: there is nothing but the log to tell of it.
    """
    if outcome.outcome not in ("published", "waiting"):
        raise error
    ledger = Ledger("(release)", outcome.release.release_id if outcome.release else "")
    ledger.warn(
        "unlogged",
        f"la publication est faite, mais son journal n’est pas écrit : {error.message.fr}",
        f"the release is made, but its log is not written: {error.message.en}",
    )
    return replace(outcome, issues=(*outcome.issues, *ledger.issues))


def _refreshed(
    settings: Settings,
    progress: Progress,
    again: bool,
    forget: Sequence[str],
    asked_by: str,
    reason: str,
    log: Engine,
    run_id: int,
) -> Outcome:
    words = catalogue(settings.territory, settings.descriptions)
    recipe = recipe_sha256(words)
    current = release.readable_release(settings.data)
    if current is not None and current.territory_id != words.territory.id:
        current = None
    standing = _standing(current)
    progress("read", 0.0)
    given = {name: row for name, row in standing.items() if name not in forget}
    snapshots, refused, absent = _snapshots(settings, words, given, progress)
    strangers = [*unknown_files(settings.incoming, words), *absent]
    if refused:
        return Outcome("rejected", current, (*refused, *strangers))
    mends = quarantine.mends(log)
    inputs = _inputs_sha256(recipe, snapshots, mends)
    if current is not None and not again and current.inputs_sha256 == inputs:
        strangers += _overtaken(settings)
        progress("done", 1.0)
        return Outcome("unchanged", current, tuple(strangers))
    steps, told = Steps(settings.data / "steps", recipe), told_before(settings, words)
    stock = staged_sources(
        snapshots,
        Desk(words, steps, mends, zone_of(settings), told),
        lambda name, x: progress(f"check {name}", 0.02 + 0.48 * x),
    )
    for source_id, step in stock.sources.items():
        taken = stock.snapshots[source_id]
        quarantine.write_held(log, run_id, source_id, taken.sha256, taken.file, step.frame("held"))
    issues = [*strangers, *stock.issues]
    for issue in stock.issues:
        brought = stock.snapshots.get(issue.source_id)
        if issue.code in SECURITY and brought is not None and brought.origin == "incoming":
            forget_copy(brought, settings.data / "snapshots")
    issues += _against_before(stock, standing, current, words)
    issues += _moved_ground(stock, current, words)
    if any(issue.severity is Severity.REJECT for issue in issues) or stock.territory is None:
        return Outcome("rejected", current, tuple(issues), tuple(steps.timings))
    try:
        made = built(stock, words, steps, settings, lambda name, x: progress(name, 0.5 + 0.35 * x))
    except RejectedFile as error:
        return Outcome("rejected", current, (error.issue, *issues), tuple(steps.timings))
    issues += made.issues
    progress("write", 0.87)
    ever = told_now(stock, words, told)
    sealed, found = _sealed(settings, words, stock, made, issues, current, recipe, inputs, ever)
    issues += found
    steps.forget_others()
    issues += _taken_back(settings, current, sealed)
    if any(issue.severity is Severity.HOLD for issue in issues):
        release.wait(settings.data, sealed.release_id)
        progress("done", 1.0)
        return Outcome("waiting", sealed, tuple(issues), tuple(steps.timings))
    shown = release.publish(
        settings.data,
        sealed.release_id,
        asked_by,
        reason,
        settings.keep,
        pinned=pinned_releases(log, settings.keep),
    )
    progress("done", 1.0)
    return Outcome("published", shown, tuple(issues), tuple(steps.timings))


def _sealed(
    settings: Settings,
    words: Catalogue,
    stock: Stock,
    made: Built,
    issues: Sequence[Issue],
    current: release.Release | None,
    recipe: str,
    inputs: str,
    ever: pd.DataFrame,
) -> tuple[release.Release, list[Issue]]:
    """The release, written, compared with the current one and sealed; and what that found."""
    with release.draft(settings.data) as draft:
        for name, held in made.tables.items():
            draft.load_all(schema.release.tables[name], (step.arrow(name) for step in held))
        draft.load(schema.lineage, compute.lineages(words, stock.sources.keys(), made.travel))
        draft.load(schema.source, _source_rows(stock, words))
        if len(ever):
            draft.load(schema.told, ever)
        draft.load(
            schema.about,
            pd.DataFrame(
                {
                    "schema_version": [schema.SCHEMA_VERSION],
                    "territory_id": [words.territory.id],
                    "catalogue_sha256": [words.sha256],
                    "recipe_sha256": [recipe],
                    "inputs_sha256": [inputs],
                }
            ),
        )
        changes, found = diff.changes(draft, current, words)
        if len(changes):
            draft.load(schema.change, changes)
        told = [*issues, *found]
        if told:
            rows = pd.DataFrame([state.issue_row(issue) for issue in told])
            draft.load(schema.issue, rows[[name for name, _kind in schema.issue_columns]])
        counted = Counter(issue.severity.value for issue in told)
        making = release.Making(
            territory_id=words.territory.id,
            recipe_sha256=recipe,
            inputs_sha256=inputs,
            base_id=current.release_id if current else None,
            inputs={taken.source_id: taken.sha256 for taken in stock.snapshots.values()},
            checks=dict(sorted(counted.items())),
        )
        return release.seal(draft, settings.data, making), found


def _overtaken(settings: Settings) -> list[Issue]:
    """Take away the release that waits when the files are those of the published one again."""
    waiting = release.waiting_release(settings.data)
    if waiting is None:
        return []
    release.refuse(settings.data, waiting.release_id)
    ledger = Ledger("(release)", waiting.release_id)
    ledger.warn(
        "overtaken",
        f"{waiting.release_id} n’attend plus : ses fichiers ne sont plus là",
        f"{waiting.release_id} waits no more: the files it was made from have gone",
    )
    return ledger.issues


def _taken_back(
    settings: Settings, current: release.Release | None, sealed: release.Release
) -> list[Issue]:
    """A hold when the release says again what somebody took back by a roll-back."""
    later = [
        kept.release_id
        for kept in release.kept_releases(settings.data)
        if current is not None
        and kept.number > current.number
        and kept.content_sha256 == sealed.content_sha256
    ]
    if not later:
        return []
    ledger = Ledger("(release)", sealed.release_id)
    ledger.hold(
        "taken_back",
        f"cette livraison dit à nouveau ce que disait {later[-1]}, qui a été retirée",
        f"this release says again what {later[-1]} said, which was rolled back",
        mend_fr="Retirer le fichier en cause (ou vigie refresh --forget SOURCE) ; sinon approuver.",
        mend_en="Take the file at fault away (or vigie refresh --forget SOURCE); else approve.",
    )
    return ledger.issues


def _snapshots(
    settings: Settings,
    words: Catalogue,
    standing: dict[str, dict[str, object]],
    progress: Progress,
) -> tuple[list[Snapshot], list[Issue], list[Issue]]:
    """Every source's snapshot, the refusals, and a note for each source without any file."""
    taken: list[Snapshot] = []
    refused: list[Issue] = []
    absent: list[Issue] = []
    unreachable: list[Issue] = []
    hosts: set[str] = set()

    def reach(entry: SourceEntry, folder: Path) -> Downloaded | None:
        """The file at the source's address, unless its host has not answered before."""
        host = str(urlsplit(str(entry.address)).hostname)
        if not settings.downloads or host in hosts:
            return None
        try:
            return download(
                entry,
                folder,
                lambda now, whole: progress(
                    f"download {entry.id}", 0.02 * now / max(whole, now, 1)
                ),
            )
        except UnreachableError as error:
            hosts.add(host)
            ledger = Ledger(entry.id, entry.id)
            ledger.note(
                "unreachable",
                f"adresse injoignable ({error}) : le fichier déjà pris est utilisé",
                f"address unreachable ({error}): the file at hand is used",
                mend_fr="Rien à faire si le réseau est coupé ; sinon vérifier l’adresse.",
                mend_en="Nothing to do without network; otherwise check the address.",
            )
            unreachable.extend(ledger.issues)
            return None

    for source_id in words.territory.sources:
        entry = words.sources[source_id]
        progress(f"read {source_id}", 0.0)
        try:
            found = snapshot(entry, settings, standing, reach)
        except RejectedFile as error:
            refused.append(error.issue)
            continue
        if found is None and entry.is_record_level:
            found = kept_records(entry, zone_of(settings).extracts(entry.id))
        if found is not None:
            taken.append(found)
            continue
        named = dict.fromkeys((f"{entry.id}{entry.suffix}", *entry.published_as))
        names = " ou ".join(named)
        ledger = Ledger(entry.id, entry.published_as[0] if entry.published_as else entry.id)
        ledger.note(
            "no_file",
            "pas de fichier pour cette source : rien n’en est lu",
            "no file for this source: nothing is read of it",
            mend_fr=f"Déposer {names} dans le dossier des arrivées.",
            mend_en=f"Put {names.replace(' ou ', ' or ')} in the incoming folder.",
        )
        absent += ledger.issues
    if not any(words.sources[t.source_id].is_territory for t in taken) and not refused:
        refused += [replace(issue, severity=Severity.REJECT) for issue in absent[:1]]
    return taken, refused, [*unreachable, *absent]


def _standing(current: release.Release | None) -> dict[str, dict[str, object]]:
    """The sources of the published release, by id."""
    if current is None:
        return {}
    rows = refreshes.sources(release.reading_engine(current.database)).to_dict("records")
    return {str(row["source_id"]): {str(k): v for k, v in row.items()} for row in rows}


def _source_rows(stock: Stock, words: Catalogue) -> pd.DataFrame:
    rows = []
    for source_id, step in stock.sources.items():
        taken, entry = stock.snapshots[source_id], words.sources[source_id]
        dated = next((name for name in ("figure", "service") if name in step.tables), None)
        periods = step.frame(dated)["period"] if dated else None
        rows.append(
            {
                **asdict(_credited(taken, periods, is_invented(step))),
                "source_id": source_id,
                "file": taken.file,
                "origin": taken.origin,
                "met": entry.met,
                "is_invented": is_invented(step),
                "dropped": json.dumps(step.account["dropped"], sort_keys=True),
                **{name: step.account[name] for name in refreshes.ROW_COUNTS},
            }
        )
    return pd.DataFrame(rows)


def _credited(taken: Snapshot, periods: pd.Series | None, of_nobody: bool) -> Passport:
    """The passport shown: an officer's file with none, or without a date, is dated by its rows."""
    if of_nobody:
        return replace(taken.passport, vintage=INVENTED, attribution=INVENTED)
    told = taken.passport
    has_credit = taken.origin in ("embedded", "kept") or taken.has_passport
    if has_credit and told.vintage != UNNAMED:
        return told
    known = [] if periods is None else [str(one) for one in periods.dropna().unique()]
    vintage = "-".join(dict.fromkeys((min(known), max(known)))) if known else told.retrieved_on
    credit = told.attribution if has_credit else f"{told.producer}, {told.dataset}, {vintage}"
    return replace(told, vintage=vintage, attribution=credit)


def _against_before(
    stock: Stock,
    standing: dict[str, dict[str, object]],
    current: release.Release | None,
    words: Catalogue,
) -> list[Issue]:
    """What moved, vanished or shifted in the sources that changed since the published release.

    The first time, a file that was brought is compared with the one carried with the project.
    """
    engine = release.reading_engine(current.database) if current else None
    issues: list[Issue] = []
    for source_id, step in stock.sources.items():
        taken, before = stock.snapshots[source_id], standing.get(source_id)
        if taken.origin == "embedded" or (before and before["sha256"] == taken.sha256):
            continue
        ledger = Ledger(source_id, taken.file)
        now = step.frame("figure") if "figure" in step.tables else None
        try:
            if before is not None and engine is not None:
                checks.jump(ledger, int(step.account["rows_read"]), int(str(before["rows_read"])))
                then = refreshes.published_figures(engine, source_id)
            else:
                then = _embedded_figures(source_id, stock, words)
            if now is not None:
                checks.vanished(ledger, now, then)
                if stock.territory is not None and len(then):
                    areas = stock.territory.frame("area")
                    shifts.compared(ledger, now, then, areas, words)
        except RejectedFile as error:
            issues.append(error.issue)
        issues += ledger.issues
    return issues


def _moved_ground(stock: Stock, current: release.Release | None, words: Catalogue) -> list[Issue]:
    """A hold when the finest areas no longer lie where the published release has them."""
    if current is None or stock.territory is None:
        return []
    level = words.territory.finest_level
    then = places.contours(release.reading_engine(current.database), level)
    now = stock.territory.frame("area")
    drawn_by = [*stock.steps_with("contour"), *stock.steps_with("area")][0].name
    ledger = Ledger(drawn_by, stock.snapshots[drawn_by].file)
    tell_moved(now[now["level"] == level], then, words.territory, ledger)
    return ledger.issues


def _embedded_figures(source_id: str, stock: Stock, words: Catalogue) -> pd.DataFrame:
    """The figures that the file carried with the project holds."""
    entry = words.sources[source_id]
    if entry.file is None or stock.territory is None:
        return pd.DataFrame(columns=figures.KEY)
    areas = stock.territory.frame("area")
    known = Known(words, ids_of(areas))
    kept = embedded_snapshot(entry)
    made = readers()[entry.reader](entry, kept.file, kept.content, known)
    return made.tables.get("figure", pd.DataFrame(columns=figures.KEY))


def recipe_sha256(words: Catalogue) -> str:
    """One hash of the code and text that make a release: same files, same release."""
    digest = hashlib.sha256(f"{words.sha256} {schema.SCHEMA_VERSION}".encode())
    for package, under in _RECIPE:
        root = Path(str(resources.files(package))) / under
        for path in sorted(root.rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _told(taken: Snapshot) -> str:
    """What a passport adds to the inputs: a file is the same whether brought again or kept."""
    if taken.origin == "embedded":
        return repr(taken.passport)
    passport = taken.passport
    return " ".join((passport.producer, passport.dataset, passport.licence, passport.url))


def _inputs_sha256(recipe: str, snapshots: Sequence[Snapshot], mends: object) -> str:
    digest = hashlib.sha256()
    parts = [recipe, repr(mends)]
    parts += sorted(f"{t.source_id} {t.sha256} {_told(t)}" for t in snapshots)
    digest.update("\n".join(parts).encode())
    return digest.hexdigest()
