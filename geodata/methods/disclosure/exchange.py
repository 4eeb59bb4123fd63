"""Possible tables made from others by exchanges, without any programme.

Two classes lose what two others gain; when the told sums that tell the first gaining class from the
first giving one are those that tell the second giving one from the second gaining one, every told
sum stays. This is the basic move among tables with the same margins (Diaconis and Sturmfels,
*Algebraic algorithms for sampling from conditional distributions*, Annals of Statistics 26, 1998),
for any set of sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, eye_array

from geodata.methods.disclosure.release_set import Floats, Integers
from geodata.methods.disclosure.system import TOLERANCE, System
from geodata.methods.kernels import kernel

#: Classes that may give, at most: those with the most. More find more moves and take longer.
MOST_GIVING = 200
#: Classes that fail one after the other before a table is left as it is.
PATIENCE = 400


class Exchanges:
    """The moves that the told sums of a system allow.

    Examples
    --------
    Rows of two cells sum to 7 and 3, columns to 6 and 4. The first cell is brought to 6:

    >>> from geodata.methods.disclosure.system import system
    >>> lines = csr_array(np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]]))
    >>> made = system(lines, np.array([4, 3, 2, 1]))
    >>> start = Exchanges(made).start(made.truth)
    >>> start.raised(made.of[:1], np.array([6.0]))[made.of].tolist()
    [6.0, 1.0, 0.0, 3.0]
    """

    def __init__(self, known: System) -> None:
        draw = np.random.default_rng(20240607)
        sums = known.matrix
        if (sums.data != np.round(sums.data)).any():  # no class can stand for another: no move
            sums = csr_array(eye_array(len(known.truth)))
        weights = draw.integers(-(1 << 53), 1 << 53, sums.shape[0])
        # Whole numbers wrap around, so that equal differences of sums stay equal.
        self._sign = np.asarray(sums.T.astype("int64") @ weights, dtype="int64")

    def start(self, table: Floats) -> Start:
        """What exchanges can begin from a possible table (t,)."""
        giving = np.flatnonzero(table > TOLERANCE)
        giving = giving[np.argsort(-table[giving], kind="stable")][:MOST_GIVING]
        pairs = (self._sign[giving][None, :] - self._sign[:, None]).ravel()
        order = np.argsort(pairs)
        return Start(table, self._sign, giving, pairs[order], order)


@dataclass(frozen=True, eq=False)
class Start:
    """A possible table, and the moves that begin from it."""

    table: Floats
    _sign: Integers
    _giving: Integers
    _keys: Integers
    _order: Integers

    def raised(self, classes: Integers, least: Floats) -> Floats:
        """A table in which as many of these classes as exchanges can bring there have ``least``.

        Parameters
        ----------
        classes: (g,) different classes, first choice first; least: (g,) wanted of each.
        """
        made = self.table.copy()
        _raise(
            made,
            self._sign,
            self._giving,
            self._keys,
            self._order,
            classes,
            least,
            TOLERANCE,
            PATIENCE,
        )
        return np.maximum(made, 0.0)


@kernel
def _raise(
    table: Floats,
    sign: Integers,
    giving: Integers,
    keys: Integers,
    order: Integers,
    classes: Integers,
    least: Floats,
    tolerance: float,
    patience: int,
) -> None:
    """Bring classes to their least one after the other, where enough exchanges are found.

    ``keys`` are the differences of the signs of a giving and a gaining class, in increasing order;
    ``order`` the pair that each is of: gaining times the number of givers, plus the giver's place.
    """
    givers, failed = len(giving), 0
    kept, change = np.zeros(len(table)), np.zeros(len(table))
    touched = np.empty(16 * givers + 4, np.int64)
    for place in range(len(classes)):
        target, wanted = classes[place], least[place] - table[classes[place]]
        count = 0
        for other in giving:
            if wanted <= tolerance:
                break
            if other == target:
                continue
            asked = sign[target] - sign[other]
            at = np.searchsorted(keys, asked)
            while at < len(keys) and keys[at] == asked and wanted > tolerance:
                gaining, giver = order[at] // givers, giving[order[at] % givers]
                at += 1
                first = table[other] + change[other] - kept[other]
                if first <= tolerance:
                    break
                second = table[giver] + change[giver] - kept[giver]
                if giver in (target, other) or second <= tolerance:
                    continue
                amount = min(min(first, second), wanted)
                if count + 4 > len(touched):
                    break
                change[other] -= amount
                change[giver] -= amount
                change[target] += amount
                change[gaining] += amount
                touched[count], touched[count + 1] = other, giver
                touched[count + 2], touched[count + 3] = target, gaining
                count += 4
                wanted -= amount
        for each in touched[:count]:
            if wanted <= tolerance:
                table[each] += change[each]
            change[each] = 0.0
        if wanted <= tolerance:
            kept[target], failed = least[place], 0
        else:
            failed += 1
            if failed == patience:
                return
