import pytest

from etl.records.contracts.loader import ContractError, checked_contracts, contracts

EVERY = b"""
[columns.extracted_on]
type = "date"
required = true
is_of_file = true
about = { fr = "Jour", en = "Day" }
"""
SMALL = """
name = { fr = "Un", en = "One" }
about = { fr = "Un", en = "One" }
unit = { fr = "uns", en = "ones" }
[columns.one_id]
type = "id"
domain = "one"
required = true
is_key = true
about = { fr = "Un", en = "One" }
"""


def test_the_five_extracts_are_described_in_two_languages():
    found = contracts()
    assert sorted(found) == [
        "own_assessments",
        "own_concerns",
        "own_measures",
        "own_places",
        "own_staff",
    ]
    for contract in found.values():
        assert contract.unit.fr != contract.unit.en
        assert contract.key.is_required
        assert {"extracted_on", "covered_since", "invented"} <= set(contract.columns)
        for column in contract.columns.values():
            for value in column.values.values():
                assert value.name.fr
                assert value.name.en


def test_every_number_of_a_person_a_case_or_a_place_is_hashed():
    for contract in contracts().values():
        for column in contract.columns.values():
            assert not column.name.endswith("_id") or column.type == "area" or column.domain


def test_no_contract_asks_for_a_name_or_a_full_date_of_birth():
    for contract in contracts().values():
        assert not {"name", "birth_date", "born_on", "address"} & set(contract.columns)
        if "birth_month" in contract.columns:
            assert contract.columns["birth_month"].type == "month"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SMALL.replace("is_key = true\n", ""), "one column is the key"),
        (SMALL.replace('domain = "one"\n', ""), "a number has a domain"),
        (SMALL.replace('"id"', '"text"'), "unknown type"),
        (SMALL + 'references = "two"\n', "refers to two"),
        (SMALL + 'not_before = "begun_on"\n', "no such column"),
        (SMALL + "colour = 1\n", "unknown keys"),
        ('stable = { one_id = "x" }\n' + SMALL, "no such column"),
        ("=", "cannot be read"),
    ],
)
def test_a_contract_that_contradicts_itself_is_refused(text, words):
    with pytest.raises(ContractError, match=words):
        checked_contracts({"one": text.encode(), "every": EVERY})


def test_a_sound_small_contract_is_read():
    (made,) = checked_contracts({"one": SMALL.encode(), "every": EVERY}).values()
    assert list(made.columns) == ["one_id", "extracted_on"]
