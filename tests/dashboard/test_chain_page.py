"""The care chains of all areas in a real browser: at a glance, then what is behind a sign."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

CHILDCARE = "link=universal_prevention.early_childhood"
CAYRES = "level=epci&area=244301123"


def visit(page, address):
    page.goto(address)
    page.locator("#chain-table tbody tr").first.wait_for()


def test_every_area_has_a_row_and_every_described_link_a_sign(page, site):
    visit(page, f"{site}/fr/chaine?level=epci")
    expect(page.locator("h1")).to_have_text(
        "Haute-Loire : où la chaîne d’accompagnement se rompt-elle ?"
    )
    rows = page.locator("#chain-table tbody tr")
    expect(rows).to_have_count(11)
    expect(rows.first.locator("td a")).to_have_count(13)
    expect(rows.first.locator("td.chain-nobody")).to_have_text("aucun service décrit")
    expect(page.locator("#chain-summary")).to_contain_text("Dans 11 EPCI sur 11")
    expect(page.locator("#chain-summary")).to_contain_text("maillons sur 143")
    # Each column of the foot is every area once.
    columns = page.locator("#chain-table tfoot tr").evaluate_all(
        "rows => rows.map(row => [...row.querySelectorAll('td')].map(td => +td.textContent))"
    )
    assert {sum(column) for column in zip(*columns, strict=True)} == {11, 0}
    expect(page.locator("#chain-panel")).to_contain_text("ce n’est pas une absence")


def test_a_sign_opens_what_is_behind_it_and_keeps_the_focus(page, site):
    visit(page, f"{site}/fr/chaine?level=epci")
    sign = page.locator("#chain-244301123-universal_prevention-early_childhood")
    sign.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**area=244301123*link=universal_prevention.early_childhood*")
    panel = page.locator("#chain-panel")
    expect(panel).to_contain_text("CC des Pays de Cayres et de Pradelles")
    expect(panel.locator("h2").first).to_have_text("Prévention universelle · Petite enfance")
    expect(panel).to_contain_text("Au plus proche")
    expect(panel).to_contain_text("Besoin (places)")
    expect(panel).to_contain_text("Moyenne de la France en 2020")
    expect(sign).to_have_attribute("aria-current", "true")
    expect(sign).to_be_focused()
    page.get_by_role("link", name="Fermer").click()
    expect(panel).to_contain_text("Ce que disent ces mots")


def test_an_unknown_link_says_which_file_would_tell(page, site):
    visit(page, f"{site}/fr/chaine?{CAYRES}&link=targeted_prevention.health")
    panel = page.locator("#chain-panel")
    expect(panel.locator(".chain-state")).to_have_text("inconnu")
    expect(panel.locator(".note").first).to_contain_text("Inconnu :")
    expect(panel.locator(".note").first).to_contain_text("fichier")


def test_a_school_has_its_name_its_place_its_pupils_and_its_source(page, site):
    visit(page, f"{site}/fr/chaine?{CAYRES}&link=detection.education")
    panel = page.locator("#chain-panel")
    expect(panel).to_contain_text("élèves")
    expect(panel).to_contain_text("Établissements scolaires, 2022")


def test_a_sector_alone_and_a_larger_area_alone(page, site):
    visit(page, f"{site}/fr/chaine?level=epci")
    page.locator("#chain-sector-health").click()
    expect(page.locator("#chain-table tbody tr").first.locator("td a")).to_have_count(5)
    page.locator("#chain-choice-level").select_option("commune")
    expect(page.locator("#chain-table tbody tr")).to_have_count(257)
    page.locator("#chain-choice-only").select_option("within:epci/244301123")
    expect(page.locator("#chain-table tbody tr")).to_have_count(20)
    page.locator("#chain-choice-only").select_option("")
    expect(page.locator("#chain-table tbody tr")).to_have_count(257)


@pytest.mark.parametrize(
    "address",
    [
        "/fr/chaine?level=commune&area=43157&link=universal_prevention.health",
        f"/en/chain?{CAYRES}&{CHILDCARE}",
        "/en/chain?level=epci&sector=justice",
    ],
)
def test_no_barrier_is_found_and_a_phone_can_read_it(page, site, address):
    page.goto(site + address)
    page.locator("#chain-table table, #chain-table p").first.wait_for()
    found = Axe().run(page)
    assert found.response["violations"] == [], found.generate_report()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_on_a_phone_what_is_behind_a_link_is_in_sight_when_it_is_chosen(page, site):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site}/fr/chaine?level=epci")
    page.locator(".chain-matrix tbody .link a").first.click()
    state = page.locator(".chain-state")
    expect(state).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("path", ["/fr/chaine", "/en/chain"])
def test_on_a_phone_five_links_are_beside_a_name_and_the_totals_in_sight(page, site, path):
    page.set_viewport_size({"width": 390, "height": 844})
    visit(page, f"{site}{path}?level=epci")
    whole = page.evaluate(
        """() => {
            const frame = document.querySelector("#chain-table").getBoundingClientRect();
            const cells = document.querySelectorAll(".chain-matrix tbody tr:first-child td a");
            return [...cells].filter((cell) => {
                const box = cell.getBoundingClientRect();
                return box.left >= frame.left && box.right <= frame.right;
            }).length;
        }"""
    )
    assert whole >= 5
    hidden = page.evaluate(
        """() => {
            const frame = document.querySelector("#chain-table");
            return frame.scrollHeight - frame.clientHeight;
        }"""
    )
    assert hidden == 0, "the page scrolls, not a frame in it"
    cut = page.locator(".chain-matrix thead th").evaluate_all(
        "heads => heads.filter(head => head.scrollWidth > head.clientWidth)"
        ".map(head => head.textContent)"
    )
    assert cut == []
    # A total is under the signs that it counts.
    total = page.locator("#chain-table tfoot tr").first.locator("td:visible").first.bounding_box()
    sign = page.locator("#chain-table tbody tr").first.locator("td.link").first.bounding_box()
    assert abs(total["x"] - sign["x"]) <= 1


def test_the_words_of_a_level_and_the_title_are_whole_on_a_wide_screen(page, site):
    page.set_viewport_size({"width": 1440, "height": 900})
    visit(page, f"{site}/fr/chaine?level=epci")
    lines = page.locator("h1").evaluate(
        "one => one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).lineHeight)"
    )
    assert lines < 2.1
    room = page.locator("#chain-choice-level").evaluate(
        """select => {
            const style = getComputedStyle(select);
            const pen = document.createElement("canvas").getContext("2d");
            pen.font = style.font;
            const text = pen.measureText(select.selectedOptions[0].text).width;
            return select.clientWidth - parseFloat(style.paddingLeft)
                - parseFloat(style.paddingRight) - text;
        }"""
    )
    assert room >= 0
