"""Text that is badly written, mended and said; or refused, when accents are lost."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

from etl.source import Ledger

#: UTF-8 read as one byte a character: a lead byte followed by what can only be its second byte.
_SECOND = "\x80-\xbf" + "".join(bytes([b]).decode("cp1252", "ignore") for b in range(0x80, 0xA0))
MOJIBAKE = re.compile(f"[ÂÃ][{_SECOND}]|Å[\x92\x93’“]|â[\x80€][{_SECOND}]")
_MOJIBAKE_LEADS = ("Ã", "Â", "Å", "â€", "â\x80")
#: Nothing to see: zero width space, soft hyphen, word joiner, byte order mark, marks of direction.
INVISIBLE = (
    "\u200b\u00ad\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
#: Spaces that do not break; they read as plain spaces.
NO_BREAK = "\u00a0\u202f\u2007"
_CONTROLS = "".join(map(chr, [*range(1, 9), 11, 12, *range(14, 32), 127]))
_C1 = re.compile("[\x80-\x9f]")
_LOST = "\ufffd"
_CELL = {**dict.fromkeys(map(ord, INVISIBLE)), **dict.fromkeys(map(ord, NO_BREAK), " ")}


def clean(cell: str) -> str:
    """The cell without what the eye does not see: NFC, plain spaces, no zero-width mark."""
    text = cell.strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text.translate(_CELL)).strip()


def shown(cell: str, ledger: Ledger) -> str:
    """The cell for a message: short; nothing of it when rows are about persons."""
    if ledger.is_record_level:
        return "…"
    return cell if len(cell) <= 40 else cell[:39] + "…"


def mended(text: str, ledger: Ledger, broken_share: float) -> str:
    """The text with plain spaces, composed accents, no invisible mark; each mend is a note.

    Raises
    ------
    RejectedFile
        ``mojibake`` in more than ``broken_share`` of the lines; ``wrong_encoding``.
    """
    if not text.isascii():
        _check_accents(text, ledger, broken_share)
        text = _composed(text, ledger)
    return _without(text, _CONTROLS, " ", ledger, "control_characters", "de contrôle", "control")


def unix_lines(text: str, ledger: Ledger) -> str:
    r"""The text with every line ended by ``\n``."""
    returns = text.count("\r")
    if not returns:
        return text
    pairs = text.count("\r\n")
    if returns > pairs or text.count("\n") > pairs:
        ledger.note("line_ends", "fins de ligne de plusieurs sortes", "line ends of several kinds")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _composed(text: str, ledger: Ledger) -> str:
    text = _without(text, INVISIBLE, "", ledger, "invisible_characters", "invisibles", "invisible")
    text = _without(text, NO_BREAK, " ", ledger, "no_break_spaces", "insécables", "no-break")
    text = _windows(text, ledger)
    if not unicodedata.is_normalized("NFC", text):
        # The Greek question mark would become a semicolon, which may be the separator.
        parts = [unicodedata.normalize("NFC", part) for part in text.split("\u037e")]
        text = "\u037e".join(parts)
        ledger.note("composed_accents", "accents recomposés (NFC)", "accents composed (NFC)")
    if _LOST in text:
        ledger.warn(
            "lost_characters",
            f"{text.count(_LOST)} caractères perdus (�) par un logiciel antérieur",
            f"{text.count(_LOST)} characters lost (�) by earlier software",
            line=line_at(text, text.index(_LOST)),
            rows=text.count(_LOST),
            mend_fr="Reprendre l’original chez le producteur.",
            mend_en="Fetch the original from its producer.",
        )
    return text


def _windows(text: str, ledger: Ledger) -> str:
    """The text with the cp1252 characters that its control codes stand for (œ, €, ’).

    Such codes are left by software that reads cp1252 as latin-1, then writes UTF-8.
    """
    first = _C1.search(text)
    if first is None:
        return text
    wrong = next((c for c in "\x81\x8d\x8f\x90\x9d" if c in text), None)
    if wrong:
        raise ledger.reject(
            "wrong_encoding",
            f"caractère de contrôle U+{ord(wrong):04X} dans le texte",
            f"control character U+{ord(wrong):04X} in the text",
            line=line_at(text, text.index(wrong)),
            mend_fr="Reprendre l’original : il a été relu dans un mauvais codage.",
            mend_en="Fetch the original: it was read in a wrong encoding.",
        )
    codes = {
        code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if chr(code) in text
    }
    count = sum(text.count(chr(code)) for code in codes)
    ledger.note(
        "windows_characters",
        f"{count} codes de contrôle lus comme les caractères cp1252 qu’ils étaient",
        f"{count} control codes read as the cp1252 characters they were",
        line=line_at(text, first.start()),
        rows=count,
    )
    for code, character in codes.items():
        text = text.replace(chr(code), character)
    return text


def _without(
    text: str, marks: str, instead: str, ledger: Ledger, code: str, fr: str, en: str
) -> str:
    """The text with ``instead`` in place of each of ``marks``; one note counts them."""
    found = [mark for mark in marks if mark in text]
    if not found:
        return text
    count, place = sum(map(text.count, found)), min(map(text.index, found))
    fr = f"{count} caractères {fr}" if code != "no_break_spaces" else f"{count} espaces {fr}"
    en = f"{count} {en} {'spaces' if code == 'no_break_spaces' else 'characters'}"
    done = ("lus comme des espaces", "read as spaces") if instead else ("retirés", "removed")
    line = line_at(text, place)
    ledger.note(code, f"{fr} {done[0]}", f"{en} {done[1]}", line=line, rows=count)
    for mark in found:
        text = text.replace(mark, instead)
    return text


def _check_accents(text: str, ledger: Ledger, broken_share: float) -> None:
    """Refuse a text read in a wrong encoding before it reached us."""
    if any(lead in text for lead in _MOJIBAKE_LEADS):
        found = list(islice(MOJIBAKE.finditer(text), 1000))
        lines = {text.rfind("\n", 0, match.start()) for match in found}
        is_hidden = any(match.group()[-1] in "\u00a0\u00ad" for match in found)
        if is_hidden or len(lines) > broken_share * (text.count("\n") + 1) or len(found) == 1000:
            sample = shown(found[0].group(), ledger)
            raise ledger.reject(
                "mojibake",
                f"accents abîmés (« {sample} »)",
                f"broken accents ({sample!r})",
                line=line_at(text, found[0].start()),
                mend_fr="Reprendre l’original : il a été relu dans un mauvais codage.",
                mend_en="Fetch the original: it was read in a wrong encoding.",
            )


def line_at(text: str, place: int) -> int:
    """The line of a place in a text, from 1."""
    return text.count("\n", 0, place) + 1
