"""The whole way of a record-level file: bytes in, counts out, nothing about anybody beside."""

import csv
import io
import json
import logging
import pickle
import stat
import traceback
from calendar import monthrange
from collections import Counter
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.records.commands import csv_bytes, embedded_volumes, workbook_bytes
from etl.records.contracts.loader import contracts
from etl.records.invented import caseload as invented
from etl.source import Known, RejectedFile
from etl.sources import records
from geodata.catalogue.nouns import SourceEntry, Text

AS_OF = date(2026, 10, 31)
IN_ORDER = ("own_concerns", "own_assessments", "own_places", "own_measures", "own_staff")
COMMUNES = ("43001", "43002", "43003")


def entry(name):
    return SourceEntry(id=name, reader="records", name=Text(name, name), is_record_level=True)


def members(codes):
    pairs = [(c, "departement", "43") for c in codes] + [(c, "epci", "E") for c in codes]
    rows = [("commune", code, level, parent) for code, level, parent in pairs]
    return pd.DataFrame(rows, columns=["level", "area_id", "parent_level", "parent_id"])


@pytest.fixture
def known(words, tmp_path):
    return Known(
        words,
        areas={"commune": frozenset({*COMMUNES, "07001"})},
        tables={"membership": {"area_membership": members(COMMUNES)}},
        records=tmp_path / "records",
        key=tmp_path / "keys" / "pseudonym.key",
    )


@pytest.fixture(scope="module")
def size(words):
    return embedded_volumes(words)


@pytest.fixture(scope="module")
def files(size):
    made = invented(size, AS_OF, 43)
    return {
        f"invented_{name}.csv": csv_bytes(list(frame.columns), frame.to_numpy().tolist())
        for name, frame in made.items()
    }


@pytest.fixture(scope="module")
def caseload(words, size, files, tmp_path_factory):
    """The generated caseload, staged; with what was known at the end."""
    data = tmp_path_factory.mktemp("data")
    known = Known(
        words,
        areas={"commune": frozenset(size.under_21)},
        tables={"membership": {"area_membership": members(size.under_21)}},
        records=data / "records",
        key=data / "keys" / "pseudonym.key",
    )
    made = {}
    for name in IN_ORDER:
        content = files[f"invented_{name}.csv"]
        made[name] = records.stage(entry(name), f"{name}.csv", content, known)
        known = replace(known, tables={**known.tables, name: made[name].tables})
    return made, known


def measure(number, **cells):
    row = {
        "measure_id": f"M{number:04d}",
        "case_id": f"D{number:04d}",
        "child_id": f"E{number:04d}",
        "birth_month": "2014-05",
        "sex": "f",
        "area_id": COMMUNES[number % 3],
        "kind": "home_support",
        "decided_by": "judicial",
        "started_on": "2024-02-01",
        "ended_on": "",
        "place_id": "",
        "extracted_on": "2025-01-31",
        "covered_since": "2023-01-01",
        "invented": "no",
    }
    return {**row, **cells}


def concern(number, **cells):
    row = {
        "concern_id": f"C{number:04d}",
        "case_id": f"D{number:04d}",
        "child_id": f"E{number:04d}",
        "birth_month": "2014-05",
        "age": "",
        "sex": "f",
        "area_id": COMMUNES[number % 3],
        "received_on": "2023-11-02",
        "source": "school",
        "outcome": "assessed",
        "evaluated_on": "2023-11-06",
        "extracted_on": "2025-01-31",
        "covered_since": "2022-01-01",
        "invented": "no",
    }
    return {**row, **cells}


def content(rows):
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def stage(rows, known, name="own_measures"):
    given = rows if isinstance(rows, bytes) else content(rows)
    return records.stage(entry(name), "extract.csv", given, known)


def many(*strange, count=300, make=measure):
    """Good rows enough for one wrong row in a hundred to be quarantined, not the whole file."""
    return [make(number) for number in range(1, count + 1)] + list(strange)


def refusal(rows, known, name="own_measures"):
    with pytest.raises(RejectedFile) as caught:
        stage(rows, known, name)
    return caught.value.issue


# --- nothing lost, nothing silent ------------------------------------------------------------


def test_every_generated_row_is_accounted_for(caseload, files):
    for name, staged in caseload[0].items():
        written = list(csv.DictReader(io.StringIO(files[f"invented_{name}.csv"].decode())))
        assert staged.rows_read == len(written)
        assert (staged.rows_quarantined, staged.rows_dropped) == (0, 0)


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"ended_on": "2024-01-31"}, "end_before_start", "ended_on"),
        ({"started_on": "2024-02-30"}, "bad_date", "started_on"),
        ({"started_on": "01/02/24"}, "bad_date", "started_on"),
        ({"started_on": "2025-02-01"}, "future", "started_on"),
        ({"started_on": ""}, "empty_cell", "started_on"),
        ({"kind": "aemo"}, "bad_code", "kind"),
        ({"sex": "x"}, "bad_code", "sex"),
        ({"birth_month": "2002-12"}, "too_old", "birth_month"),
        ({"birth_month": "2025-03"}, "future_birth", "birth_month"),
        ({"birth_month": "2014-13"}, "bad_month", "birth_month"),
        ({"area_id": "43999"}, "unknown_area", "area_id"),
        ({"measure_id": "9" * 65}, "bad_id", "measure_id"),
    ],
)
def test_a_wrong_row_is_held_back_without_its_cells(known, cells, code, column):
    staged = stage(many(measure(301, **cells)), known)
    (issue,) = [i for i in staged.issues if i.severity.value == "quarantine"]
    assert (issue.code, issue.column, issue.line) == (code, column, 302)
    assert issue.mend_fr
    assert issue.mend_en
    assert (staged.rows_loaded, staged.rows_quarantined) == (300, 1)
    assert staged.held["cells"].tolist() == ["{}"]


def test_repetitions_are_dropped_and_contradictions_held_back(known):
    again = measure(1)
    twice = measure(2, decided_by="administrative")
    staged = stage(many(again, twice), known)
    assert staged.dropped == {"repeated": 1}
    assert staged.rows_quarantined == 2
    assert staged.rows_loaded == 299


def test_a_date_of_birth_loses_its_day_and_it_is_said(known):
    staged = stage(many(measure(301, birth_month="2014-05-17")), known)
    assert [i.rows for i in staged.issues if i.code == "day_dropped"] == [1]
    kept = next((known.records / "own_measures").glob("*.parquet"))
    assert set(pd.read_parquet(kept)["birth_month"]) == {"2014-05"}


def test_a_lost_zero_is_given_back(words, tmp_path):
    table = members(["01001"])
    known = Known(
        words,
        areas={"commune": frozenset({"01001"})},
        tables={"membership": {"area_membership": table}},
        records=tmp_path / "records",
        key=tmp_path / "keys" / "k",
    )
    staged = stage([measure(n, area_id="1001") for n in range(5)], known)
    assert staged.rows_loaded == 5
    assert [i.rows for i in staged.issues if i.code == "leading_zero"] == [5]


def test_a_few_children_live_elsewhere_but_a_whole_file_is_refused(known):
    staged = stage(many(measure(301, area_id="07001")), known)
    assert staged.rows_loaded == 301
    assert [i.rows for i in staged.issues if i.code == "elsewhere"] == [1]
    assert refusal([measure(n, area_id="07001") for n in range(9)], known).code == "wrong_territory"


# --- who somebody is never comes in ----------------------------------------------------------


def nir(body="2840543157012"):
    return f"{body}{97 - int(body) % 97:02d}"


SECRETS = [
    ("child_id", nir()),
    ("child_id", f"dossier {nir()[0]} {nir()[1:3]} {nir()[3:5]} 43 157 012 {nir()[13:]}"),
    ("place_id", "06 12 34 56 78"),
    ("case_id", "+33612345678"),
    ("team_note", "0612345678"),
    ("case_id", "jeanne.martin@exemple.fr"),
    ("child_id", "Martin Jeanne"),
    ("child_id", "Jean-Pierre D’Arcy"),
]


@pytest.mark.parametrize(("column", "cell"), SECRETS)
def test_a_cell_that_tells_who_refuses_the_file(known, column, cell):
    rows = [measure(n) for n in range(1, 6)]
    rows = [{**row, column: cell if row is rows[3] else row.get(column, "")} for row in rows]
    issue = refusal(rows, known)
    assert (issue.code, issue.line) == ("personal_data", 5)
    assert cell not in issue.text("fr") + issue.text("en") + repr(issue)
    assert not known.records.exists() or not list(known.records.rglob("*.parquet"))


@pytest.mark.parametrize(
    "heading",
    ["Nom", "prénom", "DATE_NAISSANCE", "birthDate", "child name", "NIR", "e-mail", "tel"],
)
def test_a_heading_that_announces_who_refuses_the_file(known, heading):
    issue = refusal([{**measure(n), heading: "x"} for n in range(5)], known)
    assert (issue.code, issue.line) == ("personal_data", 1)


def test_a_hidden_sheet_is_searched_too(known):
    columns = list(measure(1))
    good = [list(measure(n).values()) for n in range(1, 6)]
    book = {"own_measures": (columns, good), "notes": (["remark"], [[nir()]])}
    assert refusal(workbook_bytes(book), known).code == "personal_data"
    book["notes"] = (["remark"], [["seen"]])
    staged = stage(workbook_bytes(book), known)
    assert staged.rows_loaded == 5
    assert "sheets_left_aside" in {issue.code for issue in staged.issues}


@pytest.mark.parametrize("number", ["284054315701299", "123456789012345", "000000000000000"])
def test_fifteen_digits_are_no_national_number_without_their_control_key(known, number):
    assert stage(many(measure(301, case_id=number)), known).rows_loaded == 301


def test_the_control_key_is_that_of_corsica_too():
    for letters, digits in (("2A", "19"), ("2B", "18")):
        body = f"18405{{}}00401{2}"
        control = 97 - int(body.format(digits)) % 97
        looks, is_nir = records.detectors()["nir"]
        assert is_nir(f"{body.format(letters)}{control:02d}", True)
        assert not is_nir(f"{body.format(letters)}{control % 97 + 1:02d}", True)
        assert looks.fr != looks.en


def test_test_data_are_refused(known):
    assert refusal([measure(n, case_id="TEST 1") for n in range(5)], known).code == "test_data"


def texts(issues):
    return "\n".join(
        f"{issue.text('fr')}\n{issue.text('en')}\n{issue.sample}\n{issue.column}\n{issue.code}"
        for issue in issues
    )


#: Cells that no message of ours could hold by chance: they all have a letter of no word of ours.
GARBAGE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).map(
        lambda text: f"ħ{text}ħ"
    ),
    st.sampled_from(["ħ,", 'ħ"', "ħ\n", "ħ\0", "ħ;", "=ħ", "ħ@ħ.fr", nir(), "06 12 34 56 78"]),
    st.from_regex(r"ħ?[0-9]{4}-[0-9]{2}-[0-9]{2}ħ", fullmatch=True),
)
NAMES = st.sampled_from(list(measure(1)))


@settings(
    derandomize=True,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    wrong=st.lists(st.tuples(st.integers(0, 249), NAMES, GARBAGE), max_size=4),
    tail=st.one_of(st.just(b""), GARBAGE.map(lambda t: t.encode("utf-8", "replace"))),
    headless=st.booleans(),
    quoted=st.booleans(),
)
def test_no_cell_ever_leaves_in_an_issue_a_log_or_an_exception(
    known, caplog, wrong, tail, headless, quoted
):
    rows = [measure(n) for n in range(250)]
    for line, name, cell in wrong:
        rows[line][name] = cell
    given = (
        content(rows)
        if quoted
        else "\n".join(
            ",".join(row.values()) for row in [dict(zip(rows[0], rows[0], strict=True)), *rows]
        ).encode("utf-8", "replace")
        + b"\n"
    )
    if headless:
        given = given.partition(b"\n")[2]
    shown = ""
    with caplog.at_level(logging.DEBUG):
        try:
            staged = stage(given + tail, known)
        except RejectedFile as error:
            shown = texts([error.issue]) + "".join(traceback.format_exception(error))
            shown += repr(error.__cause__) + repr(error.__context__)
        else:
            shown = texts(staged.issues) + staged.held.to_csv() + repr(staged)
            accounted = staged.rows_loaded + staged.rows_quarantined + staged.rows_dropped
            assert staged.rows_read == accounted
            shown += pickle.dumps(staged.tables).decode("latin-1")
    shown += caplog.text
    assert "ħ" not in shown
    for name in ("measure_id", "case_id", "child_id"):
        assert rows[7][name] not in shown
    for secret in (nir(), "06 12 34 56 78"):
        assert secret not in shown


@settings(
    derandomize=True,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(garbage=st.binary(max_size=400), start=st.sampled_from([b"", b"PK\x03\x04", b"measure_id,"]))
def test_bytes_of_any_kind_are_refused_by_our_exception_alone(known, garbage, start):
    with pytest.raises(RejectedFile):
        stage(start + garbage, known)


# --- the key, the zone -----------------------------------------------------------------------


def test_only_pseudonyms_enter_the_zone_and_only_counts_leave_it(known):
    staged = stage(many(), known)
    assert set(staged.tables) == {"figure", "record_extract"}
    kept = pd.read_parquet(next((known.records / "own_measures").glob("*.parquet")))
    for name in ("measure_id", "case_id", "child_id"):
        assert kept[name].str.fullmatch("[0-9a-f]{32}").all()
        assert kept[name].nunique() == 300
    leaving = pickle.dumps(staged)
    for number in (*kept["child_id"], "E0001", "D0001"):
        assert number.encode() not in leaving


def test_the_key_is_neither_in_the_zone_nor_in_what_leaves(caseload):
    staged, known = caseload
    secret = known.key.read_bytes()
    for path in known.records.rglob("*"):
        assert path.is_dir() or secret not in path.read_bytes()
        assert path.is_dir() or secret.hex().encode() not in path.read_bytes()
    assert secret not in pickle.dumps(staged)
    assert known.records not in known.key.parents
    found = [known.records, *known.records.rglob("*")]
    assert len(found) == 1 + 5 * 3
    for path in found:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_one_child_has_one_pseudonym_in_every_file(known):
    stage(many(make=concern), known, "own_concerns")
    stage(many(), known)
    kept = [
        pd.read_parquet(next((known.records / name).glob("*.parquet")))
        for name in ("own_concerns", "own_measures")
    ]
    assert set(kept[0]["child_id"]) == set(kept[1]["child_id"])
    assert not set(kept[0]["child_id"]) & set(kept[0]["case_id"])


def test_the_same_file_is_kept_once(known):
    first = stage(many(), known)
    again = stage(many(), known)
    assert len(list((known.records / "own_measures").glob("*.parquet"))) == 1
    pd.testing.assert_frame_equal(first.tables["figure"], again.tables["figure"])


def test_an_open_zone_or_an_absent_one_refuses_the_file(known):
    stage(many(), known)
    known.records.chmod(0o755)
    assert refusal(many(), known).code == "zone_open"
    known.records.chmod(0o700)
    known.key.chmod(0o644)
    assert refusal(many(), known).code == "zone_open"
    assert refusal(many(), replace(known, records=None)).code == "no_zone"


def test_a_refused_file_leaves_nothing_in_the_zone(known):
    refusal([measure(n, kind="x") for n in range(9)], known)
    assert not list(known.records.rglob("*.parquet"))


def test_once_the_file_is_gone_the_zone_is_counted_again(caseload):
    staged, known = caseload
    for name in IN_ORDER:
        again = records.recounted(entry(name), known)
        pd.testing.assert_frame_equal(again.tables["figure"], staged[name].tables["figure"])
        assert "invented" in {issue.code for issue in again.issues}
    assert records.recounted(entry("own_staff"), replace(known, records=None)) is None


# --- between files ---------------------------------------------------------------------------


def with_concerns(known, rows):
    staged = stage(rows, known, "own_concerns")
    return replace(known, tables={**known.tables, "own_concerns": staged.tables})


def test_a_measure_without_a_case_is_held_back_and_its_rate_told(known):
    known = with_concerns(known, many(make=concern))
    staged = stage(many(measure(301)), known)
    assert staged.rows_quarantined == 1
    codes = {issue.code: issue for issue in staged.issues}
    assert "0.33 %" in codes["orphan_rate"].message_fr
    assert codes["no_parent"].line == 302


def test_a_measure_older_than_the_concerns_may_have_an_older_case(known):
    known = with_concerns(known, many(make=concern))
    staged = stage(many(measure(301, started_on="2021-05-01")), known)
    assert staged.rows_quarantined == 0
    assert "before_coverage" in {issue.code for issue in staged.issues}


def test_without_the_concerns_it_is_said_that_cases_are_not_checked(known):
    assert "nothing_to_check" in {issue.code for issue in stage(many(), known).issues}


def test_invented_and_real_are_never_mixed(known):
    assert refusal([measure(1), measure(2, invented="yes")], known).code == "mixed_invented"
    assert refusal([measure(1, invented=""), measure(2, invented="yes")], known).code == (
        "mixed_invented"
    )
    known = with_concerns(known, [concern(n, invented="yes") for n in range(300)])
    assert refusal(many(), known).code == "mixed_invented"


def test_an_invented_file_says_so(caseload):
    for staged in caseload[0].values():
        assert [i.severity.value for i in staged.issues if i.code == "invented"] == ["warning"]
        assert staged.tables["record_extract"]["is_invented"].tolist() == [True]


def test_an_older_extract_is_refused_and_a_newer_one_taken(known):
    stage(many(), known)
    later = [{**row, "extracted_on": "2025-02-28"} for row in many()]
    assert stage(later, known).rows_loaded == 300
    assert refusal(many(measure(301)), known).code == "older"


def test_a_number_used_for_another_child_holds_publication(known):
    stage(many(), known)
    later = [{**row, "extracted_on": "2025-02-28"} for row in many()]
    later[4]["birth_month"] = "2011-01"
    staged = stage(later, known)
    (issue,) = [i for i in staged.issues if i.severity.value == "hold"]
    assert (issue.code, issue.rows, issue.line) == ("number_reused", 1, 6)
    assert staged.rows_loaded == 300


def test_two_placements_at_once_are_told_with_what_is_counted(known):
    placed = {"kind": "institution", "child_id": "E0001"}
    rows = many(
        measure(301, **placed, ended_on="2024-06-01"),
        measure(302, **placed, started_on="2024-06-01", ended_on="2024-09-01"),
        measure(303, **placed, started_on="2024-08-01"),
    )
    (issue,) = [i for i in stage(rows, known).issues if i.code == "two_at_once"]
    assert (issue.severity.value, issue.rows) == ("note", 1)
    assert "mesures" in issue.message_fr


def test_rows_must_agree_on_the_day_of_the_extract(known):
    rows = [measure(1), measure(2, extracted_on="2025-01-30")]
    assert refusal(rows, known).code == "not_one_fact"
    assert refusal([measure(1, extracted_on="2999-01-01")], known).code == "bad_extract_date"


def test_a_workbook_gives_what_the_csv_gives(caseload, files):
    staged, known = caseload
    short = {name: rows_of(files, name) for name in ("own_staff", "own_places")}
    book = workbook_bytes(
        {n: (list(r[0]), [list(x.values()) for x in r]) for n, r in short.items()}
    )
    made = records.stage(entry("own_staff"), "x.xlsx", book, known)
    pd.testing.assert_frame_equal(made.tables["figure"], staged["own_staff"].tables["figure"])
    assert (made.rows_read, made.rows_loaded) == (staged["own_staff"].rows_read,) * 2


# --- counts, computed again by hand ----------------------------------------------------------


def rows_of(files, name):
    return list(csv.DictReader(io.StringIO(files[f"invented_{name}.csv"].decode())))


def figures_of(caseload, name):
    frame = caseload[0][name].tables["figure"]
    whole = frame[frame["level"] == "departement"]
    keys = zip(whole["variable"], whole["period"], strict=True)
    return dict(zip(keys, whole["value"], strict=True))


def after_three_months(day):
    y, m, d = map(int, day.split("-"))
    y, m = (y, m + 3) if m <= 9 else (y + 1, m - 9)
    return f"{y}-{m:02d}-{min(d, monthrange(y, m)[1]):02d}"


def test_concerns_are_counted_as_by_hand(caseload, files):
    told = figures_of(caseload, "own_concerns")
    rows = rows_of(files, "own_concerns")
    years = Counter(row["received_on"][:4] for row in rows)
    by_source = Counter((row["source"], row["received_on"][:4]) for row in rows)
    for year in ("2021", "2022", "2023", "2024", "2025"):
        assert told["own_concerns_received", year] == years[year]
        for source in contracts()["own_concerns"].columns["source"].values:
            assert told[f"own_concerns_from_{source}", year] == by_source[source, year]
    assert ("own_concerns_received", "2026") not in told


def test_assessments_are_counted_as_by_hand(caseload, files):
    told = figures_of(caseload, "own_assessments")
    rows = rows_of(files, "own_assessments")
    for year in ("2022", "2023", "2024", "2025"):
        closed = [row for row in rows if row["closed_on"].startswith(year)]
        late = [row for row in closed if row["closed_on"] > after_three_months(row["received_on"])]
        assert told["own_assessments_closed", year] == len(closed)
        assert told["own_assessments_closed_late", year] == len(late)
        end = f"{year}-12-31"
        still = [
            row
            for row in rows
            if row["opened_on"] <= end and (not row["closed_on"] or row["closed_on"] > end)
        ]
        assert told["own_assessments_open", year] == len(still)
    today = AS_OF.isoformat()
    still = [row for row in rows if not row["closed_on"]]
    late = [row for row in still if after_three_months(row["received_on"]) < today]
    assert told["own_assessments_open_on_day", today] == len(still)
    assert told["own_assessments_open_late", today] == len(late)


def test_measures_are_counted_as_by_hand(caseload, files):
    told = figures_of(caseload, "own_measures")
    rows = rows_of(files, "own_measures")
    for year in ("2022", "2023", "2024", "2025"):
        end = f"{year}-12-31"
        running = [
            row
            for row in rows
            if row["started_on"] <= end and (not row["ended_on"] or row["ended_on"] > end)
        ]
        assert told["own_measures_in_force", year] == len(running)
        assert told["own_children_with_measure", year] == len({r["child_id"] for r in running})
        for kind, count in Counter(row["kind"] for row in running).items():
            assert told[f"own_measures_{kind}", year] == count
        for who in ("administrative", "judicial"):
            home = sum("home" in r["kind"] and r["decided_by"] == who for r in running)
            placed = sum("home" not in r["kind"] and r["decided_by"] == who for r in running)
            assert told[f"own_home_measures_{who}", year] == home
            assert told[f"own_placement_measures_{who}", year] == placed
        started = sum(row["started_on"].startswith(year) for row in rows)
        assert told["own_measures_started", year] == started
        ended = sum(row["ended_on"].startswith(year) for row in rows)
        assert told["own_measures_ended", year] == ended


def test_places_are_counted_as_by_hand_in_every_area(caseload, files):
    frame = caseload[0]["own_places"].tables["figure"]
    rows = rows_of(files, "own_places")
    end = "2025-12-31"
    by_area = Counter()
    for row in rows:
        if row["authorised_on"] <= end and (not row["closed_on"] or row["closed_on"] > end):
            by_area[row["kind"], row["area_id"]] += int(row["capacity"])
    fine = frame[(frame["level"] == "commune") & (frame["period"] == "2025")]
    homes = {kind for kind, _ in by_area} - {"foster_family"}
    assert set(fine["variable"]) == {f"own_places_{kind}" for kind in homes}
    assert len(fine) == len(homes) * 257
    for row in fine.itertuples():
        assert row.value == by_area[row.variable.removeprefix("own_places_"), row.area_id]
    whole = figures_of(caseload, "own_places")
    for kind in {kind for kind, _ in by_area}:
        total = sum(count for (k, _), count in by_area.items() if k == kind)
        assert whole[f"own_places_{kind}", "2025"] == total


def test_staff_is_counted_as_by_hand(caseload, files):
    told = figures_of(caseload, "own_staff")
    by_state = Counter()
    for row in rows_of(files, "own_staff"):
        by_state[row["state"]] += float(row["full_time_equivalents"])
    for state, total in by_state.items():
        assert told[f"own_staff_{state}", AS_OF.isoformat()] == pytest.approx(total)


def test_what_says_which_extract_was_read_holds_no_row(caseload):
    for name, staged in caseload[0].items():
        (row,) = staged.tables["record_extract"].to_dict("records")
        assert set(row) == {
            "source_id",
            "snapshot_id",
            "key_id",
            "extracted_on",
            "covered_since",
            "is_invented",
            "rows",
        }
        assert row["source_id"] == name
        assert json.dumps(row)
