"""What a browser prints: no control, every title, the whole figure, a matrix as wide as it is."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

CONTROLS = ".area-search, .native-select, .native-input, .navigation, .downloads, .button"


@pytest.fixture
def printed(page):
    page.emulate_media(media="print")
    yield page
    page.emulate_media(media="screen")


def boxes(sheet: bytes) -> list[tuple[float, float]]:
    """Width and height of each page of a PDF, in points."""
    found = re.findall(rb"/MediaBox\s*\[\s*0 0 ([0-9.]+) ([0-9.]+)\s*\]", sheet)
    return [(float(width), float(height)) for width, height in found]


@pytest.mark.parametrize(
    "path", ["carte", "profil", "ecarts", "priorites", "chaine", "comparer", "donnees", "methodes"]
)
def test_no_control_is_printed_and_nothing_is_wider_than_its_sheet(printed, site, path):
    printed.set_viewport_size({"width": 794, "height": 1123})
    printed.goto(f"{site}/fr/{path}")
    printed.wait_for_load_state("networkidle")
    assert [one.is_visible() for one in printed.locator(CONTROLS).all()].count(True) == 0
    if path != "chaine":  # its sheets lie on their side
        wide = printed.evaluate("document.documentElement.scrollWidth")
        assert wide <= 794


def test_a_catalogue_is_printed_by_its_names_and_what_is_open(printed, site):
    printed.goto(f"{site}/fr/methodes")
    names = printed.locator(".entry-name")
    expect(names.first).to_be_visible()
    opened = printed.locator(".entry").nth(1)
    opened.evaluate("entry => { entry.open = true; }")
    printed.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(opened.locator("dl").first).to_be_visible()
    assert printed.locator(".entry[open]").count() == 1


def test_what_is_folded_is_printed_open_under_its_title(printed, site):
    printed.goto(f"{site}/fr/profil?level=epci&area=200073419")
    folded = printed.locator("details", has=printed.locator("summary", has_text="Ce que disent"))
    expect(folded.locator("summary")).to_be_visible()
    expect(folded.locator("dl, ul").first).to_be_visible()


def test_the_matrix_lies_on_its_side_and_the_others_stand(page, site):
    page.goto(f"{site}/fr/chaine")
    expect(page.locator(".chain-matrix tbody tr").first).to_be_visible()
    assert all(width > height for width, height in boxes(page.pdf(prefer_css_page_size=True)))
    page.goto(f"{site}/fr/comparer")
    figure = page.locator(".compare-picture .main-svg").first
    expect(figure).to_be_visible()
    sheets = boxes(page.pdf(prefer_css_page_size=True, format="A4"))
    assert sheets
    assert all(width < height for width, height in sheets)
    scale = page.evaluate(
        "getComputedStyle(document.querySelector('.compare-picture')).getPropertyValue('--paper-scale')"
    )
    width = page.locator(".compare-picture").evaluate("one => one.clientWidth")
    assert float(scale) * width <= 691, "the whole figure is on the sheet"
