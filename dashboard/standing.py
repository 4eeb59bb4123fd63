"""Standing: an area's place in an order of priority, how far it holds, and what it is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard import data
from dashboard.reader import Reader
from dashboard.wording import Words
from geodata.catalogue.nouns import Priority
from geodata.methods.priority_order import top_places
from geodata.model import AreaKey, Status


@dataclass(frozen=True, slots=True)
class Part:
    """One figure of the order, as it is written; ``is_silent`` where it has no value here."""

    name: str
    unit: str
    period: str
    value: str
    weight: str
    points: str
    is_silent: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What is said of one area under one priority.

    ``rank`` is empty and ``why`` says why, where the area or its level is not ordered. ``held``
    says how far the rank can be trusted; ``note`` what the draws and the weights are.
    """

    name: str
    definition: str
    rank: str
    why: str
    held: tuple[str, ...]
    parts: tuple[Part, ...]
    total: str
    note: str


def standings(reader: Reader, key: AreaKey) -> list[Standing]:
    """The place of an area in every order of the catalogue."""
    return [_standing(reader, priority, key) for priority in reader.catalogue.priorities.values()]


def _standing(reader: Reader, priority: Priority, key: AreaKey) -> Standing:
    words = reader.words
    order = data.priority_order(reader.principal, reader.release, priority.id, key.level)
    found = order[order["area_id"] == key.area_id].to_dict("records")
    row: dict[Any, Any] = found[0] if found else {}
    is_ranked = bool(row) and pd.notna(row["rank"])
    name, definition = words.of(priority.name), words.of(priority.definition)
    note = words("priority.note", day=words.day(priority.declared_on.isoformat()))
    parts = _parts(reader, priority, key) if row else ()
    if not is_ranked:
        why = (
            _why_area_lacks(reader, row, parts)
            if row
            else why_unordered(reader, priority, key.level, has_order=not order.empty)
        )
        return Standing(name, definition, "", why, (), parts, "", note)
    rank = words(
        "priority.rank",
        rank=words.number(row["rank"]),
        ranked=words.number(row["ranked"]),
        peers=words.of(reader.catalogue.territory.level(key.level).name),
    )
    total = words.number(row["value"], 1)
    return Standing(name, definition, rank, "", _held(reader, priority, row), parts, total, note)


def _held(reader: Reader, priority: Priority, row: dict[Any, Any]) -> tuple[str, ...]:
    """How surely the rank is held: its interval, the worst fifth, and other weights."""
    words, ranked = reader.words, int(row["ranked"])
    low, high = words.number(row["rank_low"]), words.number(row["rank_high"])
    top = top_places(priority.top_share, ranked)
    fifth = -(-ranked // 5)
    return (
        words("priority.interval_one" if low == high else "priority.interval", low=low, high=high),
        words(
            "priority.worst_fifth",
            fifth=words.number(fifth),
            ranked=words.number(ranked),
            share=per_cent(reader.words, row["p_worst_fifth"]),
        ),
        words(
            "priority.weights_one" if top == 1 else "priority.weights",
            top=words.number(top),
            share=per_cent(reader.words, row["share_in_top"]),
        ),
        *(
            [words("priority.lacking", share=per_cent(reader.words, row["missing_weight"]))]
            if row["missing_weight"] > 0
            else []
        ),
    )


def per_cent(words: Words, share: float) -> str:
    """A share in per cent, never rounded to a none or an all that it is not."""
    if 0 < share < 0.005:
        return words("priority.hardly")
    if 0.995 < share < 1:
        return words("priority.nearly")
    return words("priority.per_cent", share=words.number(100 * share))


def _parts(reader: Reader, priority: Priority, key: AreaKey) -> tuple[Part, ...]:
    words, known = reader.words, reader.catalogue
    frame = data.priority_parts(reader.principal, reader.release, priority.id, key)
    made = []
    for row in frame.to_dict("records"):
        indicator = known.indicators[str(row["indicator"])]
        is_silent = pd.isna(row["value"])
        value = math.nan if is_silent else float(row["value"])
        status = _status(reader, row, key) if is_silent else Status.OBSERVED
        mark = words.value(value, status, indicator.decimals)
        made.append(
            Part(
                name=words.of(indicator.short),
                unit=words.of(indicator.unit),
                period=words.period(known.period_kind(indicator), str(row["period"])),
                value=mark,
                weight=per_cent(reader.words, row["weight"]),
                points=mark if is_silent else words.number(row["contribution"], 1),
                is_silent=is_silent,
            )
        )
    return tuple(made)


def _status(reader: Reader, row: dict[Any, Any], key: AreaKey) -> str:
    """Why a part has no value: what the indicator itself says of the area."""
    values = data.area_values(
        reader.principal, reader.release, str(row["indicator"]), key.level, str(row["period"])
    )
    status = values.loc[values["area_id"] == key.area_id, "status"]
    return str(status.iloc[0]) if len(status) else Status.MISSING


def _why_area_lacks(reader: Reader, row: dict[Any, Any], parts: tuple[Part, ...]) -> str:
    """Which figures of an area are too heavy to be missing."""
    lacking = ", ".join(part.name for part in parts if part.is_silent)
    share = per_cent(reader.words, row["missing_weight"])
    return reader.words("priority.why_area", share=share, names=lacking)


def why_unordered(reader: Reader, priority: Priority, level: str, *, has_order: bool) -> str:
    """Why an area is in no order: its role, its level, or what the level lacks."""
    words, territory = reader.words, reader.catalogue.territory
    if has_order:
        return words("priority.why_outside")
    if level not in priority.levels:
        known = [other for other in territory.levels if other.id in priority.levels]
        levels = ", ".join(words.of(other.name) for other in known)
        return words("priority.why_level", levels=levels)
    return _why_level_lacks(reader, priority, level)


def _why_level_lacks(reader: Reader, priority: Priority, level: str) -> str:
    """Which figures keep a level from being ordered: the rarest, or those that are all alike."""
    words, known = reader.words, reader.catalogue
    names = tuple(component.id for component in priority.recipe.components)
    found = data.priority_figures(reader.principal, reader.release, names, level)
    counts = found.set_index("indicator")[["known", "distinct"]].reindex(names).fillna(0)
    areas = data.areas(reader.principal, reader.release, level)
    alike = counts.index[(counts["distinct"] == 1) & (counts["known"] > 1)]
    if len(alike) and counts["known"].min() > 1:
        said = ", ".join(words.of(known.indicators[name].short) for name in alike)
        return words("priority.why_alike", names=said)
    fewest = counts["known"].min()
    rarest = counts.index[counts["known"] == fewest]
    return words(
        "priority.why_few",
        names=", ".join(words.of(known.indicators[name].short) for name in rarest),
        known=words.number(fewest),
        areas=words.number((areas["role"] != "edge").sum()),
    )
