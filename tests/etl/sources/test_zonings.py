"""Zonings of an older edition, brought to the communes of today."""

from __future__ import annotations

import pandas as pd
import pytest

from etl.source import Known, RejectedFile, Staged
from etl.sources import zonings
from geodata.catalogue.loader import catalogue

WORDS = catalogue("france")
COLUMNS = ("CODGEO", "LIBGEO", "CANOV", "ZE2020", "BV2022")
ROWS = [
    ("43001", "Même", "4301", "8401", "43001"),
    ("43002", "Ancien code", "4302", "8401", "43001"),
    ("43003", "Qui absorbe", "4303", "8401", "43001"),
    ("43004", "Absorbée", "4304", "8401", "43001"),
    ("43005", "Sans canton", "ZZZZ", "8401", "43001"),
]
EVENTS = pd.DataFrame(
    [("commune", "2016-01-01", 1, "43008", "43001", "merge")],
    columns=["level", "on", "step", "before_id", "after_id", "kind"],
)
REGISTRY = pd.DataFrame(
    {"area_id": ["43001", "43007", "43003"], "former_ids": ["", "43002", "43003 43004"]}
)
TODAY = frozenset({"43001", "43007", "43003", "43005", "43008", "43009"})


def staged(rows: list[tuple[str, ...]]) -> Staged:
    text = "".join(f"{','.join(row)}\n" for row in [COLUMNS, *rows, ("",) * 5])
    known = Known(
        WORDS,
        {"commune": TODAY},
        {"etalab_communes": {"area": REGISTRY}, "mouvements": {"area_event": EVENTS}},
    )
    return zonings.stage(WORDS.sources["insee_zonings"], "table.csv", text.encode(), known)


def test_communes_of_today_are_in_the_zones_of_the_edition() -> None:
    made = staged(ROWS)
    links = made.tables["area_membership"]
    assert dict(zip(links["area_id"], links["parent_id"], strict=True)) == {
        "43001": "4301",
        "43007": "4302",  # its code has changed
        "43003": "4303",  # not that of the one it took in
        "43008": "4301",  # that of the one it left
    }
    assert set(links["parent_level"]) == {"canton_or_town"}  # other zonings are no level of ours
    assert made.dropped == {"merged_since": 1, "empty_row": 1}
    assert (made.rows_read, made.rows_loaded) == (6, 4)
    told = {issue.code: issue for issue in made.issues}
    assert told["no_zone"].message_en == "communes without zone: 43009"
    assert "43008 (43001)" in told["zone_of_the_one_left"].message_fr
    assert "43007" in told["recoded"].message_fr


def test_a_wrong_zone_is_held_back(monkeypatch) -> None:
    monkeypatch.setattr("etl.source.QUARANTINE_SHARE", 0.5)
    made = staged([*ROWS[1:], ("43001", "Même", "431", "8401", "43001")])
    assert made.held[["code", "column", "line"]].to_numpy().tolist() == [["bad_code", "CANOV", 6]]


def test_a_commune_twice_refuses_the_file() -> None:
    with pytest.raises(RejectedFile) as refused:
        staged([*ROWS, ("43001", "Même", "4309", "8401", "43001")])
    assert refused.value.issue.code == "duplicate_key"


def test_names_of_zones_are_areas() -> None:
    text = "NIVGEO,CODGEO,LIBGEO,NB_COM\nCANOV,4301,Aurec,9\n"
    text += "CANOV,97401,Saint-André,1\nZE2020,8401,Puy,2\n"
    entry = WORDS.sources["insee_zoning_names"]
    made = zonings.stage(entry, "names.csv", text.encode(), Known(WORDS))
    area = made.tables["area"]
    assert area[["level", "area_id", "name"]].to_numpy().tolist() == [
        ["canton_or_town", "4301", "Aurec"],
        ["canton_or_town", "97401", "Saint-André"],
    ]
    assert made.dropped == {"other_zoning": 1}
