"""The headerless extracts of FINESS, the register of health and social establishments.

A first line names the extract (``finess;etalab;111;2026-05-12``), then each line begins with its
section; sections have columns of their own, in a fixed order and without names. The orders stand
in `finess_columns.csv` beside this module: ``structureet`` and ``geolocalisation`` are those of
the ministry's notices of cs1100502 and cs1100507 (as read by G. Pressiat, finess_etalab);
``equipementsocial`` (cs1100505) is the beginning of its notice, as public readers of the file use
it. Extracts were cp1252 until about 2025 and are UTF-8 since; both are read.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from etl.reading import Dialect, csv_text
from etl.source import LINE, Ledger
from etl.sources.code_list import code_list

SECTIONS = ("structureet", "geolocalisation", "equipementsocial")
#: Département as FINESS and the surveys built on it write it -> the beginning of INSEE's codes.
OVERSEAS = {**dict.fromkeys(("9A", "9B", "9C", "9D", "9E", "9F"), "97"), "9J": "98"}


def extract(content: bytes, sections: Sequence[str], ledger: Ledger) -> tuple[pd.DataFrame, str]:
    """The lines of an extract in one frame of text, and the day it was taken (ISO).

    The frame has ``section``, the columns of all ``sections`` (empty where a section has not the
    column) and the line.

    Raises
    ------
    RejectedFile
        When the first line is not that of an extract, a section is unknown or absent, or a line
        has not the columns of its section.
    """
    is_utf8 = _is_utf8(content)
    lines = content.splitlines(keepends=True)
    day = _day(lines[0] if lines else b"", ledger)
    numbers: dict[str, list[int]] = {section: [] for section in sections}
    for number, line in enumerate(lines[1:], start=2):
        section = line.split(b";", 1)[0].strip().decode("ascii", "replace")
        if section in numbers:
            numbers[section].append(number)
        elif section:
            raise ledger.reject(
                "unknown_section",
                f"section inattendue dans cet extrait : « {section[:40]} »",
                f"unexpected section in this extract: {section[:40]!r}",
                line=number,
                mend_fr="Vérifier que c’est bien l’extrait demandé (numéro cs…).",
                mend_en="Check that it is the extract asked for (number cs…).",
            )
    frames = []
    for section, places in numbers.items():
        if not places:
            continue
        text = b"".join(lines[number - 1] for number in places)
        width = lines[places[0] - 1].count(b";") + 1
        names = _names(section, width)
        dialect = Dialect(
            separator=";", encoding="utf-8" if is_utf8 else "cp1252", has_header=False
        )
        frame = csv_text(text, names, ledger, dialect)
        frame[LINE] = [places[line - 1] for line in frame[LINE]]
        frames.append(frame)
    if "structureet" not in sections or not numbers["structureet"]:
        raise ledger.reject(
            "no_rows",
            "aucun établissement dans l’extrait",
            "no establishment in the extract",
            line=1,
            mend_fr="Reprendre le fichier complet chez le producteur.",
            mend_en="Fetch the whole file again from its producer.",
        )
    return pd.concat(frames, ignore_index=True).fillna(""), day


def columns() -> dict[str, tuple[str, ...]]:
    """The names of the columns of each section, in order."""
    found: dict[str, list[str]] = {section: [] for section in SECTIONS}
    for row in code_list("finess_columns.csv"):
        found[row["section"]].append(row["name"])
    return {section: tuple(names) for section, names in found.items()}


def official_codes(codes: pd.Series[str]) -> pd.Series[str]:
    """INSEE's code of each commune: « 9A101 » is 97101, in Guadeloupe; others stay as they are."""
    beginning = codes.str[:2]
    return beginning.replace(OVERSEAS) + codes.str[2:]


def _names(section: str, width: int) -> tuple[str, ...]:
    """The names of a section's columns; of cs1100505 the further ones are not described."""
    names = columns()[section]
    if section == "structureet" and width == 3:  # cs1100505: the two numbers alone
        return names[:3]
    if section != "equipementsocial":
        return names
    return (*names, *(f"undescribed_{place}" for place in range(len(names) + 1, width + 1)))


def _day(line: bytes, ledger: Ledger) -> str:
    cells = line.decode("ascii", "replace").strip().split(";")
    if len(cells) >= 4 and cells[:2] == ["finess", "etalab"]:
        day = pd.to_datetime(cells[3], format="%Y-%m-%d", errors="coerce")
        if not pd.isna(day):
            return str(cells[3])
    raise ledger.reject(
        "not_finess",
        "la première ligne n’est pas celle d’un extrait FINESS (finess;etalab;…;date)",
        "the first line is not that of a FINESS extract (finess;etalab;…;date)",
        line=1,
        mend_fr="Reprendre l’extrait tel que le ministère le publie.",
        mend_en="Fetch the extract as the ministry publishes it.",
    )


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
