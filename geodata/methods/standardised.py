"""Direct standardisation: the rate an area would have if its people were those of a standard.

Two areas of unlike ages are compared by applying each one's rates, age by age, to the same standard
people. It takes events enough: under ten there is no figure. Where there are fewer, compare what
was observed with what the reference's rates make one expect (`comparison.observed_ratio`).

Sources:
    A. J. Dobson et al., "Confidence intervals for weighted sums of Poisson parameters", Statistics
    in Medicine 10 (1991), 457-462; as `calculate_dsr` of PHEindicatormethods 2.1.0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.methods.amounts import FloatArray, amounts, known_amounts
from geodata.methods.poisson import FEW, poisson_interval


@dataclass(frozen=True, eq=False)
class Standardised:
    """Directly standardised rates of n areas; each (n,), NaN where there is none.

    `events` is how many the rate was made of: known also where they are too few for a rate.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    events: FloatArray


def directly_standardised(
    counts: npt.ArrayLike,
    people: npt.ArrayLike,
    weights: npt.ArrayLike,
    per: float,
    level: float = 0.95,
) -> Standardised:
    """Return per * sum_s w_s x_s / n_s / sum_s w_s, with the limits of Dobson.

    Var = sum_s w_s^2 x_s / n_s^2 / (sum_s w_s)^2, and with O = sum_s x_s

        limit = rate + sqrt(Var / O) (Byar's limit of O - O)

    No rate where O is under 10, a cell is unknown, or nobody is in a stratum of the standard.

    Args:
        counts: (n, s) events by stratum (age, say); NaN where unknown.
        people: (n, s) among whom; NaN where unknown.
        weights: (s,) the standard's people by stratum, some of them above 0.
        per: 1000 for a rate per thousand; above 0.
        level: of the interval, in (0, 1).

    Raises:
        ValueError: for amounts that are negative or infinite, shapes that do not match, weights
            that are all 0, or `per` or `level` out of range.

    10 events in 100 young and 40 in 200 old; the standard has three young for each old:
    1000 (3 * 0.1 + 0.2) / 4 = 125. Var = (9 * 0.001 + 0.001) / 16 = 0.000625.

    >>> made = directly_standardised([[10, 40]], [[100, 200]], weights=[3, 1], per=1000)
    >>> made.value.round(9).tolist(), made.low.round(1).tolist(), made.high.round(1).tolist()
    ([125.0], [79.4], [181.3])
    """
    if not (np.isfinite(per) and per > 0):
        raise ValueError(f"per must be finite and above 0, not {per}")
    weight = amounts(weights, "weights")
    x, n = np.asarray(counts, dtype=np.float64), np.asarray(people, dtype=np.float64)
    if x.ndim != 2 or x.shape != n.shape or x.shape[1] != weight.size:
        raise ValueError(
            f"counts and people must be areas by {weight.size} strata, not {x.shape} and {n.shape}"
        )
    if not weight.sum() > 0:
        raise ValueError("weights are all 0: the standard has nobody")
    known_amounts(x.ravel(), "counts")
    known_amounts(n.ravel(), "people")
    used = weight > 0
    x, n, share = x[:, used], n[:, used], weight[used] / weight.sum()
    events = x.sum(axis=1)
    is_rate = (events >= FEW) & (n > 0).all(axis=1)
    share = np.divide(share, n, out=np.full(n.shape, np.nan), where=n > 0)
    rate = np.where(is_rate, (share * x).sum(axis=1), np.nan)
    spread = np.sqrt((share**2 * x).sum(axis=1) / np.where(is_rate, events, np.nan))
    low, high = poisson_interval(events, level)
    return Standardised(
        per * rate,
        per * (rate + spread * (low - events)),
        per * (rate + spread * (high - events)),
        events,
    )
