"""What is counted in other tables: zero where a source looked, nothing where it did not."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from etl.counted import counted_figures
from geodata.catalogue.nouns import Catalogue, Counted, Variable


@pytest.fixture
def membership() -> pd.DataFrame:
    """Two villages in the first part of the country, two in the second."""
    rows = [("A", "43"), ("B", "43"), ("C", "63"), ("D", "63")]
    return pd.DataFrame(
        [("commune", area, "departement", part) for area, part in rows],
        columns=["level", "area_id", "parent_level", "parent_id"],
    )


def variable(words: Catalogue, counted: Counted) -> Variable:
    return replace(words.variables["nurses"], id="counted", counted=counted)


def figures(words: Catalogue, membership: pd.DataFrame, rows: pd.DataFrame) -> dict[str, float]:
    table = "equipment" if "count" in rows else "service"
    counted = variable(words, Counted(table, category="nurse"))
    made = counted_figures(counted, rows, membership, words.territory, "a_source")
    assert set(made["source_id"]) <= {"a_source"}
    assert set(made["status"]) <= {"observed"}
    return dict(zip(made["area_id"], made["value"], strict=True))


def equipment(*rows: tuple[str, str, int]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["area_id", "category", "count"])
    return made.assign(period="2018", equipment_code="X")


def test_zero_where_the_source_looked_and_nothing_where_it_did_not(
    words: Catalogue, membership: pd.DataFrame
) -> None:
    rows = equipment(("A", "nurse", 2), ("A", "nurse", 1), ("B", "dentist", 4))
    assert figures(words, membership, rows) == {"A": 3, "B": 0}


def test_a_category_that_is_nowhere_in_a_file_is_not_counted_by_it(
    words: Catalogue, membership: pd.DataFrame
) -> None:
    assert figures(words, membership, equipment(("A", "dentist", 4), ("C", "dentist", 1))) == {}


def test_a_service_that_does_not_say_its_places_makes_its_area_unknown(
    words: Catalogue, membership: pd.DataFrame
) -> None:
    rows = pd.DataFrame(
        [("A", "nurse", 5.0), ("A", "nurse", None), ("C", "nurse", 7.0), (None, "nurse", 9.0)],
        columns=["area_id", "category", "capacity"],
    ).assign(period="2020")
    assert figures(words, membership, rows) == {"B": 0, "C": 7, "D": 0}


def test_services_are_counted_where_their_places_are_not(
    words: Catalogue, membership: pd.DataFrame
) -> None:
    rows = pd.DataFrame(
        [("A", "nurse", None), ("A", "nurse", None)], columns=["area_id", "category", "capacity"]
    ).assign(period="2024")
    counted = variable(words, Counted("service", category="nurse", counts_places=False))
    made = counted_figures(counted, rows, membership, words.territory, "a_source")
    assert made[["area_id", "value"]].to_numpy().tolist() == [["A", 2.0], ["B", 0.0]]


def test_a_column_of_the_areas_is_a_figure_of_the_declared_period(
    words: Catalogue, membership: pd.DataFrame
) -> None:
    areas = pd.DataFrame(
        {
            "level": ["commune", "commune", "epci"],
            "area_id": ["A", "B", "AB"],
            "legal_population": pd.array([120, None, 500], dtype="Int64"),
        }
    )
    legal = words.variables["legal_population"]
    made = counted_figures(legal, areas, membership, words.territory, "territory")
    assert made[["area_id", "period", "value"]].to_numpy().tolist() == [["A", "2023", 120.0]]
