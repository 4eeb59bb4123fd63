"""How a file is written: its format by its first bytes, then encoding, separator, header, sheet.

Nothing is trusted of a file's name. What is found is written as the options of a description.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections import Counter
from typing import Any

import pyogrio

from etl.inspection.sheet import sheet_options
from etl.reading import Dialect
from etl.reading.records import long_cells
from etl.reading.repairs import clean
from etl.reading.text import decoded, plain
from etl.reading.width import MOST_COLUMNS, check_keys, check_width
from etl.source import Ledger, RejectedFile

SEPARATORS = ";,\t|"
#: Records looked at to find the separator and the header.
LOOKED_AT = 400
#: A separator must give one width to this share of the records.
SAME_WIDTH = 0.6
#: How much of a footnote its pattern repeats.
_FOOTNOTE = 24
_NUMBER = re.compile(r"[+-]?[0-9][0-9 .,']*%?")
_SEP_LINE = re.compile(r'"?sep=(.)"?\n', re.IGNORECASE)
_AGAIN = {
    "mend_fr": "Reprendre le fichier complet chez le producteur, en CSV, XLSX, Parquet, GeoJSON "
    "ou GeoPackage.",
    "mend_en": "Fetch the whole file again from its producer, as CSV, XLSX, Parquet, GeoJSON or "
    "GeoPackage.",
}


def container_options(content: bytes, ledger: Ledger) -> dict[str, Any]:
    """The options that say how a file is written: ``format`` and what goes with it.

    Raises
    ------
    RejectedFile
        A file of no format that is read, or in which no table is found, or one too wide.
    """
    head = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if content.startswith(b"PK\x03\x04"):
        plain(content, ledger, is_text=False)
        return {"format": "xlsx", **sheet_options(content, ledger)}
    if content.startswith(b"PAR1"):
        return {"format": "parquet"}
    if content.startswith(b"SQLite format 3\0"):
        return {"format": "gpkg", **_features(content, ledger, has_layers=True)}
    if head.startswith(b"{") and b'"type"' in content[:65536]:
        return {"format": "geojson", **_features(content, ledger, has_layers=False)}
    return {"format": "csv", **_delimited(content, ledger)}


def _features(content: bytes, ledger: Ledger, has_layers: bool) -> dict[str, Any]:
    """The layer with most features, and what they are."""
    found: dict[str, Any] = {}
    if not has_layers:
        check_keys(content, ledger)  # the library makes a column of each, slowly
    try:
        if has_layers:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the bytes have no file name to tell their format
                layers = [str(x) for x, kind in pyogrio.list_layers(io.BytesIO(content)) if kind]
                about = {x: pyogrio.read_info(io.BytesIO(content), layer=x) for x in layers}
            if not layers:
                raise ledger.reject("no_layer", "aucune couche", "no layer", **_AGAIN)
            chosen = max(layers, key=lambda x: int(about[x]["features"]))
            if len(layers) > 1:
                found["layer"] = chosen
            kind = str(about[chosen]["geometry_type"])
        else:
            kind = str(pyogrio.read_info(io.BytesIO(content))["geometry_type"])
    except (OSError, ValueError, pyogrio.errors.DataSourceError) as error:
        raise ledger.reject(
            "unreadable_features",
            f"fichier de formes coupé ou illisible ({type(error).__name__})",
            f"file of features cut short or unreadable ({type(error).__name__})",
            **_AGAIN,
        ) from error
    return {**found, "kind": "point" if "Point" in kind else "polygon"}


def _delimited(content: bytes, ledger: Ledger) -> dict[str, Any]:
    plain(content, ledger)
    encoding, text = _decoded(content, ledger)
    hint = _SEP_LINE.match(text)
    body = text[hint.end() :] if hint else text
    with long_cells():
        separator, records = _separated(body, hint.group(1) if hint else "", ledger)
    width = Counter(len(record) for _, record in records).most_common(1)[0][0]
    top = next((place for place, (_, r) in enumerate(records) if _is_header(r, width)), None)
    if top is None:
        raise ledger.reject(
            "no_header",
            "aucune ligne ne nomme les colonnes",
            "no line names the columns",
            line=1,
            mend_fr="Ajouter une ligne d’en-tête qui nomme chaque colonne.",
            mend_en="Add a header line that names each column.",
        )
    found: dict[str, Any] = {"encoding": encoding, "separator": separator}
    if records[top][0] > 1:
        found["header_line"] = records[top][0]
    notes = _footnotes(body, separator, width)
    if notes:
        found["footnotes"] = notes
    if not text.endswith("\n"):
        found["last_newline"] = False
    return found


def _decoded(content: bytes, ledger: Ledger) -> tuple[str, str]:
    """The encoding and the text: UTF-8 when every byte is, else cp1252 when every byte is."""
    aside = Ledger(ledger.source_id, ledger.file)
    try:
        return "utf-8", decoded(content, aside, "utf-8", broken_share=0.01)
    except RejectedFile as error:
        if error.issue.code != "not_utf8":
            raise
    return "cp1252", decoded(content, aside, "cp1252", broken_share=0.01)


def _separated(text: str, said: str, ledger: Ledger) -> tuple[str, list[tuple[int, list[str]]]]:
    """The separator that gives the most columns to nearly all records, and these.

    One that gives more columns than a table may have is only told when no other will do.
    """
    best: tuple[float, int, str, list[tuple[int, list[str]]]] = (0.0, 0, "", [])
    widest, wide_line = 0, 1
    for separator in said or SEPARATORS:
        records = _records(text, separator)
        if not records:
            continue
        line, last = records[-1]
        if len(last) > MOST_COLUMNS:
            widest, wide_line = max((widest, wide_line), (len(last), line))
            continue
        widths = Counter(len(record) for _, record in records)
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        share = round(count / len(records), 1)
        if width > 1 and share >= SAME_WIDTH and (share, width) > best[:2]:
            best = (share, width, separator, records)
    if not best[2]:
        check_width(widest, ledger, line=wide_line)
        raise ledger.reject(
            "no_separator",
            "aucun séparateur (; , tabulation |) ne donne des colonnes régulières",
            "no separator (; , tab |) gives regular columns",
            line=1,
            mend_fr="Vérifier que c’est un tableau, une ligne par enregistrement.",
            mend_en="Check that this is a table, one line for each record.",
        )
    return best[2], best[3]


def _records(text: str, separator: str) -> list[tuple[int, list[str]]]:
    """The first records that are not blank, each with its line; up to one that is too wide."""
    found: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    start = 1
    try:
        for record in reader:
            if len(record) > 1 or (record and record[0].strip()):
                found.append((start, record))
            start = reader.line_num + 1
            if len(found) >= LOOKED_AT or len(record) > MOST_COLUMNS:
                break
    except csv.Error:
        return []
    return found


def _is_header(record: list[str], width: int) -> bool:
    """Whether a record names as many columns as the table has, with words and without repeats."""
    names = [clean(cell) for cell in record]
    filled = [name for name in names if name]
    words = sum(not _NUMBER.fullmatch(name) for name in filled)
    return len(names) == width and len(filled) >= width - 1 and words >= max(1, width / 2)


def _footnotes(text: str, separator: str, width: int) -> list[str]:
    """Patterns of the last lines that are no records of the table."""
    lines = [line for line in text.rstrip().split("\n")[-40:] if line.strip()]
    found: list[str] = []
    for line in reversed(lines):
        cells = next(csv.reader([line], delimiter=separator), [])
        filled = [cell for cell in cells if cell.strip()]
        is_note = len(cells) != width or (width > 2 and len(filled) == 1 and " " in filled[0])
        if not is_note or not filled or len(found) >= 10:
            break
        found.append(re.escape(clean(filled[0])[:_FOOTNOTE]).replace("\\ ", " "))
    return list(dict.fromkeys(reversed(found))) if len(found) < len(lines) else []


def dialect_of(options: dict[str, Any]) -> Dialect:
    """The dialect that the options of a delimited text say."""
    return Dialect(
        separator=options.get("separator", ","),
        encoding=options.get("encoding", "utf-8"),
        header_line=options.get("header_line", 1),
        footnotes=tuple(options.get("footnotes", ())),
        needs_last_newline=options.get("last_newline", True),
    )
