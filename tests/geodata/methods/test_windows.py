"""Windows: against sums year by year, with every reason for a hole."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.rates import STATUS_PRECEDENCE
from geodata.methods.windows import pooled, pooled_rate, window_sum


def figures(rows: list[tuple[str, int, float | None, str]]) -> pd.DataFrame:
    """Figures of a level: area, year, value, status."""
    frame = pd.DataFrame(rows, columns=["area_id", "period", "value", "status"])
    return frame.assign(level="commune", period=frame["period"].astype(str))


def test_a_window_with_a_hole_has_no_sum() -> None:
    """No row for a year, or a year without a value; other areas are not touched."""
    frame = figures(
        [("A", y, 1.0, "observed") for y in (2017, 2018, 2020, 2021)]
        + [("B", y, float(y - 2016), "estimated") for y in range(2017, 2022)]
        + [("C", 2020, None, "missing"), ("C", 2021, 4.0, "observed")]
    )
    made = window_sum(frame, 2)
    assert made[["area_id", "period", "value"]].to_numpy().tolist() == [
        ["A", "2018", 2.0],
        ["A", "2021", 2.0],
        ["B", "2018", 3.0],
        ["B", "2019", 5.0],
        ["B", "2020", 7.0],
        ["B", "2021", 9.0],
    ]
    assert set(made["status"]) == {"estimated"}
    told = pooled(frame, 2).set_index(["area_id", "period"])
    assert told.loc[("C", "2021"), "status"] == "missing"
    assert np.isnan(told.loc[("C", "2021"), "value"])
    assert told.loc[("A", "2018"), "status"] == "observed"
    assert told.loc[("A", "2018"), "first_period"] == "2017"


def test_the_pooled_rate_is_cases_over_person_years() -> None:
    """A year withheld withholds the rate; no people in all the years make it not applicable."""
    cases = figures(
        [
            ("A", 2019, 2.0, "observed"),
            ("A", 2020, 3.0, "observed"),
            ("A", 2021, None, "suppressed"),
        ]
        + [("B", y, 0.0, "observed") for y in (2019, 2020, 2021)]
    )
    people = figures(
        [("A", y, 100.0, "estimated") for y in (2019, 2020, 2021)]
        + [("B", y, 0.0, "observed") for y in (2019, 2020, 2021)]
    )
    made = pooled_rate(cases, people, 2, per=1000).set_index(["area_id", "period"])
    assert made.loc[("A", "2020"), "value"] == 25
    assert made.loc[("A", "2020"), "denominator"] == 200
    assert made["status"].tolist() == [
        "estimated",
        "suppressed",
        "not_applicable",
        "not_applicable",
    ]


def test_nothing_and_nonsense() -> None:
    """No figure; a window of no year, a period twice."""
    nothing = figures([])
    assert window_sum(nothing, 3).empty
    assert list(window_sum(nothing, 3).columns) == ["level", "area_id", "period", "value", "status"]
    assert pooled_rate(nothing, nothing, 3, 100).empty
    one = figures([("A", 2020, 1.0, "observed")])
    assert pooled(one, 3).empty
    with pytest.raises(ValueError, match="at least 1"):
        pooled(one, 0)
    with pytest.raises(ValueError, match="more than once"):
        pooled(pd.concat([one, one]), 1)


@settings(deadline=None, max_examples=40)
@given(
    table=st.dictionaries(
        st.tuples(st.sampled_from("ABC"), st.integers(2010, 2018)),
        st.tuples(st.integers(0, 99), st.sampled_from(STATUS_PRECEDENCE)),
        min_size=1,
    ),
    years=st.integers(1, 4),
)
def test_sums_and_statuses_agree_with_a_search(
    table: dict[tuple[str, int], tuple[int, str]], years: int
) -> None:
    """Area by area, year by year."""
    valueless = STATUS_PRECEDENCE[3:]
    rows = [
        (area, year, None if status in valueless else float(value), status)
        for (area, year), (value, status) in table.items()
    ]
    made = {
        (row.area_id, row.period): (row.value, row.status)
        for row in pooled(figures(rows), years).itertuples()
    }
    known = {(area, year): (value, status) for area, year, value, status in rows}
    expected = {}
    for area, year in known:
        window = [known.get((area, year - back)) for back in range(years)]
        if None not in window:
            status = max((s for _, s in window), key=STATUS_PRECEDENCE.index)
            values = [v for v, _ in window]
            expected[(area, str(year))] = (
                float("nan") if None in values else sum(values),
                status,
            )
    assert made.keys() == expected.keys()
    for key, (value, status) in expected.items():
        assert made[key][1] == status
        assert made[key][0] == pytest.approx(value, nan_ok=True)
