"""Which channel each user of the air takes, so that all together lose least: exact where that can be, else by descent.

A *user* is a sector with its homes, or a link: all its ends share one channel. Who hears whom, and how loudly, does not
depend on the channels; how much of it gets through does. What a receiver loses is the share of its capacity (Shannon)
that it has alone on a channel of its kit's full width: the noise of the others takes some, and a narrower channel some.
The sum over receivers, by weight, is what is minimised, and one to which nothing comes through any more counts many
times: half the rate for many is less bad than none for a few. The sum grows with each user that is added, so what a
part of the users loses among themselves, with what each other loses at least, bounds the loss of all from below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.progress import silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.progress import CancelToken, Progress

_WORK = 20_000_000
"""Pairs of user and receiver that are looked at for a proof. A count, not a clock, so that the result repeats."""
_KICK_WORK = 300_000
_STARTS = 3
_LARGE = 200_000
"""Pairs from which on one descent takes seconds: there is one start and one kick."""
_SAME = 1e-12
_SILENT = 20.0
"""How many times a receiver counts that hears nothing any more."""
_ENOUGH = 1e-5
"""Of all capacity: what is so near the best is the best."""


@dataclass(frozen=True, slots=True, eq=False)
class Air:
    """Who hears whom.

    Attributes
    ----------
    owner : int64 array of receivers
        The user that a receiver belongs to.
    wanted, noise, needed : float64 arrays of (widths, receivers)
        By the channel's width: power of the wanted signal, of heat and the receiver, mW; and the ratio of the wanted
        signal to noise and others below which nothing is received.
    share : float64 array of (widths, receivers)
        Each width over the full one of the receiver's kit.
    full : float64 array of receivers
        Capacity alone on a channel of that full width, in bits a second for each hertz of it.
    heard : float64 array of (users, receivers)
        Power of the loudest sender of each user at each receiver, mW, were it on the same channel; 0 of its own user.
    power : float64 array of (users, widths)
        What it sends at a width, over what it sends at its full one.
    weight : float64 array of receivers
        What it counts for.
    width : int64 array of channels
        Number of a channel's width.
    leak : float64 array of (channels, channels)
        Share of power from the first that is heard on the second.
    choices : tuple of int64 arrays
        The channels that each user may take.
    dislike : float64 array of channels
        By how much a channel is taken less gladly, in the unit of the loss: decides between equals.
    """

    owner: NDArray[np.int64]
    wanted: NDArray[np.float64]
    noise: NDArray[np.float64]
    needed: NDArray[np.float64]
    share: NDArray[np.float64]
    full: NDArray[np.float64]
    heard: NDArray[np.float64]
    power: NDArray[np.float64]
    weight: NDArray[np.float64]
    width: NDArray[np.int64]
    leak: NDArray[np.float64]
    choices: tuple[NDArray[np.int64], ...]
    dislike: NDArray[np.float64]

    def interference(self, channel: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what each receiver hears of the others, mW. A user whose channel is -1 neither sends nor hears."""
        on = channel >= 0
        share = self.leak[channel[:, np.newaxis], channel[self.owner][np.newaxis, :]]
        share *= self.power[np.arange(len(channel)), self.width[channel]][:, np.newaxis]
        share[~on, :] = 0.0
        share[:, ~on[self.owner]] = 0.0
        # Summed in the order of the users: the same bits everywhere.
        total: NDArray[np.float64] = (self.heard * share).sum(axis=0)
        return total

    def loss(self, channel: NDArray[np.int64]) -> float:
        """Return what is lost, with the dislike of the channels."""
        on = channel >= 0
        mine = np.flatnonzero(on[self.owner])
        lost = self.missed(self.interference(channel)[mine], mine, self.width[channel[self.owner[mine]]])
        return float(lost.sum() + self.dislike[channel[on]].sum())

    def lost(
        self, interference: NDArray[np.float64], mine: NDArray[np.int64], width: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return what receivers lose, by weight.

        Parameters
        ----------
        interference : float64 array of (..., some receivers)
            What they hear of others, mW.
        mine : int64 array of some receivers
            Their numbers.
        width : int64 array that goes with both
            The number of each one's width.
        """
        wanted, noise = self.wanted[width, mine], self.noise[width, mine]
        left = self.share[width, mine] * np.log2(1.0 + wanted / (noise + interference)) / self.full[mine]
        found: NDArray[np.float64] = self.weight[mine] * (1.0 - left)
        return found

    def missed(
        self, interference: NDArray[np.float64], mine: NDArray[np.int64], width: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return what is lost, and more where nothing is received any more that would be alone; as for `lost`."""
        wanted, noise, needed = self.wanted[width, mine], self.noise[width, mine], self.needed[width, mine]
        silent = (wanted >= needed * noise) & (wanted < needed * (noise + interference))
        found: NDArray[np.float64] = self.lost(interference, mine, width) + _SILENT * self.weight[mine] * silent
        return found

    def least(self, user: int) -> float:
        """Return what a user loses at least: alone, on the best of its channels."""
        mine, choice = np.flatnonzero(self.owner == user), self.choices[user]
        alone = self.missed(np.zeros((len(choice), len(mine))), mine, self.width[choice][:, np.newaxis])
        return float((alone.sum(axis=1) + self.dislike[choice]).min())


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """A channel for each user; ``proven``: none loses less by more than a hundred-thousandth of all capacity."""

    channel: NDArray[np.int64]
    loss: float
    proven: bool


def assign(
    air: Air,
    progress: Progress = silent,
    cancel: CancelToken | None = None,
    *,
    known: NDArray[np.int64] | None = None,
) -> Assignment:
    """Return the assignment that loses least, or the best that was found.

    Parameters
    ----------
    air : Air
        Who hears whom.
    progress, cancel
        As everywhere.
    known : int64 array, optional
        An assignment that is already a good one.

    Notes
    -----
    From several fixed starts, one of them what is known: greedy, then single changes while they help, then kicks: a few
    users are moved and the changes begin anew from there (iterated local search). Then branch and bound, which proves
    the best where it ends within its work. A cancel keeps the best so far.
    """
    order = _order(air)
    best = np.array([choice[0] for choice in air.choices], np.int64) if known is None else known
    least = air.loss(best)
    large = air.heard.size > _LARGE
    kicks = 1 if large else int(np.clip(_KICK_WORK // max(air.heard.size, 1), 10, 200))
    starts = (0 if known is None else 1,) if large else tuple(range(_STARTS if known is None else 2))
    enough = _least_of_all(air) + _ENOUGH * float(air.weight.sum())
    for number, start in enumerate(starts):
        if least <= enough:
            break
        rng = np.random.default_rng(start)
        if known is not None and start == 1:
            now = _descend(air, known, cancel)
        else:
            begin = _greedy(air, order if start == 0 else [int(n) for n in rng.permutation(len(order))])
            now = _descend(air, begin, cancel)
        loss = air.loss(now)
        for kick in range(kicks):
            if loss < least - _SAME:
                best, least = now.copy(), loss
            if cancel is not None and cancel.cancelled:
                return Assignment(best, least, proven=False)
            if least <= enough:
                break
            trial = _descend(air, _kicked(air, now, rng), cancel)
            there = air.loss(trial)
            if there <= loss + _SAME:
                now, loss = trial, there
            progress((number + (kick + 1) / kicks) / len(starts))
        if loss < least - _SAME:
            best, least = now, loss
    return _prove(air, order, best, least, cancel)


def _kicked(air: Air, channel: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Move one user anywhere and some others to where they then lose least."""
    users = rng.choice(len(channel), min(len(channel), int(rng.integers(2, 4))), replace=False)
    moved = channel.copy()
    moved[users] = -1
    moved[users[0]] = rng.choice(air.choices[users[0]])
    for user in users[1:].tolist():
        moved[user] = _best_for(air, moved, user)[0]
    return moved


def _order(air: Air) -> list[int]:
    """Return the users, those that disturb and are disturbed most first."""
    noise = np.maximum(air.noise.max(axis=0), 1e-30)
    users = len(air.choices)
    relative = np.log2(1.0 + air.heard / noise) * air.weight
    given = relative.sum(axis=1)
    taken = np.array([relative[:, air.owner == user].sum() for user in range(users)])
    return sorted(range(users), key=lambda user: (-round(float(given[user] + taken[user]), 9), user))


def _greedy(air: Air, order: list[int]) -> NDArray[np.int64]:
    channel = np.full(len(air.choices), -1, np.int64)
    for user in order:
        channel[user] = _best_for(air, channel, user)[0]
    return channel


def _best_for(air: Air, channel: NDArray[np.int64], user: int) -> tuple[int, float]:
    """Return the channel on which a user and all that have one lose least, the first of equals, and that loss."""
    others = channel.copy()
    others[user] = -1
    before = air.interference(others)
    choice, there = air.choices[user], others[air.owner]
    mine, rest = np.flatnonzero(air.owner == user), np.flatnonzero((there >= 0) & (air.owner != user))
    on = np.flatnonzero(others >= 0)
    sent = air.power[on, air.width[others[on]]][:, np.newaxis]
    # Of shape (choices, receivers): what its own receivers hear, not by BLAS, whose sums depend on its threads; and
    # what those of the others do.
    own = np.einsum("vc,vr->cr", air.leak[others[on]][:, choice], air.heard[on][:, mine] * sent)
    comes = air.power[user, air.width[choice]][:, np.newaxis] * air.leak[choice][:, there[rest]]
    hear = before[rest] + air.heard[user, rest] * comes
    lost = air.missed(own, mine, air.width[choice][:, np.newaxis]).sum(axis=1)
    lost += air.missed(hear, rest, air.width[there[rest]]).sum(axis=1)
    losses = lost + air.dislike[choice] + air.dislike[others[on]].sum()
    least = int(np.flatnonzero(losses <= losses.min() + _SAME)[0])
    return int(choice[least]), float(losses[least])


def _descend(air: Air, channel: NDArray[np.int64], cancel: CancelToken | None) -> NDArray[np.int64]:
    """Change one user at a time while that helps; a cancel leaves it as far as it is."""
    channel = channel.copy()
    now = air.loss(channel)
    better = True
    while better:
        better = False
        for user in range(len(channel)):
            if cancel is not None and cancel.cancelled:
                return channel
            one, loss = _best_for(air, channel, user)
            if loss < now - _SAME:
                channel[user] = one
                now, better = loss, True
    return channel


def _prove(air: Air, order: list[int], best: NDArray[np.int64], least: float, cancel: CancelToken | None) -> Assignment:
    """Look through what may be better, part by part; stop where the nodes are used up."""
    users, nodes = len(order), 0
    # What those lose at least that have no channel yet, by how many have one.
    rest = np.append(np.cumsum([air.least(user) for user in reversed(order)])[::-1], 0.0)
    slack = _ENOUGH * float(air.weight.sum()) + _SAME
    if least <= _least_of_all(air) + slack:
        return Assignment(best, least, proven=True)
    most = _WORK // max(air.heard.size, 2_000)
    channel = np.full(users, -1, np.int64)
    # Channels that no one has yet and that are alike for all are one choice: the first of them.
    alike = _alike(air)
    stack: list[tuple[int, int]] = (
        [(0, one) for one in reversed(_fresh(air, alike, channel, order[0]))] if users else []
    )
    while stack:
        depth, one = stack.pop()
        channel[order[depth:]] = -1
        channel[order[depth]] = one
        nodes += 1
        if nodes > most or (cancel is not None and cancel.cancelled):
            return Assignment(best, least, proven=False)
        loss = air.loss(channel)
        if loss + rest[depth + 1] >= least - slack:
            continue
        if depth == users - 1:
            best, least = channel.copy(), loss
            continue
        stack += [(depth + 1, one) for one in reversed(_fresh(air, alike, channel, order[depth + 1]))]
    return Assignment(best, least, proven=True)


def _least_of_all(air: Air) -> float:
    """Return what is lost where nobody hears anybody."""
    return sum(air.least(user) for user in range(len(air.choices)))


def _alike(air: Air) -> NDArray[np.int64]:
    """Return for each channel the group of those that can be exchanged: as wide, open to the same users, apart."""
    count = len(air.leak)
    open_to = np.array([[one in choice for choice in air.choices] for one in range(count)], np.bool_)
    group = np.arange(count)
    for one in range(count):
        alone = not np.delete(air.leak[one], one).any() and not np.delete(air.leak[:, one], one).any()
        for other in range(one):
            if (
                alone
                and group[other] == other
                and (open_to[one] == open_to[other]).all()
                and air.dislike[one] == air.dislike[other]
                and air.width[one] == air.width[other]
                and not np.delete(air.leak[other], other).any()
                and not np.delete(air.leak[:, other], other).any()
            ):
                group[one] = other
                break
    return group


def _fresh(air: Air, alike: NDArray[np.int64], channel: NDArray[np.int64], user: int) -> list[int]:
    """Return the channels to try for a user: of those that are alike and that nobody has, the first."""
    taken = set(channel[channel >= 0].tolist())
    seen: set[int] = set()
    found = []
    for one in air.choices[user].tolist():
        if one not in taken:
            if int(alike[one]) in seen:
                continue
            seen.add(int(alike[one]))
        found.append(one)
    return found
