"""What a value is worth, in words: its interval, its smoothed value, its standing, its trend."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboard.components.reading import Reading
from dashboard.wording import Words
from geodata.catalogue.nouns import Indicator, Territory
from geodata.model import AreaKey

#: How the release calls an interval that comes from the draws of the engine.
DRAWN = "drawn"
#: Verdicts of a trend that say which way it goes.
_SURE = ("rising", "falling")


def interval_words(words: Words, row: Mapping[Any, Any], decimals: int) -> str:
    """The two ends of an interval and how sure it is, or an empty text.

    ``row``: low, high, interval.
    """
    low, high = _number(row["low"]), _number(row["high"])
    if math.isnan(low) or math.isnan(high):
        return ""
    key = "drawn" if row["interval"] == DRAWN else "chance"
    return words(
        f"worth.interval_{key}", low=words.number(low, decimals), high=words.number(high, decimals)
    )


def interval_sentence(words: Words, here: Reading, indicator: Indicator) -> str:
    """The interval of a value in a sentence, or an empty text."""
    row = {"low": here.low, "high": here.high, "interval": here.interval}
    said = interval_words(words, row, indicator.decimals)
    if not said:
        return ""
    key = "drawn" if here.interval == DRAWN else "chance"
    return words(f"worth.interval_{key}_means", interval=said[:1].upper() + said[1:])


def smoothed_sentence(words: Words, here: Reading, indicator: Indicator, peers: str) -> str:
    """The smoothed value of an area and what it means; ``peers``: who it is drawn towards."""
    if math.isnan(here.smoothed):
        return ""
    decimals = indicator.decimals
    value = words.number(here.smoothed, decimals)
    if math.isnan(here.smoothed_low) or math.isnan(here.smoothed_high):
        return words("worth.smoothed_alike", value=value, peers=peers)
    return words(
        "worth.smoothed",
        value=value,
        low=words.number(here.smoothed_low, decimals),
        high=words.number(here.smoothed_high, decimals),
        peers=peers,
    )


def standing_sentence(words: Words, here: Reading, territory: Territory) -> str:
    """Where a value lies in the funnel of its level, or an empty text."""
    if here.standing is None:
        return ""
    is_whole = here.key.level == territory.area.level
    name = territory.country_name if is_whole else territory.name
    return words(f"standing.{here.standing}", whole=words.of(name))


def trend_sentences(words: Words, frame: pd.DataFrame) -> list[str]:
    """What the tested trend of an area says, a sentence a segment; see `data.trends`."""
    made = []
    for row in frame.to_dict("records"):
        parts = {"first": row["first_period"], "last": row["last_period"]}
        if row["verdict"] not in _SURE:
            made.append(words("trend.unclear", **parts))
            continue
        # A fall of 4 to 2 % a year is said from 2 to 4: the verb has the sign.
        ends = sorted(abs(_number(row[name])) for name in ("low", "high"))
        if math.isnan(ends[0] + ends[1]):
            ends = []
        change = words.number(abs(row["yearly_change"]), 1)
        if not ends:
            made.append(words(f"trend.{row['verdict']}_bare", change=change, **parts))
            continue
        low, high = (words.number(end, 1) for end in ends)
        made.append(words(f"trend.{row['verdict']}", change=change, low=low, high=high, **parts))
    return made


def cluster_sentence(words: Words, frame: pd.DataFrame, key: AreaKey, period: str) -> str:
    """What an area is among those beside it, or an empty text; see `data.clusters`."""
    found = frame[(frame["area_id"] == key.area_id) & (frame["period"] == period)]
    if found.empty:
        return ""
    row = found.iloc[0]
    kind = str(row["kind"])
    if kind == "alone":
        return words("cluster.alone")
    return words(f"cluster.{kind if row['is_sure'] and kind != 'none' else 'none'}")


def inequality_sentence(
    words: Words, frame: pd.DataFrame, indicator: Indicator, peers: str, period: str
) -> str:
    """How a figure goes with deprivation from one end of a level to the other, or an empty text.

    ``frame``: see `data.inequalities`; ``peers``: the areas of the level, in words.
    """
    told = frame[frame["period"] == period].set_index("measure")
    if "sii" not in told.index:
        return ""
    row = told.loc["sii"]
    decimals = indicator.decimals
    low, high = _number(row["low"]), _number(row["high"])
    is_sure = low > 0 or high < 0
    parts = {
        "peers": peers,
        "areas": words.number(_number(row["areas"])),
        "slope": words.amount(abs(_number(row["value"])), decimals, words.of(indicator.unit)),
    }
    if math.isnan(low) or math.isnan(high):
        way = "more" if row["value"] > 0 else "less"
        return words(f"inequality.{way}", **parts)
    if not is_sure:
        return words("inequality.unclear", **parts)
    ends = sorted(abs(end) for end in (low, high))
    parts |= {"low": words.number(ends[0], decimals), "high": words.number(ends[1], decimals)}
    return words(f"inequality.{'more' if row['value'] > 0 else 'less'}_sure", **parts)


def _number(value: Any) -> float:
    return math.nan if value is None or pd.isna(value) else float(value)
