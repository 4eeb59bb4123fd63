"""What a reader adds to the map, in a real browser: classes, doubt, names, places, a second map."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboard.app import create_app
from dashboard.components.shown_places import place_properties
from dashboard.typography import typeset_json

#: How wide the largest circle of the legend of places is, in pixels.
CIRCLE_WIDTH = "document.querySelector('#map-legend .place-size').getBoundingClientRect().width"
#: How light the map is, from 0 to 255.
BRIGHTNESS = """() => {
    const pen = document.createElement("canvas").getContext("2d");
    pen.drawImage(document.querySelector("#map-areas canvas"), 0, 0, 100, 100);
    const parts = pen.getImageData(0, 0, 100, 100).data.filter((_, place) => place % 4 !== 3);
    return parts.reduce((sum, part) => sum + part, 0) / parts.length;
}"""
PATIENCE_MS = 30_000
RSA = "indicator=rsa_share&period=2023"


def painted(page: Page, values: str, map_id: str = "map-areas") -> None:
    page.locator(f"#{map_id}[data-painted*='{values}']").wait_for(timeout=PATIENCE_MS)
    page.locator("html:not(.is-asking)").wait_for(timeout=PATIENCE_MS)


def visit(page: Page, url: str, values: str) -> None:
    page.goto(url)
    painted(page, values)


def test_controls_are_closed_and_say_what_is_on(page, site):
    visit(page, f"{site}/fr/carte?{RSA}&level=epci", "rsa_share/epci/2023/quantile")
    block = page.locator(".display-block")
    expect(block.locator("summary")).to_have_text("Affichage : quantiles, doute")
    expect(page.locator("#map-choice-classing")).to_be_hidden()
    block.locator("summary").click()
    page.select_option("#map-choice-classing", "tested")
    painted(page, "rsa_share/epci/2023/tested")
    expect(block.locator("summary")).to_have_text("Affichage : écart testé, doute")
    legend = page.locator("#map-legend")
    expect(legend).to_contain_text("sûrement plus haut")
    expect(legend).to_contain_text("Référence : Haute-Loire, 7,0")
    counts = legend.locator(".legend-count").all_inner_texts()
    assert sum(int(text) for text in counts[:3]) == 11
    assert page.locator("#map-areas").get_attribute("data-doubtful") == "0"
    page.select_option("#map-choice-classing", "")
    painted(page, "rsa_share/epci/2023/quantile")
    assert "classing" not in page.url


def test_doubt_is_hatched_counted_and_can_be_taken_off(page, site):
    visit(page, f"{site}/fr/carte?{RSA}&level=commune", "rsa_share/commune")
    row = page.locator("#map-legend li", has_text="Pas de différence sûre")
    expect(row.locator(".swatch-doubt")).to_be_visible()
    told = int(row.locator(".legend-count").inner_text())
    assert page.locator("#map-areas").get_attribute("data-doubtful") == str(told)
    assert 100 < told < 257
    page.locator(".display-block summary").click()
    page.get_by_label("Doute :").uncheck()
    expect(page.locator("#map-areas")).to_have_attribute("data-doubtful", "0")
    assert "layers=none" in page.url
    expect(row).to_have_count(0)
    page.get_by_label("Doute :").check()
    expect(page.locator("#map-areas")).to_have_attribute("data-doubtful", str(told))
    assert "layers" not in page.url


def test_without_intervals_it_says_so_and_shows_quantiles(page, site):
    address = f"{site}/fr/carte?indicator=childcare_raw_coverage&level=epci&classing=tested"
    visit(page, address, "childcare_raw_coverage/epci/2020/tested")
    legend = page.locator("#map-legend")
    expect(legend).to_contain_text("n’ont pas d’intervalle. La carte montre des quantiles.")
    expect(legend).to_contain_text("Source :")


@pytest.mark.parametrize(
    ("classing", "said"),
    [
        ("jenks", "seuils naturels"),
        ("equal", "intervalles égaux"),
        ("fixed", "toutes les périodes"),
    ],
)
def test_each_method_says_its_name_and_counts_every_area(page, site, classing, said):
    address = f"{site}/fr/carte?{RSA}&level=commune&layers=none&classing={classing}"
    visit(page, address, f"rsa_share/commune/2023/{classing}")
    legend = page.locator("#map-legend")
    expect(legend).to_contain_text(said)
    rows = legend.locator(".legend-rows li").filter(has_not=page.locator(".swatch-mark"))
    counts = [text for text in rows.locator(".legend-count").all_inner_texts() if text]
    assert sum(int(text) for text in counts) == 257


def test_fixed_limits_stay_from_one_period_to_another(page, site):
    texts = []
    for period in ("2021", "2023"):
        address = f"{site}/fr/carte?indicator=rsa_share&level=epci&classing=fixed&period={period}"
        visit(page, address, f"rsa_share/epci/{period}/fixed")
        rows = page.locator("#map-legend .legend-rows li").all_inner_texts()
        texts.append([row.split("\n")[0] for row in rows if "moins de" in row or "et plus" in row])
    assert texts[0] == texts[1]
    assert len(texts[0]) == 5


def test_names_are_written_apart_and_kept_from_screen_readers(page, site):
    visit(page, f"{site}/fr/carte?{RSA}&level=commune&layers=names", "rsa_share/commune")
    names = page.locator(".area-map-names span")
    expect(names.filter(has_text="Le Puy-en-Velay")).to_have_count(1)
    assert page.locator(".area-map-names").get_attribute("aria-hidden") == "true"
    boxes = names.evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())")
    assert 8 < len(boxes) <= 48
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            is_apart = (
                one["right"] <= other["left"]
                or other["right"] <= one["left"]
                or one["bottom"] <= other["top"]
                or other["bottom"] <= one["top"]
            )
            assert is_apart
    before = set(names.all_inner_texts())
    page.get_by_role("button", name="Zoomer", exact=True).click()
    expect(names.filter(has_text="Pradelles")).to_have_count(0)
    assert set(names.all_inner_texts()) != before


def test_places_are_drawn_told_and_listed(page, site):
    address = f"{site}/fr/carte?indicator=childcare_unmet&level=epci&layers=services"
    visit(page, address, "childcare_unmet/epci")
    expect(page.locator("#map-areas")).to_have_attribute("data-places", "157")
    expect(page.locator("#map-legend li", has_text="Accueil du jeune enfant")).to_contain_text(
        "157"
    )
    sizes = page.locator("#map-legend .place-sizes")
    assert sizes.inner_text().split() == ["200", "50", "20"]
    widths = [page.evaluate(CIRCLE_WIDTH)]
    page.set_viewport_size({"width": 390, "height": 844})
    widths.append(page.evaluate(CIRCLE_WIDTH))
    page.set_viewport_size({"width": 1440, "height": 900})
    largest = (200 / 334) ** 0.5
    assert widths == [pytest.approx(36 * largest, abs=0.1), pytest.approx(22 * largest, abs=0.1)]
    block = page.locator(".places-block")
    block.locator("summary").click()
    expect(block).to_contain_text("15 minutes de trajet")
    expect(block).to_contain_text("Source :")
    expect(block.locator("tbody tr").first).to_contain_text("Le Puy-en-Velay")
    expect(block.locator("tbody tr")).to_have_count(157)
    canvas = page.locator("#map-areas canvas")
    box = canvas.bounding_box()
    tooltip = page.locator("#map-areas .area-map-tooltip")
    for across in range(30, 70, 2):
        canvas.hover(position={"x": box["width"] * across / 100, "y": box["height"] / 2})
        if "places" in tooltip.inner_text() and "mairie" in tooltip.inner_text():
            break
    expect(tooltip).to_contain_text("placé à la mairie")
    before = page.evaluate(BRIGHTNESS)
    page.mouse.down()
    page.mouse.up()
    expect(tooltip).to_contain_text("minutes de trajet")
    assert "area=" not in page.url
    areas = page.locator("#map-areas")
    expect(areas).to_have_attribute("data-reached", re.compile("^[1-9]"))
    reached = areas.get_attribute("data-reached")
    expect(tooltip).to_contain_text(
        f"Communes d’où l’on y vient à temps, trajet estimé de mairie à mairie (±\u202f30\u202f%)"
        f"\u00a0: {reached}"
    )
    name = tooltip.locator("strong").inner_text()
    asked = page.get_by_role(
        "button", name=f"Montrer sur la carte d’où l’on y vient à temps\u00a0: {name}", exact=True
    )
    row = block.locator("tbody tr", has=asked)
    assert row.locator("td.number").last.inner_text() == reached
    # The rest lies under a light veil, which goes with a click elsewhere.
    page.wait_for_function(f"before => ({BRIGHTNESS})() > before + 5", arg=before)
    canvas.click(position={"x": 14, "y": box["height"] - 14})
    expect(areas).not_to_have_attribute("data-reached", reached)
    page.wait_for_function(f"before => Math.abs(({BRIGHTNESS})() - before) < 1", arg=before)


INK = """() => {
    const canvas = document.querySelector("#map-areas canvas");
    const pen = document.createElement("canvas").getContext("2d");
    Object.assign(pen.canvas, {width: canvas.width, height: canvas.height});
    pen.drawImage(canvas, 0, 0);
    const {data} = pen.getImageData(0, 0, canvas.width, canvas.height);
    let inked = 0;
    for (let at = 0; at < data.length; at += 4) {
        inked += data[at] > data[at + 1] + 40 && data[at + 2] > data[at + 1] + 40;
    }
    return inked / (data.length / 4);
}"""


def test_a_crowd_of_places_is_small_from_far_off(page, site):
    """A country has tens of thousands: at their usual size they would hide the map."""
    inked = {}
    for count in (2000, 2001):
        places = [
            [-4 + 12 * (one % 50) / 50, 42 + 8 * (one // 50) / 41, 1, [["Place", 1.0]], None]
            for one in range(count)
        ]
        places[0][3][0][1] = 10_000.0
        answer = json.dumps(places)
        page.route("**/places/**", lambda route: route.fulfill(body=answer))  # noqa: B023
        visit(page, f"{site}/fr/carte?{RSA}&layers=services&service=childcare", "rsa_share")
        expect(page.locator("#map-areas")).to_have_attribute("data-places", str(count))
        for _ in range(4):
            page.get_by_role("button", name="Dézoomer", exact=True).click()
        page.wait_for_function(f"() => ({INK})() > 0.001")
        page.wait_for_timeout(800)
        inked[count] = page.evaluate(INK)
        page.unroute("**/places/**")
    assert inked[2001] < inked[2000] / 3


def test_two_maps_move_together_and_select_the_same_area(page, site):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit(page, f"{site}/fr/carte?{RSA}&level=epci", "rsa_share/epci")
    assert not [url for url in asked if "childcare_raw_coverage" in url]
    page.locator(".display-block summary").click()
    page.select_option("#map-choice-beside", "childcare_raw_coverage")
    painted(page, "childcare_raw_coverage/epci/2020", "map-beside-areas")
    expect(page.locator(".second-map")).to_contain_text("la période la plus proche")
    expect(page.locator(".second-map .legend-rows li")).to_have_count(5)
    still = page.locator("#map-beside-areas canvas").screenshot()
    page.locator("#map-areas").get_by_role("button", name="Zoomer", exact=True).click()
    for _ in range(40):
        if page.locator("#map-beside-areas canvas").screenshot() != still:
            break
        page.wait_for_timeout(100)
    else:
        pytest.fail("the second map did not follow")
    page.locator("#map-beside-areas canvas").click()
    expect(page.locator("#map-panel .back")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    first, second = (
        page.locator(f"#{name}").bounding_box() for name in ("map-areas", "map-beside-areas")
    )
    assert second["y"] >= first["y"] + first["height"]
    for _ in range(40):  # the maps take their new size at their next frame
        if page.evaluate("document.documentElement.scrollWidth") <= 390:
            break
        page.wait_for_timeout(100)
    else:
        pytest.fail("the page is wider than the screen")
    page.get_by_role("link", name="Fermer la seconde carte").click()
    expect(page.locator("#map-beside-areas")).to_have_count(0)


def test_the_keyboard_opens_the_area_at_the_centre(page, site):
    visit(page, f"{site}/fr/carte?{RSA}&level=epci", "rsa_share/epci")
    page.locator("#map-table a").first.wait_for()
    page.get_by_role("link", name="Aller au contenu").focus()
    canvas = page.locator("#map-areas canvas")
    canvas.focus()
    page.keyboard.press("Shift")
    told = page.locator("#map-areas .area-map-told")
    expect(told).to_contain_text("Au centre de la carte : CA du Puy-en-Velay")
    expect(told).to_contain_text("foyers RSA")
    expect(page.locator("#map-areas .area-map-crosshair")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#map-panel h2").first).to_have_text("CA du Puy-en-Velay")


def test_one_goes_down_into_an_area_and_up_again(page, site):
    visit(page, f"{site}/fr/carte?{RSA}&level=epci&area=200073419", "rsa_share/epci")
    page.get_by_role("link", name="Voir les communes").click()
    painted(page, "rsa_share/commune")
    expect(page.locator("#map-framed")).to_contain_text("cadrée sur CA du Puy-en-Velay")
    assert "within%3Aepci%2F200073419" in page.url
    page.locator("#map-table summary").click()
    page.locator("#map-table a", has_text="Polignac").click()
    page.locator(".drilling").get_by_role("link", name="CA du Puy-en-Velay").click()
    painted(page, "rsa_share/epci")
    expect(page.locator("#map-panel h2").first).to_have_text("CA du Puy-en-Velay")
    expect(page.locator("#map-framed")).to_be_empty()


def test_full_screen_is_offered_by_name(page, site):
    visit(page, f"{site}/fr/carte?{RSA}&level=epci", "rsa_share/epci")
    button = page.locator("#map-areas").get_by_role("button", name="Plein écran")
    button.click()
    expect(page.locator("#map-areas")).to_have_js_property("tagName", "DIV")
    assert page.evaluate("document.fullscreenElement?.id") == "map-areas"
    page.get_by_role("button", name="Quitter le plein écran (Échap)").click()
    expect(button).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_with_everything_on(page, site, scheme):
    page.emulate_media(color_scheme=scheme)
    address = f"{site}/en/map?{RSA}&level=epci&classing=tested&layers=doubt,names,services"
    visit(page, f"{address}&beside=childcare_raw_coverage&area=200073419", "rsa_share/epci")
    painted(page, "childcare_raw_coverage/epci", "map-beside-areas")
    page.locator(".display-block summary").click()
    page.locator(".places-block summary").click()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize(
    ("path", "said"),
    [("/fr/carte", "A (1\u00a0x)\u202f; B (2\u00a0x)"), ("/en/map", "A (1\u00a0x); B (2\u00a0x)")],
)
def test_services_of_one_place_are_apart_as_the_language_writes_it(page, site, view_of, path, said):
    query = "indicator=childcare_unmet&level=epci&layers=services"
    visit(page, f"{site}{path}?{query}", "childcare_unmet/epci")
    texts = place_properties(view_of(path, query))["placeTexts"] | {"unit": "x"}
    told = page.evaluate(
        "([at, texts]) => vigie.AreaPlaces.prototype.lines(at, texts, false)",
        [[0, 0, True, [["A", 1], ["B", 2]]], json.loads(typeset_json(json.dumps(texts)))],
    )
    assert told[1] == said


def heading(content):
    """The bytes before those of the areas."""
    return 4 + int.from_bytes(content[:4], "little")


def test_files_are_small_lasting_and_only_of_what_is_offered(release_data, settings_of):
    client = create_app(settings_of(release_data)).server.test_client()
    release = json.loads((release_data / "CURRENT.json").read_text())["release_id"]
    paths = {
        f"/classes/{release}/rsa_share/commune/2023/jenks.bin": 2 * 1225,
        f"/places/2/{release}/childcare.json": None,
        f"/names/{release}/commune.json": None,
    }
    for path, size in paths.items():
        plain, packed = client.get(path), client.get(path, headers={"Accept-Encoding": "gzip"})
        assert plain.status_code == packed.status_code == 200
        assert "immutable" in packed.headers["Cache-Control"]
        assert gzip.decompress(packed.get_data()) == plain.get_data()
        assert len(packed.get_data()) < len(plain.get_data())
        assert size in (None, len(plain.get_data()) - heading(plain.get_data()))
    for path in (
        f"/classes/{release}/rsa_share/commune/2023/other.bin",
        f"/classes/{release}/rsa_share/commune/1990/jenks.bin",
        f"/places/2/{release}/prisons.json",
        f"/names/{release}/planet.json",
        "/names/elsewhere/commune.json",
    ):
        assert client.get(path).status_code == 404
