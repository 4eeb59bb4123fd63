"""What became of communes since the last events published (communes.json of etalab)."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from etl.source import Known, RejectedFile
from etl.sources import former_codes
from geodata.catalogue.nouns import SourceEntry, Text

ENTRY = SourceEntry(id="former_codes", reader="former_codes", name=Text(fr="x", en="x"))
# B merged into A in 2016; X was born and ended on one day.
EVENTS = pd.DataFrame(
    [
        ("2016-01-01", 1, "01002", "01001", "merge"),
        ("2016-01-01", 1, "01001", "01001", "merge"),
        ("2018-01-01", 0, "01003", "01004", "recode"),
        ("2018-01-01", 1, "01004", "01005", "merge"),
        ("2018-01-01", 1, "01005", "01005", "merge"),
    ],
    columns=["on", "step", "before_id", "after_id", "kind"],
).assign(level="commune")
KNOWN = Known(None, tables={"mouvements": {"area_event": EVENTS}})


def commune(code, *former, kind="commune-actuelle"):
    return {"code": code, "type": kind, **({"anciensCodes": list(former)} if former else {})}


def stage(*records, known=KNOWN):
    return former_codes.stage(ENTRY, "communes.json", json.dumps(records).encode(), known)


def edges(staged):
    table = staged.tables["area_event"]
    assert set(table["on"]) <= {"2025-01-01"}
    return [tuple(row) for row in table[["before_id", "after_id", "kind"]].itertuples(index=False)]


def test_what_the_events_already_tell_is_not_told_again():
    staged = stage(
        commune("01001", "01002"),
        commune("01005", "01003", "01004"),
        commune("01002", kind="commune-deleguee"),
    )
    assert edges(staged) == []
    assert staged.dropped == {"nothing_since": 2, "not_a_commune": 1}
    assert staged.rows_read == 3


def test_a_merger_since():
    staged = stage(commune("01001", "01002", "01009"), commune("01005", "01003"))
    assert edges(staged) == [("01001", "01001", "merge"), ("01009", "01001", "merge")]
    assert (staged.rows_loaded, staged.rows_dropped) == (1, 1)


def test_a_change_of_code_to_that_of_a_part():
    staged = stage(commune("01002", "01001"), commune("01005", "01003"))
    assert edges(staged) == [("01001", "01002", "recode")]


def test_a_commune_restored_leaves_the_one_that_had_absorbed_it():
    staged = stage(commune("01001"), commune("01002"), commune("01005", "01003"))
    assert edges(staged) == [("01001", "01001", "rename"), ("01001", "01002", "split")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "unreadable_json"),
        (b'{"code": 1}', "unreadable_json"),
        (b'[{"code": "01001"}]', "unreadable_json"),
        (b"[1]", "unreadable_json"),
        (b"\xff\xfe", "unreadable_json"),
        (b"[" * 100_000, "unreadable_json"),
        (b"[]", "no_rows"),
        (json.dumps([commune("01001")] * 2).encode(), "duplicate_key"),
    ],
)
def test_another_file_is_refused(content, code):
    with pytest.raises(RejectedFile) as caught:
        former_codes.stage(ENTRY, "communes.json", content, KNOWN)
    assert caught.value.issue.code == code
    assert caught.value.issue.mend_fr


def test_it_continues_events_or_is_refused():
    with pytest.raises(RejectedFile) as caught:
        stage(commune("01001"), known=replace(KNOWN, tables={}))
    assert caught.value.issue.code == "no_events"


@pytest.mark.shared
def test_the_real_file(dated_france):
    table = dated_france.tables["communes"]["area_event"]
    assert table["kind"].value_counts().to_dict() == {
        "merge": 110,
        "recode": 4,
        "split": 4,
        "rename": 1,
    }
    recoded = table[table["kind"] == "recode"]
    assert dict(zip(recoded["before_id"], recoded["after_id"], strict=True)) == {
        "12076": "12218",
        "14011": "14581",
        "49069": "49126",
        "69159": "69114",
    }
