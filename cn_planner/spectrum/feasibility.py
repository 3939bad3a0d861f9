"""On which channels, of which widths, the paths of a sector or link hold what they hold on their kit's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.links.budget import budget_arrays
from cn_planner.links.channels import Channel, channels_of, widths_of
from cn_planner.links.counted import fastest_mbps
from cn_planner.links.sight import Sight
from cn_planner.links.throughput import sector_load
from cn_planner.service.judge import serves

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from cn_planner.coverage.pair_work import PairMatrix
    from cn_planner.model.plan import Plan
    from cn_planner.progress import Progress
    from cn_planner.spectrum.radios import PathRow, Radios, User

_SLACK_DB = 0.1
_AS_FAST = 0.75
"""A mode less is no reason to leave a channel, where all that the plan asks for holds."""


class _Held(NamedTuple):
    """What the paths of a user hold on a channel: which are good, the lesser rate of each, and that down."""

    good: NDArray[np.bool_]
    rate_mbps: NDArray[np.float64]
    down_mbps: NDArray[np.float64]


def feasible_channels(
    plan: Plan,
    radios: Radios,
    users: Sequence[User],
    rows: Sequence[Sequence[PathRow]],
    behind: Mapping[str, float],
    paths: Callable[..., PairMatrix],
    progress: Progress,
    *,
    own_air: bool = False,
    settled: bool = False,
) -> tuple[User, ...]:
    """Return the users with the channels on which all their paths hold.

    Parameters
    ----------
    plan, radios, users
        Whose they are.
    rows : sequence of sequences of PathRow
        The paths of each.
    behind : mapping of str to float
        What the homes behind each link take, in homes; none behind a second way, which waits until a first one fails.
    paths : callable
        Gives the paths between pairs of stations at a frequency; ``homes``: from towers to their homes.
    progress : callable
        As everywhere.
    own_air : bool
        Whether paths to homes are to be asked for as such: more is known of them than of links.
    settled : bool
        Who has a channel in the plan keeps it: no other is looked for.

    Notes
    -----
    On each channel every path that is good on the kit's own must be good, and about as fast; and every one that is good
    on the channel that the plan gives. A home's path is judged as the home is: by its own kit, and with what was
    measured of the place. A narrower channel is
    slower: there a sector must still have the airtime, and a link carry what a home should reach and what hangs on it.
    A second way keeps its full width.
    """
    of_kits = {
        kits: [
            channel
            for width in widths_of(radios.catalogue, kits)
            for channel in channels_of(radios.catalogue, kits, radios.regulations, width)
        ]
        for kits in dict.fromkeys(user.kits for user in users)
    }
    open_to = [of_kits[user.kits] for user in users]
    wanted: dict[tuple[float, bool], list[int]] = {}
    for number, (user, channels) in enumerate(zip(users, open_to, strict=True)):
        if settled and user.given:
            continue
        homes = own_air and user.link is None
        for freq in sorted({user.kits[0].freq_mhz, *(one.freq_mhz for one in channels)}):
            wanted.setdefault((freq, homes), []).append(number)
    judges = [_Judge(plan, radios, user, rows[number], behind) for number, user in enumerate(users)]
    for n, ((freq, homes), those) in enumerate(sorted(wanted.items())):
        ends = [(one.sender, one.station) for number in those for one in rows[number]]
        matrix = paths(np.array(ends, np.int64).reshape(-1, 2), freq, homes=homes)
        first = 0
        for number in those:
            at = slice(first, first + len(rows[number]))
            judges[number].paths[freq] = (
                matrix.loss_db[at, 0, 0],
                matrix.sight(np.s_[at, 0, 0]),
                matrix.distance_m[at],
            )
            first = at.stop
        progress((n + 1) / len(wanted))
    found = []
    for user, judge, channels in zip(users, judges, open_to, strict=True):
        now = next(
            (one for one in channels if (one.freq_mhz, one.width_mhz) == (user.now.freq_mhz, user.now.width_mhz)),
            user.now,
        )
        kept = () if settled and user.given else judge.kept(channels)
        found.append(replace(user, channels=kept or (now,), now=now))
    return tuple(found)


class _Judge:
    """Whether a channel is one for a user."""

    def __init__(
        self, plan: Plan, radios: Radios, user: User, rows: Sequence[PathRow], behind: Mapping[str, float]
    ) -> None:
        self.plan, self.radios, self.user = plan, radios, user
        self.paths: dict[float, tuple[NDArray[np.float64], Sight, NDArray[np.float64]]] = {}
        self._loads = np.array([one.load for one in rows])
        self._wanted = np.array([one.wanted_mbps for one in rows])
        self._aside = np.array([one.aside_db for one in rows])
        self._kits = np.array([one.kit for one in rows], np.str_)
        link = user.link
        self._load = 0.0 if link is None else behind.get(link.id, 0.0) * plan.demand.later_mbps
        self._waits = link is not None and link.id not in behind

    def kept(self, channels: Sequence[Channel]) -> tuple[Channel, ...]:
        """Return those of the channels that are."""
        own = Channel(self.user.kits[0].freq_mhz, self.user.full_mhz)
        (alone,) = self._held([own], own.freq_mhz)
        good = alone.good
        now = self.user.now
        if now != own and any((one.freq_mhz, one.width_mhz) == (now.freq_mhz, now.width_mhz) for one in channels):
            good = good | self._held([now], now.freq_mhz)[0].good
        held: dict[Channel, _Held] = {}
        for width in dict.fromkeys(one.width_mhz for one in channels):
            alike = [one for one in channels if one.width_mhz == width]
            held |= zip(alike, self._held(alike), strict=True)
        carries = self._carries(alone)
        found = []
        for one in channels:
            there = held[one]
            narrow = one.width_mhz < own.width_mhz
            if not bool((there.good | ~good).all()):
                continue
            if narrow and (self._waits or not carries):
                continue
            least = 0.0 if narrow else _AS_FAST
            fast = bool((there.rate_mbps[alone.good] >= alone.rate_mbps[alone.good] * least).all())
            if fast and (self._carries(there) or not carries):
                found.append(one)
        return tuple(found)

    def _held(self, channels: Sequence[Channel], freq_mhz: float | None = None) -> list[_Held]:
        """Return what the paths hold on channels of one width: of all at once in a fraction of the time.

        With the power that the law leaves radios at a frequency, on which they are; at that of their kits where none is
        given.
        """
        kits, plan = self.user.kits, self.plan
        losses, sights, lengths = zip(*(self.paths[one.freq_mhz] for one in channels), strict=True)
        # A pattern is that of the kit's own frequency: a tenth of a decibel for what it changes within the band.
        known = {kits[0].freq_mhz, freq_mhz}
        slack = np.array([[0.0 if one.freq_mhz in known else _SLACK_DB] for one in channels])
        link = self.user.link is not None
        margin = plan.rules.backhaul_margin_db if link else plan.rules.access_margin_db
        width = None if channels[0].width_mhz == self.user.full_mhz else channels[0].width_mhz
        sight = Sight(*(np.stack(one) if np.ndim(one[0]) else one[0] for one in zip(*sights, strict=True)))
        loss, length, end = np.stack(losses) + self._aside + slack, np.stack(lengths), self.radios.end
        good, down, up = np.zeros(loss.shape, np.bool_), np.zeros(loss.shape), np.zeros(loss.shape)
        for kit in kits[-1:] if link else kits:
            those = np.flatnonzero(self._kits == kit.id)
            if not len(those):
                continue
            budget = budget_arrays(
                loss[:, those], sight.at(np.s_[:, those]), end(kits[0].id, width, freq_mhz),
                end(kit.id, width, freq_mhz), plan.rules, distance_m=length[:, those], rate_margin_db=margin,
                link_mhz=np.array([[one.freq_mhz] for one in channels]) if link else None,
            )  # fmt: skip
            down[:, those], up[:, those] = np.nan_to_num(budget.rate_down_mbps), np.nan_to_num(budget.rate_up_mbps)
            good[:, those] = budget.margin_db >= margin if link else serves(plan, budget, self._wanted[those])
        return [_Held(*one) for one in zip(good, np.minimum(down, up), down, strict=True)]

    def _carries(self, held: _Held) -> bool:
        """Return whether the rates are enough for what hangs on them."""
        plan = self.plan
        if self.user.link is None:
            mine = held.good
            return sector_load(plan.demand.busy_hour_mbps, held.down_mbps[mine], self._loads[mine]) <= 1.0
        kit = self.user.kits[0].id
        fastest = fastest_mbps(self.radios.direction_of(kit, kit), self.paths[self.user.kits[0].freq_mhz][2])
        least = np.minimum(plan.demand.mbps_per_home, fastest)
        return bool((held.rate_mbps >= np.maximum(least, self._load)).all())
