"""The audit of an invented caseload, in small: one 31 December, two kinds of measure, no ages."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from geodata.methods.disclosure.audit import audited
from geodata.methods.disclosure.protection import protected
from geodata.methods.disclosure.subtraction import recovered
from tests import audit as campaign


@pytest.fixture(scope="module")
def about():
    whole = campaign.world()
    at_home = whole.measures["kind"].str.contains("home_support")
    kind = at_home.map({True: "at_home", False: "placed"})
    return replace(
        whole,
        measures=whole.measures.assign(kind=kind),
        kinds=("at_home", "placed"),
        ages=(0,),
    )


@pytest.fixture(scope="module")
def known(about):
    return campaign.releases(about, 2025)[-1]


def test_every_area_of_every_level_is_in_it(known, about):
    cells = dict(zip(*np.unique(known.level, return_counts=True), strict=True))
    areas = {level: len(np.unique(group)) for level, group in about.groups.items()}
    assert areas | {about.finest: len(about.areas)} == {k: v / 18 for k, v in cells.items()}
    assert known.values.max() == campaign.counted(about, 2025, campaign.EXTRACTS[-1]).sum()


def test_masks_off_crossing_levels_give_small_counts_away_and_on_they_do_not(known, about):
    inside = np.isin(known.level, campaign.crossing(about))
    attacked = recovered(known, inside & ~known.is_primary)
    assert (attacked & (np.array(known.level) == about.finest)).any()
    masks = protected(known)
    assert not recovered(known, masks.is_told).any()
    found = audited(known, masks.is_told, tables=masks.tables)
    assert found.below == ()
    assert found.narrowest >= 4
    assert found.utility[about.finest].told == 0
    assert all(kept.told for level, kept in found.utility.items() if level != about.finest)


def test_late_entries_revise_counts_between_releases(about):
    sets = campaign.releases(about, 2023)
    assert len(sets) == 3
    changed = [int((a.counts != b.counts).sum()) for a, b in pairwise(sets)]
    assert all(changed)
