"""The census of one département's communes: secrets, decimals, equality with what is embedded."""

from __future__ import annotations

import pandas as pd
import pytest

from etl.source import Known
from etl.sources import census_extract
from geodata.catalogue.loader import catalogue

TEXT = (
    "CODGEO;P22_POP;NAIS1621;NAISD24;MED21;TP6021;P22_CHOM1564;P22_ACT1564;P22_POP0014;"
    "C22_MENFAM;C22_COUPAENF;C22_FAMMONO;C22_COUPSENF\n"
    "43001;171;1;1;21220;s;15.72;83.53;16.71;53.44;10.69;16.03;26.72\n"
    "43002;1483;60;12;s;7,0;49.83;589.35;185.60;392.51;127.28;39.57;230.47\n"
)


def staged(content: bytes, known: Known):
    entry = known.catalogue.sources["insee_census_2022_haute_loire"]
    return census_extract.stage(entry, "extract.csv", content, known)


def test_secrets_and_both_decimal_signs():
    known = Known(catalogue("france"), areas={"commune": frozenset({"43001", "43002"})})
    rows = staged(TEXT.encode(), known).tables["figure"].set_index(["variable", "area_id"])
    assert rows.loc[("poverty_rate", "43001"), "status"] == "suppressed"
    assert pd.isna(rows.loc[("poverty_rate", "43001"), "value"])
    assert rows.loc[("poverty_rate", "43002"), "value"] == 7.0
    assert rows.loc[("median_income", "43002"), "status"] == "suppressed"
    assert rows.loc[("families", "43002"), "value"] == 392.51
    assert rows.loc[("births", "43001"), "period"] == "2024"


@pytest.mark.shared
def test_the_real_extract_equals_what_is_embedded(dated_france, shared_data, embedded):
    file = shared_data / "need" / "insee_census2022_communes_43_extract.csv"
    made = staged(file.read_bytes(), dated_france)
    assert (made.rows_read, made.rows_loaded, made.rows_quarantined) == (257, 257, 0)
    key = ["variable", "level", "area_id", "period"]
    rows = made.tables["figure"]
    for table, expected in (("insee_census_2022", 2056), ("insee_filosofi", 514)):
        ours = embedded(f"figures/{table}.csv").rename(columns={"area_level": "level"})
        both = ours.merge(rows, on=key, suffixes=("_ours", ""))
        assert len(both) == expected
        assert (both["status"] == both["status_ours"]).all()
        value = pd.to_numeric(both["value_ours"])
        assert (both["value"].fillna(-1) == value.fillna(-1)).all()
