"""From where a place is reached, asked of the map and of its list, in a real browser."""

from __future__ import annotations

import json
import re
import shutil
from threading import Event

import duckdb
import pytest
from playwright.sync_api import Page, expect

from dashboard.app import create_app
from dashboard.components.shown_places import place_table
from dashboard.sight import view_at
from geodata.model import Principal
from tests.dashboard.conftest import served
from tests.dashboard.kept_maps import keep_maps

PATIENCE_MS = 30_000
QUERY = "indicator=childcare_unmet&level=epci&layers=services"
#: Name, commune, longitude, latitude, places. The first two stand in one commune and not at one
#: point, the next two at one point; the seat of Brioude is not theirs.
PLACES = (
    ("La Grande", "43157", 3.8000, 45.1000, 90.0),
    ("Les Lutins", "43157", 3.9021, 45.0311, 12.0),
    ("Crèche d’en haut", "43040", 3.3901, 45.2902, 30.0),
    ("Micro-crèche d’en bas", "43040", 3.3901, 45.2902, 10.0),
    ("Sans adresse", "43268", None, None, None),
    ("Ailleurs", None, None, None, 5.0),
)


@pytest.fixture(scope="module")
def registered(release_data, tmp_path_factory):
    """A data folder whose childcare is registered place by place."""
    folder = tmp_path_factory.mktemp("registered") / "data"
    shutil.copytree(release_data, folder)
    (database,) = folder.glob("releases/*/*.duckdb")
    with duckdb.connect(str(database)) as store:
        for number, (name, area, longitude, latitude, capacity) in enumerate(PLACES):
            position = "commune" if longitude is None else "address"
            store.execute(
                "INSERT INTO service BY NAME SELECT ? AS service_id, ? AS name, 'childcare' AS"
                " category, ? AS area_id, ? AS position, ? AS longitude, ? AS latitude,"
                " ? AS capacity, '2026' AS period, 'data_inclusion_services' AS source_id",
                [f"own:{number}", name, area, position, longitude, latitude, capacity],
            )
    return folder


@pytest.fixture(scope="module")
def near_site(registered, settings_of):
    with served(create_app(settings_of(registered)).server) as address:
        yield address


def open_map(page: Page, site: str, query: str = QUERY) -> None:
    page.goto(f"{site}/fr/carte?{query}")
    page.locator("#map-areas[data-painted*='childcare_unmet/epci']").wait_for(timeout=PATIENCE_MS)
    page.locator("html:not(.is-asking)").wait_for(timeout=PATIENCE_MS)
    if not page.locator(".places-block[open]").count():
        page.locator(".places-block summary").click()


def asked(page: Page, name: str):
    """The button of a place in the list."""
    label = f"Montrer sur la carte d’où l’on y vient à temps\u00a0: {name}"
    return page.get_by_role("button", name=label, exact=True)


def press(page: Page, name: str) -> None:
    page.locator("html:not(.is-asking)").wait_for(timeout=PATIENCE_MS)
    asked(page, name).focus()
    page.keyboard.press("Enter")


def zoom_out(page: Page, times: int) -> None:
    for _ in range(times):
        page.locator("#map-areas").get_by_role("button", name="Dézoomer", exact=True).click()


def at_centre(page: Page) -> str:
    """What is told of what stands at the centre of the map, once it has come to rest."""
    canvas = page.locator("#map-areas canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    tooltip = page.locator("#map-areas .area-map-tooltip")
    for _ in range(20):
        page.mouse.move(box["x"] + box["width"] / 2 - 1, box["y"] + box["height"] / 2)
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_timeout(100)
    return tooltip.inner_text() if tooltip.is_visible() else ""


def find_on_map(page: Page, said: str) -> dict[str, float]:
    """Where on the canvas, from its centre outwards, the tooltip says so."""
    canvas = page.locator("#map-areas canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    tooltip = page.locator("#map-areas .area-map-tooltip")
    steps = range(-120, 121, 5)
    for across, down in sorted(
        ((x, y) for x in steps for y in steps), key=lambda at: abs(at[0]) + abs(at[1])
    ):
        at = {"x": box["width"] / 2 + across, "y": box["height"] / 2 + down}
        page.mouse.move(box["x"] + at["x"], box["y"] + at["y"])
        if said in tooltip.text_content():
            return at
    pytest.fail(f"{said} is nowhere near the centre of the map")


@pytest.fixture
def held(page):
    """Answers about reach wait until the event is set."""
    gate = Event()

    def answer(route):
        while not gate.is_set():
            page.wait_for_timeout(20)
        route.continue_()

    page.route("**/reach/**", answer)
    return gate


def reached(page: Page):
    return page.locator(".first-map .area-map-reached")


def test_each_row_has_its_own_place(registered, settings_of):
    reader = Principal("local", "director", ("haute_loire",))
    view = view_at(settings_of(registered), reader, "/fr/carte", QUERY)
    told = json.loads(json.dumps(place_table(view), default=lambda part: part.to_plotly_json()))
    buttons = {}

    def look(part):
        if isinstance(part, list):
            [look(one) for one in part]
        elif isinstance(part, dict):
            if part.get("type") == "Button":
                buttons[part["props"]["data-name"]] = part["props"]
            look(list(part.values()))

    look(told)
    release = view.release.release_id
    assert {name: one.get("data-at") for name, one in buttons.items()} == {
        "La Grande": "[3.8, 45.1]",
        "Les Lutins": "[3.9021, 45.0311]",
        "Crèche d’en haut": "[3.3901, 45.2902]",
        "Micro-crèche d’en bas": "[3.3901, 45.2902]",
        "Sans adresse": "[4.1235, 45.1431]",
    }
    assert buttons["Les Lutins"]["data-reach"] == f"/reach/2/{release}/childcare/43157.json"


def test_the_list_names_each_place_and_goes_to_it(page, near_site):
    """Two in one commune are two places; two at one point have a name each."""
    open_map(page, near_site)
    zoom_out(page, 3)
    press(page, "Les Lutins")
    expect(page.locator("#map-areas")).to_have_attribute("data-reached", re.compile("^[1-9]"))
    expect(reached(page)).to_contain_text(re.compile("^Les Lutins – Communes d’où"))
    count = int(page.locator("#map-areas").get_attribute("data-reached"))
    names = reached(page).inner_text().rpartition(" – ")[2].split(", ")
    assert names[0] == "Le Puy-en-Velay"
    assert len(names) == min(count, 21)
    assert "Les Lutins" in at_centre(page)
    for _ in range(3):
        page.locator("#map-areas").get_by_role("button", name="Zoomer", exact=True).click()
    page.wait_for_timeout(1000)
    press(page, "Micro-crèche d’en bas")
    expect(reached(page)).to_contain_text(re.compile("^Micro-crèche d’en bas – Communes"))
    assert "Micro-crèche d’en bas" in at_centre(page)


def test_it_is_found_by_whoever_is_still_moving(page, near_site):
    """The answer comes while the map is on its way far off: it is brought near from there."""
    keep_maps(page)
    open_map(page, near_site)
    page.evaluate("""() => window.kept[0].easeTo(
        {zoom: 5, duration: 8000, easing: (part) => (part < 0.9 ? 0 : part)},
        {originalEvent: new Event("click")},
    )""")
    press(page, "Les Lutins")
    expect(page.locator("#map-areas")).to_have_attribute("data-reached", re.compile("^[1-9]"))
    assert page.evaluate("() => window.kept[0].isMoving()")
    page.wait_for_function("() => !window.kept[0].isMoving()")
    assert page.evaluate("() => window.kept[0].getZoom()") > 7
    assert "Les Lutins" in at_centre(page)


def test_it_goes_as_it_came(page, near_site):
    open_map(page, near_site)
    areas, row = page.locator("#map-areas"), page.locator(".veil-row")
    button, other = asked(page, "La Grande"), asked(page, "Les Lutins")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(row).to_be_hidden()
    # Pressed again it goes, and with it what was said.
    press(page, "La Grande")
    expect(areas).to_have_attribute("data-reached", re.compile("^[1-9]"))
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(other).to_have_attribute("aria-pressed", "false")
    expect(row).to_contain_text("Voilé")
    press(page, "La Grande")
    expect(areas).not_to_have_attribute("data-reached", re.compile("."))
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(reached(page)).to_be_empty()
    expect(row).to_be_hidden()
    # So it does with Escape, on the list and on the map.
    for where in ("button", "canvas"):
        press(page, "Les Lutins")
        expect(other).to_have_attribute("aria-pressed", "true")
        if where == "canvas":
            page.locator("#map-areas canvas").focus()
        page.keyboard.press("Escape")
        expect(other).to_have_attribute("aria-pressed", "false")
        expect(areas).not_to_have_attribute("data-reached", re.compile("."))
        expect(reached(page)).to_be_empty()
    # And when the places are taken off the map.
    press(page, "La Grande")
    expect(reached(page)).not_to_be_empty()
    page.locator(".display-block summary").click()
    page.get_by_role("checkbox", name=re.compile("Lieux")).uncheck()
    expect(reached(page)).to_be_empty()
    expect(areas).not_to_have_attribute("data-reached", re.compile("."))


def test_a_click_from_far_off_tells_of_the_place_where_the_map_goes(page, near_site):
    open_map(page, near_site)
    zoom_out(page, 2)
    page.wait_for_timeout(1000)
    find_on_map(page, "Crèche d’en haut")
    page.mouse.down()
    page.mouse.up()
    tooltip = page.locator("#map-areas .area-map-tooltip")
    expect(tooltip).to_contain_text("Communes d’où l’on y vient à temps")
    expect(tooltip).to_contain_text("Crèche d’en haut")
    assert "Crèche d’en haut" in at_centre(page)


def test_what_comes_late_leaves_the_reader_where_they_went(page, near_site, held):
    open_map(page, near_site)
    page.wait_for_timeout(500)
    find_on_map(page, "La Grande")
    page.mouse.down()
    page.mouse.up()
    page.mouse.move(5, 5)
    tooltip = page.locator("#map-areas .area-map-tooltip")
    expect(tooltip).to_be_hidden()
    held.set()
    expect(page.locator("#map-areas")).to_have_attribute("data-reached", re.compile("^[1-9]"))
    expect(reached(page)).to_contain_text(re.compile("^La Grande – Communes"))
    page.wait_for_timeout(500)
    expect(tooltip).to_be_hidden()


def test_the_map_is_not_pulled_back(page, near_site, held):
    open_map(page, near_site)
    zoom_out(page, 3)
    press(page, "Crèche d’en haut")
    zoom_out(page, 1)
    page.wait_for_timeout(800)
    held.set()
    expect(page.locator("#map-areas")).to_have_attribute("data-reached", re.compile("^[1-9]"))
    assert "Crèche d’en haut" not in at_centre(page)


def veiled(page: Page, *names: str) -> None:
    """Of two maps, these and no other show a reach."""
    for name in ("map-areas", "map-beside-areas"):
        shown = expect(page.locator(f"#{name}"))
        if name in names:
            shown.to_have_attribute("data-reached", re.compile("^[1-9]"))
        else:
            shown.not_to_have_attribute("data-reached", re.compile("."))


def click_ground(page: Page, name: str) -> None:
    """Where no place stands."""
    canvas = page.locator(f"#{name} canvas")
    canvas.click(position={"x": 14, "y": canvas.bounding_box()["height"] - 14})


def test_of_two_maps_one_speaks_and_both_do_the_same(page, near_site):
    open_map(page, near_site, f"{QUERY}&beside=childcare_effective_coverage")
    page.locator("#map-beside-areas[data-places='4']").wait_for(timeout=PATIENCE_MS)
    button = asked(page, "La Grande")
    for where in ("map-areas", "map-beside-areas"):
        press(page, "La Grande")
        veiled(page, "map-areas", "map-beside-areas")
        said = page.locator(".area-map-reached").all_inner_texts()
        assert [bool(one) for one in said] == [True, False]
        expect(button).to_have_attribute("aria-pressed", "true")
        click_ground(page, where)
        veiled(page)
        expect(button).to_have_attribute("aria-pressed", "false")
    # A second map that comes later shows the same.
    page.get_by_role("link", name="Fermer la seconde carte").click()
    expect(page.locator("#map-beside-areas")).to_have_count(0)
    press(page, "La Grande")
    # The list, drawn anew each time, is still open.
    page.locator(".display-block summary").click()
    page.select_option("#map-choice-beside", "childcare_effective_coverage")
    veiled(page, "map-areas", "map-beside-areas")


def test_another_area_or_level_leaves_it_and_its_button(page, near_site):
    open_map(page, near_site)
    press(page, "La Grande")
    expect(reached(page)).to_contain_text("La Grande")
    page.select_option("#map-choice-level", "commune")
    page.locator("#map-areas[data-painted*='/commune/']").wait_for(timeout=PATIENCE_MS)
    page.locator("html:not(.is-asking)").wait_for(timeout=PATIENCE_MS)
    expect(page.locator("#map-areas")).to_have_attribute("data-reached", re.compile("^[1-9]"))
    expect(page.locator("[data-name='La Grande']")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-name='Les Lutins']")).to_have_attribute("aria-pressed", "false")
    # The list, drawn anew, is as the reader left it.
    folded = page.locator("#places-list")
    expect(folded).to_have_attribute("open", "")
    folded.locator("summary").click()
    page.select_option("#map-choice-level", "epci")
    page.locator("#map-areas[data-painted*='/epci/']").wait_for(timeout=PATIENCE_MS)
    page.locator("html:not(.is-asking)").wait_for(timeout=PATIENCE_MS)
    expect(folded).not_to_have_attribute("open", "")


def test_what_is_said_is_whole_on_any_screen(page, near_site):
    long = [[one, f"Saint-Jean-de-la-Commune-{one}"] for one in range(30)]
    page.route("**/reach/**", lambda route: route.fulfill(json=long))
    for width, height, query in ((390, 667, QUERY), (1366, 640, f"{QUERY}&beside=poverty_rate")):
        page.set_viewport_size({"width": width, "height": height})
        open_map(page, near_site, query)
        press(page, "La Grande")
        expect(reached(page)).to_contain_text("et 10 autres")
        hidden = page.evaluate(
            """() => {
                const card = document.querySelector(".first-map .map-card");
                return card.scrollHeight - card.clientHeight;
            }"""
        )
        assert hidden <= 0, (width, height)


def test_paper_says_what_is_veiled(page, near_site):
    open_map(page, near_site)
    page.wait_for_timeout(500)
    find_on_map(page, "La Grande")
    page.mouse.down()
    page.mouse.up()
    expect(reached(page)).to_contain_text("La Grande")
    page.emulate_media(media="print")
    expect(page.locator(".veil-row")).to_contain_text("Voilé")
    expect(page.locator(".veil-row small")).to_be_hidden()
    expect(reached(page)).to_be_visible()


def test_a_press_while_it_loads_cancels_it_and_a_failure_is_asked_for_again(page, near_site):
    open_map(page, near_site)
    button, asks = asked(page, "La Grande"), []

    def answer(route):
        asks.append(route)
        if len(asks) == 2:
            route.fulfill(body="[[")

    page.route("**/reach/**", answer)
    press(page, "La Grande")
    expect(button).to_have_attribute("aria-pressed", "true")
    press(page, "La Grande")
    expect(button).to_have_attribute("aria-pressed", "false")
    press(page, "La Grande")
    expect(reached(page)).to_contain_text("La Grande – La portée n’a pas pu être chargée")
    expect(button).to_have_attribute("aria-pressed", "false")
    page.unroute("**/reach/**")
    press(page, "La Grande")
    expect(page.locator("#map-areas")).to_have_attribute("data-reached", re.compile("^[1-9]"))
    assert len(asks) == 2


def test_escape_of_who_writes_is_theirs(page, near_site):
    open_map(page, near_site)
    press(page, "La Grande")
    expect(reached(page)).to_contain_text("La Grande")
    page.locator("input[type=search], [role=combobox]").first.focus()
    page.keyboard.press("Escape")
    expect(asked(page, "La Grande")).to_have_attribute("aria-pressed", "true")


def test_what_is_said_as_one_goes_has_its_place_before_it_is_said(page, near_site):
    open_map(page, near_site)
    for name in (".area-map-told", ".area-map-reached"):
        shown = "one => getComputedStyle(one).display"
        assert page.locator(name).first.evaluate(shown) == "block"
        expect(page.locator(name).first).to_be_empty()


def test_without_places_on_the_map_nothing_offers_to_show_them(page, near_site):
    page.route("**/places/**", lambda route: route.fulfill(body="[]"))
    open_map(page, near_site)
    expect(page.locator("[data-reach]").first).to_be_hidden()
    page.unroute("**/places/**")
    open_map(page, near_site)
    expect(page.locator("[data-reach]").first).to_be_visible()


def test_numbers_are_written_as_the_language_has_them(page, near_site):
    open_map(page, near_site)
    said = page.evaluate(
        """() => {
            const view = {drawn: {placeTexts: {
                locale: "fr", reached: "{count} communes", more: "et {count} autres",
            }}};
            const areas = Array.from({length: 2020}, (_, at) => [at, "A"]);
            const reach = Object.create(vigie.AreaReach.prototype);
            return Object.assign(reach, {view, place: null, shown: {areas}}).names();
        }"""
    )
    assert said.startswith("2\u202f020 communes")
    assert said.endswith("et 2\u202f000 autres")
