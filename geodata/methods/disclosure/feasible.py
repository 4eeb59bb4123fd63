"""What sums tell of the cells that are withheld: the interval in which each one must lie.

Method: the audit of suppressed tables by linear programming (Geurts, *Heuristics for cell
suppression in tables*, 1992; Hundepool and others, *Handbook on Statistical Disclosure Control*,
chapter 4), solved by HiGHS through scipy. Cells are counts: none is negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

#: Sums that differ by less than this share of them are equal.
TOLERANCE = 1e-9
#: What scipy's linprog answers beside 0, solved.
_INFEASIBLE, _UNBOUNDED = 2, 3
#: A programme over many cells is worth it as long as it shows so many of them to be safe.
_WORTH = 2
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class ContradictionError(ValueError):
    """No cells at all add up to the sums that are published."""


def groups(sums: csr_array) -> Iterator[tuple[Integers, Integers]]:
    """Parts of a system of sums that tell nothing of one another: their sums and their cells.

    Parameters
    ----------
    sums: one row a sum, one column a withheld cell; not zero where the cell is in the sum.

    Yields
    ------
    The rows and the columns of each part, in increasing order. A cell in no sum is in none.

    Examples
    --------
    >>> two = csr_array(np.array([[1, 1, 0, 0], [0, 0, 1, 0]]))
    >>> [(rows.tolist(), cells.tolist()) for rows, cells in groups(two)]
    [([0], [0, 1]), ([1], [2])]
    """
    count = sums.shape[0]
    row, cell = sums.nonzero()
    nodes = count + sums.shape[1]
    links = csr_array((np.ones(len(row)), (row, count + cell)), shape=(nodes, nodes))
    parts, label = connected_components(links, directed=False)
    order = np.argsort(label, kind="stable")
    for part in np.split(order, np.searchsorted(label[order], np.arange(1, parts))):
        rows, cells = part[part < count], part[part >= count] - count
        if len(rows) and len(cells):
            yield rows, cells


def intervals(
    sums: csr_array, totals: Sequence[float] | Floats, cells: Sequence[int] | Integers | None = None
) -> Floats:
    """The least and the greatest value that each withheld cell can have.

    Parameters
    ----------
    sums: one row a sum, one column a withheld cell: 1 where the cell is a part, -1 where it is
        the (withheld) whole.
    totals: what each sum comes to, its published parts taken away.
    cells: the columns asked for; all by default.

    Returns
    -------
    One row a cell asked for: least, greatest (``inf`` when nothing bounds it).

    Raises
    ------
    ContradictionError
        When no cells of zero or more add up to the totals.

    Examples
    --------
    The worked example of Geurts (1992): rows of two cells sum to 7 and 3, columns to 6 and 4.

    >>> table = csr_array(np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]]))
    >>> intervals(table, [7, 3, 6, 4])
    array([[3., 6.],
           [1., 4.],
           [0., 3.],
           [0., 3.]])
    """
    target = np.asarray(totals, dtype="float64")
    asked = range(sums.shape[1]) if cells is None else cells
    made = [
        (_least(sums, target, int(cell))[0], _greatest(sums, target, int(cell))[0])
        for cell in asked
    ]
    return _settled(made, target)


def narrow_intervals(
    sums: csr_array,
    totals: Sequence[float] | Floats,
    cells: Sequence[int] | Integers,
    width: float,
) -> tuple[Integers, Floats]:
    """The cells asked for whose interval is narrower than ``width``, and their intervals.

    The same as :func:`intervals` and much faster: each table of cells that one programme finds
    shows a value of every other cell too, and a cell seen at two values ``width`` apart is safe.

    Raises
    ------
    ContradictionError
        As :func:`intervals`.

    Examples
    --------
    >>> narrow_intervals(csr_array(np.array([[1, 1, 0], [0, 1, 1]])), [3, 20], [0, 1, 2], width=4)
    (array([0, 1, 2]), array([[ 0.,  3.],
           [ 0.,  3.],
           [17., 20.]]))
    """
    target, asked = np.asarray(totals, dtype="float64"), np.asarray(cells)
    enough = width - TOLERANCE * _size(target)
    low, high = _seen(sums, target, asked, enough)
    found: list[int] = []
    made: list[tuple[float, float]] = []
    for cell in map(int, asked):
        ends = []
        for end in (_greatest, _least):
            if high[cell] - low[cell] >= enough:
                break
            value, table = end(sums, target, cell)
            ends.append(value)
            np.minimum(low, table, out=low)
            np.maximum(high, table, out=high)
            high[cell] = max(high[cell], value)
        if high[cell] - low[cell] < enough:
            found.append(cell)
            made.append((ends[1], ends[0]))
    return np.array(found, dtype="int64"), _settled(made, target)


def _seen(sums: csr_array, totals: Floats, asked: Integers, enough: float) -> tuple[Floats, Floats]:
    """The least and greatest values of each cell in tables that make many cells great at once.

    Each table weighs at random the cells not seen ``enough`` apart yet, until few more are.
    """
    low, high = np.full(sums.shape[1], np.inf), np.full(sums.shape[1], -np.inf)
    draw, left, before = np.random.default_rng(0), asked, len(asked) + _WORTH
    while len(left) and before - len(left) >= _WORTH:
        before, aim = len(left), np.zeros(sums.shape[1])
        aim[left] = -draw.random(len(left))
        for sign in (1.0, -1.0):
            table = _table(sums, totals, sign * aim)
            if table is not None:
                np.minimum(low, table, out=low)
                np.maximum(high, table, out=high)
        left = left[high[left] - low[left] < enough]
    return low, high


def _settled(made: Sequence[tuple[float, float]], totals: Floats) -> Floats:
    """The ends of intervals, whole where they miss a whole number by a rounding error."""
    ends = np.array(made, dtype="float64").reshape(-1, 2)
    whole = np.round(ends)
    return np.where(np.isclose(ends, whole, rtol=0, atol=TOLERANCE * _size(totals)), whole, ends)


def _size(totals: Floats) -> float:
    return max(1.0, float(np.abs(totals).max(initial=0.0)))


def _least(sums: csr_array, totals: Floats, cell: int) -> tuple[float, Floats]:
    """The least value of a cell, and a table in which it has it."""
    table = _table(sums, totals, _only(cell, sums))
    assert table is not None, "no cell is negative: there is a least value"
    return float(table[cell]), table


def _greatest(sums: csr_array, totals: Floats, cell: int) -> tuple[float, Floats]:
    """The greatest value of a cell (``inf`` when nothing bounds it), and a table that has it."""
    table = _table(sums, totals, -_only(cell, sums))
    if table is None:
        return np.inf, _least(sums, totals, cell)[1]
    return float(table[cell]), table


def _only(cell: int, sums: csr_array) -> Floats:
    aim = np.zeros(sums.shape[1])
    aim[cell] = 1.0
    return aim


def _table(sums: csr_array, totals: Floats, aim: Floats) -> Floats | None:
    """Cells that add up and whose sum weighed by ``aim`` is the least; None: there is no least."""
    solved = linprog(aim, A_eq=sums, b_eq=totals, bounds=(0, None), method="highs")
    if solved.status == _UNBOUNDED:
        return None
    if solved.status == _INFEASIBLE:
        raise ContradictionError("no cells of zero or more add up to these sums")
    if solved.status != 0:
        raise RuntimeError(f"HiGHS: {solved.message}")
    table: Floats = solved.x
    return table
