"""Subcommands of `vigie` for rows held back: list them, export them, take them in mended."""

from __future__ import annotations

import argparse
import csv
import getpass
import io
import json
import sys
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from etl.reading import csv_text
from etl.source import Ledger, RejectedFile
from geodata import quarantine, state
from geodata.queries import refreshes
from geodata.settings import settings

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

#: Columns of an export that say what is wrong; the file's own follow.
REASONS = ("held_line", "held_column", "held_reason", "held_mend", "held_sha256")


def commands(subparsers: Subparsers) -> None:
    """Add held and mend to the command."""
    held = subparsers.add_parser("held", help="list or export the rows held back, with reasons")
    held.add_argument("source", nargs="?", help="a source's id; without it, all")
    held.add_argument("--out", type=Path, metavar="FILE", help="write them as CSV, to be mended")
    held.set_defaults(run=run_held)
    mend = subparsers.add_parser("mend", help="take in the rows of an export, mended")
    mend.add_argument("source", help="the source's id")
    mend.add_argument("file", type=Path, help="the export, with its cells mended")
    mend.add_argument("--by", default="", help="your name [that of your account]")
    mend.set_defaults(run=run_mend)


def run_held(given: argparse.Namespace) -> int:
    """`vigie held`: 0."""
    engine = state.state_engine(settings().data)
    frame = refreshes.held_rows(engine, given.source)
    engine.dispose()
    if given.out is not None:
        if given.source is None:
            print("vigie: name the source to export: vigie held SOURCE --out FILE", file=sys.stderr)
            return 1
        try:
            given.out.write_bytes(exported(frame))
        except OSError as error:
            print(f"vigie: {given.out} cannot be written ({error.strerror}).", file=sys.stderr)
            return 1
        print(f"{len(frame)} rows in {given.out}. Mend them, then: vigie mend {given.source} FILE")
        return 0
    for row in _rows(frame):
        column = f", column {row['column']}" if row["column"] else ""
        print(f"{row['file']}, line {row['line']}{column}: {row['message_en']}")
    print(f"{len(frame)} rows are held back.")
    return 0


def run_mend(given: argparse.Namespace) -> int:
    """`vigie mend`: 0 when the corrections are taken, 1 when they cannot be."""
    try:
        content = given.file.read_bytes()
    except OSError as error:
        print(f"vigie: {given.file} cannot be read ({error.strerror}).", file=sys.stderr)
        return 1
    engine = state.state_engine(settings().data)
    try:
        held = refreshes.held_rows(engine, given.source)
        corrections = mended(content, held, Ledger(given.source, given.file.name))
        for sha256, cells in corrections.items():
            quarantine.write_mends(
                engine, given.source, sha256, cells, given.by or getpass.getuser()
            )
    except RejectedFile as error:
        print(f"vigie: {error.issue.text('en')}", file=sys.stderr)
        return 1
    finally:
        engine.dispose()
    count = sum(map(len, corrections.values()))
    print(f"{count} rows are mended. Run `vigie refresh` to take them in.")
    return 0


def exported(held: pd.DataFrame) -> bytes:
    """Rows held back as CSV (UTF-8): the reasons, then the file's own columns as they were read."""
    rows = [json.loads(text) for text in held["cells"]]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.writer(out)  # ends lines by \r\n, and so quotes a cell that holds either
    writer.writerow([*REASONS, *columns])
    for told, row in zip(_rows(held), rows, strict=True):
        why = [told["line"], told["column"], told["message_fr"], told["mend_fr"], told["sha256"]]
        writer.writerow(
            [*("" if x is None else x for x in why), *(row.get(c, "") for c in columns)]
        )
    return out.getvalue().encode()


def mended(
    content: bytes, held: pd.DataFrame, ledger: Ledger
) -> dict[str, dict[int, Mapping[str, str]]]:
    """The corrections of an export, by hash of the file and line: only the cells that changed.

    A cell that reads otherwise than it was written (outer spaces, accents in two parts) and that
    nobody touched has not changed.

    Raises
    ------
    RejectedFile
        When it is not an export of these rows.
    """
    cells = {
        (str(r["sha256"]), int(r["line"])): json.loads(str(r["cells"]))
        for r in held.to_dict("records")
    }
    columns = list(dict.fromkeys(name for row in cells.values() for name in row))
    frame = csv_text(content, [*REASONS, *columns], ledger)
    untouched = _untouched(held, columns)
    made: dict[str, dict[int, Mapping[str, str]]] = {}
    for line, row in zip(frame["line"], frame.to_dict("records"), strict=True):
        key = _key(row)
        if key not in cells:
            raise ledger.reject(
                "not_held",
                "cette ligne n’est pas, ou plus, retenue",
                "this row is not held back, or no longer",
                line=int(line),
                column="held_line",
                mend_fr="Exporter à nouveau les lignes retenues (vigie held).",
                mend_en="Export the rows held back again (vigie held).",
            )
        before, same = cells[key], untouched.get(key, {})
        changed = {x: row[x] for x in before if row[x] not in (before[x], same.get(x))}
        if changed:
            made.setdefault(key[0], {})[key[1]] = changed
    return made


def _untouched(
    held: pd.DataFrame, columns: Sequence[str]
) -> dict[tuple[str, int], Mapping[Hashable, str]]:
    """The cells as the export reads when nobody touched it; empty where it cannot be read."""
    try:
        frame = csv_text(exported(held), [*REASONS, *columns], Ledger("held", "held"))
    except RejectedFile:
        return {}
    return {_key(row): row for row in frame.to_dict("records")}


def _key(row: Mapping[Hashable, str]) -> tuple[str, int]:
    """The hash of the file and the line that a row of an export names; 0 is no line."""
    line = row["held_line"]
    return row["held_sha256"], int(line) if line.isdecimal() else 0


def _rows(held: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """The rows, None where there is nothing."""
    return held.astype("object").where(held.notna(), None).to_dict("records")
