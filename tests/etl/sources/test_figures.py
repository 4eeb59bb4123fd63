import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.source import Known, RejectedFile
from etl.sources import figures

HEADER = "area_level,area_id,variable,period,value,status\n"
GOOD = [
    f"commune,{code},births,{year},{code[-1]},observed"
    for code in ("43001", "43002")
    for year in range(1960, 2024)
]


@pytest.fixture(scope="module")
def known(words):
    return Known(words, {"commune": frozenset({"43001", "43002"}), "epci": frozenset({"E"})})


def stage(lines, known):
    content = (HEADER + "\n".join(lines) + "\n").encode()
    return figures.stage(known.catalogue.sources["insee_births"], "births.csv", content, known)


def test_good_rows_are_typed(known):
    staged = stage(GOOD, known)
    frame = staged.tables["figure"]
    assert staged.rows_read == staged.rows_loaded == len(GOOD)
    assert frame["value"].dtype == "float64"
    assert set(frame["source_id"]) == {"insee_births"}


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("commune,1001,births,2020,3,observed", "unknown_area", "area_id"),
        ("canton,43001,births,2020,3,observed", "unknown_area", "area_id"),
        ("commune,43001,weddings,2020,3,observed", "unknown_variable", "variable"),
        ("commune,43001,births,20,3,observed", "bad_period", "period"),
        ("commune,43001,births,2999,3,observed", "bad_period", "period"),
        ("commune,43001,births,2020,-1,observed", "bad_value", "value"),
        ("commune,43001,births,2020,2.5,observed", "bad_value", "value"),
        ("commune,43001,births,2020,1e400,observed", "bad_value", "value"),
        ("commune,43001,births,2020,nan,observed", "bad_value", "value"),
        (f"commune,43001,births,2020,{'9' * 400},observed", "bad_value", "value"),
        ("commune,43001,births,2020,12o,observed", "bad_value", "value"),
        ('commune,43001,births,2020,"3,5",observed', "bad_value", "value"),
        ("commune,43001,births,2020,,observed", "value_and_status", "value"),
        ("commune,43001,births,2020,3,suppressed", "value_and_status", "value"),
        ("commune,43001,births,2020,3,secret", "unknown_status", "status"),
    ],
)
def test_a_wrong_row_is_held_back_with_line_column_and_mend(known, row, code, column):
    good = [line for line in GOOD if "43001,births,2020" not in line]
    staged = stage([*good, row], known)
    (issue,) = staged.issues
    assert (issue.code, issue.column, issue.line) == (code, column, len(good) + 2)
    assert issue.mend_fr
    assert (staged.rows_loaded, staged.rows_quarantined) == (len(good), 1)


def test_an_exact_repetition_is_dropped_by_a_named_rule(known):
    staged = stage([*GOOD, GOOD[0]], known)
    assert (staged.rows_loaded, staged.rows_dropped) == (len(GOOD), 1)
    assert [issue.code for issue in staged.issues] == ["repeated"]


def test_a_file_pasted_twice_is_told_once_and_not_line_by_line(known):
    staged = stage([*GOOD, *GOOD], known)
    assert (staged.rows_loaded, staged.rows_dropped) == (len(GOOD), len(GOOD))
    (issue,) = staged.issues
    assert (issue.code, issue.line, issue.rows) == ("repeated", len(GOOD) + 2, len(GOOD))


def test_two_values_for_one_key_are_both_held_back(known):
    first = GOOD[0].replace(",1,observed", ",9,observed")
    lines = [*GOOD, first]
    with pytest.raises(RejectedFile) as caught:
        stage(lines, known)  # 2 of 129 rows: over one in a hundred
    assert caught.value.issue.code == "too_many_quarantined"
    assert caught.value.issue.line == 2


def test_silences_stay_silences(known):
    lines = [*GOOD[:-1], "commune,43002,births,2023,,suppressed"]
    frame = stage(lines, known).tables["figure"].set_index("period")
    row = frame[frame["area_id"] == "43002"].loc["2023"]
    assert row["status"] == "suppressed"
    assert row["value"] != row["value"]


CELL = st.sampled_from(
    [
        "commune",
        "epci",
        "43001",
        "E",
        "births",
        "2020",
        "",
        "3",
        "-1",
        "x",
        "observed",
        "suppressed",
        "NaN",
    ]
)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(rows=st.lists(st.tuples(*[CELL] * 6), max_size=4), repeats=st.integers(0, 2))
def test_no_row_is_lost_in_silence_whatever_comes(known, rows, repeats):
    lines = [*GOOD, *(",".join(row) for row in rows), *GOOD[:repeats]]
    try:
        staged = stage(lines, known)
    except RejectedFile as error:
        held, read = error.issue.rows, len(lines)
    else:
        held, read = staged.rows_quarantined, staged.rows_read
        assert staged.rows_loaded + held + staged.rows_dropped == read == len(lines)
    assert 0 <= held <= read
