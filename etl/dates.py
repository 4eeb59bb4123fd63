"""Dates and periods as they are written, read by the grammar their source declares."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd

from etl.reading.numbers import text_of
from etl.reading.repairs import clean, shown
from etl.source import LINE, Ledger

DayFormat = Literal["yyyy-mm-dd", "dd/mm/yyyy"]
Grammar = Literal["year", "school_year", "quarter", "half", "month"]

FIRST_YEAR = 1900
#: Days that Excel counts from 1990 to 2100; its day 60 never was, hence the origin.
_SERIALS = range(32_874, 73_416)
_ORIGIN = date(1899, 12, 30)
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?)?"
)
_DAY_FIRST = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_SERIAL = re.compile(r"([0-9]{5})(?:\.0+)?")
_SHORT_DAY = re.compile(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2}")
_SHORT_YEAR = re.compile(r"'?[0-9]{2}")
_YEAR = re.compile(r"([0-9]{4})(?:\.0+)?")
_SCHOOL = re.compile(r"([0-9]{4})\s*[-/]\s*((?:[0-9]{2})?[0-9]{2})")
_PARTS: dict[str, tuple[str, str, int]] = {
    "quarter": ("[TQ]", "Q", 3),
    "half": ("[SH]", "S", 6),
    "month": ("M?", "", 1),
}
_SHOWN_TEXTS = 20
_MEND_DAY = {
    "mend_fr": "Écrire la date avec son jour, son mois et les quatre chiffres de son année.",
    "mend_en": "Write the date with its day, its month and the four digits of its year.",
}
_MEND_PERIOD = {
    "mend_fr": "Écrire la période comme la source le déclare, avec quatre chiffres par année.",
    "mend_en": "Write the period as the source declares it, with four digits for a year.",
}


def day(
    frame: pd.DataFrame,
    column: str,
    ledger: Ledger,
    *,
    earliest: date,
    latest: date,
    format: DayFormat = "yyyy-mm-dd",  # noqa: A002 - what everyone calls it
) -> pd.Series[Any]:
    """The dates of a column as ISO text, on the index of ``frame``; missing where it is empty.

    ISO dates are read whatever ``format`` says; ``dd/mm/yyyy`` only when it says so. The number
    that Excel counts days with is read from 1990 to 2100 (a repair, noted); hours are left aside.

    Raises
    ------
    RejectedFile
        A year of two digits. Dates that never were, or out of ``earliest`` .. ``latest``, are
        put in quarantine.
    """
    texts = _texts(frame[column])
    counted: set[str] = set()
    timed: set[str] = set()

    def iso(text: str) -> str | None:
        found = _ISO.fullmatch(text)
        if found:
            if found.group(4):
                timed.add(text)
            return _calendar(found.group(1), found.group(2), found.group(3))
        first = _DAY_FIRST.fullmatch(text) if format == "dd/mm/yyyy" else None
        if first:
            return _calendar(first.group(3), first.group(2), first.group(1))
        serial = _SERIAL.fullmatch(text)
        if serial and int(serial.group(1)) in _SERIALS:
            counted.add(text)
            return (_ORIGIN + timedelta(days=int(serial.group(1)))).isoformat()
        return None

    made = _made(frame, column, ledger, texts, iso, _SHORT_DAY, ("date", "a date"), _MEND_DAY)
    _check_order(frame, made, column, ledger, earliest.isoformat(), latest.isoformat(), _MEND_DAY)
    is_kept = _is_open(frame, ledger)
    for which, code, fr, en in (
        (
            counted,
            "excel_days",
            "dates comptées en jours par Excel",
            "dates that Excel counts in days",
        ),
        (
            timed,
            "hours",
            "dates dont l’heure est laissée de côté",
            "dates with their hour left aside",
        ),
    ):
        rows = int((texts.isin(which) & is_kept).sum())
        if rows:
            line = int(frame.loc[texts.isin(which) & is_kept, LINE].iloc[0])
            ledger.note(code, f"{rows} {fr}", f"{rows} {en}", column=column, line=line, rows=rows)
    return made.where(is_kept)


def period(
    frame: pd.DataFrame,
    column: str,
    ledger: Ledger,
    grammar: Grammar,
    *,
    earliest: int = FIRST_YEAR,
    today: date | None = None,
) -> pd.Series[Any]:
    """The periods of a column as text, on the index of ``frame``; missing where it is empty.

    Returns
    -------
    ``2024`` (year), ``2023-2024`` (school_year: also ``2023/24``), ``2024-Q1`` (quarter: also
    ``T1 2024``), ``2024-S1`` (half), ``2024-01`` (month), after SDMX. What is not of the grammar,
    begins before the year ``earliest`` or after ``today`` is put in quarantine.

    Raises
    ------
    RejectedFile
        A year of two digits.
    """
    texts = _texts(frame[column])
    read = (
        _school_year if grammar == "school_year" else _year if grammar == "year" else _part(grammar)
    )
    starts: dict[str, str] = {}

    def written(text: str) -> str | None:
        found = read(text)
        if found is None:
            return None
        made, start = found
        starts[made] = start.isoformat()
        return made

    made = _made(
        frame, column, ledger, texts, written, _SHORT_YEAR, ("période", "a period"), _MEND_PERIOD
    )
    last = (today or datetime.now(UTC).date()).isoformat()
    first = f"{earliest:04d}-01-01"
    _check_order(frame, made.map(starts).astype("str"), column, ledger, first, last, _MEND_PERIOD)
    return made.where(_is_open(frame, ledger))


def _made(
    frame: pd.DataFrame,
    column: str,
    ledger: Ledger,
    texts: pd.Series[Any],
    read: Callable[[str], str | None],
    short: re.Pattern[str],
    noun: tuple[str, str],
    mend: dict[str, str],
) -> pd.Series[Any]:
    """Each text read once; what is none is held back, a two-digit year refuses the file."""
    is_open = _is_open(frame, ledger)
    there = texts[is_open & (texts != "")]
    made = {text: read(text) for text in there.unique()}
    wrong = there[there.map({text: meant is None for text, meant in made.items()}).astype(bool)]
    lines = frame.loc[wrong.index, LINE]
    for text in [text for text, meant in made.items() if meant is None and short.fullmatch(text)]:
        told = shown(text, ledger)
        raise ledger.reject(
            "two_digit_year",
            f"année à deux chiffres : « {told} »",
            f"year of two digits: {told!r}",
            line=int(lines[wrong == text].iloc[0]),
            column=column,
            rows=int((wrong == text).sum()),
            **mend,
        )
    frequent = wrong.value_counts().index[: 0 if ledger.is_record_level else _SHOWN_TEXTS]
    for told, where in (*((shown(t, ledger), wrong == t) for t in frequent), ("", wrong.notna())):
        ledger.quarantine(
            lines[where],
            "bad_date",
            f"« {told} » n’est pas une {noun[0]}" if told else f"ce n’est pas une {noun[0]}",
            f"{told!r} is not {noun[1]}" if told else f"this is not {noun[1]}",
            column=column,
            **mend,
        )
    known = {text: meant for text, meant in made.items() if meant is not None}
    return texts.map(known).astype("str")


def _check_order(
    frame: pd.DataFrame,
    days: pd.Series[Any],
    column: str,
    ledger: Ledger,
    first: str,
    last: str,
    mend: dict[str, str],
) -> None:
    """Hold back the rows whose ISO day is out of range; ISO text sorts as the days do."""
    is_known = days.notna()
    for wrong, fr, en in (
        (is_known & (days < first), f"avant le {first}", f"before {first}"),
        (is_known & (days > last), f"après le {last}", f"after {last}"),
    ):
        ledger.quarantine(frame.loc[wrong, LINE], "out_of_range", fr, en, column=column, **mend)


def _texts(cells: pd.Series[Any]) -> pd.Series[str]:
    """The cells as clean text: days as ISO, whole numbers without decimals, nothing as empty."""
    if pd.api.types.is_datetime64_any_dtype(cells):
        cells = cells.dt.strftime("%Y-%m-%d %H:%M:%S").str.removesuffix(" 00:00:00")
    if isinstance(cells.dtype, pd.StringDtype):
        return cells.fillna("").map(clean).astype("str")
    return cells.astype("object").map(_text).astype("str")


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return clean(text_of(cell))
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(" ").removesuffix(" 00:00:00")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float | np.floating):
        return "" if np.isnan(cell) else f"{cell:.0f}" if cell == np.floor(cell) else repr(cell)
    return text_of(cell)


def _calendar(year: str, month: str, of_month: str) -> str | None:
    try:
        return date(int(year), int(month), int(of_month)).isoformat()
    except ValueError:
        return None


def _year(text: str) -> tuple[str, date] | None:
    found = _YEAR.fullmatch(text)
    return (
        (found.group(1), date(int(found.group(1)), 1, 1))
        if found and found.group(1) > "0000"
        else None
    )


def _school_year(text: str) -> tuple[str, date] | None:
    found = _SCHOOL.fullmatch(text)
    if found is None or not 1 <= int(found.group(1)) <= 9998:
        return None
    start = int(found.group(1))
    end = f"{start + 1:04d}"
    # Schools begin after the summer: a school year to come is one whose first day is to come.
    return (f"{start:04d}-{end}", date(start, 7, 1)) if end.endswith(found.group(2)) else None


def _part(grammar: str) -> Callable[[str], tuple[str, date] | None]:
    """Reads a year and one of its parts, in either order: ``T1 2024``, ``2024-T1``, ``2024T1``."""
    letter, ours, months = _PARTS[grammar]
    number = "(0?[1-9]|1[0-2])" if grammar == "month" else "([1-9])"
    between = r"\s*[-/ ]?\s*" if grammar != "month" else r"\s*[-/M]\s*"
    forms = (
        re.compile(rf"(?P<y>[0-9]{{4}}){between}{letter}(?P<n>{number})", re.IGNORECASE),
        re.compile(rf"{letter}(?P<n>{number}){between}(?P<y>[0-9]{{4}})", re.IGNORECASE),
    )

    def read(text: str) -> tuple[str, date] | None:
        found = next((f for form in forms if (f := form.fullmatch(text))), None)
        if found is None:
            return None
        year, place = int(found.group("y")), int(found.group("n"))
        if year < 1 or place > 12 // months:
            return None
        name = f"{place:02d}" if grammar == "month" else f"{ours}{place}"
        return f"{year:04d}-{name}", date(year, (place - 1) * months + 1, 1)

    return read


def _is_open(frame: pd.DataFrame, ledger: Ledger) -> pd.Series[bool]:
    return ~frame[LINE].isin([*ledger.quarantined, *ledger.dropped])
