"""Which cells of a release are told, so that no protected count is known to less than it should be.

Method: primary suppression, then complementary suppression with interval protection over all
linked tables at once (Kelly, Golden and Assad, 1992; Fischetti and Salazar, *Solving the cell
suppression problem on tabular data with linear constraints*, Management Science 47, 2001), as a
heuristic: cells are decided in stages, the dearest first. What a stage told is never taken back by
the next; in a stage, cells that a protected count needs changed, at the least loss, are withheld.
A stage ends when a possible table bears witness for every protected count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, eye_array, vstack

from geodata.methods.disclosure.feasible import groups
from geodata.methods.disclosure.release_set import (
    Booleans,
    Floats,
    Integers,
    ReleaseSet,
    kinds,
    part_of,
)
from geodata.methods.disclosure.search import NoRoomError, Stage
from geodata.methods.disclosure.system import system
from geodata.methods.disclosure.witnesses import targets, with_room
from geodata.model import Withheld

#: Cells decided in the first stage; each stage decides as many as all those before it.
FIRST_STAGE = 60


class AlreadyToldError(ValueError):
    """What earlier releases told already exposes a cell: nothing withheld now can mend it."""


@dataclass(frozen=True, eq=False)
class Masks:
    """What becomes of each cell.

    Attributes
    ----------
    reason: (m,) a :class:`~geodata.model.Withheld`; None where the cell is told. FEW_PEOPLE: it is
        policy that never lets it be told.
    is_told: (m,) cells that are told.
    tables: (r, n) the possible tables of atoms that bear witness; the audit checks each of them.
        A row is about the atoms of one part of the set and empty elsewhere.
    """

    reason: npt.NDArray[np.object_]
    is_told: Booleans
    tables: csr_array


def protected(known: ReleaseSet, tables: csr_array | None = None) -> Masks:
    """The masks under which every protected cell keeps the width of the guarantee.

    Also for a contributor who takes its own unit away; and where 0 is sensitive, each 0 could be
    ``smallest`` - 1 or more. Atoms are protected as cells are. The same set gives the same masks.

    Parameters
    ----------
    tables: (r, n) tables of atoms that may be possible, such as those of an earlier release
        (:func:`~geodata.methods.disclosure.release_set.carried`); they spare time, no more.

    Examples
    --------
    3 of a total of 51 are to be guarded. A part of 24 or the total must go with them; the total is
    worth more:

    >>> from geodata.methods.disclosure.release_set import Guarantee, release_set
    >>> cells = csr_array(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]))
    >>> masks = protected(release_set([3, 24, 24], cells, Guarantee(smallest=5)))
    >>> bool(masks.is_told[0]), int(masks.is_told[1:3].sum()), bool(masks.is_told[3])
    (False, 1, True)

    Raises
    ------
    AlreadyToldError
        When a cell was told that may not be, or those told before leave too little room.
    """
    exposed = np.flatnonzero(known.was_told & known.is_protected)
    if len(exposed):
        raise AlreadyToldError(f"{len(exposed)} protected cells were told, the first: {exposed[0]}")
    is_told = np.zeros(len(known.loss), dtype=bool)
    found = [csr_array((0, len(known.counts)))]
    for rows, atoms in groups(known.cells):
        hints = csr_array((0, len(atoms))) if tables is None else csr_array(tables[:, atoms])
        part = _Part(part_of(known, rows, atoms), hints)
        is_told[rows] = part.is_told
        if not part.tables:
            continue
        shape = (len(part.tables), len(known.counts))
        values = csr_array(np.array(part.tables).reshape(len(part.tables), -1))
        at = atoms[part.atoms[values.indices]]
        found.append(csr_array((values.data, at, values.indptr), shape=shape))
    return Masks(_reasons(known, is_told), is_told, csr_array(vstack(found)))


def _reasons(known: ReleaseSet, is_told: Booleans) -> npt.NDArray[np.object_]:
    kinds: list[Withheld | None] = [
        *(None, Withheld.ZERO, Withheld.SMALL, Withheld.FEW_PEOPLE, Withheld.SECONDARY)
    ]
    which = np.select(
        [is_told, known.is_primary & (known.values == 0), known.is_primary, ~known.may_tell],
        range(4),
        default=4,
    )
    # Written one by one: numpy turns an enumeration of texts that it assigns into plain texts.
    return np.array([kinds[n] for n in which] or [], dtype=object)


class _Part:
    """Cells that depend on one another, while it is decided which of them are told."""

    def __init__(self, known: ReleaseSet, hints: csr_array) -> None:
        self.known, self.hints = known, hints
        kind = kinds(known.cells)
        _, first = np.unique(kind, return_index=True)
        self.cells = csr_array(known.cells[first])
        self.loss = np.bincount(kind, known.loss)
        guarded = known.is_primary[first] | (np.bincount(kind, known.is_guarded) > 0)
        own = known.guarantee.is_primary(known.counts)
        self.protected = csr_array(
            vstack([self.cells[guarded], csr_array(eye_array(len(known.counts)))[own]])
        )
        self.need = with_room(known.guarantee, self.protected @ np.asarray(known.counts))
        self.told = np.bincount(kind, known.was_told) > 0
        may = (np.bincount(kind, known.may_tell) > 0) & ~guarded & ~self.told
        self.tables: list[Floats] = []
        self._decide(np.flatnonzero(may))
        self.is_told = self.told[kind] & (known.may_tell | known.was_told)

    def _decide(self, cells: Integers) -> None:
        order = cells[np.argsort(-self.loss[cells], kind="stable")]
        done = 0
        self._stage(order[:0])
        while done < len(order):
            stage = order[done : done + max(FIRST_STAGE, done)]
            self._stage(stage)
            done += len(stage)

    def _stage(self, fresh: Integers) -> None:
        """Tell those of these cells that leave every protected cell its room."""
        active = np.concatenate([np.flatnonzero(self.told), fresh])
        is_fresh = np.arange(len(active)) >= len(active) - len(fresh)
        made = system(self.cells[active], self.known.counts, None, is_fresh)
        row = made.row_of
        loss = np.zeros(len(made.low))
        np.add.at(loss, row[is_fresh], self.loss[fresh])
        loss[row[~is_fresh & (row >= 0)]] = np.inf
        aims = targets(made, self.protected)
        stage = Stage(made, loss, aims, aims.most(self.need))
        stage.begin(self.hints)
        try:
            stage.settle()
        except NoRoomError as error:
            raise AlreadyToldError(str(error)) from error
        self.told[active] = (row < 0) | stage.is_told()[row]
        self.atoms = made.first_atoms
        self.tables = stage.witnesses.tables
