"""The search for tables that bear witness, and what becomes of targets that none is found for.

Exchanges make most tables; linear programmes for groups of targets at once make the rest, and new
tables for exchanges to begin from. Targets that a programme for a few fails to reach are looked
into: the protection withholds what they need, the audit finds their interval.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array, vstack

from geodata.methods.disclosure.exchange import Exchanges
from geodata.methods.disclosure.release_set import Booleans, Floats, Integers
from geodata.methods.disclosure.system import TOLERANCE, System
from geodata.methods.disclosure.witnesses import Targets, Witnesses, apart, packed, raised, within

#: Most targets of one programme; so few that it is looked into who fails.
MOST, FEW = 400, 8
#: A programme that reaches less (more) than this share of its targets: take fewer (more) next.
POOR, GOOD = 0.4, 0.7
#: Exchanges from one table go on while each new table shows so many more targets.
WORTH = 3
#: Least and greatest loss of a sum, in medians: programmes with steeper costs are inexact.
CHEAPEST, DEAREST = 0.1, 50.0


class NoRoomError(ValueError):
    """A protected count has no room even when everything that may be withheld is."""


class Search(ABC):
    """The tables found so far, and the targets for which more are wanted.

    Parameters
    ----------
    known: what is told. aims: the protected cells. need: (g,) how far apart a witness must
        show each.
    """

    def __init__(self, known: System, aims: Targets, need: Floats) -> None:
        self.system, self.need = known, need
        self.witnesses = Witnesses(known, aims)
        self.is_closed = np.zeros(aims.met.shape[0], dtype=bool)
        self._size = np.diff(aims.met.indptr)
        self._broad = np.flatnonzero(self._size > 1)
        self._inside = within(aims.met, csr_array(vstack([known.matrix, aims.met[self._broad]])))
        self._draw = np.random.default_rng(0)
        self._shuffle = self._draw.random(len(self._size))
        self._failures = np.zeros(len(self._size), dtype="int64")
        self._attempts = np.zeros(len(self._size), dtype="int64")

    def begin(self, tables: csr_array) -> None:
        """Let those of these tables of atoms (r, n) bear witness that are possible."""
        known = self.told()
        found = known.narrowed(tables)
        for table in found[known.allows(found)]:
            self.witnesses.add(table)

    def settle(self) -> None:
        """Find a table for every target, or close it."""
        self._exchange(self.system.truth)
        most = MOST // 2
        while len(left := self._left()):
            group = self._group(left, most)
            share, failed, table = self._tried(group)
            if share > GOOD:
                most = min(int(most * 1.5) + 1, MOST)
            elif share < POOR:
                most = max(len(group) // 2, 1)
            if len(failed) and (share < POOR or len(group) <= FEW):
                table = self.look_into(failed[: FEW // 2])
            self._exchange(table)

    def told(self) -> System:
        """What is told, as things are."""
        return self.system

    @abstractmethod
    def look_into(self, failed: Integers) -> Floats:
        """Do what must be done for targets that were not reached; a possible table."""

    def least(self) -> Floats:
        """(g,) the value at which a witness shows enough of each target."""
        return np.asarray(self.witnesses.low + self.need)

    def _left(self) -> Integers:
        left = self.witnesses.narrow(self.need)
        return left[~self.is_closed[left]]

    def _exchange(self, table: Floats) -> None:
        """Add the tables that exchanges make from one, as long as they show enough."""
        known = self.told()
        start = Exchanges(known).start(table)
        met = self.witnesses.targets.met
        before = np.inf
        while True:
            left = self._left()
            left = left[self._size[left] == 1]
            if before - len(left) < WORTH or not len(left):
                return
            before = len(left)
            order = left[np.lexsort((self._draw.random(before), self._attempts[left]))]
            self._attempts[order] += 1
            classes = np.asarray(met.indices[met.indptr[order]], dtype="int64")
            made = start.raised(classes, self.least()[order])
            if not known.allows(made[np.newaxis])[0]:
                return
            self.witnesses.add(made)

    def is_told(self) -> Booleans:
        """(r,) which sums of the system are told, as things are."""
        return np.ones(len(self.system.low), dtype=bool)

    def _group(self, left: Integers, most: int) -> Integers:
        """Targets for one programme: those that failed least first, then the broadest."""
        order = left[np.lexsort((self._shuffle[left], self._failures[left], -self._size[left]))]
        least = self.least()
        told = np.where(self.is_told(), np.maximum(self.system.high, self.need.min()), np.inf)
        broad = np.maximum(self.witnesses.high[self._broad], least[self._broad])
        return packed(order, self._inside, np.concatenate([told, broad]), least, most)

    def _tried(self, group: Integers) -> tuple[float, Integers, Floats]:
        """One programme as things are: the share of targets reached, those not, the table."""
        table = raised(self.told(), self.witnesses.targets.met[group], self.least()[group]).table
        self.witnesses.add(table)
        failed = np.intersect1d(group, self._left())
        self._failures[failed] += 1
        return 1 - len(failed) / len(group), failed, table


class Stage(Search):
    """One stage of the protection: sums that may still be withheld, and who needs them to be.

    Parameters
    ----------
    known: everything told or being decided.
    loss: (r,) what is lost with each sum; ``inf`` where it cannot be withheld any more.
    """

    def __init__(self, known: System, loss: Floats, aims: Targets, need: Floats) -> None:
        super().__init__(known, aims, need)
        soft = np.isfinite(loss)
        middle = max(float(np.median(loss[soft])) if soft.any() else 1.0, TOLERANCE)
        self._loss = np.where(soft, np.clip(loss / middle, CHEAPEST, DEAREST), np.inf)
        self._is_told = np.ones(len(loss), dtype=bool)

    def is_told(self) -> Booleans:
        """(r,) sums that are not withheld."""
        return self._is_told

    def told(self) -> System:
        """The system without the sums withheld so far."""
        on, known = self._is_told, self.system
        return replace(known, matrix=known.matrix[on], low=known.low[on], high=known.high[on])

    def look_into(self, failed: Integers) -> Floats:
        """Withhold what these targets need, at the least loss.

        Raises
        ------
        NoRoomError
        """
        met, least = self.witnesses.targets.met[failed], self.least()[failed]
        found = raised(self.told(), met, least, self._loss[self._is_told])
        if len(failed) == 1 and found.short[0] > TOLERANCE:
            return self._apart(int(failed[0]))
        self._withhold(found.changed)
        self.witnesses.add(found.table)
        return found.table

    def _apart(self, target: int) -> Floats:
        """Withhold what lets a target go up and down, where it cannot be raised enough.

        Raises
        ------
        NoRoomError
            When what lies between is not enough though everything is withheld that may be.
        """
        aims = self.witnesses.targets
        met, held = csr_array(aims.met[[target]]), csr_array(aims.held[[target]])
        need = float(self.need[target])
        loss = self._loss[self._is_told]
        found = apart(self.told(), met, held, need, loss)
        if found.short > TOLERANCE:  # what lacks comes first, whatever it takes
            found = apart(self.told(), met, held, need, loss / (DEAREST * len(loss)))
        if found.short > TOLERANCE:
            raise NoRoomError("a protected count is left too narrow by what was told before")
        self._withhold(found.changed)
        self.witnesses.add(found.low)
        self.witnesses.add(found.high)
        if target in self.witnesses.narrow(self.need):
            raise NoRoomError("a protected count keeps too little room, by a hair")
        return found.high

    def _withhold(self, changed: Booleans) -> None:
        """Withhold these of the sums that are told."""
        if changed.any():
            self._is_told[np.flatnonzero(self._is_told)[changed]] = False
            self._failures[:] = 0
