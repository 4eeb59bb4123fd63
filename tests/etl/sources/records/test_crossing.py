"""One record-level file against the others, and against the extract before it."""

from dataclasses import replace

import pytest


@pytest.fixture
def with_concerns(stage):
    """What is known once concerns have been read."""

    def knowing(known, rows):
        staged = stage(rows, known, "own_concerns")
        return replace(known, tables={**known.tables, "own_concerns": staged.tables})

    return knowing


def test_a_measure_without_a_case_is_held_back_and_its_rate_told(
    known, measure, concern, stage, many, with_concerns
):
    known = with_concerns(known, many(make=concern))
    staged = stage(many(measure(301)), known)
    assert staged.rows_quarantined == 1
    codes = {issue.code: issue for issue in staged.issues}
    assert "environ 5 lignes sur 300" in codes["orphan_rate"].message_fr
    assert codes["no_parent"].line == 302


def test_a_measure_older_than_the_concerns_may_have_an_older_case(
    known, measure, concern, stage, many, with_concerns
):
    known = with_concerns(known, many(make=concern))
    staged = stage(many(measure(301, started_on="2021-05-01")), known)
    assert staged.rows_quarantined == 0
    assert "before_coverage" in {issue.code for issue in staged.issues}


def test_without_the_concerns_it_is_said_that_cases_are_not_checked(known, stage, many):
    assert "nothing_to_check" in {issue.code for issue in stage(many(), known).issues}


def test_invented_and_real_are_never_mixed(known, measure, concern, many, refusal, with_concerns):
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


def test_an_older_extract_is_refused_and_a_newer_one_taken(known, measure, stage, many, refusal):
    stage(many(), known)
    later = [{**row, "extracted_on": "2025-02-28"} for row in many()]
    assert stage(later, known).rows_loaded == 300
    assert refusal(many(measure(301)), known).code == "older"


def test_a_number_used_for_another_child_holds_publication(known, stage, many):
    stage(many(), known)
    later = [{**row, "extracted_on": "2025-02-28"} for row in many()]
    later[4]["birth_month"] = "2011-01"
    staged = stage(later, known)
    (issue,) = [i for i in staged.issues if i.severity.value == "hold"]
    assert (issue.code, issue.rows, issue.line) == ("number_reused", 5, 6)
    assert staged.rows_loaded == 300


def test_two_placements_at_once_are_told_with_what_is_counted(known, measure, stage, many):
    placed = {"kind": "institution", "child_id": "E0001"}
    rows = many(
        measure(301, **placed, ended_on="2024-06-01"),
        measure(302, **placed, started_on="2024-06-01", ended_on="2024-09-01"),
        measure(303, **placed, started_on="2024-08-01"),
    )
    (issue,) = [i for i in stage(rows, known).issues if i.code == "two_at_once"]
    assert (issue.severity.value, issue.rows) == ("note", 1)
    assert "mesures" in issue.message_fr


def test_rows_must_agree_on_the_day_of_the_extract(known, measure, refusal):
    rows = [measure(1), measure(2, extracted_on="2025-01-30")]
    assert refusal(rows, known).code == "not_one_fact"
    assert refusal([measure(1, extracted_on="2999-01-01")], known).code == "bad_extract_date"
