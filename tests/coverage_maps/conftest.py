"""An exact and slow reference of the coverage contract, in plain numpy, that shares no code with the program.

The folder is not called coverage: tests/ is on the path, and numba would take it for the coverage package.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest


class Answer(NamedTuple):
    """Per cell asked: 1 seen, 0 blocked, 255 unknown; least clearance m; least in F1; least receiver height, m."""

    seen: np.ndarray
    clearance_m: np.ndarray
    clearance_f1: np.ndarray
    min_height_m: np.ndarray


def _bilinear(z: np.ndarray, row: np.ndarray, col: np.ndarray) -> np.ndarray:
    r, c = np.floor(row).astype(int), np.floor(col).astype(int)
    fr, fc = row - r, col - c
    total = np.zeros(row.shape)
    for dr in (0, 1):
        for dc in (0, 1):
            weight = (fr if dr else 1 - fr) * (fc if dc else 1 - fc)
            value = z[np.minimum(r + dr, z.shape[0] - 1), np.minimum(c + dc, z.shape[1] - 1)].astype(np.float64)
            total += np.where(weight == 0.0, 0.0, weight * value)
    return total


def slow(
    z: np.ndarray,
    tower: tuple[int, int],
    cells: np.ndarray,
    dx: float,
    dy: float,
    height_m: float,
    rx_m: float,
    k: float = 4 / 3,
    step_m: float | None = None,
    wavelength: float = 299.792458 / 5800.0,
) -> Answer:
    """Answer for each (row, column) of `cells`, each on its own profile."""
    radius = 6371000.0 * k
    h0 = float(z[tower]) + height_m
    seen = np.zeros(len(cells), int)
    least, f1, high = (np.full(len(cells), np.inf) for _ in range(3))
    drow, dcol = cells[:, 0] - tower[0], cells[:, 1] - tower[1]
    dist = np.hypot(drow * dy, dcol * dx)
    steps = np.ceil(dist / (step_m or min(dx, dy)) - 1e-9).astype(int)
    for n in np.unique(steps):
        which = np.flatnonzero(steps == n)
        ground = z[cells[which, 0], cells[which, 1]].astype(np.float64)
        if n < 2:
            seen[which] = np.where(np.isnan(ground), 255, 1)
            high[which] = 0.0
            continue
        t = np.arange(1, n)[np.newaxis] / n
        d = dist[which, np.newaxis]
        between = _bilinear(z, tower[0] + drow[which, np.newaxis] * t, tower[1] + dcol[which, np.newaxis] * t)
        bulge = (d * t) * (d - d * t) / (2 * radius)
        zone = np.sqrt(wavelength * (d * t) * (d - d * t) / d)
        over = h0 * (1 - t) + (ground + rx_m)[:, np.newaxis] * t - bulge - between
        blocked = (over < 0).any(axis=1)
        unknown = np.isnan(over).any(axis=1) | np.isnan(ground)
        seen[which] = np.where(blocked & ~np.isnan(ground), 0, np.where(unknown, 255, 1))
        least[which] = over.min(axis=1)
        f1[which] = (over / zone).min(axis=1)
        need = (between + bulge + 0.6 * zone - h0 * (1 - t)) / t - ground[:, np.newaxis]
        high[which] = np.maximum(need.max(axis=1), 0.0)
    return Answer(seen, least, f1, high)


@pytest.fixture(scope="session")
def reference():
    return slow
