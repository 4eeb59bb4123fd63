"""The closed set of counts that one release may tell, and what must not be learnt from it.

An atom is the finest count there is: one area x one age x one sex x one measure. Every cell of
every table is a sum of atoms, so that tables that share atoms are one system, whatever the levels,
nested or not. Method: linked tables (Hundepool and others, *Statistical Disclosure Control*, 2012,
section 4.6; ``domain.md`` 4.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, vstack

Booleans = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Guarantee:
    """What a reader must be unable to learn of a protected count.

    A count from 1 to ``smallest`` - 1 is protected, and 0 where ``is_zero_sensitive``. Everything
    told together must leave a protected count x an interval of max(smallest - 1, share x) or more.

    Examples
    --------
    >>> rule = Guarantee(smallest=5, share=0.2, is_zero_sensitive=True)
    >>> rule.width([3, 100]).tolist(), rule.is_primary([0, 4, 5]).tolist()
    ([4.0, 20.0], [True, True, False])
    """

    smallest: int
    share: float = 0.0
    is_zero_sensitive: bool = False

    def __post_init__(self) -> None:
        if self.smallest < 1 or self.share < 0:
            raise ValueError("smallest is 1 or more, share is not negative")

    def width(self, counts: npt.ArrayLike) -> Floats:
        """The least width of the interval left to each of these counts."""
        return np.maximum(self.smallest - 1.0, self.share * np.asarray(counts, dtype="float64"))

    def is_primary(self, counts: npt.ArrayLike) -> Booleans:
        """Which counts are protected for what they are."""
        found = np.asarray(counts)
        least = 0 if self.is_zero_sensitive else 1
        return np.asarray((found >= least) & (found < self.smallest))


@dataclass(frozen=True, slots=True)
class ReleaseSet:
    """Every cell that could be told, or must not be learnt, with its true count.

    Parameters
    ----------
    counts: (n,) true count of each atom, whole, 0 or more. An atom that everybody knows to be
        empty (nobody of 18 has a measure that ends at 18) is no atom: leave it out.
    cells: (m, n) of 0 and 1: the atoms that each cell counts.
    loss: (m,) what is lost when a cell is withheld, 0 or more. The dearest are decided first.
    guarantee: what must not be learnt.
    may_tell: (m,) cells that policy lets be told. The others are protected all the same.
    was_told: (m,) cells that an earlier release told with this value: they cannot be taken back.
    level: a word for each cell, by which the utility is counted; none: one for all.
    guarded: (m,) cells to protect whatever their count, with the width of it; none by default.

    Raises
    ------
    ValueError
        When the shapes do not agree or a count is negative.
    """

    counts: Integers
    cells: csr_array
    loss: Floats
    guarantee: Guarantee
    may_tell: Booleans
    was_told: Booleans
    level: tuple[str, ...] = ()
    guarded: Booleans | None = None

    def __post_init__(self) -> None:
        count, atoms = self.cells.shape
        sizes = {len(self.loss), len(self.may_tell), len(self.was_told), len(self.is_guarded)}
        if sizes != {count} or len(self.counts) != atoms or len(self.level) not in (0, count):
            raise ValueError(
                "one loss, may_tell, was_told (level, guarded) a cell, one count an atom"
            )
        if (np.asarray(self.counts) < 0).any() or (np.asarray(self.loss) < 0).any():
            raise ValueError("counts and losses are 0 or more")

    @property
    def values(self) -> Integers:
        """(m,) true count of each cell."""
        return np.asarray(self.cells @ np.asarray(self.counts), dtype="int64")

    @property
    def is_primary(self) -> Booleans:
        """(m,) cells that are protected for what they are."""
        return self.guarantee.is_primary(self.values)

    @property
    def is_guarded(self) -> Booleans:
        """(m,) cells that are protected whatever their count."""
        none = np.zeros(self.cells.shape[0], dtype=bool)
        return none if self.guarded is None else np.asarray(self.guarded, dtype=bool)

    @property
    def is_protected(self) -> Booleans:
        """(m,) cells that must not be learnt."""
        return self.is_primary | self.is_guarded


def release_set(
    counts: npt.ArrayLike, cells: csr_array, guarantee: Guarantee, level: Sequence[str] = ()
) -> ReleaseSet:
    """A set in which every cell may be told, none was, and each is worth its count."""
    count = cells.shape[0]
    every = np.ones(count, dtype=bool)
    atoms = np.asarray(counts, dtype="int64")
    worth = np.asarray(cells @ atoms, dtype="float64")
    return ReleaseSet(atoms, cells, worth, guarantee, every, ~every, tuple(level))


def complemented(known: ReleaseSet, parts: npt.ArrayLike, wholes: npt.ArrayLike) -> ReleaseSet:
    """The set with what each whole has beside a part of it, where that is no cell yet.

    That all of a whole are in one part tells of each of them: it is the zero of the complement.
    The complements added are never told; they come after the cells there were.

    Parameters
    ----------
    parts, wholes: rows of ``known.cells``, in pairs; the atoms of a part are all in its whole.

    Raises
    ------
    ValueError
        When a part is not within its whole.
    """
    rest = csr_array(known.cells[np.asarray(wholes)] - known.cells[np.asarray(parts)])
    rest.eliminate_zeros()
    if rest.nnz and rest.data.min() < 0:
        raise ValueError("a part is not within its whole")
    rest = rest[rest.sum(axis=1) > 0]
    if not rest.shape[0]:
        return known
    cells = csr_array(vstack([known.cells, rest]), dtype=known.cells.dtype)
    kind = kinds(cells)
    _, first = np.unique(kind, return_index=True)
    count = known.cells.shape[0]
    added = np.sort(first[first >= count])
    none = np.zeros(len(added), dtype=bool)
    return replace(
        known,
        cells=cells[np.concatenate([np.arange(count), added])],
        loss=np.concatenate([known.loss, np.zeros(len(added))]),
        may_tell=np.concatenate([known.may_tell, none]),
        was_told=np.concatenate([known.was_told, none]),
        level=(*known.level, *("",) * len(added)) if known.level else (),
        guarded=np.concatenate([known.is_guarded, none]),
    )


def told_before(known: ReleaseSet, is_told: npt.ArrayLike) -> ReleaseSet:
    """An earlier release as it was published: what it told stays told, the rest stays withheld."""
    told = np.asarray(is_told, dtype=bool)
    return replace(known, may_tell=told, was_told=told)


def joined(sets: Sequence[ReleaseSet]) -> ReleaseSet:
    """Several releases as one system, their cells one after the other in the order given.

    An atom (its period is part of what it is) whose count did not change between releases is one
    unknown; where it was revised, each value is an unknown of its own. A reader is thus taken to
    know which atoms were revised, which is more than any reader knows.

    Parameters
    ----------
    sets: releases over the same atoms in the same order. An atom in no cell of a release is not
        part of it.

    Raises
    ------
    ValueError
        When they have not the same atoms or not the same guarantee.
    """
    first = sets[0]
    if {len(s.counts) for s in sets} != {len(first.counts)}:
        raise ValueError("releases are joined over the same atoms")
    if {s.guarantee for s in sets} != {first.guarantee}:
        raise ValueError("releases are joined under one guarantee")
    unknowns, places = _unknowns(sets)
    cells = [
        csr_array(
            (each.cells.data, place[each.cells.indices], each.cells.indptr),
            shape=(each.cells.shape[0], len(unknowns)),
        )
        for each, place in zip(sets, places, strict=True)
    ]
    return ReleaseSet(
        counts=unknowns[:, 1],
        cells=csr_array(vstack(cells)),
        loss=np.concatenate([s.loss for s in sets]),
        guarantee=first.guarantee,
        may_tell=np.concatenate([s.may_tell for s in sets]),
        was_told=np.concatenate([s.was_told for s in sets]),
        level=tuple(w for s in sets for w in s.level) if all(s.level for s in sets) else (),
        guarded=np.concatenate([s.is_guarded for s in sets]),
    )


def carried(
    tables: csr_array, before: Sequence[ReleaseSet], after: Sequence[ReleaseSet]
) -> csr_array:
    """Tables (r, n) of the first releases joined, as tables of all of them joined.

    What was revised is as far from its former value as in truth. Whether a table is possible is
    for its reader to check.
    """
    old, _ = _unknowns(before)
    new, _ = _unknowns(after)
    at = np.searchsorted(old[:, 0], new[:, 0])
    at = np.minimum(at, len(old) - 1)
    same = {(a, v): i for i, (a, v) in enumerate(old.tolist())}
    at = np.array([same.get((a, v), i) for (a, v), i in zip(new.tolist(), at, strict=True)])
    is_known = old[at, 0] == new[:, 0]
    shift = np.where(is_known, new[:, 1] - old[at, 1], new[:, 1])
    dense = tables[:, at].toarray() * is_known + shift
    return csr_array(np.maximum(dense, 0.0))


def _unknowns(sets: Sequence[ReleaseSet]) -> tuple[Integers, list[Integers]]:
    """(u, 2) each unknown, an atom and its value, in order; and, for each set, that of its atoms.

    The unknown of an atom in no cell of the set has no meaning.
    """
    seen = [np.unique(each.cells.indices) for each in sets]
    pairs = [
        np.stack([atoms, np.asarray(each.counts)[atoms]], axis=1)
        for atoms, each in zip(seen, sets, strict=True)
    ]
    unknowns, flat = np.unique(np.concatenate(pairs), axis=0, return_inverse=True)
    parts = np.split(flat.ravel(), np.cumsum([len(atoms) for atoms in seen])[:-1])
    places = []
    for atoms, part, each in zip(seen, parts, sets, strict=True):
        place = np.zeros(len(each.counts), dtype="int64")
        place[atoms] = part
        places.append(place)
    return unknowns, places


def part_of(known: ReleaseSet, rows: Integers, atoms: Integers) -> ReleaseSet:
    """Some cells of a set, over some atoms; all atoms of these cells are among them."""
    return ReleaseSet(
        counts=np.asarray(known.counts)[atoms],
        cells=csr_array(known.cells[rows][:, atoms]),
        loss=known.loss[rows],
        guarantee=known.guarantee,
        may_tell=known.may_tell[rows],
        was_told=known.was_told[rows],
        level=tuple(known.level[row] for row in rows) if known.level else (),
        guarded=known.is_guarded[rows],
    )


def kinds(rows: csr_array) -> Integers:
    """(m,) the same number for rows that are the same, by two independent random sums."""
    draw = np.random.default_rng(20240607)
    hashes = rows @ draw.integers(1, 1 << 40, (rows.shape[1], 2))
    _, kind = np.unique(hashes, axis=0, return_inverse=True)
    return np.asarray(kind.ravel(), dtype="int64")
