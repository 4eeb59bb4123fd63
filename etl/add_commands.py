"""`vigie add`: bring a file of one's own, without writing Python."""

from __future__ import annotations

import argparse
import getpass
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import Console
from rich.table import Table

from etl import descriptions
from etl.descriptions import DescriptionError
from geodata.catalogue.entry import CatalogueError
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import Catalogue, SourceEntry, Text
from geodata.settings import Settings, settings

if TYPE_CHECKING:
    from etl.source import Staged
    from etl.standing import Standing

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

#: Rows shown as they would load.
SHOWN = 10
LARGEST_BYTES = 512 * 1024 * 1024
_HEADINGS = {
    "figure": ("area", "name", "variable", "period", "value", "unit", "status"),
    "service": ("id", "name", "category", "area", "longitude", "latitude", "capacity"),
    "equipment": ("area", "name", "equipment", "period", "count", "category"),
}


def commands(subparsers: Subparsers) -> None:
    """Add the subcommand that brings a new source."""
    add = subparsers.add_parser(
        "add", help="bring a file of your own: inspect it, describe it, approve it"
    )
    add.add_argument("file", nargs="?", type=Path, help="CSV, XLSX, Parquet, GeoJSON or GeoPackage")
    add.add_argument("--id", default="", help="the id of the new source [after the file's name]")
    add.add_argument("--name", default="", help="what people call it [the file's name]")
    add.add_argument("--makes", default="", choices=("", "figure", "service", "equipment"))
    add.add_argument("--columns", default="", help="the columns of figures wanted, with commas")
    add.add_argument("--description", type=Path, metavar="TOML", help="a description of yours")
    add.add_argument(
        "--shipped",
        nargs="?",
        const="",
        metavar="NAME",
        help="a description carried with the project; without NAME, list them",
    )
    add.add_argument("--approve", action="store_true", help="make the proposal a source")
    add.add_argument("--by", default="", help="your name, for --approve")
    add.add_argument("--list", action="store_true", help="the descriptions there are")
    add.add_argument("--remove", default="", metavar="ID", help="remove a description")
    add.set_defaults(run=run_add)


def run_add(given: argparse.Namespace) -> int:
    """`vigie add`: 0 when done, 1 when refused."""
    from etl.source import RejectedFile  # loads pandas and the readers: a second
    from etl.standing import NoTerritoryError

    chosen = settings()
    try:
        if given.list:
            return _list(chosen)
        if given.remove:
            return _remove(chosen, given.remove)
        if given.shipped == "":
            return _shipped(chosen)
        if given.file is None:
            print("vigie: name a file: vigie add FILE", file=sys.stderr)
            return 1
        return _approve(chosen, given) if given.approve else _propose(chosen, given)
    except RejectedFile as error:
        print(f"vigie: {error.issue.text('en')}", file=sys.stderr)
    except (DescriptionError, CatalogueError, NoTerritoryError) as error:
        print(f"vigie: {error}", file=sys.stderr)
    return 1


def _list(chosen: Settings) -> int:
    found = descriptions.every_description(chosen)
    for one in found:
        state = f"approved by {one.approved}" if one.approved else "proposed"
        print(f"{one.id:<32} {state}")
    if not found:
        print("No description yet: vigie add FILE.")
    return 0


def _remove(chosen: Settings, source_id: str) -> int:
    for path in descriptions.remove(chosen, source_id):
        print(f"Removed {path}")
    print("Run `vigie refresh` to make a release without it.")
    return 0


def _shipped(chosen: Settings) -> int:
    found = descriptions.shipped_descriptions(chosen.territory)
    for name, text in found.items():
        about = next((line[2:] for line in text.splitlines() if line.startswith("# ")), "")
        print(f"{name:<32} {about}")
    if not found:
        print("No description is carried with the project for this country.")
    return 0


def _propose(chosen: Settings, given: argparse.Namespace) -> int:
    """Inspect the file, write the proposal, show what it would load."""
    from etl.inspection.shape import inspected, inspection_of
    from etl.proposal import id_of, proposal
    from etl.sandbox import staged_safely
    from etl.standing import standing

    words = catalogue(chosen.territory, chosen.descriptions)
    content = _content(given.file)
    there = standing(chosen, words)
    text = _text_given(chosen, given)
    if text is None:
        source_id = given.id or id_of(given.file.name)
        descriptions.check_id(source_id, words)
        name = given.name or given.file.stem
        entry = SourceEntry(
            id=source_id, reader="", name=Text(name, name), options={"makes": given.makes}
        )
        staged = staged_safely(inspected, entry, given.file.name, content, there.known)
        columns = [part.strip() for part in given.columns.split(",") if part.strip()]
        needs = list(there.contours)
        text = proposal(inspection_of(staged), source_id, name, words, columns, needs)
    else:
        source_id = given.id or _id_in(text)
        descriptions.check_id(source_id, words)
    path = descriptions.propose(chosen, source_id, text)
    console = Console()
    console.print(text, markup=False, highlight=False, soft_wrap=True)
    missing = descriptions.blanks(path)
    _show(console, chosen, path, given.file.name, content, there)
    command = f"vigie add {given.file} --id {source_id} --approve --by NAME"
    if missing:
        print(f"Still to be filled in: {', '.join(missing)}.")
        print(f"Edit {path}, then: {command}")
        return 0
    print(f"The proposal is in {path}. If it is right: {command}")
    if sys.stdin.isatty() and sys.stdout.isatty():
        answer = input("Approve it now? [y/N] ").strip().lower()
        if answer in ("y", "yes", "o", "oui"):
            by = given.by or getpass.getuser()
            return _approved(chosen, source_id, given.file.name, content, by)
    return 0


def _approve(chosen: Settings, given: argparse.Namespace) -> int:
    """Check the proposal, edited or not, read the file with it, and make it a source."""
    from etl.proposal import id_of
    from etl.standing import standing

    if not given.by.strip():
        raise DescriptionError("who approves it? vigie add FILE --approve --by NAME")
    words = catalogue(chosen.territory, chosen.descriptions)
    content = _content(given.file)
    text = _text_given(chosen, given)
    source_id = given.id or (_id_in(text) if text is not None else id_of(given.file.name))
    descriptions.check_id(source_id, words)
    if text is not None:
        descriptions.propose(chosen, source_id, text)
    path = descriptions.proposed_path(chosen, source_id)
    missing = descriptions.blanks(path)
    if missing:
        raise DescriptionError(
            f"still to be filled in: {', '.join(missing)}. Edit {path}, then approve again."
        )
    there = standing(chosen, words)
    entry, described = descriptions.described_entry(chosen, path)
    staged = _staged(entry, described, given.file.name, content, there)
    _account(staged)
    return _approved(chosen, source_id, given.file.name, content, given.by)


def _approved(chosen: Settings, source_id: str, file: str, content: bytes, by: str) -> int:
    incoming = descriptions.approve(chosen, source_id, file, content, by)
    print(f"{source_id} is now a source; its file is {incoming}.")
    print("Run `vigie refresh` to take it in.")
    return 0


def _text_given(chosen: Settings, given: argparse.Namespace) -> str | None:
    """The description given by the officer or carried with the project; None to propose one."""
    if given.description is not None:
        try:
            return str(given.description.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise DescriptionError(f"{given.description} cannot be read: {error}") from error
    if given.shipped:
        found = descriptions.shipped_descriptions(chosen.territory)
        if given.shipped not in found:
            known = ", ".join(found) or "none"
            raise DescriptionError(f"no shipped description {given.shipped!r}; known: {known}.")
        return found[given.shipped]
    return None


def _id_in(text: str) -> str:
    """The id of the one source of a description."""
    try:
        sources = list(tomllib.loads(text).get("sources", {}))
    except tomllib.TOMLDecodeError as error:
        raise DescriptionError(f"the description cannot be read: {error}") from error
    if len(sources) != 1:
        raise DescriptionError("a description describes one source, [sources.ID].")
    return str(sources[0])


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise DescriptionError(f"{file} is over 512 MB: bring an extract of it.")
        return file.read_bytes()
    except OSError as error:
        raise DescriptionError(f"{file} cannot be read: {error.strerror}") from error


def _staged(
    entry: SourceEntry, words: Catalogue, file: str, content: bytes, there: Standing
) -> Staged:
    from etl.sandbox import staged_safely
    from etl.sources import readers

    stage = readers()[entry.reader]
    return staged_safely(stage, entry, file, content, there.for_reading(entry, words))


def _show(
    console: Console, chosen: Settings, path: Path, file: str, content: bytes, there: Standing
) -> None:
    """Ten rows as they would load, and the account of every row; or why they cannot be shown."""
    from etl.source import RejectedFile

    try:
        entry, words = descriptions.described_entry(chosen, path)
        staged = _staged(entry, words, file, content, there)
    except CatalogueError as error:
        print(f"No row can be shown yet: {error}")
        return
    except RejectedFile as error:
        print(f"As it is described, the file would be refused: {error.issue.text('en')}")
        return
    (made, frame), *_others = staged.tables.items()
    table = Table(title=f"{min(SHOWN, len(frame))} of {len(frame)} rows as they would load")
    for heading in _HEADINGS[made]:
        table.add_column(heading)
    for row in rows_shown(frame, made).to_dict("records"):
        table.add_row(*_cells({str(k): v for k, v in row.items()}, made, words, there))
    console.print(table)
    _account(staged)


def rows_shown(frame: pd.DataFrame, made: str) -> pd.DataFrame:
    """Ten rows of a table that show its variety: each variable, and some that have no value."""
    if made != "figure" or len(frame) <= SHOWN:
        return frame.head(SHOWN)
    silent = frame[frame["value"].isna()].groupby("status", sort=False).head(1).head(3)
    each = frame.drop(index=silent.index).groupby("variable", sort=False)
    count = max(1, (SHOWN - len(silent)) // max(1, each.ngroups))
    shown = pd.concat([each.head(count).head(SHOWN - len(silent)), silent])
    rest = frame.drop(index=shown.index).head(SHOWN - len(shown))
    return pd.concat([shown, rest]).sort_index()


def _cells(row: dict[str, object], made: str, words: Catalogue, there: Standing) -> tuple[str, ...]:
    area = str(row["area_id"])
    if made == "figure":
        variable = words.variables[str(row["variable"])]
        name = there.name(str(row["level"]), area)
        value = _written(row["value"])
        return (
            *(area, name, variable.id, str(row["period"]), value),
            *(variable.unit.en, str(row["status"])),
        )
    if made == "service":
        point = (_written(row["longitude"]), _written(row["latitude"]))
        capacity = _written(row["capacity"])
        name, kind = str(row["name"]), str(row["category"])
        return (str(row["service_id"]), name, kind, area, *point, capacity)
    name = there.name(words.territory.finest_level, area)
    texts = [str(row[key]) for key in ("equipment_code", "period", "count", "category")]
    return (area, name, *texts)


def _written(value: object) -> str:
    return "" if not isinstance(value, int | float) or pd.isna(value) else f"{value:.10g}"


def _account(staged: Staged) -> None:
    """Every row, and what becomes of it."""
    print(
        f"{staged.rows_read} rows read: {staged.rows_loaded} loaded, "
        f"{staged.rows_quarantined} held back, {staged.rows_dropped} dropped."
    )
    for rule, count in staged.dropped.items():
        print(f"  dropped by {rule}: {count}")
    for issue in staged.issues:
        if issue.code not in staged.dropped:
            print(f"  {issue.severity.value}: {issue.text('en')}")
