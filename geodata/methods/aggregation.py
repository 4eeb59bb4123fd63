"""Aggregation: larger areas from their parts, and how far that is from what was published."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geodata.methods.amounts import FloatArray
from geodata.methods.rates import (
    checked_figures,
    combined_status,
    severity,
    status_of_severity,
)


def sum_over_parts(frame: pd.DataFrame, membership: pd.DataFrame) -> pd.DataFrame:
    """Return the sum of each parent's parts, where every part has a value.

    A sum with a hole in it would read as a smaller total: where any part has no value there is
    none for the parent either, and its status is that of the worst part. A part that `frame`
    does not know is missing. Areas of `frame` that are no parent's part are not in any sum.

    Args:
        frame: columns `value` and `status`, indexed by area, each once.
        membership: columns `area_id` and `parent_id`, of one parent level: each area once.

    Returns:
        Indexed by parent_id in sorted order: `value`, `status` (combined over the parts),
        `parts` (how many have a value) and `parts_expected` (how many there are).

    Raises:
        ValueError: if an area is twice in `frame` or `membership`, an identifier is lacking, or
            a value and its status disagree.

    Three villages in two valleys, the third of which withholds its number:

    >>> places = pd.DataFrame(
    ...     {"value": [30, 12, None], "status": ["observed", "estimated", "suppressed"]},
    ...     index=["A", "B", "C"],
    ... )
    >>> valleys = pd.DataFrame(
    ...     {"area_id": ["A", "B", "C"], "parent_id": ["north", "north", "south"]}
    ... )
    >>> sum_over_parts(places, valleys)
               value      status  parts  parts_expected
    parent_id
    north       42.0   estimated      2               2
    south        NaN  suppressed      0               1
    """
    if not frame.index.is_unique:
        twice = frame.index[frame.index.duplicated()].unique()
        raise ValueError(f"frame has areas more than once: {list(twice[:5])}")
    if membership[["area_id", "parent_id"]].isna().any(axis=None):
        raise ValueError("membership has rows without an area_id or a parent_id")
    if membership["area_id"].duplicated().any():
        repeated = membership.loc[membership["area_id"].duplicated(), "area_id"].unique()
        raise ValueError(
            f"membership has areas more than once: {list(repeated[:5])}; keep one parent level"
        )
    figures = checked_figures(frame, "frame").reindex(membership["area_id"])
    parents, group = np.unique(membership["parent_id"].to_numpy(dtype=object), return_inverse=True)
    table = sums_over_parts(
        figures["value"].to_numpy()[np.newaxis],
        severity(figures["status"].fillna("missing"))[np.newaxis],
        group,
        len(parents),
    )
    index = pd.Index(parents, name="parent_id", dtype="str")
    return pd.DataFrame(
        {
            "value": table.value[0],
            "status": status_of_severity(table.severity[0], index),
            "parts": table.parts[0],
            "parts_expected": table.parts_expected,
        },
        index=index,
    )


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums of parts, one row a series, one column a parent.

    Attributes:
        value: (s, g) sums; NaN where any part has no value.
        severity: (s, g) that of the worst part, a position in `STATUS_PRECEDENCE`.
        parts: (s, g) how many parts have a value. parts_expected: (g,) how many there are.
    """

    value: FloatArray
    severity: npt.NDArray[np.int64]
    parts: npt.NDArray[np.int64]
    parts_expected: npt.NDArray[np.int64]


def sums_over_parts(
    value: FloatArray,
    severity: npt.NDArray[np.int64],
    group: npt.NDArray[np.int64],
    groups: int,
) -> Sums:
    """Return what `sum_over_parts` returns, for many series of the same areas at once.

    Args:
        value: (s, n) float64, NaN where there is none. severity: (s, n), as `rates.severity`.
        group: (n,) the parent of each area, 0 to groups - 1.
        groups: how many parents there are.

    Two years of three villages, the third of which withholds its number the second year:

    >>> years = np.array([[30.0, 12.0, 5.0], [31.0, 12.0, np.nan]])
    >>> worst = np.array([[0, 1, 0], [0, 1, 5]])
    >>> made = sums_over_parts(years, worst, np.array([0, 0, 1]), 2)
    >>> made.value.tolist(), made.severity.tolist(), made.parts.tolist()
    ([[42.0, 5.0], [43.0, nan]], [[1, 0], [1, 5]], [[2, 1], [2, 0]])
    """
    rows = np.arange(len(value))[:, np.newaxis]
    shape = (len(value), groups)
    place = (rows * groups + group).ravel()
    known = ~np.isnan(value)
    total = np.bincount(place, np.where(known, value, 0.0).ravel(), minlength=np.prod(shape))
    parts = np.bincount(place, known.ravel(), minlength=np.prod(shape)).astype(np.int64)
    worst = np.zeros(np.prod(shape), dtype=np.int64)
    np.maximum.at(worst, place, severity.ravel())
    expected = np.bincount(group, minlength=groups).astype(np.int64)
    counts = parts.reshape(shape)
    sums = np.where(counts == expected, total.reshape(shape), np.nan)
    return Sums(sums, worst.reshape(shape), counts, expected)


def reconciliation(parts_sum: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Return how far sums of parts are from the figures published for the same areas.

    Published totals often differ from the sum of their parts (rounding, secrecy, cases without a
    commune). Neither is corrected: the difference is shown.

    Args:
        parts_sum: columns `value` and `status`, indexed by area (as `sum_over_parts` gives it).
        published: likewise. An area on one side only is missing on the other.

    Returns:
        Indexed by area in sorted order: `parts_sum`, `published`, `difference` (the sum less the
        published), `difference_percent` (of the published; NaN where that is 0) and `status`
        (combined over the two).

    Raises:
        ValueError: if an area is twice on a side, or a value and its status disagree.

    >>> communes = pd.DataFrame({"value": [48], "status": ["observed"]}, ["north"])
    >>> valley = pd.DataFrame({"value": [50], "status": ["observed"]}, ["north"])
    >>> reconciliation(communes, valley)
           parts_sum  published  difference  difference_percent    status
    north       48.0       50.0        -2.0                -4.0  observed
    """
    for name, side in (("parts_sum", parts_sum), ("published", published)):
        if not side.index.is_unique:
            twice = side.index[side.index.duplicated()].unique()
            raise ValueError(f"{name} has areas more than once: {list(twice[:5])}")
    areas = parts_sum.index.union(published.index).sort_values()
    ours = checked_figures(parts_sum, "parts_sum").reindex(areas)
    theirs = checked_figures(published, "published").reindex(areas)
    difference = ours["value"] - theirs["value"]
    total = theirs["value"].abs()
    return pd.DataFrame(
        {
            "parts_sum": ours["value"],
            "published": theirs["value"],
            "difference": difference,
            "difference_percent": 100 * difference / total.mask(total == 0),
            "status": combined_status(
                ours["status"].fillna("missing"), theirs["status"].fillna("missing")
            ),
        }
    )
