"""No barrier on any page, in either language, light or dark (axe-core, WCAG 2.2 AA)."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from dashboard.addresses import PATHS

#: What each page is opened with: an area where it tells of one.
SEARCHES = {
    "map": "level=commune&area=43157",
    "profile": "level=epci&area=200073419",
    "chain": "level=epci&area=200073419",
    "compare": "level=epci&area=200073419",
}


#: What the theme may change: colours, and what is told by them.
OF_COLOUR = {"runOnly": {"type": "tag", "values": ["cat.color"]}}


@pytest.fixture
def lit(page):
    """A page whose machine may be made dark; light again for the next."""
    yield page
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize(("language", "name"), sorted(PATHS))
def test_no_barrier_is_found(lit, site, language, name):
    lit.goto(f"{site}{PATHS[language, name]}?{SEARCHES.get(name, '')}")
    lit.locator("main h1").first.wait_for()
    if lit.locator(".area-map").count():
        lit.locator("[data-painted]").first.wait_for(timeout=60_000)
    found = Axe().run(lit)
    assert found.response["violations"] == [], found.generate_report()
    lit.emulate_media(color_scheme="dark")
    expect(lit.locator("html")).to_have_attribute("data-theme", "dark")
    found = Axe().run(lit, options=OF_COLOUR)
    assert found.response["violations"] == [], found.generate_report()
    assert found.response["passes"], "the rules of colour did run"
