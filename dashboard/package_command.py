"""`vigie package`: the public part of a release as a data package, for those who publish."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from geodata.failure import Failure
from geodata.settings import settings

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def commands(subparsers: Subparsers) -> None:
    """Add ``package`` to the subcommands of ``vigie``."""
    package = subparsers.add_parser(
        "package",
        help="write the public part of a release as a Frictionless data package",
        description="Write CSV tables and their description (datapackage.json), masks held.",
    )
    package.add_argument("--out", type=Path, required=True, help="a new folder, or a new .zip file")
    package.add_argument("--release", help="id of a release that is kept [the current one]")
    package.set_defaults(run=run_package)


def run_package(given: argparse.Namespace) -> int:
    """`vigie package`: 0 when it is written."""
    from dashboard import data
    from dashboard.interface.asked import asked_of
    from dashboard.interface.package import write_package
    from dashboard.interface.refusals import Refusal
    from geodata.model import Principal

    chosen = settings()
    # Whoever has the files on this machine may read them.
    principal = Principal("local", "director", (chosen.territory,))
    try:
        asked = asked_of(principal, chosen, given.release)
    except data.Unready as error:
        raise Failure(
            f"Aucune version ne peut être lue ({error.state}). Lancer d’abord `vigie refresh`.",
            f"No release can be read ({error.state}). Run `vigie refresh` first.",
        ) from error
    except Refusal as error:
        raise Failure(
            f"La version {given.release!r} n’est pas gardée : voir `vigie status`.",
            f"The release {given.release!r} is not kept: see `vigie status`.",
        ) from error
    rows = write_package(asked, given.out)
    print(f"{given.out}: {rows} rows of {asked.release.release_id}")
    return 0
