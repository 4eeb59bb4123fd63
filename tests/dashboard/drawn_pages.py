"""What the server draws for a page, as a browser asks for it, and how to find a part of it."""

from __future__ import annotations

import json

from dashboard.app import create_app


def drawn_by(client, path, search=""):
    """What the server of a client draws for an address."""
    answer = client.post(
        "/_dash-update-component",
        json={
            "output": "shell.children",
            "outputs": {"id": "shell", "property": "children"},
            "inputs": [{"id": "location", "property": "pathname", "value": path}],
            "state": [{"id": "location", "property": "search", "value": search}],
            "changedPropIds": ["location.pathname"],
        },
    )
    assert answer.status_code == 200
    return json.dumps(answer.get_json(), ensure_ascii=False)


def opened(settings, path="/fr/donnees", search=""):
    """What a new app draws for an address."""
    return drawn_by(create_app(settings).server.test_client(), path, search)


def region(drawn, name):
    """What stands in the part of a page with that id, as text; ``drawn`` is `opened`."""

    def sought(part):
        if isinstance(part, list):
            return [found for one in part for found in sought(one)]
        if not isinstance(part, dict):
            return []
        if part.get("props", {}).get("id") == name:
            return [json.dumps(part, ensure_ascii=False)]
        return sought(list(part.values()))

    (found,) = sought(json.loads(drawn))
    return found


def cells_of(drawn, table):
    """The rows of the tables of a class, wherever they are in what was drawn."""
    if isinstance(drawn, list):
        return [row for part in drawn for row in cells_of(part, table)]
    if not isinstance(drawn, dict):
        return []
    properties = drawn.get("props", {})
    if drawn.get("type") == "Table" and table in properties.get("className", "").split():
        return properties["children"][-1]["props"]["children"]
    return [row for part in drawn.values() for row in cells_of(part, table)]
