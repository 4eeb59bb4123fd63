"""From codes to areas: what is repaired, held back, dropped, refused (section E of the cases)."""

from dataclasses import replace

import pandas as pd
import pytest

from etl.locate import is_part, located, luhn_ok, no_duplicates
from etl.source import Known, Ledger, RejectedFile
from geodata.catalogue.nouns import Level, Text

#: Two hundred areas of our own (0100x, 4300x...), a neighbour, and a town counted by parts.
OWN = [f"43{n:03}" for n in range(1, 201)] + [f"01{n:03}" for n in range(1, 10)]
TOWN = "43999"
EVENTS = pd.DataFrame(
    [
        ("2015-01-01", 1, "43900", "43001", "merge"),
        ("2015-01-01", 1, "43001", "43001", "merge"),
        ("2018-01-01", 1, "43002", "43002", "rename"),
        ("2018-01-01", 1, "43002", "43003", "split"),
        ("2019-01-01", 0, "63100", "43004", "recode"),
        ("2020-01-01", 1, "63200", "63201", "recode"),
    ],
    columns=["on", "step", "before_id", "after_id", "kind"],
).assign(level="commune")


@pytest.fixture(scope="module")
def known(words):
    name = Text("x", "x")
    levels = (
        Level("commune", name, name, pattern="[0-9]{5}|2[AB][0-9]{3}", own="(43|01)[0-9]{3}|2A.*"),
        Level("canton", name, name, pattern="[0-9]{4}"),
        Level("epci", name, name, pattern="2[0-9]{8}"),
        Level("departement", name, name, pattern="[0-9]{2}"),
    )
    territory = replace(words.territory, levels=levels, parts={"43991": TOWN, "43992": TOWN})
    return Known(
        replace(words, territory=territory),
        areas={
            "commune": frozenset({*OWN, TOWN, "63001", "2A004"}),
            "canton": frozenset({"1001", "4301", "4302"}),
            "departement": frozenset({"01", "43"}),
        },
        tables={"history": {"area_event": EVENTS}},
    )


@pytest.fixture
def ledger():
    return Ledger("invented", "file.csv")


def read(codes, known, ledger, level="commune", **how):
    frame = pd.DataFrame(
        {"code": codes, "line": range(2, len(codes) + 2)}, index=range(7, 7 + len(codes))
    )
    ledger.begin(frame)
    found = located(frame, "code", level, known, ledger, **how)
    assert found.index.equals(frame.index)
    return [None if area is None or area != area else area for area in found]


def told(ledger):
    return {issue.code: issue.rows for issue in ledger.issues}


def test_known_codes_are_told_nothing(known, ledger):
    assert read([*OWN, "63001"], known, ledger) == [*OWN, "63001"]
    assert not ledger.issues


@pytest.mark.parametrize(
    ("code", "area", "repair"),
    [
        (" 43001 ", "43001", "code_spaces"),
        ("43001\u00a0", "43001", "code_spaces"),
        ("1001", "01001", "padded"),
        ("43001.0", "43001", "code_written_as_number"),
        ("1002.0", "01002", "padded"),
        ("43-001", "43001", "code_separators"),
        ("43 001", "43001", "code_separators"),
        ("2a004", "2A004", "code_case"),
        ("43991", TOWN, "part_of_area"),
    ],
)
def test_one_certain_repair_is_made_and_noted(known, ledger, code, area, repair):
    assert read([*OWN, code, code], known, ledger)[-2:] == [area, area]
    assert told(ledger)[repair] == 2
    assert not ledger.quarantined
    assert all(issue.message_fr and issue.column == "code" for issue in ledger.issues)


def test_no_zero_is_given_back_when_it_is_not_asked(known, ledger):
    assert read([*OWN, "1001"], known, ledger, padded=False)[-1] is None
    assert told(ledger) == {"malformed_code": 1}


def test_a_lost_zero_of_elsewhere_is_elsewhere(known, ledger):
    assert read([*OWN, "7001"], known, ledger)[-1] is None
    assert told(ledger) == {"outside_territory": 1}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("", "blank_code"),
        ("  ", "blank_code"),
        (None, "blank_code"),
        (float("nan"), "blank_code"),
        ("1E05", "scientific_notation"),
        ("2,51E+13", "scientific_notation"),
        ("43777", "unknown_area"),
        ("Le Puy", "malformed_code"),
        ("NA", "malformed_code"),
        ("43", "malformed_code"),
    ],
)
def test_what_is_not_sure_is_held_back(known, ledger, code, reason):
    assert read([*OWN, code], known, ledger)[-1] is None
    assert told(ledger) == {reason: 1}
    (line,) = ledger.quarantined
    assert line == len(OWN) + 2
    assert ledger.quarantined[line].mend_fr


def test_a_national_file_loses_what_is_elsewhere_by_a_named_rule(known, ledger):
    codes = [*OWN, *(f"75{n:03}" for n in range(500))]
    assert read(codes, known, ledger).count(None) == 500
    assert told(ledger) == {"outside_territory": 500}
    assert not ledger.quarantined
    assert len(ledger.dropped) == 500


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ([*OWN[:50], *["43777"] * 2], "wrong_edition"),
        ([*OWN[:50], *(f"43{n}0" for n in range(30, 60))], "other_codes"),
        ([*OWN[:30], *["4301"] * 10], "wrong_level"),
        (["4301", "4302"], "wrong_level"),
        (["1001"] * 3, "wrong_level"),
        (["43"], "wrong_level"),
        (["200085728", "244301099"], "wrong_level"),
    ],
)
def test_a_column_of_other_codes_refuses_the_file(known, ledger, codes, code):
    with pytest.raises(RejectedFile) as caught:
        read(codes, known, ledger)
    issue = caught.value.issue
    assert issue.code == code
    assert issue.line
    assert (issue.column, bool(issue.mend_fr), bool(issue.sample)) == ("code", True, True)


def test_a_short_code_that_lost_its_zero(known, ledger):
    assert read(["1", "43"], known, ledger, "departement") == ["01", "43"]
    assert told(ledger) == {"padded": 1}


@pytest.mark.parametrize(
    ("edition", "code", "area", "reason"),
    [
        ("2014-01-01", "43900", "43001", "old_code"),
        ("2014", "43900", "43001", "old_code"),
        ("2016-01-01", "43900", "43001", "old_code"),  # an old code in a newer file
        ("2014-01-01", "63100", "43004", "old_code"),  # it changed département, into ours
        ("2014-01-01", "43002", None, "split_area"),
        ("2019-01-01", "43002", "43002", None),
        ("2014-01-01", "43003", None, "unknown_area"),  # it is still to come
        ("2014-01-01", "63200", None, "outside_territory"),
        (None, "43900", None, "unknown_area"),
    ],
)
def test_codes_of_another_date(known, ledger, edition, code, area, reason):
    codes = [own for own in OWN if own not in ("43002", "43003", "43004")]
    assert read([*codes, code], known, ledger, edition=edition)[-1] == area
    assert told(ledger) == ({reason: 1} if reason else {})


def test_figures_keep_the_areas_of_their_edition(known, ledger):
    codes = [own for own in OWN if own not in ("43003", "43004")]
    codes += ["43900", "63100"]
    found = read(codes, known, ledger, edition="2014-01-01", is_kept_at_edition=True)
    assert found == codes
    assert not ledger.issues


def test_an_area_newer_than_the_last_event_is_itself(known, ledger):
    ended = pd.DataFrame(
        [
            ("2016-01-01", 1, "43005", "43006", "merge"),
            ("2016-01-01", 1, "43006", "43006", "merge"),
        ],
        columns=["on", "step", "before_id", "after_id", "kind"],
    ).assign(level="commune")
    later = replace(known, tables={"history": {"area_event": ended}})
    assert read(OWN, later, ledger, edition="2020-01-01") == OWN


def test_parts_beside_their_whole_are_told_or_refused(known, ledger):
    codes = [*OWN, TOWN, "43991"]
    assert read(codes, known, ledger)[-2:] == [TOWN, TOWN]
    assert told(ledger) == {"part_of_area": 1, "parts_and_whole": 1}
    with pytest.raises(RejectedFile, match="parts are in the same file"):
        read(codes, known, Ledger("invented", "file.csv"), is_mix_refused=True)


def test_parts_are_flagged(known):
    codes = pd.Series([" 43991", TOWN, "43001", None])
    assert is_part(codes, known).tolist() == [True, False, False, False]


def test_no_code_of_a_record_is_shown(known):
    ledger = Ledger("invented", "file.csv", is_record_level=True)
    read([*OWN, "43777", "1E05"], known, ledger)
    shown = " ".join(issue.text("fr") + issue.sample for issue in ledger.issues)
    assert ledger.issues
    assert "43777" not in shown
    assert "1E05" not in shown


def test_an_empty_frame_is_located(known, ledger):
    assert read([], known, ledger) == []


def test_identifiers_are_checked_by_their_last_digit():
    ids = pd.Series(["732829320", "732829321", "73282932000074", "", None, "7328 29320", "A"])
    assert luhn_ok(ids).tolist() == [True, False, True, False, False, False, False]


def frame_of(*rows):
    return pd.DataFrame(
        [(line, *row) for line, row in enumerate(rows, 2)], columns=["line", "id", "value"]
    )


def test_a_repeated_row_is_dropped_and_two_values_are_both_held_back(ledger):
    frame = ledger.begin(frame_of(("a", 1), ("b", 2), ("a", 1), ("c", 3), ("c", 4), ("c", 3)))
    kept = no_duplicates(frame, ["id"], ledger)
    assert kept["line"].tolist() == [2, 3]
    assert ledger.dropped == {4: "repeated"}
    assert set(ledger.quarantined) == {5, 6, 7}
    assert told(ledger) == {"repeated": 1, "two_values": 3}


def test_a_reference_table_says_one_thing_of_one_key(ledger):
    rows = frame_of(("a", 1), ("a", 1), ("b", 2))
    assert no_duplicates(rows, ["id"], ledger, is_reference=True)["line"].tolist() == [2, 4]
    with pytest.raises(RejectedFile) as caught:
        no_duplicates(frame_of(("a", 1), ("b", 3), ("b", 2)), ["id"], ledger, is_reference=True)
    assert (caught.value.issue.code, caught.value.issue.line) == ("duplicate_key", 4)


def test_missing_values_are_the_same_value(ledger):
    frame = ledger.begin(frame_of(("a", None), ("a", None)))
    assert no_duplicates(frame, ["id"], ledger)["line"].tolist() == [2]
