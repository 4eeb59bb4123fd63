"""Columns are found by name, never by place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from etl.reading.repairs import clean, shown
from etl.source import Ledger, RejectedFile

_NUMBER = re.compile(r"[+-]?[0-9][0-9 .,]*%?")
_SEPARATORS = ";,\t|"
#: Columns left aside that are named in the note; of more only the number is told.
_NAMED = 40


def places(
    header: Sequence[str],
    columns: Sequence[str],
    ledger: Ledger,
    *,
    aliases: Mapping[str, str] | None = None,
    line: int = 1,
    separator: str = "",
) -> list[int]:
    """Where each of ``columns`` stands in the header.

    A name is met as it is written, or by an alias (other name -> our name), or else when it
    differs only by case, spaces and accents (a repair, noted). Other columns are noted.

    Raises
    ------
    RejectedFile
        ``missing_column``, ``duplicate_column``, or ``no_header`` when the line holds figures
        and none of the names.
    """
    names = [clean(name) for name in header]
    found = _met(names, columns, aliases or {})
    absent = [column for column in columns if not found[column]]
    if absent:
        raise _missing(names, columns, absent, ledger, line, separator)
    twice = [column for column in columns if len(found[column]) > 1]
    if twice:
        raise ledger.reject(
            "duplicate_column",
            f"colonne en double : {', '.join(twice)}",
            f"column there twice: {', '.join(twice)}",
            line=line,
            column=twice[0],
            mend_fr="Ne garder qu’une colonne de chaque nom.",
            mend_en="Keep one column of each name.",
        )
    order = [found[column][0] for column in columns]
    _note_spelling(names, columns, order, aliases or {}, ledger, line)
    taken = set(order)
    extra = sorted({name or "?" for place, name in enumerate(names) if place not in taken})
    if extra:
        told, more = ", ".join(extra[:_NAMED]), len(extra) - _NAMED
        ledger.note(
            "extra_columns",
            f"colonnes laissées de côté : {told}" + (f" et {more} autres" if more > 0 else ""),
            f"columns left aside: {told}" + (f" and {more} others" if more > 0 else ""),
            line=line,
        )
    return order


def folded(name: str) -> str:
    """The name without case, spaces and accents."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in letters if not unicodedata.combining(c) and not c.isspace())


def _met(
    names: Sequence[str], columns: Sequence[str], aliases: Mapping[str, str]
) -> dict[str, list[int]]:
    """The places of each column: by its name, else by an alias, else by its folded name."""
    found: dict[str, list[int]] = {column: [] for column in columns}
    exact: dict[str, list[int]] = {}
    loose: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        exact.setdefault(name, []).append(place)
        loose.setdefault(folded(name), []).append(place)
    others: dict[str, list[str]] = {column: [column] for column in columns}
    for other, column in aliases.items():
        others.setdefault(column, [column]).append(clean(other))
    taken: set[int] = set()
    for key, there in ((clean, exact), (folded, loose)):
        for column in columns:
            for other in others[column]:
                if not found[column]:
                    free = [p for p in there.get(key(other), ()) if p not in taken]
                    found[column] = free
                    taken.update(free)
    return found


def _note_spelling(
    names: Sequence[str],
    columns: Sequence[str],
    order: Sequence[int],
    aliases: Mapping[str, str],
    ledger: Ledger,
    line: int,
) -> None:
    known = {*columns, *map(clean, aliases)}
    respelled = [
        f"{names[place]} = {column}"
        for column, place in zip(columns, order, strict=True)
        if names[place] not in known
    ]
    if respelled:
        ledger.note(
            "header_spelling",
            f"colonnes reconnues à l’écriture près : {', '.join(respelled)}",
            f"columns recognised but for their spelling: {', '.join(respelled)}",
            line=line,
            rows=len(respelled),
        )


def _missing(
    names: Sequence[str],
    columns: Sequence[str],
    absent: Sequence[str],
    ledger: Ledger,
    line: int,
    separator: str,
) -> RejectedFile:
    wanted = ", ".join(columns)
    between = {";": ("points-virgules", "semicolons"), ",": ("virgules", "commas")}
    fr, en = between.get(separator, (f"« {separator} »", repr(separator)))
    by_fr, by_en = (f", séparées par des {fr}", f", separated by {en}") if separator else ("", "")
    mend = {
        "mend_fr": f"L’en-tête doit nommer{by_fr} : {wanted}.",
        "mend_en": f"The header must name{by_en}: {wanted}.",
    }
    if len(absent) == len(columns) and any(_NUMBER.fullmatch(name) for name in names):
        return ledger.reject(
            "no_header",
            "cette ligne porte des données, et non le nom des colonnes",
            "this line holds data, not the names of the columns",
            line=line,
            column=absent[0],
            **mend,
        )
    other = _other_separator(names, columns) if separator else ""
    if other:
        mend = {
            "mend_fr": f"Le fichier est séparé par {other!r} : le déclarer.",
            "mend_en": f"The file is separated by {other!r}: declare it.",
        }
    read = shown(", ".join(names), ledger) if ledger.is_record_level else ", ".join(names)[:120]
    return ledger.reject(
        "missing_column",
        f"colonne manquante : {', '.join(absent)} ; lu : {read}",
        f"column missing: {', '.join(absent)}; read: {read}",
        line=line,
        column=absent[0],
        **mend,
    )


def _other_separator(names: Sequence[str], columns: Sequence[str]) -> str:
    """The separator that would have found some of the columns, or nothing."""
    wanted = set(map(folded, columns))
    if len(names) != 1:
        return ""
    met = {s: sum(folded(part) in wanted for part in names[0].split(s)) for s in _SEPARATORS}
    best = max(met, key=lambda separator: met[separator])
    return best if met[best] else ""
