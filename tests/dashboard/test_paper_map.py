"""Maps on paper: a square territory drawn by hand; colours, counts and silences of the screen."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import shapely

from dashboard.figures.paper_map import Ground, frame_of, map_group, map_svg, plain, swatch_svg
from dashboard.paper.map_plate import plate
from dashboard.paper.typesetting import picture

SVG = "{http://www.w3.org/2000/svg}"


def square(x, y, side=10_000.0):
    return shapely.box(x, y, x + side, y + side)


@pytest.fixture
def squares():
    """Four squares of 10 km: a colour, a colour under doubt, a secret, one without an object."""
    return pd.DataFrame(
        {
            "area_id": ["A", "B", "C", "D"],
            "name": ["Aville", "Bville <b>&", "Cville", "Dville"],
            "weight": [4.0, 3.0, np.nan, 1.0],
            "geometry": [
                square(0, 10_000),
                square(10_000, 10_000),
                square(0, 0),
                square(10_000, 0),
            ],
            "fill": ["#d6e5f4", "#123f7c", "suppressed", "not_applicable"],
            "over": [(), ("doubt",), (), ()],
            "is_chosen": [False, False, False, False],
        }
    )


def test_a_square_of_20_km_is_216_units_wide_of_which_8_are_margins_on_each_side():
    frame = frame_of((0, 0, 20_000, 20_000), width=216, tallest=400)
    assert (frame.scale, frame.width, frame.height) == (0.01, 216, 216)
    # North-west is the first corner of the paper, south-east the last.
    corners = frame.placed(np.array([[0, 20_000], [20_000, 0], [10_000, 10_000]], float))
    assert corners.tolist() == [[8, 8], [208, 208], [108, 108]]


def test_a_low_paper_makes_a_narrow_map():
    frame = frame_of((0, 0, 20_000, 20_000), width=900, tallest=116)
    assert (frame.scale, frame.width, frame.height) == (0.005, 116, 116)


def test_each_square_is_drawn_where_a_hand_would_with_its_colour_or_its_hatch(squares):
    drawn, _frame = map_group(Ground(squares, 216, 216))
    root = ElementTree.fromstring(f'<svg xmlns="{SVG[1:-1]}">{drawn}</svg>')
    fills = [(p.get("fill"), set(p.get("d")[1:-1].split("L"))) for p in root[0]]
    assert fills[0] == ("#d6e5f4", {"8 8", "108 8", "108 108", "8 108"})
    assert fills[1][0] == "#123f7c"
    assert fills[2] == ("url(#suppressed)", {"8 108", "108 108", "108 208", "8 208"})
    assert fills[3][0] == "url(#not_applicable)"
    # Doubt lies over the second square, and over no other.
    assert fills[4] == ("url(#doubt)", fills[1][1])
    assert len(fills) == 5
    # The outline is that of the whole, without the borders inside.
    outline = next(p for p in root if p.get("stroke-width") == "1.2")
    assert {"8 8", "208 8", "208 208", "8 208"} <= set(outline.get("d")[1:-1].split("L"))
    assert "108 108" not in outline.get("d")


def test_the_heaviest_are_named_once_and_their_names_are_never_markup(squares):
    told = map_svg(Ground(squares, 400, 400, names=2), "words & <more>")
    root = ElementTree.fromstring(told)
    names = ["".join(t.itertext()) for t in root.iter(f"{SVG}text") if t.get("fill") != "none"]
    assert names == ["Aville", "Bville <b>&", "5 km"]
    assert root.find(f"{SVG}title").text == "words & <more>"
    assert "<b>" not in told


def test_a_fill_that_is_no_colour_is_refused_and_control_characters_are_dropped(squares):
    squares.loc[0, "fill"] = 'url("http://elsewhere")'
    with pytest.raises(ValueError, match="neither a colour nor a hatch"):
        map_group(Ground(squares, 216, 216))
    assert plain('a\x00b<"&') == "a b&lt;&quot;&amp;"
    assert "url(#missing)" in swatch_svg("missing")


@pytest.mark.parametrize(
    "search",
    ["indicator=childcare_gap&level=commune", "indicator=poverty_rate&level=departement"],
)
def test_the_map_has_as_many_areas_of_each_colour_as_its_legend_says(view_of, search):
    made = plate(view_of("/fr/carte", search))
    areas = made.ground.areas
    counts = {entry.mark: entry.count for entry in made.entries}
    hidden = sum(
        int(n) for n in re.findall(r"Hors du cadre de cette carte : (\d+)", str(made.notes))
    )
    fills = areas["fill"].value_counts().to_dict()
    assert set(fills) <= set(counts)
    if not hidden:
        assert fills == {mark: n for mark, n in counts.items() if mark in fills}
        assert int(areas["over"].map(lambda over: "doubt" in over).sum()) == counts.get("doubt", 0)
    assert len(areas) + hidden == sum(
        n for mark, n in counts.items() if mark != "doubt" and not mark.startswith("mark-")
    )


def test_the_sheet_says_unit_date_source_release_and_why_areas_have_no_value(view_of):
    view = view_of("/fr/carte", "indicator=childcare_unmet&level=commune")
    root = ElementTree.fromstring(plate(view).sheet())
    told = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    for part in ("au 31 décembre 2020", "Source : CNAF", view.release.release_id, "Sans objet"):
        assert part in told
    assert "personne au" in told
    assert "130" in told
    content = picture(plate(view).sheet(), 96)
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width = int.from_bytes(content[16:20], "big")
    assert width == 1200


def test_a_map_kept_to_an_area_shows_its_ground_only(view_of):
    kept = plate(view_of("/fr/carte", "level=commune&only=within:epci/244301123"))
    whole = plate(view_of("/fr/carte", "level=commune"))
    assert whole.ground.box is None
    west, south, east, north = kept.ground.box
    bounds = shapely.total_bounds(np.asarray(whole.ground.areas["geometry"], dtype=object))
    assert bounds[0] < west < east < bounds[2]
    assert bounds[1] - 4_000 < south < north < bounds[3]
