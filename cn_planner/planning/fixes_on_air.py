"""Whether what would reach a home holds on the channels: the home is heard there, and nobody falls silent by it.

The judge is that of `channels` (`spectrum.channels.plan_channels`): what stands keeps its channel, what is new gets the
best that is left, and is offered with it, so that the plan is heard as it was judged once a fix is done. Of a plan some
of whose radios have no channel yet nobody knows who is heard: its fixes are not held against the air.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model.plan import Link, Site
from cn_planner.progress import ALONE, Run
from cn_planner.spectrum.channels import plan_channels
from cn_planner.spectrum.interference import radio_network

if TYPE_CHECKING:
    from cn_planner.coverage.kept import Store
    from cn_planner.economics.marginal_cost import PlanRow
    from cn_planner.model.plan import Plan
    from cn_planner.planning.fix_found import Fix
    from cn_planner.spectrum.channel_plan import ChannelPlan
    from cn_planner.study import Study

_MOST_EARS = 10_000
"""Receivers that are held against all that send, over all fixes of one call, before further homes are told theirs
without: some ten seconds."""


class _Losses:
    """The losses between antennas from one plan to the next, for as long as one call lasts."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def get(self, key: str, /) -> Any:
        return self._kept.get(key)

    def put(self, key: str, value: Any, _size_bytes: int, /) -> None:
        self._kept[key] = value


class FixesOnAir:
    """The channels of a plan as it stands, against which fixes are held one by one.

    Parameters
    ----------
    study : Study
    store : (Store, str), optional
        As for `radio_network`.
    most_ears : int
        After so many receivers `open` says that no further home is looked at.
    last : float
        The moment of the performance counter from which on it says so too.
    """

    def __init__(
        self,
        study: Study,
        *,
        store: tuple[Store, str] | None = None,
        most_ears: int = _MOST_EARS,
        last: float = math.inf,
        run: Run = ALONE,
    ) -> None:
        self._study, self._store, self._run = study, store or (_Losses(), ""), run
        self._left, self._last = most_ears, last
        self._now: ChannelPlan | None = None
        plan = study.plan
        sectors = (one for site in plan.used_sites.values() for one in site.sectors)
        self._unknown = study.surface.empty or any(one.freq_mhz is None for one in sectors)

    @property
    def open(self) -> bool:
        """Whether a further home is looked at."""
        return self._unknown or (self._left > 0 and time.perf_counter() < self._last)

    def kept(self, fix: Fix) -> Fix | None:
        """Return a fix with the channels of what it adds; None where its home or another is not served on them.

        Of a plan that the channels cannot be asked about, for radios that should talk have no mode in common or there
        are too many antennas, each fix is kept as it is; of one by which it becomes so it is said that nobody looked.

        Raises
        ------
        CancelledError
        """
        if self._now is None and not self._unknown:
            try:
                self._now = self._channels(self._study.plan)
                self._unknown = self._now.edit is not None
            except InputError:  # the check of the plan says so
                self._unknown = True
        if self._unknown or self._now is None:
            return fix
        try:
            found = self._channels(fix.edit(self._study.plan).plan)
        except InputError:
            return not_looked_at(fix)
        lost = found.not_served - self._now.not_served
        if lost or fix.home in found.not_served:
            return None
        if found.edit is None:
            return fix
        rows = tuple(_tuned(row, found.edit.plan) for row in fix.rows)
        return replace(fix, rows=rows)

    def _channels(self, plan: Plan) -> ChannelPlan:
        study = replace(self._study, plan=plan)
        network = radio_network(study, store=self._store, run=self._run)
        self._left -= len(network.receivers)
        return plan_channels(study, network=network, run=self._run)


def _tuned(row: PlanRow, plan: Plan) -> PlanRow:
    if isinstance(row, Site):
        return plan.sites[row.id]
    return plan.links[row.id] if isinstance(row, Link) else row


def not_looked_at(fix: Fix) -> Fix:
    """Return a fix that says that nobody has looked whether its channel does."""
    words = msg("{fix} Nobody has looked whether a channel is left for it: ask about this home alone.", fix=fix.words)
    return replace(fix, words=words)
