"""Non-equilibrium switching between two harmonic wells, by overdamped Langevin dynamics.

Everything here is plain numbers: energies in kcal/mol, lengths in nm, times in ps.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

R_KCAL = 1.380649e-23 * 6.02214076e23 / 4184.0
"""Molar gas constant, kcal/mol/K (exact SI values)."""

Direction = Literal["forward", "reverse"]

_MASK = np.uint64(0xFFFFFFFF)
_DISCARDED = 12


@dataclass(frozen=True)
class Well:
    """An isotropic harmonic well: ``offset + force_constant / 2 * |x - center|**2``."""

    force_constant: float
    center: tuple[float, ...]
    offset: float


@dataclass(frozen=True)
class Schedule:
    """How a switch is driven."""

    n_steps: int
    timestep: float
    diffusion_coefficient: float
    temperature: float


class RandomStreams:
    """One sfc32 generator a trajectory, all stepped together.

    Stream i starts from SHA-256 of ``alchemiscale_harmonic/1/<seed>/<direction>/<i>`` (ASCII,
    decimal i): the first three big-endian 32-bit words are a, b, c; the counter starts at 1; twelve
    outputs are thrown away.
    """

    def __init__(self, seed: str, direction: Direction, n_streams: int):
        words = np.empty((4, n_streams), dtype=np.uint64)
        for i in range(n_streams):
            text = f"alchemiscale_harmonic/1/{seed}/{direction}/{i}"
            digest = hashlib.sha256(text.encode("ascii")).digest()
            words[:3, i] = np.frombuffer(digest, dtype=">u4", count=3)
            words[3, i] = 1
        self._a, self._b, self._c, self._counter = words
        self._spare: np.ndarray | None = None
        for _ in range(_DISCARDED):
            self._next()

    def _next(self) -> np.ndarray:
        """Next 32-bit output of every stream."""
        out = (self._a + self._b + self._counter) & _MASK
        self._counter = (self._counter + np.uint64(1)) & _MASK
        self._a = self._b ^ (self._b >> np.uint64(9))
        self._b = (self._c + (self._c << np.uint64(3))) & _MASK
        rotated = ((self._c << np.uint64(21)) | (self._c >> np.uint64(11))) & _MASK
        self._c = (rotated + out) & _MASK
        return out

    def uniform(self) -> np.ndarray:
        """Next uniform of [0, 1) of every stream, 53 bits of two outputs."""
        high = self._next() >> np.uint64(5)
        low = self._next() >> np.uint64(6)
        return (high.astype(np.float64) * 67108864.0 + low.astype(np.float64)) / 9007199254740992.0

    def normal(self) -> np.ndarray:
        """Next standard normal of every stream (Box-Muller: cosine first, then sine)."""
        if self._spare is not None:
            value, self._spare = self._spare, None
            return value
        radius = np.sqrt(-2.0 * np.log(1.0 - self.uniform()))
        angle = 2.0 * math.pi * self.uniform()
        self._spare = radius * np.sin(angle)
        return radius * np.cos(angle)


def exact_free_energy(a: Well, b: Well, temperature: float) -> float:
    """F_B - F_A in kcal/mol: ``D/2 kT ln(k_B/k_A) + offset_B - offset_A``."""
    kt = R_KCAL * temperature
    dimensions = len(a.center)
    return 0.5 * dimensions * kt * math.log(b.force_constant / a.force_constant) + (
        b.offset - a.offset
    )


def switching_work(
    start: Well, end: Well, schedule: Schedule, streams: RandomStreams
) -> np.ndarray:
    """Work of one switch per stream from ``start`` to ``end``, in kT.

    The start is drawn from the exact equilibrium of ``start``. Then, for i = 1 … n_steps, lambda
    jumps to i / n_steps at fixed x (this is the work) and, but for the last, x moves for one
    timestep at that fixed lambda by the exact solution of the Langevin equation (an
    Ornstein-Uhlenbeck process, as the mixed potential is harmonic too). Each move keeps detailed
    balance, so that Crooks' relation holds exactly whatever the timestep.
    """
    kt = R_KCAL * schedule.temperature
    x = [
        center + math.sqrt(kt / start.force_constant) * streams.normal() for center in start.center
    ]
    work = np.zeros_like(x[0])
    for i in range(1, schedule.n_steps + 1):
        # the potential is linear in lambda, so every step's work is the same function of x
        r2_start = sum((xd - cd) ** 2 for xd, cd in zip(x, start.center, strict=True))
        r2_end = sum((xd - cd) ** 2 for xd, cd in zip(x, end.center, strict=True))
        gap = (
            end.offset
            - start.offset
            + 0.5 * end.force_constant * r2_end
            - 0.5 * start.force_constant * r2_start
        )
        work += gap / (schedule.n_steps * kt)
        if i == schedule.n_steps:
            break
        mixing = i / schedule.n_steps
        k_start = (1.0 - mixing) * start.force_constant
        k_end = mixing * end.force_constant
        k = k_start + k_end
        decay = math.exp(-k * schedule.diffusion_coefficient * schedule.timestep / kt)
        width = math.sqrt(kt / k * (1.0 - decay * decay))
        for d, (c_start, c_end) in enumerate(zip(start.center, end.center, strict=True)):
            center = (k_start * c_start + k_end * c_end) / k
            x[d] = center + (x[d] - center) * decay + width * streams.normal()
    return work
