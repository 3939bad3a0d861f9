"""The mode that is counted on: the fastest that leaves the reserve, and what it gives at the IP level.

Radios that will be loaded with plain Wi-Fi listen before they send: with the length of a path every wait is longer, so
that they give no more than `cn_planner.links.csma` says of the mode and the length.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.links.csma import FARTHEST_KM, csma_throughput_mbps

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from cn_planner.links.radio import Direction


_FEW = 1024
"""Paths; with more of them room for each mode of each is no gain."""


class Counted(NamedTuple):
    """One direction in the modes counted on, and its margin over the most robust one; in the shape of the loss.

    ``mode`` is the index in the `Direction`, -1 where none leaves the reserve: level and margin are then those of the
    most robust one, and the rate is 0.
    """

    level_dbm: NDArray[np.float64]
    margin_db: NDArray[np.float64]
    fallback_db: NDArray[np.float64]
    rate_mbps: NDArray[np.float64]
    mode: NDArray[np.int64]


def counted_on(
    one_way: Direction, loss_db: NDArray[np.float64], reserve_db: float, distance_m: ArrayLike | None = None
) -> Counted:
    """Return what is counted on in one direction.

    Parameters
    ----------
    one_way : Direction
        What can be received, mode by mode.
    loss_db : ndarray
        Loss of the paths, any shape; NaN where it is not known.
    reserve_db : float
        What the level must exceed a mode's sensitivity by.
    distance_m : array_like, optional
        Lengths of the paths, of a shape that goes with the loss; without them waits are those of a short path.
    """
    rate, mode = (_of_few if loss_db.size <= _FEW else _of_many)(one_way, loss_db, reserve_db)
    at = np.where(mode < 0, one_way.robust, mode)
    level, least = one_way.level_dbm[at] - loss_db, one_way.sensitivity_dbm
    fallback = one_way.level_dbm[one_way.robust] - loss_db - least[one_way.robust]
    if one_way.listens:
        rate = np.where(mode < 0, 0.0, np.minimum(rate, _wifi_mbps(one_way, at, distance_m)))
    return Counted(level, level - least[at], fallback, np.where(np.isnan(loss_db), np.nan, rate), mode)


def _of_many(
    one_way: Direction, loss_db: NDArray[np.float64], reserve_db: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the rate and the number of the fastest mode that leaves the reserve, the first of those as fast."""
    rate, mode = np.zeros(loss_db.shape), np.full(loss_db.shape, -1, dtype=np.int64)
    for index in range(len(one_way.mcs)):
        fits = one_way.level_dbm[index] - loss_db - one_way.sensitivity_dbm[index] >= reserve_db
        better = fits & (one_way.rate_mbps[index] > rate)
        rate = np.where(better, one_way.rate_mbps[index], rate)
        mode = np.where(better, index, mode)
    return rate, mode


def _of_few(
    one_way: Direction, loss_db: NDArray[np.float64], reserve_db: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the same, of all modes at once: with few paths the calls take the time, not the numbers."""
    down = (-1, *(1,) * loss_db.ndim)
    level, least, gives = (
        np.reshape(one, down) for one in (one_way.level_dbm, one_way.sensitivity_dbm, one_way.rate_mbps)
    )
    rates = np.where(level - loss_db - least >= reserve_db, gives, 0.0)
    rate = np.asarray(rates.max(axis=0))
    return rate, np.where(rate > 0.0, rates.argmax(axis=0), -1)


def fastest_mbps(one_way: Direction, distance_m: ArrayLike) -> NDArray[np.float64]:
    """Return what the fastest mode gives over paths without loss, in the shape of their lengths."""
    length = np.asarray(distance_m, dtype=np.float64)
    fastest = int(np.argmax(one_way.rate_mbps))
    rate = np.full(length.shape, one_way.rate_mbps[fastest])
    if one_way.listens:
        rate = np.minimum(rate, _wifi_mbps(one_way, np.full(length.shape, fastest), length))
    return rate


def rates_mbps(one_way: Direction, distance_m: float) -> NDArray[np.float64]:
    """Return what each mode gives over a path of a length, where its level suffices, shape (modes,)."""
    if not one_way.listens:
        return one_way.rate_mbps
    modes = np.arange(len(one_way.rate_mbps))
    return np.minimum(one_way.rate_mbps, _wifi_mbps(one_way, modes, np.full(len(modes), distance_m)))


def _wifi_mbps(one_way: Direction, at: NDArray[np.int64], distance_m: ArrayLike | None) -> NDArray[np.float64]:
    near, far = _wifi_ends(tuple((one_way.rate_mbps / one_way.efficiency).tolist()))
    length = np.minimum(np.asarray(0.0 if distance_m is None else distance_m, dtype=np.float64) * 1e-3, FARTHEST_KM)
    # The time of an exchange grows in a straight line with the length: the inverse of the throughput does.
    slope = (1.0 / far - 1.0 / near) / FARTHEST_KM
    found: NDArray[np.float64] = 1.0 / (1.0 / near[at] + slope[at] * length)
    return found


@lru_cache(maxsize=64)
def _wifi_ends(air_mbps: tuple[float, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what modes give over the shortest and over the longest path."""
    near, far = (np.array([csma_throughput_mbps(rate, km) for rate in air_mbps]) for km in (0.0, FARTHEST_KM))
    return near, far
