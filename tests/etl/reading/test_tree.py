import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.reading import json_rows, json_value
from etl.source import Ledger, RejectedFile

ROWS = """[{"code": "01001", "name": " Évêché ", "n": 3}, {"code": "2A004", "n": null}]""".encode()


def refused(read, *args, is_record_level=False, **options):
    ledger = Ledger("areas", "areas.json", is_record_level=is_record_level)
    with pytest.raises(RejectedFile) as caught:
        read(args[0], *args[1:], ledger, **options)
    issue = caught.value.issue
    assert issue.message_fr
    assert issue.mend_fr
    assert issue.mend_en
    return issue


def test_a_value_is_what_json_says():
    assert json_value(b'\xef\xbb\xbf{"a": [1, 2.5, null, true, "x"]}', Ledger("s", "f")) == {
        "a": [1, 2.5, None, True, "x"]
    }


def test_rows_have_the_keys_asked_for_and_a_line():
    ledger = Ledger("areas", "areas.json")
    frame = json_rows(ROWS, ["code", "name"], ledger, optional=["name"])
    assert frame["code"].tolist() == ["01001", "2A004"]
    assert frame["name"].tolist() == ["Évêché", None]
    assert frame["line"].tolist() == [2, 3]
    assert [issue.code for issue in ledger.issues] == ["extra_columns"]


def test_rows_may_stand_further_inside():
    content = b'{"data": {"items": ' + ROWS + b'}, "total": 2}'
    assert len(json_rows(content, ["code"], Ledger("s", "f"), at=("data", "items"))) == 2


VALUES = [
    ("A01", b"", "empty", None),
    ("A04", b"<html><body>503", "html_page", 1),
    ("A06", b"\x1f\x8b\x08\x00", "not_text", None),
    ("A09", b'[{"a": 1},\n{"a"', "truncated", 2),
    ("A09-text", b'["ab', "truncated", 1),
    ("A19-deep", b"[" * 66 + b"]" * 66, "too_deep", None),
    ("A19-abyss", b"[" * 100_000 + b"]" * 100_000, "too_deep", None),
    ("B04", '["Ã‰vÃªchÃ©"]'.encode(), "mojibake", 1),
    ("B10", b'["a\\u0000"]', "broken_text", None),
    ("B10-raw", b'["a\0"]', "nul_bytes", 1),
    ("B11-half", b'["\\ud83d"]', "broken_text", None),
    ("F12", b"[NaN]", "unreadable_json", None),
    ("F13", b"[1" + b"0" * 5000 + b"]", "unreadable_json", None),
    ("twice", b'{"a": 1, "b": {"c": 1, "c": 2}}', "duplicate_key", None),
    ("words", b"{'a': 1}", "unreadable_json", 1),
    ("two", b'{"a": 1}{"b": 2}', "unreadable_json", 1),
]


@pytest.mark.parametrize(
    ("content", "code", "line"), [c[1:] for c in VALUES], ids=[c[0] for c in VALUES]
)
def test_what_is_no_json_is_refused(content, code, line):
    issue = refused(json_value, content)
    assert (issue.code, issue.line) == (code, line)


def test_sixty_four_levels_are_read_and_a_pair_of_halves_is_a_character():
    assert json_value(b"[" * 64 + b"]" * 64, Ledger("s", "f"))
    assert json_value(b'["\\ud83d\\ude00"]', Ledger("s", "f")) == ["\U0001f600"]


LISTS = [
    ("A02", b"[]", (), "no_rows", None, None),
    ("D04", b'[{"code": 1}, {"other": 2}]', (), "missing_column", 3, "code"),
    ("D13", b'{"code": 1}', (), "not_a_list", None, None),
    ("D13-at", b'{"items": 3}', ("items",), "not_a_list", None, "items"),
    ("D14", b'{"error": "quota"}', ("items",), "not_a_list", None, "items"),
    ("D13-item", b'[{"code": 1}, 2]', (), "not_an_object", 3, None),
]


@pytest.mark.parametrize(
    ("content", "at", "code", "line", "column"), [c[1:] for c in LISTS], ids=[c[0] for c in LISTS]
)
def test_what_is_no_list_of_objects_is_refused(content, at, code, line, column):
    issue = refused(json_rows, content, ["code"], at=at)
    assert (issue.code, issue.line, issue.column) == (code, line, column)


@pytest.mark.parametrize(
    "content",
    [
        b'[{"code": "zq7391", "zq7391": 1, "zq7391": 2}]',
        b'[{"code": "zq7391", "zq7391": 2}]',
        b'[{"code": "zq7391" 2}]',
        b'[{"code": "zq7391',
        '[{"code": "zq7391Ã©"}]'.encode(),
    ],
)
def test_no_cell_of_a_record_about_a_person_is_ever_told(content):
    ledger = Ledger("measures", "measures.json", is_record_level=True)
    told = ledger.issues
    try:
        json_rows(content, ["code"], ledger)
    except RejectedFile as refusal:
        told = [*told, refusal.issue]
        assert refusal.__cause__ is None  # noqa: PT017
    assert told
    assert not any("zq7391" in str(issue) for issue in told)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(st.one_of(st.binary(max_size=60), ANY.map(lambda value: json.dumps(value).encode())))
@settings(deadline=None, max_examples=150)
def test_whatever_the_bytes_only_a_refusal_leaves(content):
    for read in (json_value, lambda c, ledger: json_rows(c, ["a"], ledger, ("b",), ["a"])):
        try:
            read(content, Ledger("s", "f"))
        except RejectedFile as refusal:
            assert refusal.issue.message_en  # noqa: PT017
