"""The ledger: every row is accounted for, mended where an officer said so, told without leaks."""

import io
import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.reading import parquet_frame
from etl.source import LINE, QUARANTINE_SHARE, Ledger, RejectedFile, Staged

deterministic = settings(derandomize=True, deadline=None)


def rows(count, **columns):
    return pd.DataFrame({LINE: range(2, count + 2), **columns})


def births(count=200):
    return rows(count, code=[f"{43000 + i}" for i in range(count)], births=["7"] * count)


def ledger(**more):
    return Ledger("insee_births", "births.csv", **more)


def test_every_row_is_loaded_held_or_dropped_by_a_named_rule():
    book = ledger()
    frame = book.begin(births())
    book.quarantine([5, 3], "bad_value", "faux", "wrong", column="births")
    book.drop([3, 4, 9], "elsewhere", "d’ailleurs", "of elsewhere")
    book.drop(10, "double", "deux fois", "twice")
    kept = book.kept(frame)
    staged = book.staged({"figure": kept})
    assert len(kept) == staged.rows_loaded == 195
    assert (staged.rows_read, staged.rows_quarantined, staged.rows_dropped) == (200, 2, 3)
    assert staged.dropped == {"elsewhere": 2, "double": 1}
    assert not set(kept[LINE]) & {3, 4, 5, 9, 10}
    assert [(i.code, i.line, i.rows) for i in staged.issues] == [
        ("bad_value", 5, 2),
        ("elsewhere", 4, 2),  # line 3 keeps its first reason
        ("double", 10, 1),
    ]
    assert staged.held["line"].tolist() == [3, 5]
    assert json.loads(staged.held["cells"][0]) == {"code": "43001", "births": "7"}


def test_a_row_in_no_account_is_a_fault_of_ours():
    with pytest.raises(AssertionError, match="3 rows read, 2 accounted"):
        Staged({}, rows_read=3, rows_loaded=1, rows_dropped=1)


@deterministic
@given(st.lists(st.tuples(st.booleans(), st.lists(st.integers(2, 1001))), max_size=9))
def test_read_is_loaded_plus_held_plus_dropped_whatever_is_said_twice(calls):
    book = ledger()
    frame = book.begin(births(1000))
    reason: dict[int, str] = {}
    for number, (is_held, lines) in enumerate(calls):
        (book.quarantine if is_held else book.drop)(lines, f"rule{number}", "fr", "en")
        for line in lines:
            reason.setdefault(line, "held" if is_held else f"rule{number}")
    held = sum(why == "held" for why in reason.values())
    if held > QUARANTINE_SHARE * 1000:
        with pytest.raises(RejectedFile, match=f"{held} of 1000 rows are wrong"):
            book.staged({})
        return
    staged = book.staged({"figure": book.kept(frame)})
    assert len(staged.tables["figure"]) == staged.rows_loaded == 1000 - len(reason)
    assert (staged.rows_quarantined, staged.rows_dropped) == (held, len(reason) - held)
    assert sum(staged.dropped.values()) == staged.rows_dropped
    assert sum(issue.rows for issue in staged.issues) == len(reason)


def test_more_than_one_row_in_a_hundred_refuses_the_file_and_names_the_first():
    book = ledger()
    book.begin(births(200))
    book.quarantine([7, 8], "bad_value", "faux", "wrong", column="births", mend_en="Mend it.")
    assert book.staged({}).rows_quarantined == 2
    book.quarantine(9, "bad_value", "faux", "wrong")
    with pytest.raises(RejectedFile) as caught:
        book.staged({})
    issue = caught.value.issue
    assert (issue.code, issue.line, issue.column, issue.rows) == (
        "too_many_quarantined",
        7,
        "births",
        3,
    )
    assert issue.mend_en == "Mend it."


def test_an_unknown_area_is_named_with_its_mend():
    book = ledger()
    book.begin(births())
    book.quarantine_area(4, "commune", "1001")
    (issue,) = book.issues
    assert issue.message_en == "commune 1001 is not in the territory"
    assert (issue.line, issue.column, issue.sample) == (4, "area_id", "1001")


def test_nothing_of_a_row_about_a_person_leaves():
    book = ledger(is_record_level=True)
    book.begin(rows(200, code=["43999"] * 200, name=["Zoé Martin"] * 200))
    book.quarantine_area(4, "commune", "43999")
    book.quarantine(5, "bad_value", "faux", "wrong", sample="Zoé Martin")
    staged = book.staged({})
    told = repr(staged.issues) + staged.held.to_json(force_ascii=False)
    assert "43999" not in told
    assert "Zoé" not in told
    assert staged.issues[0].message_fr == "commune n’est pas dans le territoire"
    assert staged.held["cells"].tolist() == ["{}", "{}"]


# Corrections


def test_a_mended_line_is_read_as_if_the_file_said_so_and_told():
    book = ledger()
    frame = book.begin(births(), {3: {"births": "8"}, 5: {"births": "9", "code": "43157"}})
    assert frame.set_index(LINE).loc[[2, 3, 5], "births"].tolist() == ["7", "8", "9"]
    assert frame.set_index(LINE).loc[5, "code"] == "43157"
    (note,) = book.issues
    assert (note.severity, note.code, note.rows) == ("note", "mended", 2)
    book.quarantine(5, "bad_value", "faux", "wrong")
    assert json.loads(book.staged({}).held["cells"][0])["births"] == "9"


@pytest.mark.parametrize(
    ("mends", "line", "column"),
    [
        ({999: {"births": "8"}}, 999, None),
        ({3: {"weddings": "8"}}, 3, "weddings"),
        ({3: {LINE: "8"}}, 3, LINE),
    ],
)
def test_a_correction_of_another_file_refuses_this_one(mends, line, column):
    with pytest.raises(RejectedFile) as caught:
        ledger().begin(births(), mends)
    issue = caught.value.issue
    assert (issue.code, issue.line, issue.column) == ("mend_of_another_file", line, column)
    assert "again" in issue.mend_en


@pytest.fixture
def typed():
    """A Parquet file with numbers, one of them absent, as its reader types it."""
    stream = io.BytesIO()
    pd.DataFrame(
        {
            "code": ["43001", "43002", "43003"] * 100,
            "count": pd.array([1, 2, None] * 100, dtype="Int64"),
            "whole": [1, 2, 3] * 100,
            "rate": [0.5, 1.5, None] * 100,
        }
    ).to_parquet(stream)

    def read(mends):
        book = Ledger("bpe", "bpe.parquet")
        frame = parquet_frame(stream.getvalue(), ("code", "count", "whole", "rate"), book)
        return book, book.begin(frame, mends)

    return read


def test_numbers_of_a_typed_file_are_mended_as_numbers(typed):
    before = typed({})[1].dtypes
    _, frame = typed({2: {"count": "4", "whole": "5", "rate": "6.5", "code": "43157"}})
    assert frame.dtypes.equals(before)
    assert frame.loc[0, ["code", "count", "whole", "rate"]].tolist() == ["43157", 4, 5, 6.5]
    assert frame.loc[1, ["code", "count", "whole", "rate"]].tolist() == ["43002", 2, 2, 1.5]
    _, emptied = typed({2: {"whole": "", "rate": ""}})
    assert emptied.loc[0, ["whole", "rate"]].isna().all()
    assert emptied.loc[1, "whole"] == 2


@pytest.mark.parametrize(
    ("column", "text"), [("rate", "1,5"), ("count", "deux"), ("whole", "2.5"), ("rate", "inf")]
)
def test_a_text_in_a_column_of_numbers_is_refused_in_our_words(typed, column, text):
    with pytest.raises(RejectedFile) as caught:
        typed({2: {"code": "43157"}, 3: {column: text}})
    issue = caught.value.issue
    assert (issue.code, issue.line, issue.column) == ("mend_of_another_type", 3, column)
    assert issue.mend_fr.startswith("Écrire un nombre")
    assert text not in issue.text("en")


def test_an_absent_number_of_a_typed_file_is_held_as_an_empty_cell(typed):
    book, _ = typed({})
    book.quarantine(4, "bad_value", "faux", "wrong")
    cells = json.loads(book.staged({}).held["cells"][0])
    assert cells == {"code": "43003", "count": "", "whole": "3", "rate": ""}
