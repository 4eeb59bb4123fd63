"""FINESS: small extracts of the documented layout, and their faults. No real file was met."""

from dataclasses import replace

import pandas as pd
import pytest

from etl.source import Known, RejectedFile
from etl.sources import finess
from etl.sources.bpe import equipment_categories
from etl.sources.finess_layout import columns, official_codes

FILE = "etalab-cs1100507-stock-20260512-0339.csv"
HEAD = "finess;etalab;111;2026-05-12\n"
LAMBERT = "1,ATLASANTE,96,BAN,EPSG:2154 RGF93 / Lambert-93 (Métropole)"


@pytest.fixture
def known(words):
    communes = {"01451", "43157", "97101"}
    return Known(words, {"commune": frozenset(communes)})


def structure(number, category="177", commune="157", departement="43", **cells):
    """A line of the section ``structureet``: 32 cells, most of them empty."""
    named = {
        "section": "structureet",
        "nofinesset": number,
        "nofinessej": "430000018",
        "rs": "FOYER",
        "commune": commune,
        "departement": departement,
        "telephone": "0471000000",
        "categetab": category,
        "libcategetab": "Maison d'Enfants à Caractère Social",
        **cells,
    }
    return ";".join(named.get(name, "") for name in columns()["structureet"]) + "\n"


def position(number, x="769000.0", y="6437000.0", source=LAMBERT):
    return f"geolocalisation;{number};{x};{y};{source};2026-05-04\n"


def equipment(number, places="12", suppressed="N"):
    named = {
        "section": "equipementsocial",
        "nofinesset": number,
        "capinstot": places,
        "indsupinst": suppressed,
    }
    cells = [named.get(name, "") for name in columns()["equipementsocial"]]
    return ";".join([*cells, *[""] * 12]) + "\n"


def staged(known, *lines, head=HEAD, encoding="utf-8"):
    entry = known.catalogue.sources["finess_establishments"]
    return finess.stage(entry, FILE, (head + "".join(lines)).encode(encoding), known)


def with_capacity(known, *lines):
    entry = known.catalogue.sources["finess_equipment"]
    links = "".join(f"structureet;{number};430000018\n" for number in ("430000117", "430000190"))
    made = finess.stage(entry, "x.csv", (HEAD + links + "".join(lines)).encode(), known)
    return made, replace(known, tables={entry.id: made.tables})


def test_an_establishment_stands_where_its_metres_say(known):
    """Two hospitals' metres, under social categories: Eurostat gives their degrees."""
    made = staged(
        known,
        structure("010000024", departement="01", commune="451", rslongue="FOYER DE L'ÉTOILE"),
        structure("970100012", departement="9A", commune="101", category="223"),
        position("010000024", "870262.2", "6571540.8"),
        position(
            "970100012",
            "657242.9",
            "1795384.4",
            "2,ATLASANTE,96,BAN,EPSG:5490 RGAF09/UTM Zone 20N (Antilles)",
        ),
    )
    first, second = made.tables["service"].to_dict("records")
    assert first["service_id"] == "finess:010000024"
    assert first["name"] == "Foyer De L'Étoile"
    assert first["category"] == "child_protection_residential"
    assert (first["longitude"], first["latitude"]) == pytest.approx((5.20879, 46.2222), abs=1e-3)
    assert (first["position"], first["area_id"], first["period"]) == ("address", "01451", "2026")
    assert pd.isna(first["capacity"])
    assert (second["area_id"], second["category"]) == ("97101", "maternal_and_child_health")
    degrees = (second["longitude"], second["latitude"])
    assert degrees == pytest.approx((-61.52761, 16.23449), abs=3e-3)
    assert (made.rows_read, made.rows_loaded) == (4, 4)
    assert [i.code for i in made.issues] == ["no_capacity"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_both_encodings_of_the_extracts_are_read(known, encoding):
    made = staged(known, structure("430000117", rs="FOYER L’ÉTÉ"), encoding=encoding)
    assert made.tables["service"]["name"].tolist() == ["Foyer L’Été"]


def test_capacity_is_the_sum_of_what_is_installed_and_unknown_if_one_is(known):
    made, known = with_capacity(
        known,
        equipment("430000117", "12"),
        equipment("430000117", "8"),
        equipment("430000117", "30", suppressed="O"),
        equipment("430000190", "5"),
        equipment("430000190", ""),
    )
    assert made.dropped == {"structure_line": 2, "suppressed_installation": 1}
    made = staged(known, *map(structure, ("430000117", "430000190", "430000026")))
    capacity = made.tables["service"].set_index("service_id")["capacity"]
    assert capacity["finess:430000117"] == 20
    assert pd.isna(capacity["finess:430000190"])
    assert pd.isna(capacity["finess:430000026"])
    assert set(made.tables["service"]["capacity_unit"]) == {"places"}


def test_what_is_no_social_service_is_dropped_with_its_position(known):
    made = staged(
        known,
        structure("430000117"),
        structure("430000190", category="620"),
        position("430000190"),
    )
    assert made.dropped == {"category_left_aside": 1, "establishment_left_aside": 1}
    assert len(made.tables["service"]) == 1


def test_homes_and_refuges_are_shown_at_their_commune_only(known):
    made = staged(known, structure("430000117", category="462"), position("430000117"))
    (home,) = made.tables["service"].to_dict("records")
    assert home["position"] == "commune"
    assert pd.isna(home["longitude"])
    assert pd.isna(home["latitude"])


def test_a_position_geocoded_to_the_commune_says_so(known):
    source = LAMBERT.replace("BAN", "ADMIN-EXPRESS-2023")
    made = staged(known, structure("430000117"), position("430000117", source=source))
    (row,) = made.tables["service"].to_dict("records")
    assert row["position"] == "commune"
    assert row["longitude"] == pytest.approx(3.876, abs=2e-3)


@pytest.mark.parametrize(
    ("x", "source"),
    [
        ("769000", "1,ATLASANTE,96,BAN,EPSG:3857 WGS 84"),
        ("769000", "1,ATLASANTE,96,BAN,somewhere"),
        ("many", LAMBERT),
    ],
)
def test_an_unreadable_position_is_unknown_and_told(known, x, source):
    made = staged(known, structure("430000117"), position("430000117", x=x, source=source))
    assert made.tables["service"]["longitude"].isna().all()
    assert made.tables["service"]["position"].tolist() == ["commune"]
    assert "unknown_system" in [i.code for i in made.issues]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (structure("430000118"), "bad_identifier"),
        (structure("430000026", commune="999"), "unknown_area"),
    ],
)
def test_a_wrong_establishment_is_held_back(known, wrong, code):
    lines = [structure(number) for number in right_numbers(300)]
    made = staged(known, *lines, wrong)
    assert made.held["code"].tolist() == [code]
    assert made.held["line"].tolist() == [302]


def right_numbers(count):
    found = []
    for body in range(count):
        text = f"4309{body:04d}"
        digits = [int(d) for d in reversed(text)]
        total = sum(
            sum(divmod(2 * d, 10)) if place % 2 == 0 else d for place, d in enumerate(digits)
        )
        found.append(f"{text}{-total % 10}")
    return found


@pytest.mark.parametrize(
    ("head", "lines", "code", "line"),
    [
        ("", [structure("430000117")], "not_finess", 1),
        ("finess;etalab;111;12/05/2026\n", [structure("430000117")], "not_finess", 1),
        (HEAD, [structure("430000117"), "structureej;430000018;X\n"], "unknown_section", 3),
        (HEAD, [position("430000117")], "no_rows", 1),
    ],
)
def test_another_file_is_refused(known, head, lines, code, line):
    with pytest.raises(RejectedFile) as caught:
        staged(known, *lines, head=head)
    assert (caught.value.issue.code, caught.value.issue.line) == (code, line)


def test_a_line_without_all_its_columns_is_refused(known):
    with pytest.raises(RejectedFile):
        staged(known, structure("430000117"), "structureet;430000190;430000018;FOYER\n")


def test_overseas_codes_are_those_of_insee():
    codes = pd.Series(["9A101", "9J613", "2A004", "43157", "9D411"])
    assert official_codes(codes).tolist() == ["97101", "98613", "2A004", "43157", "97411"]


def test_categories_are_said_with_the_same_words_as_those_of_equipment():
    """Residential child protection is one category, whichever source counts it."""
    shared = {"child_protection_residential", "disabled_children_outpatient", "shelter"}
    assert shared <= set(finess.categories().values()) & set(equipment_categories().values())
    assert finess.categories()["177"] == equipment_categories()["D701"]
    assert finess.categories()["295"] == equipment_categories()["D702"]


def test_telephones_are_not_kept(known):
    made = staged(known, structure("430000117"))
    assert "0471000000" not in made.tables["service"].to_string()
