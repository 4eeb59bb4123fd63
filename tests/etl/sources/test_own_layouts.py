"""Notes, second tables, subtotals and lost zeros in our own layouts and in described files."""

from dataclasses import replace

import pytest

from etl.source import Known, RejectedFile
from etl.sources import described, equipment, figures, membership, services
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import SourceEntry, Text

CODES = [*(f"43{n:03d}" for n in range(1, 201)), "07001", "07002"]
COUNTS = [n % 7 + 1 for n in range(len(CODES))]
AREAS = {"commune": frozenset(CODES), "epci": frozenset({"200000001"})}
CSV = {"format": "csv", "area_column": "code", "level": "commune", "period": "2022"}
WIDE = CSV | {"columns": {"n": "births"}}
LONG = CSV | {
    "value_column": "n",
    "variable_column": "what",
    "variables": {"N": "births", "R": "poverty_rate"},
}
PLACES = CSV | {
    "makes": "equipment",
    "count_column": "n",
    "equipment_code": "D1",
    "category": "childcare",
}


@pytest.fixture(scope="module")
def known(words):
    return Known(words, AREAS)


@pytest.fixture(scope="module")
def described_known():
    words = catalogue("france")
    fed = {
        name: replace(words.variables[name], sources=("own",))
        for name in ("births", "poverty_rate")
    }
    return Known(replace(words, variables=words.variables | fed), AREAS)


@pytest.fixture(scope="module")
def read(known, described_known):
    """Stages the rows of a layout: ``read("figures", rows)``, each row a list of cells."""

    def described_as(options):
        entry = SourceEntry("own", Text("x", "x"), "described", options=options)
        return lambda text: described.stage(entry, "own.csv", text, described_known)

    def own(reader, source_id):
        entry = known.catalogue.sources[source_id]
        return lambda text: reader.stage(entry, "own.csv", text, known)

    readers = {
        "figures": own(figures, "insee_births"),
        "services": own(services, "services_menj_ips"),
        "equipment": own(equipment, "equipment_bpe_2018"),
        "membership": own(membership, "membership"),
        "wide": described_as(WIDE),
        "summed": described_as(WIDE | {"parts": "summed"}),
        "noted": described_as(WIDE | {"footnotes": ["Source"]}),
        "long": described_as(LONG),
        "places": described_as(PLACES),
    }

    def staged(layout, rows):
        lines = [HEADERS.get(layout, HEADERS["wide"]), *rows]
        text = "".join(",".join(map(str, line)) + "\n" for line in lines)
        return readers[layout](text.encode())

    return staged


HEADERS = {
    "figures": figures.COLUMNS,
    "services": services.COLUMNS,
    "equipment": equipment.COLUMNS,
    "membership": membership.COLUMNS,
    "long": ("code", "n", "what"),
    "wide": ("code", "n", "name"),
}
EVERY = ("figures", "services", "equipment", "membership", "wide", "long", "places")


def row(layout, code, count=3, number=0):
    """One good row of a layout."""
    return {
        "figures": ("commune", code, "births", 2020, count, "observed"),
        "services": (
            *(f"s{number}", "School", "primary_school", code, 45, 3.9, "address"),
            *("", "", "", 2022, "x"),
        ),
        "equipment": (code, "D502", count, "childcare", 2018, "x"),
        "membership": ("commune", code, "epci", "200000001", 2026, "x"),
        "long": (code, count, "N"),
    }.get(layout, (code, count, "x"))


def good(layout):
    return [
        row(layout, code, count, number)
        for number, (code, count) in enumerate(zip(CODES, COUNTS, strict=True))
    ]


def refusal(read, layout, rows):
    with pytest.raises(RejectedFile) as caught:
        read(layout, rows)
    assert caught.value.issue.mend_en
    return caught.value.issue.code


@pytest.mark.parametrize("layout", EVERY)
def test_good_rows_are_all_loaded(read, layout):
    made = read(layout, good(layout))
    assert (made.rows_loaded, made.rows_quarantined) == (len(CODES), 0)


@pytest.mark.parametrize("layout", EVERY)
@pytest.mark.parametrize(
    "cells", [["Source : DREES"], ["Source : DREES", "note (1)"], ["", "Source : DREES"], ["Fin"]]
)
@pytest.mark.parametrize("is_padded", [True, False])
def test_text_under_the_table_refuses_the_file(read, layout, cells, is_padded):
    width = len(row(layout, "43001"))
    last = [*cells, *[""] * (width - len(cells))] if is_padded else cells
    assert refusal(read, layout, [*good(layout), last]) in ("unknown_trailer", "ragged_row")


def test_a_declared_footnote_is_dropped_by_its_rule(read):
    made = read("noted", [*good("wide"), ["Source : DREES", "note (1)", ""]])
    assert (made.rows_loaded, made.dropped) == (len(CODES), {"footnote": 1})


@pytest.mark.parametrize("layout", EVERY)
def test_two_tables_in_one_file_refuse_it(read, layout):
    header = HEADERS.get(layout, HEADERS["wide"])
    other = [f"{name} bis" for name in reversed(header)]
    again = [*good(layout), other, *good(layout)]
    assert refusal(read, layout, again) == "stacked_tables"
    assert refusal(read, layout, [*good(layout), other]) in ("stacked_tables", "unknown_trailer")
    assert refusal(read, layout, [*good(layout), ["town", "deaths"], ["Le Puy", 3]]) == (
        "stacked_tables"
    )


@pytest.mark.parametrize("layout", ["figures", "equipment", "wide", "long", "places", "summed"])
def test_a_total_without_a_code_refuses_the_file_and_a_lost_code_does_not(read, layout):
    rows = good(layout)
    total = row(layout, "", sum(COUNTS))
    assert refusal(read, layout, [*rows, total]) == "subtotal_row"
    block = [*rows[:9], row(layout, "", sum(COUNTS[:9])), *rows[9:]]
    assert refusal(read, layout, block) == "subtotal_row"
    made = read(layout, [*rows, row(layout, "", 5)])
    assert (made.rows_loaded, made.rows_quarantined) == (len(CODES), 1)


def test_a_mean_without_a_code_is_held_back_for_it_is_no_sum(read):
    rates = [(code, count, "R") for code, count in zip(CODES, COUNTS, strict=True)]
    made = read("long", [*rates, ("", sum(COUNTS), "R")])
    assert (made.rows_loaded, made.rows_quarantined) == (len(CODES), 1)


@pytest.mark.parametrize("layout", EVERY)
def test_a_lost_zero_is_given_back_with_its_count(read, layout):
    rows = good(layout)
    rows = [tuple("7001" if cell == "07001" else cell for cell in cells) for cells in rows]
    made = read(layout, rows)
    (note,) = [issue for issue in made.issues if issue.code == "padded"]
    assert (note.rows, note.line, note.sample) == (1, len(CODES), "7001")
    assert made.rows_loaded == len(CODES)
    (table,) = made.tables.values()
    assert "07001" in set(table["area_id"])
    assert "7001" not in set(table["area_id"])


@pytest.mark.parametrize("layout", ["figures", "equipment"])
def test_a_code_there_in_full_and_without_its_zero_counts_once(read, layout):
    made = read(layout, [*good(layout), row(layout, "7001", 9)])
    assert (made.rows_loaded, made.rows_quarantined) == (len(CODES), 1)
    assert made.held["code"].tolist() == ["code_twice"]


@pytest.mark.parametrize("layout", ["wide", "summed", "places"])
def test_a_described_code_written_in_two_ways_is_held_back_both_times(read, layout):
    rows = [*good(layout)[1:], ("7001", 9, "x")]
    made = read(layout, rows)
    assert made.held["code"].tolist() == ["two_values"] * 2
    assert made.rows_loaded == len(CODES) - 2


def test_a_member_told_twice_is_refused(read):
    rows = [*good("membership"), row("membership", "7001")]
    assert refusal(read, "membership", rows) == "two_parents"
