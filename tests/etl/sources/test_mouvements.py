"""INSEE's events of communes, by small files and by the real one."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from etl.history import areas_in_force, at_edition, events_of, passage
from etl.source import Known, RejectedFile
from etl.sources import mouvements
from geodata.catalogue.nouns import SourceEntry, Text
from geodata.methods.succession import destinations

HEADER = "MOD,DATE_EFF,TYPECOM_AV,COM_AV,LIBELLE_AV,TYPECOM_AP,COM_AP,LIBELLE_AP"
ENTRY = SourceEntry(id="mouvements", reader="mouvements", name=Text(fr="x", en="x"))
#: Communes of metropolitan France and the overseas départements on 1 January, as INSEE has them.
PUBLISHED = {
    2015: 36658,
    2016: 35885,
    2017: 35416,
    2018: 35357,
    2019: 34970,
    2020: 34968,
    2021: 34965,
    2022: 34955,
    2023: 34945,
    2024: 34935,
}


def row(mod, on, kind, before, kind_after, after):
    return f"{mod},{on},{kind},{before},x,{kind_after},{after},x"


def stage(*rows):
    content = "\n".join([HEADER, *rows, ""]).encode()
    return mouvements.stage(ENTRY, "mouvements.csv", content, Known(None))


def edges(staged):
    table = staged.tables["area_event"]
    return [tuple(row) for row in table[["before_id", "after_id", "kind"]].itertuples(index=False)]


def test_a_commune_nouvelle_and_its_parts():
    staged = stage(
        row(32, "2016-01-01", "COM", "12076", "COM", "12076"),
        row(32, "2016-01-01", "COM", "12218", "COM", "12076"),
        row(32, "2016-01-01", "COM", "12218", "COMD", "12218"),
        row(35, "2018-01-01", "COMD", "12218", "COM", "12076"),
        row(70, "2019-01-01", "COMA", "12300", "COMD", "12300"),
        row(20, "1963-01-01", "COM", "69123", "ARM", "69389"),
    )
    assert edges(staged) == [("12076", "12076", "merge"), ("12218", "12076", "merge")]
    assert staged.dropped == {
        "whole_to_part": 1,
        "part_to_whole": 1,
        "part_to_part": 1,
        "arrondissement": 1,
    }
    assert (staged.rows_read, staged.rows_loaded, staged.rows_dropped) == (6, 2, 4)


def test_which_part_of_a_divided_commune_is_the_rest():
    talican = stage(  # the commune gives its code back to a part: the other code is the rest
        row(21, "2024-01-01", "COM", "60054", "COM", "60054"),
        row(21, "2024-01-01", "COMD", "60054", "COM", "60054"),
        row(21, "2024-01-01", "COM", "60054", "COM", "60694"),
    )
    assert edges(talican) == [("60054", "60054", "split"), ("60054", "60694", "recode")]
    simple = stage(  # a part that was not even an associated commune
        row(21, "2014-01-01", "COM", "55298", "COM", "55138"),
        row(21, "2014-01-01", "COM", "55298", "COM", "55298"),
    )
    assert edges(simple) == [("55298", "55138", "split"), ("55298", "55298", "rename")]


def test_a_change_of_code_comes_before_the_merger_of_its_day():
    table = stage(
        row(32, "2018-01-01", "COM", "44180", "COM", "44180"),
        row(32, "2018-01-01", "COM", "44225", "COM", "44180"),
        row(41, "2018-01-01", "COM", "49144", "COM", "44225"),
    ).tables["area_event"]
    assert table["step"].tolist() == [0, 1, 1]
    assert set(table["level"]) == {"commune"}


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        (row(99, "2018-01-01", "COM", "44180", "COM", "44180"), "bad_event", "MOD"),
        (row(10, "01/01/2018", "COM", "44180", "COM", "44180"), "bad_event", "DATE_EFF"),
        (row(10, "2018-01-01", "CAN", "44180", "COM", "44180"), "bad_event", "TYPECOM_AV"),
        (row(10, "2018-01-01", "COM", "4418", "COM", "44180"), "bad_event", "COM_AV"),
        (row(10, "2018-01-01", "COM", "44180", "COM", ""), "bad_event", "COM_AP"),
        (row(41, "2019-01-01", "COM", "44225", "COM", "49144"), "contradictory_events", "COM_AV"),
    ],
)
def test_a_reference_table_is_right_or_refused(line, code, column):
    good = row(41, "2018-01-01", "COM", "44225", "COM", "49144")
    with pytest.raises(RejectedFile) as caught:
        stage(good, line)
    issue = caught.value.issue
    assert (issue.code, issue.column, issue.line) == (code, column, 3)
    assert issue.mend_fr


@pytest.fixture(scope="module")
def communes_2024(shared_data: Path) -> frozenset[str]:
    table = shared_data / "territory" / "cog_table_supracommunale_2024.csv"
    with table.open(encoding="utf-8", newline="") as stream:
        return frozenset(row["CODGEO"] for row in csv.DictReader(stream) if row["CODGEO"])


@pytest.fixture(scope="module")
def real(shared_data: Path) -> pd.DataFrame:
    file = shared_data / "territory" / "mouvements_communes_2024.csv"
    staged = mouvements.stage(ENTRY, file.name, file.read_bytes(), Known(None))
    assert (staged.rows_read, staged.rows_loaded) == (13284, 8734)
    assert staged.dropped == {
        "whole_to_part": 3452,
        "part_to_whole": 961,
        "part_to_part": 117,
        "arrondissement": 20,
    }
    return staged.tables["area_event"]


@pytest.mark.shared
def test_a_row_from_a_part_always_has_one_from_its_commune(shared_data, real):
    """What the dropped rows say of communes, a row that was kept says too."""
    file = shared_data / "territory" / "mouvements_communes_2024.csv"
    rows = pd.read_csv(file, dtype="str", keep_default_na=False)
    parts = rows[rows["TYPECOM_AV"].isin(["COMA", "COMD"]) & rows["TYPECOM_AP"].eq("COM")]
    restored = parts[parts["MOD"] == "21"]
    kept = set(zip(real["on"], real["after_id"], strict=True))
    assert len(restored) > 200
    assert set(zip(restored["DATE_EFF"], restored["COM_AP"], strict=True)) <= kept
    whole = rows[rows["TYPECOM_AV"].eq("COM") & rows["TYPECOM_AP"].isin(["COMA", "COMD"])]
    ended = set(zip(real["on"], real["before_id"], strict=True))
    merged = whole[whole["MOD"].isin(["32", "33"])]
    assert set(zip(merged["DATE_EFF"], merged["COM_AV"], strict=True)) <= ended


@pytest.mark.shared
def test_as_many_communes_as_published(real, communes_2024):
    found = {
        year: len(areas_in_force(real, communes_2024, "2024-01-01", f"{year}-01-01"))
        for year in PUBLISHED
    }
    assert found == PUBLISHED


@pytest.mark.shared
def test_every_code_there_ever_was_leads_to_a_commune_in_force(real, communes_2024):
    spans = destinations(real)
    assert set(spans["after_id"]) <= communes_2024
    named = set(real["before_id"]) | set(real["after_id"])
    # two codes lasted less than a day, between a change of département and a merger
    assert named - set(spans["area_id"]) == {"", "44225", "50649"}
    assert len(set(spans["area_id"])) == 8467


@pytest.mark.shared
@pytest.mark.parametrize(("year", "estimated"), [(2023, 2), (2014, 1), (2008, 8), (1943, 92)])
def test_from_then_to_2024_and_back(real, communes_2024, year, estimated):
    on = f"{year}-01-01"
    then = areas_in_force(real, communes_2024, "2024-01-01", on)
    forward = passage(real, on, "2024-01-01", then)
    assert set(forward["before_id"]) == then
    made = {"06162", "06163", "97311"} if year == 1943 else set()  # out of nothing, 1947 and 1949
    assert set(forward["after_id"]) == communes_2024 - made
    assert forward.loc[forward["is_estimate"], "before_id"].nunique() == estimated
    back = passage(real, "2024-01-01", on, communes_2024)
    assert set(back["after_id"]) - {""} == then


@pytest.mark.shared
@pytest.mark.parametrize(
    ("from_on", "code", "to_on", "heirs"),
    [
        ("2017-12-31", "49144", "2024-01-01", {"44180": 1}),  # changed département, and merged
        ("1975-12-31", "20004", "2024-01-01", {"2A004": 1}),  # Corsica
        ("2011-01-01", "76095", "2015-01-01", {"76095": 1}),  # merged in 2012, restored in 2014
        ("2013-01-01", "76108", "2015-01-01", {"76095": 0.5, "76108": 0.5}),
        ("2018-01-01", "60455", "2024-01-01", {"60694": 1}),  # its commune gave its code back
        ("2020-01-01", "27676", "2022-01-01", {"27058": 1}),  # the seat moved...
        ("2020-01-01", "27676", "2024-01-01", {"27676": 1}),  # ... and moved back
        ("1972-01-01", "14472", "2024-01-01", {"14654": 1}),  # a code used for two communes
        ("2015-01-01", "14472", "2024-01-01", {"14654": 1}),
    ],
)
def test_known_cases(real, from_on, code, to_on, heirs):
    way = passage(real, from_on, to_on, [code])
    assert dict(zip(way["after_id"], way["share"], strict=True)) == heirs


@pytest.mark.shared
def test_todays_communes_are_reached(dated_france, communes_2024):
    """Mouvements to 2024, then the former codes of the communes in force."""
    events = events_of(dated_france, "commune")
    today = dated_france.areas["commune"]
    assert len(today) == 34875
    assert areas_in_force(events, communes_2024, "2024-01-01", "2026-01-01") == today
    way = passage(events, "2024-01-01", "2026-01-01", communes_2024)
    assert set(way["after_id"]) == today
    divided = way[way["is_estimate"]]
    assert set(divided["before_id"]) == {"15141"}
    restored = {"15031", "15035", "15047", "15141", "15171"}
    assert set(divided["after_id"]) == restored
    across = passage(events, "2016-01-01", "2026-01-01", restored)
    assert dict(zip(across["before_id"], across["after_id"], strict=True)) == {
        code: code for code in restored
    }


@pytest.mark.shared
def test_a_national_series_keeps_its_total(dated_france):
    """One to each commune of 2008: as many today, and each commune has as many as it took in."""
    events = events_of(dated_france, "commune")
    then = sorted(areas_in_force(events, dated_france.areas["commune"], "2026-01-01", "2008-01-01"))
    figures = pd.DataFrame({"area_id": then, "value": 1.0, "status": "observed"})
    today = at_edition(figures, events, "2008-01-01", "2026-01-01", additive=True)
    assert set(today["area_id"]) == dated_france.areas["commune"]
    assert today["value"].sum() == pytest.approx(len(then))
    estimated = today[today["status"] == "estimated"]
    assert (len(then), len(estimated)) == (36698, 17)
    counts = today.set_index("area_id")["value"]
    assert counts["49126"] == 9  # Orée d'Anjou, of nine communes
