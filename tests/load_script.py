"""What a browser asks of the dashboard, made from the app's own list of callbacks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from dashboard import data
from dashboard.addresses import PATHS
from geodata.model import Principal
from geodata.settings import Settings

Callback = dict[str, Any]


@dataclass(frozen=True)
class Script:
    """The requests of a reader.

    Attributes:
        callbacks: as the app lists them.
        paths: of each page, in French.
        shown: queries of the map to choose from.
    """

    callbacks: tuple[Callback, ...]
    paths: dict[str, str]
    shown: tuple[dict[str, str], ...]

    def update(self, page: str, search: str) -> dict[str, Any]:
        """What redraws a page for another query."""
        told = {("location", "pathname"): self.paths[page], ("location", "search"): search}
        wanted = self._callback(f"{page}-navigation", "children")
        return self._asked(wanted, told, "location.search")

    def _callback(self, component: str, part: str) -> Callback:
        named = f"{component}.{part}"
        return next(c for c in self.callbacks if named in outputs(c["output"]))

    def _asked(
        self, callback: Callback, told: dict[tuple[str, str], str], changed: str
    ) -> dict[str, Any]:
        def filled(parts: list[dict[str, str]]) -> list[dict[str, Any]]:
            return [{**part, "value": told.get((part["id"], part["property"]))} for part in parts]

        named = [
            dict(zip(("id", "property"), o.rsplit(".", 1), strict=True))
            for o in outputs(callback["output"])
        ]
        return {
            "output": callback["output"],
            "outputs": named if callback["output"].startswith("..") else named[0],
            "inputs": filled(callback["inputs"]),
            "state": filled(callback["state"]),
            "changedPropIds": [changed],
        }


def outputs(written: str) -> list[str]:
    """The outputs of a callback as Dash writes them: ``a.b`` or ``..a.b...c.d..``."""
    return written[2:-2].split("...") if written.startswith("..") else [written]


def script(got: Callable[[str], str], shown: Iterable[dict[str, str]]) -> Script:
    """The script of the app that answers ``got``, a function from a path to its text."""
    callbacks = tuple(json.loads(got("/_dash-dependencies")))
    paths = {page: path for (language, page), path in PATHS.items() if language == "fr"}
    return Script(callbacks, paths, tuple(shown))


def queries(settings: Settings) -> list[dict[str, str]]:
    """A query of the map for each indicator that the current release offers."""
    offered = data.offer(
        Principal("load", "reader", (settings.territory,)), data.open_release(settings)
    )
    made = []
    for indicator, levels in offered.indicators.items():
        level = offered.default_level if offered.default_level in levels else next(iter(levels))
        made.append({"indicator": indicator, "level": level, "period": levels[level][-1]})
    return made
