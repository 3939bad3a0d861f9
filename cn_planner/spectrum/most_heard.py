"""Who is left off the air where its channels do not do for all: so that what stays reaches most homes.

Where the radios of a network drown each other, each that goes lets others be heard: of twenty links on one mast all may
fall silent where twelve would carry. Whom to leave out is chosen by quick rules, from the gateways on: a user stays
where it is heard itself and silences no more homes than it brings. What hangs on a link that goes, goes with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.model.plan import Choice, Priority, Status
from cn_planner.progress import ALONE
from cn_planner.propagation.kernel import compiled
from cn_planner.service.joined import ways_up
from cn_planner.spectrum.channel_search import assign_channels
from cn_planner.spectrum.search_kernels import best_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.model.plan import Plan
    from cn_planner.progress import Run
    from cn_planner.spectrum.channel_search import Interference
    from cn_planner.spectrum.interference import RadioNetwork

_PASSES = 2
"""Times that those left out are tried again, on the channels that the others then have."""
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class AirTree:
    """Who hears whom, and who hangs on whom.

    Attributes
    ----------
    interference : Interference
    above : int64 array of users
        The link over which each hangs on a gateway; -1 of what stands at one.
    link : bool array of users
        Which are links; the others are sectors, whose receivers stand in pairs: down, then up.
    behind : float64 array of users
        The weight of the homes behind each.
    held : bool array of users
        Who cannot be left out.
    at_mast : float64 array of users
        The weight of the homes that hang at the foot of the tower below each link, without a radio.
    """

    interference: Interference
    above: NDArray[np.int64]
    link: NDArray[np.bool_]
    behind: NDArray[np.float64]
    held: NDArray[np.bool_]
    at_mast: NDArray[np.float64]

    @cached_property
    def _down(self) -> NDArray[np.int64]:
        """The receivers of sectors, one of each pair."""
        return np.flatnonzero(~self.link[self.interference.owner])[::2]

    @cached_property
    def _from_gateway(self) -> tuple[int, ...]:
        """The links, each after the one over which it hangs."""
        found: list[int] = []
        front = np.flatnonzero(self.link & (self.above < 0)).tolist()
        while front:
            found += front
            front = np.flatnonzero(self.link & np.isin(self.above, front)).tolist()
        return tuple(found)

    def heard(self, channel: NDArray[np.int64]) -> tuple[float, NDArray[np.bool_]]:
        """Return the weight of the homes that are heard all the way, and which links carry on theirs; -1 is silent."""
        each, carries = self.of_each(channel)
        return float(each.sum()), carries

    def of_each(self, channel: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the same by user: of a sector its homes, of a link those at the foot of the tower below it."""
        air = self.interference
        on, every = channel[air.owner] >= 0, np.arange(len(air.owner))
        width = air.width[channel][air.owner]
        wanted, noise, needed = (rows[width, every] for rows in (air.wanted, air.noise, air.needed))
        # What would hear nothing alone is not silenced by others.
        through = on & ((wanted >= needed * (noise + air.heard_mw(channel))) | (wanted < needed * noise))
        works = np.bincount(air.owner, ~through, minlength=len(channel)) == 0
        carries = np.zeros(len(channel), np.bool_)
        for user in self._from_gateway:
            over = int(self.above[user])
            carries[user] = channel[user] >= 0 and works[user] and (over < 0 or carries[over])
        joined = (self.above < 0) | carries[self.above]
        down = self._down
        fine = through[down] & through[down + 1] & joined[air.owner[down]]
        each: NDArray[np.float64] = np.where(carries, self.at_mast, 0.0)
        each += np.bincount(air.owner[down], 2.0 * air.weight[down] * fine, minlength=len(channel))
        return each, carries

    def orders(self) -> tuple[list[list[int]], list[list[int]]]:
        """Return in which orders towers are tried, each its link and sectors: the heaviest first; branch by branch.

        A gateway has no link; each of its sectors is tried by itself.
        """
        by_weight = sorted(range(len(self.above)), key=lambda user: (-self.behind[user], user))
        sectors: dict[int, list[int]] = {}
        for user in by_weight:
            if not self.link[user]:
                sectors.setdefault(int(self.above[user]), []).append(user)
        doors = [[user] for user in sectors.get(-1, [])]
        heaviest = sorted(self._from_gateway, key=lambda user: -self.behind[user])
        branches, stack = list[int](), [-1]
        while stack:
            at = stack.pop()
            branches += [at] if at >= 0 else []
            stack += [user for user in reversed(by_weight) if self.link[user] and self.above[user] == at]
        found = ([*doors, *([link, *sectors.get(link, [])] for link in order)] for order in (heaviest, branches))
        return next(found), next(found)

    def useful(self, channel: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return channels on which those are silent whom nobody hears, and links behind which all are."""
        used = self.held | (self.of_each(channel)[0] > 0.0)
        for user in np.flatnonzero(used).tolist():
            over = int(self.above[user])
            while over >= 0 and not used[over]:
                used[over], over = True, int(self.above[over])
        return np.where(used, channel, -1)


def air_tree(plan: Plan, network: RadioNetwork, interference: Interference) -> AirTree | None:
    """Return who hangs on whom in a plan; None where links wait for others to fail, which nobody hangs on today."""
    users, up = network.users, ways_up(plan)
    number = {one.link.id: n for n, one in enumerate(users) if one.link is not None}
    over = {site: way[1] for site, way in up.items() if way is not None}
    if set(over.values()) != number.keys():
        return None
    below = {way: site for site, way in over.items()}
    hung = [below[one.link.id] if one.link is not None else one.site for one in users]
    above = [
        number.get(over.get(up[site][0] if one.link is not None else site, ""), -1)  # type: ignore[index]
        for one, site in zip(users, hung, strict=True)
    ]
    stay = {key for key, site in plan.used_sites.items() if _stays(site.choice, site.status)}
    stay |= {str(home.server) for home in plan.households.values() if home.priority is Priority.MUST}
    held = [
        site in stay or (one.link is not None and _stays(one.link.choice, one.link.status))
        for one, site in zip(users, hung, strict=True)
    ]
    for n in [n for n, one in enumerate(held) if one]:
        at = above[n]
        while at >= 0 and not held[at]:
            held[at], at = True, above[at]
    at_mast, by_radio = np.zeros(len(users)), {key for one in users for key in one.homes}
    for key, home in plan.households.items():
        if home.server in over and key not in by_radio:
            at_mast[number[over[home.server]]] += home.weight
    return AirTree(
        interference, np.array(above, np.int64), np.array([one.link is not None for one in users], np.bool_),
        np.array([one.weight for one in users], np.float64), np.array(held, np.bool_), at_mast,
    )  # fmt: skip


def _stays(choice: Choice, status: Status) -> bool:
    return choice is Choice.LOCKED or status is Status.BUILT


def most_heard(tree: AirTree, known: NDArray[np.int64], run: Run = ALONE) -> NDArray[np.int64] | None:
    """Return channels on which more homes are heard than on those that are known, -1 for who is left out.

    Parameters
    ----------
    tree : AirTree
    known : int64 array of users
        A channel for each.

    Returns
    -------
    int64 array of users or None
        None where leaving nobody out is no worse.
    """
    best, most = None, tree.heard(known)[0] + _SAME
    nobody = np.full(len(known), -1, np.int64)
    heaviest, branches = tree.orders()
    for begin, order in ((known, heaviest), (nobody, heaviest), (nobody, branches)):
        channel = begin
        for _ in range(_PASSES):
            run.check()
            before = channel
            channel = _settled(tree, tree.useful(channel), run)
            channel = tree.useful(_filled(tree, channel, order))
            if (channel == before).all():
                break
        channel = _settled(tree, channel, run)
        there = tree.heard(channel)[0]
        if there > most:
            best, most = channel, there
    return best


def _filled(tree: AirTree, channel: NDArray[np.int64], order: list[list[int]]) -> NDArray[np.int64]:
    """Return channels with those towers on the air as well that bring homes, or carry and take none."""
    air, channel = tree.interference, channel.copy()
    losses, levels = np.empty((2, len(air.leak)))
    for user in np.flatnonzero(tree.held & (channel < 0)).tolist():
        channel[user] = compiled(best_for)(air.rows, channel, user, losses, levels)
    before = tree.heard(channel)[0]
    for tower in order:
        over = int(tree.above[tower[0]])
        if over >= 0 and channel[over] < 0:
            continue
        trial, now, carries = channel, before, True
        for user in tower:
            if channel[user] >= 0:
                continue
            least = int(compiled(best_for)(air.rows, trial, user, losses, levels))
            for one in (least, *(one for one in air.choices[user].tolist() if one != least)):
                other = trial.copy()
                other[user] = one
                there, on = tree.heard(other)
                # What a link takes from others its sectors may bring again.
                if on[user] if tree.link[user] else there > now + _SAME:
                    trial, now = other, there
                    break
            else:
                carries = carries and not tree.link[user]
            if not carries:
                break
        if carries and now >= before - _SAME:
            channel, before = trial, now
    return channel


def _settled(tree: AirTree, channel: NDArray[np.int64], run: Run) -> NDArray[np.int64]:
    """Return channels of those on the air on which they lose less, where as many homes are heard."""
    on = np.flatnonzero(channel >= 0)
    if not len(on):
        return channel
    other = channel.copy()
    other[on] = assign_channels(tree.interference.only(on), run.silently(), known=channel[on]).channel
    return other if tree.heard(other)[0] >= tree.heard(channel)[0] - _SAME else channel
