"""Deals: a few of many positions, drawn without replacement, many times at once."""

import numpy as np
import numpy.typing as npt

_CELLS = 4_000_000


def distinct_positions(
    size: int, taken: int, deals: int, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Return (deals, taken) positions among 0..size-1, in each row distinct and in random order.

    Every row is one of the size! / (size - taken)! as likely as any other. Rows that are drawn
    with a repetition are drawn again; where that would be most of them, whole permutations are cut.

    Args:
        size: how many positions there are.
        taken: how many each deal takes, at most `size`.
        deals: how many rows.
        random: where chance comes from.

    Raises:
        ValueError: for more taken than there are.

    >>> made = distinct_positions(5, 3, 1000, np.random.default_rng(1))
    >>> made.shape, {len(set(row)) for row in made.tolist()}, sorted(set(made.ravel().tolist()))
    ((1000, 3), {3}, [0, 1, 2, 3, 4])
    """
    if not 0 <= taken <= size:
        raise ValueError(f"{taken} of {size} positions cannot be taken")
    if taken * taken > 4 * size:
        rows = max(1, _CELLS // size)
        parts = [
            random.random((min(rows, deals - done), size)).argsort(axis=1)[:, :taken]
            for done in range(0, deals, rows)
        ]
        return np.concatenate(parts) if parts else np.empty((0, taken), dtype=np.int64)
    made = random.integers(size, size=(deals, taken))
    again = np.arange(deals)
    while again.size:
        ordered = np.sort(made[again], axis=1)
        again = again[(ordered[:, 1:] == ordered[:, :-1]).any(axis=1)]
        made[again] = random.integers(size, size=(again.size, taken))
    return made
