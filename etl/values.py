"""Figures as they are written: a number and why it is what it is, never a guess.

Missing, zero, suppressed and not applicable stay four different things. What marks each of them
is declared by the source; so are the decimal sign, the grouping of digits and the unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.dates import Grammar, day, period
from etl.reading.numbers import STATUSES, How, Said, Style, Unit, said, text_of
from etl.reading.repairs import clean, shown
from etl.source import LINE, Ledger
from geodata.model import Status

__all__ = ["Grammar", "Unit", "day", "measured", "period"]

#: More negative counts than this share of a file refuse it whole (one alone is held back).
NEGATIVE_SHARE = 0.001
_NO_MARKS: Mapping[str, Status] = MappingProxyType({})
_SHOWN_TEXTS = 20
_NOTES = (
    (How.ZERO, "zero_marks", "marques déclarées valoir zéro", "marks declared to be zero"),
    (
        How.BOUND,
        "bounds",
        "bornes (<5, [1-4]) lues comme un secret",
        "bounds (<5, [1-4]) read as secret",
    ),
    (How.MARKER, "footnote_markers", "renvois de note retirés", "footnote markers removed"),
    (
        How.PERCENT,
        "percent_signs",
        "pourcentages lus comme des parts",
        "percentages read as ratios",
    ),
    (How.CURRENCY, "currency_signs", "signes de monnaie retirés", "currency signs removed"),
)
Lines = npt.NDArray[np.int64]
_WRITE = {
    "mend_fr": "Écrire un nombre simple, comme la source le déclare.",
    "mend_en": "Write a plain number, as the source declares it.",
}


def measured(
    frame: pd.DataFrame,
    column: str,
    ledger: Ledger,
    *,
    decimal: str = ".",
    grouping: str = "",
    marks: Mapping[str, Status] = _NO_MARKS,
    minimum: float | None = 0.0,
    maximum: float | None = None,
    is_whole: bool = False,
    unit: Unit | None = None,
) -> pd.DataFrame:
    """The figures of a column and their statuses; rows that hold none are put in quarantine.

    Parameters
    ----------
    frame: rows with ``column`` (text, numbers, or both) and ``line``.
    decimal: the decimal sign, ``.`` or ``,``.
    grouping: what stands between groups of three digits: nothing, space (no-break ones too),
        apostrophe, ``.`` or ``,``.
    marks: exact texts -> status. One whose status has a value means zero. An empty cell is
        missing unless ``marks[""]`` says otherwise.
    minimum, maximum: the least and greatest values there can be.
    is_whole: whether only whole numbers make sense.
    unit: ``ratio`` allows ``12 %`` (0.12), ``euro`` allows ``12 €``.

    Returns
    -------
    ``value`` (float64, NaN without one) and ``status`` (text), on the index of ``frame``. Bounds
    (``<5``, ``[1-4]``) are suppressed; ``12 p`` and ``12 e`` are estimated. A row in quarantine
    or dropped is missing.

    Raises
    ------
    RejectedFile
        A sign of percentage or currency where the source declares none, or more than one
        negative count and more than 0.1 % of them.
    """
    style = Style(decimal, grouping, {clean(mark): status for mark, status in marks.items()}, unit)
    texts, read = frame[column], said(frame[column], style)
    is_open = ~frame[LINE].isin([*ledger.quarantined, *ledger.dropped]).to_numpy()
    lines = frame[LINE].to_numpy()
    _check_unit(read, is_open, lines, column, ledger)
    _hold_wrong(texts, is_open & (read.how == How.WRONG), lines, column, ledger)
    value = np.where(is_open & (read.how != How.WRONG), read.value, np.nan)
    _check_range(value, lines, column, ledger, minimum, maximum)
    if is_whole:
        with np.errstate(invalid="ignore"):
            wrong = value != np.floor(value)
        _hold(
            lines[wrong & ~np.isnan(value)],
            "not_whole",
            "nombre qui n’est pas entier",
            "number that is not whole",
            column,
            ledger,
        )
    for how, code, fr, en in _NOTES:
        there = is_open & (read.how == how)
        if there.any():
            count = int(there.sum())
            ledger.note(
                code,
                f"{count} {fr}",
                f"{count} {en}",
                column=column,
                rows=count,
                line=int(lines[there][0]),
            )
    is_kept = ~frame[LINE].isin([*ledger.quarantined, *ledger.dropped]).to_numpy()
    status = np.where(is_kept, read.status, STATUSES.index(Status.MISSING))
    return pd.DataFrame(
        {
            "value": np.where(is_kept, value, np.nan),
            "status": pd.array(np.array([str(s) for s in STATUSES], dtype=object)[status], "str"),
        },
        index=frame.index,
    )


def _check_unit(
    read: Said, is_open: npt.NDArray[np.bool_], lines: Lines, column: str, ledger: Ledger
) -> None:
    """Refuse a sign of percentage or currency that the source does not declare."""
    there = is_open & (read.how == How.NO_UNIT)
    if there.any():
        raise ledger.reject(
            "undeclared_unit",
            "un pourcentage ou une monnaie là où la source n’en déclare pas",
            "a percentage or a currency where the source declares none",
            line=int(lines[there][0]),
            column=column,
            rows=int(there.sum()),
            mend_fr="Déclarer l’unité (ratio, euro), ou retirer le signe.",
            mend_en="Declare the unit (ratio, euro), or remove the sign.",
        )


def _hold_wrong(
    cells: pd.Series[Any], wrong: npt.NDArray[np.bool_], lines: Lines, column: str, ledger: Ledger
) -> None:
    """Hold back the rows whose cell is no figure, one reason for each text there is."""
    fr, en = "n’est pas un nombre", "is not a number"
    texts = cells[wrong].map(text_of)
    frequent = texts.value_counts().index[: 0 if ledger.is_record_level else _SHOWN_TEXTS]
    for text in frequent:
        there = lines[wrong][(texts == text).to_numpy()]
        sample = shown(text, ledger)
        _hold(there, "not_a_number", f"« {sample} » {fr}", f"{sample!r} {en}", column, ledger)
    _hold(lines[wrong], "not_a_number", f"ce {fr}", f"this {en}", column, ledger)


def _check_range(
    value: npt.NDArray[np.float64],
    lines: Lines,
    column: str,
    ledger: Ledger,
    minimum: float | None,
    maximum: float | None,
) -> None:
    """Hold back what is out of range; refuse a file with many negative counts."""
    if minimum is not None:
        negative = int((value < 0).sum()) if minimum >= 0 else 0
        if negative > max(1, NEGATIVE_SHARE * len(value)):
            raise ledger.reject(
                "negative_counts",
                f"{negative} valeurs négatives sur {len(value)}",
                f"{negative} negative values of {len(value)}",
                line=int(lines[value < 0][0]),
                column=column,
                rows=negative,
                mend_fr="Demander au producteur ce que sont ces valeurs.",
                mend_en="Ask the producer what these values are.",
            )
        fr, en = f"valeur sous le minimum, {minimum:g}", f"value under the least, {minimum:g}"
        _hold(lines[value < minimum], "below_minimum", fr, en, column, ledger)
    if maximum is not None:
        fr, en = f"valeur au-dessus du maximum, {maximum:g}", f"value over the most, {maximum:g}"
        _hold(lines[value > maximum], "above_maximum", fr, en, column, ledger)


def _hold(lines: Lines, code: str, fr: str, en: str, column: str, ledger: Ledger) -> None:
    ledger.quarantine(lines, code, fr, en, column=column, **_WRITE)
