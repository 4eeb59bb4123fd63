"""The planner's path in a real browser: filter, reweigh, save, share, and find the same again."""

from __future__ import annotations

import re
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from dashboard.app import create_app
from geodata.release import current_release
from tests.dashboard.conftest import served

RANKED = "#priorities-table .order-table tbody tr"


@pytest.fixture(scope="module")
def house(release_data, settings_of, tmp_path_factory):
    """A house of our own: what is written there is seen by no other test."""
    data = tmp_path_factory.mktemp("planner") / "vigie"
    shutil.copytree(release_data, data)
    with served(create_app(settings_of(data)).server) as address:
        yield address, data


def visit(page, address):
    page.goto(address)
    page.locator(f"{RANKED}, #priorities-heading .note").first.wait_for()


def rows(page):
    return [re.sub(r"\s+", " ", text) for text in page.locator(RANKED).all_inner_texts()]


def test_the_order_says_who_is_first_for_sure(page, site):
    visit(page, f"{site}/fr/priorites?level=epci")
    expect(page.locator("h1")).to_have_text("Haute-Loire : par où commencer ?")
    expect(page.locator("#priorities-facts li").first).to_contain_text("Sûrement dans le premier")
    expect(page.locator(RANKED)).to_have_count(11)
    first = page.locator(RANKED).first
    expect(first).to_contain_text("CC des Rives du Haut Allier")
    expect(first.locator(".rank-words")).to_have_text("1 à 3")
    bar = first.locator(".part-bar")
    expect(bar).to_have_attribute("aria-label", re.compile("Pauvreté\u00a0: 22,4"))
    assert first.locator(".part").count() == 5
    expect(page.locator("#priorities-map[data-painted^='/ranks.bin']")).to_be_visible()
    page.locator("#priorities-table summary").click()
    expect(page.locator("#priorities-table details tbody tr").first).to_contain_text("22,4 (")


def test_weights_move_by_the_keyboard_and_go_back(page, site):
    visit(page, f"{site}/en/priorities?level=epci")
    before = rows(page)
    slider = page.get_by_label("Poverty", exact=True)
    slider.focus()
    slider.press("Home")
    page.wait_for_url("**weights=0%2C8%2C6%2C6%2C10*")
    expect(page.locator("#priorities-facts")).to_contain_text("follow your weights")
    assert rows(page) != before
    page.get_by_role("button", name="Back to the declared weights").click()
    page.wait_for_url(lambda url: "weights" not in url)
    expect(page.locator("#priorities-facts")).not_to_contain_text("follow your weights")
    assert rows(page) == before


def test_filters_combine_on_the_gap_page_and_its_file(page, site):
    page.goto(f"{site}/fr/ecarts?level=commune")
    page.locator("#gaps-table tbody tr").first.wait_for()
    page.get_by_label("valeurs non fragiles").check()
    page.wait_for_url("**only=solid*")
    people = page.get_by_label("Au moins", exact=True)
    people.fill("20")
    people.press("Enter")
    page.wait_for_url("**only=solid%2Cpeople%3A20*")
    said = page.locator("#gaps-kept p").first
    expect(said).to_contain_text("au moins 20 enfants de moins de 3 ans")
    kept = int(said.inner_text().split()[0])
    expect(page.locator("#gaps-table tbody tr")).to_have_count(kept)
    assert 0 < kept < 257
    address = page.locator("#gaps-file a").first.evaluate("one => one.href")
    file = page.request.get(address).text()
    assert len(file.strip().split("\r\n")) == kept + 1
    page.get_by_label("Dans le territoire").select_option(label="CC Loire et Semène")
    expect(page.locator("#gaps-kept")).to_contain_text("dans CC Loire et Semène")
    page.get_by_role("button", name="Retirer les filtres").click()
    expect(page.locator("#gaps-table tbody tr")).to_have_count(257)


def test_an_empty_order_says_why_and_an_empty_filter_what_to_loosen(page, site):
    visit(page, f"{site}/fr/priorites?level=canton_or_town&weights=10,0,0,0,0")
    expect(page.locator("#priorities-heading")).to_contain_text("Avec ces poids")
    page.goto(f"{site}/fr/priorites?level=epci&only=people:99999,solid")
    expect(page.locator("#priorities-kept")).to_contain_text("Sans le filtre « au moins 99")


def test_a_planner_saves_a_view_and_another_finds_the_same_numbers(
    page, house, browser, tiny_release
):
    site, data = house
    visit(page, f"{site}/fr/priorites?level=epci&only=people:200")
    slider = page.get_by_label("RSA", exact=True)
    slider.focus()
    slider.press("End")
    page.wait_for_url("**weights=10%2C8%2C10*")
    expect(page.locator("#priorities-facts")).to_contain_text("vos poids")
    seen, said = rows(page), page.locator("#priorities-kept").inner_text()
    page.locator(".saver > summary").click()
    page.get_by_label("Titre de la vue").fill("Pour le comité")
    page.locator("#view-name").fill("Odile Martin")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    link = page.locator("#view-link").input_value()
    assert re.fullmatch(re.escape(site) + "/v/[2-9a-z]{10}", link)
    expect(page.locator("#view-list")).to_contain_text("Odile Martin")

    before = current_release(data).release_id
    for _ in range(2):  # the newer release replaces it, an old one is cleaned away, not this one
        fresh = browser.new_context(locale="fr-FR")
        other = fresh.new_page()
        other.goto(link)
        other.locator(RANKED).first.wait_for()
        assert f"release={before}" in other.url
        assert rows(other) == seen
        assert other.locator("#priorities-kept").inner_text() == said
        fresh.close()
        tiny_release(data)
    assert current_release(data).release_id != before


def test_a_note_stands_by_its_area_as_plain_words(page, house):
    site, _data = house
    page.goto(f"{site}/fr/profil?level=epci&area=244301123&release=" + _first(_data))
    page.locator("#note-text").fill("<b>Une crèche</b> ouvre en mars.")
    page.locator("#note-name").fill("Odile Martin")
    page.get_by_role("button", name="Ajouter la note").click()
    note = page.locator("#notes-list .note-words")
    expect(note).to_have_text("<b>Une crèche</b> ouvre en mars.")
    expect(page.locator("#notes-list")).to_contain_text("Odile Martin, le")
    expect(page.locator("#note-text")).to_have_value("")
    page.get_by_role("button", name="Retirer la note de Odile Martin").click()
    expect(page.locator("#notes-list")).to_contain_text("Personne n’a encore écrit")


def test_a_code_that_leads_nowhere_is_told(page, house):
    site, _data = house
    assert page.request.get(f"{site}/v/2222222222").status == 404


def _first(data):
    """The id of the whole release that the house began with."""
    return min(folder.name for folder in (data / "releases").iterdir())


@pytest.mark.parametrize(
    "address",
    [
        "/fr/priorites?level=epci&area=200073393",
        "/en/priorities?level=canton_or_town&only=people:200&weights=1,2,3,4,5",
        "/fr/ecarts?level=epci&only=people:200",
    ],
)
def test_no_barrier_is_found_and_a_phone_can_read_it(page, site, address, sideways):
    page.goto(site + address)
    page.locator(".data-table.ranked tbody tr").first.wait_for()
    page.locator(".saver > summary").click()
    found = Axe().run(page)
    assert found.response["violations"] == [], found.generate_report()
    page.locator(".saver > summary").click()
    page.set_viewport_size({"width": 390, "height": 844})
    assert sideways(page) == []
