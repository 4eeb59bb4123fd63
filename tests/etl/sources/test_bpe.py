"""Equipment: a small table of the exact layout, its faults, and INSEE's million rows."""

import io
import resource
import time
from dataclasses import replace

import pandas as pd
import pytest

from etl.source import Known, RejectedFile
from etl.sources import bpe

FILE = "bpe_ens_2018.parquet"


@pytest.fixture
def known(words):
    return Known(words, {"commune": frozenset({"43001", "75056"})})


def parquet(*rows):
    frame = pd.DataFrame(rows, columns=["DEPCOM", "DCIRIS", "TYPEQU", "NB_EQUIP"])
    frame = frame.assign(REG="84", DEP="43", AN=2018).astype({"AN": "int16", "NB_EQUIP": "int32"})
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return buffer.getvalue()


def staged(known, *rows):
    return bpe.stage(known.catalogue.sources["insee_bpe_2018"], FILE, parquet(*rows), known)


def test_the_parts_of_a_commune_are_summed_and_other_types_dropped(known):
    made = staged(
        known,
        ("43001", "43001_0101", "D502", 2),
        ("43001", "43001_0102", "D502", 1),
        ("75101", "75101_0101", "D201", 4),
        ("75102", "75102_0101", "D201", 5),
        ("43001", "43001_0101", "B203", 9),
    )
    assert made.tables["equipment"].to_dict("records") == [
        {
            "area_id": area,
            "equipment_code": code,
            "period": "2018",
            "count": count,
            "category": category,
            "source_id": "insee_bpe_2018",
        }
        for area, code, count, category in (
            ("43001", "D502", 3, "childcare_centre"),
            ("75056", "D201", 9, "general_practitioner"),
        )
    ]
    assert (made.rows_read, made.rows_loaded, made.dropped) == (5, 4, {"type_left_aside": 1})


def test_a_count_of_none_is_held_back(known):
    rows = [("43001", "43001", "D502", 1)] * 200
    made = staged(known, *rows, ("43001", "43001", "D502", 0), ("43001", "43001", "D502", -1))
    assert made.rows_quarantined == 2
    assert made.held["line"].tolist() == [202, 203]
    assert made.tables["equipment"]["count"].tolist() == [200]


def test_a_count_mended_by_hand_is_taken_in_again(known):
    known = replace(known, mends={3: {"NB_EQUIP": "7"}})
    made = staged(known, ("43001", "43001", "D502", 1), ("43001", "43001", "D201", 0))
    assert made.tables["equipment"].set_index("equipment_code")["count"].to_dict() == {
        "D201": 7,
        "D502": 1,
    }


def test_a_table_of_communes_nobody_knows_is_refused(known):
    with pytest.raises(RejectedFile) as caught:
        staged(known, *[("43999", "43999", "D502", 1)] * 3, ("43001", "43001", "D502", 1))
    assert caught.value.issue.column == "DEPCOM"


def test_a_csv_under_the_name_of_a_parquet_is_refused(known):
    with pytest.raises(RejectedFile) as caught:
        bpe.stage(known.catalogue.sources["insee_bpe_2018"], FILE, b"a,b\n1,2\n", known)
    assert caught.value.issue.code == "not_parquet"


def test_every_type_has_one_category_and_ours_are_among_them(embedded):
    table = embedded("equipment/insee_bpe_2018.csv")
    theirs = dict(zip(table["equipment_code"], table["category"], strict=True))
    ours = bpe.equipment_categories()
    assert len(theirs) == 14
    assert {code: ours[code] for code in theirs} == theirs


@pytest.mark.shared
def test_the_million_rows_are_accounted_for(dated_france, shared_data, embedded):
    entry = dated_france.catalogue.sources["insee_bpe_2018"]
    content = (shared_data / "service" / FILE).read_bytes()
    start = time.perf_counter()
    made = bpe.stage(entry, FILE, content, dated_france)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{seconds:.1f} s, {peak:.0f} MiB", made.rows_read, made.rows_loaded)
    print(made.rows_quarantined, made.dropped, len(made.tables["equipment"]))
    print(*(i.text("en") for i in made.issues), sep="\n")
    assert made.rows_read == 1_035_564
    assert set(made.dropped) == {"type_left_aside"}
    assert seconds < 30  # 4 s alone on a core; other work may share it
    table = made.tables["equipment"]
    assert not table.duplicated(["area_id", "equipment_code", "period"]).any()
    assert table.loc[table["equipment_code"] == "D107", "count"].sum() == 504  # as in the file
    theirs = embedded("equipment/insee_bpe_2018.csv")
    ours = table[table["area_id"].str.startswith("43")]
    ours = ours[ours["equipment_code"].isin(theirs["equipment_code"].unique())]
    key = ["area_id", "equipment_code", "period", "count", "category"]
    ours = ours[key].astype("str").sort_values(key, ignore_index=True)
    theirs = theirs[key].sort_values(key, ignore_index=True)
    assert len(ours) == 465
    assert ours.to_numpy().tolist() == theirs.to_numpy().tolist()
