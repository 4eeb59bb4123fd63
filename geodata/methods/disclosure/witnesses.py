"""Possible tables that bear witness: a cell seen at two values in them is known no better.

The possible tables are a convex set. A few hundred tables that make many cells great at once prove
the intervals of many thousands of cells, where a programme for each end of each would not end.

A contributor knows that its own unit is there: it is left with the tables in which its class is 1
or more. Where some table z has M or more there, mixing a 1/M of z into any two witnesses keeps
1 - 1/M of what lies between them, and the contributor cannot tell them apart either. Hence
:func:`with_room`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_array, csr_array, eye_array, hstack

from geodata.methods.disclosure.release_set import Booleans, Floats, Guarantee, Integers, kinds
from geodata.methods.disclosure.system import TOLERANCE, System, solved

#: What a target not reached weighs against the dearest cell that could be withheld for it.
_SHORT = 1e3


def with_room(guarantee: Guarantee, counts: npt.ArrayLike) -> Floats:
    """How far above its least value a witness must show a protected cell of each count.

    With k the smallest count that is told, k / (k - 1) of the width: every class that holds a
    contributor is then shown at k or more too, and the contributor is left the width.

    Examples
    --------
    >>> with_room(Guarantee(smallest=5, share=0.2), [0, 4, 60]).tolist()
    [5.0, 5.0, 15.0]
    """
    k = guarantee.smallest
    widest = guarantee.width(np.maximum(counts, k - 1.0))
    return np.asarray(widest * k / (k - 1.0) if k > 1 else widest)


@dataclass(frozen=True, eq=False)
class Targets:
    """Protected cells as classes of one system; cells that meet and hold the same are one.

    Attributes
    ----------
    met, held: (g, t) classes that each cell meets, and those it holds whole.
    of: (m,) target of each cell given.
    """

    met: csr_array
    held: csr_array
    of: Integers

    def most(self, needs: Floats) -> Floats:
        """(g,) the most that the cells (m,) of each target need."""
        made = np.zeros(self.met.shape[0])
        np.maximum.at(made, self.of, needs)
        return made


def targets(known: System, cells: csr_array) -> Targets:
    """What the cells (m, n) are in a system."""
    met, held = known.reach(cells)
    kind = kinds(csr_array(hstack([met, held])))
    _, first = np.unique(kind, return_index=True)
    return Targets(met[first], held[first], kind)


@dataclass(eq=False)
class Witnesses:
    """Tables found so far, and between which values they show each target.

    Attributes
    ----------
    low, high: (g,) least and greatest value that a table shows; ``inf`` where nothing bounds it.
    highest: (t,) greatest value of each class.
    """

    known: System
    targets: Targets
    tables: list[Floats] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.low = self.targets.held @ self.known.truth
        self.high = self.targets.met @ self.known.truth
        self.high[self.targets.met @ self.known.is_free.astype("float64") > 0] = np.inf
        self.highest = np.where(self.known.is_free, np.inf, self.known.truth)

    def add(self, table: Floats) -> None:
        """Let a possible table (t,) bear witness; it is kept when it shows something new."""
        low, high = self.targets.held @ table, self.targets.met @ table
        if (low < self.low - TOLERANCE).any() or (high > self.high + TOLERANCE).any():
            self.tables.append(table)
        np.minimum(self.low, low, out=self.low)
        np.maximum(self.high, high, out=self.high)
        np.maximum(self.highest, table, out=self.highest)

    def narrow(self, need: Floats) -> Integers:
        """The targets not shown ``need`` (g,) apart yet."""
        return np.flatnonzero(self.high - self.low < need - TOLERANCE)


@dataclass(frozen=True, eq=False)
class Raised:
    """A table in which targets are great: how much each lacks, and the sums it had to change."""

    table: Floats
    short: Floats
    changed: Booleans


def raised(
    known: System,
    met: csr_array,
    least: Floats,
    loss: Floats | None = None,
) -> Raised:
    """The table that brings targets nearest to ``least``, at the least loss of told sums.

    Method: the linear programme of cell suppression (Kelly, Golden and Assad, *Cell suppression:
    disclosure protection for sensitive tabular data*, Networks 22, 1992; Fischetti and Salazar,
    2001) for several targets at once.

    Parameters
    ----------
    met: (g, t) classes of each target; least: (g,) value wanted.
    loss: (r,) what one unit of change of each told sum costs, ``inf`` where it must stay. None:
        all must stay.
    """
    classes, count = len(known.truth), met.shape[0]
    soft = np.flatnonzero(np.isfinite(loss)) if loss is not None else np.zeros(0, dtype="int64")
    change = _changes(known, soft)
    none = csr_array((count, len(soft)))
    rows = block_array(
        [[known.matrix, None, change, -change], [met, -eye_array(count), none, none]]
    )
    cost = np.zeros(0) if loss is None else loss[soft]
    most = np.concatenate([np.full(classes, np.inf), least, np.full(2 * len(soft), np.inf)])
    found = milp(
        np.concatenate([np.zeros(classes), np.full(count, -_SHORT), cost, cost]),
        constraints=LinearConstraint(
            rows.tocsc(),
            np.concatenate([known.low, np.zeros(count)]),
            np.concatenate([known.high, np.full(count, np.inf)]),
        ),
        bounds=Bounds(0, most),
    )
    x = solved(found)
    assert x is not None, "targets are bounded"
    ends = np.cumsum([classes, count, len(soft)])
    changed = np.zeros(known.matrix.shape[0], dtype=bool)
    changed[soft] = x[ends[1] : ends[2]] + x[ends[2] :] > TOLERANCE
    return Raised(x[:classes], least - x[classes : ends[1]], changed)


@dataclass(frozen=True, eq=False)
class Apart:
    """Two tables that show one target far apart: what lacks, and the sums they had to change."""

    high: Floats
    low: Floats
    short: float
    changed: Booleans


def apart(known: System, met: csr_array, held: csr_array, need: float, loss: Floats) -> Apart:
    """The two tables that show a target ``need`` apart, at the least loss of told sums.

    The same programme as :func:`raised`, of two tables at once: one that cannot be raised to its
    least value and ``need`` may still go down for a part of the way.

    Parameters
    ----------
    met, held: (1, t) classes of the target; loss: (r,) as in :func:`raised`.
    """
    soft = np.flatnonzero(np.isfinite(loss))
    change = _changes(known, soft)
    pair = csr_array(np.ones((1, 1)))
    rows = block_array(
        [
            [known.matrix, None, change, -change, None, None, None],
            [None, known.matrix, None, None, change, -change, None],
            [met, -held, None, None, None, None, pair],
        ]
    )
    classes = len(known.truth)
    cost = np.tile(loss[soft], 4)
    found = milp(
        np.concatenate([np.zeros(2 * classes), cost, [_SHORT]]),
        constraints=LinearConstraint(
            rows.tocsc(),
            np.concatenate([known.low, known.low, [need]]),
            np.concatenate([known.high, known.high, [np.inf]]),
        ),
        bounds=Bounds(0, np.inf),
    )
    x = solved(found)
    assert x is not None, "no cost is negative"
    moved = x[2 * classes : -1].reshape(4, len(soft)).sum(axis=0)
    changed = np.zeros(known.matrix.shape[0], dtype=bool)
    changed[soft] = moved > TOLERANCE
    return Apart(x[:classes], x[classes : 2 * classes], float(x[-1]), changed)


def _changes(known: System, soft: Integers) -> csr_array:
    """(r, s) one column for each told sum that may be changed."""
    shape = (known.matrix.shape[0], len(soft))
    return csr_array((np.ones(len(soft)), (soft, np.arange(len(soft)))), shape=shape)


def within(parts: csr_array, wholes: csr_array) -> csr_array:
    """(g, w) the wholes, rows of classes, in which each part lies whole."""
    shared = csr_array(parts @ wholes.T)
    size = np.repeat(np.diff(parts.indptr), np.diff(shared.indptr))
    shared.data = (shared.data == size).astype("float64")
    shared.eliminate_zeros()
    return shared


def packed(order: Integers, inside: csr_array, room: Floats, least: Floats, most: int) -> Integers:
    """Targets that may fit in one table: in no whole do they need more than it holds.

    Parameters
    ----------
    order: the targets, first choice first; one is always taken.
    inside: (g, w) as :func:`within`; room: (w,) what each whole holds; least: (g,) wanted.
    """
    left, taken = room.copy(), []
    for target in map(int, order):
        wholes = inside.indices[inside.indptr[target] : inside.indptr[target + 1]]
        if (left[wholes] >= least[target] - TOLERANCE).all():
            left[wholes] -= least[target]
            taken.append(target)
            if len(taken) >= most:
                break
    return np.array(taken or order[:1], dtype="int64")
