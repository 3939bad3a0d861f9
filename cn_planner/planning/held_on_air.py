"""Whether what could be built holds on the channels: whom it is for is heard there, and nobody falls silent by it.

The judge is that of `channels` (`spectrum.channels.plan_channels`): what stands keeps its channel, what is new gets the
best that is left, and is offered with it, so that the plan is heard as it was judged once that is built. Of a plan some
of whose radios have no channel yet nobody knows who is heard: nothing is held against its air. Who has a channel sends
on it, whatever law and paths now say of it.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.progress import ALONE, Run
from cn_planner.spectrum.channels import plan_channels
from cn_planner.spectrum.interference import radio_network

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.coverage.kept import Store
    from cn_planner.economics.marginal_cost import PlanRow
    from cn_planner.model.plan import Link, Plan, Site
    from cn_planner.planning.fix_found import Fix
    from cn_planner.spectrum.channel_plan import ChannelPlan
    from cn_planner.study import Study

_MOST_EARS = 10_000
"""Receivers that are held against all that send, over all that one call asks of, before the rest is told without: some
four seconds."""


class Aired(NamedTuple):
    """A plan with something more, on its channels.

    ``lost``: homes that fall silent by it, who do not in the plan as it stands; ``silent``: all that are not served;
    ``given``: the sites and links that got a channel, as they then are.
    """

    lost: frozenset[str]
    silent: frozenset[str]
    given: tuple[Site | Link, ...]

    def tuned(self, rows: Iterable[PlanRow]) -> tuple[PlanRow, ...]:
        """Return what was put into the plan with its channels, and what else begins to send by it with its own."""
        given: dict[tuple[type, str], PlanRow] = {(type(one), one.id): one for one in self.given}
        return (*(given.pop((type(row), row.id), row) for row in rows), *given.values())


class _Losses:
    """The losses between antennas from one plan to the next, for as long as one call lasts."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def get(self, key: str, /) -> Any:
        return self._kept.get(key)

    def put(self, key: str, value: Any, _size_bytes: int, /) -> None:
        self._kept[key] = value


class HeldOnAir:
    """The channels of a plan as it stands, against which what could be built is held, one thing after the other.

    Parameters
    ----------
    study : Study
    store : (Store, str), optional
        As for `radio_network`.
    most_ears : int
        After so many receivers `open` says that nothing more is looked at.
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
        """Whether something more is looked at."""
        return self._unknown or (self._left > 0 and time.perf_counter() < self._last)

    def known(self) -> bool:
        """Return whether it is known who is heard in the plan as it stands.

        It is not where radios have no channel yet, or none can be asked for: some that should talk have no mode in
        common, or there are too many antennas.

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
        return not self._unknown

    def judged(self, after: Plan) -> Aired | None:
        """Return the plan with something more on its channels; None where these cannot be asked about, or its own not.

        Raises
        ------
        CancelledError
        """
        if not self.known() or self._now is None:
            return None
        try:
            found = self._channels(after)
        except InputError:
            return None
        with_channels = after if found.edit is None else found.edit.plan
        given = [one for key, one in with_channels.sites.items() if one != after.sites[key]]
        links = [one for key, one in with_channels.links.items() if one != after.links[key]]
        return Aired(found.not_served - self._now.not_served, found.not_served, (*given, *links))

    def kept(self, fix: Fix) -> Fix | None:
        """Return a fix with the channels of what it adds; None where its home or another is not served on them.

        Where nobody knows who is heard each fix is kept as it is; of one by which that comes to be it is said that
        nobody looked.

        Raises
        ------
        CancelledError
        """
        if not self.known():
            return fix
        found = self.judged(fix.edit(self._study.plan).plan)
        if found is None:
            return not_looked_at(fix)
        if found.lost or fix.home in found.silent:
            return None
        return replace(fix, rows=found.tuned(fix.rows))

    def _channels(self, plan: Plan) -> ChannelPlan:
        study = replace(self._study, plan=plan)
        network = radio_network(study, settled=True, store=self._store, run=self._run)
        self._left -= len(network.receivers)
        return plan_channels(study, network=network, run=self._run)


def not_looked_at(fix: Fix) -> Fix:
    """Return a fix that says that nobody has looked whether its channel does."""
    words = msg("{fix} Nobody has looked whether a channel is left for it: ask about this home alone.", fix=fix.words)
    return replace(fix, words=words)
