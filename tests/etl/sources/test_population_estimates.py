"""Population by age of the départements: a sheet a year, two tables, totals."""

from __future__ import annotations

import io

import openpyxl
import pytest

from etl.source import Known, RejectedFile, Staged
from etl.sources import aide_sociale, population_estimates
from geodata.catalogue.loader import catalogue
from geodata.model import Severity

AREAS = {"departement": frozenset({"01", "02", "971"})}
AGES = [*population_estimates.AGES, "95 ans et plus"]
AGES_OVERSEAS = [*population_estimates.AGES[:18], "90 ans et plus", None]


def head(ages: list[str | None]) -> list[list[object]]:
    groups = ["Départements", None, "Ensemble", *[None] * 20, "Hommes", *[None] * 20]
    return [groups, [None, None, *ages, "Total", *ages, "Total"]]


def line(code: object, name: str | None, each: int, total: int | None = None) -> list[object]:
    cells = [each] * 20
    return [code, name, *cells, sum(cells) if total is None else total, *cells, sum(cells)]


def workbook(year: str = "2022", total: int | None = None, note: str = "provisoires") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "À savoir"
    sheet = book.create_sheet(year)
    overseas = line(971, "Guadeloupe ", 3)
    overseas[21], overseas[42] = None, None
    overseas[22] = 19 * 3
    rows = [
        ["Estimation de population au 1er janvier"],
        [f"Année {year}"],
        [],
        *head(AGES),
        line("01", "Ain", 10),
        line("02", "Aisne", 20),
        line("France métropolitaine ", None, 30, total),
        [],
        [None, *head(AGES_OVERSEAS)[0][1:]],
        head(AGES_OVERSEAS)[1],
        overseas,
        ["DOM", *overseas[1:]],
        ["Source : Insee - Estimations de population (résultats " + note + ")"],
    ]
    rows[-2][1] = None
    for row in rows:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def staged(content: bytes, known: Known | None = None):
    known = known or Known(catalogue("france"), areas=AREAS)
    entry = known.catalogue.sources["insee_population_estimates"]
    return population_estimates.stage(entry, entry.published_as[0], content, known)


def test_the_first_of_january_is_the_last_day_of_the_year_before():
    made = staged(workbook())
    rows = made.tables["figure"].set_index(["variable", "area_id"])
    assert set(made.tables["figure"]["period"]) == {"2021"}
    assert rows.loc[("estimated_population", "01"), "value"] == 200
    assert rows.loc[("estimated_population_0_4", "02"), "value"] == 20
    assert rows.loc[("estimated_population_0_19", "01"), "value"] == 40
    assert rows.loc[("estimated_population_15_24", "01"), "value"] == 20
    assert rows.loc[("estimated_population_15_64", "01"), "value"] == 100
    assert rows.loc[("estimated_population", "971"), "value"] == 57
    assert set(rows["status"]) == {"estimated"}
    assert made.dropped == {"total": 2}
    assert (made.rows_read, made.rows_loaded) == (5, 3)


def test_final_results_are_observed():
    assert set(staged(workbook(note="2020")).tables["figure"]["status"]) == {"observed"}


def test_a_total_that_differs_waits_for_an_approval():
    made = staged(workbook(total=601))
    held = [issue for issue in made.issues if issue.severity is Severity.HOLD]
    assert [issue.code for issue in held] == ["total_differs"]


def test_a_sheet_of_another_year_is_refused():
    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    book["2022"].title = "2021"
    buffer = io.BytesIO()
    book.save(buffer)
    with pytest.raises(RejectedFile) as refused:
        staged(buffer.getvalue())
    assert refused.value.issue.code == "other_sheet"


@pytest.fixture(scope="module")
def real(dated_france, shared_data) -> Staged:
    """The real workbook, staged once."""
    name = "insee_estim-pop-dep-sexe-aq-1975-2022.xlsx"
    return staged((shared_data / "need" / name).read_bytes(), dated_france)


@pytest.mark.shared
def test_the_real_workbook(real):
    print(real.rows_read, real.rows_loaded, real.rows_quarantined, dict(real.dropped))
    assert (real.rows_read, real.rows_loaded, real.rows_quarantined) == (4863, 4749, 0)
    assert real.dropped == {"total": 114}
    assert not [issue for issue in real.issues if issue.severity is Severity.HOLD]
    rows = real.tables["figure"].set_index(["variable", "area_id", "period"])
    # Read in the workbook: Haute-Loire, sheet 2019.
    assert rows.loc[("estimated_population", "43", "2018"), "value"] == 227570
    assert rows.loc[("estimated_population_0_19", "43", "2018"), "value"] == 51643
    assert rows.loc[("estimated_population", "01", "2021"), "status"] == "estimated"
    assert rows.loc[("estimated_population", "01", "1974"), "value"] == 376277


@pytest.mark.shared
def test_the_population_named_0_20_by_drees_is_that_of_residents_under_20(
    real, dated_france, shared_data
):
    """The embedded variable ``population_0_20`` equals INSEE's 0-19 to the unit, everywhere."""
    entry = dated_france.catalogue.sources["drees_asdep"]
    bytes_ = (shared_data / "need" / entry.published_as[0]).read_bytes()
    drees = aide_sociale.stage(entry, entry.published_as[0], bytes_, dated_france).tables["figure"]
    theirs = drees[drees["variable"] == "population_0_20"]
    insee = real.tables["figure"]
    under_20 = insee[insee["variable"] == "estimated_population_0_19"]
    both = theirs.merge(under_20, on=["area_id", "period"], suffixes=("", "_insee"))
    assert len(both) == 3291
    assert (both["value"] == both["value_insee"]).all()
