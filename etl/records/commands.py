"""`vigie records`: the contracts, an invented caseload, and what the zone holds."""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from etl.records.contracts.loader import Contract, contracts
from etl.records.folders import ZoneError
from etl.records.invented import caseload
from etl.records.vault import Zone
from etl.records.volumes import VARIABLES, NoVolumes, Volumes, volumes
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import Catalogue, Text
from geodata.settings import Settings, settings

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

#: The start of every invented file's name.
INVENTED = "invented_"


def commands(subparsers: Subparsers) -> None:
    """Add `records` and its own subcommands."""
    records = subparsers.add_parser("records", help="the authority's own records about persons")
    inner = records.add_subparsers(dest="records_command", required=True, metavar="COMMAND")
    contract = inner.add_parser("contract", help="print a contract, or write its empty template")
    contract.add_argument("name", nargs="?", choices=sorted(contracts()), help="without: list them")
    contract.add_argument("--out", type=Path, help="write an empty CSV and XLSX in this folder")
    contract.add_argument("--language", choices=("fr", "en"), default="fr")
    contract.set_defaults(run=run_contract)
    invent = inner.add_parser("invent", help="write an invented caseload, marked so on every row")
    invent.add_argument("--out", type=Path, required=True, help="folder of the files")
    invent.add_argument("--seed", type=int, default=43)
    invent.add_argument("--as-of", type=date.fromisoformat, help="day of the extract (YYYY-MM-DD)")
    invent.set_defaults(run=run_invent)
    listed = inner.add_parser("list", help="say which extracts the zone keeps")
    listed.set_defaults(run=run_list)
    forget = inner.add_parser("forget", help="erase an extract from the zone")
    forget.add_argument("source", choices=sorted(contracts()))
    forget.add_argument("snapshot", help="its id, as `vigie records list` gives it")
    forget.set_defaults(run=run_forget)


def zone_of(chosen: Settings) -> Zone:
    """The record-level zone of a data folder; the key is where the setting VIGIE_KEY says."""
    return Zone(chosen.data / "records", key_path(chosen))


def key_path(chosen: Settings) -> Path:
    """Where the key of the pseudonyms lies: VIGIE_KEY, else ``keys`` in the data folder."""
    return chosen.key or chosen.data / "keys" / "pseudonym.key"


def run_contract(given: argparse.Namespace) -> int:
    """`vigie records contract`: print the contracts, one contract, or write its template."""
    if given.name is None:
        for contract in contracts().values():
            print(f"{contract.id:<18} {contract.name.words(given.language)}")
        return 0
    contract = contracts()[given.name]
    if given.out is None:
        territory = catalogue(settings().territory).territory
        finest = territory.level(territory.finest_level).one
        print(contract_text(contract, given.language, finest))
        return 0
    given.out.mkdir(parents=True, exist_ok=True)
    columns = list(contract.columns)
    _write(given.out / f"{contract.id}.csv", csv_bytes(columns, []))
    _write(given.out / f"{contract.id}.xlsx", workbook_bytes({contract.id: (columns, [])}))
    return 0


def contract_text(contract: Contract, language: str, finest: Text) -> str:
    """A contract as a page of text: its columns, what they hold, their codes."""
    french = language == "fr"
    name = finest.words(language)
    lines = [
        f"{contract.id} · {contract.name.words(language)}",
        contract.about.words(language),
        f"{'On compte des' if french else 'What is counted:'} {contract.unit.words(language)}.",
        "",
    ]
    for column in contract.columns.values():
        due = ("obligatoire" if french else "required") if column.is_required else ""
        if column.or_else is not None:
            due += f" {'ou' if french else 'or'} {column.or_else}"
        hashed = ("pseudonymisé" if french else "pseudonymised") if column.domain else ""
        traits = ", ".join(filter(None, (_TYPES[column.type][not french], due, hashed)))
        lines.append(f"{column.name} ({traits})")
        lines.append(f"    {column.about.words(language).format(finest=name)}")
        lines += [f"    {c:<24} {v.name.words(language)}" for c, v in column.values.items()]
    return "\n".join(lines)


_TYPES = {
    "id": ("numéro", "number"),
    "code": ("code", "code"),
    "date": ("date AAAA-MM-JJ", "date YYYY-MM-DD"),
    "month": ("mois AAAA-MM", "month YYYY-MM"),
    "whole": ("nombre entier", "whole number"),
    "number": ("nombre", "number"),
    "area": ("code d’aire", "area code"),
}


def run_invent(given: argparse.Namespace) -> int:
    """`vigie records invent`: five CSV files, each with its passport, and one workbook."""
    chosen = settings()
    words = catalogue(chosen.territory)
    as_of = given.as_of or datetime.now(UTC).date()
    try:
        size = embedded_volumes(words)
    except NoVolumes as error:
        print(f"vigie: {error}", file=sys.stderr)
        return 1
    files = invented_files(size, as_of, given.seed)
    given.out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        _write(given.out / name, content)
    print(f"{len(files)} files written in {given.out}. Everything in them is invented.")
    return 0


def embedded_volumes(words: Catalogue) -> Volumes:
    """The volumes of the territory, from the figures carried with the project.

    Raises
    ------
    NoVolumes
        When they are not carried for this territory.
    """
    frames = []
    named = {source for v in VARIABLES if v in words.variables for source in _sources(words, v)}
    for source in sorted(named):
        frame = _embedded(words.sources[source].file)
        frames.append(frame[frame["variable"].isin(VARIABLES)])
    if not frames:
        raise NoVolumes("no source of the sizes is described for this territory")
    figures = pd.concat(frames).rename(columns={"area_level": "level"})
    figures["value"] = pd.to_numeric(figures["value"], errors="coerce")
    territory = words.territory
    members = pd.concat(
        [_embedded(e.file) for e in words.sources.values() if e.reader == "membership" and e.file]
    )
    inside = (
        (members["level"] == territory.finest_level)
        & (members["parent_level"] == territory.area.level)
        & (members["parent_id"] == territory.area.area_id)
    )
    beside = members[
        (members["level"] == territory.finest_level)
        & (members["parent_level"] == territory.area.level)
        & members["parent_id"].isin(territory.neighbours)
    ]
    made = volumes(figures, frozenset(members.loc[inside, "area_id"]), territory)
    return replace(made, beside=tuple(sorted(beside["area_id"])))


def invented_files(size: Volumes, as_of: date, seed: int) -> dict[str, bytes]:
    """Name and bytes of every file of an invented caseload."""
    made = caseload(size, as_of, seed)
    files = {}
    for name, frame in made.items():
        content = csv_bytes(list(frame.columns), frame.to_numpy().tolist())
        files[f"{INVENTED}{name}.csv"] = content
        files[f"{INVENTED}{name}.csv.toml"] = _passport(content, as_of, seed).encode()
    tables = {n: (list(f.columns), f.to_numpy().tolist()) for n, f in made.items()}
    files[f"{INVENTED}caseload.xlsx"] = workbook_bytes(tables)
    return files


def _passport(content: bytes, as_of: date, seed: int) -> str:
    said = {
        "producer": "Vigie (données inventées · invented data)",
        "dataset": f"Activité inventée · Invented caseload, seed {seed}",
        "licence": "EUPL-1.2",
        "vintage": f"inventé · invented, {as_of.isoformat()}",
        "url": "",
        "attribution": "Données inventées · Invented data",
        "retrieved_on": as_of.isoformat(),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return "".join(f'{name} = "{text}"\n' for name, text in said.items())


def csv_bytes(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """A CSV file as the contracts ask: UTF-8, commas, one heading."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def workbook_bytes(
    tables: Mapping[str, tuple[Sequence[str], Sequence[Sequence[object]]]],
) -> bytes:
    """An XLSX workbook with one sheet a contract, every cell a text."""
    import openpyxl  # a fifth of a second that other commands need not wait for

    book = openpyxl.Workbook(write_only=True)
    for name, (columns, rows) in tables.items():
        sheet = book.create_sheet(name)
        sheet.append(list(columns))
        for row in rows:
            sheet.append([str(cell) for cell in row])
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def run_list(_given: argparse.Namespace) -> int:
    """`vigie records list`: the extracts of the zone; 1 when it cannot be trusted."""
    zone = zone_of(settings())
    try:
        for source in contracts() if zone.folder.exists() else ():
            for kept in zone.extracts(source):
                nature = "  invented" if kept.is_invented else ""
                print(f"{source:<16} {kept.extracted_on} {kept.rows:>7} rows{nature}")
                print(f"    {kept.snapshot_id}")
    except ZoneError as error:
        return _refused(error)
    return 0


def run_forget(given: argparse.Namespace) -> int:
    """`vigie records forget`: 0 when erased, 1 when it was not there."""
    zone = zone_of(settings())
    try:
        known = zone.extracts(given.source) if zone.folder.exists() else []
    except ZoneError as error:
        return _refused(error)
    if given.snapshot not in {kept.snapshot_id for kept in known}:
        print(f"{given.source} has no such extract. See `vigie records list`.", file=sys.stderr)
        return 1
    zone.forget(given.source, given.snapshot)
    print("Erased. Releases keep the counts made from it.")
    return 0


def _refused(error: ZoneError) -> int:
    print(f"vigie: {error}", file=sys.stderr)
    return 1


def _sources(words: Catalogue, variable: str) -> Iterator[str]:
    yield from (s for s in words.variables[variable].sources if words.sources[s].file)


def _embedded(file: str | None) -> pd.DataFrame:
    path = Path(str(resources.files("geodata") / "embedded" / str(file)))
    return pd.read_csv(path, dtype="str", keep_default_na=False)


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(content)
    os.replace(fresh, path)
