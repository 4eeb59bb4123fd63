"""The screen and its file, cell by cell, in a real browser; and the menu that offers it."""

from __future__ import annotations

import io
import re
from pathlib import Path

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.typing_spaces import typed

#: The texts of a table, each cell without the unit or interval below it.
_CELLS = """table => [...table.querySelectorAll("tbody tr")].map(row =>
    [...row.children].map(cell => {
        const bare = cell.cloneNode(true);
        bare.querySelectorAll(".unit, .hidden, .swatch").forEach(part => part.remove());
        return bare.textContent.trim();
    }))"""
PAGES = {
    "map": "/fr/carte?indicator=poverty_rate&level=epci",
    "gaps": "/fr/ecarts?level=epci",
    "priorities": "/en/priorities?level=epci",
    "chain": "/fr/chaine?level=epci",
    "compare": "/en/compare?indicator=rsa_share&level=epci&form=heat",
    "profile": "/fr/profil?level=epci&area=244301123",
}


def downloaded(page, form, other=""):
    """The bytes of the file that the menu of the open page leads to."""
    menu = page.locator("details.downloads")
    if menu.get_attribute("open") is None:
        menu.locator("summary").click()
    name = other or next(name for name in PAGES if page.locator(f"#{name}-downloads").count())
    with page.expect_download() as told:
        page.locator(f"a[id$='-{name}-{form}']").click()
    return Path(told.value.path()).read_bytes()


def workbook_rows(content):
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]


def number(text, language):
    """A number of the screen, or its text where it is none."""
    bare = text.replace("\u2212", "-").replace("+", "").replace("\u202f", "").replace("\u00a0", "")
    bare = bare.replace(",", ".") if language == "fr" else bare.replace(",", "")
    try:
        return float(bare)
    except ValueError:
        return text


@pytest.mark.parametrize(
    ("address", "language"),
    [
        ("/fr/carte?indicator=poverty_rate&level=commune", "fr"),
        ("/en/map?indicator=median_income&level=commune", "en"),
        ("/fr/carte?indicator=childcare_gap&level=commune", "fr"),
    ],
)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_map_s_table_and_its_file(page, site, csv_rows, address, language, form):
    page.goto(site + address)
    page.locator("#map-table summary").click()
    screen = page.locator("#map-table table").evaluate(_CELLS)
    content = downloaded(page, form)
    rows = csv_rows(content, language)[1:] if form == "csv" else workbook_rows(content)
    assert len(screen) == len(rows) == 257
    for said, written in zip(screen, rows, strict=True):
        rank, name, _code, value, _unit, status, to_know = written[:7]
        told = [
            number(str(cell), language if form == "csv" else "en")
            if isinstance(cell, str)
            else cell
            for cell in (rank or "", value)
        ]
        assert [number(said[0], language), number(said[2], language)] == told
        assert [said[1], said[3], said[4]] == [name, status, to_know or ""]


@pytest.mark.parametrize(
    "query", ["level=commune&sort=-gap&only=shortage", "level=epci&sort=-unmet_rate"]
)
def test_the_gap_table_and_its_workbook(page, site, query):
    page.goto(f"{site}/fr/ecarts?{query}")
    screen = page.locator("#gaps-table table").evaluate(_CELLS)
    rows = workbook_rows(downloaded(page, "xlsx"))
    assert len(screen) == len(rows) > 0
    for said, written in zip(screen, rows, strict=True):
        assert [number(said[0], "fr"), said[1]] == written[:2]
        # Rank, name and nine figures; then two ends of an interval for one, and a probability.
        assert [number(text, "fr") for text in said[2:11]] == written[2:11]
        low, high = said[11].split("\u00a0à ")
        assert [number(low, "fr"), number(high, "fr")] == written[11:13]
        assert number(said[13], "fr") == written[14]


def test_the_order_and_its_workbook(page, site):
    page.goto(f"{site}/en/priorities?level=epci&weights=10,5,0,5,5")
    screen = page.locator("#priorities-table .order-table").evaluate(_CELLS)
    page.locator("#priorities-table details summary").click()
    points = page.locator("#priorities-table details table").evaluate(_CELLS)
    rows = workbook_rows(downloaded(page, "xlsx"))
    assert len(screen) == len(points) == len(rows) == 11
    for said, made_of, written in zip(screen, points, rows, strict=True):
        rank, name, _code, low, high, fifth, _top, score = written[:8]
        assert [number(said[0], "en"), said[1]] == [rank, name]
        assert said[2] == (f"{low:.0f} to {high:.0f}" if low != high else f"{low:.0f}")
        share = number(said[3].removesuffix("%").strip(), "en")
        assert isinstance(share, str) or abs(share - fifth) <= 0.5
        assert number(said[5], "en") == score
        parts = written[10:25]
        for cell, got, value in zip(made_of[1:6], parts[::3], parts[1::3], strict=True):
            first, _, second = cell.partition(" (")
            assert [number(first, "en"), number(second.rstrip(")"), "en")] == [got, value]


def test_the_chains_and_their_workbook(page, site):
    page.goto(f"{site}/fr/chaine?level=epci")
    page.locator("#chain-table tbody tr").first.wait_for()
    screen = page.locator("#chain-table table").evaluate(
        """table => [...table.querySelectorAll("tbody tr")].map(
            row => [...row.children].map(cell => cell.textContent.trim()))"""
    )
    rows = workbook_rows(downloaded(page, "xlsx"))
    for said, written in zip(screen, rows, strict=True):
        assert said == [written[0], written[2], *written[4:]]


@pytest.mark.parametrize("form", ["heat", "scatter", "funnel"])
def test_what_is_compared_and_its_workbook(page, site, form):
    page.goto(f"{site}/en/compare?indicator=rsa_share&level=epci&form={form}")
    table = page.locator("#compare-figure table").first
    table.wait_for(state="attached")
    screen = table.evaluate(_CELLS)
    rows = workbook_rows(downloaded(page, "xlsx"))
    assert len(screen) == len(rows) == 11
    places = {"heat": range(2, 200, 3), "scatter": (2, 7), "funnel": (2,)}[form]
    for said, written in zip(screen, rows, strict=True):
        values = [written[place] for place in places if place < len(written)]
        told = [number(text, "en") for text in said[1:]]
        assert [said[0], *told[: len(values)]] == [written[0], *values]
        if form == "funnel":
            assert said[2] == written[7]


def test_a_profile_and_its_workbook(page, site):
    page.goto(f"{site}/fr/profil?level=epci&area=244301123")
    page.locator("#profile-spine table").first.wait_for()
    screen = [
        row
        for table in page.locator("#profile-spine table").all()
        for row in table.evaluate(_CELLS)
    ]
    rows = workbook_rows(downloaded(page, "xlsx"))
    assert len(screen) == len(rows)
    for said, written in zip(screen, rows, strict=True):
        beside = ["–" if cell is None else cell for cell in written[10:12]]
        assert [typed(said[0]), *(number(text, "fr") for text in said[1:4])] == [
            *written[1:3],
            *beside,
        ]


def test_every_form_of_the_map_is_downloaded_by_its_link(page, site):
    page.goto(site + PAGES["map"])
    begins = {"csv": b"\xef\xbb\xbf", "xlsx": b"PK", "gpkg": b"SQLite format 3\0"}
    begins |= {"geojson": b'{"type":"FeatureCollection"', "parquet": b"PAR1"}
    for form, begun in begins.items():
        assert downloaded(page, form).startswith(begun)
    book = openpyxl.load_workbook(io.BytesIO(downloaded(page, "xlsx", "level")))
    assert book.worksheets[0].max_row == 12
    assert book.worksheets[0].max_column > 80


@pytest.mark.parametrize("name", PAGES)
def test_the_menu_is_for_keyboards_too_and_no_barrier_is_found(page, site, name, sideways):
    page.goto(site + PAGES[name])
    menu = page.locator(f"#{name}-downloads")
    menu.locator("summary").focus()
    links = menu.get_by_role("link")
    expect(links).to_have_count(0)
    page.keyboard.press("Enter")
    expect(links.first).to_be_visible()
    page.keyboard.press("Tab")
    expect(links.first).to_be_focused()
    for link in links.all():
        assert link.get_attribute("download") == ""
        assert "level=epci" in link.get_attribute("href")
    found = Axe().run(page)
    assert found.response["violations"] == [], found.generate_report()
    page.set_viewport_size({"width": 390, "height": 844})
    # What is wider than a phone moves within its own frame; the page does not.
    assert all("scroll" in part for part in sideways(page))
    box = menu.locator("ul").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


def test_the_menu_follows_the_selection_and_is_not_printed(page, site):
    page.goto(site + PAGES["map"])
    page.locator("#map-downloads summary").click()
    page.locator("#map-choice-level").select_option("commune")
    expect(page.locator("#map-map-xlsx")).to_be_visible()
    expect(page.locator("#map-map-xlsx")).to_have_attribute("href", re.compile("level=commune"))
    page.emulate_media(media="print")
    expect(page.locator("#map-downloads")).to_be_hidden()
