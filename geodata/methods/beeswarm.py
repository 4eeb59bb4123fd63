"""Beeswarms: dots laid out along their values, none over another, none moved along the scale."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geodata.methods.amounts import FloatArray

_CLOSE = 1e-9


def swarm(places: npt.ArrayLike, diameter: float) -> FloatArray:
    """Return how far above (or below) the line each dot lies.

    In the order of their places along the line (equals in the order given), each dot is put as
    near to the line as the dots before it allow, above rather than below.

    Args:
        places: (n,) along the line, in the unit of the diameter.
        diameter: of every dot.

    Raises:
        ValueError: for a diameter that is not above 0, or a place that is not finite.

    Two dots at one place stand on each other; one half a diameter along leans on the first,
    sqrt(1 - 1/4) below the line; one three diameters away is free.

    >>> swarm([0, 0, 0.5, 3], diameter=1).round(3).tolist()
    [0.0, 1.0, -0.866, 0.0]
    """
    along = np.asarray(places, dtype=np.float64)
    if not diameter > 0:
        raise ValueError(f"a diameter is above 0, not {diameter}")
    if not np.isfinite(along).all():
        raise ValueError("a dot has no place: leave out what has no value")
    offsets = np.zeros(along.shape)
    order = np.argsort(along, kind="stable")
    first = 0
    for number, dot in enumerate(order):
        while along[dot] - along[order[first]] >= diameter:
            first += 1
        near = order[first:number]
        offsets[dot] = _nearest(along[near] - along[dot], offsets[near], diameter)
    return offsets


def _nearest(apart: FloatArray, offsets: FloatArray, diameter: float) -> float:
    """Return the free offset nearest to the line: on it, or touching one of the dots near by."""
    reach = np.sqrt(np.maximum(diameter**2 - apart**2, 0.0))
    free = np.concatenate([[0.0], offsets + reach, offsets - reach])
    free = free[np.lexsort((-free, np.abs(free).round(9)))]
    for offset in free:
        if (np.abs(offsets - offset) >= reach - _CLOSE).all():
            return float(offset)
    raise AssertionError("the dot beyond all others is free")
