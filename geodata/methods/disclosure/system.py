"""What is told, as a system of sums over the counts that nobody can tell apart.

Atoms that are in the same told cells are one class: a reader learns of their sum and of nothing
within it. A table is one value of 0 or more a class; it is possible when it adds up to all that is
told. Every interval is found among possible tables, by linear programming (HiGHS through scipy).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array, csr_array, vstack

from geodata.methods.disclosure.bands import Bands
from geodata.methods.disclosure.feasible import ContradictionError
from geodata.methods.disclosure.release_set import Booleans, Floats, Integers, kinds

#: What HiGHS may leave of a sum that should be met.
TOLERANCE = 1e-6
#: What scipy's milp answers beside 0, solved.
_INFEASIBLE, _UNBOUNDED = 2, 3


@dataclass(frozen=True, eq=False)
class System:
    """Classes of atoms, and the sums over them that are told.

    Attributes
    ----------
    matrix: (r, t) sums over classes, each different from the others.
    low, high: (r,) what each sum lies between; equal where it is told exactly.
    of: (n,) class of each atom; -1 where it is known to be 0.
    truth: (t,) true value of each class.
    row_of: (m,) the sum that each told cell is; -1 for a told 0.
    """

    matrix: csr_array
    low: Floats
    high: Floats
    of: Integers
    truth: Floats
    row_of: Integers

    @cached_property
    def is_free(self) -> Booleans:
        """(t,) classes in no sum: nothing bounds them from above."""
        return np.asarray(np.bincount(self.matrix.indices, minlength=len(self.truth)) == 0)

    @cached_property
    def sizes(self) -> Integers:
        """(t,) how many atoms each class has."""
        return np.bincount(self.of[self.of >= 0], minlength=len(self.truth))

    def reach(self, cells: csr_array) -> tuple[csr_array, csr_array]:
        """The classes that each cell meets, and those it holds whole: both (m, t) of 0 and 1.

        A cell is at most the sum of what it meets and at least the sum of what it holds.
        """
        atoms = np.flatnonzero(self.of >= 0)
        shape = (len(self.of), len(self.truth))
        to = csr_array((np.ones(len(atoms)), (atoms, self.of[atoms])), shape=shape)
        met = csr_array(cells @ to)
        held = met.copy()
        held.data = (met.data == self.sizes[met.indices]).astype("float64")
        held.eliminate_zeros()
        met.data = np.ones(len(met.data))
        return met, held

    @cached_property
    def first_atoms(self) -> Integers:
        """(t,) the first atom of each class."""
        named, atom = np.unique(self.of, return_index=True)
        return atom[named >= 0]

    def narrowed(self, tables: csr_array) -> Floats:
        """Tables of atoms (r, n) as tables of classes (r, t).

        One that is not 0 where this system knows a 0 becomes not a number, thus impossible.
        """
        atoms = np.flatnonzero(self.of >= 0)
        shape = (len(self.of), len(self.truth))
        made = (tables @ csr_array((np.ones(len(atoms)), (atoms, self.of[atoms])), shape)).toarray()
        outside = tables @ (self.of < 0).astype("float64")
        made[outside > TOLERANCE] = np.nan
        return np.asarray(made)

    def allows(self, tables: Floats) -> Booleans:
        """Which tables of classes (r, t) are possible, to :data:`TOLERANCE` of each sum."""
        sums = tables @ self.matrix.T
        room = TOLERANCE * np.maximum(1.0, np.abs(np.where(np.isfinite(self.high), self.high, 1.0)))
        fits = (sums >= self.low - room) & (sums <= self.high + room)
        return np.asarray(fits.all(axis=1) & (tables >= -TOLERANCE).all(axis=1))

    def table(self, weights: Floats, least: Floats | None = None) -> Floats | None:
        """A possible table whose weighed sum is the greatest; None when there is no greatest.

        Parameters
        ----------
        weights: (t,) of each class.
        least: (t,) the least that each class may be; 0 by default.

        Raises
        ------
        ContradictionError
            When no table is possible.
        """
        if not len(weights):
            return np.zeros(0)
        floor = 0.0 if least is None else least
        rows = LinearConstraint(self.matrix, self.low, self.high)
        found = milp(-weights, constraints=rows, bounds=Bounds(floor, np.inf))
        return solved(found)


def solved(found: object) -> Floats | None:
    """The solution that scipy's milp found; None when the aim is unbounded."""
    status, x = found.status, found.x  # type: ignore[attr-defined]
    if status == _INFEASIBLE:
        raise ContradictionError("no counts of zero or more agree with what is told")
    if status == _UNBOUNDED:
        return None
    if status != 0:
        raise RuntimeError(f"HiGHS: {found.message}")  # type: ignore[attr-defined]
    table: Floats = np.maximum(x, 0.0)
    return table


def system(
    cells: csr_array,
    counts: Integers,
    bands: Bands | None = None,
    may_withhold: Booleans | None = None,
) -> System:
    """What cells told exactly, and bands beside them, tell of the atoms.

    Parameters
    ----------
    cells: (m, n) of 0 and 1; counts: (n,).
    may_withhold: (m,) cells of which it is not decided yet: a 0 among them settles nothing.

    Examples
    --------
    Two of three counts are told by their sum alone, so that nobody can tell them apart:

    >>> told = csr_array(np.array([[1, 1, 0], [1, 1, 1]]))
    >>> made = system(told, np.array([2, 3, 4]))
    >>> bool(made.of[0] == made.of[1] != made.of[2]), sorted(made.truth.tolist())
    (True, [4.0, 5.0])
    """
    rows = csr_array(cells, dtype="float64")
    values = rows @ counts
    settled = values == 0 if may_withhold is None else (values == 0) & ~may_withhold
    left = np.ones(rows.shape[1], dtype=bool)
    left[rows[settled].indices] = False
    row_of = np.full(len(values), -1, dtype="int64")
    low = high = values[~settled].astype("float64")
    rows = rows[~settled]
    if bands is not None:
        rows = csr_array(vstack([rows, bands.matrix]), dtype="float64")
        low, high = np.concatenate([low, bands.low]), np.concatenate([high, bands.high])
    columns = csc_array(rows)[:, left]
    kind = kinds(csr_array(columns.T))
    _, first = np.unique(kind, return_index=True)
    matrix = csr_array(columns[:, first])
    matrix.sort_indices()
    of = np.full(len(counts), -1, dtype="int64")
    of[left] = kind
    truth = np.bincount(kind, np.asarray(counts)[left], minlength=len(first)).astype("float64")
    told = np.column_stack([kinds(matrix), low, high])
    _, once, same = np.unique(told, axis=0, return_index=True, return_inverse=True)
    row_of[~settled] = same.ravel()[: int((~settled).sum())]
    return System(matrix[once], low[once], high[once], of, truth, row_of)
