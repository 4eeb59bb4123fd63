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
    assert page.locator("script, input, select, button").count() == 0
    page.set_viewport_size({"width": 390, "height": 844})
    assert sideways(page) in ([], ["scroll"])


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
