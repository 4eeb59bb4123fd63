"""History: figures and codes of any date, carried to the areas of another.

A staged table ``area_event`` (columns of `geodata.methods.area_events`, and ``level``) tells what
became of the areas; several sources may each bring a part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import pandas as pd

from etl.codes import among
from etl.source import Known, Ledger
from geodata.methods.area_events import LAST, areas_in_force
from geodata.methods.rates import severity, status_of_severity
from geodata.methods.succession import destinations, passage

__all__ = [
    "LAST",
    "areas_in_force",
    "at_edition",
    "events_of",
    "heirs",
    "passage",
]

_EVENT = ["on", "step", "before_id", "after_id", "kind"]
_ESTIMATED = int(severity(pd.Series(["estimated"]))[0])
_MISSING = int(severity(pd.Series(["missing"]))[0])


def events_of(known: Known, level: str) -> pd.DataFrame | None:
    """The events of a level's areas, from every source read so far; None when none tells any."""
    frames = [tables["area_event"] for tables in known.tables.values() if "area_event" in tables]
    if not frames:
        return None
    events = pd.concat(frames, ignore_index=True).drop_duplicates()
    events = events.loc[events["level"] == level, _EVENT].reset_index(drop=True)
    return events if len(events) else None


def heirs(
    codes: Iterable[str], events: pd.DataFrame, edition: str, to_on: str = LAST
) -> dict[str, tuple[str, ...]]:
    """The areas of ``to_on`` that each code of an edition became.

    A code in force on ``edition`` is followed from then; one that ended before, from its last
    day. A code that came later is not there. Several heirs: the area was divided; an empty one:
    it was lost.

    Raises
    ------
    ValueError
        When the events contradict one another.
    """
    spans = destinations(events, to_on)
    spans = spans[(spans["from_on"] <= edition) & (spans["from_on"] <= to_on)]
    named = frozenset(events["before_id"]) | frozenset(events["after_id"])
    wanted = dict.fromkeys(codes)
    spans = spans[among(spans["area_id"], wanted)]
    last = spans[spans["from_on"] == spans.groupby("area_id")["from_on"].transform("max")]
    found: dict[str, tuple[str, ...]] = {}
    divided: dict[str, list[str]] = {}
    until_on: dict[str, str] = {}
    for code, until, heir in zip(
        last["area_id"].to_list(),
        last["until_on"].to_list(),
        last["after_id"].to_list(),
        strict=True,
    ):
        found[code] = (*found.get(code, ()), heir)
        until_on[code] = until
    for code, until in until_on.items():
        if len(found[code]) > 1:
            on = edition if not until or until > edition else _day_before(until)
            divided.setdefault(on, []).append(code)
    for on, several in divided.items():
        exact = passage(events, on, to_on, several)
        found |= {str(c): tuple(rows["after_id"]) for c, rows in exact.groupby("before_id")}
    return found | {code: (code,) for code in wanted if code not in named}


def at_edition(
    figures: pd.DataFrame,
    events: pd.DataFrame,
    from_on: str,
    to_on: str,
    weights: Mapping[str, float] | None = None,
    *,
    additive: bool,
    ledger: Ledger | None = None,
) -> pd.DataFrame:
    """Figures of the areas in force on one date, on those of another.

    Parameters
    ----------
    figures: ``area_id``, ``value``, ``status``, and any columns that tell figures apart; one
        level, each area once for each of these. Areas that ``events`` never names keep theirs.
    events: the events of that level.
    weights: by area of ``to_on``: how a divided area is shared out (its population, births...).
    additive: whether the values of parts add up. Those that do are summed, or shared out as
        estimates; one part suppressed or missing makes the sum so, never a partial sum. Others
        (rates, medians) are carried only where one area became one, and are missing elsewhere.
    ledger: where to write what was done; an estimate without weights is held for approval.

    Returns
    -------
    The same columns. Figures of an area that was lost are left out.

    Raises
    ------
    RejectedFile
        An area that was not in force on ``from_on``: the figures are of another edition.
    ValueError
        The same, without a ledger; or events that contradict one another.
    """
    way = passage(events, from_on, to_on, weights=weights)
    named = frozenset(events["before_id"]) | frozenset(events["after_id"])
    _check_edition(figures, named - frozenset(way["before_id"]), from_on, ledger)
    sizes = way.groupby("after_id")["before_id"].transform("size")
    is_changed = way["is_estimate"] | sizes.ne(1) | way["before_id"].ne(way["after_id"])
    way = way.assign(parts=sizes)[is_changed]
    moves = among(figures["area_id"], way["before_id"])
    if not moves.any():
        return figures
    keys = [name for name in figures.columns if name not in ("area_id", "value", "status")]
    moved = figures[moves].merge(way, left_on="area_id", right_on="before_id")
    moved = moved[moved["after_id"] != ""]
    moved = moved.assign(
        severity=severity(moved["status"]), amount=moved["value"].astype("float64") * moved["share"]
    )
    by = moved.groupby([*keys, "after_id"], sort=False, dropna=False)
    carried = by.agg(
        value=("amount", lambda amounts: amounts.sum(skipna=False)),
        severity=("severity", "max"),
        is_estimate=("is_estimate", "any"),
        found=("before_id", "size"),
        parts=("parts", "first"),
    ).reset_index()
    is_single = carried["parts"].eq(1) & ~carried["is_estimate"]
    level = carried["severity"].where(~carried["is_estimate"], carried["severity"].clip(_ESTIMATED))
    level = level.where(carried["found"] == carried["parts"], level.clip(_MISSING))
    if not additive:
        level = level.where(is_single, level.clip(_MISSING))
    carried["status"] = status_of_severity(level.to_numpy(dtype="int64"), carried.index)
    has_value = carried["status"].isin(["observed", "estimated", "imputed"])
    carried["value"] = carried["value"].where(has_value)
    if ledger is not None:
        _tell(carried.assign(is_single=is_single), weights is None, additive, ledger)
    carried = carried.rename(columns={"after_id": "area_id"})[list(figures.columns)]
    return pd.concat([figures[~moves], carried], ignore_index=True)


def _check_edition(
    figures: pd.DataFrame, strangers: frozenset[str], on: str, ledger: Ledger | None
) -> None:
    """Refuse figures of areas that were not in force on that date."""
    wrong = sorted(set(figures["area_id"]) & strangers)
    if not wrong:
        return
    shown = ", ".join(wrong[:5])
    if ledger is None:
        raise ValueError(f"not in force on {on}: {shown} ({len(wrong)} in all)")
    raise ledger.reject(
        "wrong_edition",
        f"{len(wrong)} codes n’étaient pas en vigueur le {on}",
        f"{len(wrong)} codes were not in force on {on}",
        column="area_id",
        sample=shown,
        mend_fr="Déclarer le millésime des codes de ce fichier.",
        mend_en="Declare the edition of the codes of this file.",
    )


def _tell(carried: pd.DataFrame, is_blind: bool, additive: bool, ledger: Ledger) -> None:
    """Write down how many figures were carried, estimated, or could not be."""
    ledger.note(
        "carried_to_edition",
        f"{len(carried)} valeurs portées sur les aires d’une autre date",
        f"{len(carried)} figures carried to the areas of another date",
        rows=len(carried),
    )
    lost = int((~carried["is_single"]).sum()) if not additive else 0
    if lost:
        ledger.note(
            "not_carried",
            f"{lost} taux ou médianes d’aires fusionnées ou divisées : sans valeur",
            f"{lost} rates or medians of merged or divided areas: without a value",
            rows=lost,
        )
    estimated = int(carried["is_estimate"].sum()) if additive else 0
    if estimated and is_blind:
        ledger.hold(
            "split_without_weights",
            f"{estimated} valeurs d’aires divisées, partagées à parts égales faute de poids",
            f"{estimated} figures of divided areas, shared out equally for want of weights",
            rows=estimated,
            mend_fr="Donner la population des parties, ou accepter l’estimation.",
            mend_en="Give the population of the parts, or accept the estimate.",
        )
    elif estimated:
        ledger.note(
            "shared_by_weights",
            f"{estimated} valeurs d’aires divisées, estimées selon les poids des parties",
            f"{estimated} figures of divided areas, estimated by the weights of the parts",
            rows=estimated,
        )


def _day_before(on: str) -> str:
    return (date.fromisoformat(on) - timedelta(days=1)).isoformat()
