"""The official hierarchy, in files of the exact layout and small enough to check by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from etl.source import Known, RejectedFile, Staged
from etl.sources import etalab_cog
from geodata.catalogue.loader import catalogue

WORDS = catalogue("france")
COMMUNES = [
    ("43157", "Le Puy-en-Velay", "metro", "commune-actuelle", "432", "43", "84", 18_629),
    ("97601", "Acoua", "drom", "commune-actuelle", "", "976", "06", 5_000),
    ("43001", "Agnat", "metro", "commune-actuelle", "431", "43", "84", None),
    ("43010", "Ancienne", "metro", "commune-deleguee", "431", "43", "84", None),
    ("75101", "Paris 1er", "metro", "arrondissement-municipal", "751", "75", "11", None),
    ("98901", "Clipperton", "com", "commune-actuelle", None, "989", "989", None),
]
COLUMNS = ("code", "nom", "zone", "type", "arrondissement", "departement", "region", "population")


def commune(cells: tuple[Any, ...], **more: object) -> dict[str, Any]:
    return {k: v for k, v in zip(COLUMNS, cells, strict=True) if v is not None} | more


def communes() -> list[dict[str, Any]]:
    rows = [commune(cells) for cells in COMMUNES]
    rows[0]["anciensCodes"] = ["43157", "43999"]
    return rows


def staged(table: str, rows: list[dict[str, Any]], **options: object) -> Staged:
    entry = WORDS.sources[f"etalab_{table}"]
    entry = replace(entry, options={**entry.options, **options})
    known = Known(WORDS, {"commune": frozenset({"43157", "43001", "97601"})})
    return etalab_cog.stage(entry, f"{table}.json", json.dumps(rows).encode(), known)


def test_communes_in_force_are_areas_and_the_rest_is_told() -> None:
    made = staged("communes", communes())
    area = made.tables["area"]
    assert area["area_id"].tolist() == ["43157", "97601", "43001"]
    assert area["legal_population"].tolist()[:2] == [18_629, 5_000]
    assert area["legal_population"].isna().tolist() == [False, False, True]
    assert area["former_ids"].tolist() == ["43157 43999", "", ""]
    assert (made.rows_read, made.rows_loaded, made.rows_quarantined) == (6, 3, 0)
    assert made.dropped == {
        "overseas_collectivity": 1,
        "former_commune": 1,
        "municipal_arrondissement": 1,
    }


def test_parents_are_links_and_a_blank_one_is_none() -> None:
    made = staged("communes", communes())
    links = made.tables["area_membership"]
    found = {(r.area_id, r.parent_level): r.parent_id for r in links.itertuples()}
    assert found["43157", "departement"] == "43"
    assert found["43157", "arrondissement"] == "432"
    assert found["97601", "region"] == "06"
    assert found["97601", "country"] == "FR"
    assert ("97601", "arrondissement") not in found
    assert set(links["period"]) == {"2026"}


def test_overseas_collectivities_come_when_asked() -> None:
    rows = [{"code": "01", "nom": "Guadeloupe", "zone": "drom"}]
    rows += [{"code": "989", "nom": "Clipperton", "zone": "com"}]
    assert staged("regions", rows).dropped == {"overseas_collectivity": 1}
    asked = staged("communes", communes(), overseas_collectivities=True)
    assert "98901" in set(asked.tables["area"]["area_id"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code": "4300A"}, "bad_code"),
        ({"nom": ""}, "no_name"),
        ({"type": "commune-future"}, "unknown_type"),
        ({"population": -1}, "bad_value"),
        ({"population": "many"}, "bad_value"),
        ({"population": 1.5}, "bad_value"),
    ],
)
def test_a_wrong_row_is_held_back(change: dict[str, Any], code: str) -> None:
    good = [commune((f"01{n:03}", f"N{n}", *COMMUNES[0][2:])) for n in range(1, 150)]
    made = staged("communes", [*good, commune(COMMUNES[2]) | change])
    assert (made.rows_quarantined, made.rows_loaded) == (1, 149)
    assert made.held.loc[0, "code"] == code
    assert made.held.loc[0, "line"] == 151


def test_a_code_twice_refuses_the_file() -> None:
    rows = [*communes(), commune(COMMUNES[0]) | {"nom": "Autre"}]
    with pytest.raises(RejectedFile) as refused:
        staged("communes", rows)
    assert refused.value.issue.code == "duplicate_key"


def test_members_of_an_epci_are_links() -> None:
    epci = {"code": "200073419", "nom": "CA du Puy", "membres": [{"code": "43157"}]}
    other = {"code": "200066769", "nom": "CC", "membres": [{"code": "43001"}, {"code": "43888"}]}
    made = staged("epci", [epci, other])
    links = made.tables["area_membership"]
    assert links[["area_id", "parent_level", "parent_id"]].to_numpy().tolist() == [
        ["43157", "epci", "200073419"],
        ["43001", "epci", "200066769"],
    ]
    assert next(i for i in made.issues if i.code == "unknown_members").message_en.endswith("43888")
    with pytest.raises(RejectedFile, match="43157 is in two EPCI"):
        staged("epci", [epci, other | {"membres": epci["membres"]}])


def test_another_file_is_refused() -> None:
    with pytest.raises(RejectedFile) as refused:
        staged("departements", [{"code": "43", "nom": "Haute-Loire"}])
    assert refused.value.issue.code == "missing_column"
