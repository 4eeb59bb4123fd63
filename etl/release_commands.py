"""Subcommands of `vigie` that decide of a release: diff, publish, refuse, rollback, history."""

from __future__ import annotations

import argparse
import getpass
from typing import TYPE_CHECKING

import pandas as pd

from etl import decisions
from geodata import release
from geodata.queries import refreshes
from geodata.settings import settings

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

#: Columns of a change that say of what it is.
_PLACE = ("indicator", "level", "area_id", "period")


def commands(subparsers: Subparsers) -> None:
    """Add diff, publish, refuse, rollback and history to the command."""
    diff = subparsers.add_parser("diff", help="what the release that waits (or the last) changes")
    diff.add_argument("release", nargs="?", help="its id; without it, the one that waits")
    diff.set_defaults(run=run_diff)
    for name, run, help_text in (
        ("publish", run_publish, "publish the release that waits"),
        ("refuse", run_refuse, "take back the release that waits"),
        ("rollback", run_rollback, "publish an earlier kept release again"),
    ):
        decided = subparsers.add_parser(name, help=help_text)
        decided.add_argument("release", nargs="?", help="its id")
        decided.add_argument("--by", default="", help="your name [that of your account]")
        decided.add_argument("--reason", default="", help="why, in a few words")
        decided.set_defaults(run=run)
    history = subparsers.add_parser("history", help="what was published, when, by whom")
    history.add_argument("--on", default="", metavar="DATE", help="only what was known on a day")
    history.set_defaults(run=run_history)


def run_diff(given: argparse.Namespace) -> int:
    """`vigie diff`: 0; 1 when there is no such release."""
    chosen = settings()
    kept = {r.release_id: r for r in release.kept_releases(chosen.data)}
    waiting = release.waiting_release(chosen.data)
    if waiting is not None:
        kept[waiting.release_id] = waiting
    found = (
        kept.get(given.release)
        if given.release
        else waiting or release.current_release(chosen.data)
    )
    if found is None:
        print(f"No release {given.release or 'yet'}; kept: {', '.join(kept) or 'none'}.")
        return 1
    if not release.is_readable(found):
        print(f"Release {found.release_id} was made by another version of the project.")
        return 1
    print(f"Release {found.release_id}, made {found.made_at} on {found.base_id or 'nothing'}")
    frame = refreshes.changes(release.reading_engine(found.database))
    if frame.empty:
        print("It changes nothing." if found.base_id else "It is the first: nothing to compare.")
    for row in frame.astype("object").where(frame.notna(), None).to_dict("records"):
        place = " ".join(str(row[k]) for k in _PLACE if pd.notna(row[k]))
        moved = "" if row["before"] is None else f"{row['before']:g} -> {row['after']:g}"
        rows = "" if row["rows"] is None else f"{int(row['rows'])} rows"
        said = " ".join(part for part in (moved, rows, row["detail"]) if part)
        print(f"  {row['kind']:<14} {place}  {said}")
    return 0


def run_publish(given: argparse.Namespace) -> int:
    """`vigie publish`: approve the release that waits."""
    made = decisions.publish_waiting(settings(), _name(given), given.reason, given.release)
    print(f"Published release {made.release_id} ({made.published_at}).")
    return 0


def run_refuse(given: argparse.Namespace) -> int:
    """`vigie refuse`: take back the release that waits."""
    made = decisions.refuse_waiting(settings(), _name(given), given.reason, given.release)
    print(f"Release {made.release_id} is refused; what was published stays.")
    return 0


def run_rollback(given: argparse.Namespace) -> int:
    """`vigie rollback`: name an earlier release as the published one."""
    named = decisions.roll_back(settings(), _name(given), given.reason, given.release)
    print(f"Release {named.release_id}, made {named.made_at}, is published again.")
    return 0


def run_history(given: argparse.Namespace) -> int:
    """`vigie history`: 0; 1 when nothing was published then."""
    data = settings().data
    if given.on:
        shown = release.release_on(data, given.on)
        if shown is None:
            print(f"Nothing was published on {given.on}.")
            return 1
        kept = {r.release_id for r in release.kept_releases(data)}
        where = "kept" if shown.release_id in kept else "no longer on disk"
        print(f"On {given.on}: release {shown.release_id}, published {shown.at} ({where}).")
        return 0
    for shown in release.publications(data):
        print(f"{shown.at}  {shown.release_id}  {shown.by:<20} {shown.reason}")
    return 0


def _name(given: argparse.Namespace) -> str:
    return str(given.by) or getpass.getuser()
