"""The gap page in a real browser: the table, the map, the file that equals the screen."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.typing_spaces import typed

PATIENCE_MS = 30_000
TABLE = "#gaps-table table"
_CELLS = """table => [...table.querySelectorAll("tr")].map(row =>
    [...row.children].map(cell => {
        const unit = cell.querySelector(".unit");
        const link = cell.querySelector("a");
        const arrow = cell.querySelector(".arrow");
        const head = arrow ? link.textContent.slice(0, -arrow.textContent.length)
            : cell.textContent;
        return unit ? `${head} (${unit.textContent})` : head;
    }))"""


def visit(page, address):
    page.goto(address)
    page.locator("#gaps-map[data-painted]").wait_for(timeout=PATIENCE_MS)


def column(page, place):
    return page.locator(f"{TABLE} tbody td:nth-child({place})").all_inner_texts()


#: What the file says in two numbers, and in one: an interval, and how sure a gap is.
INTERVAL = {"fr": "Intervalle à 90\u00a0%", "en": "90% interval"}
SURE = {"fr": "Sûr ?", "en": "Sure?"}
BETWEEN = {"fr": "\u00a0à ", "en": "\u00a0to "}


def spread(screen, file, language):
    """The screen's rows with an interval as its two bounds, and the certainty as the file has it.

    The words of each certainty are checked against the probability that the file gives.
    """
    heads = screen[0]
    interval = next(n for n, head in enumerate(heads) if head.startswith(INTERVAL[language]))
    sure = next(n for n, head in enumerate(heads) if head.startswith(SURE[language]))
    made = [[*heads[:interval], *file[0][interval : sure + 2], *heads[sure + 1 :]]]
    for said, written in zip(screen[1:], file[1:], strict=True):
        certain = written[sure + 1]
        assert says(said[sure], certain), (said[1], said[sure], certain)
        bounds = said[interval].split(BETWEEN[language])
        made.append([*said[:interval], *bounds, certain, *said[sure + 1 :]])
    return made


def says(word, probability):
    """Whether the word of a certainty is the one of its probability."""
    try:
        p = float(probability.replace(",", "."))
    except ValueError:
        return word == probability
    if p >= 0.9:
        return word in ("manque certain", "certain shortage")
    if p <= 0.1:
        return word in ("excédent certain", "certain surplus")
    return word in ("incertain", "uncertain")


def as_written(cell, language):
    """A cell of the screen as the file writes it: no thousands mark, plain signs."""
    thousands = {"fr": "\u202f", "en": ","}[language]
    bare = cell.replace("\u2212", "-").replace(thousands, "")
    digits = bare.removeprefix("+")
    return digits if digits.replace(",", "").replace(".", "").isdigit() else bare


@pytest.mark.parametrize(
    ("address", "language"),
    [
        ("/fr/ecarts?level=commune", "fr"),
        ("/en/gaps?level=commune&sort=gap&standard=one_per_child", "en"),
        ("/fr/ecarts?level=epci&sort=-coverage", "fr"),
    ],
)
def test_the_file_equals_the_screen_cell_by_cell(page, site, address, language):
    visit(page, site + address)
    screen = [[typed(cell) for cell in row] for row in page.locator(TABLE).evaluate(_CELLS)]
    with page.expect_download() as downloading:
        page.locator("#gaps-downloads summary").click()
        page.locator("#gaps-file a").first.click()
    content = Path(downloading.value.path()).read_text("utf-8").removeprefix("\ufeff")
    delimiter = ";" if language == "fr" else ","
    file = list(csv.reader(io.StringIO(content), delimiter=delimiter))
    assert len(file) == len(screen)
    screen = spread(screen, file, language)
    width = len(screen[0])
    assert file[0][:width] == screen[0]
    for said, written in zip(screen[1:], file[1:], strict=True):
        names = said[:2], written[:2]
        assert [as_written(c, language) for c in said[2:]] == written[2:width], names
        assert said[1] == written[1]
        assert as_written(said[0], language) == written[0]


def test_a_heading_sorts_the_table_the_address_and_the_control(page, site):
    visit(page, f"{site}/fr/ecarts?level=epci")
    heading = page.locator(f"{TABLE} th:has(#gaps-sort-need)")
    assert heading.get_attribute("aria-sort") is None
    page.locator("#gaps-sort-need").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    assert "sort=-need" in page.url
    expect(page.locator("#gaps-choice-sort")).to_have_value("-need")
    down = column(page, 4)
    page.locator("#gaps-sort-need").focus()
    page.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    assert "sort=need" in page.url
    assert column(page, 4) == down[::-1]
    expect(page.locator("#gaps-sort-need")).to_be_focused()
    page.go_back()
    expect(heading).to_have_attribute("aria-sort", "descending")
    assert column(page, 4) == down


def test_areas_are_ordered_by_how_surely_places_are_missing(page, site):
    visit(page, f"{site}/fr/ecarts?level=epci")
    page.locator("#gaps-sort-p_gap").click()
    expect(page.locator(f"{TABLE} th:has(#gaps-sort-p_gap)")).to_have_attribute(
        "aria-sort", "descending"
    )
    sure = page.locator(f"{TABLE} td.sure").all_inner_texts()
    assert sure == ["manque certain"] + ["incertain"] * 2 + ["excédent certain"] * 8
    expect(page.locator(f"{TABLE} tbody th").first).to_have_text(
        "CC des Pays de Cayres et de Pradelles"
    )
    expect(page.locator("#gaps-table")).to_contain_text(
        "manque certain 1, incertain 2, excédent certain 8"
    )
    expect(page.locator("#gaps-table")).to_contain_text("sur 100")


def test_the_file_follows_the_order_on_screen(page, site):
    visit(page, f"{site}/en/gaps?level=epci")
    page.select_option("#gaps-choice-sort", "name")
    expect(page.locator(f"{TABLE} th:has(#gaps-sort-name)")).to_have_attribute(
        "aria-sort", "ascending"
    )
    assert "sort=name" in page.locator("#gaps-file a").first.get_attribute("href")


def test_an_area_is_selected_on_the_map_and_in_the_table(page, site):
    visit(page, f"{site}/fr/ecarts?level=epci")
    expect(page.locator("#gaps-triad")).to_contain_text("Choisissez un territoire")
    page.locator("#gaps-map canvas").click()
    selected = page.locator(f"{TABLE} tr.selected th")
    expect(selected).to_have_text("CA du Puy-en-Velay")
    assert "area=200073419" in page.url
    expect(page.locator("#gaps-triad .triad-table")).to_contain_text("CA du Puy-en-Velay")
    page.locator(f"{TABLE} a", has_text="CC Loire et Semène").click()
    expect(selected).to_have_text("CC Loire et Semène")
    page.locator("#gaps-back").click()
    expect(selected).to_have_count(0)


def test_a_selected_row_far_down_comes_into_sight(page, site):
    visit(page, f"{site}/fr/ecarts?level=commune&area=43268")
    row = page.locator(f"{TABLE} tr.selected")
    expect(row).to_have_count(1)
    page.locator(".ranked-scroll").scroll_into_view_if_needed()
    assert page.locator(".ranked-scroll").evaluate(
        """view => {
            const row = view.querySelector("tr.selected").getBoundingClientRect();
            const box = view.getBoundingClientRect();
            return row.top >= box.top && row.bottom <= box.bottom + 1;
        }"""
    )


def test_the_standard_changes_the_map_and_the_figures(page, site):
    visit(page, f"{site}/fr/ecarts?level=epci")
    expect(page.locator("#gaps-figures")).to_contain_text("3\u202f474,3")
    expect(page.locator("#gaps-figures")).to_contain_text("\u22121\u202f065,0")
    page.select_option("#gaps-choice-standard", "one_per_child")
    page.locator("#gaps-map[data-painted*=childcare_unmet_one_per_child]").wait_for()
    expect(page.locator("#gaps-figures")).to_contain_text("5\u202f910,0")
    expect(page.locator("#gaps-triad .note")).to_contain_text("1\u202f408,9")
    expect(page.locator("#gaps-method")).to_contain_text("une place pour chaque enfant")


def test_minutes_are_known_for_communes_only(page, site):
    visit(page, f"{site}/fr/ecarts?level=commune&sort=nearest_minutes")
    expect(page.locator("#gaps-sort-nearest_minutes")).to_be_visible()
    page.select_option("#gaps-choice-level", "epci")
    expect(page.locator(f"{TABLE} tbody tr")).to_have_count(11)
    assert page.locator("#gaps-sort-nearest_minutes").count() == 0
    expect(page.locator("#gaps-choice-sort")).to_have_value("-unmet")
    expect(page.locator("#gaps-remarks")).to_contain_text(
        "« Temps d’accès, du plus petit au plus grand » n’est pas proposé ici : "
        "« Besoin non couvert, du plus grand au plus petit »"
    )
    expect(page.locator(f"{TABLE} th:has(#gaps-sort-unmet)")).to_have_attribute(
        "aria-sort", "descending"
    )


def test_three_coverages_stand_side_by_side_with_their_reasons(page, site):
    visit(page, f"{site}/fr/ecarts")
    rows = [row.split("\t") for row in page.locator("#gaps-three tbody tr").all_inner_texts()]
    assert len(rows) == 18
    assert rows[0][:4] == ["Haute-Loire", "79,9", "76,8", "80,4"]
    assert [row[0] for row in rows[1:4]] == ["France", "Ardèche", "Cantal"]
    assert [row[2] for row in rows[1:7]] == ["–"] * 6
    assert rows[7][:4] == ["CC Loire et Semène", "95,3", "67,5", "91,3"]
    expect(page.locator("#gaps-three")).to_contain_text("le moteur ne calcule que le territoire")
    expect(page.locator("#gaps-three .note")).to_contain_text("CC Loire et Semène")
    text = page.locator("#gaps-three").inner_text().replace("\u202f", " ")
    assert "4 716 places pour les communes, 4 720 pour les EPCI, 4 721 pour le département" in text


@pytest.mark.parametrize("address", ["/fr/ecarts?level=commune&area=43012", "/en/gaps"])
def test_axe_finds_nothing(page, site, address):
    visit(page, site + address)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_nothing_overflows_at_any_width(page, site, sideways):
    visit(page, f"{site}/fr/ecarts?level=commune")
    for width in (320, 390, 768, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        assert sideways(page) == [], width
    page.set_viewport_size({"width": 1024, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 1024


_SAID = """row => [...row.children].map(
    cell => [getComputedStyle(cell, "::before").content.split(" / ")[0], cell.textContent])"""


def figures_of(page):
    return page.locator(f"{TABLE} tbody tr").first.evaluate(_SAID)


def test_on_a_phone_the_title_comes_first_and_each_figure_has_its_name(page, site):
    page.set_viewport_size({"width": 390, "height": 844})
    visit(page, f"{site}/fr/ecarts?level=epci&sort=name")
    parts = ("h1", "#gaps-choice-standard", "#gaps-figures", "#gaps-map", "#gaps-legend")
    parts += ("#gaps-triad", "#gaps-downloads", "#gaps-table", "#gaps-three", "#gaps-method")
    tops = [page.locator(part).bounding_box()["y"] for part in parts]
    assert tops == sorted(tops)
    # The headings are out of sight, still those of the cells for who listens; with the keyboard
    # their links come into sight.
    heads = page.locator(f"{TABLE} thead")
    assert heads.bounding_box()["height"] <= 1
    expect(page.locator(TABLE).get_by_role("columnheader")).to_have_count(len(figures_of(page)))
    heads.get_by_role("link", name="Territoire").focus()
    assert heads.bounding_box()["height"] > 24
    page.locator("h1").click()
    assert heads.bounding_box()["height"] <= 1
    rank, name, *figures = figures_of(page)
    assert (rank, name) == (['"Rang"', "1"], ["none", "CA du Puy-en-Velay"])
    assert figures[0][0] == '"Enfants (de moins de 3 ans)"'
    assert figures[-1][0] == '"Couverture (places pour 100 enfants)"'
    assert ['"Sûr\u202f? (à 90\u202f%)"', "excédent certain"] in figures
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_it_prints_every_row_without_its_controls(page, site, sideways):
    page.set_viewport_size({"width": 1440, "height": 900})
    visit(page, f"{site}/en/gaps?level=commune")
    assert page.locator("html").get_attribute("lang") == "en"
    assert sideways(page) == []
    page.emulate_media(media="print")
    expect(page.locator("#gaps-choice-level")).to_be_hidden()
    last = page.locator(f"{TABLE} tbody tr").last
    view = page.locator(".ranked-scroll")
    assert view.evaluate("v => v.scrollHeight <= v.clientHeight + 1")
    page.set_viewport_size({"width": 720, "height": 1000})
    assert view.evaluate("v => v.scrollWidth <= v.clientWidth + 1")
    expect(last).to_be_visible()
