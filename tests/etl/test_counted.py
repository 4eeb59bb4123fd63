"""What is counted in other tables: zero where a source looked, nothing where it did not."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from etl.counted import counted_figures, warn_of_unplaced
from etl.source import Ledger
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
        [("A", "nurse", 5.0), ("A", "nurse", None), ("C", "nurse", 7.0)],
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


def nurses(placed: int, unplaced: int, period: str = "2024") -> pd.DataFrame:
    """So many services in village A, and so many of which nobody says where they are."""
    frame = pd.DataFrame({"area_id": ["A"] * placed + [None] * unplaced, "category": "nurse"})
    ids = [f"nurse:{n}" for n in range(len(frame))]
    return frame.assign(service_id=ids, period=period, capacity=None)


def counted_nurses(
    words: Catalogue, membership: pd.DataFrame, rows: pd.DataFrame
) -> tuple[dict[tuple[str, str], float], Ledger]:
    counted = variable(words, Counted("service", category="nurse", counts_places=False))
    made = counted_figures(counted, rows, membership, words.territory, "a_source")
    ledger = Ledger("a_source", "nurses.csv")
    warn_of_unplaced(counted, rows, ledger)
    at = zip(made["area_id"], made["period"], strict=True)
    return dict(zip(at, made["value"], strict=True)), ledger


def test_few_services_without_an_area_are_told_and_the_zeros_stand(
    words: Catalogue, membership: pd.DataFrame
) -> None:
    made, ledger = counted_nurses(words, membership, nurses(99, 1))
    assert made == {("A", "2024"): 99, ("B", "2024"): 0}
    (issue,) = ledger.issues
    assert (issue.severity, issue.code, issue.rows) == ("warning", "rows_without_area", 1)
    assert (issue.file, issue.column, issue.sample) == ("nurses.csv", "area_id", "nurse:99")
    assert "1 lignes sur 100 sans aire" in issue.message_fr
    assert "1 of 100 rows without an area" in issue.message_en
    assert "2024" not in issue.message_en
    assert issue.mend_fr
    assert issue.mend_en


def test_too_many_services_without_an_area_make_every_area_unknown_in_that_period(
    words: Catalogue, membership: pd.DataFrame
) -> None:
    rows = pd.concat([nurses(98, 2), nurses(3, 0, "2023")])
    made, ledger = counted_nurses(words, membership, rows)
    assert made == {("A", "2023"): 3, ("B", "2023"): 0}
    (issue,) = ledger.issues
    assert issue.rows == 2
    assert "toutes les aires du fichier sont inconnues en 2024" in issue.message_fr
    assert "every area of the file is unknown in 2024" in issue.message_en


def test_a_category_that_is_placed_nowhere_is_told_too(
    words: Catalogue, membership: pd.DataFrame
) -> None:
    others = nurses(4, 0).assign(category="dentist")
    made, ledger = counted_nurses(words, membership, pd.concat([nurses(0, 2), others]))
    assert made == {}
    assert [issue.rows for issue in ledger.issues] == [2]


def test_services_of_another_category_may_lack_their_area(
    words: Catalogue, membership: pd.DataFrame
) -> None:
    others = nurses(0, 4).assign(category="dentist")
    made, ledger = counted_nurses(words, membership, pd.concat([nurses(2, 0), others]))
    assert made == {("A", "2024"): 2, ("B", "2024"): 0}
    assert ledger.issues == []


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
    ledger = Ledger("territory", "areas.parquet")
    warn_of_unplaced(legal, areas, ledger)
    assert ledger.issues == []
