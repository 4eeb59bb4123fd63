"""Figures of one date on the areas of another."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.history import at_edition, events_of, heirs
from etl.source import Known, Ledger, RejectedFile
from geodata.model import Severity

BEFORE, AFTER = "2014-01-01", "2020-01-01"
COLUMNS = ["on", "step", "before_id", "after_id", "kind"]


def table(*rows):
    return pd.DataFrame(
        [(on, 1, before, after, kind) for on, before, after, kind in rows], columns=COLUMNS
    )


# B and C merge into B; D divides into D and E; F becomes G.
EVENTS = table(
    ("2015-01-01", "B", "B", "merge"),
    ("2015-01-01", "C", "B", "merge"),
    ("2016-01-01", "D", "D", "rename"),
    ("2016-01-01", "D", "E", "split"),
    ("2017-01-01", "F", "G", "recode"),
)


def figures(status="observed", **values):
    rows = [("births", "2014", area, value) for area, value in values.items()]
    frame = pd.DataFrame(rows, columns=["variable", "period", "area_id", "value"])
    frame["status"] = frame["value"].map(lambda v: v if isinstance(v, str) else status)
    frame["value"] = pd.to_numeric(frame["value"], errors="coerce")
    return frame


def seen(frame):
    rows = zip(frame["area_id"], frame["value"], frame["status"], strict=True)
    return {area: (None if value != value else value, status) for area, value, status in rows}


@pytest.fixture
def ledger():
    return Ledger("invented", "births.csv")


def test_forward_counts_add_up_exactly():
    carried = at_edition(figures(A=1, B=2, C=3, F=5), EVENTS, BEFORE, AFTER, additive=True)
    assert seen(carried) == {
        "A": (1, "observed"),
        "B": (5, "observed"),
        "G": (5, "observed"),
    }
    assert list(carried.columns) == ["variable", "period", "area_id", "value", "status"]


@pytest.mark.parametrize(
    ("c", "status"),
    [("suppressed", "suppressed"), ("missing", "missing"), ("not_applicable", "not_applicable")],
)
def test_a_sum_with_a_hole_is_a_hole(c, status):
    carried = at_edition(figures(B=2, C=c), EVENTS, BEFORE, AFTER, additive=True)
    assert seen(carried) == {"B": (None, status)}


def test_a_part_that_the_file_does_not_have_is_a_hole():
    carried = at_edition(figures(A=1, B=2), EVENTS, BEFORE, AFTER, additive=True)
    assert seen(carried) == {"A": (1, "observed"), "B": (None, "missing")}


def test_the_least_sure_part_makes_the_sum():
    frame = pd.concat([figures(B=2), figures("imputed", C=3)])
    assert seen(at_edition(frame, EVENTS, BEFORE, AFTER, additive=True))["B"] == (5, "imputed")


def test_a_divided_area_is_an_estimate_and_waits_for_weights(ledger):
    carried = at_edition(figures(D=10), EVENTS, BEFORE, AFTER, additive=True, ledger=ledger)
    assert seen(carried) == {"D": (5, "estimated"), "E": (5, "estimated")}
    assert [(i.severity, i.code) for i in ledger.issues][1:] == [
        (Severity.HOLD, "split_without_weights")
    ]


def test_with_weights_it_is_a_note(ledger):
    carried = at_edition(
        figures(D=10), EVENTS, BEFORE, AFTER, {"D": 300, "E": 100}, additive=True, ledger=ledger
    )
    assert seen(carried) == {"D": (7.5, "estimated"), "E": (2.5, "estimated")}
    assert {issue.severity for issue in ledger.issues} == {Severity.NOTE}


def test_backward_mergers_are_estimates_and_divisions_exact():
    carried = at_edition(
        figures(A=1, B=8, D=3, E=4, G=5), EVENTS, AFTER, BEFORE, {"B": 3, "C": 1}, additive=True
    )
    assert seen(carried) == {
        "A": (1, "observed"),
        "B": (6, "estimated"),
        "C": (2, "estimated"),
        "D": (7, "observed"),
        "F": (5, "observed"),
    }


def test_a_silence_is_shared_as_a_silence():
    carried = at_edition(figures(D="suppressed"), EVENTS, BEFORE, AFTER, additive=True)
    assert seen(carried) == {"D": (None, "suppressed"), "E": (None, "suppressed")}


def test_a_median_is_carried_only_where_one_became_one(ledger):
    carried = at_edition(
        figures(A=1, B=2, C=3, D=4, F=5), EVENTS, BEFORE, AFTER, additive=False, ledger=ledger
    )
    assert seen(carried) == {
        "A": (1, "observed"),
        "B": (None, "missing"),
        "D": (None, "missing"),
        "E": (None, "missing"),
        "G": (5, "observed"),
    }
    assert next(i for i in ledger.issues if i.code == "not_carried").rows == 3


def test_periods_and_variables_stay_apart():
    frame = pd.concat([figures(B=2, C=3), figures(B=20, C=30).assign(period="2013")])
    carried = at_edition(frame, EVENTS, BEFORE, AFTER, additive=True)
    assert dict(zip(carried["period"], carried["value"], strict=True)) == {"2014": 5, "2013": 50}


def test_codes_of_another_edition_are_refused(ledger):
    with pytest.raises(RejectedFile) as caught:
        at_edition(figures(A=1, C=2), EVENTS, AFTER, AFTER, additive=True, ledger=ledger)
    assert (caught.value.issue.code, caught.value.issue.sample) == ("wrong_edition", "C")
    with pytest.raises(ValueError, match="C"):
        at_edition(figures(A=1, C=2), EVENTS, AFTER, BEFORE, additive=True)


def test_nothing_moved_is_nothing_changed():
    frame = figures(A=1, Z=2)
    assert at_edition(frame, EVENTS, BEFORE, AFTER, additive=True).equals(frame)


@given(st.lists(st.integers(0, 1000), min_size=5, max_size=5), st.booleans())
def test_the_total_is_kept(values, is_weighted):
    weights = {"D": 2, "E": 5} if is_weighted else None
    frame = figures(**dict(zip("ABCDF", values, strict=True)))
    carried = at_edition(frame, EVENTS, BEFORE, AFTER, weights, additive=True)
    assert carried["value"].sum() == pytest.approx(sum(values))


def test_heirs_of_codes_of_an_edition_or_before():
    assert heirs(["B", "C", "D", "F", "Z"], EVENTS, "2014-01-01") == {
        "B": ("B",),
        "C": ("B",),
        "D": ("D", "E"),
        "F": ("G",),
        "Z": ("Z",),
    }
    # In 2020 C is an old code, and E a new one; in 2014 G is still to come.
    assert heirs(["C", "E"], EVENTS, "2020-01-01") == {"C": ("B",), "E": ("E",)}
    assert heirs(["G"], EVENTS, "2014-01-01") == {}


def test_heirs_of_a_merger_undone_are_exact_across_it():
    undone = table(
        ("2012-01-01", "A", "A", "merge"),
        ("2012-01-01", "B", "A", "merge"),
        ("2014-01-01", "A", "A", "split"),
        ("2014-01-01", "A", "B", "split"),
    )
    assert heirs(["A", "B"], undone, "2011-01-01") == {"A": ("A",), "B": ("B",)}
    assert heirs(["A", "B"], undone, "2013-01-01") == {"A": ("A", "B"), "B": ("B",)}


def test_the_events_of_a_level_come_from_every_source(words):
    one = EVENTS.iloc[:2].assign(level="commune")
    two = EVENTS.iloc[1:].assign(level="commune")
    known = Known(
        words,
        tables={"a": {"area_event": one}, "b": {"area_event": two, "figure": one}, "c": {}},
    )
    assert events_of(known, "commune").equals(EVENTS)
    assert events_of(known, "epci") is None
    assert events_of(Known(words), "commune") is None
