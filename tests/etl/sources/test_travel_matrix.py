"""The authority's own travel times: two layouts, and what is unknown is not out of reach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from etl.source import Known, RejectedFile, Staged
from etl.sources import readers
from geodata.catalogue.loader import catalogue

WORDS = catalogue("haute_loire")
ENTRY = WORDS.sources["own_travel_matrix"]
KNOWN = Known(WORDS, {"commune": frozenset(f"43{n:03}" for n in range(1, 261))})
PAIRS = [(f"43{a:03}", f"43{b:03}") for a in range(1, 21) for b in range(1, 21) if a != b]


def staged(text: str, entry=ENTRY, **known) -> Staged:
    stage = readers()[ENTRY.reader]
    return stage(entry, "own_travel_matrix.csv", text.encode(), replace(KNOWN, **known))


def short(*rows: str, header: str = "origin_id,destination_id,minutes") -> str:
    """The rows given, after 380 that are right."""
    more = "," * (header.count(",") - 2)
    filling = [f"{a},{b},{int(a[3:]) + int(b[3:])}{more}" for a, b in PAIRS]
    return "\n".join((header, *filling, *rows)) + "\n"


def test_each_way_has_its_own_minutes() -> None:
    made = staged(short("43100,43101,12.5", "43101,43100,14", "43100,43100,3"))
    trips = made.tables["trip"].set_index(["origin_id", "destination_id"])["minutes"]
    assert trips["43100", "43101"] == 12.5
    assert trips["43101", "43100"] == 14
    assert trips["43100", "43100"] == 3
    assert (made.rows_read, made.rows_loaded, len(trips)) == (383, 383, 383)
    assert made.tables["trip"]["longest_minutes"].isna().all()
    assert set(made.tables["trip"]["period"]) == {""}


def test_an_empty_cell_is_unknown_and_inf_is_no_way() -> None:
    trips = staged(short("43100,43101,", "43101,43100,inf")).tables["trip"]
    assert np.isnan(trips["minutes"].iloc[-2])
    assert np.isinf(trips["minutes"].iloc[-1])


def test_the_longest_trip_is_declared_once_for_all() -> None:
    header = "origin_id,destination_id,minutes,period,longest_minutes"
    rows = [f"{a},{b},20,2025,60" for a, b in PAIRS]
    made = staged("\n".join((header, *rows, "43100,43101,61,2025,60")) + "\n")
    assert set(made.tables["trip"]["longest_minutes"]) == {60.0}
    assert set(made.tables["trip"]["period"]) == {"2025"}
    assert made.held[["code", "line", "column"]].to_numpy().tolist() == [
        ["beyond_longest", 382, "minutes"]
    ]
    with pytest.raises(RejectedFile) as raised:
        staged("\n".join((header, *rows, "43100,43101,20,2025,45")) + "\n")
    issue = raised.value.issue
    assert (issue.code, issue.line, issue.column) == ("several_longest", 382, "longest_minutes")


def test_the_long_layout_keeps_the_finest_level() -> None:
    header = "from_level,from_id,to_level,to_id,minutes"
    rows = ["commune,43001,commune,43002,9", "epci,200073419,commune,43002,30"]
    made = staged("\n".join((header, *rows)) + "\n")
    assert made.tables["trip"][["origin_id", "destination_id", "minutes"]].to_numpy().tolist() == [
        ["43001", "43002", 9.0]
    ]
    assert made.dropped == {"other_level": 1}


def test_separator_and_decimal_are_declared() -> None:
    entry = replace(ENTRY, options={"separator": ";", "decimal": ","})
    made = staged("origin_id;destination_id;minutes\n43001;43002;9,5\n", entry)
    assert made.tables["trip"]["minutes"].tolist() == [9.5]


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("43100,43101,-5", "below_minimum", "minutes"),
        ("43100,43101,soon", "not_a_number", "minutes"),
        ("43100,43101,1441", "above_maximum", "minutes"),
        (",43101,5", "blank_code", "origin_id"),
        ("43100,43999,5", "unknown_area", "destination_id"),
    ],
)
def test_a_wrong_row_is_held_back(row: str, code: str, column: str, monkeypatch) -> None:
    monkeypatch.setattr("etl.locate.UNKNOWN_SHARE", 0.5)
    made = staged(short(row))
    assert made.held[["code", "line", "column"]].to_numpy().tolist() == [[code, 382, column]]
    assert (made.rows_read, made.rows_loaded, made.rows_quarantined) == (381, 380, 1)
    assert all(made.held[["mend_fr", "mend_en"]].to_numpy().ravel())


def test_areas_beyond_the_territory_are_dropped_by_name() -> None:
    made = staged(short("43100,63113,55"))
    assert made.dropped == {"outside_territory": 1}


def test_a_pair_twice_is_dropped_or_held_back() -> None:
    made = staged(short("43100,43101,5", "43100,43101,5", "43102,43101,5", "43102,43101,6"))
    assert made.dropped == {"repeated": 1}
    assert made.held[["code", "line"]].to_numpy().tolist() == [
        ["two_values", 384],
        ["two_values", 385],
    ]


def test_a_file_of_something_else_is_refused() -> None:
    with pytest.raises(RejectedFile) as raised:
        staged("origin,destination,km\n43001,43002,9\n")
    assert raised.value.issue.code == "missing_column"
    with pytest.raises(RejectedFile) as raised:
        staged(short(*(f"43{n},43{n + 1},-1" for n in range(100, 120))))
    assert raised.value.issue.code == "negative_counts"
    with pytest.raises(RejectedFile) as raised:
        staged("origin_id,destination_id,minutes\n" + "200073419,200073420,5\n" * 3)
    assert raised.value.issue.code == "wrong_level"


def test_of_merged_areas_the_trip_of_the_whole_is_kept() -> None:
    """43300 joined 43100 in 2019: the table of 2018 has trips of both, one is kept."""
    event = pd.DataFrame(
        [("commune", "2019-01-01", 1, code, "43100", "merger") for code in ("43100", "43300")],
        columns=["level", "on", "step", "before_id", "after_id", "kind"],
    )
    entry = replace(ENTRY, options={"edition": "2018"})
    text = short("43300,43157,40", "43100,43157,30", "43300,43158,50")
    made = staged(text, entry, tables={"events": {"area_event": event}})
    trips = made.tables["trip"].set_index(["origin_id", "destination_id"])["minutes"]
    assert trips["43100", "43157"] == 30
    assert trips["43100", "43158"] == 50
    assert made.dropped == {"former_area": 1}
