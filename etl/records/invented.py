"""An invented caseload: no child, no worker, no decision of it has ever been.

It has the size and the judicial share of the published counts, and the layout of the contracts.
What no publication gives is a declared assumption, below.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.records.contracts.loader import contracts
from etl.records.invented_means import places, staff
from etl.records.volumes import Volumes

Days = npt.NDArray[np.int64]
#: Mean years in force, by kind of measure.
YEARS_IN_FORCE = {
    "home_support": 2.2,
    "reinforced_home_support": 1.5,
    "foster_family": 5.5,
    "institution": 3.5,
    "other_placement": 2.5,
    "trusted_person": 3.5,
}
#: Share of judicial home support that is reinforced.
REINFORCED = 0.12
#: Share of concerns that lead to no measure; share of those closed without an assessment.
WITHOUT_MEASURE, WITHOUT_ASSESSMENT = 0.45, 0.12
#: Share of judicial concerns passed to the court at once.
AT_ONCE = 0.08
#: Days from reception to the end of the assessment: log-normal, so that a third take over three
#: months.
MEDIAN_DAYS, SPREAD = 70.0, 0.6
#: Share of measures that follow another one of the same child.
FOLLOWING = 0.3
#: Share of children closed without follow-up of whom a concern comes again, within so many days.
HEARD_AGAIN, HEARD_WITHIN = 0.15, 500
#: Mean days from a decision to its measure: home support by a judge waits for a free worker.
DAYS_TO_BEGIN = {"home judicial": 50.0, "home administrative": 20.0, "placed": 16.0}
#: Share of placements in which the child changes place once, and twice; days in the first ones.
MOVED_ONCE, MOVED_TWICE, DAYS_BEFORE_MOVE = 0.14, 0.12, (60, 300)
#: Share of measures with a plan signed, and days that it takes.
WITH_PLAN, DAYS_TO_PLAN = 0.6, (20, 200)
#: Share of placements ended before the age limit after which the child goes home.
HOME = 0.7
#: Weight of each month in the concerns received: schools are closed in July and August.
SEASON = (1.05, 0.95, 1.2, 0.95, 1.15, 1.3, 0.7, 0.4, 0.9, 1.1, 1.3, 1.0)
SOURCES = {
    "school": 0.27,
    "social": 0.2,
    "justice": 0.18,
    "helpline": 0.1,
    "health": 0.1,
    "family": 0.08,
    "early_childhood": 0.04,
    "association": 0.03,
}
#: Years of measures and of concerns in the extract, and years before them that are played.
YEARS_COVERED, YEARS_BEFORE = 4, 20
_YEAR = 365.25


def caseload(volumes: Volumes, as_of: date, seed: int) -> dict[str, pd.DataFrame]:
    """The five extracts, all text, by contract; the same arguments give the same rows.

    On the last 31 December the measures in force are exactly as many, of each kind and authority,
    as the published counts. Every row is marked ``invented``.
    """
    rng = np.random.default_rng(seed)
    today = _day(as_of)
    since = _day(date(as_of.year - YEARS_COVERED, 1, 1))
    concerns_since = _day(date(as_of.year - YEARS_COVERED - 1, 1, 1))
    played = _followed(_measures(volumes, as_of, rng), rng, concerns_since)
    _number(played, volumes, rng)
    homes = places(volumes, as_of, rng)
    heard = played[played["has_concern"] & (played["received"] >= concerns_since)]
    others = _unfollowed(len(heard), volumes, concerns_since, today, rng)
    cases = pd.concat([heard, others, _heard_again(others, rng)], ignore_index=True)
    cases = cases[cases["received"] <= today].sort_values("received", ignore_index=True)
    played = _moved(played, concerns_since, today, rng)
    running = played[(played["ended"] >= since) & (played["assessed"] <= today)]
    made = {
        "own_concerns": (_concerns(cases, today, rng), concerns_since),
        "own_assessments": (_assessments(cases, today, since), since),
        "own_measures": (_extract_of_measures(running, homes, today, rng), since),
        "own_places": (homes, since),
        "own_staff": (staff(volumes, len(cases) / (YEARS_COVERED + 1), rng), today),
    }
    return {name: _written(name, rows, as_of, from_) for name, (rows, from_) in made.items()}


def targets(published: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """Measures in force by kind and authority, from the published counts."""
    judicial = published["educational_actions_judicial"]
    reinforced = round(REINFORCED * judicial)
    made = {
        ("home_support", "administrative"): published["educational_actions_administrative"],
        ("home_support", "judicial"): judicial - reinforced,
        ("reinforced_home_support", "judicial"): reinforced,
        ("trusted_person", "judicial"): published["children_placed_directly_by_judge"],
    }
    left = {who: published[f"entrusted_{who}"] for who in ("administrative", "judicial")}
    entrusted = sum(left.values())
    for kind in ("foster_family", "institution"):
        count = min(published[f"placed_in_{kind}"], sum(left.values()))
        consented = min(
            round(count * published["entrusted_administrative"] / max(entrusted, 1)),
            left["administrative"],
        )
        for who, number in (("administrative", consented), ("judicial", count - consented)):
            made[kind, who] = number
            left[who] -= number
    made |= {("other_placement", who): number for who, number in left.items()}
    return made


def _measures(volumes: Volumes, as_of: date, rng: np.random.Generator) -> pd.DataFrame:
    """Measures of every kind over the years played, thinned to the published stock."""
    last = as_of if (as_of.month, as_of.day) == (12, 31) else date(as_of.year - 1, 12, 31)
    reference = _day(last)
    frames = []
    for (kind, who), target in targets(volumes.published).items():
        years = YEARS_IN_FORCE[kind]
        count = int(rng.poisson(3.0 * target / years * YEARS_BEFORE)) + 20 * bool(target)
        rows = _played(count, kind, who, years, as_of, rng)
        in_force = ((rows["started"] <= reference) & (rows["ended"] > reference)).to_numpy()
        stock = int(in_force.sum())
        kept = rng.random(count) < target / max(stock, 1)
        kept[in_force] = False
        kept[rng.choice(np.flatnonzero(in_force), min(target, stock), replace=False)] = True
        frames.append(rows[kept])
    return pd.concat(frames, ignore_index=True).sort_values("started", ignore_index=True)


def _played(
    count: int, kind: str, who: str, years: float, as_of: date, rng: np.random.Generator
) -> pd.DataFrame:
    first = _day(date(as_of.year - YEARS_BEFORE, 1, 1))
    received = _received(count, first, _day(as_of), rng)
    assessed = received + _assessing(count, rng)
    at_once = (who == "judicial") & (rng.random(count) < AT_ONCE)
    assessed = np.where(at_once, received + rng.integers(0, 4, count), assessed)
    placed = not kind.endswith("home_support")
    wait = DAYS_TO_BEGIN["placed" if placed else f"home {who}"]
    started = assessed + rng.gamma(2.0, wait / 2, count).astype(int)
    oldest = 20.5 if placed and who == "administrative" else 17.5
    age = oldest * rng.beta(1.7, 1.5, count) * _YEAR
    born = (received - age).astype(int)
    until = born + int((21 if oldest > 18 else 18) * _YEAR)
    ended = started + 20 + rng.gamma(1.5, years * _YEAR / 1.5, count).astype(int)
    rows = pd.DataFrame(
        {
            "kind": kind,
            "decided_by": who,
            "received": received,
            "assessed": assessed,
            "started": started,
            "ended": np.minimum(ended, until),
            "born": born,
            "until": until,
            "at_once": at_once,
            "has_concern": True,
        }
    )
    rows["ended"] = rows["ended"].clip(lower=rows["started"])
    return rows


def _received(count: int, first: int, last: int, rng: np.random.Generator) -> Days:
    """Days from first to last, by the season."""
    days = np.arange(first, last + 1)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
    weights = np.array(SEASON)[months]
    return rng.choice(days, count, p=weights / weights.sum()).astype(np.int64)


def _assessing(count: int, rng: np.random.Generator) -> Days:
    days = rng.lognormal(np.log(MEDIAN_DAYS), SPREAD, count)
    return np.clip(days, 2, 330).astype(np.int64)


def _followed(rows: pd.DataFrame, rng: np.random.Generator, concerns_since: int) -> pd.DataFrame:
    """Some measures become the next one of an earlier measure's child, in the same case."""
    first = np.arange(len(rows))
    born, started, ended = (rows[name].to_numpy().copy() for name in ("born", "started", "ended"))
    received = rows["received"].to_numpy()
    oldest = np.where(rows["kind"].str.endswith("home_support"), 18, 21)
    for place in np.flatnonzero(rng.random(len(rows)) < FOLLOWING).tolist():
        for other in rng.integers(0, max(place, 1), 20).tolist():
            gap = started[place] - ended[other]
            fits = -20 < gap < 2 * _YEAR and ended[place] <= born[other] + oldest[place] * _YEAR
            in_extract = started[place] < concerns_since or received[other] >= concerns_since
            if first[other] == other and first[place] == place and fits and in_extract:
                first[place], born[place] = other, born[other]
                break
    return rows.assign(first=first, born=born, has_concern=first == np.arange(len(rows)))


def _moved(
    rows: pd.DataFrame, concerns_since: int, today: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Some placements become two or three, one after the other: the child changes place.

    What is in force on any day stays as many, of each kind. ``is_move`` marks what continues a
    measure, ``left`` says where the child of a placement goes when it ends.
    """
    drawn, begun = rng.random(len(rows)), rows["started"] + DAYS_BEFORE_MOVE[0]
    end = rows["ended"].clip(upper=today)  # the last stays are the short ones
    second = end - rng.integers(*DAYS_BEFORE_MOVE, len(rows))
    first = second - rng.integers(*DAYS_BEFORE_MOVE, len(rows))
    can = rows["kind"].isin(["foster_family", "institution"])
    can &= rows["received"] >= concerns_since  # whose case is in the concerns
    twice = can & (drawn < MOVED_TWICE) & (first > begun)
    moved = twice | can & (drawn < MOVED_TWICE + MOVED_ONCE) & (second > begun)
    until = first.where(twice, second).where(moved, rows["ended"])
    stays = pd.concat(
        [
            rows.assign(ended=until, is_last=~moved, is_move=False),
            rows[twice].assign(started=first, ended=second, is_last=False, is_move=True),
            rows[moved].assign(started=second, is_last=True, is_move=True),
        ],
        ignore_index=True,
    )
    home = np.where(rng.random(len(stays)) < HOME, "home", "other")
    left = np.where(stays["ended"] >= stays["until"] - 1, "adulthood", home)
    stays["left"] = np.where(stays["is_last"], left, "other_place")
    return stays.sort_values("started", ignore_index=True, kind="stable")


def _heard_again(cases: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Concerns that come again, of children whose case was closed without follow-up."""
    chosen = cases[rng.random(len(cases)) < HEARD_AGAIN]
    received = chosen["assessed"] + rng.integers(10, HEARD_WITHIN, len(chosen))
    is_minor = received < chosen["born"] + int(18 * _YEAR)
    again = chosen.assign(
        received=received, assessed=received + _assessing(len(chosen), rng), is_closed_at_once=False
    )
    return again[is_minor]


def _number(rows: pd.DataFrame, volumes: Volumes, rng: np.random.Generator) -> None:
    """Give each child a number, a case, a sex and a home; followers take the first one's."""
    areas, weights = _weighted(volumes)
    home = rng.choice(areas, len(rows), p=weights)
    sex = rng.choice(["f", "m"], len(rows), p=[0.47, 0.53])
    first = rows["first"].to_numpy()
    rows["area_id"], rows["sex"] = home[first], sex[first]
    rows["child"] = [f"E{n:06d}" for n in first + 1]
    rows["case"] = [f"D{n:06d}" for n in first + 1]


def _unfollowed(
    followed: int, volumes: Volumes, first: int, last: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Concerns that lead to no measure; a quarter are of a brother or sister, in the same case."""
    count = round(followed * WITHOUT_MEASURE / (1 - WITHOUT_MEASURE))
    areas, weights = _weighted(volumes)
    received = _received(count, first, last, rng)
    case = np.arange(count)
    home = rng.choice(areas, count, p=weights)
    for place in np.flatnonzero(rng.random(count) < 0.25):
        if place:
            case[place], home[place] = case[place - 1], home[place - 1]
            received[place] = received[place - 1]
    age = 17.9 * rng.beta(1.2, 1.3, count) * _YEAR
    return pd.DataFrame(
        {
            "kind": "",
            "decided_by": "",
            "received": received,
            "assessed": received + _assessing(count, rng),
            "born": (received - age).astype(int),
            "at_once": False,
            "is_closed_at_once": rng.random(count) < WITHOUT_ASSESSMENT,
            "area_id": home,
            "sex": rng.choice(["f", "m"], count),
            "child": [f"F{n:06d}" for n in range(1, count + 1)],
            "case": [f"G{n:06d}" for n in case + 1],
        }
    )


def _concerns(cases: pd.DataFrame, today: int, rng: np.random.Generator) -> pd.DataFrame:
    decided = cases["received"] + rng.integers(0, 10, len(cases))
    is_closed = cases["is_closed_at_once"].eq(True)
    outcome = np.select(
        [decided > today, is_closed, cases["at_once"]],
        ["pending", "no_assessment", "to_justice"],
        "assessed",
    )
    cases["opened"], cases["outcome"] = decided, outcome
    cases["assessed"] = np.maximum(cases["assessed"], decided)
    return pd.DataFrame(
        {
            "concern_id": [f"C{n:06d}" for n in range(1, len(cases) + 1)],
            "case_id": cases["case"],
            "child_id": cases["child"],
            "birth_month": _text_month(cases["born"]),
            "age": "",
            "sex": cases["sex"],
            "area_id": cases["area_id"],
            "received_on": _text_day(cases["received"]),
            "source": rng.choice(list(SOURCES), len(cases), p=list(SOURCES.values())),
            "outcome": outcome,
            "evaluated_on": _text_day(decided).where(outcome != "pending", ""),
        }
    )


def _assessments(cases: pd.DataFrame, today: int, since: int) -> pd.DataFrame:
    """Assessments open or closed since the extract is complete."""
    rows = cases[(cases["outcome"] == "assessed") & (cases["assessed"] >= since)]
    is_closed = rows["assessed"] <= today
    decision = rows["decided_by"].replace("", "no_follow_up")
    return pd.DataFrame(
        {
            "assessment_id": [f"A{n:06d}" for n in range(1, len(rows) + 1)],
            "case_id": rows["case"],
            "child_id": rows["child"],
            "birth_month": _text_month(rows["born"]),
            "area_id": rows["area_id"],
            "received_on": _text_day(rows["received"]),
            "opened_on": _text_day(rows["opened"]),
            "closed_on": _text_day(rows["assessed"]).where(is_closed, ""),
            "decision": decision.where(is_closed, ""),
        }
    )


def _extract_of_measures(
    rows: pd.DataFrame, homes: pd.DataFrame, today: int, rng: np.random.Generator
) -> pd.DataFrame:
    place = pd.Series("", index=rows.index)
    for kind, at in (
        ("foster_family", homes["kind"] == "foster_family"),
        ("institution", homes["kind"].isin(["children_home", "emergency_home"])),
    ):
        beds = homes[at & (homes["closed_on"] == "")]
        ours = rows["kind"] == kind
        share = beds["capacity"].astype(float).to_numpy()
        place[ours] = rng.choice(
            beds["place_id"].to_numpy(), int(ours.sum()), p=share / share.sum()
        )
    has_begun, has_ended = rows["started"] <= today, rows["ended"] <= today
    signed = rows["started"] + rng.integers(*DAYS_TO_PLAN, len(rows))
    has_plan = has_begun & (rng.random(len(rows)) < WITH_PLAN)
    has_plan &= (signed <= today) & (signed < rows["ended"])
    is_placed = ~rows["kind"].str.endswith("home_support")
    return pd.DataFrame(
        {
            "measure_id": [f"M{n:06d}" for n in range(1, len(rows) + 1)],
            "case_id": rows["case"],
            "child_id": rows["child"],
            "birth_month": _text_month(rows["born"]),
            "sex": rows["sex"],
            "area_id": rows["area_id"],
            "kind": rows["kind"],
            "decided_by": rows["decided_by"],
            "ordered_on": _text_day(rows["assessed"]).where(~rows["is_move"], ""),
            "started_on": _text_day(rows["started"]).where(has_begun, ""),
            "ended_on": _text_day(rows["ended"]).where(has_ended, ""),
            "left_for": rows["left"].where(has_ended & is_placed, ""),
            "plan_signed_on": _text_day(signed).where(has_plan, ""),
            "place_id": place.where(has_begun, ""),
        }
    )


def _written(name: str, rows: pd.DataFrame, as_of: date, since: int) -> pd.DataFrame:
    """The extract's columns, in the contract's order, with what it says of itself."""
    made = rows.assign(
        extracted_on=as_of.isoformat(),
        covered_since=np.datetime64(since, "D").astype(str),
        invented="yes",
    )
    return made[list(contracts()[name].columns)].astype(str).reset_index(drop=True)


def _weighted(volumes: Volumes) -> tuple[list[str], npt.NDArray[np.float64]]:
    weights = np.array(list(volumes.under_21.values()))
    return list(volumes.under_21), weights / weights.sum()


def _day(day: date) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))


def _text_day(days: pd.Series) -> pd.Series:
    return pd.Series(days.to_numpy().astype("datetime64[D]").astype(str), index=days.index)


def _text_month(days: pd.Series) -> pd.Series:
    return _text_day(days).str.slice(0, 7)
