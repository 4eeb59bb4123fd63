"""Care chain: which links of support an area has, and which is the first to be missing.

For each area, each step of care and each sector, a state; from what the register says is there
and the catchment engine says can be had. A category of service is in one of seven states in an
area, the first that applies from the top:

    not_applicable   nobody there needs it (need is 0)
    present          at a place: one or more in the area
                     itinerant: likewise, there for at least `least_week_share` of the week
                     catchment: the area is served; the service comes to the home, and the head
                     office, wherever it is, says nothing
    reachable        at a place, itinerant: the nearest within the threshold, though not the above
                     itinerant: in the area, but too rarely or nobody knows how often
                     remote: open to the area (never present: nobody is there)
    absent           at a place, itinerant: none in the area and the nearest beyond the threshold
                     catchment, remote: the area is not served
    unknown          the register does not say

    and of those that are present or reachable:
    sufficient       P(gap > 0) is 0.1 or less: certainly enough
    saturated        P(gap > 0) is 0.9 or more: certainly not enough
                     (in between, or with no standard or capacity known: present or reachable)

A cell, an area's step in a sector, has the best state of its categories, in the order absent,
saturated, unknown, reachable, present, sufficient: one that works is enough, and one that is
unknown might work, so that a cell is never called absent or saturated for want of data. What is
not applicable is left out. The worst state stands beside it, since a good category can hide a bad
one. A pair of step and sector in which no category is
described has no cell: that nobody described it is no proof that it is missing.

The step, the best state of its cells, and the first broken link are made in `broken_links`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.methods.uncertainty import CERTAIN
from geodata.model import CareStep, Sector, ServiceMode

STEPS: Final = tuple(step for step in CareStep if step is not CareStep.CONTEXT)
"""The links of the chain, in order."""

OFFER_COLUMNS: Final = (
    "area_id",
    "category",
    "count",
    "nearest_minutes",
    "serves",
    "week_share",
    "need",
    "p_gap",
)
"""What must be said of each category in each area; NaN for what is unknown or has no sense.

count: establishments in the area (for itinerant ones, places visited). nearest_minutes: to the
nearest, inf where it is known that there is none. serves: 1 or 0. week_share: 0 to 1, of the
best-served visit. need: in the unit of the service. p_gap: P(gap > 0).
"""

States = npt.NDArray[np.int8]


class LinkState(IntEnum):
    """State of a category, a cell or a step; in the order that a cell takes the best of."""

    NOT_APPLICABLE = 0
    ABSENT = 1
    SATURATED = 2
    UNKNOWN = 3
    REACHABLE = 4
    PRESENT = 5
    SUFFICIENT = 6

    @property
    def code(self) -> str:
        """The word used in frames."""
        return self.name.lower()


CODES: Final = tuple(state.code for state in LinkState)
"""The words of the states, at their numbers."""


@dataclass(frozen=True)
class Link:
    """A category of service and its place in the chain.

    Args:
        category: its code. step: one of `STEPS`. sector: who runs it. works: where.
        threshold_minutes: how far people go to it; 0 where it comes to them.
        least_week_share: for an itinerant service, the least part of the week that counts as
            being there; 0.1 is half a day of five.

    Raises:
        ValueError: for the context, which is no link, or a number out of range.
    """

    category: str
    step: CareStep
    sector: Sector
    works: ServiceMode
    threshold_minutes: float = 0.0
    least_week_share: float = 0.1

    def __post_init__(self) -> None:
        """Refuse what is no link."""
        if self.step not in STEPS:
            raise ValueError(f"{self.category}: {self.step} is not a step of the care chain")
        if not (self.threshold_minutes >= 0 and 0 <= self.least_week_share <= 1):
            raise ValueError(f"{self.category}: threshold or share of the week out of range")


def category_states(offer: pd.DataFrame, links: Sequence[Link]) -> pd.DataFrame:
    """Return the state of each category in each area, by the table at the top.

    Args:
        offer: `OFFER_COLUMNS`, one row per area and category. A pair without a row is unknown.
        links: the categories, each once.

    Returns:
        Columns area_id, category, state, the last two categorical; areas in order of appearance,
        categories in that of `links`, every pair once.

    Raises:
        KeyError: if a column is missing. ValueError: for a category that is no link, a pair or a
            link twice, or a negative number.

    A village with a clinic whose places certainly do not suffice, none within 30 minutes for
    another, and home visits that nobody has said anything about:

    >>> links = [
    ...     Link("clinic", CareStep.DETECTION, Sector.HEALTH, ServiceMode.PLACE, 30),
    ...     Link("visits", CareStep.HOME_SUPPORT, Sector.SOCIAL, ServiceMode.CATCHMENT),
    ... ]
    >>> unknown = float("nan")
    >>> offer = pd.DataFrame(
    ...     [("A", "clinic", 1, 0, unknown, unknown, 40, 0.97),
    ...      ("B", "clinic", 0, 45, unknown, unknown, 12, unknown)], columns=OFFER_COLUMNS
    ... )
    >>> states = category_states(offer, links)
    >>> states["state"].tolist()
    ['saturated', 'unknown', 'absent', 'unknown']
    """
    given = offer[list(OFFER_COLUMNS)]
    names = pd.Index([link.category for link in links])
    if not names.is_unique:
        raise ValueError("a category is linked twice")
    column = numbers_of(given["category"], names)
    if (column < 0).any():
        strangers = given["category"][column < 0].unique()
        raise ValueError(f"no link is described for {list(strangers[:5])}")
    row, found = pd.factorize(given["area_id"])
    areas = pd.Index(found)
    if pd.Series(row * len(names) + column).duplicated().any():
        raise ValueError("an area has a category more than once")
    numbers = given.drop(columns=["area_id", "category"]).astype("float64")
    if (numbers < 0).any(axis=None):
        raise ValueError("counts, minutes, shares, needs and probabilities are never negative")
    matrix = np.full((len(areas), len(names)), LinkState.UNKNOWN, dtype=np.int8)
    matrix[row, column] = _states(numbers, links, column)
    return pd.DataFrame(
        {
            "area_id": _repeated(areas, len(names)),
            "category": _named(np.tile(np.arange(len(names)), len(areas)), names),
            "state": _named(matrix.ravel(), CODES),
        }
    )


def cells(states: pd.DataFrame, links: Sequence[Link]) -> pd.DataFrame:
    """Return the state of each cell: area, step and sector.

    Args:
        states: as `category_states` gives them, with the same links.
        links: the categories.

    Returns:
        Columns area_id, step, sector, state, category (the one that decides, the first of
        several), worst_state, worst_category, categories (how many), unknown (of which unknown).
        Areas in order, steps in order, sectors in that of `geodata.model.Sector`. Where all is
        not applicable, so are the state and the worst state. The words are categorical.

    Raises:
        ValueError: if states and links do not match.
    """
    names, every = pd.Index([link.category for link in links]), list(Sector)
    matrix, areas = _matrix(states, names)
    described = {(link.step, link.sector) for link in links}
    groups = [
        (step, sector, [n for n, link in enumerate(links) if (link.step, link.sector) == pair])
        for step in STEPS
        for sector in every
        if (pair := (step, sector)) in described
    ]
    made: dict[str, list[npt.NDArray[np.integer]]] = {
        name: [] for name in ("best", "by", "worst", "worst_by", "unknown")
    }
    for _step, _sector, columns in groups:
        of_group = matrix[:, columns]
        # What is not applicable is neither the best nor, while anything applies, the worst.
        applied = np.where(of_group == LinkState.NOT_APPLICABLE, len(LinkState), of_group)
        best, worst = of_group.argmax(axis=1), applied.argmin(axis=1)
        here, members = np.arange(len(areas)), np.array(columns)
        made["best"].append(of_group[here, best])
        made["by"].append(members[best])
        made["worst"].append(of_group[here, worst])
        made["worst_by"].append(members[worst])
        made["unknown"].append((of_group == LinkState.UNKNOWN).sum(axis=1))
    flat = {name: np.column_stack(parts).ravel() for name, parts in made.items()}
    return pd.DataFrame(
        {
            "area_id": _repeated(areas, len(groups)),
            "step": _named(np.tile([STEPS.index(x) for x, _, _ in groups], len(areas)), STEPS),
            "sector": _named(np.tile([every.index(x) for _, x, _ in groups], len(areas)), every),
            "state": _named(flat["best"], CODES),
            "category": _named(flat["by"], names),
            "worst_state": _named(flat["worst"], CODES),
            "worst_category": _named(flat["worst_by"], names),
            "categories": np.tile([len(columns) for _, _, columns in groups], len(areas)),
            "unknown": flat["unknown"],
        }
    )


def numbers_of(words: pd.Series, every: Sequence[str] | pd.Index) -> npt.NDArray[np.int64]:
    """Return each word's position in `every`, -1 where it is not in it; each looked up once."""
    coded = words.astype("category").cat
    position = pd.Index(every).get_indexer(pd.Index(coded.categories))
    return np.append(position, -1).astype(np.int64)[coded.codes]


def _states(numbers: pd.DataFrame, links: Sequence[Link], column: npt.NDArray[np.int64]) -> States:
    """Return the state of each row; `column` says which link it is about."""
    works = np.array([list(ServiceMode).index(link.works) for link in links])[column]
    threshold = np.array([link.threshold_minutes for link in links])[column]
    least_share = np.array([link.least_week_share for link in links])[column]
    value = {str(name): numbers[name].to_numpy() for name in numbers}
    # Every comparison with an unknown number is false, so that nothing is concluded from it.
    is_here = value["count"] > 0
    is_near = value["nearest_minutes"] <= threshold
    is_nowhere = (value["count"] == 0) & (value["nearest_minutes"] > threshold)
    is_often = value["week_share"] >= least_share
    is_served, is_left_out = value["serves"] > 0, value["serves"] == 0
    place, catchment, itinerant, remote = (works == n for n in range(len(ServiceMode)))
    goes = place | itinerant
    state = np.select(
        [
            (place & is_here) | (itinerant & is_here & is_often) | (catchment & is_served),
            (goes & (is_near | is_here)) | (remote & is_served),
            (goes & is_nowhere) | ((catchment | remote) & is_left_out),
        ],
        [LinkState.PRESENT, LinkState.REACHABLE, LinkState.ABSENT],
        default=LinkState.UNKNOWN,
    )
    is_had = state >= LinkState.REACHABLE
    state[is_had & (value["p_gap"] >= CERTAIN - 1e-9)] = LinkState.SATURATED
    state[is_had & (value["p_gap"] <= 1 - CERTAIN + 1e-9)] = LinkState.SUFFICIENT
    state[value["need"] == 0] = LinkState.NOT_APPLICABLE
    return state.astype(np.int8)


def _matrix(states: pd.DataFrame, names: pd.Index) -> tuple[States, pd.Index]:
    """Return (areas, categories) states and the areas, from the frame of `category_states`."""
    count = len(names)
    column = numbers_of(states["category"], names)
    if not count or (column != np.resize(np.arange(count), len(states))).any():
        raise ValueError("the states were not made with these links")
    matrix = numbers_of(states["state"], CODES).astype(np.int8)
    return matrix.reshape(-1, count), pd.Index(states["area_id"].iloc[::count])


def _named(
    numbers: npt.NDArray[np.integer], words: Sequence[str] | pd.Index
) -> pd.Categorical[str]:
    """Return the words at these numbers, each kept once in memory."""
    return pd.Categorical.from_codes(numbers, categories=pd.Index([str(word) for word in words]))


def _repeated(areas: pd.Index, times: int) -> pd.Index:
    """Return each area as many times, side by side."""
    return areas.take(np.repeat(np.arange(len(areas)), times))
