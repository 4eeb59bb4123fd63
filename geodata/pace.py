"""How slow the roads of each area are, from the traits that are loaded and what is declared."""

from __future__ import annotations

import pandas as pd

from geodata.catalogue.nouns import Travel


def pace_factors(
    areas: pd.Index, traits: pd.DataFrame, level: str, travel: Travel, is_winter: bool = False
) -> pd.Series[float]:
    """The pace factor of each area, 1 where nothing slows it down; a declared estimate.

    Parameters
    ----------
    areas: the ids of the areas, of ``level``.
    traits: rows of ``area_trait`` (``level``, ``area_id``, ``trait``, ``code``); of several
        periods the last stands. A trait that no row has slows nothing down.
    is_winter: whether the winter factor multiplies the other one.

    Returns
    -------
    float64 on ``areas``. Where several paces hold, their factors multiply.
    """
    factors = pd.Series(1.0, index=areas, name="factor")
    here = traits[traits["level"] == level]
    for pace in travel.paces:
        said = here[here["trait"] == pace.trait]
        code = said.sort_values("period").drop_duplicates("area_id", keep="last")
        slow = code.loc[code["code"].isin(pace.codes), "area_id"]
        factor = pace.factor * (pace.winter_factor if is_winter else 1.0)
        factors[factors.index.isin(slow)] *= factor
    return factors
