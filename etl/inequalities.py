"""How unequal the areas of a level are, and whether it goes with deprivation: ``inequality``."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.statistics import CONFIDENCE
from geodata.catalogue.nouns import Catalogue, Indicator
from geodata.methods.amounts import FloatArray
from geodata.methods.inequality import concentration, gini
from geodata.methods.slope_index import slope_index, standard_errors
from geodata.model import Chance, Direction

COLUMNS = ["indicator", "level", "period", "measure", "value", "low", "high", "areas"]
#: With fewer areas that have all it takes, a level is not measured.
LEAST_AREAS = 10
#: How often figures are drawn for the limits of the relative index, and from which seed.
DRAWS, SEED = 10_000, 1
#: The kind of indicators that tell how well people are provided for.
_COVERAGE = "coverage"


def is_measured(indicator: Indicator, catalogue: Catalogue) -> bool:
    """Whether an indicator is asked how unequal it is: a coverage, or what chance can be told of.

    Not what ranks the areas itself, and not what may be below 0.
    """
    if indicator.id in catalogue.territory.deprivation or indicator.is_signed:
        return False
    return indicator.kind == _COVERAGE or indicator.chance is not Chance.NONE


def inequalities(
    observed: pd.DataFrame,
    indicator: Indicator,
    ranked_by: Mapping[Indicator, pd.DataFrame],
    areas: pd.DataFrame,
) -> pd.DataFrame:
    """The table ``inequality`` of one indicator, for every level and period.

    Parameters
    ----------
    observed: its observations. ranked_by: the indicators of deprivation, the first that a level has
        being used at its latest period, with their observations. areas: level, area_id,
        legal_population.

    Returns
    -------
    Measures ``gini`` and ``concentration`` of a coverage (the index below 0: the less deprived have
    more), ``sii`` and ``rii`` of all: the figure at the most deprived end less that at the least
    deprived, and the ratio of the two. Areas count by their people: the denominator, else the legal
    population. Areas without a value, published as such, are left out; ``areas`` says how many
    are in.
    """
    made: list[dict[str, object]] = []
    for level, rows in observed[observed["value"].notna()].groupby("level", sort=False):
        here = areas[areas["level"] == level]
        ids = pd.Index(here["area_id"], dtype=object)
        place = ids.get_indexer(pd.Index(rows["area_id"], dtype=object))
        known = rows.assign(
            people=_people(rows, here, place), rank=_deprivation(str(level), ids, ranked_by)[place]
        )
        for period, frame in known.groupby("period", sort=False):
            for row in _measures(frame, indicator):
                made.append({"level": level, "period": period, **row})
    if not made:
        return pd.DataFrame(columns=COLUMNS)
    return pd.DataFrame(made).assign(indicator=indicator.id)[COLUMNS]


def _deprivation(
    level: str, ids: pd.Index, ranked_by: Mapping[Indicator, pd.DataFrame]
) -> FloatArray:
    """How deprived each area of a level is, the most deprived the highest; NaN where unknown."""
    made = np.full(len(ids) + 1, np.nan)  # the last one: an area that is not there
    for indicator, observed in ranked_by.items():
        known = observed[observed["value"].notna() & observed["level"].eq(level)]
        latest = known[known["period"] == known["period"].max()]
        if len(latest) >= LEAST_AREAS:
            sign = -1.0 if indicator.direction is Direction.BETTER else 1.0
            at = ids.get_indexer(pd.Index(latest["area_id"], dtype=object))
            made[at] = sign * latest["value"].to_numpy(dtype="float64")
            made[-1] = np.nan
            break
    return made


def _people(rows: pd.DataFrame, areas: pd.DataFrame, place: npt.NDArray[np.intp]) -> FloatArray:
    """How many people each area counts for; none where it is not known."""
    by_law = areas["legal_population"].astype("Float64").to_numpy("float64", na_value=0.0)
    counted = rows["denominator"].to_numpy(dtype="float64")
    people: FloatArray = np.where(np.isfinite(counted), counted, np.append(by_law, 0.0)[place])
    return people


def _measures(known: pd.DataFrame, indicator: Indicator) -> list[dict[str, object]]:
    """The rows of one level and period. ``known``: value, people, rank, low, high."""
    values, people, rank = (
        known[name].to_numpy(dtype="float64") for name in ("value", "people", "rank")
    )
    made: list[dict[str, object]] = []
    is_coverage = indicator.kind == _COVERAGE
    if is_coverage and (people > 0).sum() >= LEAST_AREAS:
        made.append(_row("gini", gini(values, people), int((people > 0).sum())))
    ranked = int(((people > 0) & np.isfinite(rank)).sum())
    if ranked >= LEAST_AREAS:
        if is_coverage:
            made.append(_row("concentration", concentration(values, rank, people).index, ranked))
        errors = None
        if indicator.chance is not Chance.NONE:
            low, high = (known[name].to_numpy(dtype="float64") for name in ("low", "high"))
            errors = standard_errors(low, high, level=CONFIDENCE)
        slope = slope_index(values, people, rank, errors, level=CONFIDENCE, draws=DRAWS, seed=SEED)
        made.append(_row("sii", slope.sii, slope.areas, slope.sii_low, slope.sii_high))
        made.append(_row("rii", slope.rii, slope.areas, slope.rii_low, slope.rii_high))
    return [row for row in made if np.isfinite(float(str(row["value"])))]


def _row(
    measure: str, value: float, areas: int, low: float = np.nan, high: float = np.nan
) -> dict[str, object]:
    return {"measure": measure, "value": value, "low": low, "high": high, "areas": areas}


def parameters(indicator: Indicator, catalogue: Catalogue) -> dict[str, object]:
    """How inequality is measured, for the lineage of an indicator."""
    if not is_measured(indicator, catalogue):
        return {}
    return {
        "inequality_ranked_by": catalogue.territory.deprivation,
        "inequality_least_areas": LEAST_AREAS,
        "inequality_draws": DRAWS,
        "inequality_seed": SEED,
    }
