"""The parts of the data page that are drawn anew when something has come of a refresh."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dash import html
from dash.development.base_component import Component

from dashboard.components.changes import waiting_release
from dashboard.components.held import held_rows
from dashboard.components.provenance import levels_that_disagree, source_list
from dashboard.components.publications import publications
from dashboard.components.refreshes import (
    last_refresh,
    past_runs,
    published_release,
    release_issues,
)
from dashboard.components.source_calendar import source_calendar
from dashboard.pages import Desk, View
from geodata.state import StateError

#: Those of the house, in the order of the outputs.
DESK_PARTS: Mapping[str, Callable[[Desk], list[Component]]] = {
    "waiting": waiting_release,
    "held": held_rows,
    "run": last_refresh,
    "publications": publications,
    "calendar": source_calendar,
    "runs": past_runs,
}
#: Those of its release, in the order of the outputs, after those of the house.
RELEASE_PARTS: Mapping[str, Callable[[View], list[Component]]] = {
    "release": published_release,
    "sources": source_list,
    "issues": release_issues,
    "levels": levels_that_disagree,
}


def desk_parts(desk: Desk) -> dict[str, list[Component]]:
    """What needs no release, by region; a region of a state that cannot be read says so."""
    made = {}
    for name, drawn in DESK_PARTS.items():
        try:
            made[name] = drawn(desk)
        except StateError as error:
            made[name] = [html.P(desk.words.of(error.message), className="remark")]
    return made


def release_parts(view: View) -> dict[str, list[Component]]:
    """What is said of the published release, by region."""
    return {name: drawn(view) for name, drawn in RELEASE_PARTS.items()}
