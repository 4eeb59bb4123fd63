"""The typed table: what a cell is, whatever file it goes to."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.exports.naming import TABLES
from dashboard.exports.table import ROW_DECIMALS, Column, Context, Kind, Sheet, Table
from dashboard.wording import Words

NOTHING = Sheet((), (), ())
CONTEXT = Context("t", (), NOTHING, NOTHING, (), (), "/fr/carte?", "1", "2026-01-02T03:04:05")


def table_of(frame, columns, silences=None):
    return Table("t", columns, pd.DataFrame(frame), silences or {}, CONTEXT, Words("fr"))


def test_zero_missing_secret_and_not_applicable_are_four_different_things():
    frame = {"n": [0.0, None, None, None], "s": ["observed", "missing", "suppressed", "x"]}
    words = pd.Series(["", "– manquant", "secret", "sans objet"])
    columns = (Column("n", "N", Kind.NUMBER), Column("s", "S", Kind.CODE, said={"x": "Sans objet"}))
    table = table_of(frame, columns, {"n": words})
    assert [row[0] for row in table.rows()] == [0.0, "– manquant", "secret", "sans objet"]
    assert [row[1] for row in table.rows()][-1] == "Sans objet"
    assert [row[0] for row in table.rows(is_said=False)] == [0.0, None, None, None]
    assert [row[1] for row in table.rows(is_said=False)][-1] == "x"


def test_numbers_are_rounded_as_the_screen_rounds_them():
    values = [0.05, 0.15, 0.25, 1065.04, -0.04, 2.5]
    table = table_of({"n": values}, (Column("n", "N", Kind.NUMBER, decimals=1),))
    words = Words("en")
    for value, (cell,) in zip(values, table.rows(), strict=True):
        assert words.number(cell, 1) == words.number(value, 1)
    assert "-" not in str(next(iter(table_of({"n": [-0.0]}, table.columns).rows()))[0])


def test_a_row_may_have_decimals_of_its_own():
    frame = {"n": [1.256, 1.256], ROW_DECIMALS: [0, 2]}
    table = table_of(frame, (Column("n", "N", Kind.NUMBER, decimals=None),))
    assert list(table.rows()) == [(1.0,), (1.26,)]


def test_rows_that_are_laid_out_in_turns_are_all_there_in_order():
    count = 2345
    silent = pd.Series([""] * (count - 1) + ["secret"])
    values = [*map(float, range(count - 1)), None]
    table = table_of({"n": values}, (Column("n", "N", Kind.NUMBER),), {"n": silent})
    assert [cell for (cell,) in table.rows()] == [*range(count - 1), "secret"]


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_table_says_what_it_holds(table_of, name, language):
    table = table_of(name, language)
    names = [column.name for column in table.columns]
    assert len(names) == len(set(names))
    assert all(name.isascii() and name == name.lower() for name in names)
    assert len(table.frame) > 0
    assert len({column.title for column in table.columns}) == len(names)
    assert any(name in ("status", "verdict") or name.endswith("_status") for name in names)
    context = table.context
    assert context.definitions.rows
    assert context.sources.rows
    assert context.caveats
    assert context.marks
    assert f"release={context.release_id}" in context.link
    assert dict(context.facts)["release"].endswith(f"({context.release_id})")


def test_both_languages_have_the_same_numbers_and_codes(table_of):
    for name in TABLES:
        french, english = (table_of(name, language) for language in ("fr", "en"))
        assert [x.name for x in french.columns] == [x.name for x in english.columns]
        kinds = [column.kind for column in french.columns]
        for one, other in zip(french.rows(is_said=False), english.rows(is_said=False), strict=True):
            for kind, here, there in zip(kinds, one, other, strict=True):
                if kind is not Kind.TEXT:
                    assert here == there


def test_the_edges_are_in_no_table(table_of):
    for name in ("map", "gaps", "level", "chain"):
        table = table_of(name, query="level=commune")
        assert len(table.frame) == 257
        assert table.frame["area_id"].str.startswith("43").all()


def test_filters_order_and_period_are_told(table_of):
    table = table_of("gaps", "fr", "level=commune&only=shortage&sort=need")
    told = dict(table.context.facts)
    assert told["filters"].startswith(f"{len(table.frame)} communes sur 257")
    assert told["order"] == "Besoin, du plus petit au plus grand"
    assert told["period"] == "au 31 décembre 2020"
    ranks = list(table.frame["rank"])
    assert ranks == sorted(ranks)
