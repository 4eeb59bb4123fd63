"""Columns that several tables have, and the words of their silences."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from dashboard.certainty import silence
from dashboard.exports.table import Column, Kind
from dashboard.flags import flag_words
from dashboard.wording import Words
from geodata.model import Standing, Status

_INTERVALS = ("byar", "exact", "wilson", "drawn")


def status_column(words: Words, title: str) -> Column:
    """Why each row's figures are what they are: always there."""
    said = {status.value: words.status(status) for status in Status}
    return Column("status", title, Kind.CODE, said=said)


def interval_column(words: Words, title: str) -> Column:
    """By which method the interval of a value was found."""
    said = {name: words(f"interval.{name}") for name in _INTERVALS}
    return Column("interval", title, Kind.CODE, said=said)


def standing_column(words: Words, title: str) -> Column:
    """Where a value lies in the funnel of its level."""
    said = {str(one): words(f"standing_short.{one}") for one in Standing}
    return Column("standing", title, Kind.CODE, said=said)


def repeated(columns: Mapping[str, str]) -> tuple[Column, ...]:
    """Columns that are the same in every row, by name, with their titles."""
    return tuple(Column(name, title, is_repeated=True) for name, title in columns.items())


def silent_words(words: Words, status: pd.Series) -> pd.Series:
    """The word that stands where a row of each status has no number."""
    said = {one: words(f"silence.{silence(str(one))}") for one in status.unique()}
    return status.map(said)


def flag_texts(words: Words, flags: pd.Series) -> pd.Series:
    """What weakens the figures of each row, in words."""
    whole = flags.fillna(0).astype("int64")
    said = {one: flag_words(words, int(one)) for one in whole.unique()}
    return whole.map(said)


def without_secrets(frame: pd.DataFrame, numbers: tuple[str, ...]) -> pd.DataFrame:
    """The rows without any number where they are withheld.

    A release keeps none there; were one to slip in, it would still leave in no file. Where a value
    is missing or not applicable, what is known of its terms says why.
    """
    is_silent = frame["status"] == Status.SUPPRESSED
    if not is_silent.any():
        return frame
    return frame.assign(**{name: frame[name].mask(is_silent) for name in numbers if name in frame})
