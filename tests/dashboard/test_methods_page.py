"""The methods page in a real browser: every indicator told, the search, the glossary."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from dashboard.glossary import glossary

ENTRIES = "#methods-entries .entry"


def visit(page, address):
    page.goto(address)
    page.locator(ENTRIES).first.wait_for()


def test_every_indicator_and_every_word_has_its_entry(page, site, words):
    visit(page, f"{site}/fr/methodes")
    ids = page.locator(ENTRIES).evaluate_all("all => all.map(one => one.id)")
    assert ids.count("indicator-childcare_unmet") == 1
    assert {f"indicator-{name}" for name in (*words.indicators, *words.awaited)} == set(ids)
    assert page.locator("#methods-entries .term").count() == len(glossary())
    described, *parts = map(int, re.findall(r"\d+", page.locator(".subtitle").inner_text()))
    assert described == sum(parts) == len(ids)


def test_an_entry_opens_by_the_keyboard_and_tells_how_it_is_computed(page, site):
    visit(page, f"{site}/fr/methodes")
    entry = page.locator("#indicator-childcare_raw_coverage")
    entry.locator("summary").focus()
    page.keyboard.press("Enter")
    said = entry.locator(".told")
    expect(said).to_contain_text("places pour 100 enfants de moins de 3 ans")
    expect(said).to_contain_text("100 × (Places d’accueil collectif")
    expect(said).to_contain_text("Communes (")
    expect(said).to_contain_text("un 31 décembre")
    entry.get_by_role("link", name="Voir sur la carte").click()
    page.wait_for_url("**/fr/carte?indicator=childcare_raw_coverage*")


def test_the_search_forgives_accents_and_says_how_many_it_found(page, site):
    visit(page, f"{site}/fr/methodes")
    page.locator("#methods-search").fill("pauvrete MONOPARENTALES")
    shown = page.locator(f"{ENTRIES}:visible")
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("Taux de pauvreté")
    expect(page.locator("#methods-found")).to_have_text("1 fiche")
    page.locator("#methods-search").fill("zzz")
    expect(page.locator("#methods-found")).to_contain_text("Rien ne contient ces mots")
    expect(page.locator("#methods-entries .chapter:visible")).to_have_count(0)
    page.locator("#methods-search").fill("")
    expect(shown.first).to_be_visible()
    expect(page.locator("#methods-found")).to_have_text("")


@pytest.mark.parametrize("path", ["/fr/methodes", "/en/methods"])
def test_no_barrier_is_found_and_a_phone_can_read_it(page, site, path, sideways):
    visit(page, site + path)
    page.locator(f"{ENTRIES} summary").first.click()
    found = Axe().run(page)
    assert found.response["violations"] == [], found.generate_report()
    page.set_viewport_size({"width": 390, "height": 844})
    assert sideways(page) == []
