"""Options of a described source: what is taken, and what is refused with the option's name."""

from dataclasses import replace

import pytest

from etl.description import layout
from geodata.catalogue.entry import CatalogueError
from geodata.catalogue.loader import catalogue
from geodata.catalogue.nouns import SourceEntry, Text
from geodata.model import Status

OPTIONS = {
    "format": "csv",
    "separator": ";",
    "area_column": "CODGEO",
    "level": "commune",
    "period": "2022",
    "marks": {"s": "suppressed"},
    "columns": {"NAISD{yy}": "births", "N2020": {"variable": "births", "period": "2020"}},
}


def made(**changes):
    words = catalogue("haute_loire")
    births = words.variables["births"]
    fed = replace(births, sources=(*births.sources, "own"))
    words = replace(words, variables=words.variables | {"births": fed})
    options = {key: value for key, value in (OPTIONS | changes).items() if value is not None}
    entry = SourceEntry(id="own", reader="described", name=Text("x", "x"), options=options)
    return layout(entry, words)


def test_columns_named_by_a_year_are_found_in_the_header():
    found = made().named_columns(["CODGEO", "NAISD21", "NAISD22", "N2020", "NAISDX"])
    assert {name: one.period for name, one in found.items()} == {
        "NAISD21": "2021",
        "NAISD22": "2022",
        "N2020": "2020",
    }
    assert made().wanted(["NAISD22"]) == ["CODGEO", "NAISD22", "N2020"]
    assert "NAISD{yy}" in made().wanted(["CODGEO"])  # so that its absence is told
    assert made().marks == {"s": Status.SUPPRESSED}
    assert made().has_years


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"format": "xls"}, "format 'xls'"),
        ({"separators": ";"}, "unknown options: separators"),
        ({"encoding": "ebcdic"}, "encoding"),
        ({"separator": ";;"}, "one character"),
        ({"level": "village"}, "level 'village'"),
        ({"level": None}, "give level, or level_column"),
        ({"area_column": None}, "area_column is missing"),
        ({"columns": None}, "give columns"),
        ({"columns": {"A": "births_of_cats"}}, "births_of_cats is not described"),
        ({"columns": {"A": "population"}}, "is not read from own"),
        ({"columns": {"A": {"variable": "births", "colour": 1}}}, "unknown keys"),
        ({"period": None, "columns": {"A": "births"}}, "period or period_column"),
        ({"marks": {"s": "hidden"}}, "no status"),
        ({"decimal": ",", "grouping": ","}, "decimal"),
        ({"grammar": "moon"}, "grammar 'moon'"),
        ({"parts": "halved"}, "parts 'halved'"),
        ({"footnotes": ["("]}, "unterminated"),
        ({"format": "xlsx"}, "sheet is missing"),
        ({"level": None, "level_column": "K"}, "level_column needs levels"),
        ({"columns": None, "value_column": "V"}, "value_column needs variable"),
        ({"only": 3}, "wrong kind"),
        ({"makes": "service", "columns": None}, "id_column is missing"),
        ({"makes": "equipment", "columns": None}, "area_column and count_column"),
    ],
)
def test_what_is_refused(changes, told):
    with pytest.raises(CatalogueError, match=r"sources\.own\.options") as refused:
        made(**changes)
    assert told in str(refused.value)


def test_services_stand_in_the_finest_level():
    service = {"makes": "service", "columns": None, "id_column": "id", "name_column": "name"}
    assert made(**service, category="library").category == "library"
    with pytest.raises(CatalogueError, match="stand in a commune"):
        made(**service, category="library", level="epci")
    with pytest.raises(CatalogueError, match="go together"):
        made(**service, category="library", capacity_column="n")
