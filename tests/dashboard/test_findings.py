"""Findings of every EPCI of the release, held against the figures that they tell of."""

from __future__ import annotations

import math
import re

import pytest
from flask import g

from dashboard.app import create_app
from dashboard.findings import MOST, findings
from dashboard.profile import lines
from geodata.model import AreaKey, Direction, Principal


@pytest.fixture(scope="module")
def view_of(release_data, settings_of):
    """The view of an address, as a director has it."""
    from dashboard.app import _view_of

    settings = settings_of(release_data)
    app = create_app(settings)
    with app.server.test_request_context("/"):
        g.principal = Principal("director", "director", (settings.territory,))
        yield _view_of(settings)


def epci(view):
    return [AreaKey("epci", name) for name in sorted(view.offer.areas["epci"])]


def test_a_difference_that_is_told_is_one_that_the_interval_shows(view_of):
    told = 0
    first = view_of("/fr/profil", "level=epci")
    for key in epci(first):
        view = view_of("/fr/profil", f"level=epci&area={key.area_id}")
        known = {line.indicator.id: line for line in lines(view, key)}
        found = findings(view, key, list(known.values()))
        assert len(found) <= MOST
        named = [one.indicator for one in found if one.indicator]
        assert len(set(named)) == len(named)
        for finding in (one for one in found if one.kind == "differs"):
            line = known[finding.indicator]
            told += 1
            is_better_low = line.indicator.direction is Direction.WORSE
            assert line.low > line.whole if is_better_low else line.high < line.whole
            assert line.concern == 0
            assert not math.isnan(line.value)
            assert str(line.period) in finding.text
            assert re.search(r"95\s%", finding.caveat)
    assert told


def test_the_whole_territory_is_held_against_the_country(view_of):
    view = view_of("/fr/profil", "")
    key = view.catalogue.territory.area
    found = findings(view, key, lines(view, key))
    assert any("France :" in one.text for one in found)
    assert not any("Haute-Loire :" in one.text for one in found)
