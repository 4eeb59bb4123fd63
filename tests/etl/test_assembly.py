"""Three invented villages: two side by side in one metric zone, one far away in another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import shapely

from etl.assembly import AREA, assembled
from etl.source import RejectedFile
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import Catalogue, Level, Text
from geodata.model import AreaKey, Issue, Severity

Tables = dict[str, pd.DataFrame]
ISLAND = "EPSG:2975"
SQUARES = {
    "A1": shapely.box(4.0, 50.0, 4.1, 50.1),
    "A2": shapely.box(4.1, 50.0, 4.2, 50.1),
    "C1": shapely.box(55.4, -21.2, 55.5, -21.1),
}
SEATS = {"A1": (4.05, 50.05), "A2": (4.9, 50.05), "C1": (None, None)}


def level(name: str) -> Level:
    return Level(name, Text(name, name), Text(name, name))


@pytest.fixture
def words() -> Catalogue:
    made = catalogue("belgium")
    territory = replace(
        made.territory,
        area=AreaKey("country", "XX"),
        country=AreaKey("country", "XX"),
        country_name=Text("Pays", "Land"),
        levels=(level("village"), level("valley"), level("country")),
        metric_zones={"C": ISLAND},
        enclaves={},
    )
    return replace(made, territory=territory)


@pytest.fixture
def tables() -> Tables:
    areas = [("village", "A1", "Aubel", 100), ("village", "A2", "Bois", 20)]
    areas += [("village", "C1", "Côte", 5), ("valley", "V1", "Vallée", None)]
    areas += [("valley", "V2", "Île", None)]
    links = [("village", code, "valley", f"V{1 + code.startswith('C')}") for code in SQUARES]
    links += [("village", code, "country", "XX") for code in SQUARES]
    return {
        "area": pd.DataFrame(areas, columns=["level", "area_id", "name", "legal_population"]),
        "area_membership": pd.DataFrame(
            [(*link, "2024", "eurostat_nuts") for link in links],
            columns=["level", "area_id", "parent_level", "parent_id", "period", "source_id"],
        ),
        "contour": contours(SQUARES),
    }


def contours(shapes: dict[str, Any], **marks: list[bool]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "level": "village",
            "area_id": list(shapes),
            "geometry": [shapely.to_wkb(shape) for shape in shapes.values()],
            "seat_longitude": [SEATS.get(code, (None, None))[0] for code in shapes],
            "seat_latitude": [SEATS.get(code, (None, None))[1] for code in shapes],
            **marks,
        }
    )


def rows(made: Tables, level: str) -> pd.DataFrame:
    return made["area"][made["area"]["level"] == level].set_index("area_id")


def codes(issues: tuple[Issue, ...]) -> dict[str, Issue]:
    return {issue.code: issue for issue in issues}


def test_villages_become_areas_of_every_level(tables: Tables, words: Catalogue) -> None:
    made, issues = assembled(tables, words)
    area = made["area"]
    assert list(area.columns) == list(AREA)
    assert area["area_id"].tolist() == ["XX", "V1", "V2", "A1", "A2", "C1"]
    assert area["fid"].tolist() == [0, 0, 1, 0, 1, 2]
    assert set(area["role"]) == {"territory"}
    assert rows(made, "valley")["legal_population"].tolist() == [120, 5]
    assert rows(made, "country")["legal_population"].tolist() == [125]
    assert rows(made, "country").loc["XX", "name"] == "Pays"
    shapes = shapely.from_wkb(area["geometry"])
    valley = shapes[area["area_id"] == "V1"][0]
    assert valley.equals(shapely.box(4.0, 50.0, 4.2, 50.1))
    assert rows(made, "valley").loc["V1", ["west", "south", "east", "north"]].tolist() == [
        4.0,
        50.0,
        4.2,
        50.1,
    ]
    assert shapely.get_num_geometries(shapes[0]) == 2  # the country: the mainland and the island
    assert made["area_membership"].equals(tables["area_membership"].astype("str"))
    assert set(codes(issues)) == {"seat_outside"}


def test_an_overlap_is_cleaned_in_each_metric_zone(tables: Tables, words: Catalogue) -> None:
    rough = SQUARES | {"A2": shapely.box(4.0995, 50.0, 4.2, 50.1)}
    tables["contour"] = contours(rough)
    made, _issues = assembled(tables, words)
    villages = shapely.from_wkb(rows(made, "village")["geometry"].to_numpy())
    assert shapely.coverage_is_valid(villages)
    assert shapely.area(villages).sum() == pytest.approx(0.03, abs=1e-9)


def test_seats_are_believed_replaced_or_placed(tables: Tables, words: Catalogue) -> None:
    made, issues = assembled(tables, words)
    village = rows(made, "village")
    assert village.loc["A1", ["seat_longitude", "seat_latitude"]].tolist() == [4.05, 50.05]
    for code in ("A2", "C1"):
        seat = shapely.Point(village.loc[code, ["seat_longitude", "seat_latitude"]])
        assert shapely.from_wkb(village.loc[code, "geometry"]).contains(seat)
    warned = codes(issues)["seat_outside"]
    assert (warned.severity, warned.rows) == (Severity.WARNING, 1)
    assert "A2 Bois" in warned.message_fr
    assert "A2 Bois" in warned.message_en
    assert rows(made, "valley")["seat_longitude"].isna().all()


def test_a_file_of_wrong_seats_is_held(tables: Tables, words: Catalogue) -> None:
    tables["contour"] = tables["contour"].assign(seat_longitude=4.9, seat_latitude=50.05)
    _made, issues = assembled(tables, words)
    held = codes(issues)["seat_outside"]
    assert (held.severity, held.rows) == (Severity.HOLD, 3)


def test_contours_are_looked_at_before_they_are_cleaned(tables: Tables, words: Catalogue) -> None:
    """The cleaning gives an overlap of a tenth to one of the two, and would say nothing."""
    tables["contour"] = contours(SQUARES | {"A2": shapely.box(4.09, 50.0, 4.2, 50.1)})
    _made, issues = assembled(tables, words)
    held = codes(issues)["areas_overlap"]
    assert (held.severity, held.source_id) == (Severity.HOLD, "eurostat_nuts")
    assert "A1 Aubel et A2 Bois" in held.message_fr


def test_contours_in_another_system_are_held(tables: Tables, words: Catalogue) -> None:
    """Ten degrees south of the ground that the metric system of the zone is made for."""
    tables["contour"] = contours(SQUARES | {"C1": shapely.box(55.4, -31.2, 55.5, -31.1)})
    _made, issues = assembled(tables, words)
    held = codes(issues)["contours_elsewhere"]
    assert held.severity == Severity.HOLD
    assert "C1 Côte" in held.message_en


def test_what_was_assembled_before_is_looked_at_too(tables: Tables, words: Catalogue) -> None:
    made, _issues = assembled(tables, words)
    place = made["area"].index[made["area"]["area_id"] == "A2"][0]
    made["area"].loc[place, "geometry"] = shapely.to_wkb(shapely.box(4.05, 50.0, 4.2, 50.1))
    _again, issues = assembled(made, words)
    assert codes(issues)["areas_overlap"].severity == Severity.HOLD


def test_an_unknown_population_makes_the_sum_unknown(tables: Tables, words: Catalogue) -> None:
    tables["area"].loc[1, "legal_population"] = None
    made, _issues = assembled(tables, words)
    assert rows(made, "valley")["legal_population"].isna().tolist() == [True, False]


def test_an_area_without_contour_is_listed_and_named(tables: Tables, words: Catalogue) -> None:
    tables["contour"] = tables["contour"].iloc[:2]
    made, issues = assembled(tables, words)
    village = rows(made, "village")
    assert village.loc["C1", "geometry"] is None
    assert village.loc["C1", ["west", "seat_longitude"]].isna().all()
    told = [issue for issue in issues if issue.code == "not_drawn"]
    assert ["C1 Côte" in issue.message_en for issue in told] == [True, False]
    assert "V2 Île" in told[1].message_en
    assert "C1 Côte" in codes(issues)["no_seat"].message_en


def test_joined_ground_counts_above_and_is_not_drawn(tables: Tables, words: Catalogue) -> None:
    tables["contour"] = contours(SQUARES, is_joined=[False, True, False])
    made, issues = assembled(tables, words)
    assert rows(made, "village").loc["A2", "geometry"] is None
    assert rows(made, "village").loc["A2", "seat_longitude"] > 4.1
    valley = shapely.from_wkb(rows(made, "valley").loc["V1", "geometry"])
    assert valley.equals(shapely.box(4.0, 50.0, 4.2, 50.1))
    assert "A2 Bois" in codes(issues)["not_drawn"].message_en


def ringed(tables: Tables) -> None:
    """A2 becomes a ring round a pond of 0.04 by 0.04 degrees."""
    pond = shapely.box(4.12, 50.03, 4.16, 50.07)
    shapes = SQUARES | {"A2": SQUARES["A2"].difference(pond)}
    tables["contour"] = contours(shapes, may_grow=[False, True, False])


def test_a_hole_goes_to_the_area_that_grew(tables: Tables, words: Catalogue) -> None:
    ringed(tables)
    made, issues = assembled(tables, words)
    assert shapely.from_wkb(rows(made, "village").loc["A2", "geometry"]).equals(SQUARES["A2"])
    assert codes(issues)["holes_given"].rows == 1


def test_an_enclave_is_never_given(tables: Tables, words: Catalogue) -> None:
    ringed(tables)
    territory = replace(words.territory, enclaves={"Pond": (4.14, 50.05)})
    made, issues = assembled(tables, replace(words, territory=territory))
    assert len(shapely.from_wkb(rows(made, "village").loc["A2", "geometry"]).interiors) == 1
    assert "holes_given" not in codes(issues)


def test_an_area_without_parent_is_named(tables: Tables, words: Catalogue) -> None:
    tables["area_membership"] = tables["area_membership"].drop(index=1)
    made, issues = assembled(tables, words)
    warned = codes(issues)["no_parent"]
    assert (warned.rows, warned.source_id) == (1, "eurostat_nuts")
    assert "sans valley : A2 Bois" in warned.message_fr
    assert len(rows(made, "village")) == 3


def test_roles_follow_the_observed_area(tables: Tables, words: Catalogue) -> None:
    territory = replace(words.territory, area=AreaKey("valley", "V1"))
    made, _issues = assembled(tables, replace(words, territory=territory))
    role = made["area"].set_index("area_id")["role"]
    assert role[["A1", "A2", "V1"]].tolist() == ["territory"] * 3
    assert role[["C1", "V2"]].tolist() == ["edge", "comparison"]


def test_what_was_assembled_before_comes_through(tables: Tables, words: Catalogue) -> None:
    made, _issues = assembled(tables, words)
    again, issues = assembled(made, words)
    assert issues == ()
    assert again["area"] is made["area"]
    assert again["area_membership"] is made["area_membership"]


def unknown_level(tables: Tables) -> None:
    tables["area"].loc[0, "level"] = "hamlet"


def from_two_sources(tables: Tables) -> None:
    tables["area"] = pd.concat([tables["area"], tables["area"].iloc[:1]], ignore_index=True)


def unknown_parent(tables: Tables) -> None:
    tables["area_membership"].loc[0, "parent_id"] = "V9"


def two_parents(tables: Tables) -> None:
    extra = tables["area_membership"].iloc[:1].assign(parent_id="V2")
    tables["area_membership"] = pd.concat([tables["area_membership"], extra], ignore_index=True)


def vanishing(tables: Tables) -> None:
    tables["contour"] = contours(SQUARES | {"A2": shapely.box(4.1, 50.0, 4.1 + 1e-7, 50.0 + 1e-7)})


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (unknown_level, "unknown_level"),
        (from_two_sources, "duplicate_key"),
        (unknown_parent, "unknown_area"),
        (two_parents, "two_parents"),
        (vanishing, "not_a_coverage"),
    ],
)
def test_what_cannot_stand_is_refused(
    tables: Tables, words: Catalogue, spoil: Callable[[Tables], None], code: str
) -> None:
    spoil(tables)
    with pytest.raises(RejectedFile) as refused:
        assembled(tables, words)
    issue = refused.value.issue
    assert issue.code == code
    assert issue.message_fr
    assert issue.mend_fr
    assert issue.mend_en


def test_another_territory_is_refused(tables: Tables, words: Catalogue) -> None:
    territory = replace(words.territory, area=AreaKey("valley", "V7"))
    with pytest.raises(RejectedFile, match="V7 is not in it"):
        assembled(tables, replace(words, territory=territory))
