"""Controlled rounding: every count goes to a multiple beside it, and sums stay sums.

Method: zero-restricted controlled rounding (Cox, *A constructive procedure for unbiased controlled
rounding*, JASA 82, 1987; Salazar, *Controlled rounding and cell perturbation*, Mathematical
Programming 105, 2006), as a mixed-integer programme for each part of the tables, solved by HiGHS.

A reader of a count shown as v knows that it is from v - base + 1 to v + base - 1. A cell shown as 0
leaves a contributor in it base - 2: base 5 gives anyone else the guarantee of counts under 5, and
contributors that of counts under 4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, diags_array, hstack

from geodata.methods.disclosure.feasible import groups
from geodata.methods.disclosure.release_set import Booleans, Integers, kinds

#: The multiple that counts go to, and how long the search takes in one part, at most.
BASE, SECONDS = 5, 60.0


class NoRoundingError(ValueError):
    """No rounding keeps every sum, even one more step away; or none was found in time."""


@dataclass(frozen=True, eq=False)
class Rounding:
    """Rounded counts.

    Attributes
    ----------
    values: (m,) multiples of the base that add up as the counts do.
    is_relaxed: (m,) cells of parts in which some cell had to go one multiple further.
    """

    values: Integers
    is_relaxed: Booleans


def controlled_rounding(
    cells: csr_array, counts: npt.ArrayLike, base: int = BASE, seconds: float = SECONDS
) -> Rounding:
    """The additive rounding nearest to the counts.

    Parameters
    ----------
    cells: (m, n) of 0 and 1: the atoms that each cell counts; counts: (n,) of each atom.

    Examples
    --------
    3, 3 and 3 sum to 9: two go up and one goes down, so that the sum is a multiple beside it.

    >>> cells = csr_array(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]))
    >>> values = controlled_rounding(cells, [3, 3, 3]).values
    >>> sorted(values[:3].tolist()), int(values[3])
    ([0, 5, 5], 10)

    Raises
    ------
    NoRoundingError
    """
    atoms = np.asarray(counts, dtype="int64")
    true = np.asarray(cells @ atoms, dtype="int64")
    values, is_relaxed = true.copy(), np.zeros(len(true), dtype=bool)
    for rows, columns in groups(cells):
        part = csr_array(cells[rows][:, columns])
        for steps in (0, 1):
            found = _rounded(part, true[rows], base, steps, seconds)
            if found is not None:
                break
        else:
            raise NoRoundingError(f"{len(rows)} cells cannot be rounded to {base} and add up")
        values[rows], is_relaxed[rows] = found, bool(steps)
    return Rounding(values, is_relaxed)


def _rounded(
    cells: csr_array, values: Integers, base: int, steps: int, seconds: float
) -> Integers | None:
    """Rounded values of cells that depend on one another; None when no rounding adds up.

    Some real value of each atom gives the rounded cells: every relation between cells holds then.
    """
    kind = kinds(cells)
    _, first = np.unique(kind, return_index=True)
    columns = kinds(csr_array(cells.T))
    _, one = np.unique(columns, return_index=True)
    rows, true = csr_array(cells[first][:, one], dtype="float64"), values[first]
    floor = true // base
    least = np.maximum(-steps, -floor)
    most = (true % base > 0).astype("int64") + steps
    # Variables: the atoms, the multiples above the floor, how far each cell goes.
    count, classes = rows.shape
    unit = csr_array(diags_array(np.ones(count)))
    none = csr_array((count, classes))
    away = true - base * floor
    found = milp(
        np.concatenate([np.zeros(classes + count), np.ones(count)]),
        integrality=np.repeat([0, 1, 0], [classes, count, count]),
        constraints=[
            LinearConstraint(
                hstack([rows, -base * unit, 0 * unit]).tocsc(), base * floor, base * floor
            ),
            LinearConstraint(hstack([none, base * unit, -unit]).tocsc(), -np.inf, away),
            LinearConstraint(hstack([none, base * unit, unit]).tocsc(), away, np.inf),
        ],
        bounds=Bounds(
            np.concatenate([np.full(classes, -np.inf), least, np.zeros(count)]),
            np.concatenate([np.full(classes, np.inf), most, np.full(count, np.inf)]),
        ),
        options={"time_limit": seconds},
    )
    if found.x is None:
        if found.status == 1:
            raise NoRoundingError(f"no rounding found in {seconds:.0f} s")
        return None
    multiples = floor + np.round(found.x[classes : classes + count]).astype("int64")
    return np.asarray((base * multiples)[kind])
