"""One door for every route: the Host, the headers, and who asks."""

from __future__ import annotations

import pytest

from dashboard.access import is_loopback, principal
from dashboard.app import create_app

PATHS = [
    "/",
    "/fr/carte",
    "/_dash-layout",
    "/_dash-dependencies",
    "/assets/vigie.css",
    "/vendor/maplibre-gl.js",
    "/geo/none/7/65/45.pbf",
    "/values/none/a/b/c.bin",
    "/no/such/page",
]


@pytest.fixture(scope="module")
def client(release_data, settings_of):
    return create_app(settings_of(release_data)).server.test_client()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.168.1.4:8050"])
def test_every_route_refuses_a_name_that_is_not_this_machine(client, path, host):
    assert client.get(path, headers={"Host": host}, buffered=True).status_code == 403


def test_callbacks_refuse_it_too(client):
    answer = client.post("/_dash-update-component", json={}, headers={"Host": "evil.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:8050", "localhost", "[::1]:8050"])
def test_this_machine_is_let_in(client, host):
    assert client.get("/fr/carte", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_closes_the_browser_and_sets_no_cookie(client, path):
    answer = client.get(path, buffered=True)
    policy = answer.headers["Content-Security-Policy"]
    script = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
    assert "unsafe" not in script
    assert "'self'" in script
    assert "object-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in answer.headers


def test_who_asks_without_having_passed_the_door_may_read_nothing(release_data, settings_of):
    app = create_app(settings_of(release_data))
    with app.server.test_request_context("/"):
        assert principal().territories == ()


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("::1", True), ("LOCALHOST", True), ("0.0.0.0", False), ("", False)],
)
def test_is_loopback(host, expected):
    assert is_loopback(host) is expected
