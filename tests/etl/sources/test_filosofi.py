"""Filosofi by commune: decimal commas, secrets, codes of an older edition."""

from __future__ import annotations

import pandas as pd
import pytest

from etl.source import Known, RejectedFile
from etl.sources import filosofi
from geodata.catalogue.loader import catalogue

AREAS = {"commune": frozenset({"01001", "01004", "75056"})}
TEXT = (
    "\ufeffCODGEO;LIBGEO;NBMEN19;NBPERS19;Q219;PPSOC19\r\n"
    "01001;L'Abergement-Clémenciat;322;819;23970;\r\n"
    "01004;Ambérieu-en-Bugey;6711;15040;20510;7,7\r\n"
    "75056;Paris;1040970;2074230;28790;3,1\r\n"
    "75101;Paris 1er;8000;15000;35000;2,0"
)


def staged(text: str, known: Known | None = None):
    known = known or Known(catalogue("france"), areas=AREAS)
    entry = known.catalogue.sources["insee_filosofi_2019"]
    return filosofi.stage(entry, "FILO2019_DISP_COM.csv", text.encode(), known)


def test_a_blank_is_a_secret_and_a_comma_a_decimal_sign():
    made = staged(TEXT)
    rows = made.tables["figure"].set_index(["variable", "area_id"])
    share = rows.loc["social_benefits_income_share"]
    assert (share.loc["01004", "value"], share.loc["01004", "status"]) == (7.7, "observed")
    assert pd.isna(share.loc["01001", "value"])
    assert share.loc["01001", "status"] == "suppressed"
    assert rows.loc[("median_income", "01001"), "value"] == 23970
    assert set(made.tables["figure"]["period"]) == {"2019"}


def test_an_arrondissement_is_dropped_where_its_commune_stands():
    made = staged(TEXT)
    assert made.dropped == {"counted_with_its_commune": 1}
    assert (made.rows_read, made.rows_loaded) == (4, 3)


def test_a_file_of_another_kind_is_refused():
    with pytest.raises(RejectedFile) as refused:
        staged(TEXT.replace("NBMEN19", "NBMEN20"))
    assert refused.value.issue.column == "NBMEN19"


@pytest.mark.shared
def test_the_real_file(dated_france, shared_data):
    text = (shared_data / "need" / "FILO2019_DISP_COM.csv").read_text("utf-8")
    made = staged(text, dated_france)
    print(made.rows_read, made.rows_loaded, made.rows_quarantined, dict(made.dropped))
    assert made.rows_read == 31361
    assert made.dropped["counted_with_its_commune"] == 45
    assert made.rows_quarantined == 0
    rows = made.tables["figure"].set_index(["variable", "area_id"])
    assert not rows.index.duplicated().any()
    assert rows.loc[("tax_households", "01004"), "value"] == 6711  # read in the file
    assert rows.loc[("median_income", "75056"), "status"] == "observed"
    assert rows.loc["social_benefits_income_share", "status"].value_counts()["suppressed"] > 25000
