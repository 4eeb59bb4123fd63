"""What rounded numbers, rates and ranks tell of counts: sums that lie between two ends.

Formulas: ``domain.md`` 4.3. A rate of d decimals per m persons tells the count itself as soon as
its population is under m 10^d: it must be withheld with the count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, diags_array, vstack

from geodata.methods.disclosure.release_set import Floats, Integers


@dataclass(frozen=True, slots=True)
class Bands:
    """What is told of sums of atoms without being exact: low <= matrix x <= high.

    ``matrix`` is (r, n), one column an atom; an end may be infinite.
    """

    matrix: csr_array
    low: Floats
    high: Floats


def rounded(cells: csr_array, published: npt.ArrayLike, base: int, is_nearest: bool) -> Bands:
    """What counts rounded to ``base`` tell.

    Parameters
    ----------
    cells: (m, n) of 0 and 1. published: (m,) what is shown.
    is_nearest: whether each went to the nearest multiple, or to either of the two beside it.

    Examples
    --------
    >>> told = rounded(csr_array(np.eye(2)), [5, 10], base=5, is_nearest=True)
    >>> told.low.tolist(), told.high.tolist()
    ([3.0, 8.0], [7.0, 12.0])
    """
    shown = np.asarray(published, dtype="float64")
    off = base // 2 if is_nearest else base - 1
    return Bands(csr_array(cells, dtype="float64"), np.maximum(shown - off, 0), shown + off)


def rates(
    cells: csr_array,
    published: npt.ArrayLike,
    populations: npt.ArrayLike,
    per: float,
    decimals: int,
) -> Bands:
    """What rates ``per`` so many persons, shown with so many decimals, tell of their counts.

    Parameters
    ----------
    cells: (m, n) of 0 and 1. published, populations: (m,); the populations are public.
    """
    shown = np.asarray(published, dtype="float64")
    people = np.asarray(populations, dtype="float64") / per
    half = 0.5 * 10.0**-decimals
    low = np.maximum(people * (shown - half), 0)
    return Bands(csr_array(cells, dtype="float64"), low, people * (shown + half))


def ranks(
    cells: csr_array, published: npt.ArrayLike, populations: npt.ArrayLike | None = None
) -> Bands:
    """What ranks tell, the greatest first: which count, or rate where populations are, is more.

    Parameters
    ----------
    cells: (m, n) of 0 and 1. published: (m,) rank of each; equals share one.
    """
    order = np.asarray(published)
    each = csr_array(cells, dtype="float64")
    if populations is not None:
        each = csr_array(diags_array(1 / np.asarray(populations, dtype="float64")) @ each)
    by_rank: Integers = np.argsort(order, kind="stable")
    first, second = by_rank[:-1], by_rank[1:]
    is_tied = order[first] == order[second]
    apart = 1.0 if populations is None else 0.0
    return Bands(
        csr_array(each[first] - each[second]),
        np.where(is_tied, 0.0, apart),
        np.where(is_tied, 0.0, np.inf),
    )


def together(several: Sequence[Bands]) -> Bands:
    """All of these at once."""
    return Bands(
        csr_array(vstack([each.matrix for each in several])),
        np.concatenate([each.low for each in several]),
        np.concatenate([each.high for each in several]),
    )
