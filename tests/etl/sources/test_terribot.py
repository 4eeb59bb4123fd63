"""Tables of the compilation, on a small file of its layout and on the real ones."""

from __future__ import annotations

import io
from dataclasses import replace
from importlib import resources

import pandas as pd
import pytest

from etl.source import Known, RejectedFile, Staged
from etl.sources import terribot
from etl.sources.terribot_columns import TABLES
from geodata.catalogue.loader import catalogue
from geodata.model import Severity

AREAS = {
    "commune": frozenset({"01001", "43001", "2A004", "75056"}),
    "epci": frozenset({"200000172", "200054781"}),
    "departement": frozenset({"01", "2A", "43", "971"}),
}
IDS = ["D1", "D2A", "D971", "200000172", "1001", "43001", "2A004", "75056", "75101", "75102"]
KEY = ["variable", "level", "area_id", "period"]


def content(**columns: list[object]) -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame(columns).to_parquet(buffer)
    return buffer.getvalue()


def staged(table: str, bytes_: bytes, known: Known | None = None) -> Staged:
    known = known or Known(catalogue("france"), areas=AREAS)
    entry = known.catalogue.sources[f"terribot_{table}"]
    return terribot.stage(entry, f"{table}.parquet", bytes_, known)


def figure(made: Staged, variable: str, area_id: str) -> tuple[object, str]:
    rows = made.tables["figure"]
    row = rows[(rows["variable"] == variable) & (rows["area_id"] == area_id)].iloc[0]
    return row["value"], row["status"]


def codes(made: Staged, severity: Severity) -> set[str]:
    return {issue.code for issue in made.issues if issue.severity is severity}


def test_levels_come_from_the_shape_of_the_id_and_zeros_come_back():
    made = staged("tcg", content(id=IDS, tcg=["1.5"] * 7 + ["2", "3", "4"], comp1=["x"] * 10))
    rows = made.tables["figure"]
    assert set(zip(rows["level"], rows["area_id"], strict=True)) == {
        ("departement", "01"),
        ("departement", "2A"),
        ("departement", "971"),
        ("epci", "200000172"),
        ("commune", "01001"),
        ("commune", "43001"),
        ("commune", "2A004"),
        ("commune", "75056"),
    }
    assert "padded" in codes(made, Severity.NOTE)


def test_a_released_zero_a_secret_and_a_blank_stay_three_things():
    cells = ["0", "ND", None, *["1"] * 7]
    made = staged("tcg", content(id=IDS, tcg=cells))
    assert figure(made, "childcare_coverage_rate_published", "01") == (0.0, "observed")
    secret = figure(made, "childcare_coverage_rate_published", "2A")
    assert pd.isna(secret[0])
    assert secret[1] == "suppressed"
    blank = figure(made, "childcare_coverage_rate_published", "971")
    assert pd.isna(blank[0])
    assert blank[1] == "missing"


def test_paris_is_the_sum_of_its_arrondissements_and_never_counted_twice():
    counts = [10.0] * 7 + [0.0, 30.0, 12.0]
    made = staged(
        "paje", content(id=IDS, ndurpaje=counts, ndurpajemono=[*counts[:7], 50.0, 30.0, 12.0])
    )
    assert figure(made, "paje_households", "75056") == (42.0, "estimated")  # rounded by CNAF
    assert figure(made, "paje_single_parent_households", "75056") == (50.0, "observed")
    assert made.dropped == {"counted_with_its_commune": 2}
    assert not made.tables["figure"]["area_id"].isin(["75101", "75102"]).any()


def test_an_exact_count_stays_observed_and_a_rate_cannot_be_summed():
    births = {f"naiss{y:02d}": [1.0] * 7 + [0.0, 3.0, 4.0] for y in range(8, 24)}
    deaths = {f"dec{y:02d}": [1.0] * 7 + [0.0, 3.0, None] for y in range(8, 24)}
    made = staged("et_civil", content(id=IDS, **births, **deaths))
    assert figure(made, "births", "75056") == (7.0, "observed")
    hole = figure(made, "deaths", "75056")
    assert pd.isna(hole[0])
    assert hole[1] == "missing"
    rates = [1.0] * 7 + [0.0, 3.0, 4.0]
    made = staged("apl", content(id=IDS, apl_gen=rates, apl_inf=rates, apl_sf=rates))
    rate = figure(made, "apl_general_practitioner", "75056")
    assert pd.isna(rate[0])
    assert rate[1] == "missing"
    assert "plain_means" in codes(made, Severity.WARNING)


def test_a_wrong_cell_holds_its_whole_row_back():
    good = [f"4{n:04d}" for n in range(200)]
    known = Known(catalogue("france"), areas={**AREAS, "commune": frozenset(good)})
    cells = {"assmat": ["1"] * 200, "eaje": ["2"] * 200, "autr": ["3"] * 199 + ["-1"]}
    made = staged("paccueil", content(id=good, **cells), known)
    assert (made.rows_read, made.rows_loaded, made.rows_quarantined) == (200, 199, 1)
    assert good[-1] not in set(made.tables["figure"]["area_id"])
    assert made.held["column"].tolist() == ["autr"]
    assert made.held["line"].tolist() == [201]


def test_a_mended_cell_is_read():
    good = [f"4{n:04d}" for n in range(200)]
    known = Known(catalogue("france"), areas={**AREAS, "commune": frozenset(good)})
    bytes_ = content(id=good, tcg=["1"] * 199 + ["?"])
    assert staged("tcg", bytes_, known).rows_quarantined == 1
    made = staged("tcg", bytes_, replace(known, mends={201: {"tcg": "7.5"}}))
    assert figure(made, "childcare_coverage_rate_published", good[-1]) == (7.5, "observed")
    assert made.rows_quarantined == 0


def test_what_is_no_area_of_ours_is_dropped_by_its_name():
    ids = ["FR", "R84", "R97B", None, "200057867", "1001"]
    made = staged("tcg", content(id=ids, tcg=["1"] * 6))
    assert made.dropped == {
        "sum_or_mean_of_parts": 3,
        "blank_row": 1,
        "part_of_grand_paris": 1,
    }
    assert made.rows_loaded == 1


def test_an_unknown_shape_refuses_a_file_full_of_it():
    with pytest.raises(RejectedFile, match=r"row|rows") as refused:
        staged("tcg", content(id=["Paris", "1001"], tcg=["1", "2"]))
    assert refused.value.issue.code == "too_many_quarantined"


def test_zeros_that_may_be_small_numbers_are_told():
    counts = [50.0, 50.0, 50.0, 50.0, 0.0, 5.0, 8.0, 9.0, 0.0, 0.0]
    made = staged("paje", content(id=IDS, ndurpaje=counts, ndurpajemono=counts))
    assert "zero_may_be_small" in codes(made, Severity.WARNING)
    one = [50.0, 50.0, 50.0, 50.0, 0.0, 1.0, 8.0, 9.0, 0.0, 0.0]
    made = staged("paje", content(id=IDS, ndurpaje=one, ndurpajemono=one))
    assert "zero_may_be_small" not in codes(made, Severity.WARNING)


def test_an_entry_may_declare_that_zeros_are_withheld():
    counts = [50.0, 50.0, 50.0, 50.0, 0.0, 5.0, 8.0, 0.0, 5.0, 6.0]
    known = Known(catalogue("france"), areas=AREAS)
    entry = known.catalogue.sources["terribot_paje"]
    bytes_ = content(id=IDS, ndurpaje=counts, ndurpajemono=counts)
    declared = replace(entry, options={"table": "paje", "zero": "suppressed"})
    made = terribot.stage(declared, "paje.parquet", bytes_, known)
    withheld = figure(made, "paje_households", "01001")
    assert pd.isna(withheld[0])
    assert withheld[1] == "suppressed"
    assert figure(made, "paje_households", "75056") == (11.0, "estimated")


def test_accounts_keep_communes_epci_and_departements_only():
    ids = ["1001", "43001", "200000172", "COM-200000172", "COM-D1", "EPCI-D1", "COM-D1A"]
    ids += ["COM-D20A", "COM-D20AA", "EPCI-FRB", "COM-R84C", "COM-FR", None]
    spent = [100.5, 0.0, 7.0, 7.0, 9.0, 9.0, 3.0, 4.0, 1.0, 1.0, 1.0, 1.0, None]
    made = staged("ccas", content(id=ids, cf_ccas=spent, prodfonc_ccas=spent, aides_ccas=spent))
    assert made.dropped == {
        "repeated_total": 2,
        "mean_of_stratum": 4,
        "sum_or_mean_of_parts": 1,
        "blank_row": 1,
    }
    assert figure(made, "ccas_operating_expenditure_eur", "01001") == (100.5, "observed")
    assert figure(made, "ccas_operating_expenditure_eur", "2A") == (4.0, "observed")
    silent = figure(made, "ccas_aid_eur", "43001")
    assert pd.isna(silent[0])
    assert silent[1] == "missing"


def test_every_column_of_every_table_has_a_variable_that_names_its_source():
    variables = catalogue("france").variables
    for table, columns in TABLES.items():
        for name, _period in columns.values():
            assert f"terribot_{table}" in variables[name].sources


def embedded_figures() -> pd.DataFrame:
    """Every figure carried with the project."""
    folder = resources.files("geodata.embedded") / "figures"
    read = []
    for file in folder.iterdir():
        if file.name.endswith(".csv"):
            with file.open(encoding="utf-8") as stream:
                read.append(pd.read_csv(stream, dtype="str", keep_default_na=False))
    rows = pd.concat(read, ignore_index=True).rename(columns={"area_level": "level"})
    return rows.assign(value=pd.to_numeric(rows["value"]))


@pytest.fixture(scope="module")
def ours() -> pd.DataFrame:
    return embedded_figures()


#: Rows loaded and in quarantine of each real file, and how many embedded figures it holds.
REAL = {
    "all": (36231, 0, 1845),
    "all30": (36231, 0, 0),
    "rsa": (36231, 0, 2583),
    "paje": (36231, 0, 738),
    "cmg": (36231, 0, 0),
    "pre_par_e": (36231, 0, 0),
    "aeeh": (36231, 0, 2214),
    "aah": (36231, 0, 0),
    "bas_rev": (36231, 0, 2214),
    "paccueil": (36230, 1, 4011),
    "tcg": (36231, 0, 369),
    "assmat": (36231, 0, 0),
    "filo": (36231, 0, 1476),
    "et_civil": (36231, 0, 11712),
    "defm_an": (36231, 0, 5535),
    "apl": (36231, 0, 1107),
    "menj": (36231, 0, 2214),
    "mi": (36231, 0, 369),
    "odf": (36231, 0, 738),
    "ccas": (36279, 4, 0),
}


@pytest.mark.shared
@pytest.mark.parametrize("table", TABLES)
def test_the_real_table_is_accounted_for_and_equals_what_is_embedded(
    table, dated_france, shared_data, ours
):
    bytes_ = (shared_data / "need" / "terribot" / f"{table}.parquet").read_bytes()
    made = staged(table, bytes_, dated_france)
    rows = made.tables["figure"]
    print(table, made.rows_read, made.rows_loaded, made.rows_quarantined, dict(made.dropped))
    both = ours.merge(rows, on=KEY, suffixes=("_ours", ""))
    assert (made.rows_loaded, made.rows_quarantined, len(both)) == REAL[table]
    assert not rows.duplicated(KEY).any()
    assert (both["status"] == both["status_ours"]).all()
    assert (both["value"].isna() == both["value_ours"].isna()).all()
    assert (both["value"].fillna(-1) == both["value_ours"].fillna(-1)).all()
    has_value = rows["status"].isin(["observed", "estimated", "imputed"])
    assert (has_value == rows["value"].notna()).all()


@pytest.mark.shared
def test_paris_lyon_and_marseille_are_whole(dated_france, shared_data):
    folder = shared_data / "need" / "terribot"
    made = staged("rsa", (folder / "rsa.parquet").read_bytes(), dated_france)
    rows = made.tables["figure"].query("period == '2023'").set_index(["level", "area_id"])["value"]
    # The département of Paris is its one commune; CNAF rounds each arrondissement to 5.
    assert rows["commune", "75056"] == pytest.approx(rows["departement", "75"], rel=0.01)
    births = staged("et_civil", (folder / "et_civil.parquet").read_bytes(), dated_france)
    rows = births.tables["figure"].query("variable == 'births' and period == '2022'")
    rows = rows.set_index(["level", "area_id"])["value"]
    assert rows["commune", "75056"] == rows["departement", "75"] == 23785
    assert rows["commune"].sum() == rows["departement"].sum() == 724512
