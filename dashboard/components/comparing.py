"""What the browser and the server answer when a reader chooses what to compare with."""

from __future__ import annotations

from collections.abc import Callable

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard.components.chosen_areas import FIND_ID, FOUND_ID, found_areas
from dashboard.components.comparison import AGAINST_ID, TARGET_ID
from dashboard.pages import Desk, Sight

_NAMESPACE = "vigie_selection"


def register(app: Dash, _desk_of: Callable[[str], Desk], sight: Sight) -> None:
    """A choice and a target become the address; a name sought lists the areas that have it."""
    for function, control in (("choose", AGAINST_ID), ("aim", TARGET_ID)):
        app.clientside_callback(
            ClientsideFunction(_NAMESPACE, function),
            Output("location", "search", allow_duplicate=True),
            Input(control, "value"),
            State("map-shown", "data"),
            prevent_initial_call=True,
        )

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
