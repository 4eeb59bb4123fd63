"""A release as a data package (Frictionless): its public tables as CSV, described for programs.

The tables and their fields are those of the interface (`dashboard.interface`), so are the masks. A
package is written whole or not at all, and row by row: no table is held.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
from marshmallow import Schema, fields

from dashboard.interface import items, tables
from dashboard.interface.asked import Asked
from dashboard.interface.forms import csv_text
from dashboard.interface.parameters import known_names
from dashboard.interface.tables import Listing
from geodata.failure import Failure

DESCRIPTOR = "datapackage.json"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
#: The day that files of an archive bear, so that one release makes one archive.
_NO_DAY = (1980, 1, 1, 0, 0, 0)


class PackageError(Failure):
    """A package cannot be written there; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of the package: what finds its rows, its key, and what its fields refer to."""

    name: str
    rows: Callable[[Asked], Listing]
    key: tuple[str, ...]
    refers: tuple[tuple[tuple[str, ...], str], ...] = ()


_AREA = (("level", "area_id"), "areas")
_TABLES = (
    _Table("sources", tables.sources, ("source",)),
    _Table("areas", tables.areas, ("level", "area_id")),
    _Table("indicators", tables.indicators, ("indicator",)),
    _Table(
        "observations",
        tables.observations,
        ("indicator", "level", "area_id", "period"),
        ((("indicator",), "indicators"), _AREA),
    ),
    _Table("services", tables.services, ("service",), ((("source",), "sources"), _AREA)),
    _Table(
        "coverage",
        lambda asked: tables.coverages(asked, items.CoverageItem),
        ("service", "standard", "level", "area_id", "period"),
        (_AREA,),
    ),
    _Table(
        "gaps",
        lambda asked: tables.coverages(asked, items.GapItem),
        ("service", "standard", "level", "area_id", "period"),
        (_AREA,),
    ),
)


class _Sink(Protocol):
    """Where the files of a package go."""

    def file(self, name: str) -> AbstractContextManager[Callable[[bytes], object]]:
        """A new file, as what writes to it."""


def write_package(asked: Asked, out: Path) -> int:
    """Write the package of a release to a new folder, or to a new archive where it ends with .zip.

    Returns how many rows it has.

    Raises
    ------
    PackageError
        When something is there already, or its folder is not.
    """
    if out.exists():
        raise PackageError(
            f"{out} existe déjà. Choisir un autre nom, ou l’enlever d’abord.",
            f"{out} is there already. Choose another name, or take it away first.",
        )
    if not out.parent.is_dir():
        raise PackageError(
            f"Le dossier {out.parent} n’existe pas. Le créer d’abord.",
            f"The folder {out.parent} does not exist. Make it first.",
        )
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as folder:
        made = Path(folder) / "made"
        if out.suffix == ".zip":
            with zipfile.ZipFile(made, "x", zipfile.ZIP_DEFLATED) as archive:
                rows = _written(asked, _Archive(archive))
        else:
            made.mkdir()
            rows = _written(asked, _Folder(made))
        os.replace(made, out)
    return rows


@dataclass(frozen=True, slots=True)
class _Folder:
    path: Path

    @contextmanager
    def file(self, name: str) -> Iterator[Callable[[bytes], object]]:
        with (self.path / name).open("xb") as opened:
            yield opened.write


@dataclass(frozen=True, slots=True)
class _Archive:
    archive: zipfile.ZipFile

    @contextmanager
    def file(self, name: str) -> Iterator[Callable[[bytes], object]]:
        told = zipfile.ZipInfo(name, _NO_DAY)
        told.compress_type = zipfile.ZIP_DEFLATED
        with self.archive.open(told, "w", force_zip64=True) as opened:
            yield opened.write


def _written(asked: Asked, sink: _Sink) -> int:
    resources, total = [], 0
    for table in _TABLES:
        listing = table.rows(asked)
        with sink.file(f"{table.name}.csv") as write:
            rows, size, digest = _rows(listing, write)
        total += rows
        resources.append(_resource(table, listing.item, rows, size, digest))
    with sink.file(DESCRIPTOR) as write:
        body = json.dumps(descriptor(asked, resources), ensure_ascii=False, indent=2)
        write(body.encode("utf-8"))
    return total


def _rows(listing: Listing, write: Callable[[bytes], object]) -> tuple[int, int, str]:
    """Write the rows of a table; how many they are, how many bytes, and their hash."""
    digest, size, count = hashlib.sha256(), 0, 0
    heading = ",".join(known_names(listing.item)) + "\r\n"
    for text, rows in _texts(heading, listing.in_turn()):
        content = text.encode("utf-8")
        digest.update(content)
        size, count = size + len(content), count + rows
        write(content)
    return count, size, digest.hexdigest()


def _texts(heading: str, frames: Iterator[pd.DataFrame]) -> Iterator[tuple[str, int]]:
    yield heading, 0
    for frame in frames:
        yield csv_text(frame, with_heading=False), len(frame)


def descriptor(asked: Asked, resources: list[dict[str, Any]]) -> dict[str, Any]:
    """The description of the package: what it is, of whom, under which licences."""
    release, territory = asked.release, asked.catalogue.territory
    found = tables.sources(asked).page(10_000, 0, False).to_dict("records")
    licences = dict.fromkeys(str(row["licence"]) for row in found)
    return {
        "$schema": _PROFILE,
        "name": f"vigie-{territory.id}-{release.release_id}".replace("_", "-"),
        "id": release.release_id,
        "title": f"Vigie – {territory.name.fr} – {release.release_id}",
        "description": (
            f"What Vigie tells of {territory.name.en} in its release {release.release_id}, under "
            "the masks of the screen. An empty value is not known, or is withheld: its status says "
            "which; it is never zero. Rows drawn from invented data bear is_invented = true."
        ),
        "version": str(release.number),
        "created": release.made_at,
        "licenses": [{"name": _slug(text), "title": text} for text in licences if text],
        "sources": [_credit(row) for row in found],
        "resources": resources,
    }


def _credit(row: dict[Any, Any]) -> dict[str, str]:
    made = {"title": str(row["attribution"] or row["dataset"]), "version": str(row["vintage"])}
    if str(row["url"]).startswith(("https://", "http://")):
        made["path"] = str(row["url"])
    return made


def _resource(
    table: _Table, item: type[Schema], rows: int, size: int, digest: str
) -> dict[str, Any]:
    return {
        "name": table.name,
        "path": f"{table.name}.csv",
        "type": "table",
        "title": table.name.capitalize(),
        "description": (item.__doc__ or "").strip(),
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"csv": {"delimiter": ",", "lineTerminator": "\r\n"}},
        "bytes": size,
        "hash": f"sha256:{digest}",
        "rowCount": rows,
        "schema": schema(table, item),
    }


def schema(table: _Table, item: type[Schema]) -> dict[str, Any]:
    """The schema of a table: its fields with their types and units, its keys."""
    declared: dict[str, fields.Field[Any]] = item._declared_fields
    return {
        "fields": [_field(name, field, name in table.key) for name, field in declared.items()],
        "missingValues": [""],
        "primaryKey": list(table.key),
        "foreignKeys": [
            {
                "fields": list(names),
                "reference": {"resource": resource, "fields": list(names)},
            }
            for names, resource in table.refers
        ],
    }


def _field(name: str, field: fields.Field[Any], is_key: bool) -> dict[str, Any]:
    kinds = ((fields.Boolean, "boolean"), (fields.Integer, "integer"), (fields.Float, "number"))
    kind = next((said for of, said in kinds if isinstance(field, of)), "string")
    if field.metadata.get("format") == "date":
        kind = "date"
    told = str(field.metadata["description"])
    made: dict[str, Any] = {"name": name, "type": kind}
    if isinstance(field, fields.List):
        told = f"{told}; apart by spaces"
    made["description"] = told
    if "unit" in field.metadata:
        made["unit"] = field.metadata["unit"]
    if is_key or (field.required and not isinstance(field, fields.List)):
        made["constraints"] = {"required": True}
    return made


def _slug(text: str) -> str:
    return re.sub("[^A-Za-z0-9._-]+", "-", text).strip("-") or "other"
