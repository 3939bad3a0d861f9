"""A band by place: what the law allows there, which radios of the plan are heard how loud, which channel is best.

Nothing is judged here: who is heard is `interference.heard_at`, what a channel costs is what the channel plan loses on
it, what the law allows is what radios are lowered to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.errors import InputError
from cn_planner.links.channels import Channel, channels_of, leak
from cn_planner.links.radio import radio_end
from cn_planner.links.settable import as_set
from cn_planner.message import Message, msg
from cn_planner.progress import ALONE, Run
from cn_planner.spectrum.channel_notes import user_name
from cn_planner.spectrum.channels import interference_of
from cn_planner.spectrum.interference import heard_at, radio_network
from cn_planner.spectrum.radios import Ear

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cn_planner.model.equipment import Catalogue, Kit
    from cn_planner.model.law import CountryRules
    from cn_planner.model.plan import Plan, Site
    from cn_planner.spectrum.interference import RadioNetwork
    from cn_planner.spectrum.radios import HeardThere
    from cn_planner.study import Study

_SAME_DB = 0.05


class ChannelState(StrEnum):
    """What speaks against a channel."""

    OPEN = "open"
    WEAKER = "weaker"
    """The law allows less power than on the channel of the kit."""
    PATHS = "paths"
    """Paths that work on the kit's own channel do not on this one."""
    LICENCE = "licence"
    INDOOR = "indoor"
    CLOSED = "closed"

    @property
    def may_send(self) -> bool:
        """Whether the law lets a radio onto it outdoors, be it with less power or to lose paths there."""
        return self in (ChannelState.OPEN, ChannelState.WEAKER, ChannelState.PATHS)


class BandSpan(NamedTuple):
    """A part of the band in which the law says one thing; None of the power: it is closed outdoors.

    ``eirp_dbm`` is for the radio's antenna on a channel as wide as it is set to.
    """

    low_mhz: float
    high_mhz: float
    eirp_dbm: float | None
    dfs: bool = False
    indoor: bool = False
    licence: bool = False


@dataclass(frozen=True, slots=True)
class BandChannel:
    """A channel that the radio has.

    Attributes
    ----------
    channel : Channel
    state : ChannelState
    limit_dbm, sent_dbm : float or None
        What the law lets be radiated, and what the radio would then radiate, dBm EIRP; None where it is closed, or the
        law is not known.
    heard_dbm : float or None
        All the others together, as much of each as gets onto it; None where nobody is heard.
    rise_db : float
        By how much they raise the noise.
    lost, own_lost : float or None
        Share of the network's capacity, and of that of the sector or link itself, that is lost where it takes this
        channel and the others stay; None where it may not or not with full power, or where a bare antenna listens.
    """

    channel: Channel
    state: ChannelState
    limit_dbm: float | None
    sent_dbm: float | None
    heard_dbm: float | None
    rise_db: float
    lost: float | None = None
    own_lost: float | None = None
    rank: float = 0.0
    """What the search for channels makes least: lost capacity, silence counted many times."""


class BandRadio(NamedTuple):
    """A sector or link of the plan on its channel: ``level_dbm`` is how loud it arrives, None where it does not.

    ``own`` is the one whose antenna listens: its level is that of the weakest signal that it wants. ``meets``: it gets
    onto the channel of that one.
    """

    key: tuple[str, str, str]
    name: str
    channel: Channel
    given: bool
    level_dbm: float | None
    own: bool = False
    meets: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class BandView:
    """A band as it is at a place.

    Attributes
    ----------
    ear : Ear
    name : str
        Of the place.
    low_mhz, high_mhz, width_mhz : float
        The radio's band, and the channel width.
    noise_dbm : float
        Of the radio on a channel so wide.
    law : str
        Code of the country whose law it is; empty where that is not known.
    spans : tuple of BandSpan
    channels : tuple of BandChannel
        By frequency.
    radios : tuple of BandRadio
        The loudest first.
    best : Channel or None
    far : (str, str) or None
        Who sends the weakest signal that the listening antenna wants: ``site`` or ``household``, and the id.
    """

    ear: Ear
    name: str
    low_mhz: float
    high_mhz: float
    width_mhz: float
    noise_dbm: float
    law: str
    spans: tuple[BandSpan, ...]
    channels: tuple[BandChannel, ...]
    radios: tuple[BandRadio, ...]
    best: Channel | None
    far: tuple[str, str] | None = None

    @property
    def own(self) -> BandRadio | None:
        """The sector or link whose antenna listens."""
        return next((one for one in self.radios if one.own), None)

    @property
    def now(self) -> BandChannel | None:
        """The channel that it has."""
        own = self.own
        return None if own is None else self.at(own.channel.freq_mhz)

    def at(self, freq_mhz: float) -> BandChannel | None:
        """Return the channel of a centre frequency."""
        return next((one for one in self.channels if one.channel.freq_mhz == freq_mhz), None)

    def as_dict(self) -> dict[str, Any]:
        """Return what ``spectrum --json`` prints."""

        def some(value: float | None, digits: int = 2) -> float | None:
            return None if value is None else round(value, digits)

        return {
            "name": self.name,
            "latitude": self.ear.latitude,
            "longitude": self.ear.longitude,
            "height_m": self.ear.height_m,
            "band_mhz": [self.low_mhz, self.high_mhz],
            "width_mhz": self.width_mhz,
            "noise_dbm": some(self.noise_dbm),
            "country": self.law or None,
            "law": [one._asdict() | {"eirp_dbm": some(one.eirp_dbm)} for one in self.spans],
            "channels": [
                {
                    "freq_mhz": one.channel.freq_mhz,
                    "width_mhz": one.channel.width_mhz,
                    "state": one.state.value,
                    "dfs": one.channel.dfs,
                    "limit_dbm": some(one.limit_dbm),
                    "sent_dbm": some(one.sent_dbm),
                    "heard_dbm": some(one.heard_dbm),
                    "rise_db": some(one.rise_db),
                    "lost": some(one.lost, 6),
                    "own_lost": some(one.own_lost, 6),
                    "best": one.channel == self.best,
                }
                for one in self.channels
            ],
            "radios": [
                {
                    "kind": one.key[0],
                    "site": one.key[1],
                    "id": one.key[2],
                    "freq_mhz": one.channel.freq_mhz,
                    "width_mhz": one.channel.width_mhz,
                    "given": one.given,
                    "level_dbm": some(one.level_dbm),
                    "own": one.own,
                    "meets": one.meets,
                }
                for one in self.radios
            ],
        }


def ears_of_site(plan: Plan, catalogue: Catalogue, site: Site) -> tuple[Ear, ...]:
    """Return what can be listened with at a site: its sectors, its ends of links, a bare antenna for each band.

    Raises
    ------
    InputError
        Where no kit of the plan is on the shelf.
    """
    here = site.latitude, site.longitude
    mast = site.mast_height_m or 0.0
    found = [
        Ear(*here, mast if one.height_m is None else one.height_m, one.kit, ("sector", site.id, one.id), site.id)
        for one in (site.sectors if site.stands else ())
    ]
    for link in plan.standing_links.values():
        if site.id in (link.from_site, link.to_site):
            high = link.from_height_m if site.id == link.from_site else link.to_height_m
            kit = link.kit or plan.kits.backhaul
            found.append(Ear(*here, mast if high is None else high, kit, ("link", link.from_site, link.id), site.id))
    found = [one for one in found if one.kit in catalogue.kits]
    return (*found, *bare_ears(plan, catalogue, *here, mast or 2.0, site.id if site.stands else ""))


def bare_ears(
    plan: Plan, catalogue: Catalogue, latitude: float, longitude: float, height_m: float, site: str = ""
) -> tuple[Ear, ...]:
    """Return a bare antenna for each band and channel width that the plan's radios use.

    Raises
    ------
    InputError
        Where no kit of the plan is on the shelf.
    """
    named = [link.kit for link in plan.links.values()]
    named += [plan.kits.backhaul, plan.kits.access, *(s.kit for one in plan.sites.values() for s in one.sectors)]
    kits: dict[object, str] = {}
    for key in dict.fromkeys(named):
        if key in catalogue.kits:
            kit = catalogue.kits[key]
            kits.setdefault((catalogue.radios[kit.radio].band_mhz, kit.width_mhz), key)
    if not kits:
        kits[""] = catalogue.kit(plan.kits.access).id  # it is not there, which the shelf says
    return tuple(Ear(latitude, longitude, height_m, key, None, site) for key in kits.values())


def ear_words(plan: Plan, catalogue: Catalogue, ear: Ear) -> Message:
    """Return what is listened with, in words."""
    kit = catalogue.kits.get(ear.kit)
    if ear.user is not None and ear.user[0] == "sector":
        return msg("Sector {id}", id=ear.user[2])
    if ear.user is not None:
        link = plan.links[ear.user[2]]
        far = link.to_site if ear.site == link.from_site else link.from_site
        return msg("Link to {name}", name=_site_name(plan, far))
    if kit is None:
        return msg("A bare antenna")
    low, high = catalogue.radios[kit.radio].band_mhz
    return msg("Bare antenna, {low:g} to {high:g} MHz, {width:g} wide", low=low, high=high, width=kit.width_mhz)


def band_at(study: Study, ear: Ear, *, run: Run = ALONE) -> BandView:
    """Return a band as it is at a place.

    Parameters
    ----------
    study : Study
    ear : Ear
        One of `ears_of_site` or `bare_ears`, or another of the same kinds.
    run : Run

    Raises
    ------
    InputError
        Where a kit is not on the shelf, or the plan has no such sector or link in use.
    CancelledError

    Notes
    -----
    What a sector or link loses is found where it stands in the plan: with a bare antenna that channel is best on which
    least is heard. Of equal channels one without radars is, then that which it has.
    """
    there = heard_at(study, ear, run=run.part(0.0, 0.4))
    user = None if there.own is None else there.users[there.own]
    # The kit of an ear of the plan may be the far one of a pair: all that share the channel must be let onto it.
    kits = (study.catalogue.kit(ear.kit),) if user is None else user.kits
    width = there.width_mhz
    low = max(study.catalogue.radios[kit.radio].band_mhz[0] for kit in kits)
    high = min(study.catalogue.radios[kit.radio].band_mhz[1] for kit in kits)
    network = None if user is None else radio_network(study, run=run.part(0.4, 0.9))
    rows = _channels(study, there, kits, width, network)
    law = study.regulations
    own = None if user is None else user.now
    run.progress(1.0)
    return BandView(
        ear, "" if not ear.site else _site_name(study.plan, ear.site), low, high, width, there.noise_dbm,
        "" if law is None else law.country, _spans(law, kits[0], study.catalogue, width, (low, high)),
        rows, _radios(study.plan, there, (low, high)), _best(rows, own), there.far,
    )  # fmt: skip


class _Loss(NamedTuple):
    """What is lost of all, of its own, and the sum that the search for channels makes least."""

    lost: float
    own: float
    rank: float


def losses_on(network: RadioNetwork, number: int, channels: Sequence[Channel]) -> list[_Loss]:
    """Return what is lost where one user takes each of some channels and the others stay on theirs."""
    users = network.users
    table = sorted({*channels, *(one.now for one in users)})
    at = {one: n for n, one in enumerate(table)}
    now = np.array([at[one.now] for one in users], np.int64)
    air = interference_of(network, table, tuple(np.array([n]) for n in now.tolist()))
    every, mine = np.arange(len(air.owner)), air.owner == number
    weight, own = float(air.weight.sum()), float(air.weight[mine].sum())
    found = []
    for one in channels:
        tried = now.copy()
        tried[number] = at[one]
        each = air.lost(air.heard_mw(tried), every, air.width[tried][air.owner])
        found.append(
            _Loss(
                float(each.sum()) / weight if weight > 0.0 else 0.0,
                float(each[mine].sum()) / own if own > 0.0 else 0.0,
                air.loss(tried),
            )
        )
    return found


def _channels(
    study: Study, there: HeardThere, kits: Sequence[Kit], width: float, network: RadioNetwork | None
) -> tuple[BandChannel, ...]:
    """Return every channel of the radios with what the law says, what is heard, and what is lost on it."""
    shelf, law = study.catalogue, study.regulations
    every = {one.freq_mhz: one for one in channels_of(shelf, kits, None, width)}
    allowed = {one.freq_mhz: one for one in channels_of(shelf, kits, law, width)}
    if law is not None and law.limits:  # what is open may lie on another raster than what the radio has
        every = {key: one for key, one in every.items() if key in allowed or not _beside(one, allowed.values())}
    user = None if there.own is None else there.users[there.own]
    own = {} if user is None else {user.now.freq_mhz: Channel(user.now.freq_mhz, width)}
    every = {**own, **every, **allowed}
    now = None if network is None or there.own is None else network.users[there.own]
    works = None if now is None else {one.freq_mhz for one in now.channels if one.width_mhz == width}
    rows = []
    for freq in sorted(every):
        one = allowed.get(freq, every[freq])
        state, limit, dfs = _law_of(law, shelf, kits, freq, width)
        if state is ChannelState.OPEN and freq not in allowed:
            state = ChannelState.WEAKER
        if state is ChannelState.OPEN and works is not None and freq not in works:
            state = ChannelState.PATHS
        sent = None
        if state.may_send:
            end = radio_end(shelf, kits[0].on(freq, width), law)
            if user is not None and user.apart_m is not None:
                end = as_set(end, end, user.apart_m, freq)[0]
            sent = max(end.eirp_dbm(mode) for mode in end.modes)
        one = Channel(freq, width, dfs)
        heard = _heard_mw(there, one)
        noise = 10.0 ** (there.noise_dbm / 10.0)
        rows.append(
            BandChannel(
                one, state, limit, sent, 10.0 * math.log10(heard) if heard > 0.0 else None,
                10.0 * math.log10(1.0 + heard / noise),
            )
        )  # fmt: skip
    if network is None or there.own is None:
        return tuple(rows)
    now_mhz = there.users[there.own].now.freq_mhz
    judged = ChannelState.OPEN, ChannelState.PATHS
    able = [n for n, one in enumerate(rows) if one.state in judged or one.channel.freq_mhz == now_mhz]
    lost = losses_on(network, there.own, [rows[n].channel for n in able])
    for n, loss in zip(able, lost, strict=True):
        rows[n] = replace(rows[n], lost=loss.lost, own_lost=loss.own, rank=loss.rank)
    return tuple(rows)


def _beside(one: Channel, others: Iterable[Channel]) -> bool:
    """Return whether a channel lies over one that is open, without being it: both are not shown."""
    return any(one.low_mhz < other.high_mhz and other.low_mhz < one.high_mhz for other in others)


def _heard_mw(there: HeardThere, channel: Channel) -> float:
    """Return the power of all the others on a channel."""
    levels = zip(there.users, there.heard_dbm.tolist(), strict=True)
    total: float = sum(10.0 ** (level / 10.0) * leak(_bare(one.now), _bare(channel)) for one, level in levels)
    return total


def _bare(channel: Channel) -> Channel:
    return Channel(channel.freq_mhz, channel.width_mhz)


def _law_of(
    law: CountryRules | None, shelf: Catalogue, kits: Sequence[Kit], freq_mhz: float, width_mhz: float
) -> tuple[ChannelState, float | None, bool]:
    """Return what the law says of a channel to all that share it: state, EIRP allowed to the first, radar detection."""
    if law is None:
        return ChannelState.OPEN, None, False
    most, dfs, state = math.inf, False, ChannelState.OPEN
    for kit in kits:
        tuned, antenna = kit.on(freq_mhz, width_mhz), shelf.antennas[kit.antenna]
        limit = law.limit_of(tuned, antenna)
        if limit is None:
            inside = law.limit(freq_mhz, width_mhz, gain_dbi=antenna.gain_dbi, task=kit.task)
            return (ChannelState.INDOOR if inside is not None else ChannelState.CLOSED), None, False
        if not law.open(limit):
            state = ChannelState.LICENCE
        dfs = dfs or limit.dfs
        if kit is kits[0]:
            most = limit.eirp_dbm(antenna.gain_dbi, width_mhz)
    return state, most, dfs


def _spans(
    law: CountryRules | None, kit: Kit, shelf: Catalogue, width_mhz: float, band: tuple[float, float]
) -> tuple[BandSpan, ...]:
    """Return the band in parts, cut where a limit begins or ends."""
    if law is None:
        return ()
    antenna = shelf.antennas[kit.antenna]
    edges = sorted({*band, *(edge for one in law.limits for edge in (one.low_mhz, one.high_mhz))})
    edges = [one for one in edges if band[0] <= one <= band[1]]
    found: list[BandSpan] = []
    for low, high in pairwise(edges):
        middle, some = (low + high) / 2.0, min(width_mhz, high - low)
        limit = law.limit(middle, some, gain_dbi=antenna.gain_dbi, task=kit.task, outdoors=True)
        if limit is None:
            inside = law.limit(middle, some, gain_dbi=antenna.gain_dbi, task=kit.task)
            one = BandSpan(low, high, None, indoor=inside is not None)
        else:
            one = BandSpan(
                low, high, limit.eirp_dbm(antenna.gain_dbi, width_mhz), limit.dfs, licence=not law.open(limit)
            )
        last = found[-1] if found else None
        if last is not None and _alike(last, one):
            found[-1] = last._replace(high_mhz=high)
        else:
            found.append(one)
    return tuple(found)


def _alike(one: BandSpan, other: BandSpan) -> bool:
    if one[3:] != other[3:] or (one.eirp_dbm is None) != (other.eirp_dbm is None):
        return False
    return one.eirp_dbm is None or other.eirp_dbm is None or abs(one.eirp_dbm - other.eirp_dbm) < _SAME_DB


def _radios(plan: Plan, there: HeardThere, band: tuple[float, float]) -> tuple[BandRadio, ...]:
    """Return the sectors and links of the band, the one that listens first, then the loudest."""
    own = None if there.own is None else there.users[there.own]
    found = []
    for number, (one, level) in enumerate(zip(there.users, there.heard_dbm.tolist(), strict=True)):
        mine = number == there.own
        if not mine and not (one.now.low_mhz < band[1] and one.now.high_mhz > band[0]):
            continue
        heard = there.wanted_dbm if mine else level if math.isfinite(level) else None
        meets = heard is not None and own is not None and not mine and leak(_bare(one.now), _bare(own.now)) > 0.0
        found.append(BandRadio(one.key, user_name(plan, one), one.now, one.given, heard, mine, meets))
    return tuple(sorted(found, key=lambda row: (not row.own, -(row.level_dbm or -1e9), row.key)))


def _best(rows: Sequence[BandChannel], own: Channel | None) -> Channel | None:
    """Return the channel on which least is lost, else on which least is heard; none where none is open."""
    usable = [one for one in rows if one.state is ChannelState.OPEN]
    if not usable:
        return None

    def key(one: BandChannel) -> tuple[float, float, bool, bool, float]:
        mine = own is not None and one.channel.freq_mhz == own.freq_mhz
        return round(one.rank, 9), round(one.rise_db, 2), one.channel.dfs, not mine, one.channel.freq_mhz

    return min(usable, key=key).channel


def _site_name(plan: Plan, key: str) -> str:
    site = plan.sites.get(key)
    return site.name if site is not None and site.name else key


def ear_of(plan: Plan, catalogue: Catalogue, where: str, kit: str = "") -> Ear:
    """Return what listens at a place that is named: an id of a site, ``SITE:SECTOR``, ``LINK`` or ``LINK:SITE``.

    Parameters
    ----------
    plan : Plan
    catalogue : Catalogue
    where : str
        Ids may have a colon of their own: the whole word counts first.
    kit : str
        Whose radio listens, with a bare antenna at a site.

    Raises
    ------
    InputError
        Where the plan has no such place, no radio to listen with, or one of its own and a kit is given.
    """
    first, second = where, ""
    if where not in plan.sites and where not in plan.links:
        first, _, second = where.rpartition(":")
    ears: tuple[Ear, ...] = ()
    if first in plan.sites:
        site = plan.sites[first]
        ears = ears_of_site(plan, catalogue, site)
        if second:
            ears = tuple(one for one in ears if one.user == ("sector", first, second))
        elif kit:
            ears = (ears[-1]._replace(kit=kit),)
        else:
            ears = tuple(one for one in ears if one.user is None)
    if not ears and first in plan.links and (second or plan.links[first].from_site) in plan.sites:
        site = plan.sites[second or plan.links[first].from_site]
        ears = tuple(
            one
            for one in ears_of_site(plan, catalogue, site)
            if one.user is not None and (one.user[0], one.user[2]) == ("link", first)
        )
    if not ears:
        raise InputError(
            msg("The plan has nothing to listen with at {id}.", id=where),
            fix=msg("Name a site, SITE:SECTOR, a link, or LINK:SITE."),
        )
    if kit and ears[0].user is not None:
        raise InputError(
            msg("At {id} the plan's own radio listens.", id=where),
            fix=msg("Leave the kit out, or name a site alone."),
        )
    return ears[0]
