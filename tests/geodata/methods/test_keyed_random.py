"""Keyed random numbers: known answers, even spread, and that a place keeps its own."""

import hashlib
from collections.abc import Callable

import numpy as np
import pytest

from geodata.methods.keyed_random import (
    Draws,
    Purpose,
    keys_or_positions,
    normals,
    place_keys,
    uniforms,
)

WORD = 2**64 - 1


def mixed(word: int) -> int:
    """Return a word mixed as in the paper, in Python's whole numbers."""
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & WORD
    return word ^ (word >> 31)


def number(seed: int, purpose: int, draw: int, key: int) -> float:
    """Return one number, from the definition, without numpy."""
    state = 0
    for word in (seed, purpose, draw):
        state = mixed((state + 0x9E3779B97F4A7C15 * (word + 1)) & WORD)
    out = mixed((state + 0x9E3779B97F4A7C15 * (key + 1)) & WORD)
    return ((out >> 12) + 0.5) / 2**52


def test_agrees_with_whole_numbers() -> None:
    """Every number, as the generator defines it."""
    keys = np.array([0, 1, 77, WORD], np.uint64)
    made = uniforms(Draws(3, seed=5, first=2), Purpose.SUPPLY, keys)
    for row, draw in enumerate((2, 3, 4)):
        for column, key in enumerate(keys.tolist()):
            assert made[row, column] == number(5, Purpose.SUPPLY, draw, key)


@pytest.mark.parametrize("drawn", [uniforms, normals])
def test_a_place_keeps_its_numbers(drawn: Callable[..., np.ndarray]) -> None:
    """Whatever the others, the order, and how the draws are split."""
    keys = place_keys([f"{code:05d}" for code in range(500)])
    whole = drawn(Draws(20, seed=1), Purpose.DEMAND, keys)
    order = np.random.default_rng(0).permutation(500)[:123]
    np.testing.assert_array_equal(
        drawn(Draws(20, seed=1), Purpose.DEMAND, keys[order]), whole[:, order]
    )
    later = drawn(Draws(8, seed=1, first=12), Purpose.DEMAND, keys)
    np.testing.assert_array_equal(later, whole[12:])


def test_seeds_purposes_and_draws_do_not_share_numbers() -> None:
    """No number twice, and no correlation between them."""
    keys = np.arange(4000)
    rows = np.vstack(
        [uniforms(Draws(3, seed), purpose, keys) for seed in (0, 1) for purpose in Purpose]
    )
    assert len(np.unique(rows)) == rows.size
    across = np.corrcoef(rows) - np.eye(len(rows))
    assert np.abs(across).max() < 5 / np.sqrt(4000)


def test_the_numbers_are_even() -> None:
    """Mean, variance, a hundred bins of equal height, and neighbours that know nothing."""
    made = uniforms(Draws(10, seed=3), Purpose.TRAVEL, np.arange(100_000))
    assert ((made > 0) & (made < 1)).all()
    assert made.mean() == pytest.approx(0.5, abs=0.002)
    assert made.var() == pytest.approx(1 / 12, rel=0.01)
    heights = np.histogram(made, 100, (0, 1))[0]
    assert ((heights - 1e4) ** 2 / 1e4).sum() < 160  # chi-square of 99, beyond 0.9999
    assert abs(np.corrcoef(made[:, 1:].ravel(), made[:, :-1].ravel())[0, 1]) < 0.005
    bell = normals(Draws(10, seed=3), Purpose.TRAVEL, np.arange(100_000))
    assert bell.mean() == pytest.approx(0, abs=0.005)
    assert bell.std() == pytest.approx(1, rel=0.005)


def test_keys() -> None:
    """A code's key is its hash; positions stand in; a shared key is refused."""
    digest = hashlib.blake2b(b"01001", digest_size=8).digest()
    assert place_keys(["01001"]).tolist() == [int.from_bytes(digest, "little")]
    assert place_keys([]).size == 0
    assert keys_or_positions(None, 3).tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="one key for each of 3"):
        keys_or_positions([1, 2], 3)
    with pytest.raises(ValueError, match="same key"):
        keys_or_positions([1, 2, 1], 3)


@pytest.mark.parametrize(("count", "seed", "first"), [(0, 0, 0), (1, -1, 0), (1, 0, -1)])
def test_draws_that_make_no_sense_are_refused(count: int, seed: int, first: int) -> None:
    """None, or from nowhere."""
    with pytest.raises(ValueError, match="at least"):
        Draws(count, seed, first)
