"""The ways between places, kept from one service to the next."""

from __future__ import annotations


def test_shorter_trips_are_taken_from_longer_ones(scattered, roads_between):
    ways, _demand, _supply = scattered(200, seed=4)
    longer = ways.trips(30.0)
    shorter = ways.trips(10.0)
    alone = roads_between(ways.origins[["longitude", "latitude"]]).trips(10.0)
    assert len(shorter.minutes) < len(longer.minutes)
    for name in ("origin", "destination", "minutes"):
        assert (getattr(shorter, name) == getattr(alone, name)).all()
