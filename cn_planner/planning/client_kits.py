"""The kit of each home in the planner: what it costs at least."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from cn_planner.coverage.pair_work import PairMatrix
    from cn_planner.economics.least_costs import LeastCosts
    from cn_planner.model.plan import Household


def unequipped(home: Household) -> Household:
    """Return a home without the kit that an earlier plan gave it: a new one chooses again."""
    return replace(home, client_kit="") if home.client_kit else home


def kits_of_homes(
    least: LeastCosts,
    homes: tuple[Household, ...],
    access: PairMatrix,
    kit: NDArray[np.int8],
    works: NDArray[np.bool_],
    at_mast: Collection[int],
) -> tuple[tuple[int, ...], ...]:
    """Return the numbers of the kits that each home may have: with which a path to it works.

    Parameters
    ----------
    least, homes
        What things cost at least, and the homes.
    access : PairMatrix
        Its second places are the homes.
    kit, works : int8 and bool arrays of (pairs, heights)
        Number of the first kit that serves, and whether any does.
    at_mast : collection of int
        Numbers of the homes that stand at a place for a tower: from there the usual kit does.
    """
    if len(least.costs.plan.kits.clients) == 1:
        return ((0,),) * len(homes)
    found = []
    for number in range(len(homes)):
        pairs = access.second == number
        used = set(kit[pairs][works[pairs]].tolist())
        if not used or number in at_mast:
            used.add(0)
        found.append(tuple(sorted(used)))
    return tuple(found)


def cheapest_homes(
    least: LeastCosts, homes: tuple[Household, ...], may_have: Sequence[Sequence[int]]
) -> tuple[float, ...]:
    """Return what each home costs at least: with the cheapest of the kits that it may have.

    No plan gives it a cheaper one, so a bound that counts this holds.
    """
    kits = least.costs.plan.kits.clients
    return tuple(
        min(least.home(home if one == 0 else replace(home, client_kit=kits[one])) for one in numbers)
        for home, numbers in zip(homes, may_have, strict=True)
    )
