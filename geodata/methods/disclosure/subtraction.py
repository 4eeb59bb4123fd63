"""What subtraction alone tells: the cells that are a sum of told sums, with any factors.

The cheap first pass of an audit (``domain.md`` 4.3): a cell is exactly recovered by adding and
subtracting what is told when its indicator lies in the span of the told rows.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_solve, lapack
from scipy.sparse import csr_array

from geodata.methods.disclosure.feasible import groups
from geodata.methods.disclosure.release_set import Booleans, ReleaseSet, part_of
from geodata.methods.disclosure.system import TOLERANCE, System, system
from geodata.methods.disclosure.witnesses import Targets, targets


def recovered(known: ReleaseSet, is_told: Booleans) -> Booleans:
    """(m,) protected cells that told cells (m,) give away by addition and subtraction.

    Examples
    --------
    A total of 27 and one of its two parts, 24, are told: the other one, 3, is no secret.

    >>> from geodata.methods.disclosure.release_set import Guarantee, release_set
    >>> cells = csr_array(np.array([[1, 0], [0, 1], [1, 1]]))
    >>> table = release_set([3, 24], cells, Guarantee(smallest=5))
    >>> recovered(table, np.array([False, True, True])).tolist()
    [True, False, False]
    >>> recovered(table, np.array([False, False, True])).tolist()
    [False, False, False]
    """
    told = np.asarray(is_told, dtype=bool)
    found = np.zeros(len(told), dtype=bool)
    for rows, atoms in groups(known.cells):
        part = part_of(known, rows, atoms)
        wanted = part.is_protected
        made = system(csr_array(part.cells[told[rows]]), part.counts)
        aims = targets(made, csr_array(part.cells[wanted]))
        found[rows[wanted]] = is_sum(made, aims)[aims.of]
    return found


def is_sum(known: System, aims: Targets) -> Booleans:
    """(g,) targets that are a sum of the exact sums of a system, with any factors."""
    size = np.diff(aims.met.indptr)
    is_whole = np.diff(aims.held.indptr) == size
    exact = csr_array(known.matrix[known.low == known.high])
    if not exact.shape[0]:
        return np.asarray(is_whole & (size == 0))
    # The share of each target that the rows explain, by a Cholesky factor that finds their rank.
    factor, pivots, rank, _ = lapack.dpstrf((exact @ exact.T).toarray(), tol=TOLERANCE)
    basis = exact[pivots[:rank] - 1]
    shared = (basis @ aims.met.T).toarray()
    explained = (shared * cho_solve((factor[:rank, :rank], False), shared)).sum(axis=0)
    return np.asarray(is_whole & (size - explained < TOLERANCE * np.maximum(size, 1)))
