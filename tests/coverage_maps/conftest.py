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


def _places(away: np.ndarray, parts: int) -> np.ndarray:
    """Return shares of straight ways at which they cross rows and columns of samples, and so many parts between.

    `away`: rows and columns to the far end, (ways, 2). Ways with fewer crossings end in ones.
    """
    found = [np.zeros((len(away), 1))]
    for axis in (0, 1):
        whole = np.abs(away[:, axis : axis + 1])
        number = np.arange(1, int(whole.max()) + 1)[np.newaxis]
        found.append(np.where(number < whole, number / np.maximum(whole, 1), 1.0))
    t = np.sort(np.concatenate([*found, np.ones((len(away), 1))], axis=1), axis=1)
    inner = np.arange(parts) / parts
    cut = t[:, :-1, np.newaxis] + (t[:, 1:] - t[:, :-1])[:, :, np.newaxis] * inner
    return np.concatenate([cut.reshape(len(away), -1), t[:, -1:]], axis=1)


def slow(
    z: np.ndarray,
    tower: tuple[int, int],
    cells: np.ndarray,
    dx: float,
    dy: float,
    height_m: float,
    rx_m: float,
    k: float = 4 / 3,
    parts: int = 2,
    wavelength: float = 299.792458 / 5800.0,
    chunk: int = 500,
) -> Answer:
    """Answer for each (row, column) of `cells`, each on its own way over the bilinear surface.

    The ground is asked where the way crosses rows and columns of samples, and at equal steps that cut what lies
    between into `parts`, an even number. Line of sight and clearance in metres are those of the parabola through
    three places that follow each other, exactly; clearance in F1 and heights those of the places themselves.
    """
    radius = 6371000.0 * k
    h0 = float(z[tower]) + height_m
    seen = np.zeros(len(cells), int)
    least, f1, high = (np.full(len(cells), np.inf) for _ in range(3))
    order = np.argsort(np.abs(cells - np.array(tower)).sum(axis=1))
    for start in range(0, len(cells), chunk):
        which = order[start : start + chunk]
        away = cells[which] - np.array(tower)
        t = _places(away, parts)
        d = np.hypot(away[:, :1] * dy, away[:, 1:] * dx)
        ground = z[cells[which, 0], cells[which, 1]].astype(np.float64)
        between = _bilinear(z, tower[0] + away[:, :1] * t, tower[1] + away[:, 1:] * t)
        bulge = (d * t) * (d - d * t) / (2 * radius)
        over = h0 * (1 - t) + (ground + rx_m)[:, np.newaxis] * t - bulge - between
        first, middle, last = over[:, :-2:2], over[:, 1:-1:2], over[:, 2::2]
        sag = 2.0 * (first + last) - 4.0 * middle
        with np.errstate(divide="ignore", invalid="ignore"):
            v = np.clip(np.where(sag > 0.0, 0.5 - 0.5 * (last - first) / sag, 0.0), 0.0, 1.0)
        lowest = np.minimum(np.minimum(first, last), first * (1 - v) + last * v - sag * v * (1 - v))
        wide = t[:, 2::2] > t[:, :-2:2]
        lowest = np.where(wide, lowest, np.inf)
        blocked = (lowest < 0).any(axis=1)
        unknown = np.isnan(over).any(axis=1) | np.isnan(ground)
        seen[which] = np.where(blocked & ~np.isnan(ground), 0, np.where(unknown, 255, 1))
        least[which] = lowest.min(axis=1)
        inner = (t > 0.0) & (t < 1.0) & (d > 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            zone = np.sqrt(wavelength * (d * t) * (d - d * t) / d)
            f1[which] = np.where(inner, over / zone, np.inf).min(axis=1)
            need = (between + bulge + 0.6 * zone - h0 * (1 - t)) / t - ground[:, np.newaxis]
        high[which] = np.maximum(np.where(inner, need, 0.0).max(axis=1), 0.0)
    return Answer(seen, least, f1, high)


@pytest.fixture(scope="session")
def reference():
    return slow
