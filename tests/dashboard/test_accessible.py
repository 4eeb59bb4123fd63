"""No barrier on any page, in either language, light or dark (axe-core, WCAG 2.2 AA)."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from dashboard.addresses import PATHS

#: What each page is opened with: an area where it tells of one.
SEARCHES = {
    "map": "level=commune&area=43157",
    "profile": "level=epci&area=200073419",
    "chain": "level=epci&area=200073419",
    "compare": "level=epci&area=200073419",
}


@pytest.fixture(params=["light", "dark"])
def themed(page, request):
    page.emulate_media(color_scheme=request.param)
    yield page
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize(("language", "name"), sorted(PATHS))
def test_no_barrier_is_found(themed, site, language, name):
    page = themed
    page.goto(f"{site}{PATHS[language, name]}?{SEARCHES.get(name, '')}")
    page.locator("main h1").first.wait_for()
    if page.locator(".area-map").count():
        page.locator("[data-painted]").first.wait_for(timeout=60_000)
    found = Axe().run(page)
    assert found.response["violations"] == [], found.generate_report()
