"""An extract of OpenStreetMap small enough to be timed by hand, and places to travel between."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

Node = tuple[int, float, float]
Way = tuple[Sequence[int], Mapping[str, str]]


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    made = bytearray()
    while number > 0x7F:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    made.append(number)
    return bytes(made)


def zigzag(number: int) -> bytes:
    return varint((number << 1) ^ (number >> 63))


def told(tag: int, value: bytes | int) -> bytes:
    """A field of a Protocol Buffers message: a number, or bytes."""
    if isinstance(value, int):
        return varint(tag << 3) + varint(value)
    return varint(tag << 3 | 2) + varint(len(value)) + value


def block(kind: bytes, content: bytes) -> bytes:
    blob = told(1, content)
    header = told(1, kind) + told(3, len(blob))
    return struct.pack(">I", len(header)) + header + blob


def extract(nodes: Sequence[Node], ways: Sequence[Way]) -> bytes:
    """An OSM PBF file (https://wiki.openstreetmap.org/wiki/PBF_Format), not compressed."""
    texts = [b"", *sorted({w.encode() for _, tags in ways for pair in tags.items() for w in pair})]
    place = {text.decode(): number for number, text in enumerate(texts)}
    points = b"".join(
        told(
            1,
            varint(1 << 3)
            + zigzag(key)
            + varint(8 << 3)
            + zigzag(round(latitude * 1e7))
            + varint(9 << 3)
            + zigzag(round(longitude * 1e7)),
        )
        for key, longitude, latitude in nodes
    )
    roads = b""
    for number, (refs, tags) in enumerate(ways, start=1):
        steps = [after - before for before, after in zip([0, *refs], refs, strict=False)]
        roads += told(
            3,
            told(1, number)
            + told(2, b"".join(varint(place[key]) for key in tags))
            + told(3, b"".join(varint(place[value]) for value in tags.values()))
            + told(8, b"".join(zigzag(step) for step in steps)),
        )
    table = told(1, b"".join(told(1, text) for text in texts))
    return block(b"OSMHeader", told(4, b"OsmSchema-V0.6")) + block(
        b"OSMData", table + told(2, points) + told(2, roads)
    )


@pytest.fixture(scope="session")
def written_extract() -> Callable[[Path, Sequence[Node], Sequence[Way]], Path]:
    """Writes an extract of nodes (id, longitude, latitude) and ways (nodes, tags)."""

    def written(path: Path, nodes: Sequence[Node], ways: Sequence[Way]) -> Path:
        path.write_bytes(extract(nodes, ways))
        return path

    return written


@pytest.fixture
def villages() -> pd.DataFrame:
    """Six villages with a road, a tenth of a degree apart; g far from all roads; an isle, h, i."""
    return pd.DataFrame(
        {
            "id": list("abcdefghi"),
            "longitude": [3.9, 3.9, 3.9, 4.0, 4.1, 4.1, 4.7, 5.3, 5.3],
            "latitude": [45.0, 45.1, 45.2, 45.1, 45.1, 45.2, 45.5, 45.1, 45.2],
        }
    )


@pytest.fixture(scope="session")
def as_matrix() -> Callable[..., np.ndarray]:
    """Trips as a dense matrix, NaN where there is none."""

    def matrix(trips, n, m):
        made = np.full((n, m), np.nan)
        made[trips.origin, trips.destination] = trips.minutes
        return made

    return matrix
