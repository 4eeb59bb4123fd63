"""The sources of areas, membership, services and equipment, each with what it must refuse."""

import io

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from etl.source import Known, RejectedFile
from etl.sources import equipment, membership, services, territory


@pytest.fixture
def known(words):
    return Known(words, {"commune": frozenset({"43001"}), "epci": frozenset({"E"})})


def areas(**changes) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {
            "level": ["commune", "commune", "departement"],
            "area_id": ["43002", "43001", "43"],
            "name": ["Two", "One", "All"],
            "parent_departement": ["43", "43", None],
            "is_in_territory": [False, True, True],
            "seat_longitude": [3.5, 3.6, None],
            "seat_latitude": [45.5, 45.5, None],
            "legal_population": pd.array([10, 20, None], dtype="Int64"),
        },
        geometry=[shapely.box(3, 45, 4, 46)] * 3,
        crs="EPSG:4326",
    )
    return frame.assign(**changes)


def stage_areas(frame, words):
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    entry = words.sources["territory"]
    return territory.stage(entry, "areas.parquet", buffer.getvalue(), Known(words))


def test_areas_get_a_role_a_map_number_and_bounds(words):
    frame = stage_areas(areas(), words).tables["area"].set_index(["level", "area_id"])
    assert frame.loc[("commune", "43001"), ["role", "fid"]].tolist() == ["territory", 0]
    assert frame.loc[("commune", "43002"), ["role", "fid"]].tolist() == ["edge", 1]
    assert frame.loc[("country", "FR"), "role"] == "comparison"
    sides = ["west", "south", "east", "north"]
    assert frame.loc[("commune", "43001"), sides].tolist() == [3, 45, 4, 46]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"level": ["commune", "planet", "departement"]}, "unknown_level"),
        ({"area_id": ["43001", "43001", "43"]}, "duplicate_key"),
        ({"area_id": ["43002", "43001", "63"]}, "wrong_territory"),
        ({"area_id": ["1002", "43001", "43"]}, "malformed_code"),
        ({"area_id": ["", "43001", "43"]}, "malformed_code"),
        ({"area_id": [1002, 43001, 43]}, "malformed_code"),
        ({"seat_latitude": [45.5, None, None]}, "no_seat"),
        ({"geometry": [shapely.Polygon()] * 3}, "bad_contour"),
        ({"geometry": [shapely.box(700_000, 6_400_000, 7e5 + 1, 6.5e6)] * 3}, "bad_contour"),
    ],
)
def test_a_territory_that_cannot_be_drawn_is_refused(words, changes, code):
    with pytest.raises(RejectedFile) as caught:
        stage_areas(areas(**changes), words)
    assert caught.value.issue.code == code
    assert caught.value.issue.mend_fr


MEMBERSHIP = b"level,area_id,parent_level,parent_id,period,source_id\n"


@pytest.mark.parametrize(
    ("rows", "code", "line"),
    [
        (b"commune,43999,epci,E,2026,x\n", "unknown_area", 2),
        (b"commune,43001,epci,E,2026,x\ncommune,43001,epci,F,2026,x\n", "unknown_area", 3),
        (b"commune,43001,epci,E,2026,x\ncommune,43001,epci,E,2025,x\n", "two_parents", 3),
    ],
)
def test_a_membership_that_is_wrong_is_refused_whole(known, rows, code, line):
    entry = known.catalogue.sources["membership"]
    with pytest.raises(RejectedFile) as caught:
        membership.stage(entry, "membership.csv", MEMBERSHIP + rows, known)
    assert (caught.value.issue.code, caught.value.issue.line) == (code, line)


SERVICES = ",".join(services.COLUMNS).encode() + b"\n"


def service_row(service_id="s1", area_id="43001", latitude="45", capacity="") -> bytes:
    row = f"{service_id},School,primary_school,{area_id},{latitude},3.9,address,{capacity},,,2022,x"
    return row.encode() + b"\n"


def test_an_unknown_capacity_is_not_zero(known):
    entry = known.catalogue.sources["services_menj_ips"]
    staged = services.stage(entry, "s.csv", SERVICES + service_row(), known)
    (row,) = staged.tables["service"].to_dict("records")
    assert row["capacity"] != row["capacity"]
    assert row["latitude"] == 45


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        (service_row("s2", area_id="43999"), "area_id"),
        (service_row("s2", latitude="95"), "latitude"),
        (service_row("s2", capacity="many"), "capacity"),
        (service_row("s2", capacity="-3"), "capacity"),
    ],
)
def test_a_wrong_service_is_held_back(known, wrong, column):
    entry = known.catalogue.sources["services_menj_ips"]
    good = b"".join(service_row(f"g{number}") for number in range(150))
    staged = services.stage(entry, "s.csv", SERVICES + good + wrong, known)
    (issue,) = staged.issues
    assert (issue.column, issue.line) == (column, 152)
    assert staged.rows_loaded == 150


def test_a_service_twice_is_refused(known):
    entry = known.catalogue.sources["services_menj_ips"]
    with pytest.raises(RejectedFile) as caught:
        services.stage(entry, "s.csv", SERVICES + service_row() * 2, known)
    assert (caught.value.issue.code, caught.value.issue.line) == ("duplicate_key", 3)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (b"43001,D502,two,childcare,2018,x\n", "too_many_quarantined"),
        (b"43001,D502," + b"9" * 400 + b",childcare,2018,x\n", "too_many_quarantined"),
        (b"43999,D502,2,childcare,2018,x\n", "too_many_quarantined"),
        (b"43001,D502,2,childcare,2018,x\n43001,D502,3,childcare,2018,x\n", "duplicate_key"),
    ],
)
def test_wrong_equipment_is_refused(known, row, code):
    content = ",".join(equipment.COLUMNS).encode() + b"\n" + row
    entry = known.catalogue.sources["equipment_bpe_2018"]
    with pytest.raises(RejectedFile) as caught:
        equipment.stage(entry, "e.csv", content, known)
    assert caught.value.issue.code == code
