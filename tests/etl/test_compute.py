import pandas as pd
import pytest

from etl import compute, figures
from etl.coverage import coverages
from etl.scene import scene


def observed(figures, reach, areas, words):
    """Every indicator's observations."""
    made = [
        compute.observations(i, reach if i.method == "coverage" else figures, areas, words)
        for i in words.indicators.values()
    ]
    return pd.concat(made, ignore_index=True)


@pytest.fixture
def made(village_figures, village_areas, village_membership, words):
    derived = figures.derived_figures(village_figures, words)
    published = pd.concat([village_figures, derived], ignore_index=True)
    sums = figures.sums_of_parts(published, figures.parts_of(village_membership), words)
    complete = figures.completed_figures(published, sums)
    service = words.services["childcare"]
    reach, _ = coverages(complete, service, words, scene(village_areas, village_membership, words))
    return observed(complete, reach, village_areas, words)


def row(frame, indicator, level, area_id, period="2020"):
    key = {"indicator": indicator, "level": level, "area_id": area_id, "period": period}
    for name, wanted in key.items():
        frame = frame[frame[name] == wanted]
    (found,) = frame.to_dict("records")
    return found


def test_raw_coverage_by_hand(made):
    # A: 12 places for 30 children. AB: no published value, so the sum: 12 places for 60 children.
    assert row(made, "childcare_raw_coverage", "commune", "A")["value"] == 40
    assert row(made, "childcare_raw_coverage", "commune", "B")["value"] == 0
    assert row(made, "childcare_raw_coverage", "epci", "AB")["value"] == 20
    # The département keeps its own: 3 x 10 places for 60 children.
    assert row(made, "childcare_raw_coverage", "departement", "43")["value"] == 50


def test_the_country_is_a_ratio_of_sums_and_says_of_how_many(made):
    found = row(made, "childcare_raw_coverage", "country", "FR")
    assert (found["numerator"], found["denominator"]) == (150, 300)
    assert (found["value"], found["status"]) == (50, "estimated")
    assert (found["parts"], found["parts_expected"]) == (2, 2)


def test_edges_are_never_observed(made):
    assert "C" not in set(made["area_id"])


def test_an_indicator_without_figures_has_no_rows(made):
    assert "poverty_rate" not in set(made["indicator"])


def test_a_denominator_of_another_vintage_makes_an_estimate(
    village_figures, village_areas, village_membership, words
):
    census = pd.DataFrame(
        {
            "variable": "active_15_64",
            "level": "commune",
            "area_id": ["A", "B"],
            "period": "2022",
            "value": [50.0, 0.0],
            "status": "observed",
            "source_id": "invented",
        }
    )
    seekers = pd.concat(
        census.assign(variable="job_seekers", period=period, value=5.0)
        for period in ("2012", "2022")
    )
    both = pd.concat([village_figures, census, seekers], ignore_index=True)
    derived = figures.derived_figures(both, words)
    both = pd.concat([both, derived], ignore_index=True)
    parts = figures.parts_of(village_membership)
    both = figures.completed_figures(both, figures.sums_of_parts(both, parts, words))
    service = words.services["childcare"]
    reach, _ = coverages(both, service, words, scene(village_areas, village_membership, words))
    made = observed(both, reach, village_areas, words)
    then = row(made, "job_seeker_rate", "commune", "A", "2012")
    now = row(made, "job_seeker_rate", "commune", "A", "2022")
    assert (then["value"], then["status"]) == (10, "estimated")
    assert (now["value"], now["status"]) == (10, "observed")
    nobody = row(made, "job_seeker_rate", "commune", "B", "2022")
    assert nobody["status"] == "not_applicable"
    assert nobody["value"] != nobody["value"]


def test_every_indicator_has_a_lineage(words):
    how = {"travel": "straight_line", "travel_error": 0.3, "detour_factor": 1.4, "speed_kmh": 50.0}
    told = compute.lineages(words, words.territory.sources, how)
    assert set(told["indicator"]) == set(words.indicators)
    engine = told.set_index("indicator").loc["childcare_effective_coverage"]
    assert '"detour_factor": 1.4' in engine["parameters"]
    assert engine["source_ids"] == "cnaf_childcare_places,insee_births"


def test_a_country_where_nobody_is_has_no_ratio(words):
    indicator = words.indicators["childcare_raw_coverage"]
    parts = pd.DataFrame(
        {
            "period": "2020",
            "numerator": [0.0, 5.0],
            "denominator": [0.0, 0.0],
            "status": "observed",
        }
    )
    assert compute._country(indicator, parts, words).empty
