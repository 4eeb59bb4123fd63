"""The page that compares all areas of a level, in a real browser."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

JOBS = "indicator=census_unemployment_rate"


def visit(page, address):
    page.goto(address)
    page.locator("#compare-figure p").first.wait_for()


def test_the_funnel_names_those_beyond_it_as_the_release_does(page, site):
    visit(page, f"{site}/fr/comparer?level=commune&form=funnel&{JOBS}")
    figure = page.locator("#compare-figure")
    expect(figure.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    said = figure.locator("p").first.inner_text()
    page.get_by_text("Les valeurs en tableau").click()
    standings = page.locator(".compare-rows tbody td:last-child").all_inner_texts()
    beyond = [one for one in standings if one.startswith(("plus", "nettement"))]
    assert said == f"Hors des limites de l’entonnoir\u00a0: {len(beyond)} sur 257 territoires."
    expect(figure).to_contain_text("élargies de ce dont les territoires diffèrent")


def test_an_indicator_without_counts_has_no_funnel_and_says_why(page, site):
    visit(page, f"{site}/fr/comparer?level=epci&form=funnel&indicator=median_income")
    expect(page.locator("#compare-figure .note").first).to_contain_text("Pas d’entonnoir")
    expect(page.locator("#compare-choice-form option[value=funnel]")).to_have_text(
        "Entonnoir (pas pour cet indicateur)"
    )


def test_an_area_is_chosen_from_the_table_by_keyboard(page, site):
    visit(page, f"{site}/fr/comparer?level=commune&form=beeswarm&indicator=poverty_rate")
    expect(page.locator("#compare-figure")).to_contain_text("secret statistique : 235")
    page.get_by_text("Les valeurs en tableau").click()
    page.locator("#compare-43157").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**area=43157*")
    expect(page.locator("#compare-figure")).to_contain_text("Semblables au territoire choisi")


def test_two_indicators_are_told_by_ranks_and_with_a_caution(page, site):
    visit(page, f"{site}/fr/comparer?level=commune&form=scatter&{JOBS}")
    expect(page.locator("#compare-figure")).to_contain_text("Corrélation des rangs")
    expect(page.locator("#compare-figure")).to_contain_text("des territoires, pas des personnes")
    before = page.url
    page.locator("#compare-choice-beside").select_option("single_parent_share")
    page.wait_for_url("**beside=single_parent_share*")
    assert before != page.url
    expect(page.locator("#compare-figure")).to_contain_text("Familles monoparentales")


def test_another_form_is_one_choice_and_the_first_leaves_the_address(page, site):
    visit(page, f"{site}/fr/comparer?level=epci&{JOBS}")
    page.locator("#compare-choice-form").select_option("heat")
    page.wait_for_url("**form=heat*")
    expect(page.locator("table.heat tbody tr")).to_have_count(11)
    page.locator("#compare-choice-form").select_option("")
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    assert "form=" not in page.url


def test_the_heat_table_is_sorted_by_the_chosen_column(page, site):
    visit(page, f"{site}/en/compare?level=epci&form=heat&indicator=poverty_rate")
    head = page.locator("table.heat thead th[aria-sort]")
    expect(head).to_have_attribute("aria-sort", "descending")
    first = page.locator("table.heat tbody tr").first
    expect(first).to_contain_text("18.3")
    expect(first.locator("td").first).to_contain_text("least favourable fifth")
    page.locator("#heat-median_income").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(page.locator("table.heat tbody td:has-text('suppressed')").first).to_be_visible()


@pytest.mark.parametrize(
    "address",
    [
        f"/fr/comparer?level=epci&{JOBS}&area=244301123",
        "/en/compare?level=epci&form=beeswarm&area=244301123",
        "/fr/comparer?level=epci&form=scatter",
        "/fr/comparer?level=epci&form=heat&indicator=poverty_rate",
    ],
)
def test_no_barrier_is_found_and_a_phone_can_read_it(page, site, address):
    visit(page, site + address)
    found = Axe().run(page)
    assert found.response["violations"] == [], found.generate_report()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_title_comes_before_the_choices_and_the_figure_after(page, site):
    page.set_viewport_size({"width": 390, "height": 844})
    visit(page, f"{site}/fr/comparer?level=epci&{JOBS}")
    parts = ("#main h1", "#main .controls", "#compare-figure")
    tops = [page.locator(part).bounding_box()["y"] for part in parts]
    assert tops == sorted(tops)
    is_read_so = page.evaluate(
        """parts => parts.map(part => document.querySelector(part)).every(
            (part, place, all) => place === 0 || all[place - 1].compareDocumentPosition(part)
                & Node.DOCUMENT_POSITION_FOLLOWING
        )""",
        parts,
    )
    assert is_read_so
    # On a wide screen the choices stand on the left of both.
    page.set_viewport_size({"width": 1440, "height": 900})
    controls, title = (page.locator(part).bounding_box() for part in (parts[1], parts[0]))
    assert controls["x"] + controls["width"] <= title["x"]
    assert controls["y"] <= title["y"]


@pytest.mark.parametrize("form", ["funnel", "scatter"])
def test_on_a_phone_the_titles_of_the_axes_are_whole(page, site, form):
    page.set_viewport_size({"width": 390, "height": 844})
    visit(page, f"{site}/fr/comparer?level=commune&form={form}&{JOBS}")
    page.locator(".compare-picture").scroll_into_view_if_needed()
    picture = page.locator(".js-plotly-plot .main-svg").first
    expect(picture).to_be_visible()
    frame = picture.bounding_box()
    for axis in ("xtitle", "ytitle"):
        title = page.locator(f".js-plotly-plot .{axis}").first.bounding_box()
        assert title["x"] >= frame["x"], axis
        assert title["y"] >= frame["y"], axis
        assert title["x"] + title["width"] <= frame["x"] + frame["width"], axis
        assert title["y"] + title["height"] <= frame["y"] + frame["height"], axis
