"""The map and the list, in a real browser, on an invented territory of three by three squares."""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from dash import Dash, Input, Output, State, html
from flask import Flask, Response, abort, send_file
from playwright.sync_api import Browser, Page, expect

from dashboard.bundle import bundle
from dashboard.bundle import routes as bundle_routes
from dashboard.components import AreaMap, NativeSelect
from dashboard.components.vendor import maplibre_url, vendor_files
from dashboard.flags import MARKS
from etl.tiles import tiles
from geodata.model import Flag
from tests.dashboard.conftest import served

WEST, SOUTH, STEP = 3.6, 44.9, 0.2
BOUNDS = [WEST, SOUTH, WEST + 3 * STEP, SOUTH + 3 * STEP]
NAN = float("nan")
LOW, MIDDLE, HIGH, ZERO = "#fde0c5", "#f2855d", "#7a1f5c", "#fff3c4"

# Squares, by fid: from the south-west, row by row. The last is a neighbour.
FIRST = {
    "values": [5, 50, 0, NAN, NAN, NAN, 95, 40, NAN],
    "statuses": [0, 0, 0, 3, 4, 5, 1, 0, 6],
}
SECOND = {"values": [95] * 8 + [NAN], "statuses": [0] * 8 + [6]}
WHOLE = {"values": [50], "statuses": [0]}
# Fragile, estimated, of another ground, the three at once, none; stale is not drawn here.
MARKED = {
    "values": [5, 50, 95, 95, 95, 50, 50, 50, NAN],
    "statuses": [0, 1, 0, 1, 0, 0, 0, 0, 6],
    "flags": [1, 2, 16, 1 | 2 | 16, 0, 32, 0, 0, 1],
}
SETS = {"first": FIRST, "second": SECOND, "whole": WHOLE, "marked": MARKED}

TEXTS = {
    "unit": "places",
    "locale": "fr",
    "decimals": 1,
    "statuses": {"1": "estimé", "3": "secret", "4": "manquant"},
    "flags": {"1": "fragile", "16": "contours changés"},
    "noValue": "sans valeur",
    "outside": "hors du territoire",
}


def squares() -> gpd.GeoDataFrame:
    """The nine squares and the département that they make."""
    cells = [
        shapely.box(
            WEST + c * STEP, SOUTH + r * STEP, WEST + (c + 1) * STEP, SOUTH + (r + 1) * STEP
        )
        for r in range(3)
        for c in range(3)
    ]
    cells = list(shapely.set_precision(cells, 1e-9))
    fine = {
        "level": "commune",
        "area_id": [f"4300{number}" for number in range(9)],
        "name": [f"<b>Village</b> {number}" for number in range(9)],
        "is_in_territory": [True] * 8 + [False],
        "fid": range(9),
    }
    coarse = {
        "level": "departement",
        "area_id": ["43"],
        "name": ["Département"],
        "is_in_territory": [True],
        "fid": [0],
    }
    return pd.concat(
        [
            gpd.GeoDataFrame(fine, geometry=cells, crs="EPSG:4326"),
            gpd.GeoDataFrame(coarse, geometry=[shapely.union_all(cells)], crs="EPSG:4326"),
        ],
        ignore_index=True,
    )


def add_routes(server: Flask) -> None:
    """Tiles, values and MapLibre, as the dashboard serves them."""
    built = {
        (z, x, y): data for z, x, y, data in tiles(squares(), "EPSG:2154").itertuples(index=False)
    }
    vendors = vendor_files()

    @server.get("/geo/<int:z>/<int:x>/<int:y>.pbf")
    def tile(z: int, x: int, y: int) -> Response:
        if (z, x, y) not in built:
            return Response(status=204)
        return Response(built[z, x, y], headers={"Content-Encoding": "gzip"})

    @server.get("/values/<name>.bin")
    def values(name: str) -> Response:
        if name not in SETS:
            abort(500)
        made = SETS[name]
        count = len(made["values"])
        flags = made.get("flags", [0] * count)
        packed = struct.pack(f"<{count}f{2 * count}B", *made["values"], *made["statuses"], *flags)
        return Response(packed, mimetype="application/octet-stream")

    @server.get("/vendor/<name>")
    def vendor(name: str) -> Response:
        return send_file(vendors[name])


def the_map() -> AreaMap:
    return AreaMap(
        "map",
        tilesUrl="/geo/{z}/{x}/{y}.pbf",
        levels=["commune", "departement"],
        level="commune",
        bounds=BOUNDS,
        valuesUrl="/values/first.bin",
        breaks=[20, 80],
        colours=[LOW, MIDDLE, HIGH],
        zeroColour=ZERO,
        outlineLevels=["departement"],
        borderCode="43",
        markedFlags=1 | 2 | 16,
        note="Toutes les valeurs : arrondies",
        label="Carte des villages",
        labels={"zoomIn": "Plus près", "zoomOut": "Plus loin", "reset": "Tout voir"},
        hoverTexts=TEXTS,
        attribution="Contours <inventés>",
        noWebglText="Carte impossible",
        failureText="Valeurs indisponibles",
    )


def layout() -> html.Div:
    options = [
        {"value": "first", "label": "Premier", "group": "Communes"},
        {"value": "whole", "label": "Entier"},
        {"value": "second", "label": "Deuxième", "group": "Communes"},
        {"value": "broken", "label": "Cassé", "group": "Communes"},
        {"value": "marked", "label": "Marqué", "group": "Communes"},
    ]
    return html.Div(
        [
            NativeSelect("values", label="Valeurs", options=options, value="first"),
            NativeSelect("unset", label="Rien", options=options, value="gone", disabled=True),
            html.Button("Sélectionner", id="select"),
            html.Button("Ôter", id="toggle"),
            html.Div(the_map(), id="holder", style={"height": "480px", "width": "640px"}),
            html.Pre(id="clicked"),
        ]
    )


def add_callbacks(app: Dash) -> None:
    @app.callback(
        Output("map", "valuesUrl"),
        Output("map", "level"),
        Input("values", "value"),
        prevent_initial_call=True,
    )
    def choose(name: str) -> tuple[str, str]:
        return f"/values/{name}.bin", "departement" if name == "whole" else "commune"

    @app.callback(
        Output("map", "selectedFid"), Input("select", "n_clicks"), prevent_initial_call=True
    )
    def select(count: int) -> int | None:
        return 0 if count % 2 else None

    @app.callback(
        Output("holder", "children"),
        Input("toggle", "n_clicks"),
        State("holder", "children"),
        prevent_initial_call=True,
    )
    def toggle(_count: int, children: object) -> AreaMap | None:
        return None if children else the_map()

    @app.callback(Output("clicked", "children"), Input("map", "click"), prevent_initial_call=True)
    def report(click: dict[str, object]) -> str:
        return json.dumps(click)


@pytest.fixture(scope="module")
def villages() -> Iterator[str]:
    """Address of the invented territory, served under the dashboard's content policy."""
    app = Dash("villages", serve_locally=True, suppress_callback_exceptions=True)
    app.layout = layout()
    made = bundle()
    for place, ours in (
        ("{%css%}", f'<link rel="stylesheet" href="{made.style_url}">'),
        ("{%scripts%}", f'<script src="{made.script_url}"></script>'),
    ):
        app.index_string = app.index_string.replace(place, place + ours)
    add_callbacks(app)
    add_routes(app.server)
    bundle_routes(app.server, made)
    policy = "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' {' '.join(app.csp_hashes())}",
            "worker-src blob:",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "connect-src 'self'",
        ]
    )

    @app.server.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        return response

    with served(app.server) as address:
        yield f"{address}/"


@pytest.fixture
def map_page(page: Page, villages: str) -> Page:
    """A page whose map shows the first values."""
    page.goto(villages)
    painted(page, "first")
    return page


def painted(page: Page, name: str) -> None:
    """Wait until the map shows these values."""
    page.locator(f"#map[data-painted='/values/{name}.bin']").wait_for(timeout=60_000)


def northing(latitude: float) -> float:
    """Web-mercator ordinate in degrees, so that one degree east is as long as one north."""
    return math.degrees(math.asinh(math.tan(math.radians(latitude))))


def centre(fid: int, width: float = 640, height: float = 480) -> tuple[float, float]:
    """Where the middle of a square lies on a map that fits its bounds, 16 pixels of margin."""
    south, north = northing(BOUNDS[1]), northing(BOUNDS[3])
    scale = min((width - 32) / (3 * STEP), (height - 32) / (north - south))
    row, column = divmod(fid, 3)
    middle = northing(SOUTH + (row + 0.5) * STEP)
    return (
        width / 2 + (column - 1) * STEP * scale,
        height / 2 - (middle - (south + north) / 2) * scale,
    )


def pixels(page: Page, fid: int, side: int = 24) -> list[tuple[int, int, int]]:
    """The colours in the middle of a square, row by row."""
    x, y = centre(fid)
    flat = page.evaluate(
        """([x, y, side]) => {
            const drawn = document.querySelector("#map canvas.maplibregl-canvas");
            const copy = document.createElement("canvas");
            copy.width = copy.height = side;
            const pen = copy.getContext("2d");
            pen.drawImage(drawn, x - side / 2, y - side / 2, side, side, 0, 0, side, side);
            return Array.from(pen.getImageData(0, 0, side, side).data);
        }""",
        [round(x), round(y), side],
    )
    return list(zip(flat[0::4], flat[1::4], flat[2::4], strict=True))


def flat_colour(page: Page, fid: int) -> str:
    """The one colour in the middle of a square; fails where there are several."""
    (found,) = colours(page, fid)
    return found


def colours(page: Page, fid: int) -> set[str]:
    """Every colour in the middle of a square."""
    return {"#{:02x}{:02x}{:02x}".format(*pixel) for pixel in pixels(page, fid)}


def wait_until(page: Page, is_so: Callable[[], bool]) -> None:
    """Look at the map again and again until it is as expected; fail when it does not come."""
    for _ in range(300):
        if is_so():
            return
        page.wait_for_timeout(50)
    pytest.fail("the map did not become what was expected")


def contrast(line: Sequence[tuple[int, int, int]]) -> int:
    """How far the lightest pixel of a line is from the darkest, 0 to 255."""
    reds = [red for red, _green, _blue in line]
    return max(reds) - min(reds)


def point_at(page: Page, fid: int) -> None:
    x, y = centre(fid)
    page.locator("#map").hover(position={"x": x, "y": y})


def test_classes_zero_and_neighbours_have_their_colours(map_page: Page) -> None:
    shown = {fid: flat_colour(map_page, fid) for fid in (0, 1, 2, 6, 7, 8)}
    assert shown == {0: LOW, 1: MIDDLE, 2: ZERO, 6: HIGH, 7: MIDDLE, 8: "#e9eaec"}


def test_the_three_silences_differ_from_each_other_and_from_zero(map_page: Page) -> None:
    suppressed, missing, not_applicable = (pixels(map_page, fid) for fid in (3, 4, 5))
    for hatch in (suppressed, missing, not_applicable):
        assert len(set(hatch)) > 2  # ink on paper
    dark = [sum(max(p) < 200 for p in hatch) for hatch in (suppressed, missing)]
    assert dark[0] > 2 * dark[1] > 0  # hatched densely, dotted sparsely
    rows = [not_applicable[start : start + 24] for start in range(0, 24 * 24, 24)]
    columns = list(zip(*rows, strict=True))
    assert max(map(contrast, rows)) < min(map(contrast, columns)) / 2  # its lines run level
    assert len({tuple(h) for h in (suppressed, missing, not_applicable, pixels(map_page, 2))}) == 4


def test_each_mark_is_drawn_over_the_colour_it_leaves_to_be_seen(map_page: Page) -> None:
    assert map_page.locator("#map").get_attribute("data-marked") == "0"
    map_page.locator("#values").select_option("marked")
    painted(map_page, "marked")
    assert map_page.locator("#map").get_attribute("data-marked") == str(1 | 2 | 16)
    assert [len(colours(map_page, fid)) for fid in (4, 5, 6, 8)] == [1, 1, 1, 1]
    own = {0: LOW, 1: MIDDLE, 2: HIGH, 3: HIGH}
    shown = {fid: pixels(map_page, fid, 48) for fid in own}
    for fid, colour in own.items():
        written = ["#{:02x}{:02x}{:02x}".format(*pixel) for pixel in shown[fid]]
        assert written.count(colour) > (0.4 if fid == 3 else 0.6) * len(written)
        assert min(max(pixel) for pixel in shown[fid]) < 80  # ink
        assert max(min(pixel) for pixel in shown[fid]) > 200  # its light edge
    ink = {fid: sum(max(pixel) < 80 for pixel in shown[fid]) for fid in own}
    assert ink[3] > max(ink[0], ink[1], ink[2])  # all three at once
    map_page.locator("#values").select_option("second")
    painted(map_page, "second")
    assert flat_colour(map_page, 3) == HIGH


def test_pointing_says_the_flags_that_have_words(map_page: Page) -> None:
    map_page.locator("#values").select_option("marked")
    painted(map_page, "marked")
    told = map_page.locator(".area-map-flags")
    for fid, text in ((3, "fragile · contours changés"), (2, "contours changés"), (4, "")):
        point_at(map_page, fid)
        expect(map_page.locator(".area-map-tooltip strong")).to_have_text(f"<b>Village</b> {fid}")
        expect(told).to_have_text(text)
        expect(told).to_be_visible(visible=bool(text))


def test_what_holds_everywhere_is_said_on_the_map(map_page: Page) -> None:
    expect(map_page.locator("#map .area-map-note")).to_have_text("Toutes les valeurs : arrondies")


def test_new_values_repaint_the_same_map(map_page: Page) -> None:
    map_page.evaluate("document.querySelector('#map canvas').dataset.kept = 'yes'")
    asked: list[str] = []
    map_page.on("request", lambda request: asked.append(request.url))
    map_page.locator("#values").select_option("second")
    painted(map_page, "second")
    assert [flat_colour(map_page, fid) for fid in range(9)] == [HIGH] * 8 + ["#e9eaec"]
    assert map_page.locator("#map canvas").get_attribute("data-kept") == "yes"
    assert not [url for url in asked if ".pbf" in url]


def test_another_level_shows_its_own_areas(map_page: Page) -> None:
    map_page.locator("#values").select_option("whole")
    painted(map_page, "whole")
    assert map_page.locator("#map").get_attribute("data-level") == "departement"
    assert {flat_colour(map_page, fid) for fid in range(9)} == {MIDDLE}
    map_page.locator("#values").select_option("first")
    painted(map_page, "first")
    assert flat_colour(map_page, 0) == LOW
    assert len(set(pixels(map_page, 3))) > 2


@pytest.mark.parametrize(
    ("fid", "text"),
    [
        (0, "5,0\u00a0places"),
        (2, "0,0\u00a0places"),
        (3, "secret"),
        (5, "sans valeur"),
        (6, "95,0\u00a0places (estimé)"),
        (8, "hors du territoire"),
    ],
)
def test_pointing_names_the_area_and_says_its_value(map_page: Page, fid: int, text: str) -> None:
    point_at(map_page, fid)
    tooltip = map_page.locator(".area-map-tooltip")
    expect(tooltip).to_be_visible()
    assert tooltip.locator("strong").text_content() == f"<b>Village</b> {fid}"
    assert tooltip.locator("span").text_content() == text
    box, frame = tooltip.bounding_box(), map_page.locator("#map").bounding_box()
    assert box is not None
    assert frame is not None
    assert box["x"] >= frame["x"]
    assert box["x"] + box["width"] <= frame["x"] + frame["width"]


def test_words_under_a_resting_pointer_follow_new_values(map_page: Page) -> None:
    point_at(map_page, 0)
    value = map_page.locator(".area-map-tooltip span")
    expect(value).to_have_text("5,0\u00a0places")
    map_page.get_by_label("Valeurs").focus()
    map_page.keyboard.press("ArrowDown")
    painted(map_page, "second")
    expect(value).to_have_text("95,0\u00a0places")


def test_click_reports_an_area_of_the_territory_only(map_page: Page) -> None:
    for fid in (8, 4):  # a neighbour first: it must leave no trace
        x, y = centre(fid)
        map_page.locator("#map canvas").click(position={"x": x, "y": y})
    expect(map_page.locator("#clicked")).to_contain_text("43004")
    click = json.loads(map_page.locator("#clicked").inner_text())
    assert (click["code"], click["fid"]) == ("43004", 4)
    assert click["timestamp"] > 0


def test_selected_area_gets_a_dark_edge_and_loses_it(map_page: Page) -> None:
    before = map_page.locator("#map canvas").screenshot()
    map_page.locator("#select").click()
    with_mark = before
    for _ in range(50):
        with_mark = map_page.locator("#map canvas").screenshot()
        if with_mark != before:
            break
    assert with_mark != before
    map_page.locator("#select").click()
    for _ in range(50):
        if map_page.locator("#map canvas").screenshot() == before:
            return
    pytest.fail("the mark of the selected area stayed")


def test_controls_speak_the_page_s_language_and_reset_brings_all_back(map_page: Page) -> None:
    canvas = map_page.locator("#map canvas")
    assert canvas.get_attribute("aria-label") == "Carte des villages"
    expect(map_page.get_by_role("button", name="Plus loin")).to_be_visible()
    credit = map_page.locator(".maplibregl-ctrl-attrib-inner")
    assert credit.text_content() == "Contours <inventés>"
    map_page.get_by_role("button", name="Plus près").click()
    canvas.focus()
    map_page.keyboard.press("ArrowRight")
    whole = {0: {LOW}, 7: {MIDDLE}}
    wait_until(map_page, lambda: all(colours(map_page, n) != whole[n] for n in whole))
    map_page.get_by_role("button", name="Tout voir").click()
    wait_until(map_page, lambda: all(colours(map_page, n) == whole[n] for n in whole))


def test_map_follows_the_size_of_its_place(map_page: Page) -> None:
    map_page.evaluate("document.getElementById('holder').style.width = '480px'")
    map_page.wait_for_timeout(800)
    box = map_page.locator("#map canvas").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (480, 480)
    x, y = centre(0, width=480)
    map_page.locator("#map").hover(position={"x": x, "y": y})
    expect(map_page.locator(".area-map-tooltip strong")).to_contain_text("0")


def test_map_leaves_the_page_cleanly_and_comes_back(map_page: Page) -> None:
    map_page.locator("#toggle").click()
    expect(map_page.locator("#map")).to_have_count(0)
    map_page.locator("#toggle").click()
    painted(map_page, "first")
    assert flat_colour(map_page, 1) == MIDDLE
    assert map_page.locator("head script[src*=maplibre]").count() == 1


def test_values_that_do_not_come_leave_no_old_colours(browser: Browser, villages: str) -> None:
    page = browser.new_page(viewport={"width": 900, "height": 700})
    page.goto(villages)
    painted(page, "first")
    page.locator("#values").select_option("broken")
    expect(page.get_by_role("status")).to_have_text("Valeurs indisponibles")
    wait_until(page, lambda: all(colours(page, fid) == {"#e9eaec"} for fid in range(9)))
    page.locator("#values").select_option("second")
    painted(page, "second")
    expect(page.get_by_role("status")).to_have_count(0)
    page.close()


def test_without_webgl_the_page_says_so(browser: Browser, villages: str) -> None:
    page = browser.new_page()
    page.add_init_script(
        "const make = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        "  return kind.startsWith('webgl') ? null : make.call(this, kind, ...more);"
        "};"
    )
    page.goto(villages)
    expect(page.get_by_role("status")).to_have_text("Carte impossible")
    page.close()


def test_list_is_labelled_grouped_and_tall_enough(map_page: Page) -> None:
    control = map_page.get_by_label("Valeurs")
    assert control.evaluate("element => element.tagName") == "SELECT"
    assert control.input_value() == "first"
    groups = control.locator("optgroup")
    assert groups.count() == 1
    assert groups.locator("option").all_inner_texts() == ["Premier", "Deuxième", "Cassé", "Marqué"]
    box = control.bounding_box()
    assert box is not None
    assert box["height"] >= 44


def test_list_takes_the_keyboard(map_page: Page) -> None:
    map_page.get_by_label("Valeurs").focus()
    map_page.keyboard.press("ArrowDown")
    painted(map_page, "second")
    assert map_page.get_by_label("Valeurs").input_value() == "second"


def test_list_shows_nothing_that_was_not_chosen(map_page: Page) -> None:
    control = map_page.get_by_label("Rien")
    expect(control).to_be_disabled()
    assert control.input_value() == ""


def test_colours_must_fit_the_breaks() -> None:
    with pytest.raises(ValueError, match="2 breaks make 3 classes, but 2 colours"):
        AreaMap(
            "map",
            tilesUrl="",
            levels=["a"],
            level="a",
            bounds=BOUNDS,
            breaks=[1, 2],
            colours=["#fff", "#000"],
        )


def test_maplibre_and_plotly_are_found_in_their_wheels() -> None:
    assert sorted(vendor_files()) == ["maplibre-gl.css", "maplibre-gl.js", "plotly.min.js"]
    assert all(path.stat().st_size > 50_000 for path in vendor_files().values())
    assert re.fullmatch(r"/vendor/maplibre-gl\.js\?v=[\d.]+", maplibre_url(".js"))


def test_swatches_repeat_as_the_map_s_hatches_do() -> None:
    folder = files("dashboard.components")
    side = re.search(r"const SIDE = (\d+);", (folder / "hatches.js").read_text())
    assert side is not None
    sizes = re.findall(r"background-size: (.+?);", (folder / "components.css").read_text())
    assert set(sizes) == {f"{side[1]}px {side[1]}px"}


def test_marks_stand_for_the_flags_that_the_page_says() -> None:
    script = (files("dashboard.components") / "hatches.js").read_text()
    said = re.search(r"const MARKS = \{(.+?)\};", script)
    assert said is not None
    drawn = {}
    for part in said[1].split(","):
        name, bits = part.split(":")
        drawn[name.strip()] = sum(int(bit) for bit in bits.split("|"))
    told = dict.fromkeys(MARKS.values(), 0)
    for flag, name in MARKS.items():
        told[name] |= flag.value
    assert drawn == told
    assert set(MARKS) == set(Flag)
    side = re.search(r"const MARK_SIDE = (\d+);", script)
    assert side is not None
    sheet = (files("dashboard.components") / "components.css").read_text()
    assert f"center / {side[1]}px {side[1]}px" in sheet
    assert set(re.findall(r"swatch-mark-(\w+)", sheet)) == set(drawn)
