"""The parameters that the engine of a release used, as the release tells them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from dashboard import data
from dashboard.pages import View
from geodata.catalogue.nouns import Indicator


@dataclass(frozen=True, slots=True)
class Engine:
    """How far the engine looked, what weighed how much, and how trips were estimated."""

    upper_minutes: tuple[float, ...]
    weights: tuple[float, ...]
    detour_factor: float
    speed_kmh: float
    declared_on: str

    @property
    def threshold_minutes(self) -> float:
        """The longest trip that counted, in minutes."""
        return self.upper_minutes[-1]


def engine_of(view: View, indicator: Indicator) -> Engine:
    """What was declared for an indicator of the engine, from the lineage of the release."""
    lineages = data.lineages(view.principal, view.release).set_index("indicator")
    told = json.loads(str(lineages.at[indicator.id, "parameters"]))
    return Engine(
        upper_minutes=tuple(told["upper_minutes"]),
        weights=tuple(told["weights"]),
        detour_factor=told["detour_factor"],
        speed_kmh=told["speed_kmh"],
        declared_on=told["declared_on"],
    )
