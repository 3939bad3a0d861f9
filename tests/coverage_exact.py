"""Clearance of straight ways over a grid, exactly, in plain numpy: no code is shared with the program.

Bilinear ground along a straight way is a parabola between two places at which the way crosses a row or a column of
samples. With the edges of woods as further places the ray's height over what stands below it is a parabola on every
piece, known from three of its places; the least of it, its least by the first Fresnel radius, and the receiver's height
that any of it asks for are where a derivative is zero, found by halving what lies between the places at which the
derivative turns.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

EARTH_M = 6_371_000.0
_HALVINGS = 55
_NEARLY = 1.0 - 1e-12
_FEW, _SURELY_M = np.arange(1.0, 32.0)[np.newaxis] / 32.0, 2.0


class Answer(NamedTuple):
    """Per cell asked: 1 seen, 0 blocked, 255 unknown; least clearance m; least in F1; least receiver height, m."""

    seen: np.ndarray
    clearance_m: np.ndarray
    clearance_f1: np.ndarray
    min_height_m: np.ndarray


class Wood(NamedTuple):
    """Trees everywhere but near both ends of a way."""

    canopy_m: float = 0.0
    keep_out_m: float = 200.0


class Pieces(NamedTuple):
    """Parabolas of ways, (ways, pieces): from and to which share; clearance there and half way; m."""

    t0: np.ndarray
    t1: np.ndarray
    first: np.ndarray
    middle: np.ndarray
    last: np.ndarray


def _bilinear(z: np.ndarray, row: np.ndarray, col: np.ndarray) -> np.ndarray:
    """`z`: doubles, with a row and a column more that repeat the last."""
    r, c = row.astype(np.intp), col.astype(np.intp)
    fr, fc = row - r, col - c
    flat, at = z.reshape(-1), r * z.shape[1] + c
    total = np.zeros(row.shape)
    for more, weight in (
        (0, (1 - fr) * (1 - fc)), (1, (1 - fr) * fc), (z.shape[1], fr * (1 - fc)), (z.shape[1] + 1, fr * fc),
    ):  # fmt: skip
        value = weight * flat[at + more]
        # What is missing counts where it has a weight alone.
        total += np.where(weight == 0.0, 0.0, value) if np.isnan(value).any() else value
    return total


def cuts_of(away: np.ndarray, d: np.ndarray, wood: Wood) -> np.ndarray:
    """Return shares at which ways cross rows and columns of samples and the edges of woods, from 0 to 1.

    `away`: rows and columns to the far end, (ways, 2); `d`: their lengths, (ways, 1). Ways with fewer end in ones.
    """
    found = [np.zeros((len(away), 1))]
    for axis in (0, 1):
        whole = np.abs(away[:, axis : axis + 1])
        number = np.arange(1, int(whole.max()) + 1)[np.newaxis]
        found.append(np.where(number < whole, number / np.maximum(whole, 1), 1.0))
    if wood.canopy_m > 0.0:
        edge = np.minimum(wood.keep_out_m / np.maximum(d, 1e-9), 1.0)
        found += [edge, 1.0 - edge]
    return np.sort(np.concatenate([*found, np.ones((len(away), 1))], axis=1), axis=1)


def _over(
    z: np.ndarray, tower: tuple[int, int], away: np.ndarray, d: np.ndarray, ends: tuple, bulge_m: float
) -> Callable[[np.ndarray], np.ndarray]:
    """Return how high rays pass above the ground at shares of their ways, m."""

    def over(share: np.ndarray) -> np.ndarray:
        ground = _bilinear(z, tower[0] + away[:, :1] * share, tower[1] + away[:, 1:] * share)
        return ends[0] * (1 - share) + ends[1] * share - (d * share) * (d - d * share) * bulge_m - ground

    return over


def pieces_of(
    z: np.ndarray, tower: tuple[int, int], away: np.ndarray, d: np.ndarray, ends: tuple, bulge_m: float, wood: Wood
) -> Pieces:
    """Return the parabolas of ways; `z`: as `_bilinear` has it; `ends`: antennas above sea level; `bulge_m`: 1 / 2R."""
    t = cuts_of(away, d, wood)
    t0, t1 = t[:, :-1], t[:, 1:]
    over = _over(z, tower, away, d, ends, bulge_m)
    half = 0.5 * (t0 + t1)
    tree = np.where((d * half > wood.keep_out_m) & (d * (1.0 - half) > wood.keep_out_m), wood.canopy_m, 0.0)
    at = over(t)
    return Pieces(t0, t1, at[:, :-1] - tree, over(half) - tree, at[:, 1:] - tree)


class _Zones(NamedTuple):
    """The parabolas of pieces, their shapes alike: height over the ground `first + n1 (t - t0) + n2 (t - t0)^2`."""

    t0: np.ndarray
    first: np.ndarray
    n1: np.ndarray
    n2: np.ndarray
    d: np.ndarray
    end_m: np.ndarray
    wavelength: float

    def at(self, which: np.ndarray) -> _Zones:
        return _Zones(*(one[which] for one in self[:-1]), self.wavelength)

    def over(self, t: np.ndarray) -> np.ndarray:
        return self.first + self.n1 * (t - self.t0) + self.n2 * (t - self.t0) ** 2

    def slope(self, t: np.ndarray) -> np.ndarray:
        return self.n1 + 2.0 * self.n2 * (t - self.t0)

    def share(self, t: np.ndarray) -> np.ndarray:
        return self.over(t) / np.sqrt(self.wavelength * self.d * t * (1 - t))

    def rising(self, t: np.ndarray) -> np.ndarray:
        """Return the sign of the derivative of `share`."""
        return self.slope(t) * t * (1 - t) - 0.5 * self.over(t) * (1 - 2 * t)

    def wanted(self, t: np.ndarray) -> np.ndarray:
        return self.end_m - self.over(t) / t + 0.6 * np.sqrt(self.wavelength * self.d * (1 - t) / t)

    def falling(self, t: np.ndarray) -> np.ndarray:
        """Return that of the derivative of `wanted`, turned round."""
        return self.slope(t) * t - self.over(t) + 0.3 * np.sqrt(self.wavelength * self.d * t / (1 - t))


def _turning(zones: _Zones, sign: Callable[[_Zones, np.ndarray], np.ndarray], low: np.ndarray, high: np.ndarray):
    """Return where a function goes from below 0 to above; `high` where it does not."""
    right = (sign(zones, low) < 0.0) & (sign(zones, high) > 0.0)
    there, end = zones.at(right), high.copy()
    low, high = low[right], high[right]
    for _ in range(_HALVINGS):
        half = 0.5 * (low + high)
        below = sign(there, half) < 0.0
        low, high = np.where(below, half, low), np.where(below, high, half)
    end[right] = 0.5 * (low + high)
    return end


def _by_zone(p: Pieces, d: np.ndarray, wavelength: float, end_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the least share of the first Fresnel radius, and the greatest height of the far end asked for."""
    wide = np.maximum(p.t1 - p.t0, 1e-15)
    n2 = (2.0 * (p.first + p.last) - 4.0 * p.middle) / wide**2
    n1 = (p.last - p.first) / wide - n2 * wide  # the slope at t0
    zones = _Zones(p.t0, p.first, n1, n2, d + 0.0 * wide, end_m + 0.0 * wide, wavelength)
    low, high = np.clip(p.t0, 1e-12, _NEARLY), np.clip(p.t1, 1e-12, _NEARLY)
    root = np.sqrt(np.maximum((zones.over(0.5 + 0.0 * wide) + 0.5 * n2) / np.where(n2 == 0.0, np.nan, 3.0 * n2), 0.0))
    by_share = 0.5 + np.nan_to_num(np.stack([-root, root]))
    curved = np.maximum(-8.0 * n2, 1e-300)
    product = np.minimum((0.6 * np.sqrt(wavelength * d) / curved) ** (2.0 / 3.0), 0.25)
    root = np.sqrt(0.25 - product)
    by_need = np.stack([0.5 - root, 0.5 + root])
    least, most = np.full(d.shape[0], np.inf), np.full(d.shape[0], -np.inf)
    real = p.t1 > p.t0
    for value, sign, turns in ((_Zones.share, _Zones.rising, by_share), (_Zones.wanted, _Zones.falling, by_need)):
        places = np.sort(np.stack([low, *np.clip(turns, low, high), high]), axis=0)
        for one, two in pairwise(places):
            for at in (one, two, _turning(zones, sign, one, two)):
                found = value(zones, at)
                inside = real & (at > 1e-11) & (at < 1.0 - 1e-11)
                if value is _Zones.share:
                    least = np.minimum(least, np.where(inside, found, np.inf).min(axis=1))
                else:
                    most = np.maximum(most, np.where(inside, found, -np.inf).max(axis=1))
    return least, most


def slow(
    z: np.ndarray,
    tower: tuple[int, int],
    cells: np.ndarray,
    dx: float,
    dy: float,
    height_m: float,
    rx_m: float,
    k: float = 4 / 3,
    wavelength: float | None = None,
    wood: Wood = Wood(),  # noqa: B008 - a value
    ways: np.ndarray | None = None,
    chunk: int = 500,
) -> Answer:
    """Answer for each (row, column) of `cells`, each on its own way; by zones where a wavelength is given.

    Else of ways that ground stands over by metres at one of a few places it is only told that they are blocked, and by
    how much there.

    `ways`: what a column and a row add to the way, m, as columns of a matrix, where cells are turned or slanting.
    """
    z = np.pad(z.astype(np.float64), ((0, 1), (0, 1)), mode="edge")
    h0 = float(z[tower]) + height_m
    seen = np.zeros(len(cells), int)
    least, f1, high = (np.full(len(cells), np.inf) for _ in range(3))
    order = np.argsort(np.abs(cells - np.array(tower)).sum(axis=1))
    for start in range(0, len(cells), chunk):
        which = order[start : start + chunk]
        away = cells[which] - np.array(tower)
        d = np.hypot(away[:, :1] * dy, away[:, 1:] * dx)
        if ways is not None:
            d = np.hypot(*(ways @ away[:, ::-1].T))[:, np.newaxis]
        ground = z[cells[which, 0], cells[which, 1]]
        end = (ground + rx_m)[:, np.newaxis]
        if wavelength is None:
            lowest = _over(z, tower, away, d, (h0, end), 0.5 / (EARTH_M * k))(_FEW).min(axis=1)
            hidden = lowest < -_SURELY_M
            seen[which[hidden]], least[which[hidden]] = 0, lowest[hidden]
            which, away, d, ground, end = (one[~hidden] for one in (which, away, d, ground, end))
            if not len(which):
                continue
        p = pieces_of(z, tower, away, d, (h0, end), 0.5 / (EARTH_M * k), wood)
        sag = 2.0 * (p.first + p.last) - 4.0 * p.middle
        with np.errstate(divide="ignore", invalid="ignore"):
            v = np.clip(np.where(sag > 0.0, 0.5 - 0.5 * (p.last - p.first) / sag, 0.0), 0.0, 1.0)
        lowest = np.minimum(np.minimum(p.first, p.last), p.first * (1 - v) + p.last * v - sag * v * (1 - v))
        lowest = np.where(p.t1 > p.t0, lowest, np.inf)
        blocked = (lowest < 0).any(axis=1)
        unknown = np.isnan(p.first + p.middle + p.last).any(axis=1) | np.isnan(ground)
        seen[which] = np.where(blocked & ~np.isnan(ground), 0, np.where(unknown, 255, 1))
        least[which] = lowest.min(axis=1)
        if wavelength is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                f1[which], most = _by_zone(p, d, wavelength, end)
            high[which] = np.maximum(most - ground, 0.0)
    return Answer(seen, least, f1, high)
