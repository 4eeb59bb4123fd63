"""Subcommands of `vigie` that make releases: refresh and status; the others are beside."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from etl import add_commands, held_commands, release_commands, worker_commands
from etl.records import commands as record_commands
from geodata import release, state
from geodata.catalogue.loader import catalogue
from geodata.model import Issue, Severity
from geodata.queries import refreshes
from geodata.settings import Settings, settings

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

#: Exit status of a refresh that was refused, and of one that waits for an officer.
REFUSED, WAITING = 1, 3


def commands(subparsers: Subparsers) -> None:
    """Add every subcommand that makes, judges or mends releases."""
    refresh = subparsers.add_parser("refresh", help="read the sources and publish a release")
    refresh.add_argument(
        "--if-none",
        action="store_true",
        help="only when no release made by this version of the code and catalogue is published",
    )
    refresh.add_argument("--again", action="store_true", help="rebuild even if nothing changed")
    refresh.add_argument(
        "--forget",
        action="append",
        default=[],
        metavar="SOURCE",
        help="give up the file kept for this source, and read the one carried with the project",
    )
    refresh.add_argument("--by", default="", help="your name [that of your account]")
    refresh.set_defaults(run=run_refresh)
    status = subparsers.add_parser("status", help="say what is published, from when, what is wrong")
    status.set_defaults(run=run_status)
    release_commands.commands(subparsers)
    held_commands.commands(subparsers)
    worker_commands.commands(subparsers)
    record_commands.commands(subparsers)
    add_commands.commands(subparsers)


def run_refresh(given: argparse.Namespace) -> int:
    """`vigie refresh`: 0 when published or unchanged, 1 when refused, 3 when it waits."""
    from etl.refresh import recipe_sha256, refresh  # loads the geographic libraries: a second

    chosen = settings()
    standing = release.readable_release(chosen.data)
    words = catalogue(chosen.territory, chosen.descriptions)
    if given.if_none and standing and standing.recipe_sha256 == recipe_sha256(words):
        return 0
    unknown = [name for name in given.forget if name not in words.territory.sources]
    if unknown:
        known = ", ".join(words.territory.sources)
        print(f"vigie: no source {', '.join(unknown)}; known: {known}.", file=sys.stderr)
        return REFUSED
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<40}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("refresh", total=1.0)
        outcome = refresh(
            chosen,
            lambda step, share: bar.update(task, description=step[:40], completed=share),
            again=given.again,
            forget=given.forget,
            asked_by=given.by or getpass.getuser(),
        )
    print_issues(outcome.issues)
    made = outcome.release
    if outcome.outcome == "rejected":
        left = f"release {made.release_id} stays published" if made else "nothing is published"
        print(f"Refused: {left}. Mend the files above and run `vigie refresh` again.")
        return 0 if given.if_none and standing else REFUSED
    assert made is not None
    if outcome.outcome == "waiting":
        print(
            f"Release {made.release_id} waits for an officer: see `vigie diff`, then "
            "`vigie publish --by NAME` or `vigie refuse --by NAME`."
        )
        return 0 if given.if_none and standing else WAITING
    if outcome.outcome == "unchanged":
        print(f"Nothing changed: release {made.release_id} of {made.published_at} stays.")
    else:
        print(f"Published release {made.release_id} ({made.published_at}).")
    return 0


def run_status(_given: argparse.Namespace) -> int:
    """`vigie status`: 0 when a release is published, 1 when there is none."""
    chosen = settings()
    current = release.current_release(chosen.data)
    if current is None:
        print(f"Nothing is published in {chosen.data}. Run `vigie refresh`.")
        return 1
    print(f"Release   {current.release_id}, published {current.published_at}")
    print(f"Territory {current.territory_id}")
    if not release.is_readable(current):
        print("It was made by another version of the project. Run `vigie refresh`.")
        return 1
    waiting = release.waiting_release(chosen.data)
    if waiting is not None:
        print(f"Waiting   {waiting.release_id}, made {waiting.made_at}: see `vigie diff`")
    engine = release.reading_engine(current.database)
    sources, issues = refreshes.sources(engine), refreshes.issues(engine)
    print(f"Sources   {len(sources)}, {int(sources['rows_loaded'].sum())} rows loaded")
    for row in sources.to_dict("records"):
        print(
            f"  {row['source_id']:<32} {row['vintage'][:16]:<16} {row['origin']:<10}"
            f" read {row['rows_read']:>8}  loaded {row['rows_loaded']:>8}"
            f"  quarantined {row['rows_quarantined']:>4}  dropped {row['rows_dropped']:>7}"
            f" {row['dropped'] if row['rows_dropped'] else ''}"
        )
    told = [found for found in state.issues_of(issues) if found.severity is not Severity.NOTE]
    print(f"Issues    {len(told)}, and {len(issues) - len(told)} notes (see the data page)")
    print_issues(tuple(told), sys.stdout)
    _print_last_run(chosen)
    return 0


def _print_last_run(chosen: Settings) -> None:
    log = state.state_engine(chosen.data)
    for row in refreshes.runs(log, limit=1).to_dict("records"):
        cut = row["outcome"] == "running" and not release.is_refreshing(chosen.data)
        outcome = "interrupted" if cut else row["outcome"]
        print(f"Last run  {outcome}, {row['started_at']}Z {row['message'] or ''}")
        if row["outcome"] == "rejected":
            found = state.issues_of(refreshes.run_issues(log, int(row["run_id"])))
            print_issues(tuple(found), sys.stdout)
    log.dispose()


def print_issues(issues: tuple[Issue, ...], out: TextIO | None = None) -> None:
    """Print what is wrong, one line each; notes are left to the data page."""
    for issue in issues:
        if issue.severity is not Severity.NOTE:
            print(f"  {issue.severity.value}: {issue.text('en')}", file=out or sys.stderr)
