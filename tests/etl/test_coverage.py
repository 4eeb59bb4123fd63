import numpy as np
import pandas as pd
import pytest

from etl import coverage, figures
from etl.coverage import coverages, standard_value
from etl.source import RejectedFile


@pytest.fixture
def complete(village_figures, village_membership, words):
    derived = figures.derived_figures(village_figures, words)
    published = pd.concat([village_figures, derived], ignore_index=True)
    sums = figures.sums_of_parts(published, village_membership, words)
    return figures.completed_figures(published, sums)


@pytest.fixture
def made(complete, village_areas, village_membership, words):
    return coverages(
        complete, village_areas, village_membership, words.services["childcare"], words
    )[0]


def test_the_standard_is_places_over_children_of_the_whole_country(complete, words):
    # 3 x (10 + 40) places over 3 x (20 + 80) births: one place for two children.
    service = words.services["childcare"]
    parts = pd.Index(["43", "63"])
    france, one = (service.standard(name) for name in ("france_2020", "one_per_child"))
    assert standard_value(france, complete, parts, service, words) == 0.5
    assert standard_value(one, complete, parts, service, words) == 1.0


def test_a_standard_needs_most_of_the_country(complete, words):
    service = words.services["childcare"]
    parts = pd.Index(["43", "63", "07"])  # two of three known: 67 %
    with pytest.raises(RejectedFile, match="only 2 of 3"):
        standard_value(service.standard("france_2020"), complete, parts, service, words)


def test_three_villages_by_hand(made):
    """7 km x 1.4 / 50 km/h = 11.76 minutes between A and B: weight 0.22; C is beyond reach.

    R_A = 12 / (30 + 0.22 x 30) = 12 / 36.6; A gets 30 R_A, B gets 0.22 x 30 R_A.
    """
    at = made[(made["standard"] == "france_2020") & (made["level"] == "commune")]
    rows = at.set_index("area_id")
    ratio = 12 / 36.6
    assert rows.loc["A", "effective"] == pytest.approx(30 * ratio, abs=1e-9)
    assert rows.loc["B", "effective"] == pytest.approx(6.6 * ratio, abs=1e-9)
    assert rows.loc["B", "nearest_minutes"] == pytest.approx(11.76, abs=1e-3)
    assert rows.loc["A", "need"] == 15
    assert rows.loc["B", "within_reach"] == pytest.approx(15 - 6.6 * ratio, abs=1e-9)
    assert rows["out_of_reach"].eq(0).all()
    assert "C" not in rows.index  # counts in the engine, is never returned


def test_larger_areas_are_sums_then_ratios(made):
    at = made[made["standard"] == "one_per_child"].set_index("area_id")
    for column in ("demand", "supply", "need", "effective", "served", "unmet", "gap"):
        assert at.loc["AB", column] == pytest.approx(at.loc[["A", "B"], column].sum())
    assert at.loc["AB", "coverage"] == pytest.approx(100 * 12 / 60)
    assert np.isnan(at.loc["AB", "nearest_minutes"])


def test_unknown_supply_stops_the_engine(complete, village_areas, village_membership, words):
    unknown = complete[
        ~(complete["area_id"].eq("B") & complete["variable"].eq("childcare_places_other"))
    ]
    with pytest.raises(RejectedFile, match=r"unknown in 2020 for 1 areas, such as B") as caught:
        coverages(unknown, village_areas, village_membership, words.services["childcare"], words)
    issue = caught.value.issue
    assert (issue.source_id, issue.column) == ("cnaf_childcare_places", "childcare_places_other")
    assert issue.mend_en == "Add the missing rows: unknown is not zero."


def test_nobody_lives_there_is_not_applicable(complete, village_areas, village_membership, words):
    nobody = complete["area_id"].eq("B") & complete["variable"].eq("children_under_3")
    complete.loc[nobody, "value"] = 0.0
    service = words.services["childcare"]
    made, _ = coverage.coverages(complete, village_areas, village_membership, service, words)
    row = made[(made["area_id"] == "B") & (made["standard"] == "one_per_child")].iloc[0]
    assert row["status"] == "not_applicable"
    assert np.isnan(row["coverage"])
    assert row["need"] == 0
