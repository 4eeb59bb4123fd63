"""Child welfare and its cost by département, from the DREES survey of social assistance.

From: DREES, as compiled by patrickaubert/asdep (``drees_asdep_departements.csv``; its dictionary
tells what each column counts). UTF-8, commas; one row a territory and a year, some of them given
again, whole or in part, with other columns filled. Relied on: two rows of one département and one
year never contradict each other; a blank is a figure the survey does not have (no row is made of
it); a count that is not whole was imputed; expenditure is in thousands of euros, kept to the euro,
and nothing stands for no amount under that head: missing.

The population column is called 0-20 and holds the residents under 20 on 1 January of the next
year (INSEE's estimates, to the unit): it is loaded under the name of the embedded figures.
"""

from __future__ import annotations

import pandas as pd

from etl.locate import located
from etl.reading import csv_text
from etl.source import LINE, Known, Ledger, Staged
from etl.sources.wide_table import Columns, measured_columns, rounded
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
COLUMNS = COUNTS | EXPENDITURE
