"""Readers of the dashboard, for locust: each opens a page, then changes the map every few seconds.

Run by `tests.load`, not by itself. What Dash's renderer asks of the server is asked here too: the
callbacks are taken from the app's own list of them, so that they are those of the day.
"""

from __future__ import annotations

import json
import os
import random
from typing import Any, ClassVar
from urllib.parse import urlencode

from locust import FastHttpUser, between, events, task

from tests.load_script import Script, script

#: Where the queries to choose from are told.
QUERIES = "VIGIE_LOAD_QUERIES"
#: What each request is called in the figures: a change of the map is its callback and its values.
INTERACTION, VALUES, OPENING, PROFILE, GAPS = (
    "map: callback",
    "map: values",
    "open",
    "profile",
    "gaps",
)


class Reader(FastHttpUser):  # type: ignore[misc]
    """Somebody who looks at the map, mostly, and at the profile and the gaps now and then."""

    wait_time = between(2, 6)
    network_timeout = 30.0
    told: ClassVar[Script | None] = None

    def on_start(self) -> None:
        """Open the map as a browser does."""
        if Reader.told is None:
            shown = json.loads(os.environ[QUERIES])
            Reader.told = script(lambda path: self.client.get(path, name="script").text, shown)
        self.script = Reader.told
        self.page("map", OPENING)

    @task(8)
    def change(self) -> None:
        """Choose another indicator: the server draws what is around the map, then sends values."""
        shown = random.choice(self.script.shown)
        with self.client.post(
            "/_dash-update-component",
            json=self.script.update("map", f"?{urlencode(shown)}"),
            name=INTERACTION,
            catch_response=True,
        ) as answer:
            url = _values_url(answer.json()) if answer.status_code == 200 else None
            if url is None:
                answer.failure(f"no values in the answer ({answer.status_code})")
                return
            answer.success()
        self.client.get(url, name=VALUES)

    @task(1)
    def profile(self) -> None:
        """Open the profile of an area."""
        self.page("profile", PROFILE)

    @task(1)
    def gaps(self) -> None:
        """Open the gap page."""
        self.page("gaps", GAPS)

    def page(self, page: str, name: str) -> None:
        """A page as a browser opens it: its frame, then what fills it."""
        path = self.script.paths[page]
        self.client.get(path, name=f"{name}: page")
        referer = {"Referer": f"{self.host}{path}"}
        self.client.get("/_dash-layout", headers=referer, name=f"{name}: drawn")


def _values_url(answer: dict[str, Any]) -> str | None:
    """The address of the values that the map is told to show."""
    told = answer.get("response", {}).get("map-areas", {})
    return told.get("valuesUrl")


@events.quitting.add_listener  # type: ignore[untyped-decorator]
def _leave(environment: Any, **_: Any) -> None:
    """Failures are told in the figures; locust itself has done its work."""
    environment.process_exit_code = 0
