"""The parameters that the engine of a release used, as the release tells them, and their words."""

from __future__ import annotations

import json
from dataclasses import dataclass

from dashboard import data
from dashboard.pages import View
from dashboard.reaching import Travelled, travelled
from geodata.catalogue.nouns import Indicator


@dataclass(frozen=True, slots=True)
class Engine:
    """How far the engine looked, what weighed how much, and how trips were timed."""

    upper_minutes: tuple[float, ...]
    weights: tuple[float, ...]
    travelled: Travelled
    declared_on: str

    @property
    def threshold_minutes(self) -> float:
        """The longest trip that counted, in minutes."""
        return self.upper_minutes[-1]


def engine_of(view: View, indicator: Indicator) -> Engine:
    """What was declared for an indicator of the engine, from the lineage of the release."""
    lineages = data.lineages(view.principal, view.release).set_index("indicator")
    parameters = str(lineages.at[indicator.id, "parameters"])
    told, how = json.loads(parameters), travelled([parameters])
    assert how is not None  # an indicator of the engine
    return Engine(
        upper_minutes=tuple(told["upper_minutes"]),
        weights=tuple(told["weights"]),
        travelled=how,
        declared_on=told["declared_on"],
    )


def travel_words(view: View, key: str, how: Travelled) -> str:
    """How trips were timed, in the words of ``key``."""
    words = view.words
    return words(
        key,
        error=words.number(100 * how.error_share),
        detour=words.plain(how.detour_factor or 1.0),
        speed=words.number(how.speed_kmh or 0.0),
    )


def drawn_words(view: View) -> str:
    """How the interval of a gap of the selected service is drawn, and what it varies."""
    words, how = view.words, _travelled(view)
    capacity = view.catalogue.services[view.selection.service].capacity_error
    return words(
        "gaps.drawn",
        travel=travel_words(view, f"gaps.drawn_travel_{how.kind}", how),
        capacity=words.number(100 * capacity),
    )


def nearest_words(view: View) -> str:
    """What the minutes to the nearest place are, and how sure."""
    how = _travelled(view)
    return travel_words(view, f"gaps.nearest_{how.kind}", how)


def _travelled(view: View) -> Travelled:
    how = data.travelled(view.principal, view.release)
    assert how is not None  # a release with gaps has trips
    return how
