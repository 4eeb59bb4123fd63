"""Subcommands of `vigie` that make releases: refresh, status, rollback."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from geodata import release, state
from geodata.catalogue.loader import catalogue
from geodata.model import Issue, Severity
from geodata.queries import refreshes
from geodata.settings import settings

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

#: Exit status of a refresh that was refused.
REFUSED = 1


def commands(subparsers: Subparsers) -> None:
    """Add refresh, status and rollback to the command."""
    refresh = subparsers.add_parser("refresh", help="read the sources and publish a release")
    refresh.add_argument(
        "--if-none",
        action="store_true",
        help="only when no release made by this version of the code and catalogue is published",
    )
    refresh.add_argument("--again", action="store_true", help="rebuild even if nothing changed")
    refresh.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="SOURCE",
        help="publish although this source is held for a large change",
    )
    refresh.set_defaults(run=run_refresh)
    status = subparsers.add_parser("status", help="say what is published, from when, what is wrong")
    status.set_defaults(run=run_status)
    rollback = subparsers.add_parser("rollback", help="go back to an earlier kept release")
    rollback.add_argument("release", nargs="?", help="its id; without it, the one before")
    rollback.set_defaults(run=run_rollback)


def run_refresh(given: argparse.Namespace) -> int:
    """`vigie refresh`: 0 when published or unchanged, 1 when refused."""
    from etl.refresh import recipe_sha256, refresh  # loads the geographic libraries: a second

    chosen = settings()
    standing = release.readable_release(chosen.data)
    words = catalogue(chosen.territory)
    if given.if_none and standing and standing.recipe_sha256 == recipe_sha256(words):
        return 0
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<32}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("refresh", total=1.0)
        outcome = refresh(
            chosen,
            lambda step, share: bar.update(task, description=step, completed=share),
            accepted=given.accept,
            again=given.again,
        )
    _print_issues(outcome.issues)
    made = outcome.release
    if outcome.outcome == "rejected":
        left = f"release {made.release_id} stays published" if made else "nothing is published"
        print(f"Refused: {left}. Mend the files above and run `vigie refresh` again.")
        return 0 if given.if_none and standing else REFUSED
    assert made is not None
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
    engine = release.reading_engine(current.database)
    sources, issues = refreshes.sources(engine), refreshes.issues(engine)
    print(f"Sources   {len(sources)}, {int(sources['rows_loaded'].sum())} rows loaded")
    for row in sources.to_dict("records"):
        print(
            f"  {row['source_id']:<30} {row['vintage']:<12} {row['origin']:<9}"
            f" read {row['rows_read']:>6}  loaded {row['rows_loaded']:>6}"
            f"  quarantined {row['rows_quarantined']}  dropped {row['rows_dropped']}"
        )
    print(f"Issues    {len(issues)}")
    for found in state.issues_of(issues):
        print(f"  {found.severity}: {found.text('en')}")
    log = state.state_engine(chosen.data)
    for row in refreshes.runs(log, limit=1).to_dict("records"):
        cut = row["outcome"] == "running" and not release.is_refreshing(chosen.data)
        outcome = "interrupted" if cut else row["outcome"]
        print(f"Last run  {outcome}, {row['started_at']}Z {row['message'] or ''}")
        if row["outcome"] == "rejected":
            for found in state.issues_of(refreshes.run_issues(log, int(row["run_id"]))):
                print(f"  {found.severity}: {found.text('en')}")
    log.dispose()
    return 0


def run_rollback(given: argparse.Namespace) -> int:
    """`vigie rollback`: name an earlier release as the published one."""
    chosen = settings()
    with release.refresh_lock(chosen.data):
        named = release.roll_back(chosen.data, given.release)
    print(f"Release {named.release_id} of {named.published_at} is published again.")
    return 0


def _print_issues(issues: tuple[Issue, ...]) -> None:
    for issue in issues:
        if issue.severity is not Severity.NOTE:
            print(f"{issue.severity.value}: {issue.text('en')}", file=sys.stderr)
