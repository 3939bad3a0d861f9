"""The channel plan: which channel each sector and link takes, what each hears of the others, and what conflicts remain.

Only the network's own radios are known: what others send is for a look round on site, with the radios' own scan.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.errors import InputError
from cn_planner.links.channels import leaks
from cn_planner.links.counted import counted_on, rates_mbps
from cn_planner.links.throughput import sector_capacity_mbps
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.checks import has_channels
from cn_planner.model.clients import demand_of, unserved
from cn_planner.model.history import Edit
from cn_planner.progress import ALONE, Run
from cn_planner.service.joined import homes_behind, loads_behind
from cn_planner.service.unheard import Unheard
from cn_planner.spectrum.channel_notes import closed_words_of, notes_of, user_name
from cn_planner.spectrum.channel_plan import ChannelConflict, ChannelPlan, ChannelUse, Shortfall
from cn_planner.spectrum.channel_search import Interference, assign_channels
from cn_planner.spectrum.interference import RadioNetwork, radio_network
from cn_planner.spectrum.most_heard import air_tree, most_heard
from cn_planner.spectrum.silence import crowded_out, cut_off_by, silent_homes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from numpy.typing import NDArray

    from cn_planner.coverage.kept import Store
    from cn_planner.links.channels import Channel
    from cn_planner.links.radio import Direction
    from cn_planner.message import Message
    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.plan import Plan
    from cn_planner.spectrum.channel_search import Assignment
    from cn_planner.spectrum.radios import User
    from cn_planner.study import Study

_DISLIKE = 1e-6
"""Of two channels that are equal the one without radars is taken."""
_FELT_DB = 1.0
"""Less than this of the signal to noise ratio nobody notices."""


def plan_channels(
    study: Study, *, fresh: bool = False, keep: bool = False, settled: bool = False, fewer: bool = False,
    network: RadioNetwork | None = None, down: Collection[str] = (), store: tuple[Store, str] | None = None,
    run: Run = ALONE,
) -> ChannelPlan:  # fmt: skip
    """Give every sector and link a channel, so that together they lose least.

    Narrower channels than the kits' are looked at where the kits' own leave something to lose.

    Parameters
    ----------
    fresh : bool
        Also those that have a channel are given one anew.
    keep : bool
        Nothing is given: what the plan has is judged.
    settled : bool
        Of who has a channel in the plan no other is looked for: what each gets is the same, in a third of the time, but
        words on what could be done know of no other channel.
    fewer : bool
        Where homes are silent, also look whom to leave out so that more are heard (`ChannelPlan.fewer`).
    network : RadioNetwork, optional
        Who shares the air of this plan, where that was looked at before.
    down : collection of str
        Links over which nothing gets through on any channel: what is behind them goes other ways, or is silent.
    store : (Store, str), optional
        As for `radio_network`.

    Raises
    ------
    InputError
        Where a kit is not on the shelf, or two that should talk have no mode in common.
    CancelledError
    """
    network = network or radio_network(study, settled=settled, store=store, run=run.part(0.0, 0.8))
    users = network.users
    # A channel of the plan's that the rules do not open, or open no more, is given up.
    closed = [user.given and closed_words_of(study, user, user.now) is not None for user in users]
    fixed = [keep or (user.given and not fresh and not shut) for user, shut in zip(users, closed, strict=True)]
    table = sorted({one for user in users for one in (*user.channels, user.now)})
    at = {one: n for n, one in enumerate(table)}
    now = np.array([at[user.now] for user in users], np.int64)
    choices = tuple(
        np.array([at[user.now]] if held else [at[one] for one in _in_order(user, fresh=fresh)], np.int64)
        for user, held in zip(users, fixed, strict=True)
    )
    interference = interference_of(network, table, choices)
    run.progress(0.8, msg("Trying channels"))
    found = _assigned(network, interference, table, run.part(0.8, 1.0)) if users and not keep else None
    channel = now if found is None else found.channel
    air = _OnAir(network, interference, table, fixed, down)
    whole = _told(study, air, channel, proven=found is None or found.proven)
    if not (fewer and found is not None and whole.silent):
        run.progress(1.0)
        return whole
    least = _with_fewer(study, air, channel, run.silently())
    run.progress(1.0)
    return replace(whole, fewer=least)


def unheard(
    study: Study, down: Collection[str], *, store: tuple[Store, str] | None = None, run: Run = ALONE
) -> Unheard:
    """Return for whom nothing is left on the channels that a plan has; nobody where some radios have none.

    Nor where the kits do not go together, as the check of the plan says. ``down``: as `links_down` says.

    Raises
    ------
    CancelledError
    """
    if not has_channels(study.plan):
        return Unheard()
    try:
        return plan_channels(study, keep=True, settled=True, down=down, store=store, run=run).unheard
    except InputError:
        return Unheard()


class _OnAir(NamedTuple):
    """Who shares the air, on which channels they may, whose stays as it is, and the links that are down."""

    network: RadioNetwork
    interference: Interference
    table: list[Channel]
    fixed: list[bool]
    down: Collection[str] = ()


def _told(study: Study, air: _OnAir, channel: NDArray[np.int64], *, proven: bool) -> ChannelPlan:
    """Return what comes of channels."""
    plan, (network, interference, table, fixed, down) = study.plan, air
    given = {user.key: table[int(channel[n])] for n, user in enumerate(network.users) if not fixed[n]}
    heard = _Heard(plan, network, interference, tuple(table[n] for n in channel.tolist()), channel)
    weight = float(interference.weight.sum())
    lost = _not_served(plan, heard, down)
    return ChannelPlan(
        uses=tuple(_use(heard, n, fixed[n]) for n in range(len(network.users))),
        conflicts=_conflicts(plan, heard),
        short=_short(plan, heard),
        lost=heard.lost() / weight if weight > 0.0 else 0.0,
        proven=proven,
        edit=_edit(plan, study.catalogue, given),
        notes=notes_of(study, network, heard.channels),
        silent=lost.silent,
        crowded_out=lost.crowded_out,
        dead=lost.dead,
        cut_off=lost.cut_off,
    )


def _with_fewer(study: Study, air: _OnAir, channel: NDArray[np.int64], run: Run) -> ChannelPlan | None:
    """Return the channels of those whom most homes hear where others are left out; None where that helps nobody."""
    tree = air_tree(study.plan, air.network, air.interference)
    best = None if tree is None else most_heard(tree, channel, run)
    if best is None:
        return None
    on = np.flatnonzero(best >= 0)
    gone = [air.network.users[n] for n in np.flatnonzero(best < 0).tolist()]
    cut_off = silent_homes(
        study.plan, {key for one in gone for key in one.homes}, {one.link.id for one in gone if one.link is not None}
    )
    homes = [unserved(study.plan.households[key]) for key in sorted(cut_off)]
    left = replace(study, plan=edits.put(study.plan, homes).plan)
    network = air.network.only(on)
    some = _OnAir(network, air.interference.only(on), air.table, [air.fixed[n] for n in on.tolist()])
    found = _told(left, some, best[on], proven=False)
    # All of the plan stays in it: whoever is cut off is taken out of it as whoever is silent is.
    given = {one.key: air.table[int(best[n])] for n, one in zip(on.tolist(), network.users, strict=True)}
    edit = _edit(study.plan, study.catalogue, given)
    return replace(found, silent=found.silent | cut_off, edit=edit)


def _in_order(user: User, *, fresh: bool) -> list[Channel]:
    """Return the channels of a user, the widest first, of those the kit's own: it stays where nothing is better.

    A width that the plan gives stays as well.
    """
    own = user.kits[0].freq_mhz
    open_to = [one for one in user.channels if fresh or user.wide_mhz in (None, one.width_mhz)]
    return sorted(open_to or [user.now], key=lambda one: (-one.width_mhz, one.freq_mhz != own, one))


def _assigned(network: RadioNetwork, interference: Interference, table: list[Channel], run: Run) -> Assignment:
    """Return the assignment of channels as wide as the kits', and where that loses something, of all widths."""
    wide = tuple(
        np.array([one for one in choice.tolist() if table[one].width_mhz == user.full_mhz] or choice, np.int64)
        for user, choice in zip(network.users, interference.choices, strict=True)
    )
    found = assign_channels(replace(interference, choices=wide), run.part(0.0, 0.5))
    if all(len(one) == len(other) for one, other in zip(wide, interference.choices, strict=True)):
        return found
    return assign_channels(interference, run.part(0.5, 1.0), known=found.channel)


def interference_of(
    network: RadioNetwork, table: list[Channel], choices: tuple[NDArray[np.int64], ...]
) -> Interference:
    """Return who hears whom on the channels of a table, of which each user may take some."""
    owner = np.array([network.stations[one.station].user for one in network.receivers], np.int64)
    widths = sorted({one.width_mhz for one in table})
    # A signal that is not known, over missing terrain, has nothing to lose: it weighs nothing, whatever stands for it.
    known = np.isfinite(network.wanted_dbm)
    count = len(network.receivers)
    wanted, noise, needed, share = (np.ones((len(widths), count)) for _ in range(4))
    enough = np.full((len(widths), count), -np.inf)
    users, lengths = network.users, network.lengths_m
    for row, width in enumerate(widths):
        for n, usual in enumerate(network.directions):
            heard = network.direction_of(n, width)
            level = network.wanted_dbm[n] + heard.level_dbm[heard.robust] - usual.level_dbm[usual.robust]
            quiet = float(heard.noise_dbm[heard.robust])
            wanted[row, n], noise[row, n] = level if known[n] else quiet, quiet
            needed[row, n] = heard.required_snr_db[heard.robust]
            share[row, n] = width / users[owner[n]].full_mhz
            if users[owner[n]].link is not None:
                carries = rates_mbps(heard, lengths[n]) >= network.loads_mbps[owner[n]]
                enough[row, n] = heard.required_snr_db[carries].min() if carries.any() else -np.inf
    wanted, noise, needed, enough = (10.0 ** (one / 10.0) for one in (wanted, noise, needed, enough))
    full = np.log2(1.0 + 10.0 ** ((np.where(known, network.wanted_dbm, network.noise_dbm) - network.noise_dbm) / 10.0))
    more = np.array([[of.get(width, 0.0) for width in widths] for of in network.more_db]).reshape(
        len(network.users), len(widths)
    )
    return Interference(
        owner=owner,
        wanted=wanted,
        noise=noise,
        needed=needed,
        share=share,
        full=full,
        heard=10.0 ** (network.heard_dbm / 10.0),
        power=10.0 ** (more / 10.0),
        weight=np.where(known, np.array([one.weight for one in network.receivers]), 0.0),
        width=np.array([widths.index(one.width_mhz) for one in table], np.int64),
        leak=leaks(table, table),
        choices=choices,
        dislike=np.array([_DISLIKE if one.dfs else 0.0 for one in table]),
        # What it has not alone the others do not take from it.
        enough=np.log2(1.0 + np.minimum(enough, wanted / noise)),
    )


class _Heard:
    """What every receiver of a network hears on the channels that its users have.

    Attributes
    ----------
    network : Network
    interference : Interference
    channels : tuple of Channel
        Of each user.
    """

    def __init__(
        self,
        plan: Plan,
        network: RadioNetwork,
        interference: Interference,
        channels: tuple[Channel, ...],
        channel: NDArray[np.int64],
    ) -> None:
        self.rules, self.network, self.interference, self.channels = plan.rules, network, interference, channels
        self._number, self._disturbed = channel, dict[int, list[tuple[int, float, float]]]()
        self._alone: dict[int, tuple[Direction, NDArray[np.float64], float, NDArray[np.float64]]] = {}
        self._rates: dict[tuple[int, float], float] = {}
        self._width = interference.width[channel][interference.owner]
        self._others = interference.heard_mw(channel)
        every = np.arange(len(interference.owner))
        wanted, noise = interference.wanted[self._width, every], interference.noise[self._width, every]
        self.snr_db = 10.0 * np.log10(wanted / noise)
        self.sinr_db = 10.0 * np.log10(wanted / (noise + self._others))

    def lost(self) -> float:
        """Return what all lose of the capacity of full widths alone, by weight."""
        return float(self.interference.lost(self._others, np.arange(len(self._width)), self._width).sum())

    def receivers(self, user: int) -> list[int]:
        """Return the receivers of a user of which something is known."""
        return np.flatnonzero((self.interference.owner == user) & (self.interference.weight > 0.0)).tolist()

    def paths(self, receivers: Iterable[int]) -> int:
        """Return for how many paths receivers stand."""
        return sum(self.network.receivers[n].homes for n in receivers)

    def rate_mbps(self, receiver: int, noise_rise_db: float = 0.0) -> float:
        """Return the rate of a receiver where its noise has risen: at most that which budgets count on.

        The reserve of the rules is for fading and for what the prediction misses; that the others send all the time is
        careful enough: both are not asked for at once. Where no mode has the reserve, the slowest counts.
        """
        known = self._rates.get((receiver, noise_rise_db))
        if known is not None:  # asked for each of what is said
            return known
        if receiver not in self._alone:  # and with another rise
            self._alone[receiver] = self._of_budget(receiver)
        heard, loss, length, rate = self._alone[receiver]
        now = counted_on(heard, loss + noise_rise_db, 0.0, length)
        found = self._rates[receiver, noise_rise_db] = float(np.nan_to_num(np.minimum(rate, now.rate_mbps)))
        return found

    def _of_budget(self, receiver: int) -> tuple[Direction, NDArray[np.float64], float, NDArray[np.float64]]:
        """Return what a receiver can make of its signal, the loss of its path, its length, and its budget's rate."""
        usual, user = self.network.directions[receiver], int(self.interference.owner[receiver])
        heard = self.network.direction_of(receiver, self.channels[user].width_mhz)
        link = self.network.users[user].link is not None
        reserve = self.rules.backhaul_margin_db if link else self.rules.access_margin_db
        loss = np.asarray(usual.level_dbm[usual.robust] - self.network.wanted_dbm[receiver])
        length = self.network.lengths_m[receiver]
        alone = counted_on(heard, loss, reserve, length)
        if alone.mode < 0 <= alone.fallback_db:
            alone = counted_on(heard, loss, float(alone.fallback_db), length)
        return heard, loss, length, alone.rate_mbps

    def noise_rise_db(self, receiver: int) -> float:
        """Return by how much the others raise the noise of a receiver."""
        return float(self.snr_db[receiver] - self.sinr_db[receiver])

    def disturbed(self, user: int) -> list[tuple[int, float, float]]:
        """Return the receivers of a user whose rate is less than without the others, with both rates."""
        if user in self._disturbed:  # asked for each word that is said of it
            return self._disturbed[user]
        found = self._disturbed[user] = []
        for n in np.flatnonzero(self.interference.owner == user).tolist():
            if self.noise_rise_db(n) < _FELT_DB:
                continue
            alone, now = self.rate_mbps(n), self.rate_mbps(n, self.noise_rise_db(n))
            if now < alone:
                found.append((n, alone, now))
        return found

    def left_of_link(self, user: int) -> float:
        """Return what a link still carries both ways: of what hears anything alone."""
        return min(rate for n in self.receivers(user) if (rate := self._left(n)) is not None)

    def left_of_sector(self, user: int) -> dict[int, float]:
        """Return the rate that is left down to each home of a sector, by its first receiver; 0 where nothing comes."""
        # The two directions of a path stand side by side: down, then up. Of those that hear anything alone.
        now = {n: self._left(n) for n in self.receivers(user)}
        return {
            n: down if up > 0.0 else 0.0
            for n, down in now.items()
            if n % 2 == 0 and down is not None and (up := now.get(n + 1)) is not None
        }

    def _left(self, receiver: int) -> float | None:
        """Return the rate of a receiver beside the others; None where it hears nothing alone either."""
        if not self.rate_mbps(receiver) > 0.0:
            return None
        return self.rate_mbps(receiver, self.noise_rise_db(receiver))

    def loudest_of(self, user: int) -> int:
        """Return the user that most of the receivers hear loudest that are slower for what a user hears."""
        interference, number = self.interference, self._number
        share = (
            interference.leak[number][:, int(number[user])]
            * interference.power[np.arange(len(number)), interference.width[number]]
        )
        loudest = [int(np.argmax(interference.heard[:, n] * share)) for n, _, _ in self.disturbed(user)]
        return max(sorted(set(loudest)), key=loudest.count)


def _use(heard: _Heard, user: int, held: bool) -> ChannelUse:
    one, mine = heard.network.users[user], heard.receivers(user)
    worst = max(mine, key=heard.noise_rise_db, default=None)
    kind, _, key = one.key
    return ChannelUse(
        kind, key, one.site, heard.channels[user], one.full_mhz, 1 if held else len(one.channels), one.weight,
        None if worst is None else float(heard.snr_db[worst]), None if worst is None else float(heard.sinr_db[worst]),
        heard.paths(n for n, _, _ in heard.disturbed(user)), heard.paths(mine),
        None if one.link is None or not mine else min(
            heard.rate_mbps(n, rise if (rise := heard.noise_rise_db(n)) >= _FELT_DB else 0.0) for n in mine
        ),
    )  # fmt: skip


def _conflicts(plan: Plan, heard: _Heard) -> tuple[ChannelConflict, ...]:
    found = []
    for user, one in enumerate(heard.network.users):
        worse = heard.disturbed(user)
        if not worse:
            continue
        _, alone, now = max(worse, key=lambda row: (row[1] - row[2], -row[0]))
        other = heard.network.users[heard.loudest_of(user)]
        names = _names(plan, heard, user)
        if one.link is not None:
            text = msg(
                "{victim} hears {other}: {now:.0f} Mbit/s instead of {alone:.0f}.", now=now, alone=alone, **names
            )
        else:
            text = msg(
                "{victim} hears {other}: {count} of its {all} paths are slower, the worst {now:.0f} Mbit/s instead of "
                "{alone:.0f}.",
                count=heard.paths(n for n, _, _ in worse),
                all=heard.paths(np.flatnonzero(heard.interference.owner == user).tolist()),
                now=now, alone=alone, **names,
            )  # fmt: skip
        found.append(ChannelConflict(one.key, other.key, text, _fix(one, other)))
    return tuple(found)


def _short(plan: Plan, heard: _Heard) -> tuple[Shortfall, ...]:
    """Return who carries less because of the others than it must, those that cut off most homes first."""
    behind, carried = homes_behind(plan), loads_behind(plan)
    found = []
    for user, one in enumerate(heard.network.users):
        busy = plan.demand.busy_hour_mbps
        if not heard.disturbed(user):
            continue
        names = _names(plan, heard, user)
        if one.link is not None:
            homes, rate = behind.get(one.link.id, 0.0), heard.left_of_link(user)
            load, left = carried.get(one.link.id, 0.0), homes if rate > 0.0 else 0.0
        else:
            paths = heard.left_of_sector(user)
            weight = {n: 2.0 * heard.network.receivers[n].weight for n in paths}
            homes = sum(weight.values())
            kept = [n for n in weight if paths[n] > 0.0]
            left = sum(weight[n] for n in kept)
            loads = {n: heard.network.receivers[n].taken for n in weight}
            load = sum(loads.values())
            rate = sector_capacity_mbps([paths[n] for n in kept], [loads[n] for n in kept]) if kept else 0.0
        if homes == 0.0:  # nobody is behind it: that it hears others is among the conflicts
            continue
        if rate == 0.0:
            text = msg(
                "{victim} carries nothing on its channel, for it hears {other}. Homes cut off: {homes:,g}.",
                homes=homes, **names,
            )  # fmt: skip
        elif left < homes:
            text = msg(
                "{victim} reaches only {left:,g} of its {homes:,g} homes on its channel, for it hears {other}.",
                left=left, homes=homes, **names,
            )  # fmt: skip
        elif rate < load * busy:
            text = _carries_less(names, rate, load * busy)
        else:
            continue
        found.append(Shortfall(one.key, homes - left, rate, text, _fix_of(heard, user)))
    return tuple(sorted(found, key=lambda row: (-row.homes, row.user)))


def _names(plan: Plan, heard: _Heard, user: int) -> dict[str, str]:
    """Return what people call a user that hears others, and the one that it hears most."""
    users = heard.network.users
    return {"victim": user_name(plan, users[user]), "other": user_name(plan, users[heard.loudest_of(user)])}


def _fix_of(heard: _Heard, user: int) -> Message:
    users = heard.network.users
    return _fix(users[user], users[heard.loudest_of(user)])


class _NotServed(NamedTuple):
    """Homes to which nothing comes, and those for which nothing is left, with what is too full for them.

    Beside them the links that carry nothing, and the towers that these cut off. Who is behind what is down on any
    channel is not the channels' to tell.
    """

    silent: frozenset[str]
    crowded_out: dict[str, Shortfall]
    dead: frozenset[str]
    cut_off: frozenset[str]


def _not_served(plan: Plan, heard: _Heard, down: Collection[str]) -> _NotServed:
    """Return who is not served on the channels of a plan; ``down``: links over which nothing gets through anyway."""
    deaf, dead, user_of = set[str](), set[str](down), {}
    sectors: dict[tuple[str, str, str], dict[str, float]] = {}
    links: dict[str, float] = {}
    for user, one in enumerate(heard.network.users):
        if not heard.disturbed(user):
            continue
        user_of[one.key] = user
        if one.link is not None:
            rate = heard.left_of_link(user)
            if rate > 0.0:
                links[one.link.id] = rate
            else:
                dead.add(one.link.id)
            continue
        for n, rate in heard.left_of_sector(user).items():
            members = heard.network.receivers[n].members
            if rate > 0.0:
                sectors.setdefault(one.key, {}).update(dict.fromkeys(members, rate))
            else:
                deaf.update(members)
    silent = silent_homes(plan, deaf, dead)
    found = {}
    for full in crowded_out(plan, silent, dead, sectors, links):
        rates = sectors.get(full.user)
        if rates is None:
            rate = links[full.user[2]]
        else:
            mine = [plan.households[key] for key in rates if key not in silent]
            rate = sector_capacity_mbps([rates[one.id] for one in mine], [demand_of(plan, one) for one in mine])
        user = user_of[full.user]
        text = _carries_less(_names(plan, heard, user), rate, full.wanted * plan.demand.busy_hour_mbps)
        gone = math.fsum(plan.households[key].weight for key in full.homes)
        found.update(dict.fromkeys(full.homes, Shortfall(full.user, gone, rate, text, _fix_of(heard, user))))
    return _NotServed(
        silent - silent_homes(plan, (), down),
        found,
        frozenset(dead - set(down)),
        cut_off_by(plan, dead) - cut_off_by(plan, down),
    )


def _carries_less(names: dict[str, str], rate: float, load: float) -> Message:
    return msg(
        "{victim} carries {rate:.0f} Mbit/s on its channel, for it hears {other}; its homes want {load:.0f} at the "
        "busy hour.",
        rate=math.floor(rate), load=math.ceil(load), **names,
    )  # fmt: skip


def _fix(one: User, other: User) -> Message:
    if len(one.channels) <= 1 and len(other.channels) <= 1:
        return msg("Neither may have another channel: choose a kit of another band for one of them.")
    if one.site == other.site:
        return msg("They hang on one mast: hang them further apart, or choose a kit of another band for one of them.")
    return msg("Choose a kit of narrower channels, so that more of them fit, or one of another band, for one of them.")


def _edit(plan: Plan, catalogue: Catalogue, given: dict[tuple[str, str, str], Channel]) -> Edit | None:
    """Return the plan with the channels, None where it has them already."""

    def own(key: tuple[str, str, str], kit: str) -> dict[str, Any]:
        channel = given.get(key)
        if channel is None:
            return {}
        narrow = channel.width_mhz != catalogue.kit(kit).width_mhz
        return {"freq_mhz": channel.freq_mhz, "width_mhz": channel.width_mhz if narrow else None}

    sites = []
    for site in plan.sites.values():
        sectors = tuple(replace(one, **own(("sector", site.id, one.id), one.kit)) for one in site.sectors)
        if sectors != site.sectors:
            sites.append(replace(site, sectors=sectors))
    every = (
        (link, replace(link, **own(("link", link.from_site, link.id), link.kit or plan.kits.backhaul)))
        for link in plan.links.values()
    )
    links = [new for old, new in every if new != old]
    if not sites and not links:
        return None
    return Edit(msg("give channels"), edits.put(plan, [*sites, *links]).plan)
