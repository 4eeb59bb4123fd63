"""The strict readers: bytes in, a frame of text out, nothing guessed.

A file that is not what it should be is refused with its line, its column and the mend; pandas and
DuckDB would load many of these in silence (ragged rows, an HTML page, a lost header).
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence

import pandas as pd
import pyarrow.parquet

from etl.source import LINE, Ledger

_HTML = re.compile(rb"^\s*(<!doctype\s+html|<html|<head|<body)", re.IGNORECASE)
_MOJIBAKE = re.compile("Ã[\x80-\xbf©¨ª«®´»]|â€[\x99œ™]")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u00ad\ufeff\u2060"))
LARGEST_BYTES = 512 * 1024 * 1024


def csv_text(content: bytes, columns: Sequence[str], ledger: Ledger) -> pd.DataFrame:
    """The rows of a comma-separated UTF-8 file, all text, columns found by name.

    Parameters
    ----------
    content: the bytes of the file.
    columns: the columns relied on; others are noted and left out.

    Returns
    -------
    One row a record with ``columns`` (stripped text, NFC) and ``line`` (int).

    Raises
    ------
    RejectedFile
        Empty file, HTML page, compressed file, wrong encoding, missing column, ragged row,
        quote left open, or last record cut short.
    """
    text = _decoded(_plain(content, ledger), ledger)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader)
        _check_end(text, header, ledger)
        places = _places(header, columns, ledger)
        records, lines, start = [], [], reader.line_num + 1
        for record in reader:
            if record:
                _check_width(record, header, start, ledger)
                records.append([_clean(record[place]) for place in places])
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise ledger.reject(
            "unreadable_csv",
            f"CSV illisible ({error})",
            f"unreadable CSV ({error})",
            line=reader.line_num,
            mend_fr="Fermer les guillemets ou reprendre le fichier chez le producteur.",
            mend_en="Close the quotes or fetch the file again from its producer.",
        ) from error
    if not records:
        raise ledger.reject(
            "no_rows",
            "aucune ligne sous l’en-tête",
            "no row under the header",
            line=1,
            mend_fr="Reprendre le fichier complet chez le producteur.",
            mend_en="Fetch the whole file again from its producer.",
        )
    frame = pd.DataFrame(records, columns=list(columns), dtype="str")
    frame[LINE] = lines
    return frame


def parquet_frame(content: bytes, columns: Sequence[str], ledger: Ledger) -> pd.DataFrame:
    """The rows of a Parquet file, its columns found by name.

    Raises
    ------
    RejectedFile
        Not a Parquet file, cut short, or a column missing.
    """
    _plain(content, ledger, is_text=False)
    if content[:4] != b"PAR1" or content[-4:] != b"PAR1":
        cut = content[:4] == b"PAR1"
        raise ledger.reject(
            "truncated" if cut else "not_parquet",
            "fichier Parquet coupé avant sa fin" if cut else "ce n’est pas un fichier Parquet",
            "Parquet file cut before its end" if cut else "this is not a Parquet file",
            mend_fr="Reprendre le fichier complet, ou le reconstruire.",
            mend_en="Fetch the whole file again, or rebuild it.",
        )
    try:
        table = pyarrow.parquet.read_table(io.BytesIO(content))
    except (OSError, ValueError) as error:
        raise ledger.reject(
            "unreadable_parquet",
            f"fichier Parquet illisible ({type(error).__name__})",
            f"unreadable Parquet file ({type(error).__name__})",
            mend_fr="Reprendre le fichier complet, ou le reconstruire.",
            mend_en="Fetch the whole file again, or rebuild it.",
        ) from error
    _places(table.column_names, columns, ledger)
    frame: pd.DataFrame = table.select(list(columns)).to_pandas()
    return frame


def _plain(content: bytes, ledger: Ledger, is_text: bool = True) -> bytes:
    """The content, once known not to be empty, too large, a web page or an archive."""
    fetch = {
        "mend_fr": "Télécharger à nouveau le fichier de données lui-même.",
        "mend_en": "Download the data file itself again.",
    }
    if not content.strip():
        raise ledger.reject("empty", "le fichier est vide", "the file is empty", **fetch)
    if len(content) > LARGEST_BYTES:
        raise ledger.reject("too_big", "le fichier dépasse 512 Mo", "the file is over 512 MB")
    if _HTML.match(content[:2048]):
        raise ledger.reject(
            "html_page",
            "c’est une page web (HTML), sans doute une page d’erreur, et non des données",
            "this is a web page (HTML), likely an error page, not data",
            line=1,
            **fetch,
        )
    if is_text and content[:4] in (b"PK\x03\x04", b"PAR1", b"\x1f\x8b\x08\x00"):
        raise ledger.reject(
            "not_text",
            "fichier compressé ou binaire au lieu d’un CSV",
            "a compressed or binary file instead of a CSV",
            mend_fr="Décompresser le fichier, ou l’enregistrer en CSV UTF-8.",
            mend_en="Unpack the file, or save it as UTF-8 CSV.",
        )
    return content


def _decoded(content: bytes, ledger: Ledger) -> str:
    save = {
        "mend_fr": "Enregistrer le fichier en UTF-8.",
        "mend_en": "Save the file as UTF-8.",
    }
    if b"\0" in content:
        place = content.index(b"\0")
        raise ledger.reject(
            "nul_bytes",
            "octet nul dans le texte",
            "NUL byte in the text",
            line=content.count(b"\n", 0, place) + 1,
            **save,
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ledger.reject(
            "not_utf8",
            f"l’octet {error.start} n’est pas de l’UTF-8",
            f"byte {error.start} is not UTF-8",
            line=content.count(b"\n", 0, error.start) + 1,
            **save,
        ) from error
    if text.startswith("\ufeff"):
        text = text.removeprefix("\ufeff")
        ledger.note("byte_order_mark", "marque d’ordre des octets retirée", "BOM removed", line=1)
    found = _MOJIBAKE.search(text)
    if found:
        raise ledger.reject(
            "mojibake",
            f"accents abîmés (« {found.group()} »)",
            f"broken accents ({found.group()!r})",
            line=text.count("\n", 0, found.start()) + 1,
            mend_fr="Reprendre l’original : il a été relu dans un mauvais codage.",
            mend_en="Fetch the original: it was read in a wrong encoding.",
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _places(header: Sequence[str], columns: Sequence[str], ledger: Ledger) -> list[int]:
    """Where each column stands in the header."""
    names = [_clean(name) for name in header]
    twice = sorted({name for name in names if names.count(name) > 1})
    absent = [name for name in columns if name not in names]
    if absent or twice:
        wrong = (absent or twice)[0]
        fault_fr = "manquante" if absent else "en double"
        fault_en = "missing" if absent else "there twice"
        shown = ", ".join(names)[:120]
        raise ledger.reject(
            "missing_column" if absent else "duplicate_column",
            f"colonne {fault_fr} : {', '.join(absent or twice)} ; lu : {shown}",
            f"column {fault_en}: {', '.join(absent or twice)}; read: {shown}",
            line=1,
            column=wrong,
            mend_fr=f"L’en-tête doit nommer, séparées par des virgules : {', '.join(columns)}.",
            mend_en=f"The header must name, separated by commas: {', '.join(columns)}.",
        )
    extra = sorted(set(names) - set(columns))
    if extra:
        ledger.note(
            "extra_columns",
            f"colonnes laissées de côté : {', '.join(extra)}",
            f"columns left aside: {', '.join(extra)}",
            line=1,
        )
    return [names.index(name) for name in columns]


def _check_end(text: str, header: Sequence[str], ledger: Ledger) -> None:
    """Refuse a file that does not end with an end of line: its last figure may be cut."""
    if text.endswith("\n"):
        return
    fields = text.rpartition("\n")[2].count(",") + 1
    raise ledger.reject(
        "truncated",
        f"le fichier est coupé, ou n’a pas de fin de ligne : {fields} champs sur {len(header)}",
        f"the file is cut, or lacks its last end of line: {fields} fields of {len(header)}",
        line=text.count("\n") + 1,
        column=header[min(fields, len(header)) - 1],
        mend_fr="Reprendre le fichier complet chez le producteur.",
        mend_en="Fetch the whole file again from its producer.",
    )


def _check_width(record: list[str], header: Sequence[str], line: int, ledger: Ledger) -> None:
    if len(record) == len(header):
        return
    column = header[min(len(record), len(header)) - 1]
    raise ledger.reject(
        "ragged_row",
        f"{len(record)} champs au lieu de {len(header)}",
        f"{len(record)} fields instead of {len(header)}",
        line=line,
        column=column,
        mend_fr="Mettre entre guillemets les textes qui contiennent une virgule.",
        mend_en="Quote the texts that hold a comma.",
    )


def _clean(cell: str) -> str:
    text = unicodedata.normalize("NFC", cell.translate(_INVISIBLE))
    return text.replace("\u00a0", " ").replace("\u202f", " ").strip()
