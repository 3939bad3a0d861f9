"""The homes of a plan as arrays: where their antennas are, how many homes each stands for, and what each takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.model.clients import demand_of, roof_height_m, wanted_mbps

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from cn_planner.model.plan import Household, Plan


@dataclass(frozen=True, slots=True, eq=False)
class HomeArrays:
    """The homes of a plan as arrays, in the order of their ids.

    Attributes
    ----------
    ids : tuple of str
    number : mapping of str to int
        Their places in the arrays.
    latitude, longitude : float64 arrays
        Degrees.
    roof_m : float64 array
        Antennas above ground.
    weight : float64 array
    load : float64 array
        What is carried for each at the busy hour, in homes.
    wanted_mbps : float64 array
        The rate that each should reach.
    kit : tuple of str
        What the plan gives each home, empty where it has none yet; none at all where any home may have any kit.
    """

    ids: tuple[str, ...]
    number: dict[str, int]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    roof_m: NDArray[np.float64]
    weight: NDArray[np.float64]
    load: NDArray[np.float64]
    wanted_mbps: NDArray[np.float64]
    kit: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)


def home_arrays(plan: Plan, some: Collection[str] | None = None) -> HomeArrays:
    """Return a plan's homes as arrays, or some of them."""
    rows = tuple(plan.households.values() if some is None else (plan.households[key] for key in some))
    latitude = np.array([home.latitude for home in rows], np.float64)
    longitude = np.array([home.longitude for home in rows], np.float64)
    roof = np.array([roof_height_m(plan, home) for home in rows], np.float64)
    weight = np.array([home.weight for home in rows], np.float64)
    load, wanted = loads_of(plan, rows), rates_wanted(plan, rows)
    for array in (latitude, longitude, roof, weight, load, wanted):
        array.flags.writeable = False
    ids = tuple(home.id for home in rows)
    return HomeArrays(
        ids, {key: n for n, key in enumerate(ids)}, latitude, longitude, roof, weight, load, wanted, _kits(plan, rows)
    )


def loads_of(plan: Plan, homes: Iterable[Household]) -> NDArray[np.float64]:
    """Return what is carried for homes at the busy hour, in homes."""
    return np.array([demand_of(plan, home) for home in homes], np.float64)


def rates_wanted(plan: Plan, homes: Iterable[Household]) -> NDArray[np.float64]:
    """Return the rates that homes should reach, Mbit/s."""
    return np.array([wanted_mbps(plan, home) for home in homes], np.float64)


def _kits(plan: Plan, rows: Sequence[Household]) -> tuple[str, ...]:
    """Return the kits that homes have; a home that is served without one of its own has the usual."""
    if not any(home.client_kit for home in plan.households.values()) and len(plan.kits.clients) == 1:
        return ()
    return tuple(home.client_kit or (plan.kits.client if home.server else "") for home in rows)
