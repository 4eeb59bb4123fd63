"""Areas taken together, and what differs from a benchmark: by hand, and what must hold."""

from __future__ import annotations

from math import isnan, nan

import numpy as np
import pandas as pd
import pytest

from geodata.methods.benchmarks import Verdict, together, verdict
from geodata.methods.intervals import rate_interval
from geodata.model import Chance, Status


def areas(*rows: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["status", "numerator", "denominator"])


def test_a_sum_over_a_sum_is_no_mean_of_values() -> None:
    """10 of 100 and 30 of 60: 40 of 160 are 25 %; the mean of 10 % and 50 % would be 30 %."""
    made = together(areas(("observed", 10, 100), ("observed", 30, 60)), 100)
    assert (made.value, made.numerator, made.denominator) == (25.0, 40.0, 160.0)
    assert (made.parts, made.parts_expected, made.status) == (2, 2, Status.OBSERVED)
    assert isnan(made.low)
    assert isnan(made.high)


def test_the_interval_is_that_of_the_sum() -> None:
    """Byar for 100 cases in 10,000: 8.136 and 12.163 per 1000 (PHEindicatormethods); Wilson for 65
    of 100: 55.25 % and 73.64 %."""
    rate = together(areas(("observed", 40, 4000), ("observed", 60, 6000)), 1000, Chance.RATE)
    assert (round(rate.low, 3), round(rate.high, 3)) == (8.136, 12.163)
    share = together(areas(("observed", 25, 50), ("observed", 40, 50)), 100, Chance.PROPORTION)
    assert (round(share.low, 2), round(share.high, 2)) == (55.25, 73.64)


@pytest.mark.parametrize(
    ("more", "status", "parts"),
    [
        (("suppressed", nan, 20), Status.SUPPRESSED, 1),
        (("missing", nan, nan), Status.MISSING, 1),
        (("observed", nan, nan), Status.NOT_APPLICABLE, 1),  # a published median
        (("estimated", 3, 4), Status.ESTIMATED, 2),
        (("imputed", 3, 4), Status.IMPUTED, 2),
        (("not_applicable", 0, 0), Status.OBSERVED, 2),
    ],
)
def test_the_status_says_why(more, status, parts) -> None:
    made = together(areas(("observed", 10, 100), more), 100, Chance.RATE)
    assert (made.status, made.parts, made.parts_expected) == (status, parts, 2)
    assert isnan(made.value) == (not status.has_value)
    assert isnan(made.numerator) == isnan(made.value)


def test_what_is_withheld_settles_the_matter() -> None:
    made = together(areas(("missing", nan, 1), ("suppressed", nan, 1), ("observed", nan, nan)), 1)
    assert made.status is Status.SUPPRESSED


def test_nobody_anywhere_is_not_applicable() -> None:
    made = together(areas(("not_applicable", 0, 0), ("not_applicable", 0, 0)), 100)
    assert (made.status, made.parts) == (Status.NOT_APPLICABLE, 2)
    assert isnan(made.value)


def test_no_area_is_refused() -> None:
    with pytest.raises(ValueError, match="no area"):
        together(areas(), 100)


def test_the_order_of_the_areas_does_not_matter() -> None:
    chance = np.random.default_rng(4)
    people = chance.integers(1, 500, 30).astype(float)
    frame = pd.DataFrame(
        {"status": "observed", "numerator": chance.binomial(500, 0.1, 30), "denominator": people}
    )
    one, other = (
        together(f, 1000, Chance.RATE) for f in (frame, frame.sample(frac=1, random_state=1))
    )
    assert one == other
    assert one.value == pytest.approx(1000 * frame["numerator"].sum() / people.sum())


def test_a_value_differs_where_its_interval_excludes_the_benchmark() -> None:
    assert verdict(1.0, 2.0, 0.99) is Verdict.HIGHER
    assert verdict(1.0, 2.0, 2.01) is Verdict.LOWER
    assert {verdict(1.0, 2.0, x) for x in (1.0, 1.5, 2.0)} == {Verdict.SIMILAR}
    for unknown in ((nan, 2.0, 1.5), (1.0, nan, 1.5), (1.0, 2.0, nan)):
        assert verdict(*unknown) is Verdict.NOT_TESTED
    with pytest.raises(ValueError, match="upside down"):
        verdict(2.0, 1.0, 1.5)


def test_a_true_difference_of_nought_is_seldom_called_one() -> None:
    """2000 areas that have the benchmark's rate: about 5 % are told to differ, no more than 6."""
    chance = np.random.default_rng(8)
    counts = chance.poisson(40, 2000)
    told = rate_interval(counts, np.full(2000, 4000.0), 1000)
    verdicts = [verdict(low, high, 10.0) for low, high in zip(told.low, told.high, strict=True)]
    assert 0.02 < np.mean([found is not Verdict.SIMILAR for found in verdicts]) < 0.06
