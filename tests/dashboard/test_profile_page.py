"""The profile of an area in a real browser: findings first, then everything that is known."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

CAYRES = "level=epci&area=244301123"


def visit(page, address):
    page.goto(address)
    page.locator("#profile-findings li, #profile-findings p").first.wait_for()


def test_the_area_with_the_largest_certain_gap_says_so_first(page, site):
    visit(page, f"{site}/fr/profil?{CAYRES}")
    expect(page.locator("h1")).to_have_text("CC des Pays de Cayres et de Pradelles")
    findings = page.locator("#profile-findings li")
    expect(findings).to_have_count(3)
    expect(findings.first).to_contain_text("Accueil du jeune enfant : il manque")
    expect(findings.first).to_contain_text("au moins neuf tirages sur dix")
    expect(findings.first).to_contain_text("ni les horaires, ni le prix")
    services = page.locator("#profile-services tbody tr")
    expect(services.first).to_contain_text("Accueil du jeune enfant")
    expect(services.first).to_contain_text("manque certain")
    expect(services.first).to_contain_text("min")
    expect(page.locator("#profile-tiles .figure")).to_have_count(5)
    expect(page.locator("#profile-order")).to_contain_text("Rang")
    expect(page.locator("#profile-chain")).to_contain_text("Chaîne d’accompagnement")
    expect(page.locator("#profile-since")).to_contain_text("rien à comparer")


def test_every_figure_stands_on_the_scale_of_its_level(page, site):
    visit(page, f"{site}/fr/profil?{CAYRES}")
    row = page.locator("#profile-spine tr", has=page.get_by_role("link", name="Taux de pauvreté"))
    expect(row.first).to_contain_text("18,3")
    scale = row.first.locator(".spine-scale")
    expect(scale).to_have_attribute(
        "aria-label", "De 7,7 à 18,3 dans ce niveau\u202f; pas de différence sûre avec l’ensemble."
    )
    assert scale.locator(".spine-dot").evaluate("one => one.style.left") == "0%"
    row.first.get_by_role("link").click()
    page.wait_for_url("**/fr/carte?indicator=poverty_rate*area=244301123*")


def test_another_level_shows_the_whole_and_the_map_leads_back(page, site):
    visit(page, f"{site}/fr/profil?{CAYRES}")
    page.locator("#profile-choice-level").select_option("commune")
    expect(page.locator("h1")).to_have_text("Haute-Loire")
    page.goto(f"{site}/fr/carte?level=epci&area=244301123")
    page.get_by_role("link", name="Ouvrir le profil complet").click()
    expect(page.locator("h1")).to_have_text("CC des Pays de Cayres et de Pradelles")


@pytest.mark.parametrize(
    "address", [f"/fr/profil?{CAYRES}", "/en/profile?level=commune&area=43260", "/en/profile"]
)
def test_no_barrier_is_found_and_a_phone_can_read_it(page, site, address, sideways):
    visit(page, site + address)
    found = Axe().run(page)
    assert found.response["violations"] == [], found.generate_report()
    page.set_viewport_size({"width": 390, "height": 844})
    assert sideways(page) in ([], ["scroll"])
