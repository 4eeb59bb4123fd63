"""The gap: three villages by hand, a second implementation, and what must add up."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.gap import GAP_COLUMNS, aggregated_gap, gap_triad, reference_standard

deterministic = settings(derandomize=True, deadline=None)
VALLEYS = pd.Series({"A": "north", "B": "north", "C": "south"})
amount = st.one_of(st.just(0.0), st.floats(0.01, 1e5))
village = st.tuples(amount, amount, st.booleans())
standards = st.floats(0.01, 2)


@pytest.fixture
def villages() -> pd.DataFrame:
    """Three villages: one short of places, one with a surplus, one with nothing near."""
    return gap_triad([100, 50, 50], [40, 30, 0], 0.5, [True, True, False], pd.Index(list("ABC")))


def triad(rows: list[tuple[float, float, bool]], standard: float) -> pd.DataFrame:
    """Return the gap of drawn villages; none has effective places out of reach."""
    demand = [d for d, _, _ in rows]
    effective = [e if within else 0.0 for _, e, within in rows]
    return gap_triad(demand, effective, standard, np.array([w for _, _, w in rows]))


def test_three_villages_by_hand(villages: pd.DataFrame) -> None:
    """Every column, from the definitions."""
    assert list(villages.columns) == list(GAP_COLUMNS)
    assert list(villages.loc["A"]) == [100, 50, 40, 40, 10, 0, 10, 10, 40]
    assert list(villages.loc["B"]) == [50, 25, 30, 25, 0, 0, -5, 0, 60]
    assert list(villages.loc["C"]) == [50, 25, 0, 0, 0, 25, 25, 25, 0]


def test_valleys_by_hand(villages: pd.DataFrame) -> None:
    """The north lacks 5 places net, but 10 children are without one all the same."""
    valleys = aggregated_gap(villages, VALLEYS)
    assert list(valleys.columns) == list(GAP_COLUMNS)
    assert list(valleys.loc["north"]) == pytest.approx(
        [150, 75, 70, 65, 10, 0, 5, 10, 100 * 70 / 150], rel=1e-12
    )
    assert list(valleys.loc["south"]) == list(villages.loc["C"])


def test_no_children_no_coverage() -> None:
    """Not 0, not infinite: not applicable, for a village as for a valley."""
    empty = gap_triad([0], [0], 0.5, [True], pd.Index(["D"]))
    assert np.isnan(empty["coverage"]["D"])
    assert empty["need"]["D"] == 0
    assert np.isnan(aggregated_gap(empty, pd.Series({"D": "east"}))["coverage"]["east"])


@deterministic
@given(st.lists(village, min_size=1, max_size=12), standards)
def test_agrees_with_the_definitions_one_village_at_a_time(
    rows: list[tuple[float, float, bool]], standard: float
) -> None:
    """Each row as the issue defines it."""
    frame = triad(rows, standard)
    for row, (demand, places, within) in zip(frame.itertuples(), rows, strict=True):
        effective = places if within else 0.0
        need = standard * demand
        served = effective if effective < need else need
        gap = need - effective
        expected = {
            "demand": demand,
            "need": need,
            "effective": effective,
            "served": served,
            "within_reach": need - served if within else 0.0,
            "out_of_reach": 0.0 if within else need - served,
            "gap": gap,
            "unmet": gap if gap > 0 else 0.0,
            "coverage": 100 * effective / demand if demand > 0 else math.nan,
        }
        for name, value in expected.items():
            assert getattr(row, name) == pytest.approx(value, rel=1e-12, nan_ok=True), name


@deterministic
@given(st.lists(village, min_size=1, max_size=12), standards)
def test_the_triad_adds_up_to_the_need(
    rows: list[tuple[float, float, bool]], standard: float
) -> None:
    """To 1e-9, in each village and over all; and its last two parts to the unmet need."""
    frame = triad(rows, standard)
    unserved = frame["within_reach"] + frame["out_of_reach"]
    np.testing.assert_allclose(frame["served"] + unserved, frame["need"], rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(unserved, frame["unmet"], rtol=1e-12, atol=1e-9)
    parts = frame[["served", "within_reach", "out_of_reach"]]
    assert (parts >= 0).all(axis=None)
    assert parts.sum().sum() == pytest.approx(frame["need"].sum(), rel=1e-12, abs=1e-9)
    assert frame["unmet"].sum() >= frame["gap"].sum() - 1e-9


@deterministic
@given(st.lists(st.tuples(village, st.integers(0, 3)), min_size=1, max_size=12), standards)
def test_larger_areas_keep_every_amount(
    placed: list[tuple[tuple[float, float, bool], int]], standard: float
) -> None:
    """Sums over valleys are sums over villages; in two steps as in one; unmet >= gap."""
    frame = triad([row for row, _ in placed], standard)
    valley = pd.Series([number for _, number in placed])
    valleys = aggregated_gap(frame, valley)
    additive = list(GAP_COLUMNS[:-1])
    np.testing.assert_allclose(valleys[additive].sum(), frame[additive].sum(), rtol=1e-9, atol=1e-9)
    assert (valleys["unmet"] >= valleys["gap"] - 1e-9).all()
    for number, row in valleys.iterrows():
        members = [i for i, (_, own) in enumerate(placed) if own == number]
        for name in additive:
            by_hand = math.fsum(frame[name].iloc[i] for i in members)
            assert row[name] == pytest.approx(by_hand, rel=1e-12, abs=1e-9)
    whole = aggregated_gap(frame, pd.Series("all", index=frame.index))
    in_two_steps = aggregated_gap(valleys, pd.Series("all", index=valleys.index))
    np.testing.assert_allclose(in_two_steps, whole, rtol=1e-9, atol=1e-9)


def test_villages_without_a_valley_or_named_twice_are_refused(villages: pd.DataFrame) -> None:
    """No row is dropped in silence, none counted twice."""
    with pytest.raises(ValueError, match=r"1 area\(s\) without a parent: \['C'\]"):
        aggregated_gap(villages, VALLEYS.drop("C"))
    with pytest.raises(ValueError, match="frame has areas more than once"):
        aggregated_gap(pd.concat([villages, villages]), VALLEYS)
    with pytest.raises(ValueError, match="parent has areas more than once"):
        aggregated_gap(villages, pd.concat([VALLEYS, VALLEYS]))


def test_what_cannot_be_a_gap_is_refused() -> None:
    """Unknown amounts, shapes, standards, masks, and places out of reach."""
    with pytest.raises(ValueError, match="demand has 1"):
        gap_triad([math.nan], [0], 0.5, [True])
    with pytest.raises(ValueError, match="effective has 1"):
        gap_triad([10], [math.nan], 0.5, [True])
    with pytest.raises(ValueError, match="as many"):
        gap_triad([10, 20], [1], 0.5, [True])
    with pytest.raises(ValueError, match="boolean"):
        gap_triad([10], [1], 0.5, [1])
    for standard in (0, -1, math.nan, math.inf):
        with pytest.raises(ValueError, match="standard"):
            gap_triad([10], [1], standard, [True])
    with pytest.raises(ValueError, match="thresholds disagree"):
        gap_triad([10], [1], 0.5, [False])


def test_the_standard_by_hand() -> None:
    """Only areas with both known count, in both sums."""
    nan = math.nan
    assert reference_standard([30, 50, nan, 9], [100, 100, 700, nan]) == 0.4
    assert reference_standard([0], [10]) == 0


@deterministic
@given(st.lists(st.tuples(amount, amount, st.booleans(), st.booleans()), min_size=1))
def test_the_standard_agrees_with_a_loop(rows: list[tuple[float, float, bool, bool]]) -> None:
    """Sum over sum; nothing to divide by is an error, not a number."""
    places = [p if known else math.nan for p, _, known, _ in rows]
    children = [c if known else math.nan for _, c, _, known in rows]
    above = math.fsum(p for p, c, known, also in rows if known and also)
    below = math.fsum(c for p, c, known, also in rows if known and also)
    if below == 0:
        with pytest.raises(ValueError, match="no area"):
            reference_standard(places, children)
    else:
        expected = pytest.approx(above / below, rel=1e-12)
        assert reference_standard(places, children) == expected


def test_a_standard_from_impossible_figures_is_refused() -> None:
    """Negative or infinite figures, and lists that do not match."""
    with pytest.raises(ValueError, match="places has 1"):
        reference_standard([-1], [10])
    with pytest.raises(ValueError, match="children has 1"):
        reference_standard([1], [math.inf])
    with pytest.raises(ValueError, match="as many"):
        reference_standard([1, 2], [10])
