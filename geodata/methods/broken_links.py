"""Broken links: the first step of the care chain that an area cannot count on, in words.

A step has the best state of its cells (`care_chain`): one sector that holds is enough. The first
broken link is the first step, in order, whose every sector is absent or saturated. A step that is
unknown, or that no category describes, is never broken; it is told apart.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.methods.care_chain import CODES, STEPS, LinkState, numbers_of


def first_broken_links(table: pd.DataFrame) -> pd.DataFrame:
    """Return the first broken link of each area.

    Args:
        table: as `cells` gives it.

    Returns:
        One row per area, in order: area_id; verdict, `broken`, `holds` (every step does) or
        `unknown` (none is broken, but not every one is known to hold); step, the broken one, None
        if there is none; unknown_before, the first step before it that is unknown or that nobody
        described (before the end, where none is broken), None if there is none.

    Raises:
        ValueError: for a step or a state that is none of the care chain's.

    Nothing is known of prevention; detection, in the hands of two sectors, is absent in one and
    saturated in the other:

    >>> rows = [("A", "detection", "health", "absent"), ("A", "detection", "social", "saturated")]
    >>> table = pd.DataFrame(rows, columns=["area_id", "step", "sector", "state"])
    >>> first_broken_links(table).values.tolist()
    [['A', 'broken', 'detection', 'universal_prevention']]
    """
    row, areas = pd.factorize(table["area_id"])
    column = numbers_of(table["step"], [step.value for step in STEPS])
    state = numbers_of(table["state"], CODES)
    if (column < 0).any() or (state < 0).any():
        raise ValueError("a step or a state is none of those of the care chain")
    best = np.full((len(areas), len(STEPS)), -1, dtype=np.int64)
    np.maximum.at(best, (row, column), state)
    is_broken = (best == LinkState.ABSENT) | (best == LinkState.SATURATED)
    is_unknown = (best == LinkState.UNKNOWN) | (best == -1)
    broken = _first(is_broken)
    unknown = _first(is_unknown & (np.arange(len(STEPS)) < broken[:, np.newaxis]))
    words = np.array([*(step.value for step in STEPS), None], dtype=object)
    verdict = np.where(unknown < len(STEPS), "unknown", "holds")
    return pd.DataFrame(
        {
            "area_id": np.asarray(areas),
            "verdict": np.where(broken < len(STEPS), "broken", verdict),
            "step": pd.Series(words[broken], dtype="object"),
            "unknown_before": pd.Series(words[unknown], dtype="object"),
        }
    )


def broken_link_evidence(table: pd.DataFrame, broken: pd.DataFrame) -> pd.DataFrame:
    """Return the cells that make each area's first broken link, those that do not apply left out.

    Args:
        table: as `cells` gives it. broken: as `first_broken_links` gives it from that table.
    """
    named = broken.loc[broken["verdict"] == "broken", ["area_id", "step"]]
    found = table.merge(named.astype({"step": table["step"].dtype}), on=["area_id", "step"])
    return found[found["state"] != LinkState.NOT_APPLICABLE.code].reset_index(drop=True)


def broken_link_sentence(
    verdict: str,
    step: str | None,
    evidence: Sequence[tuple[str, str, str]],
    words: Callable[..., str],
) -> str:
    """Return one area's first broken link in words.

    Args:
        verdict: of the area. step: the broken one.
        evidence: sector, state and category of each cell of the step, as codes.
        words: text of a key with its values, in one language. Keys: `care_chain.broken` (step,
            links), `care_chain.holds`, `care_chain.unknown`, `care_chain.absent` and
            `care_chain.saturated` (sector, category), `care_chain.separator`, and
            `care_step.<code>`, `sector.<code>`, `category.<code>`.

    >>> texts = {
    ...     "care_chain.broken": "First broken link: {step} ({links}).",
    ...     "care_chain.absent": "{sector}: no {category}", "care_step.detection": "detection",
    ...     "sector.health": "health", "category.clinic": "clinic", "care_chain.separator": "; ",
    ... }
    >>> broken_link_sentence("broken", "detection", [("health", "absent", "clinic")],
    ...                      lambda key, **values: texts[key].format(**values))
    'First broken link: detection (health: no clinic).'
    """
    if verdict != "broken":
        return words(f"care_chain.{verdict}")
    named = [
        words(
            f"care_chain.{state}",
            sector=words(f"sector.{sector}"),
            category=words(f"category.{category}"),
        )
        for sector, state, category in evidence
    ]
    links = words("care_chain.separator").join(named)
    return words("care_chain.broken", step=words(f"care_step.{step}"), links=links)


def _first(is_so: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return the first true position of each row, or the number of columns."""
    found = np.where(is_so.any(axis=1), is_so.argmax(axis=1), is_so.shape[1])
    return np.asarray(found, dtype=np.int64)
