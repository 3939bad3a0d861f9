"""The channel plan: which channel each sector and link takes, what each hears of the others, and what conflicts remain.

Only the network's own radios are known: what others send is for a look round on site, with the radios' own scan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.links.channels import Channel, leaks
from cn_planner.links.throughput import sector_capacity_mbps
from cn_planner.message import Message, msg
from cn_planner.model import edits
from cn_planner.model.history import Edit
from cn_planner.planning.air import Network, User, homes_behind, network_of
from cn_planner.planning.channel_search import Air, assign
from cn_planner.progress import part, silent

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from cn_planner.model.equipment import Catalogue, CountryRules
    from cn_planner.model.plan import Plan, Site
    from cn_planner.progress import CancelToken, Progress
    from cn_planner.terrain.surface import Surface

_DISLIKE = 1e-6
"""Of two channels that are equal the one without radars is taken."""
_FELT_DB = 1.0
"""Less than this of the signal to noise ratio nobody notices."""


@dataclass(frozen=True, slots=True)
class ChannelUse:
    """A channel of a sector or link.

    Attributes
    ----------
    kind, id, site : str
        "sector" or "link", its id in the plan, and the site of a sector or the first of a link.
    channel : Channel
    choices : int
        Number of channels that it might have.
    homes : float
        That are behind it.
    snr_db, sinr_db : float or None
        At the receiver that is disturbed most, without and with the others; None where nothing is received.
    disturbed : int
        Receivers whose rate is less than without the others, of ``receivers``.
    """

    kind: str
    id: str
    site: str
    channel: Channel
    choices: int
    homes: float
    snr_db: float | None
    sinr_db: float | None
    disturbed: int
    receivers: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """What remains: a sector or link (kind, site, id) that is disturbed, by which other one most, in words."""

    victim: tuple[str, str, str]
    by: tuple[str, str, str]
    text: Message
    fix: Message


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A sector or link (kind, site, id) that carries less on its channel than its homes want, in words.

    ``homes``, by weight, are those that it cuts off; ``rate_mbps`` is what it still carries.
    """

    user: tuple[str, str, str]
    homes: float
    rate_mbps: float
    text: Message
    fix: Message


@dataclass(frozen=True, slots=True, eq=False)
class ChannelPlan:
    """What each takes and hears.

    ``lost`` is the mean share of capacity that the network's own radios take from each other, by homes; ``proven``:
    no other assignment loses less. ``short`` are those that do not carry what they must, the worst first. ``edit`` is
    None where nothing changes.
    """

    uses: tuple[ChannelUse, ...]
    conflicts: tuple[Conflict, ...]
    short: tuple[Shortfall, ...]
    lost: float
    proven: bool
    edit: Edit | None
    notes: tuple[Message, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return what ``channels --json`` prints."""
        return {
            "lost": round(self.lost, 6),
            "proven": self.proven,
            "channels": [
                {
                    "kind": use.kind,
                    "id": use.id,
                    "site": use.site,
                    "freq_mhz": use.channel.freq_mhz,
                    "width_mhz": use.channel.width_mhz,
                    "dfs": use.channel.dfs,
                    "choices": use.choices,
                    "homes": round(use.homes, 3),
                    "snr_db": None if use.snr_db is None else round(use.snr_db, 2),
                    "sinr_db": None if use.sinr_db is None else round(use.sinr_db, 2),
                    "disturbed": use.disturbed,
                }
                for use in self.uses
            ],
            "conflicts": [
                {
                    "kind": one.victim[0],
                    "id": one.victim[2],
                    "by_kind": one.by[0],
                    "by_id": one.by[2],
                    "text": str(one.text),
                    "fix": str(one.fix),
                }
                for one in self.conflicts
            ],
            "short": [
                {
                    "kind": one.user[0],
                    "id": one.user[2],
                    "homes_cut_off": round(one.homes, 3),
                    "rate_mbps": round(one.rate_mbps, 2),
                    "text": str(one.text),
                    "fix": str(one.fix),
                }
                for one in self.short
            ],
            "notes": [str(note) for note in self.notes],
        }


def plan_channels(
    plan: Plan,
    surface: Surface,
    catalogue: Catalogue,
    law: CountryRules | None = None,
    *,
    fresh: bool = False,
    keep: bool = False,
    pool: Executor | None = None,
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> ChannelPlan:
    """Give every sector and link a channel, so that together they lose least.

    Parameters
    ----------
    plan, surface, catalogue, law
        As everywhere; without a law every channel of the radios is open, and a note says so.
    fresh : bool
        Also those that have a channel are given one anew.
    keep : bool
        Nothing is given: what the plan has is judged.
    pool, progress, cancel
        A cancel while channels are tried keeps the best so far.

    Raises
    ------
    InputError
        Where a kit is not on the shelf, or two that should talk have no mode in common.
    CancelledError
    """
    network = network_of(plan, surface, catalogue, law, pool=pool, progress=part(progress, 0.0, 0.8), cancel=cancel)
    users = network.users
    fixed = [keep or (user.given and not fresh) for user in users]
    table = sorted({one for user in users for one in (*user.channels, user.now)})
    at = {one: n for n, one in enumerate(table)}
    now = np.array([at[user.now] for user in users], np.int64)
    choices = tuple(
        np.array([at[user.now]] if held else _own_first(user, at), np.int64)
        for user, held in zip(users, fixed, strict=True)
    )
    air = _air(network, table, choices)
    progress(0.8, msg("Trying channels"))
    found = assign(air, part(progress, 0.8, 1.0), cancel) if users and not keep else None
    channel = now if found is None else found.channel
    given = {user.key: table[int(channel[n])] for n, user in enumerate(users) if not fixed[n]}
    heard = air.interference(channel)
    lost = air.lost(heard)
    weight = float(air.weight.sum())
    progress(1.0)
    return ChannelPlan(
        uses=tuple(_use(network, air, heard, n, table[int(channel[n])], fixed[n]) for n in range(len(users))),
        conflicts=_conflicts(plan, network, air, channel, heard),
        short=_short(plan, network, air, channel, heard),
        lost=float(lost.sum()) / weight if weight > 0.0 else 0.0,
        proven=found is None or found.proven,
        edit=_edit(plan, given),
        notes=_notes(network, law),
    )


def _own_first(user: User, at: dict[Channel, int]) -> list[int]:
    """Return the channels of a user, the kit's own first: it stays there where nothing is better."""
    own = user.kits[0].freq_mhz
    return [at[one] for one in sorted(user.channels, key=lambda one: (one.freq_mhz != own, one))]


def _air(network: Network, table: list[Channel], choices: tuple[NDArray[np.int64], ...]) -> Air:
    owner = np.array([network.stations[one.station].user for one in network.receivers], np.int64)
    # A signal that is not known, over missing terrain, has nothing to lose: it weighs nothing, whatever stands for it.
    known = np.isfinite(network.wanted_dbm)
    return Air(
        owner=owner,
        wanted=10.0 ** (np.where(known, network.wanted_dbm, network.noise_dbm) / 10.0),
        noise=10.0 ** (network.noise_dbm / 10.0),
        heard=10.0 ** (network.heard_dbm / 10.0),
        weight=np.where(known, np.array([one.weight for one in network.receivers]), 0.0),
        leak=leaks(table, table),
        choices=choices,
        dislike=np.array([_DISLIKE if one.dfs else 0.0 for one in table]),
        needed=np.array([10.0 ** (float(way.required_snr_db[way.robust]) / 10.0) for way in network.ways]),
    )


def _ratios(air: Air, heard: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return signal to noise without and with the others, dB."""
    snr = 10.0 * np.log10(air.wanted / air.noise)
    sinr = 10.0 * np.log10(air.wanted / (air.noise + heard))
    return snr, sinr


def _rate(network: Network, receiver: int, margin_db: float, rise_db: float) -> float:
    """Return the rate of a receiver where its noise has risen, with the margin asked for."""
    way = network.ways[receiver]
    level = way.level_dbm + (network.wanted_dbm[receiver] - way.level_dbm[way.robust])
    fits = level - way.sensitivity_dbm - rise_db >= margin_db
    return float(way.rate_mbps[fits].max()) if bool(fits.any()) else 0.0


def _disturbed(
    network: Network, air: Air, heard: NDArray[np.float64], user: int, margin_db: float = 0.0
) -> list[tuple[int, float, float]]:
    """Return the receivers of a user whose rate is less than without the others, with both rates."""
    snr, sinr = _ratios(air, heard)
    found = []
    for n in np.flatnonzero(air.owner == user).tolist():
        rise = float(snr[n] - sinr[n])
        if rise < _FELT_DB:
            continue
        alone, now = _rate(network, n, margin_db, 0.0), _rate(network, n, margin_db, rise)
        if now < alone:
            found.append((n, alone, now))
    return found


def _use(network: Network, air: Air, heard: NDArray[np.float64], user: int, channel: Channel, held: bool) -> ChannelUse:
    one = network.users[user]
    mine = np.flatnonzero((air.owner == user) & (air.weight > 0.0))
    snr, sinr = _ratios(air, heard)
    worst = int(mine[np.argmax((snr - sinr)[mine])]) if len(mine) else -1
    kind, _, key = one.key
    return ChannelUse(
        kind, key, one.site, channel, 1 if held else len(one.channels), one.weight,
        float(snr[worst]) if worst >= 0 else None, float(sinr[worst]) if worst >= 0 else None,
        len(_disturbed(network, air, heard, user)), len(mine),
    )  # fmt: skip


def _conflicts(
    plan: Plan, network: Network, air: Air, channel: NDArray[np.int64], heard: NDArray[np.float64]
) -> tuple[Conflict, ...]:
    found = []
    for user, one in enumerate(network.users):
        worse = _disturbed(network, air, heard, user)
        if not worse:
            continue
        by = _loudest(air, channel, user, [n for n, _, _ in worse])
        _, alone, now = max(worse, key=lambda row: (row[1] - row[2], -row[0]))
        other = network.users[by]
        names = {"victim": _name(plan, one), "other": _name(plan, other)}
        if one.link is not None:
            text = msg(
                "{victim} hears {other}: {now:.0f} Mbit/s instead of {alone:.0f}.", now=now, alone=alone, **names
            )
        else:
            text = msg(
                "{victim} hears {other}: {count} of its {all} paths are slower, the worst {now:.0f} Mbit/s instead of "
                "{alone:.0f}.",
                count=len(worse), all=int((air.owner == user).sum()),
                now=now, alone=alone, **names,
            )  # fmt: skip
        found.append(Conflict(one.key, other.key, text, _fix(one, other)))
    return tuple(found)


def _loudest(air: Air, channel: NDArray[np.int64], user: int, receivers: list[int]) -> int:
    """Return the user that most of the receivers of another hear loudest."""
    share = air.leak[channel][:, int(channel[user])]
    loudest = [int(np.argmax(air.heard[:, n] * share)) for n in receivers]
    return max(sorted(set(loudest)), key=loudest.count)


def _short(
    plan: Plan, network: Network, air: Air, channel: NDArray[np.int64], heard: NDArray[np.float64]
) -> tuple[Shortfall, ...]:
    """Return who carries less because of the others than it must, those that cut off most homes first."""
    busy, behind = plan.demand.busy_hour_mbps, homes_behind(plan)
    found = []
    for user, one in enumerate(network.users):
        worse = _disturbed(network, air, heard, user)
        if not worse:
            continue
        other = network.users[_loudest(air, channel, user, [n for n, _, _ in worse])]
        names = {"victim": _name(plan, one), "other": _name(plan, other)}
        now = _rates(network, air, heard, user)
        if one.link is not None:
            homes, rate = behind.get(one.link.id, 0.0), min(now.values())
            left = homes if rate > 0.0 else 0.0
        else:
            # The two directions of a path stand side by side: down, then up.
            weight = {n: 2.0 * network.receivers[n].weight for n in now if n % 2 == 0 and n + 1 in now}
            homes = sum(weight.values())
            kept = [n for n in weight if now[n] > 0.0 and now[n + 1] > 0.0]
            left = sum(weight[n] for n in kept)
            rate = sector_capacity_mbps([now[n] for n in kept], [weight[n] for n in kept]) if kept else 0.0
        if rate == 0.0:
            text = msg(
                "{victim} carries nothing on its channel, for it hears {other}. Homes cut off: {homes:g}.",
                homes=homes, **names,
            )  # fmt: skip
        elif left < homes:
            text = msg(
                "{victim} reaches only {left:g} of its {homes:g} homes on its channel, for it hears {other}.",
                left=left, homes=homes, **names,
            )  # fmt: skip
        elif rate < homes * busy:
            text = msg(
                "{victim} carries {rate:.0f} Mbit/s on its channel, for it hears {other}; its homes want {load:.0f} "
                "at the busy hour.",
                rate=rate, load=homes * busy, **names,
            )  # fmt: skip
        else:
            continue
        found.append(Shortfall(one.key, homes - left, rate, text, _fix(one, other)))
    return tuple(sorted(found, key=lambda row: (-row.homes, row.user)))


def _rates(network: Network, air: Air, heard: NDArray[np.float64], user: int) -> dict[int, float]:
    """Return the rate of each receiver of a user that hears anything alone, with the others."""
    snr, sinr = _ratios(air, heard)
    mine = np.flatnonzero((air.owner == user) & (air.weight > 0.0)).tolist()
    return {n: _rate(network, n, 0.0, float(snr[n] - sinr[n])) for n in mine if _rate(network, n, 0.0, 0.0) > 0.0}


def _fix(one: User, other: User) -> Message:
    if len(one.channels) <= 1 and len(other.channels) <= 1:
        return msg("Neither may have another channel: choose a kit of another band for one of them.")
    if one.site == other.site:
        return msg("They hang on one mast: hang them further apart, or choose a kit of another band for one of them.")
    return msg("Choose narrower channels, so that more of them fit, or a kit of another band for one of them.")


def _name(plan: Plan, user: User) -> str:
    def of(site: str) -> str:
        row: Site | None = plan.sites.get(site)
        return row.name if row is not None and row.name else site

    if user.link is not None:
        return f"{of(user.link.from_site)} – {of(user.link.to_site)}"
    return f"{of(user.site)} ({user.key[2]})"


def _edit(plan: Plan, given: dict[tuple[str, str, str], Channel]) -> Edit | None:
    """Return the plan with the channels, None where it has them already."""
    sites = []
    for site in plan.sites.values():
        sectors = tuple(
            one if channel is None else replace(one, freq_mhz=channel.freq_mhz)
            for one in site.sectors
            for channel in (given.get(("sector", site.id, one.id)),)
        )
        if sectors != site.sectors:
            sites.append(replace(site, sectors=sectors))
    links = [
        replace(link, freq_mhz=given["link", link.from_site, key].freq_mhz)
        for key, link in plan.links.items()
        if ("link", link.from_site, key) in given and link.freq_mhz != given["link", link.from_site, key].freq_mhz
    ]
    if not sites and not links:
        return None
    return Edit(msg("give channels"), edits.put(plan, [*sites, *links]).plan)


def _notes(network: Network, law: CountryRules | None) -> tuple[Message, ...]:
    notes = []
    if law is None:
        notes.append(msg("The rules of the country are not known: every channel of the radios was taken to be open."))
    if any(user.now.dfs or any(one.dfs for one in user.channels) for user in network.users):
        notes.append(
            msg("Where a channel asks for DFS, the radio leaves it when it hears a radar: expect other channels.")
        )
    notes.append(msg("Other people's radios are not known here: let the radios scan on site before you settle."))
    return tuple(notes)
