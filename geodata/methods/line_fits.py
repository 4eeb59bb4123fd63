"""Line fits: one model fitted to many short series at once.

All series share the design (the times of the periods, and a hinge where the line may bend); each
has its own figures, and its own periods without one.

Source:
    P. McCullagh and J. A. Nelder, Generalized Linear Models, Chapman and Hall (1989), 2.5
    (iteratively reweighted least squares), 9.2 (quasi-likelihood, Pearson's dispersion).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

from geodata.methods.amounts import FloatArray

Mask = npt.NDArray[np.bool_]

_ROUNDS = 60
_SETTLED = 1e-7
_STEEPEST = 25.0
_EXACT = 1e-24


@dataclass(frozen=True, eq=False)
class LineFits:
    """The fits of n series with k coefficients; NaN where a series cannot be fitted.

    Attributes:
        beta: (n, k) coefficients.
        covariance: (n, k, k) of them.
        deviance: (n,) what the fit leaves (of least squares, the weighted sum of squares).
        dispersion: (n,) variance per unit of the model's variance.
        freedom: (n,) figures less coefficients.
    """

    beta: FloatArray
    covariance: FloatArray
    deviance: FloatArray
    dispersion: FloatArray
    freedom: FloatArray


def least_squares_fits(
    design: FloatArray, values: FloatArray, weights: FloatArray, known: Mask
) -> LineFits:
    """Return the fits values = design . beta by weighted least squares.

    Args:
        design: (t, k) of full rank on the known periods of every series.
        values: (n, t) any number where not known.
        weights: (n, t) above 0 where known, 0 elsewhere.
        known: (n, t) whether the series has a figure; more than k of them.

    The line through 1, 3 and 8 has the slope 3.5; the squares left are 0.25, 1 and 0.25:

    >>> times = np.array([[1.0, -1], [1, 0], [1, 1]])
    >>> known = np.full((1, 3), True)
    >>> made = least_squares_fits(times, np.array([[1.0, 3, 8]]), np.ones((1, 3)), known)
    >>> made.beta.round(6).tolist(), made.deviance.round(6).tolist()
    ([[4.0, 3.5]], [1.5])
    """
    inverse = np.linalg.inv(_information(design, weights))
    beta = np.einsum("npq,nq->np", inverse, (weights * values) @ design)
    left = values - beta @ design.T
    # An exact fit leaves crumbs of rounding: they must not pass for precision.
    floor = _EXACT * (weights * np.where(known, values, 0.0) ** 2).sum(axis=1)
    deviance = np.maximum((weights * left**2).sum(axis=1), floor)
    freedom = known.sum(axis=1) - design.shape[1]
    dispersion = deviance / np.maximum(freedom, 1)
    return LineFits(beta, inverse * dispersion[:, None, None], deviance, dispersion, freedom * 1.0)


def poisson_fits(
    design: FloatArray, counts: FloatArray, people: FloatArray, known: Mask
) -> LineFits:
    """Return the fits log E(count) = log people + design . beta, by reweighted least squares.

    The dispersion is Pearson's, at least 1: counts vary no less than chance makes them.

    Args:
        design: (t, k) of full rank on the known periods of every series.
        counts: (n, t) at least 0; 0 where not known.
        people: (n, t) above 0; 1 where not known.
        known: (n, t) whether the series has a figure; more than k of them.

    Counts that double, 10 per thousand in the middle:

    >>> times = np.array([[1.0, -1], [1, 0], [1, 1]])
    >>> counts, people = np.array([[5.0, 10, 20]]), np.full((1, 3), 1000.0)
    >>> made = poisson_fits(times, counts, people, np.full((1, 3), True))
    >>> np.exp(made.beta).round(6).tolist(), made.dispersion.tolist()
    ([[0.01, 2.0]], [1.0])
    """
    size, width = len(counts), design.shape[1]
    beta = np.full((size, width), np.nan)
    rate = counts.sum(axis=1, keepdims=True) / np.where(known, people, 0).sum(axis=1, keepdims=True)
    at = np.flatnonzero(rate[:, 0] > 0)
    line = np.log((counts / people + rate)[at] / 2)
    before, reach = np.full((at.size, width), np.inf), np.ptp(design, axis=0)
    for _ in range(_ROUNDS):
        if not at.size:
            break
        mean = np.where(known[at], people[at] * np.exp(line), 0.0)
        work = mean * line + np.where(known[at], counts[at] - mean, 0.0)
        made = np.linalg.solve(_information(design, mean), (work @ design)[..., None])[..., 0]
        line = made @ design.T
        # Each round squares the error: what moves so little has no more to gain.
        settled = np.abs(made - before).max(axis=1) < _SETTLED
        # Without a finite estimate the line grows steeper for ever.
        is_lost = ~(np.abs(made) @ reach < _STEEPEST)
        beta[at[settled & ~is_lost]] = made[settled & ~is_lost]
        left = ~settled & ~is_lost
        at, line, before = at[left], line[left], made[left]
    return _poisson_results(design, counts, people, known, beta)


def padded_fits(fits: LineFits, at: npt.NDArray[np.int64], size: int, width: int) -> LineFits:
    """Return the fits of `size` series, of which these are those at `at`; NaN for the others.

    Coefficients up to `width` are added, 0 and certain.
    """
    made = LineFits(
        np.full((size, width), np.nan),
        np.full((size, width, width), np.nan),
        *np.full((3, size), np.nan),
    )
    given = fits.beta.shape[1]
    made.beta[at], made.covariance[at] = 0.0, 0.0
    made.beta[at, :given] = fits.beta
    made.covariance[at, :given, :given] = fits.covariance
    made.deviance[at], made.dispersion[at] = fits.deviance, fits.dispersion
    made.freedom[at] = fits.freedom
    return made


def merged_fits(where: Mask, chosen: LineFits, other: LineFits) -> LineFits:
    """Return `chosen` for the series that `where` says, `other` for the rest; of one width."""
    return LineFits(
        np.where(where[:, None], chosen.beta, other.beta),
        np.where(where[:, None, None], chosen.covariance, other.covariance),
        np.where(where, chosen.deviance, other.deviance),
        np.where(where, chosen.dispersion, other.dispersion),
        np.where(where, chosen.freedom, other.freedom),
    )


def _poisson_results(
    design: FloatArray, counts: FloatArray, people: FloatArray, known: Mask, beta: FloatArray
) -> LineFits:
    """Return the fits that have these coefficients."""
    size, width = beta.shape
    covariance = np.full((size, width, width), np.nan)
    deviance, dispersion = np.full(size, np.nan), np.full(size, np.nan)
    freedom = known.sum(axis=1) - float(width)
    fitted = ~np.isnan(beta[:, 0])
    at, count = known[fitted], counts[fitted]
    mean = np.where(at, people[fitted] * np.exp(beta[fitted] @ design.T), 1.0)
    pearson = np.where(at, (count - mean) ** 2 / mean, 0.0).sum(axis=1)
    dispersion[fitted] = np.maximum(1.0, pearson / np.maximum(freedom[fitted], 1))
    parts = xlogy(count, count / mean) - (count - mean)
    deviance[fitted] = 2 * np.where(at, parts, 0.0).sum(axis=1)
    inverse = np.linalg.inv(_information(design, np.where(at, mean, 0.0)))
    covariance[fitted] = inverse * dispersion[fitted][:, None, None]
    return LineFits(beta, covariance, deviance, dispersion, freedom)


def _information(design: FloatArray, weights: FloatArray) -> FloatArray:
    """Return (n, k, k): the weighted products of the columns of the design."""
    width = design.shape[1]
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), width * width)
    return np.asarray((weights @ products).reshape(len(weights), width, width), dtype=np.float64)
