"""Dressing: rows as they leave: the decimals of the screen, flags in words, silences kept silent.

Nothing is told of a withheld value but that it is withheld, whatever its row holds.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from geodata.model import Flag, Status
from geodata.release import Release

if TYPE_CHECKING:
    from dashboard.interface.asked import Asked

Frame = pd.DataFrame
#: Decimals of the figures of a gap, as its table on the screen has them.
_GAP_DECIMALS = {
    **dict.fromkeys(("demand", "nearest_minutes"), 0),
    **dict.fromkeys(("need", "effective", "served", "within_reach", "out_of_reach", "unmet"), 1),
    **dict.fromkeys(("unmet_rate", "gap", "gap_low", "gap_high", "coverage"), 1),
    "p_gap": 2,
}
#: What is told of a value with the decimals of its indicator and so many more.
_MORE_DECIMALS = {
    "value": 0,
    **dict.fromkeys(("low", "high", "smoothed", "smoothed_low", "smoothed_high"), 1),
}
#: Counts are told with one decimal: weights make parts of people.
_COUNTS = ("numerator", "denominator")


def release_row(kept: Release, current: Release | None) -> dict[str, Any]:
    """A release as an item."""
    return {
        "release": kept.release_id,
        "number": kept.number,
        "territory": kept.territory_id,
        "made_at": kept.made_at,
        "published_at": kept.published_at or None,
        "is_current": current is not None and kept.release_id == current.release_id,
        "content_sha256": kept.content_sha256,
    }


def source_row(asked: Asked, row: Mapping[Hashable, Any]) -> dict[str, Any]:
    """A source as an item."""
    source = str(row["source_id"])
    entry = asked.catalogue.sources.get(source)
    texts = ("producer", "dataset", "licence", "vintage", "url", "attribution")
    return {
        "source": source,
        "name_fr": entry.name.fr if entry else source,
        "name_en": entry.name.en if entry else source,
        **{name: str(row[name]) for name in (*texts, "retrieved_on", "sha256")},
        "is_invented": source in asked.invented,
    }


def indicator_row(asked: Asked, name: str) -> dict[str, Any]:
    """An indicator as an item."""
    known, levels = asked.catalogue.indicators[name], asked.indicators[name]
    texts = ("name", "unit", "definition", "limits")
    spoken = {
        f"{text}_{language}": getattr(known, text).words(language)
        for text in texts
        for language in ("fr", "en")
    }
    return {
        "indicator": name,
        **{part: getattr(known, part) for part in ("code", "theme", "decimals", "method")},
        **spoken,
        "direction": known.direction.value,
        "sector": known.sector.value,
        "care_step": known.care_step.value,
        "levels": list(levels),
        "periods": sorted({period for periods in levels.values() for period in periods}),
        "sources": list(asked.catalogue.sources_of(known)),
        "defined_on": known.defined_on.isoformat() if known.defined_on else None,
        "is_invented": name in asked.invented_indicators,
    }


def area_frame(_asked: Asked, frame: Frame) -> Frame:
    """Areas as items."""
    texts = frame["parents"].astype("object")
    parents = [sorted(text.split()) if isinstance(text, str) else [] for text in texts]
    return frame.assign(
        population=frame["legal_population"].astype("Int64"),
        parents=pd.Series(parents, index=frame.index, dtype="object"),
        valid_to=None,
        **{name: frame[name].astype("float64") for name in ("seat_longitude", "seat_latitude")},
    )


def observation_frame(asked: Asked, frame: Frame) -> Frame:
    """Values as items: rounded as on the screen; of a withheld one nothing is left."""
    known, names = asked.catalogue.indicators, frame["indicator"]
    decimals = names.map(lambda name: known[name].decimals)
    is_silent = frame["status"] == Status.SUPPRESSED
    rounded = {
        name: _rounded(frame[name], decimals + more, is_silent)
        for name, more in _MORE_DECIMALS.items()
    }
    one = pd.Series(1, index=frame.index)
    rounded |= {name: _rounded(frame[name], one, is_silent) for name in _COUNTS}
    flags = frame["flags"].astype("float64").fillna(0).astype("int64").mask(is_silent, 0)
    said = {name: frame[name].mask(is_silent, None) for name in ("interval", "standing")}
    return frame.assign(
        **rounded,
        **said,
        flags=flags.map(flag_names),
        unit_fr=names.map(lambda name: known[name].unit.fr),
        unit_en=names.map(lambda name: known[name].unit.en),
        is_invented=names.isin(asked.invented_indicators),
    )


def coverage_frame(asked: Asked, frame: Frame) -> Frame:
    """Rows of coverage and of gaps as items."""
    is_silent = frame["status"] == Status.SUPPRESSED
    # Where nobody is counted there is nothing to be sure of.
    is_nobody = frame["status"] == Status.NOT_APPLICABLE
    is_coarse = frame["level"] != asked.catalogue.territory.finest_level
    silent = {"p_gap": is_silent | is_nobody, "nearest_minutes": is_silent | is_coarse}
    rounded = {
        name: _rounded(
            frame[name], pd.Series(decimals, index=frame.index), silent.get(name, is_silent)
        )
        for name, decimals in _GAP_DECIMALS.items()
    }
    return frame.assign(**rounded, is_invented=frame["service"].isin(asked.invented_services))


def service_frame(asked: Asked, frame: Frame) -> Frame:
    """Registered services as items."""
    known, categories = asked.catalogue.services, frame["category"]
    finest = asked.catalogue.territory.finest_level
    numbers = ("longitude", "latitude", "capacity")
    return frame.assign(
        **{name: frame[name].astype("float64") for name in numbers},
        service=frame["service_id"],
        source=frame["source_id"],
        level=frame["area_id"].map(lambda area_id: finest if area_id else None),
        category_fr=categories.map(lambda name: known[name].name.fr),
        category_en=categories.map(lambda name: known[name].name.en),
        is_invented=frame["source_id"].isin(asked.invented),
    )


def flag_names(flags: int) -> list[str]:
    """The flags of a value, by name.

    >>> flag_names(9)
    ['fragile', 'rounded']
    """
    return list(_flag_names(int(flags)))


@lru_cache
def _flag_names(flags: int) -> tuple[str, ...]:
    return tuple(str(flag.name).lower() for flag in Flag if flags & flag)


def records(frame: Frame) -> list[dict[Hashable, Any]]:
    """The rows of a frame; what is not known is None."""
    plain = frame.astype("object")
    return plain.where(plain.notna(), None).to_dict("records")


def _rounded(
    numbers: pd.Series[Any], decimals: pd.Series[Any], is_silent: pd.Series[bool]
) -> pd.Series[float]:
    """Rounded as the screen rounds them; NaN where one must be silent."""
    known = numbers.astype("float64").mask(is_silent)
    made: Sequence[float] = [
        round(number, places) + 0.0 if number == number else number
        for number, places in zip(known, decimals, strict=True)
    ]
    return pd.Series(made, index=numbers.index, dtype="float64")


def compact(body: Any) -> str:
    """Compact JSON."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
