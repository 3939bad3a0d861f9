"""Which channel each user takes, so that all together lose least: exact where that can be, else by descent.

A *user* is a sector with its homes, or a link: all its ends share one channel. Who hears whom, and how loudly, does not
depend on the channels; how much of it gets through does. What a receiver loses is the share of its capacity (Shannon)
that it has alone on a channel of its kit's full width: the noise of the others takes some, and a narrower channel some.
The sum over receivers, by weight, is what is minimised, and one to which nothing comes through any more counts many
times: half the rate for many is less bad than none for a few. Where a link carries less than what hangs on it wants at
the busy hour, the share that is lacking counts as many times. The sum grows with each user that is added, so what
a part of the users loses among themselves, with what each other loses at least, bounds the loss of all from below.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.progress import ALONE
from cn_planner.propagation.kernel import compiled
from cn_planner.spectrum.search_kernels import AirRows, Proof, best_for, branched, improved, looked_through, loss_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from cn_planner.progress import CancelToken, Run

_WORK = 20_000_000
"""Pairs of user and receiver that are looked at for a proof. A count, not a clock, so that the result repeats."""
_AT_ONCE = 500
"""Nodes of a proof between two looks whether somebody stopped it."""
_FEW_WORK = 3_000_000
"""Where one or two users alone may choose, each of their ways is looked at if these times pairs of user and receiver
are no more."""
_KICK_WORK = 300_000
_STARTS = 3
_LARGE = 200_000
"""Pairs from which on one descent takes seconds: there is one start and one kick."""
_SAME = 1e-12
_SILENT = 20.0
"""How many times a receiver counts that hears nothing any more."""
_ENOUGH = 1e-5
"""Of all capacity: what is so near the best is the best."""


@dataclass(frozen=True, eq=False)
class Interference:
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
    enough : float64 array of (widths, receivers)
        Bits a second for each hertz with which a link carries what hangs on it at the busy hour; 0 where any do.
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
    enough: NDArray[np.float64]

    def heard_mw(self, channel: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what each receiver hears of the others, mW. A user whose channel is -1 neither sends nor hears."""
        on = channel >= 0
        share = self.leak[channel[:, np.newaxis], channel[self.owner][np.newaxis, :]]
        share *= self.power[np.arange(len(channel)), self.width[channel]][:, np.newaxis]
        share[~on, :] = 0.0
        share[:, ~on[self.owner]] = 0.0
        # Summed in the order of the users: the same bits everywhere.
        total: NDArray[np.float64] = (self.heard * share).sum(axis=0)
        return total

    @cached_property
    def rows(self) -> AirRows:
        """The same for the kernels of the search."""
        users, count = len(self.choices), len(self.owner)
        mine = np.argsort(self.owner, kind="stable")
        # Columns of one array, but where there is one row or none: kernels would be compiled for these anew.
        who, whom = map(np.ascontiguousarray, np.nonzero(self.heard.T))  # by receiver, then by user
        sender, receiver = map(np.ascontiguousarray, np.nonzero(self.heard))
        return AirRows(
            self.owner, self.wanted, self.noise, self.needed, self.enough, self.share, self.full, self.power,
            self.weight, self.width, self.leak, self.dislike,
            mine_start=_starts(self.owner, users), mine=mine,
            from_start=_starts(who, count), sender=whom, level=self.heard[whom, who],
            hears_start=_starts(sender, users), hears=receiver, loud=self.heard[sender, receiver],
            choice_start=np.concatenate([[0], np.cumsum([len(one) for one in self.choices])]).astype(np.int64),
            choice=np.concatenate([np.empty(0, np.int64), *self.choices]),
            near=self._near(),
            silent=_SILENT,
        )  # fmt: skip

    def _near(self) -> NDArray[np.bool_]:
        """Return whose channel bears on whose choice."""
        heard = (self.heard > 0.0).astype(np.float32)
        theirs = np.zeros((len(self.owner), len(self.choices)), np.float32)
        theirs[np.arange(len(self.owner)), self.owner] = 1.0
        of = heard @ theirs > 0.0  # a user is heard by receivers of another
        near: NDArray[np.bool_] = of | of.T | (heard @ heard.T > 0.0)
        return near

    def only(self, users: NDArray[np.int64]) -> Interference:
        """Return it for some of the users alone, whose numbers rise: the others are off the air."""
        mine, number = np.isin(self.owner, users), np.full(len(self.choices), -1, np.int64)
        number[users] = np.arange(len(users))

        def of(each: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.ascontiguousarray(each[:, mine])  # laid out otherwise it would be compiled for once more

        return replace(
            self, owner=number[self.owner[mine]], wanted=of(self.wanted), noise=of(self.noise), needed=of(self.needed),
            enough=of(self.enough), share=of(self.share), full=self.full[mine], heard=of(self.heard[users]),
            power=self.power[users], weight=self.weight[mine],
            choices=tuple(self.choices[user] for user in users.tolist()),
        )  # fmt: skip

    def loss(self, channel: NDArray[np.int64]) -> float:
        """Return what is lost, with the dislike of the channels; a user whose channel is -1 neither sends nor hears."""
        return float(compiled(loss_of)(self.rows, channel))

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

    @cached_property
    def least(self) -> list[float]:
        """What each user loses at least: alone, on the best of its channels."""
        alone = np.full(len(self.choices), -1, np.int64)
        losses, heard = np.empty((2, len(self.leak)))
        best, rows, found = compiled(best_for), self.rows, []
        for user, choice in enumerate(self.choices):
            best(rows, alone, user, losses, heard)
            found.append(float(losses[: len(choice)].min()))
        return found


def _starts(of: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return where the entries of each begin in a list that is in their order, and where the last one's end."""
    return np.concatenate([[0], np.cumsum(np.bincount(of, minlength=count))]).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """A channel for each user; ``proven``: none loses less by more than a hundred-thousandth of all capacity."""

    channel: NDArray[np.int64]
    loss: float
    proven: bool


def assign_channels(
    interference: Interference, run: Run = ALONE, *, known: NDArray[np.int64] | None = None
) -> Assignment:
    """Return the assignment that loses least, or the best that was found.

    Parameters
    ----------
    interference : Interference
        Who hears whom.
    known : int64 array, optional
        An assignment that is already a good one.

    Notes
    -----
    Where one or two users alone may choose, the best of all their ways. Else from several fixed starts, one of them
    what is known: greedy, then single changes while they help, then kicks: a few users are moved and the changes begin
    anew from there (iterated local search). After the first start, and after the last where that found a better one,
    branch and bound, which proves the best where it ends within its work: then there is no other start. A cancel keeps
    the best so far.
    """
    best = np.array([choice[0] for choice in interference.choices], np.int64) if known is None else known
    least, enough = interference.loss(best), _least_of_all(interference) + _ENOUGH * float(interference.weight.sum())
    many = [len(choice) for choice in interference.choices if len(choice) > 1]
    if least > enough and len(many) <= 2 and math.prod(many) * interference.heard.size <= _FEW_WORK:
        channel = np.array([choice[0] for choice in interference.choices], np.int64)
        free = [user for user, choice in enumerate(interference.choices) if len(choice) > 1]
        for one in itertools.product(*(interference.choices[user].tolist() for user in free)):
            for user, given in zip(free, one, strict=True):
                channel[user] = given
            if (loss := interference.loss(channel)) < least - _SAME:
                best, least = channel.copy(), loss
        return Assignment(best, least, proven=True)
    return _searched(interference, best, enough, run, known=known)


def _searched(
    interference: Interference, best: NDArray[np.int64], enough: float, run: Run, *, known: NDArray[np.int64] | None
) -> Assignment:
    order, least = _order(interference), interference.loss(best)
    large = interference.heard.size > _LARGE
    kicks = 1 if large else int(np.clip(_KICK_WORK // max(interference.heard.size, 1), 10, 200))
    starts = (0 if known is None else 1,) if large else tuple(range(_STARTS if known is None else 2))
    proven = None
    for number, start in enumerate(starts):
        if least <= enough:
            break
        rng = np.random.default_rng(start)
        if known is not None and start == 1:
            begin = known
        else:
            turns = order if start == 0 else [int(n) for n in rng.permutation(len(order))]
            begin = _placed(interference, np.full(len(order), -1, np.int64), turns)
        now = _descend(interference, begin, run.cancel)
        loss = interference.loss(now)
        for kick in range(kicks):
            if loss < least - _SAME:
                best, least = now.copy(), loss
            if run.cancelled:
                return Assignment(best, least, proven=False)
            if least <= enough:
                break
            kicked = _kicked(interference, now, rng)
            if not np.array_equal(kicked, now):  # of those that have no choice nobody was moved
                trial = _descend(interference, kicked, run.cancel, best_near=now)
                there = interference.loss(trial)
                if there <= loss + _SAME:
                    now, loss = trial, there
            run.progress((number + (kick + 1) / kicks) / len(starts))
        if loss < least - _SAME:
            best, least = now, loss
        if proven is None:  # of few users the best is often proven by now: no further start finds a better one
            proven = _prove(interference, order, best, least, run.cancel)
            best, least = proven.channel, proven.loss
            if proven.proven or run.cancelled:
                return proven
    if proven is not None and least >= proven.loss:
        return proven
    return _prove(interference, order, best, least, run.cancel)


def _kicked(interference: Interference, channel: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Move one user anywhere and some others to where they then lose least."""
    users = rng.choice(len(channel), min(len(channel), int(rng.integers(2, 4))), replace=False)
    moved = channel.copy()
    moved[users] = -1
    moved[users[0]] = rng.choice(interference.choices[users[0]])
    return _placed(interference, moved, users[1:].tolist())


def _order(interference: Interference) -> list[int]:
    """Return the users, those that disturb and are disturbed most first."""
    noise = np.maximum(interference.noise.max(axis=0), 1e-30)
    users = len(interference.choices)
    relative = np.log2(1.0 + interference.heard / noise) * interference.weight
    given = relative.sum(axis=1)
    taken = np.array([relative[:, interference.owner == user].sum() for user in range(users)])
    return sorted(range(users), key=lambda user: (-round(float(given[user] + taken[user]), 9), user))


def _placed(interference: Interference, channel: NDArray[np.int64], users: Iterable[int]) -> NDArray[np.int64]:
    """Give users, one after the other, the channel on which they and those that have one lose least."""
    losses, heard = np.empty((2, len(interference.leak)))
    best, rows = compiled(best_for), interference.rows
    for user in users:
        choice = interference.choices[user]
        channel[user] = choice[0] if len(choice) == 1 else best(rows, channel, user, losses, heard)
    return channel


def _descend(
    interference: Interference,
    channel: NDArray[np.int64],
    cancel: CancelToken | None,
    *,
    best_near: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Change one user at a time while that helps; a cancel leaves it as far as it is.

    ``best_near`` is an assignment on which no change of one user helps: those near none that differ are settled.
    """
    channel, rows = channel.copy(), interference.rows
    settled = np.zeros(len(channel), np.bool_)
    if best_near is not None:
        moved = channel != best_near
        settled = ~(moved | rows.near[moved].any(axis=0))
    losses, heard = np.empty((2, len(interference.leak)))
    while compiled(improved)(rows, channel, settled, losses, heard):
        if cancel is not None and cancel.cancelled:
            break
    return channel


def _prove(
    interference: Interference, order: list[int], best: NDArray[np.int64], least: float, cancel: CancelToken | None
) -> Assignment:
    """Look through what may be better, part by part; stop where the nodes are used up."""
    users = len(order)
    # What those lose at least that have no channel yet, by how many have one.
    rest = np.append(np.cumsum([interference.least[user] for user in reversed(order)])[::-1], 0.0)
    slack = _ENOUGH * float(interference.weight.sum()) + _SAME
    if least <= _least_of_all(interference) + slack:
        return Assignment(best, least, proven=True)
    most = _WORK // max(interference.heard.size, 2_000)
    room = sum(len(one) for one in interference.choices)
    proof = Proof(
        np.array(order, np.int64), rest, _alike(interference), np.full(users, -1, np.int64), best.copy(),
        np.array([least]), depth=np.zeros(room, np.int64), one=np.zeros(room, np.int64), count=np.zeros(2, np.int64),
    )  # fmt: skip
    compiled(branched)(interference.rows, proof, 0)
    done = False
    while not done and proof.count[1] < most and not (cancel is not None and cancel.cancelled):
        until = min(most, int(proof.count[1]) + _AT_ONCE)
        done = compiled(looked_through)(interference.rows, proof, slack, until)
    return Assignment(proof.best, float(proof.least[0]), proven=done)


def _least_of_all(interference: Interference) -> float:
    """Return what is lost where nobody hears anybody."""
    return sum(interference.least)


def _alike(interference: Interference) -> NDArray[np.int64]:
    """Return for each channel the group of those that can be exchanged: as wide, open to the same users, apart."""
    count = len(interference.leak)
    open_to = np.array([[one in choice for choice in interference.choices] for one in range(count)], np.bool_)
    group = np.arange(count)
    for one in range(count):
        alone = not np.delete(interference.leak[one], one).any() and not np.delete(interference.leak[:, one], one).any()
        for other in range(one):
            if (
                alone
                and group[other] == other
                and (open_to[one] == open_to[other]).all()
                and interference.dislike[one] == interference.dislike[other]
                and interference.width[one] == interference.width[other]
                and not np.delete(interference.leak[other], other).any()
                and not np.delete(interference.leak[:, other], other).any()
            ):
                group[one] = other
                break
    return group
