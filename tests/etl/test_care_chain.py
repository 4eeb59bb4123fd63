"""The care chain of areas, from what the engine found: every state, and the first broken link."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from etl.care_chain import care_chain, links
from geodata.catalogue.nouns import Catalogue
from geodata.model import CareStep, ServiceMode


@pytest.fixture
def few(words: Catalogue) -> Catalogue:
    """Nurseries that people go to, home support over a catchment, a helpline, and a hospital."""
    names = (
        "nursery_school",
        "child_protection_educational_action",
        "child_in_danger_helpline",
        "hospital_short_stay",
    )
    return replace(words, services={name: words.services[name] for name in names})


@pytest.fixture
def areas() -> pd.DataFrame:
    rows = [("commune", x, "territory") for x in "ABCD"] + [("commune", "Z", "edge")]
    return pd.DataFrame(rows, columns=["level", "area_id", "role"])


def coverage(
    standard: str, rows: list[tuple[str, float, float, float, float, float]]
) -> pd.DataFrame:
    columns = ["area_id", "supply", "nearest_minutes", "effective", "need", "p_gap"]
    made = pd.DataFrame(rows, columns=columns)
    gap = made["need"] - made["effective"]
    return made.assign(level="commune", standard=standard, period="2018", gap=gap)


def test_only_what_is_a_link_of_the_chain_is_one(few: Catalogue) -> None:
    found = {link.category: link for link in links(few)}
    assert "hospital_short_stay" not in found  # context: no step of the chain
    assert found["nursery_school"].works is ServiceMode.PLACE
    assert found["nursery_school"].threshold_minutes == 15
    assert found["child_protection_educational_action"].step is CareStep.HOME_SUPPORT


def test_states_and_the_first_broken_link(few: Catalogue, areas: pd.DataFrame) -> None:
    unknown = float("nan")
    tables = {
        "nursery_school": coverage(
            "france_2018",
            [
                ("A", 1, 0, 0.9, 0.5, 0.02),  # certainly enough
                ("B", 0, 12, 0.2, 0.5, 0.97),  # near, and certainly not enough
                ("C", 0, 25, 0.0, 0.5, 1.0),  # too far
                ("D", 0, 9, unknown, unknown, unknown),
            ],
        ),
        "child_protection_educational_action": coverage(
            "france_2018",
            [
                (area, 0, unknown, served, 0.1, 0.5)
                for area, served in zip("ABCD", [0.1, 0.1, 0.1, 0.0], strict=True)
            ],
        ),
    }
    chain, broken = care_chain(tables, areas, few)
    state = chain.set_index(["area_id", "care_step"])["state"].unstack()
    assert state["universal_prevention"].tolist() == [
        "sufficient",
        "saturated",
        "absent",
        "reachable",
    ]
    assert state["home_support"].tolist() == ["present", "present", "present", "absent"]
    assert state["detection"].eq("reachable").all()  # the helpline answers everywhere
    found = broken.set_index("area_id")
    assert found["verdict"].tolist() == ["unknown", "broken", "broken", "broken"]
    assert found["care_step"].tolist()[1:] == [
        "universal_prevention",
        "universal_prevention",
        "home_support",
    ]
    # Nobody described assessment: it is told apart and is no broken link.
    assert found.loc["A", "unknown_before"] == "targeted_prevention"
    assert set(chain["area_id"]) == set("ABCD")


def test_what_the_draws_say_is_certain_only_if_the_gap_agrees(
    few: Catalogue, areas: pd.DataFrame
) -> None:
    rows = [
        ("A", 1, 0, 0.51, 0.5, 0.95),  # nine draws in ten lack places, the figures do not
        ("B", 1, 0, 0.49, 0.5, 0.05),
        ("C", 1, 0, 0.4, 0.5, 0.95),
        ("D", 1, 0, 0.6, 0.5, 0.05),
    ]
    chain, _broken = care_chain({"nursery_school": coverage("france_2018", rows)}, areas, few)
    found = chain[chain["care_step"] == "universal_prevention"].set_index("area_id")["state"]
    assert found.tolist() == ["present", "present", "saturated", "sufficient"]


def test_a_category_that_nothing_feeds_is_unknown(few: Catalogue, areas: pd.DataFrame) -> None:
    chain, broken = care_chain({}, areas, few)
    states = chain.groupby("service")["state"].unique().map(list).to_dict()
    assert states == {
        "nursery_school": ["unknown"],
        "child_protection_educational_action": ["unknown"],
        "child_in_danger_helpline": ["reachable"],
    }
    assert set(broken["verdict"]) == {"unknown"}


def test_a_counter_that_tours_is_no_more_than_in_reach(
    words: Catalogue, areas: pd.DataFrame
) -> None:
    """At its base less than half a day a week: not there, though not absent either."""
    touring = words.services["france_services_itinerant"]
    assert touring.mode is ServiceMode.ITINERANT
    only = replace(words, services={touring.id: touring})
    (link,) = links(only)
    assert touring.week_share < link.least_week_share
    unknown = float("nan")
    table = coverage(
        "france_2024",
        [
            ("A", 1, 0, 0.09, 0.1, 0.5),  # its base
            ("B", 0, 20, 0.02, 0.1, 0.97),  # near its base, and certainly under the standard
            ("C", 0, unknown, 0.0, 0.1, 0.5),  # beyond
            ("D", 0, 9, unknown, unknown, unknown),
        ],
    ).assign(period="2024")
    chain, _ = care_chain({touring.id: table}, areas, only)
    assert chain.set_index("area_id")["state"].tolist() == [
        "reachable",
        "saturated",
        "absent",
        "reachable",
    ]
