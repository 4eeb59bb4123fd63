"""The search for an area, in a real browser: by keyboard alone, on each page."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

FIELD = "#area-search"
LIST = "#area-search-list"


def test_an_area_is_found_and_opened_by_keyboard_alone(page, site):
    page.goto(f"{site}/fr/carte?level=epci")
    page.locator(".panel h2, #map-panel h2").first.wait_for()
    page.locator(FIELD).focus()
    page.keyboard.type("st didier en")
    option = page.locator(f"{LIST} [role=option]")
    expect(option).to_have_count(1)
    expect(option).to_contain_text("commune · CC Loire et Semène")
    expect(page.locator(FIELD)).to_have_attribute("aria-expanded", "true")
    found = Axe().run(page)
    assert found.response["violations"] == [], found.generate_report()
    page.keyboard.press("Enter")
    page.wait_for_url("**/fr/carte?*area=43177*")
    assert "level=commune" in page.url
    expect(page.locator("h2", has_text="Saint-Didier-en-Velay").first).to_be_visible()
    expect(page.locator(FIELD)).to_have_value("")


def test_arrows_move_escape_closes_and_nothing_found_is_said(page, site):
    page.goto(f"{site}/en/gaps")
    page.locator(FIELD).fill("velay")
    options = page.locator(f"{LIST} [role=option]")
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator(LIST)).to_be_hidden()
    page.locator(FIELD).fill("zzzz")
    expect(page.locator(".area-search-told")).to_contain_text("No area bears this name")


@pytest.mark.parametrize("path", ["/fr/territoires.json", "/en/areas.json"])
def test_the_answer_is_areas_and_nothing_else(page, site, path):
    answer = page.request.get(f"{site}{path}?q=puy")
    areas = answer.json()["areas"]
    assert {frozenset(area) for area in areas} == {frozenset({"level", "area", "name", "said"})}
    assert page.request.get(f"{site}{path}").json() == {"areas": []}
