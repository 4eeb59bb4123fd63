"""Broken links: which step is the first, what it rests on, and the sentence that says so."""

import numpy as np
import pandas as pd
import pytest

from geodata.methods.broken_links import (
    broken_link_evidence,
    broken_link_sentence,
    first_broken_links,
)
from geodata.methods.care_chain import CODES, STEPS
from geodata.model import Sector

HOLDS = ("reachable", "present", "sufficient")
TEXTS = {
    "fr": {
        "care_chain.broken": "Premier maillon rompu : {step} ({links}).",
        "care_chain.holds": "Aucun maillon rompu.",
        "care_chain.unknown": "Aucun maillon rompu connu.",
        "care_chain.absent": "{sector} : {category}, absent",
        "care_chain.saturated": "{sector} : {category}, saturé",
        "care_chain.separator": " ; ",
        "care_step.detection": "repérage",
        "sector.health": "santé",
        "sector.social": "social",
        "category.clinic": "centre de santé",
        "category.team": "équipe",
    },
    "en": {
        "care_chain.broken": "First broken link: {step} ({links}).",
        "care_chain.holds": "No link is broken.",
        "care_chain.unknown": "No link is known to be broken.",
        "care_chain.absent": "{sector}: no {category}",
        "care_chain.saturated": "{sector}: {category} full",
        "care_chain.separator": "; ",
        "care_step.detection": "detection",
        "sector.health": "health",
        "sector.social": "social services",
        "category.clinic": "clinic",
        "category.team": "team",
    },
}


def table(rows: dict[str, list[tuple[str, str, str]]]) -> pd.DataFrame:
    """Return cells of areas, from step, sector and state."""
    flat = [
        (area, step, sector, state, f"{sector}_{step}")
        for area, cells in rows.items()
        for step, sector, state in cells
    ]
    return pd.DataFrame(flat, columns=["area_id", "step", "sector", "state", "category"])


def chain(*states: str | None) -> list[tuple[str, str, str]]:
    """Return one health cell per step; None where nobody described it."""
    return [
        (step.value, "health", state)
        for step, state in zip(STEPS, states, strict=True)
        if state is not None
    ]


def test_five_areas_by_hand() -> None:
    """Broken at once, broken after an unknown, holding, not known, and nothing applicable."""
    good = ("present",) * 4
    made = first_broken_links(
        table(
            {
                "A": chain("reachable", "absent", "saturated", *good),
                "B": chain("present", "unknown", "saturated", *good),
                "C": chain("sufficient", "not_applicable", "present", *good),
                "D": chain("present", None, "unknown", *good),
                "E": [*chain(*("present",) * 7), ("detection", "social", "absent")],
            }
        )
    )
    assert made.to_numpy().tolist() == [
        ["A", "broken", "targeted_prevention", None],
        ["B", "broken", "detection", "targeted_prevention"],
        ["C", "holds", None, None],
        ["D", "unknown", None, "targeted_prevention"],
        ["E", "holds", None, None],
    ]


def test_one_sector_that_holds_or_is_unknown_keeps_the_step_unbroken() -> None:
    """Every sector must be absent or saturated; what does not apply is left out."""
    for other, expected in (
        ("present", "unknown"),
        ("unknown", "unknown"),
        ("saturated", "broken"),
        ("not_applicable", "broken"),
    ):
        rows = [("detection", "health", "absent"), ("detection", "social", other)]
        made = first_broken_links(table({"A": rows}))
        assert made["verdict"].tolist() == [expected], other


def test_agrees_with_a_slow_reading() -> None:
    """200 areas, a step and a sector at a time; the evidence is what broke it."""
    chance = np.random.default_rng(6)
    rows = {
        f"{area:03d}": [
            (step.value, sector.value, str(chance.choice(CODES)))
            for step in STEPS
            for sector in Sector
            if chance.random() < 0.25
        ]
        for area in range(200)
    }
    rows = {area: cells for area, cells in rows.items() if cells}
    made = first_broken_links(table(rows))
    evidence = broken_link_evidence(table(rows), made)
    verdicts = set()
    for area, verdict, step, before in made.itertuples(index=False):
        unknown = broken = None
        for one in STEPS:
            states = [state for at, _, state in rows[area] if at == one]
            applied = [state for state in states if state != "not_applicable"]
            if applied and all(state in ("absent", "saturated") for state in applied):
                broken = one.value
                break
            described = bool(states) and not ("unknown" in states and not set(states) & set(HOLDS))
            if not described and unknown is None:
                unknown = one.value
        expected = "broken" if broken else "unknown" if unknown else "holds"
        assert (verdict, step, before) == (expected, broken, unknown), area
        verdicts.add(verdict)
        shown = evidence[evidence["area_id"] == area]
        cells = [
            (sector, state)
            for at, sector, state in rows[area]
            if at == broken and state != "not_applicable"
        ]
        assert list(zip(shown["sector"], shown["state"], strict=True)) == cells
    assert verdicts == {"broken", "unknown", "holds"}


def test_words_of_no_care_chain_are_refused() -> None:
    """A step or a state that is none."""
    for row in (("context", "health", "absent"), ("detection", "health", "gone")):
        with pytest.raises(ValueError, match="none of those of the care chain"):
            first_broken_links(table({"A": [row]}))


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "fr",
            "Premier maillon rompu : repérage (santé : centre de santé, absent ; "
            "social : équipe, saturé).",
        ),
        ("en", "First broken link: detection (health: no clinic; social services: team full)."),
    ],
)
def test_the_sentence_in_both_languages(language: str, expected: str) -> None:
    """From texts handed in; and those for an area with none."""

    def words(key: str, **values: str) -> str:
        return TEXTS[language][key].format(**values)

    evidence = [("health", "absent", "clinic"), ("social", "saturated", "team")]
    assert broken_link_sentence("broken", "detection", evidence, words) == expected
    for verdict in ("holds", "unknown"):
        told = broken_link_sentence(verdict, None, [], words)
        assert told == TEXTS[language][f"care_chain.{verdict}"]
