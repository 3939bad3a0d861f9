"""Kernels of the search for channels: what all lose on an assignment, and where one user is moved with least loss.

Who hears whom is kept as rows: most receivers hear few of the others. Powers are summed anew each time, always in the
order of the users: kept sums that are added to and taken from would lose the small ones among the large.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from cn_planner.propagation.kernel import kernel

_SAME = 1e-12


class AirRows(NamedTuple):
    """`channel_search.Interference` as flat arrays, each contiguous; rows are offsets into the array beside them.

    Attributes
    ----------
    owner : int64 array of receivers
    wanted, noise, needed, enough, share, full, power, weight, width, leak, dislike : arrays
        As there.
    mine_start, mine : int64 arrays
        The receivers of each user.
    from_start, sender, level : int64, int64 and float64 arrays
        Of each receiver: the users that it hears, and how loudly, mW.
    hears_start, hears, loud : int64, int64 and float64 arrays
        Of each user: the receivers that hear it, and how loudly.
    choice_start, choice : int64 arrays
        The channels that each user may take.
    near : bool array of (users, users)
        Whether the channel of the one bears on where the other loses least: one of them is heard by the other, or both
        by a third.
    """

    owner: Any
    wanted: Any
    noise: Any
    needed: Any
    enough: Any
    share: Any
    full: Any
    power: Any
    weight: Any
    width: Any
    leak: Any
    dislike: Any
    mine_start: Any
    mine: Any
    from_start: Any
    sender: Any
    level: Any
    hears_start: Any
    hears: Any
    loud: Any
    choice_start: Any
    choice: Any
    near: Any
    silent: float


class Proof(NamedTuple):
    """A search through all that may be better, as far as it has come.

    Attributes
    ----------
    order : int64 array of users
        In which they are given channels.
    rest : float64 array of users + 1
        What those lose at least that have none yet, by how many have one.
    alike : int64 array of channels
        The group of those that can be exchanged for each other: of a group that nobody has one is tried.
    channel, best : int64 arrays of users
        What is tried, and the best that is known.
    least : float64 array of 1
        What that loses.
    depth, one : int64 arrays
        What is still to be tried, the last first: how many have a channel before, and the channel of the next.
    count : int64 array of 2
        How many of these there are, and how many were tried.
    """

    order: Any
    rest: Any
    alike: Any
    channel: Any
    best: Any
    least: Any
    depth: Any
    one: Any
    count: Any


@kernel
def missed(air: AirRows, w: int, r: int, interference: float) -> float:
    """Return the share of its capacity that a receiver loses on a width, by weight; more where too little is left.

    Many times as much where it hears nothing that it would alone, or by how much of what hangs on it is lacking.
    """
    wanted, noise, needed, enough = air.wanted[w, r], air.noise[w, r], air.needed[w, r], air.enough[w, r]
    left = math.log2(1.0 + wanted / (noise + interference))
    lost = 1.0 - air.share[w, r] / air.full[r] * left
    if wanted >= needed * noise and wanted < needed * (noise + interference):
        lost += air.silent
    elif left < enough:
        lost += air.silent * (1.0 - left / enough)
    of_all: float = air.weight[r] * lost
    return of_all


@kernel
def loss_of(air: AirRows, channel: Any) -> float:
    """Return what all lose that have a channel, with the dislike of the channels."""
    owner, width, leak, power = air.owner, air.width, air.leak, air.power
    start, sender, level, dislike = air.from_start, air.sender, air.level, air.dislike
    lost = 0.0
    for r in range(len(owner)):
        on = channel[owner[r]]
        if on < 0:
            continue
        heard = 0.0
        for k in range(start[r], start[r + 1]):
            other = channel[sender[k]]
            if other >= 0:
                heard += level[k] * leak[other, on] * power[sender[k], width[other]]
        lost += missed(air, width[on], r, heard)
    for user in range(len(channel)):
        if channel[user] >= 0:
            lost += dislike[channel[user]]
    return lost


@kernel
def _of_its_own(air: AirRows, channel: Any, user: int, losses: Any, heard: Any) -> None:
    """Add what the user's own receivers lose on each of its channels."""
    width, leak, power = air.width, air.leak, air.power
    start, sender, level, choice, mine = air.from_start, air.sender, air.level, air.choice, air.mine
    first, count = air.choice_start[user], air.choice_start[user + 1] - air.choice_start[user]
    for n in range(air.mine_start[user], air.mine_start[user + 1]):
        r = mine[n]
        for c in range(count):
            heard[c] = 0.0
        for k in range(start[r], start[r + 1]):
            other = channel[sender[k]]
            if other >= 0:
                sent = level[k] * power[sender[k], width[other]]
                for c in range(count):
                    heard[c] += sent * leak[other, choice[first + c]]
        for c in range(count):
            losses[c] += missed(air, width[choice[first + c]], r, heard[c])


@kernel
def _of_the_others(air: AirRows, channel: Any, user: int, losses: Any) -> None:
    """Add what the receivers of the others that hear the user lose on each of its channels."""
    owner, width, leak, power = air.owner, air.width, air.leak, air.power
    start, sender, level, choice = air.from_start, air.sender, air.level, air.choice
    hears, loud = air.hears, air.loud
    first, count = air.choice_start[user], air.choice_start[user + 1] - air.choice_start[user]
    for n in range(air.hears_start[user], air.hears_start[user + 1]):
        r = hears[n]
        there = channel[owner[r]]
        if there < 0:
            continue
        before = 0.0
        for k in range(start[r], start[r + 1]):
            other = channel[sender[k]]
            if other >= 0 and sender[k] != user:
                before += level[k] * leak[other, there] * power[sender[k], width[other]]
        w = width[there]
        alone = missed(air, w, r, before)
        for c in range(count):
            through = leak[choice[first + c], there]
            lost = alone
            if through > 0.0:
                more = loud[n] * through * power[user, width[choice[first + c]]]
                lost = missed(air, w, r, before + more)
            losses[c] += lost


@kernel
def best_for(air: AirRows, channel: Any, user: int, losses: Any, heard: Any) -> int:
    """Return the channel on which a user and all that hear it lose least, the first of equals; ``losses`` of each.

    ``heard`` is room for as many.
    """
    first, count = air.choice_start[user], air.choice_start[user + 1] - air.choice_start[user]
    for c in range(count):
        losses[c] = air.dislike[air.choice[first + c]]
    _of_its_own(air, channel, user, losses, heard)
    _of_the_others(air, channel, user, losses)
    least = losses[0]
    for c in range(1, count):
        least = min(least, losses[c])
    at = 0
    while losses[at] > least + _SAME:
        at += 1
    one: int = air.choice[first + at]
    return one


@kernel
def improved(air: AirRows, channel: Any, settled: Any, losses: Any, heard: Any) -> bool:
    """Move each user in turn to where all lose less, and return whether any was moved.

    ``settled`` (bool of each user) says who is known to be best where it is, and is kept: nobody near has moved since.
    """
    start, choice = air.choice_start, air.choice
    moved = False
    for user in range(len(channel)):
        if settled[user]:
            continue
        if start[user + 1] - start[user] == 1 and choice[start[user]] == channel[user]:  # there is nowhere to move
            settled[user] = True
            continue
        one = best_for(air, channel, user, losses, heard)
        least, now = 0.0, math.inf
        for c in range(start[user + 1] - start[user]):
            if choice[start[user] + c] == one:
                least = losses[c]
            if choice[start[user] + c] == channel[user]:
                now = losses[c]
        if least < now - _SAME:
            channel[user] = one
            moved = True
            for other in range(len(channel)):
                if air.near[user, other]:
                    settled[other] = False
        settled[user] = True  # its own channel is none of what it loses on each
    return moved


@kernel
def branched(air: AirRows, proof: Proof, depth: int) -> None:
    """Put the channels that the user at a depth may try on the list: of those alike that nobody has, the first."""
    channel, alike, count = proof.channel, proof.alike, proof.count
    user = proof.order[depth]
    first, last = air.choice_start[user], air.choice_start[user + 1]
    # Backwards: the first comes off the list first.
    for at in range(last - 1, first - 1, -1):
        one = air.choice[at]
        taken, earlier = False, False
        for other in range(len(channel)):
            if channel[other] == one:
                taken = True
        if not taken:
            for before in range(first, at):
                like = air.choice[before]
                if alike[like] == alike[one]:
                    held = False
                    for other in range(len(channel)):
                        if channel[other] == like:
                            held = True
                    if not held:
                        earlier = True
        if taken or not earlier:
            proof.depth[count[0]] = depth
            proof.one[count[0]] = one
            count[0] += 1


@kernel
def looked_through(air: AirRows, proof: Proof, slack: float, most: int) -> bool:
    """Try what is on the list until so many are tried in all; return whether nothing is left.

    Whatever loses no less than the best, by ``slack`` at least, is left out with all that begins so.
    """
    order, rest, channel, best, least = proof.order, proof.rest, proof.channel, proof.best, proof.least
    count = proof.count
    users = len(order)
    while count[0] > 0 and count[1] < most:
        count[0] -= 1
        depth = proof.depth[count[0]]
        for n in range(depth, users):
            channel[order[n]] = -1
        channel[order[depth]] = proof.one[count[0]]
        count[1] += 1
        loss = loss_of(air, channel)
        if loss + rest[depth + 1] >= least[0] - slack:
            continue
        if depth == users - 1:
            for n in range(users):
                best[n] = channel[n]
            least[0] = loss
            continue
        branched(air, proof, depth + 1)
    done: bool = count[0] == 0
    return done
