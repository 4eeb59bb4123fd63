"""Indicators that the national files alone feed, checked on Haute-Loire against those files."""

from __future__ import annotations

import pandas as pd
import pytest

from etl import compute
from etl.sources import terribot

WHOLE = ("departement", "43")
#: indicator -> the tables it is read from, its last period, its value read and divided by hand.
BY_HAND = {
    "poverty_rate_under_30": (("filo",), "2021", 16.8),
    "poverty_rate_couple_with_children": (("filo",), "2021", 9.2),
    "median_income_single_parent": (("filo",), "2021", 17640),
    "no_regular_doctor_16_24_share": (("odf",), "2024", 100 * 4559 / 21925),
    "no_care_16_24_share": (("odf",), "2024", 100 * 1667 / 21925),
    "very_low_quotient_share": (("all",), "2023", 100 * 5514 / 39830),
    "back_to_school_share": (("all",), "2023", 100 * 8032 / 39830),
    "young_child_lone_parent_share": (("paje",), "2023", 100 * 521 / 5140),
}


@pytest.fixture(scope="module")
def figures(dated_france, shared_data) -> dict[str, pd.DataFrame]:
    """The figures of each table, of the départements."""
    made = {}
    for table in ("filo", "odf", "all", "paje"):
        content = (shared_data / "need" / "terribot" / f"{table}.parquet").read_bytes()
        entry = dated_france.catalogue.sources[f"terribot_{table}"]
        staged = terribot.stage(entry, f"{table}.parquet", content, dated_france)
        rows = staged.tables["figure"]
        made[table] = rows[rows["level"] == WHOLE[0]]
    return made


@pytest.mark.shared
@pytest.mark.parametrize("name", BY_HAND)
def test_the_value_of_haute_loire_is_that_of_the_files(name, figures, dated_france):
    tables, period, value = BY_HAND[name]
    words = dated_france.catalogue
    frame = pd.concat([figures[table] for table in tables], ignore_index=True)
    codes = sorted(frame["area_id"].unique())
    areas = pd.DataFrame({"level": WHOLE[0], "area_id": codes, "role": "territory"})
    observed = compute.observations(words.indicators[name], frame, areas, words)
    ours = observed[(observed["level"] == WHOLE[0]) & (observed["area_id"] == WHOLE[1])]
    assert ours["period"].max() == period
    assert ours.set_index("period").at[period, "value"] == pytest.approx(value, rel=1e-12)
