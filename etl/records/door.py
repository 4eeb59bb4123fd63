"""The door: a file's cells, checked against their contract, typed, and not one of them told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from etl.records.contracts.loader import Column, Contract, contracts
from etl.records.identity import Detector, refuse_identity
from etl.records.sheets import chosen_sheet, sheets
from etl.source import LINE, Ledger
from geodata.catalogue.nouns import Text

#: The oldest age, in whole years, at which somebody is still followed.
OLDEST_AGE = 21
#: The earliest date that a record may hold.
FIRST_DATE = date(1980, 1, 1)
LONGEST_NUMBER = 64
_TEST = re.compile(r"\b(?:test|essai|lorem|dummy|exemple|example|toto|foo)\b", re.IGNORECASE)
_DATE = r"(?P<iso>\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00)?)?|(?P<d>\d{2})/(?P<m>\d{2})/(?P<y>\d{4})"
_MEND_CELL = {
    "mend_fr": "Corriger la cellule dans le logiciel d’origine et extraire à nouveau.",
    "mend_en": "Mend the cell in the software it comes from and extract again.",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the file says of itself, the same on every row."""

    extracted_on: date
    covered_since: date
    is_invented: bool


def text_rows(
    content: bytes,
    contract: Contract,
    detectors: Mapping[str, tuple[Text, Detector]],
    ledger: Ledger,
) -> pd.DataFrame:
    """The rows as text: the contract's columns and ``line``; an absent optional column is empty.

    Raises
    ------
    RejectedFile
        When the file cannot be read, holds who a person is, or lacks a column.
    """
    found = sheets(content, contract.key.name, ledger)
    refuse_identity(found, contract, detectors, ledger)
    sheet = chosen_sheet(found, contract.id, list(contracts()), ledger)
    places = _places(sheet.header, contract, ledger)
    if not sheet.body:
        raise ledger.reject(
            "no_rows",
            "aucune ligne sous l’en-tête",
            "no row under the header",
            line=sheet.header_line,
            mend_fr="Extraire à nouveau le fichier entier.",
            mend_en="Extract the whole file again.",
        )
    data = {
        name: [cells[places[name]] if name in places else "" for _line, cells in sheet.body]
        for name in contract.columns
    }
    frame = pd.DataFrame(data, dtype="str")
    frame[LINE] = [line for line, _cells in sheet.body]
    return frame


def _places(header: Sequence[str], contract: Contract, ledger: Ledger) -> dict[str, int]:
    twice = [name for name in contract.columns if header.count(name) > 1]
    absent = [c.name for c in contract.columns.values() if c.is_required and c.name not in header]
    if twice or absent:
        names = ", ".join(absent or twice)
        raise ledger.reject(
            "missing_column" if absent else "duplicate_column",
            f"colonne {'manquante' if absent else 'en double'} : {names}",
            f"column {'missing' if absent else 'there twice'}: {names}",
            line=1,
            column=(absent or twice)[0],
            mend_fr=f"L’en-tête doit nommer : {', '.join(contract.columns)}.",
            mend_en=f"The header must name: {', '.join(contract.columns)}.",
        )
    extra = len(header) - sum(name in header for name in contract.columns)
    if extra:
        ledger.note(
            "extra_columns",
            f"{extra} colonnes laissées de côté, ni lues ni gardées",
            f"{extra} columns left aside, neither read nor kept",
            line=1,
        )
    return {name: header.index(name) for name in contract.columns if name in header}


def facts(frame: pd.DataFrame, contract: Contract, ledger: Ledger) -> Facts:
    """What the rows agree on about the whole file.

    Raises
    ------
    RejectedFile
        When they disagree, or mix invented rows with real ones.
    """
    if frame["invented"].nunique() > 1 and frame["invented"].str.lower().eq("yes").any():
        raise ledger.reject(
            "mixed_invented",
            "des lignes inventées sont mêlées à des lignes réelles",
            "invented rows are mixed with real ones",
            column="invented",
            mend_fr="Séparer les fichiers inventés des extractions réelles.",
            mend_en="Keep invented files apart from real extracts.",
        )
    said: dict[str, Any] = {}
    for column in contract.columns.values():
        if not column.is_of_file:
            continue
        cells = frame[column.name]
        values, good = _parsed(cells.iloc[:1], column)
        alone = cells.nunique() == 1 and bool((good | cells.iloc[:1].eq("")).all())
        if not alone or (column.is_required and cells.iloc[0] == ""):
            raise ledger.reject(
                "not_one_fact",
                "cette colonne doit dire la même chose, lisible, sur toutes les lignes",
                "this column must say one thing, readable, on every row",
                column=column.name,
                mend_fr=column.about.fr,
                mend_en=column.about.en,
            )
        said[column.name] = values.iloc[0] if good.iloc[0] else None
    on: date = pd.Timestamp(said["extracted_on"]).date()
    start = said["covered_since"]
    since = on if start is None else pd.Timestamp(start).date()
    if not FIRST_DATE <= since <= on <= date.today():  # noqa: DTZ011 - the officer's own day
        raise ledger.reject(
            "bad_extract_date",
            "les dates d’extraction et de couverture ne se suivent pas, ou sont à venir",
            "the dates of extract and of coverage do not follow, or are to come",
            column="extracted_on",
            **_MEND_CELL,
        )
    return Facts(on, since, said["invented"] == "yes")


def typed_rows(
    frame: pd.DataFrame, contract: Contract, said: Facts, ledger: Ledger
) -> pd.DataFrame:
    """The same rows, typed; those that break the contract are held back in the ledger.

    Numbers and codes are text, dates are timestamps, a month is text (YYYY-MM), an absent cell
    is None or NaT. Columns that speak of the whole file are left out.

    Raises
    ------
    RejectedFile
        When numbers show that these are test data.
    """
    typed = pd.DataFrame({LINE: frame[LINE]})
    for column in contract.columns.values():
        if column.is_of_file:
            continue
        cells = frame[column.name]
        if column.type == "id" and cells.str.contains(_TEST).any():
            raise ledger.reject(
                "test_data",
                "des numéros annoncent des données d’essai",
                "numbers announce test data",
                column=column.name,
                mend_fr="Extraire depuis la base réelle.",
                mend_en="Extract from the real database.",
            )
        values, good = _parsed(cells, column)
        empty = cells == ""
        if column.is_required:
            if column.or_else is not None:
                empty = empty & (frame[column.or_else] == "")
            _hold(frame, empty, ledger, column, "empty_cell", "cellule vide", "empty cell")
        wrong = (cells != "") & ~good
        _hold(frame, wrong, ledger, column, f"bad_{column.type}", *_FAULTS[column.type])
        if column.type == "date":
            late = values > pd.Timestamp(said.extracted_on)
            _hold(frame, late, ledger, column, "future", "date à venir", "date to come")
        if column.type == "month":
            _note_days(cells, good, column, ledger)
        typed[column.name] = values.where(good, None) if values.dtype == object else values
    _check_together(typed, contract, ledger)
    _check_ages(typed, contract, said, ledger)
    _check_repetitions(typed, contract, ledger)
    return typed


_FAULTS = {
    "id": ("numéro trop long", "number too long"),
    "code": ("code hors de la liste du contrat", "code not in the contract's list"),
    "date": ("ce n’est pas une date (AAAA-MM-JJ)", "not a date (YYYY-MM-DD)"),
    "month": ("ce n’est pas un mois (AAAA-MM)", "not a month (YYYY-MM)"),
    "whole": ("nombre entier attendu, dans les bornes", "whole number within bounds expected"),
    "number": ("nombre attendu, dans les bornes", "number within bounds expected"),
    "area": ("ce n’est pas un code d’aire", "not an area code"),
}


def _parsed(cells: pd.Series, column: Column) -> tuple[pd.Series, pd.Series]:
    """The values of one column, and whether each cell is a good one; an empty cell is not."""
    filled = cells != ""
    if column.type == "code":
        codes = cells.str.lower()
        return codes.astype(object), filled & codes.isin(list(column.values))
    if column.type in ("id", "area"):
        longest = LONGEST_NUMBER if column.type == "id" else 12
        return cells.astype(object), filled & (cells.str.len() <= longest)
    if column.type == "date":
        parts = cells.str.extract(f"^(?:{_DATE})$")
        iso = parts["iso"].fillna(parts["y"] + "-" + parts["m"] + "-" + parts["d"])
        days = pd.to_datetime(iso, format="%Y-%m-%d", errors="coerce")
        days = days.astype("datetime64[s]")
        return days, days >= pd.Timestamp(FIRST_DATE)
    if column.type == "month":
        parts = cells.str.extract(r"^(\d{4})-(\d{2})(?:-\d{2})?(?:[T ]00:00(?::00)?)?$")
        other = cells.str.extract(r"^(?:\d{2}/)?(\d{2})/(\d{4})$")
        year, month = parts[0].fillna(other[1]), parts[1].fillna(other[0])
        good = year.notna() & month.isin([f"{n:02d}" for n in range(1, 13)])
        return (year + "-" + month).astype(object), good & (year >= "1900")
    pattern = r"\d{1,9}(?:\.0+)?" if column.type == "whole" else r"\d{1,9}(?:[.,]\d+)?"
    good = cells.str.fullmatch(pattern)
    numbers = pd.to_numeric(cells.where(good, "").str.replace(",", "."), errors="coerce")
    numbers = numbers.astype("float64")
    if column.maximum is not None:
        good &= numbers <= column.maximum
    if column.minimum is not None:
        good &= numbers >= column.minimum
    return numbers.where(good), good


def _hold(
    frame: pd.DataFrame,
    wrong: pd.Series,
    ledger: Ledger,
    column: Column,
    code: str,
    fr: str,
    en: str,
) -> None:
    if wrong.any():
        lines = frame.loc[wrong.astype(bool), LINE]
        allowed = f" ({', '.join(column.values)})" if column.values else ""
        ledger.quarantine(
            lines,
            code,
            fr,
            en,
            column=column.name,
            mend_fr=f"{column.about.fr}{allowed}",
            mend_en=f"{column.about.en}{allowed}",
        )


def _note_days(cells: pd.Series, good: pd.Series, column: Column, ledger: Ledger) -> None:
    """A full date where a month is due: its day is dropped at the door, and said."""
    days = int((good & (cells.str.len() > len("2000-01"))).sum())
    if days:
        ledger.note(
            "day_dropped",
            f"environ {ledger.about(days)} dates réduites au mois",
            f"about {ledger.about(days)} dates cut to their month",
            column=column.name,
            rows=days,
        )


def _check_together(typed: pd.DataFrame, contract: Contract, ledger: Ledger) -> None:
    """Columns of one row that must agree: an end after its start, a decision with its date."""
    for column in contract.columns.values():
        if column.not_before is not None:
            wrong = typed[column.name] < typed[column.not_before]
            fr = f"antérieur à {column.not_before}"
            en = f"earlier than {column.not_before}"
            _hold(typed, wrong, ledger, column, "end_before_start", fr, en)
        if column.goes_with is not None:
            wrong = typed[column.name].isna() != typed[column.goes_with].isna()
            fr = f"doit être rempli exactement quand {column.goes_with} l’est"
            en = f"must be filled exactly when {column.goes_with} is"
            _hold(typed, wrong, ledger, column, "one_without_other", fr, en)
        if column.only_with is not None:
            wrong = typed[column.name].notna() & typed[column.only_with].isna()
            fr = f"ne peut être rempli que si {column.only_with} l’est"
            en = f"may be filled only when {column.only_with} is"
            _hold(typed, wrong, ledger, column, "one_without_other", fr, en)


def _check_ages(typed: pd.DataFrame, contract: Contract, said: Facts, ledger: Ledger) -> None:
    if "birth_month" not in typed:
        return
    born = pd.to_datetime(typed["birth_month"], format="%Y-%m").astype("datetime64[s]")
    today = pd.Timestamp(said.extracted_on)
    column = contract.columns["birth_month"]
    fr, en = "naissance à venir", "birth to come"
    _hold(typed, born > today, ledger, column, "future_birth", fr, en)
    at = typed[contract.age_on].fillna(today) if contract.age_on else today
    months = (_months(at) if isinstance(at, pd.Series) else _month(today)) - _months(born)
    fr, en = f"plus de {OLDEST_AGE} ans", f"over {OLDEST_AGE}"
    _hold(typed, months >= 12 * (OLDEST_AGE + 1), ledger, column, "too_old", fr, en)


def _months(days: pd.Series) -> pd.Series:
    months: pd.Series = days.dt.year * 12 + days.dt.month
    return months


def _month(day: pd.Timestamp) -> int:
    return int(day.year) * 12 + int(day.month)


def _check_repetitions(typed: pd.DataFrame, contract: Contract, ledger: Ledger) -> None:
    """Drop a row repeated as it is; hold back every row of a number that is said in two ways."""
    cells = [name for name in typed.columns if name != LINE]
    again = typed.duplicated(cells)
    if again.any():
        lines = typed.loc[again, LINE]
        ledger.drop(lines, "repeated", "ligne répétée à l’identique", "row repeated as it is")
    key = contract.key
    filled = typed[~again & typed[key.name].notna()]
    twice = filled.duplicated(key.name, keep=False)
    _hold(
        filled,
        twice,
        ledger,
        key,
        "two_rows",
        "deux lignes différentes portent ce numéro",
        "two different rows have this number",
    )
