"""`vigie`: one command whose subcommands come from the entry points ``vigie.commands``.

The etl and the dashboard add theirs without knowing each other: each entry point is a function
that receives the argparse subparsers and adds parsers with a ``run`` default.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points

from geodata.catalogue.entry import CatalogueError
from geodata.failure import Failure
from geodata.settings import SETTINGS, SettingError

#: What a subcommand is: it reads its arguments, acts, and returns the process's exit status.
Run = Callable[[argparse.Namespace], int]


def parser() -> argparse.ArgumentParser:
    """The parser of ``vigie`` with every subcommand that is installed."""
    lines = "\n".join(f"  {s.name:<16} {s.help} [{s.default or 'empty'}]" for s in SETTINGS)
    made = argparse.ArgumentParser(
        prog="vigie",
        description="Observatory of needs, coverage and gaps for the social services.",
        epilog=f"settings, read from the environment:\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for point in sorted(entry_points(group="vigie.commands"), key=lambda p: p.name):
        point.load()(subparsers)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; return 0 when done, 1 when refused, 2 when misused."""
    given = parser().parse_args(arguments)
    run: Run = given.run
    try:
        status = run(given)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # the reader of our output has seen enough (`vigie status | head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (SettingError, CatalogueError, Failure) as error:
        print(f"vigie: {error}", file=sys.stderr)
        return 1
    except OSError as error:  # a folder that is not ours
        named = f" ({error.filename})" if error.filename else ""
        print(f"vigie: the system refuses: {error.strerror or error}{named}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
