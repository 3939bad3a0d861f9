"""A battery between panels and a load, hour by hour through a year, and how long the load is fed.

What the panels give beyond the load goes into the battery, with the loss of charging, until it is full; what they give
less comes out of it until the share that is used is empty. The year begins with a full battery in the month of most
sun, and goes once round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.economics.sun import HOURS, MONTH_DAYS, MONTH_OF_DAY, MONTHS, mean_days
from cn_planner.model.equipment import Chemistry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.economics.sun import SunYear
    from cn_planner.model.power import Power

    Floats = NDArray[np.float64]

MONTH_HOURS = np.array(MONTH_DAYS) * HOURS


@dataclass(frozen=True, slots=True)
class ChemistryUse:
    """How a chemistry is used: the share of a battery that is, and of what is charged that comes out again."""

    usable: float
    efficiency: float


# What makers and handbooks commonly give; a battery's own data sheet goes first (`power.usable_pct`).
CHEMISTRY_USE = {Chemistry.LIFEPO4: ChemistryUse(0.80, 0.92), Chemistry.LEAD: ChemistryUse(0.50, 0.80)}


def usable_share(power: Power) -> float:
    """Return the share of a battery's capacity that is used, when it is new."""
    return CHEMISTRY_USE[power.chemistry].usable if power.usable_pct is None else power.usable_pct / 100.0


def counted_share(power: Power) -> float:
    """Return the share of a battery's capacity that is counted: what is used of it at the end of its life."""
    return usable_share(power) * power.aged_pct / 100.0


def panel_wh_per_wp(year: SunYear, power: Power) -> Floats:
    """Return what a panel gives to battery and load each hour, Wh for each Wp.

    A panel's power is that in 1,000 W/m² (IEC 60904-3).
    """
    return np.asarray(year.panel_w_m2 / 1000.0 * (1.0 - power.losses_pct / 100.0))


def shortfall_wh(
    gain_wh_per_wp: Floats, load_w: Floats, panel_wp: Floats, usable_wh: Floats, efficiency: float
) -> Floats:
    """Return what the load lacks in each month.

    Parameters
    ----------
    gain_wh_per_wp : ndarray, (8760,)
        From 1 January.
    load_w, panel_wp, usable_wh : ndarray, (n,)
        So many cases: load all round the clock, power of the panels, what is used of the battery.
    efficiency : float
        Share of what is charged that comes out again, at most 1.

    Returns
    -------
    ndarray, (12, n)
        Wh by month.
    """
    months = np.repeat(MONTH_OF_DAY, HOURS)
    start = int(np.flatnonzero(months == int(np.argmax(mean_days(gain_wh_per_wp))))[0])
    lacks = np.zeros((MONTHS, len(load_w)))
    stored, flow, out = usable_wh.copy(), np.empty(len(load_w)), np.empty(len(load_w))
    month, gain = months.tolist(), gain_wh_per_wp.tolist()
    for hour in [*range(start, len(month)), *range(start)]:
        np.multiply(panel_wp, gain[hour], out=flow)
        np.subtract(flow, load_w, out=flow)
        np.multiply(flow, efficiency, out=out)
        np.minimum(flow, out, out=out)  # what charges loses, what is taken does not
        np.add(stored, out, out=stored)
        np.minimum(stored, 0.0, out=out)
        np.subtract(lacks[month[hour]], out, out=lacks[month[hour]])
        np.maximum(stored, 0.0, out=stored)
        np.minimum(stored, usable_wh, out=stored)
    return lacks


@dataclass(frozen=True, slots=True)
class Uptime:
    """How much of its hours a tower works: of the year, by month, and in the worst month (0 January)."""

    year_pct: float
    months_pct: tuple[float, ...]
    worst: int


def uptime(lacks_wh: Floats, load_w: float, panel_kwh_m2_day: Floats) -> Uptime:
    """Return how much of its hours a load is fed, by what it lacks in each month.

    The worst month is the one that lacks most; of equals, as where none lacks anything, the one with the least sun.
    """
    if load_w <= 0.0:
        return Uptime(100.0, (100.0,) * MONTHS, int(np.argmin(panel_kwh_m2_day)))
    months = 100.0 * (1.0 - lacks_wh / (load_w * MONTH_HOURS))
    whole = 100.0 * (1.0 - float(lacks_wh.sum()) / (load_w * float(MONTH_HOURS.sum())))
    rounded = np.round(months, 6)  # a hair of rounding must not choose the month
    worst = min(range(MONTHS), key=lambda n: (rounded[n], panel_kwh_m2_day[n], n))
    return Uptime(max(whole, 0.0), tuple(max(float(one), 0.0) for one in months), worst)
