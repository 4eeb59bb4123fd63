"""From an inspected file to a description that the catalogue takes."""

from __future__ import annotations

import tomllib

import pandas as pd
import pytest

from etl.description import FILL
from etl.inspection.shape import Inspection, inspected, inspection_of
from etl.proposal import id_of, proposal, slug, still_to_fill
from etl.source import Known
from etl.sources import described
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import SourceEntry, Text

COMMUNES = [f"43{n:03d}" for n in range(1, 31)]
BELGIAN = [f"BE2{p}{n}" for p in range(1, 6) for n in range(1, 5)]


def france() -> Known:
    areas = {"commune": frozenset(COMMUNES), "departement": frozenset({"43", "63"})}
    return Known(catalogue("haute_loire"), areas=areas)


def belgium() -> Known:
    areas = {
        "arrondissement": frozenset(BELGIAN),
        "province": frozenset(f"BE2{p}" for p in range(1, 6)),
    }
    return Known(catalogue("belgium"), areas=areas)


def looked(file: str, content: bytes, known: Known, makes: str = "") -> Inspection:
    entry = SourceEntry(id="own", reader="", name=Text("x", "x"), options={"makes": makes})
    return inspection_of(inspected(entry, file, content, known))


def loaded(text: str, file: str, content: bytes, known: Known, tmp_path) -> pd.DataFrame:
    """The rows that a proposal loads, once what is asked for is filled in."""
    path = tmp_path / "own.toml"
    path.write_text(text.replace(f'"{FILL}"', '"filled"'), "utf-8")
    words = catalogue(known.catalogue.territory.id, None, path)
    read = Known(words, areas=known.areas)
    return described.stage(words.sources["own"], file, content, read).tables["figure"]


def test_ids_are_made_of_names():
    assert slug("Bénévoles & Cie (2024)") == "benevoles_cie_2024"
    assert id_of("FILO2019_DISP_COM.csv") == "filo_disp_com"
    assert id_of("2024.csv") == "2024"


def test_a_wide_file_loads_as_proposed(tmp_path):
    content = "code;Naissances 2023;Taux\n" + "".join(
        f"{code};{'s' if n % 5 == 0 else n};{n},5\n" for n, code in enumerate(COMMUNES)
    )
    raw = content.encode("cp1252")
    text = proposal(looked("table.csv", raw, france()), "own", "Ma table", france().catalogue)
    said = tomllib.loads(text)
    assert said["sources"]["own"]["options"]["marks"] == {"s": "suppressed"}
    assert said["sources"]["own"]["options"]["decimal"] == ","
    counted, rate = said["variables"].values()
    assert (counted["additivity"], rate["additivity"]) == ("exact", "no")
    assert [i["method"] for i in said["indicators"].values()] == ["ratio", "published"]
    frame = loaded(text, "table.csv", raw, france(), tmp_path).set_index(["variable", "area_id"])
    assert frame.loc[("own_naissances", "43002"), "value"] == 1
    assert frame.loc[("own_naissances", "43002"), "period"] == "2023"
    assert frame.loc[("own_naissances", "43001"), "status"] == "suppressed"
    assert frame.loc[("own_taux", "43003"), "value"] == 2.5


def test_what_only_a_person_knows_is_asked_for():
    found = looked(
        "x.csv",
        b"code;n\n43001;1\n43002;tbc\n43003;2\n43004;3\n43005;4\n43006;5\n"
        b"43007;6\n43008;7\n43009;8\n43010;8\n43011;8\n",
        france(),
    )
    missing = still_to_fill(tomllib.loads(proposal(found, "own", "x", france().catalogue)))
    assert missing == [
        "sources.own.passport.producer",
        "sources.own.passport.licence",
        "sources.own.passport.vintage",
        "sources.own.passport.attribution",
        "sources.own.options.marks.tbc",
        "sources.own.options.period",
        "variables.own_n.unit",
    ]


def test_columns_that_are_asked_for_and_those_left_aside():
    content = "code;" + ";".join(f"v{n}" for n in range(20)) + "\n"
    content += "".join(f"{code};" + ";".join(["1", "2"] * 10) + "\n" for code in COMMUNES)
    content = content.replace(f"{COMMUNES[0]};1;2", f"{COMMUNES[0]};3;4", 1)
    found = looked("x.csv", content.encode(), france())
    assert found.values[:2] == ("v0", "v1")
    text = proposal(found, "own", "x", france().catalogue, ["v1"])
    assert list(tomllib.loads(text)["variables"]) == ["own_v1"]
    assert "# Left aside (--columns A,B to choose): v0" in text


def test_a_long_file_loads_as_proposed(tmp_path):
    rows = [
        (code, measure, sex, 2022, n)
        for n, code in enumerate(COMMUNES)
        for measure in ("BIRTHS", "DEATHS", "UNIONS")
        for sex in ("F", "_T")
    ]
    columns = ["GEO", "MEASURE", "SEX", "TIME_PERIOD", "OBS_VALUE"]
    raw = pd.DataFrame(rows, columns=columns).to_csv(index=False).encode()
    text = proposal(looked("long.csv", raw, france()), "own", "x", france().catalogue)
    frame = loaded(text, "long.csv", raw, france(), tmp_path)
    assert len(frame) == 3 * len(COMMUNES)
    assert set(frame["variable"]) == {"own_births", "own_deaths", "own_unions"}
    assert set(frame["period"]) == {"2022"}


def test_services_are_proposed_by_their_columns():
    rows = [(f"S{n}", f"Crèche n° {n}", "43001", 3.5, 45.0, n) for n in range(12)]
    columns = ["num", "nom", "insee", "longitude", "latitude", "capacite"]
    raw = pd.DataFrame(rows, columns=columns).to_csv(index=False).encode()
    found = looked("x.csv", raw, france())
    said = tomllib.loads(proposal(found, "own", "x", france().catalogue, needs=["territory"]))
    options = said["sources"]["own"]["options"]
    assert (options["id_column"], options["name_column"]) == ("num", "nom")
    assert (options["capacity_column"], options["capacity_unit"]) == ("capacite", FILL)
    assert said["sources"]["own"]["needs"] == ["territory"]
    assert "variables" not in said


def test_a_file_of_another_country_by_its_territory_alone(tmp_path):
    content = "NUTS;kinderen 2023;taux\n" + "".join(
        f"{code};{n};{':c' if n == 3 else f'{n}.5'}\n" for n, code in enumerate(BELGIAN)
    )
    raw, known = content.encode(), belgium()
    text = proposal(looked("be.csv", raw, known), "own", "Kinderen", known.catalogue)
    assert tomllib.loads(text)["sources"]["own"]["options"]["level"] == "arrondissement"
    frame = loaded(text, "be.csv", raw, known, tmp_path).set_index(["variable", "area_id"])
    assert frame.loc[("own_kinderen", "BE212"), ["level", "value", "period"]].tolist() == [
        "arrondissement",
        1,
        "2023",
    ]
    assert frame.loc[("own_taux", "BE214"), "status"] == "suppressed"


@pytest.mark.parametrize("name", ["=cmd|x!A1", "a\nb", 'say "x"', "C:\\temp", "# note", "é;ü"])
def test_any_heading_is_written_so_that_it_is_read_back(name, tmp_path):
    table = pd.DataFrame({"code": COMMUNES, name: range(30)})
    raw = table.to_csv(index=False).encode()
    found = looked("x.csv", raw, france())
    text = proposal(found, "own", "x", france().catalogue)
    frame = loaded(text, "x.csv", raw, france(), tmp_path)
    assert frame["value"].sum() == sum(range(30))
