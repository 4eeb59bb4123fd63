"""Certainty: the interval of a gap in words, and whether what it says is sure."""

from __future__ import annotations

import math

from dashboard.wording import Words
from geodata.methods.uncertainty import is_certain
from geodata.model import Status


def verdict(gap: float, p_gap: float, status: str) -> str:
    """Whether places are missing for sure: shortage, surplus or unsure; a silence has its status.

    ``gap`` is the places that are missing (below 0: too many), ``p_gap`` the probability that
    some are, ``status`` that of the area's row. A gap without draws, and one that the draws
    contradict, are unsure.
    """
    if status == Status.NOT_APPLICABLE:
        return status
    if math.isnan(gap):
        return silence(status)
    if math.isnan(p_gap) or not is_certain([p_gap])[0]:
        return "unsure"
    if p_gap > 0.5:
        return "shortage" if gap > 0 else "unsure"
    return "surplus" if gap < 0 else "unsure"


def verdict_words(words: Words, gap: float, p_gap: float, status: str) -> str:
    """The verdict as it is written: "manque certain", "incertain"... or the word of the silence."""
    found = verdict(gap, p_gap, status)
    return words(f"silence.{found}" if found in set(Status) else f"certainty.{found}")


def interval_words(words: Words, low: float, high: float, status: str, decimals: int = 1) -> str:
    """The two bounds with their signs, "−83,2 à −46,9", or the word of the silence."""
    if math.isnan(low) or math.isnan(high):
        return words(f"silence.{silence(status)}")
    return words(
        "certainty.interval", low=words.signed(low, decimals), high=words.signed(high, decimals)
    )


def silence(status: str) -> str:
    """Why a row of this status has no number in one place: its own silence, else it is missing."""
    return Status.MISSING if Status(status).has_value else status
