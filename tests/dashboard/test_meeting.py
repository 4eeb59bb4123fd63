"""The meeting view: pinned, plain, the same figures as the page, in both languages and themes."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/fr/reunion?level=epci", "/en/meeting?level=commune"])
def test_it_is_pinned_has_no_barrier_and_fits_a_phone(page, site, sideways, address, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(site + address)
    assert "release=000001-" in page.url
    found = Axe().run(page)
    assert found.response["violations"] == [], found.generate_report()
    assert page.locator("input, select, button").count() == 0
    page.set_viewport_size({"width": 390, "height": 844})
    assert sideways(page) == []
    page.set_viewport_size({"width": 900, "height": 700})
    page.emulate_media(color_scheme="light")


#: The contrast (WCAG) of a colour of an element with the ground of another.
CONTRAST = """([one, part, other]) => {
    const shine = (text) => {
        const [r, g, b] = text.match(/[0-9.]+/g).slice(0, 3).map((value) => {
            const share = value / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const of = (selector, name) => getComputedStyle(document.querySelector(selector))[name];
    const [low, high] = [shine(of(one, part)), shine(of(other, "backgroundColor"))].sort(
        (first, second) => first - second
    );
    return (high + 0.05) / (low + 0.05);
}"""


def test_it_has_the_theme_that_a_person_chose_and_so_has_its_map(page, site):
    ground = "getComputedStyle(document.body).backgroundColor"
    page.emulate_media(color_scheme="light")
    page.goto(f"{site}/fr/methodes")
    page.get_by_role("button", name="Thème sombre").click()
    page.goto(f"{site}/fr/reunion?level=epci")
    assert page.evaluate(ground) == "rgb(20, 24, 30)"
    map_ground = page.locator(".drawing .map-ground")
    expect(map_ground).to_have_css("fill", "none")
    assert page.evaluate(CONTRAST, [".drawing .map-bar text", "fill", "body"]) >= 4.5
    # On paper it is light, whoever chose what.
    page.emulate_media(media="print")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.emulate_media(media="screen", color_scheme="dark")
    page.evaluate("localStorage.setItem('vigie-theme', 'light')")
    page.reload()
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.emulate_media(color_scheme="light")


def test_on_a_phone_each_row_is_a_block_that_names_its_values(page, site):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site}/fr/reunion?level=epci")
    frame = page.locator(".ranking .scroll").bounding_box()
    cells = page.locator(".ranking tbody tr").first.locator("th, td")
    expect(cells).to_have_count(6)
    for cell in cells.all():
        box = cell.bounding_box()
        assert box["x"] >= frame["x"]
        assert box["x"] + box["width"] <= frame["x"] + frame["width"] + 0.5
    named = cells.evaluate_all(
        "cells => cells.map(cell => getComputedStyle(cell, '::before').content)"
    )
    assert '"Besoin non couvert" / ""' in named, "seen, and heard once: as the heading"
    expect(page.get_by_role("columnheader", name="Besoin non couvert")).to_have_count(1)
    # A name on the map is large enough to be read, or is not there.
    sizes = page.locator(".drawing text:visible").evaluate_all(
        "texts => texts.map(text => parseFloat(getComputedStyle(text).fontSize)"
        " * text.ownerSVGElement.getScreenCTM().a)"
    )
    assert sizes
    assert min(sizes) >= 11


@pytest.mark.parametrize("level", ["commune", "epci", "departement"])
def test_it_is_whole_on_the_screen_of_a_room(page, site, level):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{site}/fr/reunion?level={level}")
    assert page.evaluate("document.documentElement.scrollHeight") <= 900


def test_its_figures_are_those_of_the_gap_page(page, site):
    page.goto(f"{site}/fr/reunion?level=epci")
    shown = [text.strip() for text in page.locator(".figures strong").all_inner_texts()]
    page.get_by_role("link", name="Rouvrir cette page").click()
    expect(page.locator("#gaps-figures .figure")).to_have_count(5)
    assert page.locator("#gaps-figures .figure-value").all_inner_texts() == shown
    expect(page.locator("#gaps-remarks")).to_contain_text("Vue figée")
    page.get_by_role("link", name="Vue de réunion").click()
    expect(page.locator("h1")).to_contain_text("Haute-Loire")


def test_it_is_kept_as_a_file_that_needs_nobody(page, site, tmp_path):
    page.goto(f"{site}/fr/reunion?level=epci")
    shown = page.locator("main").inner_text()
    with page.expect_download() as event:
        page.get_by_role("link", name="Garder cette page").click()
    assert event.value.suggested_filename.startswith("vigie_haute_loire_")
    assert event.value.suggested_filename.endswith(".html")
    kept = tmp_path / "kept.html"
    event.value.save_as(kept)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(kept.as_uri())
    assert page.locator("main").inner_text() == shown
    assert page.locator("script").count() == 0
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 30)"
    page.emulate_media(color_scheme="light")
    said = page.locator("footer").inner_text()
    assert "elle dira toujours la même chose" in said
    assert "Garder cette page" not in said
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    page.set_viewport_size({"width": 1440, "height": 900})
    wide = page.evaluate("document.querySelector('.pair').getBoundingClientRect().width")
    assert wide > 1000, "it has its style"


def test_the_file_is_found_without_naming_a_release(page, site):
    answer = page.request.get(f"{site}/en/meeting.html?level=epci")
    assert answer.status == 200
    assert "release=000001-" in answer.url
    assert answer.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize("address", ["/fr/reunion?level=epci", "/en/meeting?level=commune"])
def test_it_prints_on_one_sheet(page, site, address):
    page.goto(site + address)
    sheet = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1


def test_a_release_that_is_not_kept_is_said_and_no_other_is_shown(page, site):
    answer = page.request.get(f"{site}/en/meeting?level=epci&release=000009-lost")
    assert answer.status == 410
    told = answer.text()
    assert "000009-lost" in told
    assert "<svg" not in told
    assert page.request.get(f"{site}/fr/ecarts.pdf?release=000009-lost").status == 410


@pytest.mark.parametrize(
    ("address", "kind", "start"),
    [
        ("/fr/carte.svg?level=epci", "image/svg+xml", b"<svg"),
        ("/en/map.png?level=epci", "image/png", b"\x89PNG"),
        ("/fr/ecarts.pdf?level=epci", "application/pdf", b"%PDF"),
        ("/en/profile.pdf?level=epci&area=244301123", "application/pdf", b"%PDF"),
    ],
)
def test_each_file_comes_under_a_name_that_says_what_it_is(page, site, address, kind, start):
    answer = page.request.get(site + address)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith(kind)
    assert answer.body().startswith(start)
    assert "vigie_haute_loire_" in answer.headers["content-disposition"]
    assert "000001-" in answer.headers["content-disposition"]
