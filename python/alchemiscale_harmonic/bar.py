"""Bennett's acceptance ratio on reduced (kT) work values."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

_MAX_HALVINGS = 200
_ROUNDING = 1e-12


class OverlapError(ValueError):
    """Raised when no estimate can be made of the given work values."""


def _softplus(x: np.ndarray) -> np.ndarray:
    """ln(1 + exp(x)), without overflow."""
    return np.logaddexp(0.0, x)


def _logsumexp(x: np.ndarray) -> float:
    top = float(np.max(x))
    return top + math.log(float(np.sum(np.exp(x - top))))


def _inverse_sample_size(x: np.ndarray) -> float:
    """sum(f²) / sum(f)² of the Fermi function f of x; the sums may underflow, this does not."""
    log_fermi = -_softplus(x)
    return math.exp(_logsumexp(2.0 * log_fermi) - 2.0 * _logsumexp(log_fermi))


def _overlap(x: np.ndarray) -> np.ndarray:
    """f (1 - f) of the Fermi function f of x."""
    return np.exp(-_softplus(x) - _softplus(-x))


def bar(forward: Sequence[float], reverse: Sequence[float]) -> tuple[float, float]:
    """Estimate a reduced free energy difference and its standard error.

    Parameters
    ----------
    forward, reverse
        Work of switching A to B, and of switching B to A, in kT. Lengths may differ; neither may
        be empty.

    Returns
    -------
    tuple[float, float]
        f_B - f_A and its asymptotic standard error, both in kT: the larger of Bennett's formula and
        of MBAR's, which agree where the two work distributions overlap well.

    Raises
    ------
    OverlapError
        If a list is empty, or holds a value that is not finite, or the two do not overlap at all.
    """
    w_f = np.asarray(forward, dtype=np.float64)
    w_r = np.asarray(reverse, dtype=np.float64)
    n_f, n_r = len(w_f), len(w_r)
    if n_f == 0 or n_r == 0:
        raise OverlapError(f"BAR needs work of both directions; got {n_f} forward, {n_r} reverse")
    if not (np.all(np.isfinite(w_f)) and np.all(np.isfinite(w_r))):
        raise OverlapError("BAR needs finite work values")

    m = math.log(n_f / n_r)

    def imbalance(d: float) -> float:
        # strictly increasing in d, so that there is one root
        return _logsumexp(-_softplus(m + w_f - d)) - _logsumexp(-_softplus(-m + w_r + d))

    low = min(float(np.min(w_f)), float(np.min(-w_r))) - 1.0
    high = max(float(np.max(w_f)), float(np.max(-w_r))) + 1.0
    step = high - low
    while imbalance(low) > 0.0:
        low -= step
    while imbalance(high) < 0.0:
        high += step
    for _ in range(_MAX_HALVINGS):
        middle = 0.5 * (low + high)
        if not low < middle < high:
            break
        if imbalance(middle) < 0.0:
            low = middle
        else:
            high = middle
    estimate = 0.5 * (low + high)

    x_f = w_f + m - estimate
    x_r = w_r - m + estimate
    floor = 1.0 / n_f + 1.0 / n_r
    bennett = _inverse_sample_size(x_f) + _inverse_sample_size(x_r) - floor
    information = float(np.sum(_overlap(x_f)) + np.sum(_overlap(x_r)))
    mbar = 1.0 / information - floor if information > 0.0 else math.inf
    # of two formulas that agree where there is overlap, the one that is too low elsewhere is not it
    variance = max(bennett, mbar)
    if not math.isfinite(variance):
        raise OverlapError(
            "forward and reverse work do not overlap at all: "
            "switch more slowly (more steps or a longer timestep)"
        )
    if variance < _ROUNDING * floor:
        variance = 0.0
    return estimate, math.sqrt(variance)
