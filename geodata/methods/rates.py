"""Rates: so many per so many, with the reason where there is none."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

STATUS_PRECEDENCE: Final = (
    "observed",
    "estimated",
    "imputed",
    "not_applicable",
    "missing",
    "suppressed",
)
"""Statuses from the surest to the one that settles the matter.

What is made of several figures is no surer than the least sure of them. Suppressed comes last:
a figure withheld for secrecy leaves everything made with it withheld, and the reader must not be
told that it merely lacks. Missing comes before not applicable, since what is unknown might have
been the part that applies.
"""

VALUELESS_STATUSES: Final = ("not_applicable", "missing", "suppressed")
"""The statuses under which there is no value (NaN)."""


def severity(status: pd.Series) -> npt.NDArray[np.int64]:
    """Return each status's position in `STATUS_PRECEDENCE`.

    Raises:
        ValueError: for a word that is no status, or none at all.
    """
    position = pd.Index(STATUS_PRECEDENCE).get_indexer(pd.Index(status))
    if (position < 0).any():
        unknown = status[position < 0].unique()
        raise ValueError(f"not a status: {list(unknown[:5])}; known are {STATUS_PRECEDENCE}")
    return np.asarray(position, dtype=np.int64)


def status_of_severity(position: npt.NDArray[np.int64], index: pd.Index) -> pd.Series:
    """Return the statuses at these positions of `STATUS_PRECEDENCE`, on `index`."""
    return pd.Series(np.array(STATUS_PRECEDENCE)[position], index=index, name="status", dtype="str")


def combined_status(*statuses: pd.Series) -> pd.Series:
    """Return, row by row, the status of what is made of figures with these statuses.

    Any suppressed makes it suppressed; else any missing, missing; else any not applicable, not
    applicable; else imputed, estimated, observed in turn (`STATUS_PRECEDENCE`).

    Args:
        statuses: one or more series of status words, all on the same index.

    Raises:
        ValueError: for no series, a word that is no status, or differing indexes.

    >>> births = pd.Series(["observed", "observed", "missing"])
    >>> places = pd.Series(["estimated", "suppressed", "suppressed"])
    >>> combined_status(births, places).tolist()
    ['estimated', 'suppressed', 'suppressed']
    """
    if not statuses:
        raise ValueError("combined_status needs at least one series")
    index = statuses[0].index
    if not all(index.equals(status.index) for status in statuses[1:]):
        raise ValueError("the statuses must all be on the same index, in the same order")
    return status_of_severity(np.max([severity(status) for status in statuses], axis=0), index)


def checked_figures(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the `value` (float64) and `status` columns of `frame`, found to agree.

    Raises:
        ValueError: where there is a value under a valueless status (a withheld figure would
            leak), none under another (a hole would pass for a figure), or an infinite one.
    """
    value, status = frame["value"].astype("float64"), frame["status"]
    has_value = severity(status) < STATUS_PRECEDENCE.index("not_applicable")
    disagreeing = value.notna().to_numpy() != has_value
    if disagreeing.any():
        first = int(np.flatnonzero(disagreeing)[0])
        raise ValueError(
            f"{name}: {int(disagreeing.sum())} row(s) whose value and status disagree, the first "
            f"at {frame.index[first]!r} (value {value.iloc[first]}, {status.iloc[first]})"
        )
    if np.isinf(value).any():
        raise ValueError(f"{name} has an infinite value")
    return pd.DataFrame({"value": value, "status": status})


def rate(numerator: pd.DataFrame, denominator: pd.DataFrame, per: float) -> pd.DataFrame:
    """Return per * numerator / denominator, and where there is none, why not.

    Args:
        numerator: columns `value` and `status`, one row per area.
        denominator: likewise, on the same index; values at least 0.
        per: 100 for a percentage, 1000 for a rate per thousand; above 0.

    Returns:
        Columns `value` and `status`. The status is the combined one of the two; a denominator of
        0 makes it not applicable, unless the numerator is missing or suppressed.

    Raises:
        ValueError: if indexes differ, values and statuses disagree, a denominator is negative or
            `per` is out of range.

    Three villages, 5 families in 50, none in a village without any, and a withheld number in 40:

    >>> families = {"value": [5, 0, None], "status": ["observed", "observed", "suppressed"]}
    >>> people = {"value": [50, 0, 40], "status": ["estimated", "observed", "observed"]}
    >>> rate(pd.DataFrame(families), pd.DataFrame(people), per=100)
       value          status
    0   10.0       estimated
    1    NaN  not_applicable
    2    NaN      suppressed
    """
    if not (np.isfinite(per) and per > 0):
        raise ValueError(f"per must be finite and above 0, not {per}")
    if not numerator.index.equals(denominator.index):
        raise ValueError("numerator and denominator must be on the same index, in the same order")
    above = checked_figures(numerator, "numerator")
    below = checked_figures(denominator, "denominator")
    if (below["value"] < 0).any():
        raise ValueError("denominator has negative values")
    is_zero = below["value"] == 0
    divisible = below["status"].mask(is_zero, "not_applicable")
    value = per * above["value"] / below["value"].mask(is_zero)
    return pd.DataFrame({"value": value, "status": combined_status(above["status"], divisible)})
