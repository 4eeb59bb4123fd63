"""Typologies of communes: labels become codes, and what has no kind says why."""

from __future__ import annotations

import pytest

from etl.source import Known, Staged
from etl.sources import traits
from geodata.catalogue.loader import catalogue

WORDS = catalogue("france")
KNOWN = Known(WORDS, {"commune": frozenset({"43001", "43002", "43003"})})


def staged(trait: str, text: str) -> Staged:
    return traits.stage(WORDS.sources[f"anct_{trait}"], "grid.csv", text.encode(), KNOWN)


def test_labels_become_codes_without_their_spaces() -> None:
    made = staged(
        "rurality",
        "\ufeffinsee_com,lib_com,niveau_ruralite\n"
        "43001,A, Les ruralités touristiques spécialisées\n"
        "43002,B, Hors champ : DOM ou commune urbaine\n",
    )
    trait = made.tables["area_trait"]
    assert trait[["area_id", "code", "label"]].to_numpy().tolist() == [
        ["43001", "touristic_specialised", "Les ruralités touristiques spécialisées"],
        ["43002", "not_applicable", "Hors champ : DOM ou commune urbaine"],
    ]
    assert set(trait["trait"]) == {"rurality"}
    absent = next(issue for issue in made.issues if issue.code == "areas_absent")
    assert absent.message_en.endswith("43003")


def test_a_commune_that_is_not_mountain_is_not_missing() -> None:
    made = staged("mountain", "insee_com,lib_com,niveau_montagne\n43002,B,06 - Massif Central\n")
    trait = made.tables["area_trait"].set_index("area_id")["code"]
    assert trait.to_dict() == {"43002": "06", "43001": "not_applicable", "43003": "not_applicable"}
    assert (made.rows_read, made.rows_loaded) == (1, 1)
    assert "areas_absent" not in {issue.code for issue in made.issues}


def test_a_label_that_is_not_described_is_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etl.source.QUARANTINE_SHARE", 0.5)
    made = staged(
        "density",
        "insee_com,lib_com,niveau_densite\n43001,A,Bourgs ruraux\n43002,B,Bourgs lunaires\n",
    )
    assert made.held[["code", "line"]].to_numpy().tolist() == [["unknown_label", 3]]
    assert made.tables["area_trait"]["code"].tolist() == ["5"]
