"""What a browser prints: no control, titles with what they are over, its address and its day."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date

import pytest
from playwright.sync_api import expect

from dashboard.wording import Words
from geodata.release import current_release

CONTROLS = ".area-search, .native-select, .native-input, .navigation, .downloads, .button"


@pytest.fixture
def printed(page):
    page.emulate_media(media="print")
    yield page
    page.emulate_media(media="screen")


def boxes(sheet: bytes) -> list[tuple[float, float]]:
    """Width and height of each page of a PDF, in points."""
    found = re.findall(rb"/MediaBox\s*\[\s*0 0 ([0-9.]+) ([0-9.]+)\s*\]", sheet)
    return [(float(width), float(height)) for width, height in found]


def sheets(content: bytes) -> list[str]:
    """What each sheet of a PDF says, without its spaces."""
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext here (poppler-utils): the text of the sheets was not read")
    made = subprocess.run(["pdftotext", "-raw", "-", "-"], input=content, capture_output=True)
    made.check_returncode()
    return ["".join(sheet.split()) for sheet in made.stdout.decode().split("\f")[:-1]]


def sheets_of(page) -> list[str]:
    """What each sheet of a page says when it is printed."""
    return sheets(page.pdf(prefer_css_page_size=True, format="A4"))


@pytest.mark.parametrize(
    "path", ["carte", "profil", "ecarts", "priorites", "chaine", "comparer", "donnees", "methodes"]
)
def test_no_control_is_printed_and_nothing_is_wider_than_its_sheet(printed, site, path):
    printed.set_viewport_size({"width": 794, "height": 1123})
    printed.goto(f"{site}/fr/{path}")
    printed.wait_for_load_state("networkidle")
    assert [one.is_visible() for one in printed.locator(CONTROLS).all()].count(True) == 0
    if path != "chaine":  # its sheets lie on their side
        wide = printed.evaluate("document.documentElement.scrollWidth")
        assert wide <= 794


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("carte", ["Ouvrir le profil complet"]),
        ("profil", ["Voir les écarts", "Interface pour d’autres programmes"]),
        ("ecarts", ["Choisissez un territoire", "Rapport à imprimer", "Vue de réunion"]),
        ("chaine", ["Choisir un signe du tableau"]),
        ("comparer", ["Choisir un territoire dans le tableau"]),
    ],
)
def test_words_of_use_on_a_screen_alone_are_not_printed(page, site, path, said):
    page.goto(f"{site}/fr/{path}")
    for words in said:
        expect(page.locator("body")).to_contain_text(words)
        expect(page.get_by_text(words).first).to_be_visible()
    page.emulate_media(media="print")
    for words in said:
        for one in page.get_by_text(words).all():
            expect(one).to_be_hidden()


def test_what_is_told_of_the_figures_is_printed_and_what_is_told_of_the_address_is_not(
    page, site, release_data
):
    release = current_release(release_data)
    page.goto(f"{site}/fr/carte?release={release.release_id}&colour=red")
    pinned, unknown = page.locator(".remark", has_text="figée"), page.locator(".remark").last
    expect(unknown).to_contain_text("colour")
    page.emulate_media(media="print")
    expect(pinned).to_be_visible()
    expect(unknown).to_be_hidden()


def test_no_sign_of_opening_is_printed(printed, site):
    printed.goto(f"{site}/fr/methodes")
    summary = printed.locator(".entry summary").first
    expect(summary).to_be_visible()
    assert summary.evaluate("one => getComputedStyle(one, '::before').content") == "none"


@pytest.mark.parametrize(("path", "table"), [("ecarts", "gaps"), ("priorites", "priorities")])
def test_a_table_begins_with_its_first_rows_under_its_title(page, site, path, table):
    page.goto(f"{site}/fr/{path}")
    card = page.locator(f"#{table}-table")
    rows = card.locator("table").first.locator("tbody tr th")
    expect(rows.nth(2)).to_be_visible()
    title, *names = (
        "".join(text.split())
        for text in [card.locator("h2").inner_text(), *rows.all_inner_texts()[:3]]
    )
    for lower in range(0, 200, 25):  # wherever on a sheet it comes to begin
        card.evaluate("(one, lower) => { one.style.marginTop = `${lower}mm`; }", lower)
        begun = next((sheet for sheet in sheets_of(page) if title in sheet), title)
        assert [name for name in names if name not in begun.split(title, 1)[1]] == [], lower


def test_what_each_step_of_a_refresh_took_is_not_printed_unless_it_is_open(printed, site):
    printed.goto(f"{site}/fr/donnees")
    steps = printed.locator("#data-runs details")
    expect(steps.locator("summary")).to_be_visible()
    printed.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(steps.locator("table")).to_be_hidden()
    steps.evaluate("one => { one.open = true; }")
    expect(steps.locator("table")).to_be_visible()


@pytest.mark.parametrize(("language", "path"), [("fr", "ecarts"), ("en", "gaps")])
def test_each_sheet_says_where_it_is_from_and_when_it_was_printed(page, site, language, path):
    page.goto(f"{site}/{language}/{path}")
    expect(page.locator("tbody tr").first).to_be_visible()
    words = Words(language)
    day = words.day(date.today().isoformat())  # noqa: DTZ011 (the day of the browser's clock)
    said = "".join(words("shell.printed", day=day, address=page.url).split())
    found = sheets_of(page)
    assert len(found) > 1
    assert all(said in sheet for sheet in found)
    expect(page.locator(".printed")).to_be_hidden()
    assert page.locator(".printed").get_attribute("aria-hidden") == "true"


def test_a_catalogue_is_printed_by_its_names_and_what_is_open(printed, site):
    printed.goto(f"{site}/fr/methodes")
    names = printed.locator(".entry-name")
    expect(names.first).to_be_visible()
    opened = printed.locator(".entry").nth(1)
    opened.evaluate("entry => { entry.open = true; }")
    printed.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(opened.locator("dl").first).to_be_visible()
    assert printed.locator(".entry[open]").count() == 1


def test_what_is_folded_is_printed_open_under_its_title(printed, site):
    printed.goto(f"{site}/fr/profil?level=epci&area=200073419")
    folded = printed.locator("details", has=printed.locator("summary", has_text="Ce que disent"))
    expect(folded.locator("summary")).to_be_visible()
    expect(folded.locator("dl, ul").first).to_be_visible()


def test_the_matrix_lies_on_its_side_and_the_others_stand(page, site):
    page.goto(f"{site}/fr/chaine")
    expect(page.locator(".chain-matrix tbody tr").first).to_be_visible()
    assert all(width > height for width, height in boxes(page.pdf(prefer_css_page_size=True)))
    page.goto(f"{site}/fr/comparer")
    figure = page.locator(".compare-picture .main-svg").first
    expect(figure).to_be_visible()
    sheets = boxes(page.pdf(prefer_css_page_size=True, format="A4"))
    assert sheets
    assert all(width < height for width, height in sheets)
    scale = page.evaluate(
        "getComputedStyle(document.querySelector('.compare-picture')).getPropertyValue('--paper-scale')"
    )
    width = page.locator(".compare-picture").evaluate("one => one.clientWidth")
    assert float(scale) * width <= 691, "the whole figure is on the sheet"
