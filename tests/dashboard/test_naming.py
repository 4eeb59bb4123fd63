"""Names as people write them find the area they mean, the likeliest first."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.naming import areas_found, plain

VILLAGES = pd.DataFrame(
    [
        ("43157", "Le Puy-en-Velay", 18_000),
        ("63", "Puy-de-Dôme", 660_000),
        ("43172", "Saint-Didier-en-Velay", 3_400),
        ("43178", "Saint-Didier-sur-Doulon", 200),
        ("43033", "Blesle", 600),
        ("43171", "Saint-Étienne-sur-Blesle", 60),
        ("2A004", "Ajaccio", None),
    ],
    columns=["area_id", "name", "population"],
)
VILLAGES["plain"] = VILLAGES["name"].map(plain)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("43157", ["43157"]),
        ("puy", ["63", "43157"]),  # a name that begins with it, then one of whose words does
        ("le puy en velay", ["43157"]),
        ("LE PUY-EN-VELAY", ["43157"]),
        ("st didier", ["43172", "43178"]),  # the more populated first
        ("saint etienne", ["43171"]),
        ("blesle", ["43033", "43171"]),  # the very name before one that holds it
        ("2a004", ["2A004"]),
        ("esle", ["43033", "43171"]),
        ("nowhere", []),
        ("", []),
        ("  -' ", []),
    ],
)
def test_a_text_finds_what_it_means(text, codes):
    assert areas_found(VILLAGES, text)["area_id"].tolist() == codes


def test_no_more_than_asked_and_nothing_but_text_is_read():
    assert len(areas_found(VILLAGES, "43", most=2)) == 2
    assert areas_found(VILLAGES, "(43").empty is False
    assert areas_found(VILLAGES, ".*").empty
    assert areas_found(VILLAGES, "x" * 100_000).empty


def test_ligatures_and_marks_are_read_through():
    assert plain("L’Œuvre d’Été-Saint-Ævre") == "l oeuvre d ete saint aevre"
