"""Whether a variable's figures look as they did: who has a value, and how values are distributed.

Measured on 1,283 pairs of successive real years (by variable and level, a country and a part of
it): none is held for its values, and one for its silences, a survey that a fifth of the areas did
not answer. Five are warned of: the producer began to round to fives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from babel.numbers import format_decimal

from etl.source import Ledger
from geodata.catalogue.nouns import Catalogue
from geodata.methods.shift import Shift, Silence, distribution_shift, multiples_share, silence
from geodata.model import Status

#: The share of areas without a value may move by so much; more is held when chance would part
#: the areas that changed so unevenly less often than this (eight of eight: 0.008).
SILENCE_SHARE, SILENCE_CHANCE = 0.10, 0.01
#: Values are held when their stability index is over this and chance would part the two
#: distributions so far less often than this. Fewer areas tell nothing.
SHIFT_INDEX, SHIFT_CHANCE, LEAST_AREAS = 0.25, 0.001, 30
#: The rounding changed where nearly all values are multiples of five on one side, and clearly
#: fewer on the other. It moves few values far: distributions further apart are held all the same.
ROUNDED_TO, ROUNDED_SHARE, UNROUNDED_SHARE, ROUNDING_DISTANCE = 5, 0.99, 0.90, 0.25
#: Areas named in a message.
NAMED = 3
_SILENT = [str(status) for status in Status if not status.has_value]
_ASK = {
    "mend_fr": "Vérifier avec le producteur (unité, secret, définition) ; approuver si c’est réel.",
    "mend_en": "Check with the producer (unit, secrecy, definition); approve if it is real.",
}
Found = TypeVar("Found", Shift, Silence)


@dataclass(frozen=True, slots=True)
class _Pair:
    """One variable at one level in one period, beside the published period it is compared with."""

    variable: str
    level: str
    period: str
    before: str
    #: area_id, value, status, value_then, status_then; an area that is gone has no status.
    rows: pd.DataFrame

    @property
    def was_silent(self) -> npt.NDArray[np.bool_]:
        return self.rows["status_then"].isin(_SILENT).to_numpy(dtype=bool)

    @property
    def is_silent(self) -> npt.NDArray[np.bool_]:
        status = self.rows["status"]
        return (status.isin(_SILENT) | status.isna()).to_numpy(dtype=bool)


def compared(
    ledger: Ledger, now: pd.DataFrame, then: pd.DataFrame, areas: pd.DataFrame, words: Catalogue
) -> None:
    """Hold each variable whose silences jump or whose values shift, at a level.

    ``silence_jump``: the share of areas without a value (suppressed, missing, not applicable)
    moves by more than :data:`SILENCE_SHARE`, up or down. ``value_shift``: the values of the same
    areas are distributed otherwise; ``rounding_changed``, a warning, where rounding explains it.
    One issue a variable and level, for the period that moved most.

    Parameters
    ----------
    now, then: figures of one source, staged and published: variable, level, area_id, period,
        value, status. A published period is compared with itself, on the areas that both have
        (:func:`etl.checks.vanished` tells of the others); a new one with the one before it, and
        an area that is in it no more has no value.
    areas: level, area_id, name.
    """
    pairs = list(_pairs(now, then))
    for pair, silent in _worst(pairs, _silence, lambda found: found.moved):
        _tell_silence(ledger, pair, silent, areas, words)
    for pair, shift in _worst(pairs, _shift, lambda found: found.index):
        _tell_shift(ledger, pair, shift, areas, words)


def _pairs(now: pd.DataFrame, then: pd.DataFrame) -> Iterator[_Pair]:
    """Each variable, level and period of ``now`` that changed, with what it is compared with."""
    columns = ["area_id", "value", "status"]
    published: dict[tuple[str, str], dict[str, pd.DataFrame]] = {}
    for key, rows in then.groupby(["variable", "level", "period"]):
        variable, level, period = map(str, key)
        published.setdefault((variable, level), {})[period] = rows[columns]
    for key, fresh in now.groupby(["variable", "level", "period"]):
        variable, level, period = map(str, key)
        known = published.get((variable, level), {})
        earlier = [name for name in known if name <= period]
        if not earlier:
            continue
        before = max(earlier)
        rows = known[before].merge(
            fresh[columns],
            on="area_id",
            how="inner" if before == period else "left",
            suffixes=("_then", ""),
        )
        is_same = rows["value"].equals(rows["value_then"])
        if len(rows) and not (is_same and rows["status"].equals(rows["status_then"])):
            yield _Pair(variable, level, period, before, rows)


def _worst(
    pairs: list[_Pair], judged: Callable[[_Pair], Found | None], size: Callable[[Found], float]
) -> list[tuple[_Pair, Found]]:
    """What is found at fault, for each variable and level the period at which it is largest."""
    worst: dict[tuple[str, str], tuple[_Pair, Found]] = {}
    for pair in pairs:
        found, key = judged(pair), (pair.variable, pair.level)
        if found is not None and (key not in worst or size(found) > size(worst[key][1])):
            worst[key] = (pair, found)
    return list(worst.values())


def _silence(pair: _Pair) -> Silence | None:
    found = silence(pair.was_silent, pair.is_silent)
    is_clear = found.moved > SILENCE_SHARE and found.p_value < SILENCE_CHANCE
    return found if is_clear else None


def _shift(pair: _Pair) -> Shift | None:
    both = pair.rows[["value_then", "value"]].dropna()
    if len(both) < LEAST_AREAS:
        return None
    found = distribution_shift(both["value_then"], both["value"])
    is_clear = found.index > SHIFT_INDEX and found.p_value < SHIFT_CHANCE
    return found if is_clear else None


def _tell_silence(
    ledger: Ledger, pair: _Pair, found: Silence, areas: pd.DataFrame, words: Catalogue
) -> None:
    changed = pair.rows.loc[pair.was_silent != pair.is_silent, "area_id"]
    first, name = _named(changed, pair.level, areas), words.variables[pair.variable].name
    fr, en = (
        [_decimal(100 * share, language) for share in (found.before, found.after)]
        for language in ("fr", "en")
    )
    ledger.hold(
        "silence_jump",
        f"{name.fr} ({pair.level}), {pair.period} : {fr[1]} % des aires sans valeur, au lieu de "
        f"{fr[0]} % en {pair.before} ; {len(changed)} aires ont changé, d’abord {first}",
        f"{name.en} ({pair.level}), {pair.period}: {en[1]}% of areas without a value, instead of "
        f"{en[0]}% in {pair.before}; {len(changed)} areas changed, first {first}",
        column=pair.variable,
        rows=len(changed),
        **_ASK,
    )


def _tell_shift(
    ledger: Ledger, pair: _Pair, found: Shift, areas: pd.DataFrame, words: Catalogue
) -> None:
    both = pair.rows[["area_id", "value_then", "value"]].dropna()
    moved = (both["value"] - both["value_then"]).abs().sort_values(ascending=False, kind="stable")
    first = _named(both.loc[moved.index, "area_id"], pair.level, areas)
    name = words.variables[pair.variable].name
    middles = (float(both["value_then"].median()), float(both["value"].median()))
    fr, en = (
        [_decimal(number, language) for number in (found.index, *middles)]
        for language in ("fr", "en")
    )
    is_rounding = found.distance < ROUNDING_DISTANCE and _is_rounding_changed(both)
    code, say = ("rounding_changed", ledger.warn) if is_rounding else ("value_shift", ledger.hold)
    why_fr = "l’arrondi n’est plus celui" if is_rounding else "la répartition n’est plus celle"
    why_en = "the rounding is not that" if is_rounding else "the distribution is not that"
    say(
        code,
        f"{name.fr} ({pair.level}), {pair.period} : {why_fr} "
        f"de {pair.before}, déjà publié (indice de stabilité {fr[0]}) ; "
        f"médiane {fr[2]} au lieu de {fr[1]}, d’abord {first}",
        f"{name.en} ({pair.level}), {pair.period}: {why_en} "
        f"of {pair.before} as published (stability index {en[0]}); "
        f"median {en[2]} instead of {en[1]}, first {first}",
        column=pair.variable,
        rows=len(both),
        **_ASK,
    )


def _is_rounding_changed(both: pd.DataFrame) -> bool:
    shares = [multiples_share(both[name], ROUNDED_TO) for name in ("value_then", "value")]
    return max(shares) >= ROUNDED_SHARE and min(shares) < UNROUNDED_SHARE


def _named(ids: pd.Series, level: str, areas: pd.DataFrame) -> str:
    """The first of these areas, by name and code."""
    first = [str(area_id) for area_id in ids.iloc[:NAMED]]
    theirs = areas[areas["level"].eq(level) & areas["area_id"].isin(first)]
    names = dict(zip(theirs["area_id"], theirs["name"], strict=True))
    return ", ".join(f"{names[x]} ({x})" if names.get(x) else x for x in first)


def _decimal(number: float, language: str) -> str:
    return format_decimal(round(number, 2), "#,##0.##", locale=language)
