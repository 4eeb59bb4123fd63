"""Care chain: the table of states row by row, against a slow reading of it, and its laws."""

import math

import numpy as np
import pandas as pd
import pytest

from geodata.methods.care_chain import (
    CODES,
    OFFER_COLUMNS,
    STEPS,
    Link,
    LinkState,
    category_states,
    cells,
)
from geodata.model import CareStep, Sector, ServiceMode

nan, far = math.nan, math.inf
PLACE, CATCHMENT, ITINERANT, REMOTE = ServiceMode

TABLE = [
    # works, count, nearest, serves, week, need, p_gap, state
    (PLACE, 1, 0, nan, nan, 5, nan, "present"),
    (PLACE, 2, nan, nan, nan, nan, 0.5, "present"),
    (PLACE, 0, 30, nan, nan, 5, nan, "reachable"),
    (PLACE, nan, 30, nan, nan, 5, 0.89, "reachable"),
    (PLACE, 0, 30.1, nan, nan, 5, nan, "absent"),
    (PLACE, 0, far, nan, nan, 5, 1, "absent"),
    (PLACE, 0, nan, nan, nan, 5, nan, "unknown"),
    (PLACE, nan, 45, nan, nan, 5, 0, "unknown"),
    (PLACE, nan, nan, 1, 1, 5, 1, "unknown"),
    (PLACE, 1, 0, nan, nan, 5, 0.9, "saturated"),
    (PLACE, 0, 12, nan, nan, 5, 0.95, "saturated"),
    (PLACE, 1, 0, nan, nan, 5, 0.1, "sufficient"),
    (PLACE, 0, 12, nan, nan, 5, 0, "sufficient"),
    (PLACE, 1, 0, nan, nan, 0, 0.95, "not_applicable"),
    (PLACE, nan, nan, nan, nan, 0, nan, "not_applicable"),
    (CATCHMENT, 0, far, 1, nan, 5, nan, "present"),
    (CATCHMENT, 1, 0, 0, nan, 5, nan, "absent"),
    (CATCHMENT, 1, 0, nan, nan, 5, nan, "unknown"),
    (CATCHMENT, nan, nan, 1, nan, 5, 0.99, "saturated"),
    (ITINERANT, 1, 0, nan, 0.2, 5, nan, "present"),
    (ITINERANT, 1, 0, nan, 0.1, 5, nan, "present"),
    (ITINERANT, 1, 0, nan, 0.05, 5, nan, "reachable"),
    (ITINERANT, 1, nan, nan, nan, 5, nan, "reachable"),
    (ITINERANT, 0, 20, nan, nan, 5, nan, "reachable"),
    (ITINERANT, 0, 60, nan, nan, 5, nan, "absent"),
    (ITINERANT, nan, nan, nan, 0.5, 5, nan, "unknown"),
    (REMOTE, nan, nan, 1, nan, 5, nan, "reachable"),
    (REMOTE, nan, nan, 1, nan, 5, 0.02, "sufficient"),
    (REMOTE, 3, 0, 0, nan, 5, nan, "absent"),
    (REMOTE, 3, 0, nan, nan, 5, nan, "unknown"),
]


def link(category: str, works: ServiceMode = PLACE, step: int = 2, sector: int = 0) -> Link:
    """Return a link with a threshold of 30 minutes."""
    return Link(category, STEPS[step], list(Sector)[sector], works, 30)


def offered(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    """Return what is offered, from plain rows."""
    return pd.DataFrame(rows, columns=list(OFFER_COLUMNS))


@pytest.mark.parametrize("row", TABLE)
def test_each_row_of_the_table(row: tuple[object, ...]) -> None:
    """One category, one area."""
    works, *numbers, state = row
    offer = offered([("A", "c", *numbers)])
    made = category_states(offer, [link("c", works)])
    assert made["state"].tolist() == [state]


@pytest.fixture
def links() -> list[Link]:
    """Twenty categories in every step and several sectors."""
    return [link(f"c{n}", list(ServiceMode)[n % 4], n % 7, (n // 4) % 3) for n in range(20)]


@pytest.fixture
def offer(links: list[Link]) -> pd.DataFrame:
    """Sixty areas, rows in no order, a tenth of them missing, numbers unknown here and there."""
    chance = np.random.default_rng(4)
    rows = pd.DataFrame(
        [(f"{area:02d}", one.category) for area in range(60) for one in links],
        columns=["area_id", "category"],
    )
    size = len(rows)
    numbers = pd.DataFrame(
        {
            "count": chance.poisson(0.4, size).astype(float),
            "nearest_minutes": chance.uniform(0, 60, size),
            "serves": chance.integers(0, 2, size).astype(float),
            "week_share": chance.uniform(0, 0.3, size),
            "need": chance.poisson(2, size).astype(float),
            "p_gap": chance.integers(0, 11, size) / 10,
        }
    )
    numbers = numbers.mask(chance.random(numbers.shape) < 0.2)
    return pd.concat([rows, numbers], axis=1).sample(frac=0.9, random_state=1)


def slow_state(row: dict[str, float], one: Link) -> str:
    """Return one state as the docstring's table has it."""
    if row["need"] == 0:
        return "not_applicable"
    here, near = row["count"] > 0, row["nearest_minutes"] <= 30
    state = "unknown"
    if one.works in (PLACE, ITINERANT):
        if here and (one.works is PLACE or row["week_share"] >= 0.1):
            state = "present"
        elif here or near:
            state = "reachable"
        elif row["count"] == 0 and row["nearest_minutes"] > 30:
            state = "absent"
    elif row["serves"] == 1:
        state = "present" if one.works is CATCHMENT else "reachable"
    elif row["serves"] == 0:
        state = "absent"
    if state in ("present", "reachable"):
        if row["p_gap"] >= 0.9:
            return "saturated"
        if row["p_gap"] <= 0.1:
            return "sufficient"
    return state


def test_states_and_cells_agree_with_a_slow_reading(offer: pd.DataFrame, links: list[Link]) -> None:
    """One area and category at a time; then one cell at a time."""
    states = category_states(offer, links)
    assert len(states) == 60 * 20
    rows = {(r["area_id"], r["category"]): r for r in offer.to_dict("records")}
    by_area: dict[str, dict[str, str]] = {}
    for area, category, state in states.itertuples(index=False):
        one = next(x for x in links if x.category == category)
        row = rows.get((area, category))
        expected = "unknown" if row is None else slow_state(row, one)
        assert state == expected, (area, category)
        by_area.setdefault(area, {})[category] = state
    table = cells(states, links)
    pairs = {(one.step, one.sector) for one in links}
    assert len(table) == 60 * len(pairs)
    order = {code: n for n, code in enumerate(CODES)}
    for cell in table.to_dict("records"):
        own = [x.category for x in links if (x.step, x.sector) == (cell["step"], cell["sector"])]
        found = [by_area[cell["area_id"]][category] for category in own]
        best = max(found, key=lambda state: order[state])
        assert cell["state"] == best
        assert cell["category"] == own[found.index(best)]
        applied = [state for state in found if state != "not_applicable"] or found
        worst = min(applied, key=lambda state: order[state])
        assert cell["worst_state"] == worst
        assert cell["worst_category"] == own[found.index(worst)]
        assert (cell["categories"], cell["unknown"]) == (len(own), found.count("unknown"))


def test_the_order_of_rows_does_not_matter(offer: pd.DataFrame, links: list[Link]) -> None:
    """Areas come in order of appearance, each with its own states."""
    other = category_states(offer.sample(frac=1, random_state=2), links)
    one = category_states(offer, links).sort_values(["area_id", "category"], ignore_index=True)
    pd.testing.assert_frame_equal(
        other.sort_values(["area_id", "category"], ignore_index=True), one
    )


def test_a_cell_is_not_called_absent_while_one_category_is_unknown() -> None:
    """Unknown outranks absent and saturated; what is there outranks unknown."""
    links = [link("a"), link("b")]
    absent, unknown = (0, 99, nan, nan, 5, nan), (nan, nan, nan, nan, 5, nan)
    present = (1, 0, nan, nan, 5, nan)
    for one, two, expected in (
        (absent, absent, "absent"),
        (absent, unknown, "unknown"),
        (unknown, present, "present"),
    ):
        made = cells(category_states(offered([("A", "a", *one), ("A", "b", *two)]), links), links)
        assert made["state"].tolist() == [expected]


def test_words_keep_to_their_order() -> None:
    """The numbers are positions in the words; the context is no step."""
    assert [LinkState(n).code for n in range(len(CODES))] == list(CODES)
    assert len(STEPS) == 7
    assert CareStep.CONTEXT not in STEPS


def test_impossible_offers_are_refused(links: list[Link]) -> None:
    """Twice the same, unknown categories, negative numbers, links out of range or another's."""
    good = ("A", "c0", 1, 0, nan, nan, 5, nan)
    with pytest.raises(ValueError, match="no link is described for \\['other'\\]"):
        category_states(offered([("A", "other", *good[2:])]), links)
    with pytest.raises(ValueError, match="more than once"):
        category_states(offered([good, good]), links)
    with pytest.raises(ValueError, match="linked twice"):
        category_states(offered([good]), [links[0], links[0]])
    with pytest.raises(ValueError, match="never negative"):
        category_states(offered([("A", "c0", -1, *good[3:])]), links)
    with pytest.raises(KeyError, match="p_gap"):
        category_states(offered([good]).drop(columns="p_gap"), links)
    with pytest.raises(ValueError, match="not a step"):
        Link("c", CareStep.CONTEXT, Sector.HEALTH, PLACE)
    with pytest.raises(ValueError, match="out of range"):
        Link("c", STEPS[0], Sector.HEALTH, PLACE, threshold_minutes=nan)
    states = category_states(offered([good]), links)
    with pytest.raises(ValueError, match="not made with these links"):
        cells(states, links[::-1])
    with pytest.raises(ValueError, match="not made with these links"):
        cells(states.iloc[1:], links)
