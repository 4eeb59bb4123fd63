"""What lies inside an .xlsx file, looked at before a reader of values is let in.

A workbook is a zip archive of XML parts. What it weighs is known, then counted, before anything
is kept; what could act (macros) or swell (entities) is refused.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from etl.reading.text import plain
from etl.source import Ledger, RejectedFile

LARGEST_INFLATED = 512 * 1024 * 1024
LARGEST_RATIO = 100
#: Small archives are let alone: a sheet of zeros of 1 MB packs better than a hundred to one.
RATIO_FROM = 8 * 1024 * 1024
MOST_PARTS = 5_000

_CHUNK = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DOCTYPE = (b"<!DOCTYPE", b"<!ENTITY")
_AGAIN = {
    "mend_fr": "Enregistrer le classeur au format .xlsx, sans macro ni mot de passe.",
    "mend_en": "Save the workbook as .xlsx, without macros or password.",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of cells: its name, whether it is hidden, and the part of the archive it lies in."""

    name: str
    is_hidden: bool
    part: str


def archive(content: bytes, ledger: Ledger) -> zipfile.ZipFile:
    """The archive of a workbook, once known to be one, whole, of a bearable size, and inert.

    Raises
    ------
    RejectedFile
        Not an .xlsx (.xls, .xlsm, .xlsb, .ods, a text...), protected by a password, broken,
        a zip bomb, or a part that declares a document type or entities.
    """
    plain(content, ledger, is_text=False)
    if content[:8] == _OLE:
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise ledger.reject(
                "password_protected",
                "classeur protégé par un mot de passe",
                "workbook protected by a password",
                **_AGAIN,
            )
        raise _kind(ledger, "un ancien classeur (.xls)", "an old workbook (.xls)")
    if content[:4] != b"PK\x03\x04":
        raise _kind(ledger, "autre chose qu’un classeur", "something else than a workbook")
    try:
        packed = zipfile.ZipFile(io.BytesIO(content))
        _check_parts(packed, len(content), ledger)
        _check_bytes(packed, ledger)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise broken(ledger) from error
    return packed


def broken(ledger: Ledger) -> RejectedFile:
    """The refusal of a workbook that no reader understands."""
    return ledger.reject(
        "unreadable_workbook",
        "classeur abîmé, illisible",
        "broken workbook, cannot be read",
        mend_fr="L’ouvrir dans un tableur et l’enregistrer à nouveau en .xlsx.",
        mend_en="Open it in a spreadsheet program and save it again as .xlsx.",
    )


def sheets_of(packed: zipfile.ZipFile, ledger: Ledger) -> tuple[Sheet, ...]:
    """The sheets of cells, in the order of the workbook; charts are left aside."""
    book = xml_part(packed, "xl/workbook.xml", ledger)
    links = {
        link.get("Id", ""): (link.get("Type", ""), link.get("Target", ""))
        for link in xml_part(packed, "xl/_rels/workbook.xml.rels", ledger)
    }
    found = []
    for sheet in named(book, "sheet"):
        own = next((value for name, value in sheet.items() if name.endswith("}id")), "")
        kind, target = links.get(own, ("", ""))
        if kind.endswith("/worksheet"):
            hidden = sheet.get("state", "visible") != "visible"
            part = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
            found.append(Sheet(sheet.get("name", ""), hidden, part))
    return tuple(found)


def _kind(ledger: Ledger, fr: str, en: str) -> RejectedFile:
    return ledger.reject(
        "not_a_workbook", f"c’est {fr}, et non un .xlsx", f"this is {en}, not an .xlsx", **_AGAIN
    )


def _check_parts(packed: zipfile.ZipFile, size: int, ledger: Ledger) -> None:
    """Refuse by the list of parts alone, before anything is inflated."""
    parts = packed.infolist()
    names = [part.filename for part in parts]
    inflated = sum(part.file_size for part in parts)
    is_bomb = inflated > RATIO_FROM and inflated > LARGEST_RATIO * size
    if is_bomb or inflated > LARGEST_INFLATED or len(parts) > MOST_PARTS:
        raise _bomb(ledger)
    is_astray = any(n.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", n) for n in names)
    is_odd = any(p.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for p in parts)
    if is_astray or is_odd or len(set(names)) < len(names):
        raise broken(ledger)
    if any(part.flag_bits & 1 for part in parts):
        raise ledger.reject(
            "password_protected",
            "archive protégée par un mot de passe",
            "archive protected by a password",
            **_AGAIN,
        )
    low = {name.lower() for name in names}
    if "content.xml" in low:
        raise _kind(ledger, "un classeur OpenDocument (.ods)", "an OpenDocument sheet (.ods)")
    if "xl/workbook.bin" in low:
        raise _kind(ledger, "un classeur binaire (.xlsb)", "a binary workbook (.xlsb)")
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in low):
        raise ledger.reject(
            "macros",
            "classeur avec des macros (.xlsm)",
            "workbook with macros (.xlsm)",
            **_AGAIN,
        )
    if "xl/workbook.xml" not in names:
        raise _kind(ledger, "une archive sans classeur", "an archive without a workbook")
    for start, code, fr, en in (
        ("xl/externallinks/", "external_links", "liens vers d’autres fichiers", "external links"),
        ("xl/embeddings/", "embedded_objects", "objets incorporés", "embedded objects"),
    ):
        if any(name.startswith(start) for name in low):
            ledger.warn(code, f"{fr} : laissés de côté", f"{en}: left aside")


def _check_bytes(packed: zipfile.ZipFile, ledger: Ledger) -> None:
    """Inflate every part once, counted; the archive's own numbers may lie."""
    total = 0
    for part in packed.infolist():
        tail = b""
        with packed.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                total += len(chunk)
                if total > LARGEST_INFLATED:
                    raise _bomb(ledger)
                if part.filename.lower().endswith((".xml", ".rels")):
                    seen = (tail + chunk).replace(b"\0", b"")  # so that UTF-16 hides nothing
                    if any(mark in seen for mark in _DOCTYPE):
                        raise doctype(ledger)
                    tail = chunk[-32:]


def _bomb(ledger: Ledger) -> RejectedFile:
    return ledger.reject(
        "zip_bomb",
        "archive qui enfle démesurément (plus de 512 Mo, ou de cent fois sa taille)",
        "archive that swells beyond measure (over 512 MB, or a hundred times its size)",
        mend_fr="Supprimer les feuilles et les lignes vides, puis enregistrer à nouveau.",
        mend_en="Remove empty sheets and rows, then save again.",
    )


def doctype(ledger: Ledger) -> RejectedFile:
    """The refusal of XML that declares what it has no use for."""
    return ledger.reject(
        "doctype",
        "le XML déclare un type de document ou des entités",
        "the XML declares a document type or entities",
        **_AGAIN,
    )


def xml_part(packed: zipfile.ZipFile, part: str, ledger: Ledger) -> Element:
    """The root of a small part; RejectedFile when it is not there or is broken."""
    try:
        root: Element = fromstring(packed.read(part), forbid_dtd=True)
    except DefusedXmlException as error:
        raise doctype(ledger) from error
    except (KeyError, ParseError, ValueError) as error:
        raise broken(ledger) from error
    return root


def named(root: Element, name: str) -> Iterator[Element]:
    """The elements of a local name, whatever the namespace (strict or transitional)."""
    return (found for found in root.iter() if _local(found.tag) == name)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2]
