"""Child welfare and its cost by département, from the DREES survey of social assistance.

From: DREES, as compiled by patrickaubert/asdep (``drees_asdep_departements.csv``; its dictionary
tells what each column counts). UTF-8, commas; one row a territory and a year, some of them given
again, whole or in part, with other columns filled. Relied on: two rows of one département and one
year never contradict each other; a blank is a figure the survey does not have (no row is made of
it); a count that is not whole was imputed; expenditure is in thousands of euros, kept to the euro,
and nothing stands for no amount under that head: missing. So it is of staff, and of the minimum
income (RSA) in départements where it came later; ``RSAbenef`` counts those it covers, families
included, of all funds, and ``RSApopcouv`` the adults alone, whatever their names say.

The population column is called 0-20 and holds the residents under 20 on 1 January of the next
year (INSEE's estimates, to the unit): it is loaded under the name of the embedded figures.
"""

from __future__ import annotations

import pandas as pd

from etl.locate import located
from etl.reading import csv_text
from etl.source import LINE, Known, Ledger, Staged
from etl.sources.wide_table import Columns, measured_columns
from geodata.catalogue.nouns import SourceEntry
from geodata.model import Status

PLACE = ("Code.departement", "TypeTerritoire", "Annee")
DEPARTEMENT = "Département"
#: Code of the file -> ours.
CODES = {"20A": "2A", "20B": "2B"}
#: Codes that are parts of a département or gather two: the départements themselves are there.
NOT_A_DEPARTEMENT = ("20", "69D", "69M")
COUNTS: Columns = {
    "TotEnfAccueillisASE": ("children_in_care", ""),
    "TotEnfConfiesASE": ("children_entrusted", ""),
    "TotEnfASEMesuresAdmin": ("entrusted_administrative", ""),
    "TotEnfASEMesuresJudic": ("entrusted_judicial", ""),
    "TotEnfASEDirectJuge": ("children_placed_directly_by_judge", ""),
    "TotEnfASEPlacesFamillesAccueil": ("placed_in_foster_family", ""),
    "TotEnfASEPlacesEtab": ("placed_in_institution", ""),
    "TotBenefAE": ("educational_actions", ""),
    "TotBenefAED": ("educational_actions_administrative", ""),
    "TotBenefAEMO": ("educational_actions_judicial", ""),
    "effpersassfam": ("foster_carers_employed", ""),
    "pop.0.20": ("population_0_20", ""),
    "NbBenefPCH.moins20ans": ("compensation_benefit_under_20", ""),
    "RSAbenef": ("rsa_covered_persons", ""),
}
#: Staff in full-time equivalents, to a tenth.
STAFF: Columns = {
    "etppersmedical": ("medical_staff_fte", ""),
    "etpperssocialeteducatif": ("social_staff_fte", ""),
}
EXPENDITURE: Columns = {
    "DepBruteASE": ("ase_gross_expenditure_keur", ""),
    "DepBrutePlacementASE": ("placement_gross_expenditure_keur", ""),
    "DepBrutePlacementFamASE": ("foster_family_gross_expenditure_keur", ""),
    "DepBrutePlacementetabASE": ("institution_gross_expenditure_keur", ""),
    "DepBruteAEDAEMO": ("educational_action_gross_expenditure_keur", ""),
    "DepBrutePrevSpe": ("street_prevention_gross_expenditure_keur", ""),
    "DepBruteAllocASE": ("ase_allowance_gross_expenditure_keur", ""),
}
COLUMNS = COUNTS | STAFF | EXPENDITURE
#: Columns where nothing stands for nothing told: no amount under a head, a benefit not yet there.
NEVER_NONE = (*EXPENDITURE, *STAFF, "RSAbenef", "effpersassfam")
#: Counts that the survey imputed are not whole.
IMPUTED = tuple(name for name in COUNTS if name.startswith(("TotEnf", "TotBenef")))
FRACTION = r"[0-9]+\.[0-9]*[1-9][0-9]*"
DECIMALS = 3


def stage(entry: SourceEntry, file: str, content: bytes, known: Known) -> Staged:
    """The table ``figure``: children, measures and expenditure of each département and year.

    Raises
    ------
    RejectedFile
        When the file is not such a text, or more than 1 % of its rows are wrong.
    """
    ledger = Ledger(entry.id, file)
    frame = csv_text(content, (*PLACE, *COLUMNS), ledger)
    frame = ledger.begin(frame, known.mends)
    _drop_other_territories(frame, ledger)
    rows = ledger.kept(frame).copy()
    codes = rows["Code.departement"].replace(CODES)
    rows["area_id"] = located(
        rows.assign(code=codes), "code", "departement", known, ledger, padded=False
    )
    rows["period"] = rows["Annee"].str.extract(r"^((?:19|20)[0-9]{2})(?:\.0)?$")[0]
    _hold_odd_years(rows, ledger)
    values, statuses = measured_columns(rows, COLUMNS, known, ledger, decimals=DECIMALS)
    _tell_absent_amounts(rows, values, statuses, ledger)
    cells = _cells(ledger.kept(rows), values, statuses)
    _hold_contradictions(cells, ledger)
    cells = ledger.kept(cells).drop_duplicates(["variable", "area_id", "period"])
    _drop_silent_rows(ledger.kept(rows), cells, ledger)
    figures = cells.drop(columns=LINE).assign(level="departement", source_id=entry.id)
    order = ["variable", "level", "area_id", "period", "value", "status", "source_id"]
    return ledger.staged({"figure": figures[order].reset_index(drop=True)})


def _drop_other_territories(frame: pd.DataFrame, ledger: Ledger) -> None:
    kind, code = frame["TypeTerritoire"], frame["Code.departement"]
    is_whole = kind == DEPARTEMENT
    for chosen, rule, fr, en in (
        (
            kind == "Région",
            "sum_of_departements",
            "régions : sommes des départements",
            "regions: sums of départements",
        ),
        (
            kind == "France",
            "total",
            "totaux (France, caisses, outre-mer)",
            "totals (France, funds, overseas)",
        ),
        (
            is_whole & (code == ""),
            "without_code",
            "collectivités d’outre-mer sans code",
            "overseas territories without a code",
        ),
        (
            is_whole & code.isin(NOT_A_DEPARTEMENT),
            "not_a_departement",
            "parties du Rhône et Corse entière : le 69, le 2A et le 2B y sont",
            "parts of Rhône and Corsica as a whole: 69, 2A and 2B are there",
        ),
    ):
        ledger.drop(frame.loc[chosen, LINE], rule, fr, en, column="TypeTerritoire")


def _hold_odd_years(rows: pd.DataFrame, ledger: Ledger) -> None:
    odd = rows[rows["period"].isna()]
    if len(odd):
        ledger.quarantine(
            odd[LINE],
            "bad_period",
            "ce n’est pas une année",
            "this is not a year",
            column="Annee",
            sample=str(odd["Annee"].iloc[0]),
            mend_fr="Écrire l’année sur quatre chiffres.",
            mend_en="Write the year with four digits.",
        )


def _tell_absent_amounts(
    rows: pd.DataFrame, values: pd.DataFrame, statuses: pd.DataFrame, ledger: Ledger
) -> None:
    """Counts that are not whole are imputed; an amount of nothing is missing. Say so."""
    for name in IMPUTED:
        is_imputed = rows[name].str.fullmatch(FRACTION) & values[name].notna()
        statuses.loc[is_imputed, name] = Status.IMPUTED.value
    told = list(NEVER_NONE)
    nothing = values[told] == 0
    statuses[told] = statuses[told].mask(nothing, Status.MISSING.value)
    values[told] = values[told].mask(nothing)
    if nothing.any(axis=None):
        count = int(nothing.to_numpy().sum())
        ledger.note(
            "no_amount",
            f"{count} dépenses, allocations ou postes à zéro : rien n’en est dit, donc manquants",
            f"{count} expenditures, benefits or posts at zero: nothing is told of them, so missing",
            rows=count,
        )
    if rows["pop.0.20"].ne("").any():
        ledger.warn(
            "population_under_20",
            "la colonne pop.0.20 compte les moins de 20 ans (0 à 19 ans), non les 0 à 20 ans",
            "column pop.0.20 counts residents under 20 (0-19), not those aged 0-20",
            column="pop.0.20",
        )


def _cells(rows: pd.DataFrame, values: pd.DataFrame, statuses: pd.DataFrame) -> pd.DataFrame:
    """One row for each cell that is filled: line, variable, area_id, period, value, status."""
    made = []
    for column, (variable, _period) in COLUMNS.items():
        filled = rows[rows[column] != ""]
        made.append(
            pd.DataFrame(
                {
                    LINE: filled[LINE],
                    "variable": variable,
                    "area_id": filled["area_id"],
                    "period": filled["period"],
                    "value": values.loc[filled.index, column],
                    "status": statuses.loc[filled.index, column],
                }
            )
        )
    return pd.concat(made, ignore_index=True)


def _hold_contradictions(cells: pd.DataFrame, ledger: Ledger) -> None:
    """Hold back the rows that say two things of one département, year and quantity."""
    key = ["variable", "area_id", "period"]
    told = cells.assign(value=cells["value"].fillna(-1.0))
    said = told.groupby(key, sort=False)["value"].transform("nunique")
    if (said > 1).any():
        ledger.quarantine(
            cells.loc[said > 1, LINE].unique(),
            "two_values",
            "deux valeurs pour le même département, la même année et la même grandeur",
            "two values for one département, year and quantity",
            mend_fr="Garder la bonne ligne.",
            mend_en="Keep the right row.",
        )


def _drop_silent_rows(rows: pd.DataFrame, cells: pd.DataFrame, ledger: Ledger) -> None:
    """Drop rows that say nothing we read, and those whose figures stand in another row."""
    is_empty = (rows[list(COLUMNS)] == "").all(axis=1)
    ledger.drop(
        rows.loc[is_empty, LINE],
        "nothing_read",
        "lignes sans aucune des colonnes lues",
        "rows without any of the columns read",
    )
    ledger.drop(
        rows.loc[~is_empty & ~rows[LINE].isin(cells[LINE].unique()), LINE],
        "repeated",
        "chiffres déjà donnés par une autre ligne",
        "figures already given by another row",
    )
