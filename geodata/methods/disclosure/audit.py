"""What a reader can learn of each protected cell from everything that is told together.

The feasible interval of a cell is between its least and greatest values in all tables of 0 or more
that agree with what is told: exact numbers, bands of rounded numbers and rates, orders of ranks
(``domain.md`` 4.3; Fischetti and Salazar, 2001). A cell that tables show as wide as the guarantee
asks is proved; of the others both ends are found, by linear programmes. Then the same for every
contributor who takes its own unit away.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, eye_array, vstack

from geodata.methods.disclosure.bands import Bands
from geodata.methods.disclosure.feasible import ContradictionError, groups
from geodata.methods.disclosure.release_set import (
    Booleans,
    Floats,
    Guarantee,
    Integers,
    ReleaseSet,
    part_of,
)
from geodata.methods.disclosure.search import Search
from geodata.methods.disclosure.subtraction import is_sum
from geodata.methods.disclosure.system import system
from geodata.methods.disclosure.witnesses import Targets, targets, with_room

#: Slack of a width that was proved: what mixing tables loses to rounding.
_SLACK = 1e-4


@dataclass(frozen=True, slots=True)
class Breach:
    """A protected cell that is known too well: between ``low`` and ``high``.

    ``cell`` is its row in the release set, ``atom`` its column where it is an atom in no cell of
    its own (the other is -1). ``contributor`` is an atom one of whose units its owner takes away;
    -1 when any reader knows as much.
    """

    cell: int
    atom: int
    low: float
    high: float
    contributor: int = -1


@dataclass(frozen=True)
class Kept:
    """What is told at one level: cells, and the sum of their counts."""

    cells: int
    told: int
    count: int
    count_told: int


@dataclass(frozen=True)
class Audit:
    """What was found.

    Attributes
    ----------
    cells, told, primary: how many cells there are, are told, are protected for what they are.
    secondary: cells that may be told and are withheld for others.
    protected: cells and atoms whose interval was looked at.
    recovered: protected cells that sums alone tell exactly.
    narrowest: the width of the narrowest interval, or less: what tables prove. ``inf``: nothing
        bounds any protected cell.
    narrowest_cell: its row; -1 for an atom.
    below: cells below the guarantee, each with its interval.
    seconds: time taken. utility: what is told, by level.
    """

    cells: int
    told: int
    primary: int
    secondary: int
    protected: int
    recovered: int
    narrowest: float
    narrowest_cell: int
    below: tuple[Breach, ...]
    seconds: float
    utility: Mapping[str, Kept]


def audited(
    known: ReleaseSet,
    is_told: Booleans,
    bands: Bands | None = None,
    tables: csr_array | None = None,
) -> Audit:
    """Whether every protected cell and atom keeps the interval of the guarantee.

    Parameters
    ----------
    is_told: (m,) cells told exactly.
    bands: what is told of sums of atoms without being exact.
    tables: (r, n) tables of atoms, such as those of the masks: each counts only when it agrees
        with all that is told.

    Examples
    --------
    Rows of two cells sum to 7 and 3, columns to 6 and 4; the cells are withheld (Geurts 1992):

    >>> from geodata.methods.disclosure.release_set import Guarantee, release_set
    >>> lines = [[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]]
    >>> cells = csr_array(np.array([*np.eye(4, dtype=int).tolist(), *lines]))
    >>> table = release_set([4, 3, 2, 1], cells, Guarantee(smallest=3))
    >>> found = audited(table, np.arange(8) >= 4)
    >>> found.primary, found.narrowest, found.below
    (2, 3.0, ())

    The last cell told as well, all of them are known:

    >>> audited(table, np.arange(8) >= 3).recovered
    2

    Raises
    ------
    ContradictionError
        When what is told does not agree with the counts.
    """
    start = time.perf_counter()
    told = np.asarray(is_told, dtype=bool)
    own = known.guarantee.is_primary(known.counts)
    own[known.cells[np.diff(known.cells.indptr) == 1].indices] = False
    atoms = csr_array(eye_array(len(known.counts), dtype=known.cells.dtype))
    rows = np.concatenate([np.flatnonzero(known.is_protected), len(told) + np.flatnonzero(own)])
    everything = csr_array(vstack([known.cells, atoms]))
    linked = [everything] if bands is None else [everything, bands.matrix != 0]
    below: list[Breach] = []
    recovered, narrowest, where = 0, np.inf, -1
    for lines, columns in groups(csr_array(vstack(linked))):
        mine = rows[np.isin(rows, lines)]
        if not len(mine):
            continue
        inside = lines[lines < len(told)]
        part = _Part(
            part_of(known, inside, columns),
            told[inside],
            None if bands is None else _bands_of(bands, lines - everything.shape[0], columns),
            csr_array(everything[mine][:, columns]),
            csr_array((0, len(columns))) if tables is None else csr_array(tables[:, columns]),
        )
        recovered += int(part.is_recovered().sum())
        width = part.width()
        if width.min() < narrowest:
            narrowest = float(width.min())
            where = int(mine[width.argmin()])
        for place, low, high, contributor in part.breaches():
            line = int(mine[place])
            is_cell = line < len(told)
            below.append(
                Breach(
                    line if is_cell else -1,
                    -1 if is_cell else line - len(told),
                    low,
                    high,
                    int(columns[contributor]) if contributor >= 0 else -1,
                )
            )
    return Audit(
        cells=len(told),
        told=int(told.sum()),
        primary=int(known.is_primary.sum()),
        secondary=int((~told & known.may_tell & ~known.is_protected).sum()),
        protected=len(rows),
        recovered=recovered,
        narrowest=narrowest,
        narrowest_cell=where if where < len(told) else -1,
        below=tuple(below),
        seconds=time.perf_counter() - start,
        utility=utility(known, told),
    )


def utility(known: ReleaseSet, is_told: Booleans) -> dict[str, Kept]:
    """What is told at each level of a set, in the order in which levels first come."""
    words = np.array(known.level or ("",) * len(is_told))
    values, made = known.values, {}
    for word in dict.fromkeys(words.tolist()):
        here = words == word
        on = here & is_told
        made[word] = Kept(
            int(here.sum()), int(on.sum()), int(values[here].sum()), int(values[on].sum())
        )
    return made


class _Closing(Search):
    """A search that finds both ends of the targets that are not reached."""

    def look_into(self, failed: Integers) -> Floats:
        """Close these targets: their greatest and least values are exact from now on."""
        table = self.system.truth
        for target in failed:
            for classes, sign in (
                (self.witnesses.targets.met, 1.0),
                (self.witnesses.targets.held, -1.0),
            ):
                aim = sign * classes[[target]].toarray()[0]
                found = self.system.table(aim)
                assert found is not None, "nothing bounds it: it is wide enough"
                self.witnesses.add(found)
                table = found
            self.is_closed[target] = True
        return table


class _Part:
    """Cells that depend on one another, and what is told of them."""

    def __init__(
        self,
        known: ReleaseSet,
        is_told: Booleans,
        bands: Bands | None,
        protected: csr_array,
        tables: csr_array,
    ) -> None:
        self.guarantee: Guarantee = known.guarantee
        self.protected = protected
        self.values = protected @ np.asarray(known.counts)
        self.counts = np.asarray(known.counts)
        self.system = system(csr_array(known.cells[is_told]), self.counts, bands)
        if not self.system.allows(self.system.truth[np.newaxis])[0]:
            raise ContradictionError("what is told does not agree with the counts it is told of")
        self.aims: Targets = targets(self.system, protected)
        room = with_room(self.guarantee, self.values)
        self.search = _Closing(self.system, self.aims, self.aims.most(room))
        self.search.begin(tables)
        self.search.settle()

    def width(self) -> Floats:
        """(p,) width shown of each protected cell."""
        found = self.search.witnesses
        return np.asarray((found.high - found.low)[self.aims.of])

    def is_recovered(self) -> Booleans:
        """(p,) protected cells that the exact sums determine, whatever is negative or not."""
        return np.asarray(is_sum(self.system, self.aims)[self.aims.of])

    def breaches(self) -> list[tuple[int, float, float, int]]:
        """Protected cells below the guarantee: place, low, high, contributing atom or -1."""
        found, of = self.search.witnesses, self.aims.of
        wanted = self.guarantee.width(self.values)
        wide = self.width()
        made = []
        for place in np.flatnonzero(wide < wanted - _SLACK):
            target = of[place]
            made.append((int(place), float(found.low[target]), float(found.high[target]), -1))
        keeps = 1 - 1 / np.maximum(found.highest, 1.0)
        contributors = np.flatnonzero(self.system.truth >= 1)
        worst = keeps[contributors].min(initial=1.0)
        room = np.where(np.isinf(wide), np.inf, np.where(np.isinf(wide), 0, wide) * worst)
        asked: dict[tuple[int, int], tuple[float, float]] = {}
        for place in np.flatnonzero((wide >= wanted - _SLACK) & (room < wanted - _SLACK)):
            for contributor in contributors:
                if wide[place] * keeps[contributor] >= wanted[place] - _SLACK:
                    continue
                key = (int(of[place]), int(contributor))
                if key not in asked:
                    asked[key] = self._left_to(*key)
                low, high = asked[key]
                # The unit is out of the cell or in it: that much of a class it shares is gone.
                held = (self.system.of == contributor) & (self.counts > 0)
                atom = int(np.flatnonzero(held)[0])
                if self.aims.met[key] != self.aims.held[key]:
                    is_in = float(self.protected[place, atom])
                    low, high = low + is_in, high - (1 - is_in)
                if high - low < wanted[place] - _SLACK:
                    made.append((int(place), low, high, atom))
                    break
        return made

    def _left_to(self, target: int, contributor: int) -> tuple[float, float]:
        """The least and greatest sum of a target's classes for who knows of a unit in a class."""
        least = np.zeros(len(self.system.truth))
        least[contributor] = 1.0
        ends = []
        for classes, sign in ((self.aims.held, -1.0), (self.aims.met, 1.0)):
            aim = classes[[target]].toarray()[0]
            table = self.system.table(sign * aim, least)
            ends.append(np.inf if table is None else float(aim @ table))
        return ends[0], ends[1]


def _bands_of(bands: Bands, lines: Integers, columns: Integers) -> Bands | None:
    rows = lines[lines >= 0]
    if not len(rows):
        return None
    return Bands(csr_array(bands.matrix[rows][:, columns]), bands.low[rows], bands.high[rows])
