"""One interface, three ways to know: by hand, against two loops, and by what is not known."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.methods.travel import haversine_km, straight_line_minutes
from geodata.methods.travel_times import FASTEST_KMH, StraightLine, SuppliedMatrix, TravelTimes

deterministic = settings(derandomize=True, deadline=None)
minutes = st.one_of(st.none(), st.just(np.nan), st.just(np.inf), st.floats(0, 90))


def villages(*latitudes: float) -> pd.DataFrame:
    """Villages a, b, c... on one meridian; NaN is nowhere."""
    ids = list("abcdefgh"[: len(latitudes)])
    return pd.DataFrame({"id": ids, "longitude": 3.9, "latitude": latitudes})


def table(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["origin_id", "destination_id", "minutes"])


def test_a_straight_line_slows_down_where_it_is_told() -> None:
    """20 minutes, (1.4 + 1) / 2 times; who is nowhere is untimed, the others are not."""
    places = villages(45.0, 45.1, np.nan, 45.3)
    travel: TravelTimes = StraightLine(1.5, 50, 0.3, {"a": 1.4, "z": 3.0})
    trips = travel.trips(places, places, 45)
    found = dict(zip(zip(trips.origin, trips.destination, strict=True), trips.minutes, strict=True))
    assert found[0, 1] == pytest.approx(24, rel=1e-3)
    assert found[1, 3] == pytest.approx(40, rel=1e-3)
    assert sorted(found) == [(0, 0), (0, 1), (1, 0), (1, 1), (1, 3), (3, 1), (3, 3)]
    assert trips.untimed_origins.tolist() == trips.untimed_destinations.tolist() == [2]
    assert travel.error_share == 0.3


def test_a_matrix_goes_each_way_on_its_own() -> None:
    """Up takes longer than down; a place the table does not ask about is left aside."""
    asked = table(("a", "b", 12.0), ("b", "a", 15.0), ("b", "z", 1.0), ("c", "c", 4.0))
    places = villages(45.0, 45.1, 45.2)
    trips = SuppliedMatrix(asked, longest_minutes=60, error_share=0.1).trips(places, places, 30)
    assert trips.origin.tolist() == [0, 0, 1, 1, 2]
    assert trips.destination.tolist() == [0, 1, 0, 1, 2]
    assert trips.minutes.tolist() == [0.0, 12.0, 15.0, 0.0, 4.0]
    assert trips.untimed_origins.size == trips.untimed_destinations.size == 0


def test_unknown_is_not_out_of_reach() -> None:
    """An empty cell, in a table that declares how far it goes: both ends are untimed."""
    asked = table(("a", "b", np.nan), ("b", "a", 15.0), ("a", "c", np.inf))
    places = villages(45.0, 45.1, 45.2)
    trips = SuppliedMatrix(asked, longest_minutes=60).trips(places, places, 30)
    assert trips.untimed_origins.tolist() == [0]
    assert trips.untimed_destinations.tolist() == [1]


def test_a_table_made_for_short_trips_does_not_tell_of_long_ones() -> None:
    """Made for 10 minutes, asked for 30: a and b may be 20 minutes apart."""
    asked = table(("b", "c", 8.0), ("c", "b", 8.0), ("a", "d", 9.0), ("d", "a", 9.0))
    places = villages(45.0, 45.1, 45.12, 44.98)
    matrix = SuppliedMatrix(asked, longest_minutes=10)
    assert matrix.trips(places, places, 10).untimed_origins.size == 0
    assert matrix.trips(places, places, 30).untimed_origins.tolist() == [0, 1, 2, 3]


@deterministic
@given(
    st.lists(st.one_of(st.just(np.nan), st.floats(44, 48)), min_size=4, max_size=4),
    st.lists(minutes, min_size=12, max_size=12),
    st.floats(1, 90),
)
def test_who_is_untimed_is_whom_two_loops_find(
    latitudes: list[float], cells: list[float | None], longest_minutes: float
) -> None:
    """The table does not say how far it goes. None is a row that it does not have."""
    places = villages(*latitudes)
    ids = places["id"].tolist()
    pairs = dict(zip(itertools.permutations(ids, 2), cells, strict=True))
    rows = [(a, b, cell) for (a, b), cell in pairs.items() if cell is not None]
    trips = SuppliedMatrix(table(*rows)).trips(places, places, longest_minutes)
    where = dict(zip(ids, latitudes, strict=True))
    unknown, known = [], []
    for (a, b), cell in pairs.items():
        apart = float(haversine_km(3.9, where[a], 3.9, where[b])) / FASTEST_KMH * 60
        if not apart > longest_minutes:
            (unknown if cell is None or np.isnan(cell) else known).append((a, b))
    lost = {a for a in ids if a not in {pair[0] for pair in known}}
    lost_too = {b for b in ids if b not in {pair[1] for pair in known}}
    left = [(a, b) for a, b in unknown if a not in lost and b not in lost_too]
    expected = {a for a, _ in left} | {a for a in lost if any(a == pair[0] for pair in unknown)}
    expected_too = {b for _, b in left}
    expected_too |= {b for b in lost_too if any(b == pair[1] for pair in unknown)}
    assert {ids[k] for k in trips.untimed_origins} == expected
    assert {ids[k] for k in trips.untimed_destinations} == expected_too
    near = {pair for pair, cell in pairs.items() if cell is not None and cell <= longest_minutes}
    near |= {(a, a) for a in ids}
    found = zip(trips.origin.tolist(), trips.destination.tolist(), strict=True)
    assert [(ids[i], ids[j]) for i, j in found] == sorted(near)


def test_a_whole_table_gives_back_what_it_was_made_of() -> None:
    """A matrix of straight lines answers as the straight line does."""
    places = villages(45.0, 45.1, 45.25, 45.3)
    points = places[["longitude", "latitude"]].to_numpy()
    dense = straight_line_minutes(points, points, 1.4, 50)
    rows = [
        (a, b, dense[i, j])
        for (i, a), (j, b) in itertools.product(enumerate(places["id"]), repeat=2)
    ]
    supplied = SuppliedMatrix(table(*rows)).trips(places, places, 30)
    straight = StraightLine(1.4, 50, 0.3).trips(places, places, 30)
    for name in ("origin", "destination", "minutes", "untimed_origins"):
        np.testing.assert_array_equal(getattr(supplied, name), getattr(straight, name))


def test_origins_and_destinations_may_be_others() -> None:
    """Cells of a grid to villages: what the table does not name is untimed, or out of reach."""
    grid = villages(45.0, 45.1).assign(id=["cell_1", "cell_2"])
    asked = table(("cell_1", "a", 12.0), ("cell_1", "b", 7.0))
    places = villages(45.0, 45.1)
    trips = SuppliedMatrix(asked).trips(grid, places, 30)
    assert (trips.minutes.tolist(), trips.untimed_origins.tolist()) == ([12.0, 7.0], [1])
    assert trips.untimed_destinations.size == 0
    declared = SuppliedMatrix(asked, longest_minutes=30).trips(grid, places, 30)
    assert declared.untimed_origins.size == 0


def test_a_matrix_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        SuppliedMatrix(table(("a", "b", -1.0)))
    with pytest.raises(ValueError, match="twice"):
        SuppliedMatrix(table(("a", "b", 1.0), ("a", "b", 2.0)))
