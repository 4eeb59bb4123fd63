"""The map page in a real browser: the first view, the keyboard, a click, the address, silences."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.dashboard.kept_maps import keep_maps

PATIENCE_MS = 30_000

#: Has the tiles read anew when the next layer is taken off the map, and what the map then tells its
#: workers reach them late: what they read is of the old layers, and comes when the new are there.
SLOW_WORKERS = """() => {
    const [map] = window.kept;
    const {removeLayer} = map;
    map.removeLayer = (...parts) => {
        map.removeLayer = removeLayer;
        map.style.sourceCaches.areas.reload();
        for (const {target} of map.style.dispatcher.actors) {
            const post = target.postMessage.bind(target);
            target.postMessage = (said, ...more) =>
                setTimeout(() => post(said, ...more), said.type === "<response>" ? 0 : 1500);
        }
        window.wereSlow = true;
        return map.removeLayer(...parts);
    };
}"""


def painted(page: Page, values: str) -> None:
    """Wait until the map shows the values whose address contains ``values``."""
    page.locator(f"#map-areas[data-painted*='{values}']").wait_for(timeout=PATIENCE_MS)
    page.locator("html:not(.is-asking)").wait_for(timeout=PATIENCE_MS)


def visit(page: Page, url: str, values: str) -> None:
    page.goto(url)
    painted(page, values)


def test_it_opens_in_french_on_raw_coverage_by_epci(page, site):
    visit(page, site, "childcare_raw_coverage/epci/2020")
    assert page.url == f"{site}/fr/carte"
    assert page.locator("html").get_attribute("lang") == "fr"
    expect(page.locator("h1")).to_have_text("Places d’accueil pour 100 enfants de moins de 3 ans")
    assert page.locator("#map-choice-indicator").input_value() == "childcare_raw_coverage"
    assert page.locator("#map-table tbody tr").count() == 11
    expect(page.locator("#map-panel h2").first).to_have_text("Haute-Loire")
    expect(page.locator("#map-panel")).to_contain_text("Cantal")


def test_the_keyboard_chooses_and_the_address_follows(page, site):
    visit(page, f"{site}/fr/carte", "childcare_raw_coverage/epci/2020")
    page.locator("#map-choice-indicator").focus()
    page.keyboard.type("Couverture eff")
    page.keyboard.press("Enter")
    painted(page, "childcare_effective_coverage/epci/2020")
    expect(page.locator("h1")).to_contain_text("Places effectivement accessibles")
    assert "indicator=childcare_effective_coverage" in page.url
    expect(page).to_have_title("Couverture effective, Intercommunalités (EPCI), 2020 – Vigie")
    page.reload()
    painted(page, "childcare_effective_coverage/epci/2020")
    expect(page.locator("#map-choice-indicator")).to_have_value("childcare_effective_coverage")
    page.go_back()
    painted(page, "childcare_raw_coverage/epci/2020")
    expect(page.locator("#map-choice-indicator")).to_have_value("childcare_raw_coverage")
    page.go_forward()
    painted(page, "childcare_effective_coverage/epci/2020")


def test_back_after_two_choices_returns_one_by_one(page, site):
    visit(page, f"{site}/fr/carte", "childcare_raw_coverage/epci/2020")
    page.select_option("#map-choice-level", "commune")
    painted(page, "childcare_raw_coverage/commune/2020")
    page.select_option("#map-choice-indicator", "care_rate")
    painted(page, "care_rate/departement/2020")
    expect(page.locator("#map-remarks")).to_contain_text("n’existe pas pour cet indicateur")
    page.go_back()
    painted(page, "childcare_raw_coverage/commune/2020")
    expect(page.locator("#map-remarks")).to_be_empty()
    page.go_back()
    painted(page, "childcare_raw_coverage/epci/2020")
    assert page.evaluate("history.length") <= 4


def test_a_click_opens_the_area_and_the_language_keeps_it(page, site):
    visit(page, f"{site}/fr/carte", "childcare_raw_coverage/epci/2020")
    page.locator("#map-areas canvas").click()
    expect(page.locator("#map-panel .back")).to_be_visible()
    name = page.locator("#map-panel h2").first.inner_text()
    assert name == "CA du Puy-en-Velay"
    assert "area=200073419" in page.url
    page.locator(".languages a[lang=en]").click()
    painted(page, "childcare_raw_coverage/epci/2020")
    assert page.url.startswith(f"{site}/en/map?")
    assert page.locator("html").get_attribute("lang") == "en"
    expect(page.locator("#map-panel h2").first).to_have_text(name)
    page.locator("#map-panel .back").click()
    expect(page.locator("#map-panel h2").first).to_have_text("Haute-Loire")


def test_the_table_opens_an_area_without_the_mouse(page, site):
    visit(page, f"{site}/fr/carte", "childcare_raw_coverage/epci/2020")
    page.locator("#map-table a", has_text="CC Loire et Semène").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#map-panel h2").first).to_have_text("CC Loire et Semène")
    expect(page.locator("#map-panel")).to_contain_text("Rang 1 sur 11")


def test_the_panel_tells_priority_and_care_chain(page, site):
    visit(page, f"{site}/fr/carte?level=epci&area=200073393", "childcare_raw_coverage/epci/2020")
    panel = page.locator("#map-panel")
    expect(panel).to_contain_text("Rang 1 sur 11, la plus grande priorité étant la première")
    expect(panel.locator(".priority-parts tbody tr")).to_have_count(5)
    expect(panel.locator(".chain tbody")).to_have_count(7)
    words = set(panel.locator(".chain .link").all_inner_texts())
    assert {"suffisant", "inconnu", "à portée"} <= words
    panel.get_by_text("Ce que disent ces mots").click()
    expect(panel.locator(".link-words dt")).to_have_count(7)
    shapes = panel.locator(".link-words .link-mark").evaluate_all(
        """marks => marks.map(mark => {
            const style = getComputedStyle(mark);
            return [style.clipPath, style.borderRadius, style.borderStyle].join(" ");
        })"""
    )
    assert len(set(shapes)) == 7
    panel.get_by_text("Les services derrière chaque case").click()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.goto(f"{site}/fr/carte?level=commune&area=43157")
    expect(panel).to_contain_text("Pas de rang à ce niveau. Elle se calcule pour :")


def test_suppressed_missing_and_zero_differ(page, site):
    address = f"{site}/fr/carte?indicator=poverty_rate&level=commune&area=43002"
    visit(page, address, "poverty_rate/commune/2021")
    assert page.locator("#map-legend .swatch-suppressed").count() == 1
    expect(page.locator("#map-panel .silent-value")).to_have_text("secret")
    expect(page.locator("#map-panel .note").first).to_contain_text("CA du Puy-en-Velay")
    page.goto(f"{site}/fr/carte?indicator=childcare_raw_coverage&level=commune&area=43001")
    painted(page, "childcare_raw_coverage/commune")
    expect(page.locator("#map-panel .silent-value")).to_have_text("sans objet")
    expect(page.locator("#map-legend")).to_contain_text("Zéro exactement")
    page.goto(f"{site}/fr/carte?indicator=care_rate")
    painted(page, "care_rate/departement/2020")
    assert page.locator("#map-legend .swatch-missing").count() == 1
    page.locator("#map-table summary").click()
    expect(page.locator("#map-table tr", has_text="– manquant").first).to_be_visible()


def test_a_departement_that_is_compared_opens_from_the_map(page, site):
    visit(page, f"{site}/fr/carte?indicator=care_rate", "care_rate/departement/2020")
    expect(page.locator("#map-panel h2").first).to_have_text("Haute-Loire")
    page.locator("#map-areas canvas").click()
    expect(page.locator("#map-panel h2").first).not_to_have_text("Haute-Loire")
    expect(page.locator("#map-panel")).to_contain_text("sur 9")
    expect(page.locator("#map-remarks")).to_be_empty()


def test_the_trend_is_drawn_once_it_is_about_to_be_seen(page, site):
    visit(page, f"{site}/fr/carte?indicator=care_rate", "care_rate/departement/2020")
    expect(page.locator("#map-panel")).to_contain_text("(2002)")
    trend = page.locator("#map-panel .trend")
    assert page.locator("script[src*='plotly']").count() == 0
    assert trend.bounding_box()["y"] > 900, "far below the window"
    trend.scroll_into_view_if_needed()
    expect(trend.locator(".scatterlayer .trace")).to_have_count(2)
    expect(trend.locator("xpath=..")).to_have_attribute("aria-label", re.compile(r"\(2002\)"))


def test_nothing_overflows_at_any_width(page, site):
    visit(page, f"{site}/fr/carte?indicator=poverty_rate&level=epci", "poverty_rate/epci")
    for width in (320, 390, 768, 1024, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    "address",
    ["/fr/carte", "/en/map?indicator=care_rate", "/fr/carte?indicator=rsa_share&level=commune"],
)
def test_axe_finds_nothing(page, site, address):
    page.goto(f"{site}{address}")
    page.locator("#map-areas[data-painted]").wait_for(timeout=PATIENCE_MS)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_it_prints_without_its_controls(page, site):
    visit(page, f"{site}/fr/carte", "childcare_raw_coverage/epci/2020")
    page.emulate_media(media="print")
    expect(page.locator("#map-choice-indicator")).to_be_hidden()
    for part in ("#map-areas", "#map-legend", "#map-panel", "#map-table", ".sources"):
        expect(page.locator(part)).to_be_visible()


def test_a_long_table_is_closed_on_the_screen_and_whole_on_paper(page, site):
    visit(page, f"{site}/fr/carte?indicator=care_rate", "care_rate/departement/2020")
    last = page.locator("#map-table tbody tr").last
    expect(last).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(last).to_be_visible()
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(last).to_be_hidden()


def test_what_weakens_a_value_is_marked_on_the_map_and_said_in_the_panel(page, site):
    address = f"{site}/fr/carte?indicator=rsa_share&level=commune&period=2023"
    visit(page, f"{address}&area=43080", "rsa_share/commune/2023")
    assert page.locator("#map-areas").get_attribute("data-marked") == "1"
    row = page.locator("#map-legend li", has_text="À lire avec prudence : fragile")
    expect(row.locator(".swatch-mark-fragile")).to_be_visible()
    marked = int(row.locator(".legend-count").inner_text())
    assert 50 < marked < 120
    expect(page.locator("#map-areas .area-map-note")).to_contain_text("arrondi à la source")
    panel = page.locator("#map-panel")
    expect(panel.locator(".interval").first).to_contain_text("Entre 6,")
    expect(panel.locator(".interval").first).to_contain_text("(95 %)")
    expect(panel.locator(".flag-lines li")).to_have_count(1)
    expect(panel.locator(".flag-lines")).to_contain_text("Valeur arrondie à la source")
    worth = panel.locator(".worth")
    expect(worth).to_contain_text("Pas de différence sûre avec l’ensemble (Haute-Loire)")
    expect(worth).to_contain_text("Valeur lissée : ")
    page.locator("#map-table summary").click()
    told = page.locator("#map-table td.flags", has_text="fragile")
    expect(told.first.locator(".swatch-mark-fragile")).to_be_visible()
    assert told.count() == marked
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_the_panel_says_a_tested_trend_and_the_surroundings(page, site):
    address = f"{site}/fr/carte?indicator=children_under_3_share&level=epci&area=244301131"
    visit(page, address, "children_under_3_share/epci/2023")
    verdict = page.locator("#map-panel .verdict")
    expect(verdict).to_have_count(1)
    expect(verdict).to_contain_text("En baisse de 3,0 % par an (entre ")
    expect(verdict).to_contain_text("de 2011 à 2023")
    visit(
        page,
        f"{site}/en/map?indicator=childcare_effective_coverage&level=commune&area=43157",
        "childcare_effective_coverage/commune/2020",
    )
    expect(page.locator("#map-panel .worth")).to_contain_text("neighbours")


def test_the_file_of_values_is_what_the_table_says(page, site):
    visit(page, f"{site}/fr/carte?indicator=rsa_share&level=epci", "rsa_share/epci/2023")
    with page.expect_download() as started:
        page.locator("#map-downloads summary").click()
        page.get_by_role("link", name="Télécharger ce tableau (CSV)").click()
    assert started.value.suggested_filename.startswith("vigie_haute_loire_rsa_share_epci_2023")
    text = started.value.path().read_text("utf-8-sig")
    names = page.locator("#map-table tbody th").all_inner_texts()
    assert [line.split(";")[1] for line in text.splitlines()[1:]] == names


def test_tiles_on_their_way_are_not_taken_for_those_of_another_level(page, site):
    keep_maps(page)
    visit(page, f"{site}/fr/carte?indicator=childcare_raw_coverage&level=commune", "/commune/2020")
    page.evaluate(SLOW_WORKERS)
    page.select_option("#map-choice-level", "epci")
    painted(page, "childcare_raw_coverage/epci/2020")
    page.wait_for_timeout(2000)
    assert page.evaluate("() => window.wereSlow")
    drawn = page.evaluate("""() => window.kept[0].queryRenderedFeatures()
        .filter(({layer}) => layer.id.endsWith("/fill")).map(({id, layer}) => [layer.id, id])""")
    assert {layer for layer, _ in drawn} == {"epci/fill"}
    assert len({fid for _, fid in drawn}) >= 11
