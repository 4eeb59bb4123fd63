"""Order the areas of a level by several indicators at once, and say how far to trust the order."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geodata.catalogue.nouns import Catalogue, Indicator, Priority
from geodata.methods.priority_order import FEWEST, priority_order
from geodata.model import Status

#: From a 90 % interval to a standard error: twice the 95th centile of the normal distribution.
_NINETY = 2 * 1.6448536269514722


def priorities(
    priority: Priority, observed: pd.DataFrame, areas: pd.DataFrame, catalogue: Catalogue
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables ``priority`` and ``priority_part`` of one priority.

    Parameters
    ----------
    observed: the observations of its indicators, those of the engine with the bounds of the gap
        (:func:`with_gap_bounds`).
    areas: level, area_id, role; neighbours beyond the border are left out, areas that the
        territory is compared with are ranked with it.

    Notes
    -----
    Each indicator is taken at the latest period for which its level has any value, with its
    standard error (:func:`standard_errors`); what is left out, and what the rank intervals come
    from, is told at :func:`geodata.methods.priority_order.priority_order`.
    """
    wholes, parts = [], []
    for level in priority.levels:
        ids = areas.loc[(areas["level"] == level) & (areas["role"] != "edge"), "area_id"]
        latest = _latest(observed[observed["level"] == level], priority)
        if len(ids) < FEWEST or latest.empty:
            continue
        whole, part = _of_level(priority, latest, pd.Index(ids, name="area_id"), catalogue)
        wholes.append(whole.assign(level=level))
        parts.append(part.assign(level=level))
    if not wholes:
        return pd.DataFrame(), pd.DataFrame()
    return (
        pd.concat(wholes, ignore_index=True).assign(priority=priority.id),
        pd.concat(parts, ignore_index=True).assign(priority=priority.id),
    )


def standard_errors(frame: pd.DataFrame, indicator: Indicator) -> pd.Series[float]:
    """The standard error of each observation, in its own unit.

    A share of counted people has the error of a binomial, sqrt(p (1 - p) / n); any other ratio
    that of a Poisson count over a known denominator, per sqrt(count) / denominator, a count below
    one being taken as one. What the engine estimates has that of its 90 % interval. A figure that
    its producer published without an error is taken as exact.
    """
    if indicator.coverage is not None:
        return (frame["gap_high"] - frame["gap_low"]) / _NINETY
    if indicator.method != "ratio":
        return pd.Series(0.0, index=frame.index)
    above, below = frame["numerator"], frame["denominator"].where(frame["denominator"] > 0)
    is_share = indicator.unit.en.startswith("%") & (above <= below)
    share = above / below
    binomial = np.sqrt(share * (1 - share) / below)
    poisson = np.sqrt(above.clip(lower=1)) / below
    error = pd.Series(np.where(is_share, binomial, poisson), index=frame.index)
    return indicator.per * error


def with_gap_bounds(
    observed: pd.DataFrame, coverage: pd.DataFrame, standard: str, per: float
) -> pd.DataFrame:
    """Observations of the engine with the bounds of the gap, in their unit.

    Parameters
    ----------
    coverage: the table ``coverage`` of their service. per: so many people a rate is given for.
    """
    key = ["level", "area_id", "period"]
    table = coverage[coverage["standard"] == standard].set_index(key)
    scale = per / table["demand"].where(table["demand"] > 0)
    bounds = table[["gap_low", "gap_high"]].mul(scale, axis=0)
    return observed.join(bounds, on=key)


def _latest(observed: pd.DataFrame, priority: Priority) -> pd.DataFrame:
    """The observations of the latest period with a value, for each indicator."""
    named = [component.id for component in priority.recipe.components]
    known = observed[observed["indicator"].isin(named)]
    periods = known.dropna(subset="value").groupby("indicator")["period"].max()
    return known[known["period"] == known["indicator"].map(periods)]


def _of_level(
    priority: Priority, latest: pd.DataFrame, ids: pd.Index, catalogue: Catalogue
) -> tuple[pd.DataFrame, pd.DataFrame]:
    names = [component.id for component in priority.recipe.components]
    figures, errors = pd.DataFrame(index=ids), pd.DataFrame(index=ids)
    for name in names:
        frame = latest[latest["indicator"] == name].set_index("area_id").reindex(ids)
        figures[name] = frame["value"].astype("float64")
        error = standard_errors(frame, catalogue.indicators[name])
        errors[name] = error.where(figures[name].isna() | error.notna(), 0.0)
    made = priority_order(figures, errors, priority.recipe, priority.top_share)
    if made is None:
        return pd.DataFrame(), pd.DataFrame()
    whole = made.areas.assign(
        status=np.where(made.areas["rank"].notna(), Status.ESTIMATED.value, Status.MISSING.value),
        ranked=made.ranked,
    )
    for name in ("rank", "rank_low", "rank_high"):
        whole[name] = whole[name].astype("Int64")
    periods = latest.groupby("indicator")["period"].first()
    parts = [
        pd.DataFrame(
            {
                "area_id": ids,
                "indicator": name,
                "period": periods.get(name, ""),
                "value": figures[name].to_numpy(),
                "standard_error": errors[name].to_numpy(),
                "score": made.scores[name].to_numpy(),
                "weight": weight,
                "contribution": made.contributions[name].to_numpy(),
            }
        )
        for name, weight in zip(names, priority.recipe.weights, strict=True)
    ]
    return whole.reset_index(), pd.concat(parts, ignore_index=True)
