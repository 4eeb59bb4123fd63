"""Sums over parts: by hand, against a loop, and what must add up."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.aggregation import reconciliation, sum_over_parts, sums_over_parts
from geodata.methods.rates import STATUS_PRECEDENCE, VALUELESS_STATUSES

deterministic = settings(derandomize=True, deadline=None)


@st.composite
def figures(draw: st.DrawFn) -> tuple[float, str]:
    """Draw a figure, mostly one with a value."""
    status = draw(st.sampled_from(("observed",) * 6 + STATUS_PRECEDENCE))
    value = draw(st.floats(-1e5, 1e5))
    return (math.nan if status in VALUELESS_STATUSES else value), status


def frame(figures_by_area: Mapping[str, tuple[float, str]]) -> pd.DataFrame:
    """Return figures as a frame indexed by area."""
    areas = pd.Index(list(figures_by_area), dtype="str")
    return pd.DataFrame(list(figures_by_area.values()), areas, ["value", "status"])


def membership(parent_by_area: dict[str, str]) -> pd.DataFrame:
    """Return parents as the membership table writes them."""
    return pd.DataFrame(list(parent_by_area.items()), columns=["area_id", "parent_id"])


VALLEYS = membership({"A": "north", "B": "north", "C": "south", "D": "south"})


def test_three_villages_in_two_valleys() -> None:
    """30 + 12 = 42; a valley with a withheld village, and one unheard of, has no sum."""
    places = frame({"A": (30, "observed"), "B": (12, "estimated"), "C": (math.nan, "suppressed")})
    valleys = sum_over_parts(places, VALLEYS)
    assert list(valleys.loc["north"]) == [42, "estimated", 2, 2]
    assert np.isnan(valleys["value"]["south"])
    assert list(valleys.loc["south"])[1:] == ["suppressed", 0, 2]


def test_a_part_that_nobody_knows_is_missing_not_zero() -> None:
    """One part of two is not the whole."""
    valleys = sum_over_parts(frame({"A": (30, "observed")}), VALLEYS)
    assert valleys["value"].isna().all()
    assert valleys["status"].tolist() == ["missing", "missing"]
    assert valleys["parts"].tolist() == [1, 0]


def test_zero_is_a_value_and_neighbours_do_not_count() -> None:
    """0 + 0 = 0, and an area that belongs to neither valley is in neither sum."""
    places = frame(dict.fromkeys("ABCD", (0, "observed")) | {"Z": (99, "observed")})
    assert sum_over_parts(places, VALLEYS)["value"].tolist() == [0, 0]


@deterministic
@given(st.lists(st.tuples(figures(), st.sampled_from("XYZ"), st.booleans()), min_size=1))
def test_sums_agree_with_a_loop(rows: list[tuple[tuple[float, str], str, bool]]) -> None:
    """Value, status and counts of each parent, some parts unknown to the frame."""
    known = {f"{i}": figure for i, (figure, _, is_known) in enumerate(rows) if is_known}
    parents = {f"{i}": parent for i, (_, parent, _) in enumerate(rows)}
    summed = sum_over_parts(frame(known), membership(parents))
    assert list(summed.index) == sorted(set(parents.values()))
    for parent, row in summed.iterrows():
        parts = [
            known.get(area, (math.nan, "missing")) for area in parents if parents[area] == parent
        ]
        valued = [value for value, _ in parts if not math.isnan(value)]
        worst = max((status for _, status in parts), key=STATUS_PRECEDENCE.index)
        total = math.fsum(valued) if len(valued) == len(parts) else math.nan
        assert row["value"] == pytest.approx(total, rel=1e-12, abs=1e-9, nan_ok=True)
        assert row[["status", "parts", "parts_expected"]].tolist() == [
            worst,
            len(valued),
            len(parts),
        ]
        assert (row["status"] in VALUELESS_STATUSES) == math.isnan(row["value"])


@deterministic
@given(st.lists(st.tuples(st.integers(0, 9999), st.sampled_from("XYZ")), min_size=1))
def test_nothing_is_lost_on_the_way_up(rows: list[tuple[int, str]]) -> None:
    """Whole numbers add up exactly, through the valleys as at once."""
    villages = frame({f"{i}": (value, "observed") for i, (value, _) in enumerate(rows)})
    valleys = sum_over_parts(villages, membership({f"{i}": p for i, (_, p) in enumerate(rows)}))
    whole = sum_over_parts(valleys, membership(dict.fromkeys(valleys.index, "all")))
    assert whole.loc["all", "value"] == sum(value for value, _ in rows)
    assert valleys["parts"].sum() == len(rows)


def test_communes_and_departement_do_not_add_up_and_it_shows() -> None:
    """4,716 places over the communes, 4,721 published: 5 short, 0.1 % of the published."""
    communes = frame({"43": (4716, "observed"), "X": (1, "observed"), "Z": (0, "estimated")})
    published = frame({"43": (4721, "observed"), "Y": (7, "imputed"), "Z": (0, "observed")})
    compared = reconciliation(communes, published)
    assert compared.index.tolist() == ["43", "X", "Y", "Z"]
    assert compared["difference"].loc[["43", "Z"]].tolist() == [-5, 0]
    assert compared.loc["43", "difference_percent"] == pytest.approx(-100 * 5 / 4721, rel=1e-12)
    assert np.isnan(compared["difference_percent"]["Z"])
    assert compared["difference"].loc[["X", "Y"]].isna().all()
    assert compared["status"].tolist() == ["observed", "missing", "missing", "estimated"]


@deterministic
@given(
    st.dictionaries(st.sampled_from("ABCDE"), figures()),
    st.dictionaries(st.sampled_from("ABCDE"), figures()),
)
def test_differences_agree_with_a_loop(
    ours: dict[str, tuple[float, str]], theirs: dict[str, tuple[float, str]]
) -> None:
    """Side by side, area by area."""
    compared = reconciliation(frame(ours), frame(theirs))
    assert list(compared.index) == sorted(ours.keys() | theirs.keys())
    absent = (math.nan, "missing")
    for area, row in compared.iterrows():
        a, b = ours.get(str(area), absent), theirs.get(str(area), absent)
        percent = math.nan if b[0] == 0 else 100 * (a[0] - b[0]) / abs(b[0])
        expected = [a[0], b[0], a[0] - b[0], percent]
        numbers = row.iloc[:4].astype(float).tolist()
        np.testing.assert_allclose(numbers, expected, rtol=1e-12)
        assert row["status"] == max(a[1], b[1], key=STATUS_PRECEDENCE.index)


def test_areas_twice_or_nameless_are_refused() -> None:
    """No part counts twice, none without a name."""
    twice = pd.concat([frame({"A": (1, "observed")})] * 2)
    once = frame({"A": (1, "observed")})
    with pytest.raises(ValueError, match="frame has areas more than once"):
        sum_over_parts(twice, VALLEYS)
    with pytest.raises(ValueError, match="keep one parent level"):
        sum_over_parts(once, pd.concat([VALLEYS, VALLEYS]))
    with pytest.raises(ValueError, match="without an area_id or a parent_id"):
        sum_over_parts(once, pd.DataFrame({"area_id": ["A"], "parent_id": [None]}))
    with pytest.raises(ValueError, match="published has areas more than once"):
        reconciliation(once, twice)
    with pytest.raises(ValueError, match="parts_sum has areas more than once"):
        reconciliation(twice, once)


@st.composite
def tables(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Draw values and severities, series by areas, and the parent of each area: none is empty."""
    groups, series = draw(st.integers(1, 4)), draw(st.integers(0, 4))
    more = draw(st.lists(st.integers(0, groups - 1), max_size=5))
    group = draw(st.permutations([*range(groups), *more]))
    cells = st.tuples(st.one_of(st.just(math.nan), st.floats(-1e5, 1e5)), st.integers(0, 5))
    rows = [[draw(cells) for _ in group] for _ in range(series)]
    shape = (series, len(group))
    value = np.array([[v for v, _ in row] for row in rows], dtype=np.float64).reshape(shape)
    worst = np.array([[s for _, s in row] for row in rows], dtype=np.int64).reshape(shape)
    return value, worst, np.array(group, dtype=np.int64), groups


@deterministic
@given(tables())
def test_many_series_agree_with_groupby(
    table: tuple[np.ndarray, np.ndarray, np.ndarray, int],
) -> None:
    """Row by row: sums where all parts are known, the worst severity, and both counts."""
    value, worst, group, groups = table
    made = sums_over_parts(value, worst, group, groups)
    assert made.value.shape == made.severity.shape == made.parts.shape == (len(value), groups)
    sizes = pd.Series(group).groupby(group).size()
    assert made.parts_expected.tolist() == sizes.tolist()
    for row in range(len(value)):
        by_parent = pd.Series(value[row]).groupby(group)
        total = by_parent.sum().where(by_parent.count() == sizes)
        np.testing.assert_allclose(made.value[row], total, rtol=1e-12, atol=1e-9)
        assert made.parts[row].tolist() == by_parent.count().tolist()
        assert made.severity[row].tolist() == pd.Series(worst[row]).groupby(group).max().tolist()


@deterministic
@given(tables(), st.randoms(use_true_random=False))
def test_sums_do_not_depend_on_the_order_of_areas_or_series(
    table: tuple[np.ndarray, np.ndarray, np.ndarray, int], random
) -> None:
    """Areas shuffled with their parents, series shuffled with their sums."""
    value, worst, group, groups = table
    areas, series = list(range(len(group))), list(range(len(value)))
    random.shuffle(areas)
    random.shuffle(series)
    made = sums_over_parts(value, worst, group, groups)
    again = sums_over_parts(
        value[np.ix_(series, areas)], worst[np.ix_(series, areas)], group[areas], groups
    )
    np.testing.assert_allclose(again.value, made.value[series], rtol=1e-12, atol=1e-9)
    np.testing.assert_array_equal(again.severity, made.severity[series])
    np.testing.assert_array_equal(again.parts, made.parts[series])
