"""Rates and their statuses: by hand, against a loop, and by law."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.rates import (
    STATUS_PRECEDENCE,
    VALUELESS_STATUSES,
    checked_figures,
    combined_status,
    rate,
)

deterministic = settings(derandomize=True, deadline=None)
statuses = st.sampled_from(STATUS_PRECEDENCE)


@st.composite
def figures(draw: st.DrawFn) -> tuple[float, str]:
    """Draw a figure: a value, zero often, or none, with a status that agrees."""
    status = draw(statuses)
    value = draw(st.one_of(st.just(0.0), st.floats(0.01, 1e5)))
    return (math.nan if status in VALUELESS_STATUSES else value), status


def frame(rows: list[tuple[float, str]]) -> pd.DataFrame:
    """Return figures as a frame."""
    return pd.DataFrame(rows, columns=["value", "status"])


def worst_by_hand(*found: str) -> str:
    """Return the status by the rule, in words."""
    for word in ("suppressed", "missing", "not_applicable", "imputed", "estimated"):
        if word in found:
            return word
    return "observed"


def test_five_families_in_fifty() -> None:
    """10 %; nothing over nothing is not applicable; a withheld number stays withheld."""
    result = rate(
        frame([(5, "observed"), (0, "observed"), (math.nan, "suppressed")]),
        frame([(50, "estimated"), (0, "observed"), (0, "observed")]),
        per=100,
    )
    np.testing.assert_array_equal(result["value"], [10, math.nan, math.nan])
    assert result["status"].tolist() == ["estimated", "not_applicable", "suppressed"]


def test_the_statuses_are_those_of_a_valued_and_a_valueless_kind() -> None:
    """The three valueless ones are the three worst."""
    assert set(STATUS_PRECEDENCE[3:]) == set(VALUELESS_STATUSES)


def test_every_pair_of_statuses_combines_by_the_rule() -> None:
    """All 36 pairs, either way round."""
    for first, second in itertools.product(STATUS_PRECEDENCE, repeat=2):
        combined = combined_status(pd.Series([first]), pd.Series([second]))
        assert combined.tolist() == [worst_by_hand(first, second)]


@deterministic
@given(st.lists(st.tuples(statuses, statuses, statuses), max_size=8))
def test_combining_is_order_free_and_settled(rows: list[tuple[str, str, str]]) -> None:
    """Any order, any grouping, and once is enough."""
    a, b, c = (pd.Series([row[i] for row in rows], dtype="str") for i in range(3))
    at_once = combined_status(a, b, c)
    assert at_once.tolist() == [worst_by_hand(*row) for row in rows]
    assert combined_status(c, a, b).equals(at_once)
    assert combined_status(combined_status(a, b), c).equals(at_once)
    assert combined_status(at_once, at_once).equals(at_once)


@deterministic
@given(st.lists(st.tuples(figures(), figures()), max_size=8), st.sampled_from([1.0, 100.0, 1e3]))
def test_rates_agree_with_a_loop(
    rows: list[tuple[tuple[float, str], tuple[float, str]]], per: float
) -> None:
    """Value where both have one and there is something to divide by; else why not."""
    result = rate(frame([above for above, _ in rows]), frame([below for _, below in rows]), per)
    for row, (above, below) in zip(result.itertuples(), rows, strict=True):
        found = [above[1], "not_applicable" if below[0] == 0 else below[1]]
        status = worst_by_hand(*found)
        value = math.nan if status in VALUELESS_STATUSES else per * above[0] / below[0]
        assert row.status == status
        assert row.value == pytest.approx(value, rel=1e-12, nan_ok=True)
    assert checked_figures(result, "result").equals(result)


def test_figures_keep_their_areas() -> None:
    """The result is on the index it came on."""
    areas = pd.Index(["43157", "43040"], name="area_id")
    given_figures = frame([(1, "observed"), (2, "observed")]).set_index(areas)
    assert rate(given_figures, given_figures, 100).index.equals(areas)


@pytest.mark.parametrize(
    ("value", "status"),
    [(3.0, "suppressed"), (0.0, "missing"), (math.nan, "observed"), (math.nan, "estimated")],
)
def test_a_value_that_its_status_denies_is_refused(value: float, status: str) -> None:
    """A withheld value must not leak; a hole must not pass for a figure."""
    with pytest.raises(ValueError, match="numerator: 1 row"):
        rate(frame([(value, status)]), frame([(10, "observed")]), 100)


def test_what_makes_no_rate_is_refused() -> None:
    """Unknown words, other areas, negative or infinite figures, no multiplier."""
    one = frame([(1, "observed")])
    with pytest.raises(ValueError, match="not a status"):
        combined_status(pd.Series(["observed", "secret"]))
    with pytest.raises(ValueError, match="not a status"):
        combined_status(pd.Series(["observed", None]))
    with pytest.raises(ValueError, match="at least one"):
        combined_status()
    with pytest.raises(ValueError, match="same index"):
        combined_status(pd.Series(["observed"], ["A"]), pd.Series(["observed"], ["B"]))
    with pytest.raises(ValueError, match="same index"):
        rate(one.set_index(pd.Index(["A"])), one.set_index(pd.Index(["B"])), 100)
    with pytest.raises(ValueError, match="negative"):
        rate(one, frame([(-1, "observed")]), 100)
    with pytest.raises(ValueError, match="infinite"):
        rate(one, frame([(math.inf, "observed")]), 100)
    for per in (0, -100, math.nan, math.inf):
        with pytest.raises(ValueError, match="per must be"):
            rate(one, one, per)
