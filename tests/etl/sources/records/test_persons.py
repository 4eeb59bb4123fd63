"""Who somebody is never comes in, and no cell ever leaves in a message."""

import logging
import pickle
import traceback

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.records.commands import workbook_bytes
from etl.source import RejectedFile
from etl.sources import records


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
def test_a_cell_that_tells_who_refuses_the_file(known, column, cell, measure, refusal):
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
def test_a_heading_that_announces_who_refuses_the_file(known, heading, measure, refusal):
    issue = refusal([{**measure(n), heading: "x"} for n in range(5)], known)
    assert (issue.code, issue.line) == ("personal_data", 1)


def test_a_hidden_sheet_is_searched_too(known, measure, stage, refusal):
    columns = list(measure(1))
    good = [list(measure(n).values()) for n in range(1, 6)]
    book = {"own_measures": (columns, good), "notes": (["remark"], [[nir()]])}
    assert refusal(workbook_bytes(book), known).code == "personal_data"
    book["notes"] = (["remark"], [["seen"]])
    staged = stage(workbook_bytes(book), known)
    assert staged.rows_loaded == 5
    assert "sheets_left_aside" in {issue.code for issue in staged.issues}


@pytest.mark.parametrize("number", ["284054315701299", "123456789012345", "000000000000000"])
def test_fifteen_digits_are_no_national_number_without_their_control_key(
    known, number, measure, stage, many
):
    assert stage(many(measure(301, case_id=number)), known).rows_loaded == 301


def test_the_control_key_is_that_of_corsica_too():
    for letters, digits in (("2A", "19"), ("2B", "18")):
        body = f"18405{{}}00401{2}"
        control = 97 - int(body.format(digits)) % 97
        looks, is_nir = records.detectors()["nir"]
        assert is_nir(f"{body.format(letters)}{control:02d}", True)
        assert not is_nir(f"{body.format(letters)}{control % 97 + 1:02d}", True)
        assert looks.fr != looks.en


def test_test_data_are_refused(known, measure, refusal):
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


@settings(
    derandomize=True,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    wrong=st.lists(st.tuples(st.integers(0, 249), st.integers(0, 13), GARBAGE), max_size=4),
    tail=st.one_of(st.just(b""), GARBAGE.map(lambda t: t.encode("utf-8", "replace"))),
    headless=st.booleans(),
    quoted=st.booleans(),
)
def test_no_cell_ever_leaves_in_an_issue_a_log_or_an_exception(
    known, caplog, wrong, tail, headless, quoted, measure, content, stage
):
    rows = [measure(n) for n in range(250)]
    names = list(rows[0])
    for line, column, cell in wrong:
        rows[line][names[column]] = cell
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
def test_bytes_of_any_kind_are_refused_by_our_exception_alone(known, garbage, start, stage):
    with pytest.raises(RejectedFile):
        stage(start + garbage, known)
