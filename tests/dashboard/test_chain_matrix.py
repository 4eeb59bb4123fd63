"""The matrix of care chains: its order, its counts, and what it says, checked by hand."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.chain_matrix import TALLIES, matrix_of, summary
from dashboard.wording import Words
from geodata.methods.care_chain import CODES, STEPS
from geodata.model import Sector

BROKEN = pd.DataFrame(
    [
        (0, "1", "Zeta", "broken", "detection", None),
        (1, "2", "Étables", "broken", "detection", "targeted_prevention"),
        (2, "3", "Alba", "broken", "placement", None),
        (3, "4", "Beaux", "holds", None, None),
        (4, "5", "Céaux", "unknown", None, "assessment"),
        (5, "6", "Aurec", "broken", "detection", None),
    ],
    columns=["fid", "area_id", "name", "verdict", "care_step", "unknown_before"],
)
CHAINS = pd.DataFrame(
    [
        (area, step, sector, state)
        for area, states in {
            "1": ("absent", "saturated", "unknown"),
            "2": ("absent", "not_applicable", "unknown"),
            "3": ("reachable", "present", "absent"),
            "4": ("sufficient", "sufficient", "present"),
            "5": ("sufficient", "unknown", "unknown"),
            "6": ("saturated", "saturated", "unknown"),
        }.items()
        for (step, sector), state in zip(
            [("detection", "social"), ("detection", "health"), ("placement", "social")],
            states,
            strict=True,
        )
    ],
    columns=["area_id", "care_step", "sector", "state"],
)


def test_the_earliest_and_surest_broken_link_comes_first_then_what_nobody_knows():
    names = [line.name for line in matrix_of(BROKEN, CHAINS).lines]
    assert names == ["Aurec", "Zeta", "Étables", "Alba", "Céaux", "Beaux"]


def test_a_step_that_nobody_described_has_a_column_and_no_state():
    columns = matrix_of(BROKEN, CHAINS).columns
    assert [column.step for column in columns] == sorted(
        [*STEPS, "detection"], key=list(STEPS).index
    )
    assert [column.link for column in columns if column.sector] == [
        *("detection.social", "detection.health", "placement.social"),
    ]
    only = matrix_of(BROKEN, CHAINS, "health")
    assert [column.link for column in only.columns] == ["detection.health"]


def test_the_foot_counts_every_area_once():
    tallies = [tally for tally in matrix_of(BROKEN, CHAINS).tallies if tally]
    assert [dict(tally) for tally in tallies] == [
        {"broken": 3, "there": 1, "sufficient": 2},
        {"broken": 2, "there": 1, "sufficient": 1, "unknown": 1, "not_applicable": 1},
        {"broken": 1, "there": 1, "unknown": 4},
    ]


def test_what_is_to_be_remembered_is_counted_from_the_data():
    said = summary(Words("en"), matrix_of(BROKEN, CHAINS), "areas")
    assert said == [
        "In 4 of 6 areas a link is broken; the first: detection (3), placement (1).",
        "In one case of 6 (areas) no step is broken among those that are known; the first step "
        "that is not known: assessment (1).",
        "In one case of 6 (areas) the whole chain holds.",
        "The state of 13 links of 18 is known; the others need a file that is not loaded.",
    ]


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from(CODES), min_size=2, max_size=2), min_size=1, max_size=20))
def test_each_column_adds_up_to_the_areas_whatever_the_states(states):
    pairs = [("detection", Sector.SOCIAL), ("placement", Sector.HEALTH)]
    rows = [
        (str(area), *pair, state)
        for area, own in enumerate(states)
        for pair, state in zip(pairs, own, strict=True)
    ]
    chains = pd.DataFrame(rows, columns=CHAINS.columns)
    broken = pd.DataFrame(
        [(n, str(n), f"area {n}", "holds", None, None) for n in range(len(states))],
        columns=BROKEN.columns,
    )
    made = matrix_of(broken, chains)
    assert all(
        tally.total() == (len(states) if column.sector else 0)
        for column, tally in zip(made.columns, made.tallies, strict=True)
    )
    assert {name for tally in made.tallies for name in tally} <= set(TALLIES)
