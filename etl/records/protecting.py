"""Which counts of an extract may be told: protected together, then audited together.

A count is a sum of atoms: the records of one block of areas that the same tallies count. Counts of
the whole territory are protected first, over all periods at once, since what was in force, began
and ended ties one year to the next. Those of the areas between follow, a period at a time: no sum
of them ties two periods (what would is told of the whole alone), and what is told of the whole is a
fact that they must live with. What the whole does not tell is told of none of them, for they add up
to it.

A whole and what it is split into are a system of their own: a record that one whole counts may or
may not be counted by another, so that what is told of the one leaves the other free. Where a whole
is split in several ways (by age, by plan) they are protected one after the other, which is a
hundred times quicker, and audited at once. Should that find a count known too well after all, they
are protected again, everything together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array, kron

from etl.records.areas import Ground
from etl.records.counting import Tally
from geodata.methods.disclosure.audit import Audit, audited
from geodata.methods.disclosure.protection import AlreadyToldError, protected
from geodata.methods.disclosure.release_set import Guarantee, ReleaseSet
from geodata.model import AreaKey, Withheld

#: What the whole of a count that is told in every area is worth, against one told of it alone:
#: without it the areas are told neither.
WHOLE_OF_MANY = 10.0
#: What was told before: (variable, level, area_id, period) -> its values.
Told = Mapping[tuple[str, str, str, str], Collection[float]]
Integers = npt.NDArray[np.int64]
_Key = tuple[str | None, str, AreaKey | None]


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One count: of a tally, in an area (None: of those who live in none), and why it is withheld.

    ``persons`` is how many records about persons are behind it, ``value`` what it comes to.
    """

    tally: Tally
    area: AreaKey | None
    value: float
    persons: int
    reason: Withheld | None


@dataclass(frozen=True, eq=False)
class Rule:
    """What counts are protected by.

    Args:
        guarantee: what must not be learnt of them.
        fewest_people: nothing is told of an area between with fewer minors than this, and nothing
            that is told gives it back.
        told: what releases before this one told; a count that is still the same is public. Where
            they told a variable of a level and period, what they withheld of it stays withheld:
            masks that move from release to release tell of what they hide.
    """

    guarantee: Guarantee
    fewest_people: int
    told: Told

    @cached_property
    def _opened(self) -> frozenset[tuple[str, str, str]]:
        """Variables, levels and periods of which something was told."""
        return frozenset((name, level, period) for name, level, _area, period in self.told)

    def may_tell(self, tally: Tally, area: AreaKey) -> bool:
        """Whether what was told before leaves a count free to be told."""
        name = tally.name or ""
        is_new = (name, area.level, tally.period) not in self._opened
        return is_new or (name, area.level, area.area_id, tally.period) in self.told

    def was_told(self, tally: Tally, area: AreaKey, count: int) -> bool:
        """Whether a count was told, and is still the same."""
        key = (tally.name or "", area.level, area.area_id, tally.period)
        return tally.amounts is None and float(count) in self.told.get(key, ())


@dataclass(frozen=True, slots=True, eq=False)
class Protected:
    """Every count under one rule, and what the audits of its sets found."""

    cells: list[Cell]
    audits: list[Audit]


def protected_counts(
    tallies: Sequence[Tally], areas: pd.Series, ground: Ground, rule: Rule
) -> Protected:
    """The counts of every tally, with those withheld that would tell of somebody.

    Parameters
    ----------
    tallies: under one rule; their rows are of the same n records.
    areas: (n,) the finest area of each record.

    Raises
    ------
    AlreadyToldError
        When what was told before leaves no room for a count that must be protected.
    """
    nowhere = ground.parts.shape[1]
    block = np.asarray(areas.map(ground.block_of).fillna(nowhere), dtype="int64")
    alone = _Places([ground.whole], np.ones((1, 1), dtype=np.bool_), np.array([np.inf]))
    whole = _set_of(_dearer(tallies), np.zeros_like(block), alone, rule, {})
    cells, audit = whole.protected()
    audits = [audit]
    settled = {_key(cell): cell for cell in cells}
    places = _places(ground, bool((block == nowhere).any()))
    for tree in _trees([tally for tally in tallies if tally.is_wide]):
        made, audit = _of_tree(tree, block, places, rule, settled)
        cells += [cell for cell in made if _key(cell) not in settled]
        audits.append(audit)
    return Protected([cell for cell in cells if cell.tally.name and cell.area], audits)


def _of_tree(
    tree: Sequence[Tally],
    block: Integers,
    places: _Places,
    rule: Rule,
    settled: Mapping[_Key, Cell],
) -> tuple[list[Cell], Audit]:
    """The cells of a whole and of what it is split into, in the areas between; and their audit."""
    every = _set_of(tree, block, places, rule, settled)
    reasons = _way_by_way(tree, block, places, rule, settled, every)
    if reasons is not None:
        is_told = every.is_named & np.array([reason is None for reason in reasons])
        audit = audited(every.known, is_told)
        if not audit.below:
            return every.cells(reasons), audit
    return every.protected()


def _way_by_way(
    tree: Sequence[Tally],
    block: Integers,
    places: _Places,
    rule: Rule,
    settled: Mapping[_Key, Cell],
    every: _Set,
) -> list[Withheld | None] | None:
    """Why each cell of ``every`` is withheld, protected one way of splitting after the other.

    None where there is one way only, or where what the first ways told leaves a later one no room.
    """
    ways = list(dict.fromkeys(tally.facet for tally in tree if tally.facet))
    if len(ways) < 2:
        return None
    done = dict(settled)
    for way in ways:
        some = [tally for tally in tree if tally.facet in ("", way)]
        part = _set_of(some, block, places, rule, done)
        try:
            masks = protected(part.known)
        except AlreadyToldError:
            return None
        done |= {_key(cell): cell for cell in part.cells(masks.reason)}
    found = [done.get((tally.name, tally.period, area)) for tally, area in every.pairs]
    return [cell.reason if cell else None for cell in found]


def _dearer(tallies: Sequence[Tally]) -> list[Tally]:
    """The same, those that are told in every area being worth more."""
    return [replace(t, worth=t.worth * WHOLE_OF_MANY) if t.is_wide else t for t in tallies]


def _key(cell: Cell) -> _Key:
    return cell.tally.name, cell.tally.period, cell.area


def _trees(tallies: Sequence[Tally]) -> Iterator[list[Tally]]:
    """The tallies of one period that are part of one whole, with it."""
    named = {(tally.name, tally.period): tally for tally in tallies if tally.name}
    trees: dict[int, list[Tally]] = {}
    for tally in tallies:
        top = tally
        while (above := named.get((top.part_of or "", top.period))) is not None:
            top = above
        trees.setdefault(id(top), []).append(tally)
    yield from trees.values()


@dataclass(frozen=True, slots=True, eq=False)
class _Atoms:
    """(blocks, signatures) records; and (tallies, signatures) which tallies count them."""

    counts: Integers
    counted_by: npt.NDArray[np.bool_]


def _atoms(tallies: Sequence[Tally], block: Integers, blocks: int) -> _Atoms:
    """The atoms of some tallies: records of one block that the same of them count."""
    rows = np.array([tally.rows for tally in tallies], dtype=np.bool_)
    rows = rows.reshape(len(tallies), len(block))
    is_counted = rows.any(axis=0)
    found, which = np.unique(rows[:, is_counted].T, axis=0, return_inverse=True)
    counts = np.zeros((blocks, len(found)), dtype="int64")
    np.add.at(counts, (block[is_counted], which.ravel()), 1)
    empty = _never_met(tallies, rows)
    counted_by = np.concatenate([found, empty]).T
    more = np.zeros((blocks, len(empty)), dtype="int64")
    return _Atoms(np.concatenate([counts, more], axis=1), counted_by)


def _never_met(tallies: Sequence[Tally], rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """(k, tallies) signatures of tallies that count nothing: a reader does not know that."""
    place = {(t.name, t.period): n for n, t in enumerate(tallies) if t.name}
    empty = np.flatnonzero(~rows.any(axis=1))
    made = np.zeros((len(empty), len(tallies)), dtype=np.bool_)
    for signature, number in zip(made, empty, strict=True):
        at: int | None = int(number)
        while at is not None:
            signature[at] = True
            above = tallies[at].part_of
            at = place.get((above, tallies[at].period)) if above else None
    return made


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """The areas of a set, the whole first, None for those who live in none; blocks and minors."""

    keys: list[AreaKey | None]
    parts: npt.NDArray[np.bool_]
    minors: npt.NDArray[np.float64]


def _places(ground: Ground, has_elsewhere: bool) -> _Places:
    """The areas of the ground; a block more where there are records that are in none of them."""
    areas, blocks = ground.parts.shape
    parts = np.zeros((areas + 2, blocks + 1), dtype=np.bool_)
    parts[0] = True
    parts[1:-1, :-1] = ground.parts
    parts[-1, -1] = True
    minors = np.array([np.inf, *ground.minors, np.inf])
    last = None if has_elsewhere else -1
    keys: list[AreaKey | None] = [ground.whole, *ground.areas, None]
    return _Places(keys[:last], parts[:last, :last], minors[:last])


@dataclass(frozen=True, slots=True, eq=False)
class _Set:
    """Counts to be protected together: of which tally and area each cell is."""

    pairs: list[tuple[Tally, AreaKey | None]]
    has_few: npt.NDArray[np.bool_]
    known: ReleaseSet

    @property
    def is_named(self) -> npt.NDArray[np.bool_]:
        """(m,) cells that are a count of an area: not a remainder, nor of those elsewhere."""
        return np.array([bool(t.name) and area is not None for t, area in self.pairs])

    def protected(self) -> tuple[list[Cell], Audit]:
        """The cells, all protected together, and the audit of what is told."""
        masks = protected(self.known)
        audit = audited(self.known, masks.is_told, tables=masks.tables)
        return self.cells(masks.reason), audit

    def cells(self, reasons: Iterable[Withheld | None]) -> list[Cell]:
        """The cells, each with why it is withheld."""
        return [
            Cell(tally, area, _value(tally, int(count)), int(count), _why(reason, bool(few)))
            for (tally, area), count, few, reason in zip(
                self.pairs, self.known.values, self.has_few, reasons, strict=True
            )
        ]


def _why(reason: Withheld | None, has_few: bool) -> Withheld | None:
    """Why a count is withheld: among few people, whatever it is; elsewhere, what it is.

    What may not be told among people enough guards others.
    """
    if reason is not None and has_few:
        return Withheld.FEW_PEOPLE
    return Withheld.SECONDARY if reason is Withheld.FEW_PEOPLE else reason


def _set_of(
    tallies: Sequence[Tally],
    block: Integers,
    places: _Places,
    rule: Rule,
    settled: Mapping[_Key, Cell],
) -> _Set:
    """The cells of some tallies in some areas, tally by tally.

    ``settled`` are the counts that are decided already: told, or not to be told.
    """
    atoms = _atoms(tallies, block, places.parts.shape[1])
    parts = csr_array(places.parts.astype("int64"))
    cells = csr_array(kron(csr_array(atoms.counted_by.astype("int64")), parts))
    counts = atoms.counts.T.ravel()
    persons = np.asarray(cells @ counts, dtype="int64")
    pairs = [(tally, area) for tally in tallies for area in places.keys]
    # That nobody lives elsewhere tells of nobody: only a few who do are to be guarded.
    is_few = rule.guarantee.is_primary(persons) & (persons > 0)
    kept = np.array([area is not None or few for (_, area), few in zip(pairs, is_few, strict=True)])
    cells, persons = csr_array(cells[kept]), persons[kept]
    pairs = [pair for pair, is_kept in zip(pairs, kept, strict=True) if is_kept]
    fewest = np.repeat(
        [max(rule.fewest_people, tally.fewest_people) for tally in tallies], len(places.keys)
    )
    minors = np.tile(places.minors, len(tallies))
    has_few = ~((fewest == 0) | (minors >= fewest))[kept]  # few, or nobody knows
    hidden = np.tile(places.minors < rule.fewest_people, len(tallies))[kept]
    may_tell = ~has_few
    was_told = np.zeros(len(pairs), dtype=np.bool_)
    loss = np.array([tally.worth for tally, _ in pairs]) * (1.0 + persons)
    for n, (tally, area) in enumerate(pairs):
        if tally.name is None or area is None:
            is_small = bool(rule.guarantee.is_primary(persons[n]))
            was_told[n] = may_tell[n] = tally.is_known and not is_small
            loss[n] = 0.0
            continue
        done = settled.get((tally.name, tally.period, area))
        if done is not None:
            was_told[n] = may_tell[n] = done.reason is None
        else:
            of_whole = settled.get((tally.name, tally.period, places.keys[0]))
            is_open = tally.may_be_told and (of_whole is None or of_whole.reason is None)
            was_told[n] = rule.was_told(tally, area, int(persons[n]))
            may_tell[n] &= is_open and rule.may_tell(tally, area)
    named = np.array([bool(tally.name) and area is not None for tally, area in pairs])
    level = tuple("" if area is None or not t.name else area.level for t, area in pairs)
    guarded = hidden & named & ~was_told
    known = ReleaseSet(counts, cells, loss, rule.guarantee, may_tell, was_told, level, guarded)
    return _Set(pairs, has_few, known)


def _value(tally: Tally, persons: int) -> float:
    """What a count comes to: as many as it counts, or what they add up to."""
    return float(persons) if tally.amounts is None else float(tally.amounts[tally.rows].sum())
