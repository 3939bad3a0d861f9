"""A sector's air shared by homes: how much of it each takes, how full it is, what each gets when it is full.

The one notion of load: a home that takes d Mbit/s at a rate of r Mbit/s takes d / r of the time. A sector carries its
homes where these shares are at most 1. Rates are at the IP level, as `links.budget` gives them.

Wherever a plan's demand is shared out the rate is that *down*, to the home: a home's demand is what it takes out of the
network, and by that rate homes are served, sectors are counted and suggestions are made. What homes send takes air too;
the share of the rate on the air that reaches IP holds both directions (docs/receivers.md).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.errors import InputError
from cn_planner.message import msg

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def _no_negative(values: NDArray[np.float64], what: str) -> None:
    if bool((values < 0.0).any()):
        least = float(np.nanmin(values))
        raise InputError(
            msg("Demand: {value:g} Mbit/s. It must be 0 or more.", value=least)
            if what == "demand"
            else msg("Weight of a home: {value:g}. It must be 0 or more.", value=least)
            if what == "weight"
            else msg("Rate: {value:g} Mbit/s. It must be 0 or more.", value=least)
        )


def airtime_share(demand_mbps: ArrayLike, rate_mbps: ArrayLike) -> NDArray[np.float64]:
    """Return the share of the time that a demand takes: 1 is all of it.

    Parameters
    ----------
    demand_mbps : array_like
        What is taken at the busy hour, Mbit/s; 0 or more.
    rate_mbps : array_like
        At the IP level, Mbit/s, of a shape that goes with the demand; 0 where nothing gets through.

    Returns
    -------
    ndarray
        In the common shape: infinite where there is a demand and no rate, 0 where there is no demand, NaN where either
        is not known.

    Raises
    ------
    InputError
        Where a demand or a rate is negative.
    """
    demand, rate = np.broadcast_arrays(
        np.asarray(demand_mbps, dtype=np.float64), np.asarray(rate_mbps, dtype=np.float64)
    )
    _no_negative(demand, "demand")
    _no_negative(rate, "rate")
    share = np.full(demand.shape, np.inf)
    np.divide(demand, rate, out=share, where=(rate > 0.0) | np.isnan(rate) | np.isnan(demand))
    share[(demand == 0.0) & ~np.isnan(rate)] = 0.0
    return share


def _weights(rate: NDArray[np.float64], weight: ArrayLike | None) -> NDArray[np.float64]:
    weights = np.ones(rate.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    if weights.shape != rate.shape:
        raise InputError(msg("{weights} weights do not go with {rates} rates.", weights=weights.size, rates=rate.size))
    _no_negative(weights, "weight")
    return weights


def sector_load(demand_mbps: float, rate_mbps: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Return how full a sector's air is at the busy hour: 1 is full, infinite where a home has no rate.

    Parameters
    ----------
    demand_mbps : float
        Of one home, Mbit/s (`Demand.busy_hour_mbps`).
    rate_mbps : array_like, shape (homes,)
        Rates at the IP level, Mbit/s.
    weight : array_like, shape (homes,), optional
        How many homes each stands for; 1 where not given.

    Raises
    ------
    InputError
        Where a value is negative, or weights and rates differ in number.
    """
    rate = np.asarray(rate_mbps, dtype=np.float64)
    shares = airtime_share(demand_mbps * _weights(rate, weight), rate)
    return math.fsum(shares.ravel().tolist())


def equal_rate_mbps(rate_mbps: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Return what each home gets when all take as much as they can and get the same: Wi-Fi that serves in turn.

    The slow ones hold the others up: the harmonic mean of the rates, over the number of homes.

    Parameters
    ----------
    rate_mbps : array_like, shape (homes,)
        Rates at the IP level, Mbit/s.
    weight : array_like, shape (homes,), optional
        How many homes each stands for; 1 where not given.

    Returns
    -------
    float
        Mbit/s a home; infinite for a sector without homes.

    Raises
    ------
    InputError
        Where a value is negative, or weights and rates differ in number.

    References
    ----------
    M. Heusse et al., "Performance anomaly of 802.11b", IEEE INFOCOM 2003.
    """
    load = sector_load(1.0, rate_mbps, weight)
    return 1.0 / load if load > 0.0 else float("inf")


def equal_airtime_mbps(rate_mbps: ArrayLike, weight: ArrayLike | None = None) -> NDArray[np.float64]:
    """Return what each home gets when all take as much as they can and get the same time: TDMA with equal turns.

    Parameters
    ----------
    rate_mbps, weight
        As for `equal_rate_mbps`.

    Returns
    -------
    ndarray, shape (homes,)
        Mbit/s a home.

    Raises
    ------
    InputError
        Where a value is negative, or weights and rates differ in number.
    """
    rate = np.asarray(rate_mbps, dtype=np.float64)
    _no_negative(rate, "rate")
    homes = float(_weights(rate, weight).sum())
    each: NDArray[np.float64] = rate / homes if homes > 0.0 else rate.copy()
    return each


def sector_capacity_mbps(rate_mbps: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Return what the homes of a sector get together with all of its air in use, each the same.

    Parameters
    ----------
    rate_mbps, weight
        As for `equal_rate_mbps`.

    Returns
    -------
    float
        Mbit/s; 0 for a sector without homes.

    Raises
    ------
    InputError
        Where a value is negative, or weights and rates differ in number.
    """
    rate = np.asarray(rate_mbps, dtype=np.float64)
    homes = float(_weights(rate, weight).sum())
    return homes * equal_rate_mbps(rate, weight) if homes > 0.0 else 0.0
