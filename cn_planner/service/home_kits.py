"""Which kit a home gets: the plan's usual one, or the first of its further ones that serves where that does not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.links.budget import BudgetArrays, budget_arrays
from cn_planner.links.one_band import in_band
from cn_planner.links.radio import radio_end
from cn_planner.message import msg
from cn_planner.model.propagation_models import P526
from cn_planner.service.judge import serves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from cn_planner.coverage.access import Access
    from cn_planner.links.radio import RadioEnd
    from cn_planner.links.sight import Sight
    from cn_planner.message import Message
    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.plan import Plan
    from cn_planner.study import Study

    Ends = tuple[RadioEnd, RadioEnd]


class HomePaths(NamedTuple):
    """Paths from a tower's antenna to homes, arrays of shapes that go together.

    Attributes
    ----------
    loss_db : float64 array
    sight : Sight
    distance_m : array_like
    model : str
        What predicted the loss.
    wanted_mbps : array_like, optional
        The rate that each home should reach; that of any home where not given.
    """

    loss_db: NDArray[np.float64]
    sight: Sight
    distance_m: ArrayLike
    model: str = P526
    wanted_mbps: ArrayLike | None = None

    def budget(self, plan: Plan, ends: Ends) -> BudgetArrays:
        """Return the budgets with the radios of both ends."""
        return budget_arrays(
            self.loss_db, self.sight, *ends, plan.rules, distance_m=self.distance_m, model=self.model
        )  # fmt: skip


def ends_by_kit(study: Study, access: Access, kits: Sequence[str]) -> tuple[Ends, ...]:
    """Return the radios of a tower's antenna and of homes on its channel, for each kit of homes.

    A kit whose radio has another band than the tower's kit serves nobody.

    Raises
    ------
    InputError
        Where a kit is not on the shelf, or has no mode of the channel's width.
    """
    channel = {"freq_mhz": access.freq_mhz, "width_mhz": access.width_mhz}
    tower = radio_end(study.catalogue, access.kit, study.regulations, **channel)
    return tuple((tower, home_end(study, access.kit, kit, **channel)) for kit in kits)


def home_end(study: Study, access: str, kit: str, **channel: float | None) -> RadioEnd:
    """Return the radio of a home on a tower's channel; one whose radio has no channel in that band may send nothing.

    That stands for it by what the tower's own radio can: the two have no mode in common, and need none.
    """
    words = other_band(study.catalogue, access, kit)
    if words is None:
        return radio_end(study.catalogue, kit, study.regulations, **channel)
    return replace(radio_end(study.catalogue, access, study.regulations, **channel), allowed=False, closed=words)


def other_band(catalogue: Catalogue, access: str, kit: str) -> Message | None:
    """Return in words that a kit of homes has another band than a kit of towers; None where it has the same."""
    tower, home = catalogue.kit(access), catalogue.kit(kit)
    low, high = catalogue.radios[home.radio].band_mhz
    if in_band(catalogue, access, kit):
        return None
    return msg(
        "{home} has channels from {low:.0f} to {high:.0f} MHz, and {tower} is on {freq:.0f} MHz.",
        home=home.name, low=low, high=high, tower=tower.name, freq=tower.freq_mhz,
    )  # fmt: skip


def with_kits(plan: Plan, ends: Sequence[Ends], which: NDArray[np.int8], paths: HomePaths) -> BudgetArrays:
    """Return the budgets of paths whose homes have the kits of these numbers."""
    found = paths.budget(plan, ends[0])
    for number in range(1, len(ends)):
        if (which == number).any():
            found = _merged(found, paths.budget(plan, ends[number]), which == number)
    return found


def cheapest_kits(plan: Plan, ends: Sequence[Ends], paths: HomePaths) -> tuple[NDArray[np.int8], BudgetArrays]:
    """Return the first kit with which each path serves, and its budgets; the first of all where none does."""
    found = paths.budget(plan, ends[0])
    which = np.zeros(np.shape(found.verdict), np.int8)
    if len(ends) == 1:
        return which, found
    left = ~serves(plan, found, paths.wanted_mbps)
    for number in range(1, len(ends)):
        if not left.any():
            break
        other = paths.budget(plan, ends[number])
        now = left & serves(plan, other, paths.wanted_mbps)
        which[now] = number
        found, left = _merged(found, other, now), left & ~now
    return which, found


def _merged(one: BudgetArrays, other: BudgetArrays, there: NDArray[np.bool_]) -> BudgetArrays:
    each = zip(BudgetArrays._fields, one.arrays, other.arrays, strict=False)  # the last fields are of both
    merged: dict[str, Any] = {name: np.where(there, b, a) for name, a, b in each}
    return one._replace(**merged)
