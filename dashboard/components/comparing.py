"""What the browser and the server answer when a reader chooses what to compare with."""

from __future__ import annotations

from collections.abc import Callable

from dash import Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard.components.chosen_areas import FIND_ID, FOUND_ID, found_areas
from dashboard.pages import Desk, Sight


def register(app: Dash, _desk_of: Callable[[str], Desk], sight: Sight) -> None:
    """A name sought lists the areas that have it."""

    @app.callback(  # type: ignore[untyped-decorator]
        Output(FOUND_ID, "children"),
        Input(FIND_ID, "value"),
        State("location", "pathname"),
        State("location", "search"),
        prevent_initial_call=True,
    )
    def find(text: object, path: object, search: object) -> list[Component]:
        if not (isinstance(text, str) and isinstance(path, str)):
            raise PreventUpdate
        return found_areas(sight(path, search if isinstance(search, str) else ""), text)
