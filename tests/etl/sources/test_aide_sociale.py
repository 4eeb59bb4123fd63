"""Child welfare by département: totals, repeated rows, imputed counts, equality."""

from __future__ import annotations

import pandas as pd
import pytest

from etl.source import Known
from etl.sources import aide_sociale
from geodata.catalogue.loader import catalogue

AREAS = {"departement": frozenset({"43", "69", "2A"})}
KEY = ["variable", "level", "area_id", "period"]
HEADER = [*aide_sociale.PLACE, "Territoire", *aide_sociale.COLUMNS]


def csv(*rows: dict[str, str]) -> bytes:
    frame = pd.DataFrame(rows, columns=HEADER, dtype="str").fillna("")
    return frame.to_csv(index=False).encode()


def row(code: str, year: str, kind: str = "Département", **cells: str) -> dict[str, str]:
    place = {"Code.departement": code, "TypeTerritoire": kind, "Annee": year}
    return {**place, **cells}


def staged(content: bytes, known: Known | None = None):
    known = known or Known(catalogue("france"), areas=AREAS)
    entry = known.catalogue.sources["drees_asdep"]
    return aide_sociale.stage(entry, "drees_asdep_departements.csv", content, known)


def test_totals_and_parts_are_dropped_by_named_rules():
    made = staged(
        csv(
            row("43", "2018.0", TotEnfConfiesASE="491.0"),
            row("69", "2018.0", TotEnfConfiesASE="3537.0"),
            row("69M", "2018.0", TotEnfConfiesASE="2757.0"),
            row("69D", "2018.0", TotEnfConfiesASE="780.0"),
            row("20", "2018.0", TotEnfConfiesASE="300.0"),
            row("", "2018.0", "Région", TotEnfConfiesASE="9.0"),
            row("", "2018.0", "France", TotEnfConfiesASE="9.0"),
            row("", "2018.0", TotEnfConfiesASE=""),
            row("20A", "1995.0"),
        )
    )
    assert made.dropped == {
        "not_a_departement": 3,
        "sum_of_departements": 1,
        "total": 1,
        "without_code": 1,
        "nothing_read": 1,
    }
    values = made.tables["figure"].set_index("area_id")["value"].to_dict()
    assert values == {"43": 491.0, "69": 3537.0}


def test_a_count_that_is_not_whole_is_imputed_and_a_spending_of_nothing_is_missing():
    made = staged(
        csv(
            row(
                "43",
                "2018.0",
                TotBenefAE="1572.2465039629121",
                TotEnfASEDirectJuge="0.0",
                DepBruteASE="29340.12345",
                DepBrutePrevSpe="0.0",
            )
        )
    )
    rows = made.tables["figure"].set_index("variable")
    assert tuple(rows.loc["educational_actions", ["value", "status"]]) == (1572.247, "imputed")
    none = rows.loc["children_placed_directly_by_judge", ["value", "status"]]
    assert tuple(none) == (0.0, "observed")
    spent = rows.loc["ase_gross_expenditure_keur", ["value", "status"]]
    assert tuple(spent) == (29340.123, "observed")
    nothing = rows.loc["street_prevention_gross_expenditure_keur"]
    assert pd.isna(nothing["value"])
    assert nothing["status"] == "missing"
    assert "children_in_care" not in rows.index  # a blank is no row


def test_staff_the_minimum_income_and_disability_benefits_are_read_and_zero_is_nothing_told():
    made = staged(
        csv(
            row(
                "43",
                "2019.0",
                etppersmedical="5.1",
                etpperssocialeteducatif="134.9",
                RSAbenef="6158.0",
                **{"NbBenefPCH.moins20ans": "61.0"},
            ),
            row("69", "2009.0", RSAbenef="0.0", effpersassfam="0.0", TotBenefAED="0.0"),
        )
    )
    rows = made.tables["figure"].set_index(["area_id", "variable"])[["value", "status"]]
    told = {
        "medical_staff_fte": 5.1,
        "social_staff_fte": 134.9,
        "rsa_covered_persons": 6158.0,
        "compensation_benefit_under_20": 61.0,
    }
    for variable, value in told.items():
        assert tuple(rows.loc[("43", variable)]) == (value, "observed")
    for variable in ("rsa_covered_persons", "foster_carers_employed"):
        assert pd.isna(rows.loc[("69", variable), "value"])
        assert rows.loc[("69", variable), "status"] == "missing"
    zero = rows.loc[("69", "educational_actions_administrative")]
    assert tuple(zero) == (0.0, "observed")


def test_rows_given_again_complete_one_another():
    made = staged(
        csv(
            row("43", "2018.0", DepBruteASE="10.5"),
            row("43", "2018.0", DepBruteASE="10.5", TotBenefAED="4.0"),
            row("43", "2018.0", DepBruteASE="10.5", TotBenefAED="4.0"),
        )
    )
    assert made.dropped == {"repeated": 1}
    assert made.rows_loaded == 2
    assert not made.tables["figure"].duplicated(KEY).any()
    assert len(made.tables["figure"]) == 2


def test_rows_that_contradict_each_other_are_held_back():
    fine = [row("69", f"{year}.0", TotBenefAED="1.0") for year in range(1900, 2100)]
    made = staged(
        csv(*fine, row("43", "2018.0", TotBenefAED="4.0"), row("43", "2018.0", TotBenefAED="5.0"))
    )
    assert made.held["code"].tolist() == ["two_values"] * 2
    assert set(made.tables["figure"]["area_id"]) == {"69"}


@pytest.mark.shared
def test_the_real_file_equals_what_is_embedded(dated_france, shared_data, embedded):
    file = shared_data / "need" / "drees_asdep_departements.csv"
    made = staged(file.read_bytes(), dated_france)
    print(made.rows_read, made.rows_loaded, made.rows_quarantined, dict(made.dropped))
    assert (made.rows_read, made.rows_loaded, made.rows_quarantined) == (5019, 3423, 0)
    rows = made.tables["figure"]
    assert not rows.duplicated(KEY).any()
    ours = embedded("figures/drees_aide_sociale.csv").rename(columns={"area_level": "level"})
    both = ours.merge(rows, on=KEY, suffixes=("_ours", ""))
    assert len(both) == len(ours) == 27885
    assert (both["status"] == both["status_ours"]).all()
    assert (both["value"] == pd.to_numeric(both["value_ours"])).all()
    # Nothing more of those years and variables, but for the expenditures at zero.
    since = rows[rows["variable"].isin(ours["variable"]) & (rows["period"] >= "2002")]
    more = since.merge(ours[KEY], on=KEY, how="left", indicator=True).query("_merge != 'both'")
    assert set(more["status"]) == {"missing"}


#: Read in the file by hand: Haute-Loire.
BY_HAND = {
    ("rsa_covered_persons", "2019"): 6158,
    ("compensation_benefit_under_20", "2020"): 67,
    ("social_staff_fte", "2020"): 133.5,
    ("medical_staff_fte", "2020"): 6.3,
    ("foster_carers_employed", "2020"): 121,
    ("ase_allowance_gross_expenditure_keur", "2019"): 774.581,
}


@pytest.mark.shared
def test_figures_of_haute_loire_are_those_of_the_file(dated_france, shared_data):
    file = shared_data / "need" / "drees_asdep_departements.csv"
    rows = staged(file.read_bytes(), dated_france).tables["figure"]
    ours = rows[rows["area_id"] == "43"].set_index(["variable", "period"])["value"]
    assert {key: ours[key] for key in BY_HAND} == pytest.approx(BY_HAND)
    # Those covered by the minimum income are more than the adults among them (3,571).
    assert ours["rsa_covered_persons", "2019"] > 3571
