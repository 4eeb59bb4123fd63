"""JSON: a value, or a frame of the objects of a list."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

import pandas as pd

from etl.reading.repairs import clean, shown
from etl.reading.text import decoded, plain
from etl.reading.width import check_width
from etl.source import LINE, Ledger, RejectedFile

Container = dict[str, object] | list[object]

LARGEST_JSON_BYTES = 128 * 1024 * 1024
DEEPEST = 64
#: An escaped half of a character, or an escaped NUL: neither is text.
_NO_TEXT = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
_AGAIN = {
    "mend_fr": "Reprendre le fichier complet chez le producteur.",
    "mend_en": "Fetch the whole file again from its producer.",
}


class _Refused(Exception):  # noqa: N818 - carries an answer out of the parser
    def __init__(self, code: str, fr: str, en: str) -> None:
        self.issue = (code, fr, en)


def json_value(content: bytes, ledger: Ledger) -> object:
    """The value a JSON file holds: dict, list, str, int, float, bool or None.

    Raises
    ------
    RejectedFile
        Not JSON, cut short, too large (128 MB), too deep (64 levels), a key twice in an object,
        ``NaN`` or ``Infinity``, or half a character in a text.
    """
    if len(content) > LARGEST_JSON_BYTES:
        raise ledger.reject(
            "too_big",
            "le fichier JSON dépasse 128 Mo",
            "the JSON file is over 128 MB",
            mend_fr="Découper le fichier, ou le fournir en CSV ou en Parquet.",
            mend_en="Cut the file in parts, or give it as CSV or Parquet.",
        )
    text = decoded(plain(content, ledger), ledger)
    try:
        value: object = json.loads(
            text, object_pairs_hook=_object_of(ledger), parse_constant=_constant
        )
    except json.JSONDecodeError as error:
        raise _unreadable(text, error, ledger) from None
    except RecursionError:
        raise _too_deep(ledger) from None
    except _Refused as refusal:
        raise ledger.reject(*refusal.issue, **_AGAIN) from None
    except ValueError:
        raise ledger.reject(
            "unreadable_json",
            "nombre de plus de 4 300 chiffres",
            "number of more than 4,300 digits",
            **_AGAIN,
        ) from None
    _check_depth(value, ledger)
    if _NO_TEXT.search(text):
        _check_texts(value, ledger)
    return value


def json_rows(
    content: bytes,
    columns: Sequence[str],
    ledger: Ledger,
    at: tuple[str, ...] = (),
    optional: Sequence[str] = (),
) -> pd.DataFrame:
    """The objects of a JSON list, one row each.

    Parameters
    ----------
    columns: the keys relied on; others are noted and left out.
    at: the keys that lead to the list, from the top.
    optional: those of ``columns`` that an object may lack; it then has None.

    Returns
    -------
    One row an object with ``columns`` (Python objects, texts stripped) and ``line`` (the number
    of the object + 1, as if the keys were a header).

    Raises
    ------
    RejectedFile
        As :func:`json_value`; no list there, no object in it, too many keys, or a key missing.
    """
    value = json_value(content, ledger)
    for key in at:
        value = value.get(key) if isinstance(value, dict) else None
    if not isinstance(value, list):
        where = ".".join(at)
        raise ledger.reject(
            "not_a_list",
            f"pas de liste d’objets {f'sous « {where} »' if at else 'en tête du fichier'}",
            f"no list of objects {f'under {where!r}' if at else 'at the top of the file'}",
            column=where or None,
            mend_fr="Reprendre le fichier, ou corriger sa description (at).",
            mend_en="Fetch the file again, or correct its description (at).",
        )
    if not value:
        raise ledger.reject("no_rows", "la liste est vide", "the list is empty", **_AGAIN)
    extra: set[str] = set()
    wanted = set(columns)
    for number, row in enumerate(value, 1):
        if not isinstance(row, dict):
            raise ledger.reject(
                "not_an_object",
                f"l’élément {number} de la liste n’est pas un objet",
                f"item {number} of the list is not an object",
                line=number + 1,
                **_AGAIN,
            )
        extra.update(row.keys() - wanted)
        check_width(len(wanted) + len(extra), ledger, line=number + 1)
    _check_keys(value, [column for column in columns if column not in optional], ledger)
    if extra:
        names = ", ".join(sorted(extra)[:20]) if not ledger.is_record_level else str(len(extra))
        ledger.note(
            "extra_columns",
            f"clés laissées de côté : {names}",
            f"keys left aside: {names}",
            rows=len(extra),
        )
    frame = pd.DataFrame(
        {
            name: pd.Series([_cell(row.get(name)) for row in value], dtype="object")
            for name in columns
        }
    )
    frame[LINE] = range(2, len(value) + 2)
    return frame


def _cell(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


def _check_keys(rows: list[dict[str, object]], required: Sequence[str], ledger: Ledger) -> None:
    for column in required:
        lacking = [number for number, row in enumerate(rows, 1) if column not in row]
        if lacking:
            raise ledger.reject(
                "missing_column",
                f"clé manquante : {column} ({len(lacking)} objets sur {len(rows)})",
                f"key missing: {column} ({len(lacking)} objects of {len(rows)})",
                line=lacking[0] + 1,
                column=column,
                rows=len(lacking),
                mend_fr="Reprendre le fichier, ou déclarer la clé facultative.",
                mend_en="Fetch the file again, or declare the key optional.",
            )


def _object_of(ledger: Ledger) -> Callable[[list[tuple[str, object]]], dict[str, object]]:
    """Makes an object of its pairs, none of which may repeat a key."""

    def made(pairs: list[tuple[str, object]]) -> dict[str, object]:
        value = dict(pairs)
        if len(value) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = shown(next(key for key in keys if keys.count(key) > 1), ledger)
            raise _Refused(
                "duplicate_key",
                f"la clé « {twice} » est deux fois dans un objet",
                f"key {twice!r} is twice in an object",
            )
        return value

    return made


def _constant(name: str) -> object:
    raise _Refused("unreadable_json", f"{name} n’est pas du JSON", f"{name} is not JSON")


def _unreadable(text: str, error: json.JSONDecodeError, ledger: Ledger) -> RejectedFile:
    is_cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
    return ledger.reject(
        "truncated" if is_cut else "unreadable_json",
        "fichier JSON coupé avant sa fin" if is_cut else f"JSON illisible (place {error.colno})",
        "JSON file cut before its end" if is_cut else f"unreadable JSON (place {error.colno})",
        line=error.lineno,
        **_AGAIN,
    )


def _too_deep(ledger: Ledger) -> RejectedFile:
    return ledger.reject(
        "too_deep",
        f"plus de {DEEPEST} niveaux d’objets ou de listes",
        f"more than {DEEPEST} levels of objects or lists",
        mend_fr="Ce n’est pas un fichier de données : le demander au producteur.",
        mend_en="This is no data file: ask its producer for one.",
    )


def _check_depth(value: object, ledger: Ledger) -> None:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise _too_deep(ledger)


def _inside(outer: Container) -> list[Container]:
    """The objects and lists right inside of one."""
    values = outer.values() if isinstance(outer, dict) else outer
    return [inner for inner in values if isinstance(inner, dict | list)]


def _check_texts(value: object, ledger: Ledger) -> None:
    """Refuse texts that no other file could hold: a NUL, or half a character."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str) and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in item):
            raise ledger.reject(
                "broken_text",
                "un texte contient un octet nul ou une moitié de caractère",
                "a text holds a NUL or half a character",
                **_AGAIN,
            )
