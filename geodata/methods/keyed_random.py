"""Random numbers that belong to a place: the same wherever and in whatever order they are drawn.

A number depends on the seed, on what it is for, on the draw and on the key of the place; not on
which other places are computed beside it, in which tile, or on how many threads. Each purpose and
draw has its own SplitMix64 sequence, and a place's number is the one at its key's position, which
that generator reaches in one step.

Sources:
    G. L. Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA
    2014, ACM SIGPLAN Notices 49(10), 453-472 (the generator, figure 13 and its mix).
    J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011 (the idea of a
    number that is a function of a counter).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from geodata.methods.amounts import FloatArray

Keys = npt.NDArray[np.uint64]

_GOLDEN = 0x9E3779B97F4A7C15
_WORD = (1 << 64) - 1


class Purpose(IntEnum):
    """What a number is drawn for; two purposes never share a number."""

    DEMAND = 1
    SUPPLY = 2
    STANDARD = 3
    TRAVEL = 4
    TRAVEL_OF_PLACE = 5
    VALUE = 6
    RATE = 7


@dataclass(frozen=True)
class Draws:
    """How many times chance is let play, and from which seed.

    Args:
        count: the draws, at least 1; 100 place a probability of 0.9 within about 0.06.
        seed: any whole number of 0 or more, shown beside what is made with it.
        first: the number of the first draw; draws 0-49 and 50-99 together are draws 0-99.

    Raises:
        ValueError: for a number out of range.
    """

    count: int = 100
    seed: int = 0
    first: int = 0

    def __post_init__(self) -> None:
        """Refuse a number of draws that makes no sense."""
        if self.count < 1 or self.seed < 0 or self.first < 0:
            raise ValueError(f"count must be at least 1, seed and first at least 0: {self}")

    @property
    def numbers(self) -> range:
        """The draws' own numbers."""
        return range(self.first, self.first + self.count)


def place_keys(codes: Iterable[str]) -> Keys:
    """Return a stable 64-bit key for each code (BLAKE2b, RFC 7693): of an area, of a service.

    A code has its key for good, so that the numbers of an area survive a change in the others.

    >>> [hex(key) for key in place_keys(["A", "B"]).tolist()]
    ['0x46507cca99a3891a', '0x72da4bd88ac2b4ff']
    """
    digests = b"".join(hashlib.blake2b(code.encode(), digest_size=8).digest() for code in codes)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def keys_or_positions(keys: npt.ArrayLike | None, size: int) -> Keys:
    """Return `keys` as (size,) uint64, or the positions 0..size-1 where there are none.

    Raises:
        ValueError: if the keys are not as many, or one is given twice.
    """
    if keys is None:
        return np.arange(size, dtype=np.uint64)
    found = np.asarray(keys, dtype=np.uint64)
    if found.shape != (size,):
        raise ValueError(f"there must be one key for each of {size}, not {found.shape}")
    if len(np.unique(found)) != size:
        raise ValueError("two places have the same key: they would share their chance")
    return found


def uniforms(draws: Draws, purpose: Purpose, keys: npt.ArrayLike) -> FloatArray:
    """Return (draws, keys) numbers, each as likely anywhere above 0 and below 1.

    The first outputs of SplitMix64 seeded with 0, which others print as well, are those of the
    keys 0, 1 and so on of the sequence that starts at 0:

    >>> [hex(word) for word in _sequence(0, np.arange(2, dtype=np.uint64)).tolist()]
    ['0xe220a8397b1dcdaf', '0x6e789e6aa1b965f4']
    """
    places = np.asarray(keys, dtype=np.uint64)
    made = np.empty((draws.count, places.size))
    for row, draw in enumerate(draws.numbers):
        state = _start(draws.seed, purpose, draw)
        # 52 bits, and half a step up: never 0, never 1.
        made[row] = ((_sequence(state, places) >> np.uint64(12)).astype(np.float64) + 0.5) * 2**-52
    return made


def normals(draws: Draws, purpose: Purpose, keys: npt.ArrayLike) -> FloatArray:
    """Return (draws, keys) numbers of the standard normal distribution."""
    return np.asarray(ndtri(uniforms(draws, purpose, keys)), dtype=np.float64)


def _start(*words: int) -> int:
    """Return a 64-bit state made of whole numbers, each of them mixed in."""
    state = 0
    for word in words:
        state = int(_mixed(np.array([(state + _GOLDEN * (word + 1)) & _WORD], np.uint64))[0])
    return state


def _sequence(state: int, positions: Keys) -> Keys:
    """Return the outputs of SplitMix64, started at `state`, at these positions."""
    # Unsigned 64-bit arithmetic wraps around, as the generator is defined.
    return _mixed((positions + np.uint64(1)) * np.uint64(_GOLDEN) + np.uint64(state))


def _mixed(words: Keys) -> Keys:
    """Return each word mixed as SplitMix64 does (Stafford's variant 13)."""
    shifts: Sequence[tuple[int, int]] = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
    for shift, factor in shifts:
        words = (words ^ (words >> np.uint64(shift))) * np.uint64(factor)
    return words ^ (words >> np.uint64(31))
