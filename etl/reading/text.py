"""Bytes to text: what is no text is refused, what is badly written is mended and said."""

from __future__ import annotations

import codecs
import re
from typing import Literal

from etl.reading.repairs import clean, line_at, mended, shown, unix_lines
from etl.source import Ledger, RejectedFile

__all__ = ["LARGEST_BYTES", "MAGIC", "Encoding", "clean", "decoded", "plain", "shown"]

Encoding = Literal["utf-8", "cp1252", "latin-1", "utf-16"]

LARGEST_BYTES = 512 * 1024 * 1024
_FETCH = {
    "mend_fr": "Télécharger à nouveau le fichier de données lui-même.",
    "mend_en": "Download the data file itself again.",
}
_SAVE = {"mend_fr": "Enregistrer le fichier en UTF-8.", "mend_en": "Save the file as UTF-8."}
#: What the first bytes of a file that is no text say: bytes, French, English.
MAGIC = (
    (b"PK\x03\x04", "archive zip ou classeur", "zip archive or workbook"),
    (b"PK\x05\x06", "archive zip vide", "empty zip archive"),
    (b"\x1f\x8b", "fichier gzip", "gzip file"),
    (b"\xfd7zXZ\0", "fichier xz", "xz file"),
    (b"BZh", "fichier bzip2", "bzip2 file"),
    (b"7z\xbc\xaf\x27\x1c", "archive 7z", "7z archive"),
    (b"Rar!", "archive rar", "rar archive"),
    (b"\x28\xb5\x2f\xfd", "fichier zstd", "zstd file"),
    (b"\xd0\xcf\x11\xe0", "ancien classeur ou document Office", "old Office document"),
    (b"PAR1", "fichier Parquet", "Parquet file"),
    (b"SQLite format 3\0", "base SQLite ou GeoPackage", "SQLite database or GeoPackage"),
    (b"%PDF", "document PDF", "PDF document"),
    (b"{\\rtf", "document RTF", "RTF document"),
    (b"\x89PNG", "image", "picture"),
    (b"\xff\xd8\xff", "image", "picture"),
    (b"GIF8", "image", "picture"),
    (b"[InternetShortcut]", "raccourci vers une page web", "shortcut to a web page"),
)
_MAIL = re.compile(rb"(Received|Return-Path|Delivered-To|MIME-Version|Message-ID|From): ")
_HTML = re.compile(rb"<(!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
#: Letters of a MacRoman file read as another code page, inside a word.
_MAC = re.compile(rb"[a-z][\x88\x89\x8d\x8e\x8f\x90\x9d][a-z]")


def plain(content: bytes, ledger: Ledger, is_text: bool = True) -> bytes:
    """The content, once known not to be empty, too large, a web page or (for text) binary.

    Raises
    ------
    RejectedFile
        ``empty``, ``too_big``, ``html_page`` or ``not_text``.
    """
    if not content.strip():
        raise _empty(ledger)
    if len(content) > LARGEST_BYTES:
        raise ledger.reject(
            "too_big",
            "le fichier dépasse 512 Mo",
            "the file is over 512 MB",
            mend_fr="Découper le fichier, ou n’en garder que les colonnes utiles.",
            mend_en="Cut the file in parts, or keep only the columns that serve.",
        )
    if _is_web_page(content[:2048]):
        raise _web_page(ledger)
    if is_text:
        _check_magic(content, ledger)
    return content


def decoded(
    content: bytes, ledger: Ledger, encoding: Encoding = "utf-8", broken_share: float = 0.0
) -> str:
    r"""The text of a file: line ends ``\n``, NFC, no invisible mark, plain spaces.

    Each thing mended is a note. A byte order mark tells the encoding, whatever was declared.
    Broken accents are refused when more than ``broken_share`` of the lines hold some.

    Raises
    ------
    RejectedFile
        ``nul_bytes``, ``not_utf8``, ``wrong_encoding``, ``mojibake``, ``empty``, ``html_page``.
    """
    text = unix_lines(_characters(content, ledger, encoding), ledger)
    if "\0" in text:
        raise ledger.reject(
            "nul_bytes",
            "octet nul dans le texte",
            "NUL byte in the text",
            line=line_at(text, text.index("\0")),
            **_SAVE,
        )
    if _is_web_page(text[:2048].encode()):
        raise _web_page(ledger)
    text = mended(text, ledger, broken_share)
    if not text.strip():
        raise _empty(ledger)
    return text


def _is_web_page(head: bytes) -> bool:
    is_markup = head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<")
    return is_markup and _HTML.search(head) is not None


def _check_magic(content: bytes, ledger: Ledger) -> None:
    kinds = [(fr, en) for magic, fr, en in MAGIC if content.startswith(magic)]
    if _MAIL.match(content):
        kinds.append(("courriel", "mail"))
    for fr, en in kinds[:1]:
        raise ledger.reject(
            "not_text",
            f"fichier compressé ou binaire au lieu de texte : {fr}",
            f"a compressed or binary file instead of text: {en}",
            mend_fr="Décompresser le fichier, ou l’enregistrer en CSV UTF-8.",
            mend_en="Unpack the file, or save it as UTF-8 CSV.",
        )


def _characters(content: bytes, ledger: Ledger, encoding: Encoding) -> str:
    """The characters of the bytes, none guessed."""
    marked = next((mark for mark in _MARKS if content.startswith(mark)), b"")
    actual: str = _MARKS[marked] if marked else encoding
    if marked:
        content = content[len(marked) :]
        ledger.note("byte_order_mark", "marque d’ordre des octets retirée", "BOM removed", line=1)
    elif encoding == "utf-16":
        raise ledger.reject(
            "wrong_encoding",
            "pas de marque d’ordre des octets : ce n’est pas de l’UTF-16",
            "no byte order mark: this is not UTF-16",
            line=1,
            **_SAVE,
        )
    if actual in ("cp1252", "latin-1"):
        _check_single_bytes(content, ledger, actual)
    try:
        text = content.decode(actual)
    except UnicodeDecodeError as error:
        where = content.count(b"\n", 0, error.start) + 1
        if actual != "utf-8":
            raise ledger.reject(
                "wrong_encoding",
                f"l’octet {error.start} n’est pas de l’{actual.upper()}",
                f"byte {error.start} is not {actual.upper()}",
                line=where,
                **_SAVE,
            ) from None
        raise ledger.reject(
            "not_utf8",
            f"l’octet {error.start} n’est pas de l’UTF-8",
            f"byte {error.start} is not UTF-8",
            line=where,
            mend_fr="Enregistrer le fichier en UTF-8, ou déclarer son codage (cp1252…).",
            mend_en="Save the file as UTF-8, or declare its encoding (cp1252...).",
        ) from None
    if actual != "utf-8":
        ledger.note("transcoded", f"texte lu en {actual}", f"text read as {actual}", line=1)
    return text


_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


def _check_single_bytes(content: bytes, ledger: Ledger, encoding: str) -> None:
    """Refuse bytes that the declared code page leaves to control codes, and MacRoman letters."""
    if _is_utf8(content):
        raise ledger.reject(
            "wrong_encoding",
            f"le fichier est en UTF-8, et non en {encoding}",
            f"the file is UTF-8, not {encoding}",
            mend_fr="Déclarer le codage utf-8.",
            mend_en="Declare the encoding utf-8.",
        )
    mac = _MAC.search(content)
    wrong = b"[\x80-\x9f]" if encoding == "latin-1" else b"[\x81\x8d\x8f\x90\x9d]"
    found = mac or re.search(wrong, content)
    if found is None:
        return
    place = found.start() + (mac is not None)
    is_windows = encoding == "latin-1" and mac is None
    raise ledger.reject(
        "wrong_encoding",
        f"l’octet {place} (0x{content[place]:02X}) n’est pas un caractère en {encoding}",
        f"byte {place} (0x{content[place]:02X}) is no character in {encoding}",
        line=content.count(b"\n", 0, place) + 1,
        mend_fr="Déclarer le codage cp1252." if is_windows else _SAVE["mend_fr"],
        mend_en="Declare the encoding cp1252." if is_windows else _SAVE["mend_en"],
    )


def _is_utf8(content: bytes) -> bool:
    """Whether the bytes are UTF-8 beyond ASCII: no other code page looks so by accident."""
    if content.isascii():
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _empty(ledger: Ledger) -> RejectedFile:
    return ledger.reject("empty", "le fichier est vide", "the file is empty", **_FETCH)


def _web_page(ledger: Ledger) -> RejectedFile:
    return ledger.reject(
        "html_page",
        "c’est une page web (HTML), sans doute une page d’erreur, et non des données",
        "this is a web page (HTML), likely an error page, not data",
        line=1,
        **_FETCH,
    )
