"""A figure leaves as it is on screen, with its title, its sources and its release written on it."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

from geodata.release import current_release

POVERTY = "indicator=poverty_rate&form=beeswarm&level=epci"


def saved(page, figure, button):
    with page.expect_download() as coming:
        figure.get_by_role("button", name=button).click()
    download = coming.value
    return download.suggested_filename, Path(download.path()).read_bytes()


def texts_of(svg):
    root = ElementTree.fromstring(svg)
    return [
        " ".join("".join(one.itertext()).split()) for one in root.iter() if one.tag[-4:] == "text"
    ]


@pytest.fixture
def compared(page, site):
    page.goto(f"{site}/fr/comparer?{POVERTY}")
    figure = page.locator("#compare-figure")
    expect(figure.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    return page, figure


def test_the_drawing_is_that_of_the_screen_and_says_where_it_comes_from(compared, release_data):
    page, figure = compared
    release = current_release(release_data)
    name, svg = saved(page, figure, "dessin (SVG)")
    assert name.startswith("vigie_haute_loire_compare_poverty_rate_epci_")
    assert name.endswith(f"_{release.release_id}.svg")
    root = ElementTree.fromstring(svg)
    dots = [one for one in root.iter() if "point" in one.get("class", "").split()]
    on_screen = page.locator("#compare-figure .js-plotly-plot .points path.point").count()
    assert len(dots) == on_screen > 5
    said = " ".join(texts_of(svg))
    assert "Taux de pauvreté" in said
    assert "Haute-Loire" in said
    assert "année 2021" in said
    assert "Sources : " in said
    assert release.release_id in said
    shown = page.locator("#compare-figure .xtick text").all_text_contents()
    assert shown
    assert set(shown) <= set(texts_of(svg)), "the marks of the axis are those of the screen"
    assert page.locator("#compare-figure .js-plotly-plot .annotation").count() <= 2, "not written"


def test_the_picture_is_twice_as_fine_and_on_white(compared):
    page, figure = compared
    name, png = saved(page, figure, "image (PNG)")
    assert name.endswith(".png")
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    wide, high = struct.unpack(">II", png[16:24])
    drawn = page.locator("#compare-figure .js-plotly-plot").bounding_box()
    assert wide >= 2 * drawn["width"] - 2
    assert high > 2 * drawn["height"]


def test_nothing_can_be_saved_before_it_is_drawn_and_a_fault_is_told(page, site):
    held = []
    page.route("**/vendor/plotly*", lambda route: held.append(route))
    page.goto(f"{site}/en/compare?{POVERTY}")
    figure = page.locator("#compare-figure")
    figure.locator("p").first.wait_for()
    expect(figure.locator(".chart-leaving")).to_be_hidden()
    page.wait_for_timeout(100)  # the script is asked for once the page is at rest
    while not held:
        page.wait_for_timeout(50)
    assert figure.locator(".chart-leaving").is_hidden()
    held.pop().continue_()
    expect(figure.get_by_role("button", name="as a drawing (SVG)")).to_be_visible()
    page.evaluate("() => { window.Plotly.toImage = () => Promise.reject(new Error('no')); }")
    figure.get_by_role("button", name="as a drawing (SVG)").click()
    expect(figure.get_by_role("status")).to_contain_text("could not be saved")


def test_the_parts_of_the_need_say_by_what_it_is_measured_and_when(page, site):
    page.goto(f"{site}/fr/ecarts?level=epci")
    figure = page.locator("#gaps-triad")
    figure.scroll_into_view_if_needed()
    expect(figure.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    said = " ".join(texts_of(saved(page, figure, "dessin (SVG)")[1]))
    assert "Besoin mesuré par : Moyenne de la France en 2020 (58,8 places" in said
    assert "décembre 2020" in said


def test_a_funnel_says_how_its_limits_are_made(page, site):
    page.goto(f"{site}/en/compare?indicator=rsa_share&level=epci&form=funnel")
    figure = page.locator("#compare-figure")
    expect(figure.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    said = " ".join(texts_of(saved(page, figure, "as a drawing (SVG)")[1]))
    assert "Beyond the limits of the funnel" in said
    assert "Full line: " in said


#: The colours of a drawn figure: its words, its marks and the ground that they stand on.
DRAWN = """figure => {
    const told = name => [...figure.querySelectorAll(name)].map(one => getComputedStyle(one).fill);
    let ground = figure;
    while (getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)") {
        ground = ground.parentElement;
    }
    return {words: told("svg text"), marks: told(".points path.point"),
            ground: getComputedStyle(ground).backgroundColor};
}"""


def luminance(colour):
    """Relative luminance of "rgb(r, g, b)", as WCAG 2.2 defines it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("form", ["beeswarm", "funnel"])
def test_a_figure_follows_the_theme_and_its_file_stays_on_white(page, site, form):
    page.emulate_media(color_scheme="dark")
    page.goto(f"{site}/fr/comparer?indicator=rsa_share&level=epci&form={form}")
    figure = page.locator("#compare-figure .js-plotly-plot")
    expect(figure.locator(".main-svg").first).to_be_visible()
    dark = figure.evaluate(DRAWN)
    assert luminance(dark["ground"]) < 0.05
    assert min(contrast(word, dark["ground"]) for word in dark["words"]) >= 4.5
    assert min(contrast(mark, dark["ground"]) for mark in dark["marks"]) >= 3
    _, svg = saved(page, page.locator("#compare-figure"), "dessin (SVG)")
    assert b"rgb(22, 30, 39)" not in svg
    assert b"rgb(255, 255, 255)" in svg
    page.locator("button.theme").click()
    page.wait_for_function(
        f"figure => ({DRAWN})(figure).words[0] !== '{dark['words'][0]}'",
        arg=figure.element_handle(),
    )
    light = figure.evaluate(DRAWN)
    page.evaluate("localStorage.clear()")
    page.emulate_media(color_scheme="light")
    assert luminance(light["ground"]) > 0.9
    assert min(contrast(word, light["ground"]) for word in light["words"]) >= 4.5
    assert min(contrast(mark, light["ground"]) for mark in light["marks"]) >= 3
