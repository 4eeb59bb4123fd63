"""Statistical regions of one country; Belgium goes through without a word of code about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from etl.assembly import assembled
from etl.source import Known, RejectedFile, Staged
from etl.sources import nuts
from geodata.catalogue.loader import catalogue

WORDS = catalogue("belgium")
ENTRY = WORDS.sources["eurostat_nuts"]


def feature(code: str, level: int, shape: shapely.Geometry, country: str = "") -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {
            "NUTS_ID": code,
            "LEVL_CODE": level,
            "CNTR_CODE": country or code[:2],
            "NAME_LATN": f"Name of {code}",
        },
        "geometry": shapely.geometry.mapping(shape),
    }


WEST, EAST = shapely.box(4, 50, 4.5, 51), shapely.box(4.5, 50, 5, 51)
FEATURES = [
    feature("BE", 0, shapely.box(4, 50, 5, 51)),
    feature("BE2", 1, shapely.box(4, 50, 5, 51)),
    feature("BE21", 2, shapely.box(4, 50, 5, 51)),
    feature("BE211", 3, WEST),
    feature("BE212", 3, EAST),
    feature("NL111", 3, shapely.box(5, 52, 6, 53)),
]


def staged(features: list[dict[str, Any]]) -> Staged:
    text = json.dumps({"type": "FeatureCollection", "features": features})
    return nuts.stage(ENTRY, "nuts.geojson", text.encode(), Known(WORDS))


def test_codes_tell_the_parents_and_other_countries_are_dropped() -> None:
    made = staged(FEATURES)
    assert (made.rows_read, made.rows_loaded, made.rows_quarantined) == (6, 5, 0)
    assert made.dropped == {"other_country": 1}
    links = made.tables["area_membership"]
    found = {(r.area_id, r.parent_level): r.parent_id for r in links.itertuples()}
    assert found["BE211", "province"] == "BE21"
    assert found["BE211", "region"] == "BE2"
    assert found["BE211", "country"] == "BE"
    assert found["BE2", "country"] == "BE"
    assert len(found) == 2 * 3 + 2 + 1
    assert made.tables["contour"]["area_id"].tolist() == ["BE211", "BE212"]


def test_the_regions_are_assembled() -> None:
    made, issues = assembled(staged(FEATURES).tables, WORDS)
    area = made["area"].set_index("area_id")
    assert area.loc["BE", "name"] == "Name of BE"
    assert set(area["role"]) == {"territory"}
    assert shapely.from_wkb(area.loc["BE21", "geometry"]).equals(shapely.box(4, 50, 5, 51))
    assert issues == ()


def test_a_code_that_is_not_of_its_level_is_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etl.source.QUARANTINE_SHARE", 0.5)
    made = staged([*FEATURES, feature("BE21", 3, EAST), feature("FR101", 3, EAST, "BE")])
    assert made.held[["code", "line"]].to_numpy().tolist() == [["bad_code", 8], ["bad_code", 9]]


def test_a_region_twice_refuses_the_file() -> None:
    with pytest.raises(RejectedFile) as refused:
        staged([*FEATURES, feature("BE211", 3, EAST)])
    assert refused.value.issue.code == "duplicate_key"


@pytest.mark.shared
def test_belgium_is_assembled_from_the_real_file(shared_data: Path) -> None:
    path = shared_data / "europe" / "nuts_2024_20M.geojson"
    made = nuts.stage(ENTRY, path.name, path.read_bytes(), Known(WORDS))
    print(made.rows_read, made.rows_loaded, made.rows_quarantined, made.dropped)
    assert (made.rows_read, made.rows_quarantined) == (1_798, 0)
    territory, issues = assembled(made.tables, WORDS)
    area = territory["area"]
    counts = area.groupby("level")["area_id"].size().to_dict()
    assert counts == {"country": 1, "region": 3, "province": 11, "arrondissement": 44}
    assert area["geometry"].notna().all()
    assert {issue.code for issue in issues} <= {"seat_outside"}
    for _level, rows in area.groupby("level"):
        assert shapely.coverage_is_valid(shapely.from_wkb(rows["geometry"].to_numpy()))
    assert made.rows_loaded == len(area)


@pytest.mark.parametrize("territory", ["france", "belgium"])
def test_every_code_of_a_whole_country_is_its_own(territory: str) -> None:
    for level in catalogue(territory).territory.levels:
        assert level.own == level.pattern
