"""The shelf as a country's law leaves it: each kit set to the best channel that is open to it.

The program's own kits name one channel for the whole world. Here each pair that shares a channel (a sector and the
roofs that hear it), and each link, moves to the channel on which its weaker direction arrives strongest under the
country's own table. Channels on which the radio must look for radars are taken only where they give more than
`_RADAR_DB` more: a radio that hears one leaves for half an hour. Where the law opens no channel of a kit's width, a
narrower one is taken. Of equal channels the kit's own stays, else the lowest one is taken, and a link keeps clear of
the sectors. People's own kits stay as they were set.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.links.channels import WIFI_CENTRES_MHZ, channels_of
from cn_planner.links.radio import radio_end
from cn_planner.model.equipment import Task
from cn_planner.model.own_entries import is_own

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.model.equipment import Catalogue, Kit
    from cn_planner.model.law import CountryRules

_RADAR_DB = 3.0
"""So much more must a channel with radar detection give: 1.4 times the range."""
_SAME_DB = 0.05
_WEATHER_MHZ = (5600.0, 5650.0)
"""Weather radars: no kit starts there."""
_MOST_LESS_DB = 10.0
_MORE = 2.0
"""Room is worth less power where it is so many times as much."""


class MoreRoom(NamedTuple):
    """Channels that are a kit's where it sends less.

    Attributes
    ----------
    freq_mhz : float
        To which it is set for that.
    less_db : float
        By how much less it may radiate there than now.
    channels, now : int
        How many there are with that, and now.
    dfs : bool
        Whether the radio looks for radars on any of those that are new.
    """

    freq_mhz: float
    less_db: float
    channels: int
    now: int
    dfs: bool


def with_country_channels(catalogue: Catalogue, regulations: CountryRules | None) -> Catalogue:
    """Return the shelf with each Wi-Fi kit of the program on the best channel that the law opens to it outdoors.

    A kit keeps its width where a channel of that is open to it. Kits whose radios find no open channel stay where they
    are: the checks say that it is closed, and why.
    """
    if regulations is None:
        return catalogue
    kits = dict(catalogue.kits)
    taken: list[tuple[float, float]] = []
    for wide in _groups(catalogue):
        for group in (wide, *_narrower(wide)):
            freq = _best(catalogue, group, regulations, taken)
            if freq is not None:
                kits |= {kit.id: replace(kit, freq_mhz=freq) for kit in group}
                taken.append((freq, group[0].width_mhz))
                break
    return replace(catalogue, kits=kits)


def more_room(catalogue: Catalogue, kit: Kit, regulations: CountryRules | None) -> MoreRoom | None:
    """Return the least power that a kit gives up for twice the channels; None where the law has no such.

    Channels on which the law takes more than on the kit's own are none for it: set to one of those, it has them all.
    """
    if regulations is None:
        return None
    now = channels_of(catalogue, (kit,), regulations)
    mine = _arrives_dbm(catalogue, [kit], regulations)
    if mine is None:
        return None
    weaker: list[tuple[float, bool, float]] = []
    for freq in WIFI_CENTRES_MHZ.get(kit.width_mhz, ()):
        there = _arrives_dbm(catalogue, [replace(kit, freq_mhz=freq)], regulations)
        if there is not None and (freq < 3000.0) == (kit.freq_mhz < 3000.0) and not _of_weather(freq, kit.width_mhz):
            weaker.append((mine[0] - there[0], 5000.0 < freq < 5350.0, freq))
    for less, _, freq in sorted(weaker):
        if not _SAME_DB < less <= _MOST_LESS_DB:
            continue
        all_of = channels_of(catalogue, (replace(kit, freq_mhz=freq),), regulations)
        if len(all_of) >= _MORE * len(now):
            return MoreRoom(freq, less, len(all_of), len(now), any(one.dfs for one in all_of if one not in now))
    return None


def _of_weather(freq: float, width: float) -> bool:
    return freq - width / 2.0 < _WEATHER_MHZ[1] and _WEATHER_MHZ[0] < freq + width / 2.0


def _narrower(group: tuple[Kit, ...]) -> list[tuple[Kit, ...]]:
    """Return kits set to each narrower channel, the widest first: some laws open a band in channels of 20 MHz alone."""
    return [
        tuple(replace(kit, width_mhz=width) for kit in group)
        for width in sorted(WIFI_CENTRES_MHZ, reverse=True)
        if width < group[0].width_mhz
    ]


def _groups(catalogue: Catalogue) -> list[tuple[Kit, ...]]:
    """Return the program's Wi-Fi kits by the channel that they share, those for homes first; links each alone."""
    mine = [kit for kit in catalogue.kits.values() if not is_own(kit) and _is_wifi(catalogue, kit)]
    homes: dict[tuple[float, float], list[Kit]] = {}
    for kit in mine:
        if kit.task is not Task.BACKHAUL:
            homes.setdefault((kit.freq_mhz, kit.width_mhz), []).append(kit)
    links: dict[tuple[float, float], list[Kit]] = {}
    for kit in mine:
        if kit.task is Task.BACKHAUL:
            links.setdefault((kit.freq_mhz, kit.width_mhz), []).append(kit)
    return [tuple(group) for group in (*homes.values(), *links.values())]


def _is_wifi(catalogue: Catalogue, kit: Kit) -> bool:
    return catalogue.radios[kit.radio].technology.startswith("802.11") and kit.width_mhz in WIFI_CENTRES_MHZ


def _best(
    catalogue: Catalogue, group: tuple[Kit, ...], regulations: CountryRules, taken: Iterable[tuple[float, float]]
) -> float | None:
    """Return the centre of the best channel for kits that share one; None where none is open to all of them."""
    found: list[tuple[float, bool, bool, float]] = []
    own, width = group[0].freq_mhz, group[0].width_mhz
    busy = tuple(taken)
    same_band = [one for one in WIFI_CENTRES_MHZ[width] if (one < 3000.0) == (own < 3000.0)]
    for freq in sorted({*same_band, own}):
        arrives = _arrives_dbm(catalogue, [replace(kit, freq_mhz=freq) for kit in group], regulations)
        if arrives is None or _of_weather(freq, width):
            continue
        level, dfs = arrives
        clear = all(abs(freq - other) >= (width + wide) / 2.0 for other, wide in busy)
        found.append((level, dfs, clear, freq))
    calm = max((level for level, dfs, _, _ in found if not dfs), default=-math.inf)
    most = max((level for level, _, _, _ in found), default=-math.inf)
    radar = most > calm + _RADAR_DB
    usable = [row for row in found if row[0] >= (most if radar else calm) - _SAME_DB and row[1] is radar]
    usable = usable or [row for row in found if row[0] >= most - _SAME_DB]
    if not usable:
        return None
    # Below 5350 MHz older texts of many countries know indoors alone: of equal channels those come last.
    return min(usable, key=lambda row: (not row[2], row[3] != own, 5000.0 < row[3] < 5350.0, row[3]))[3]


def _arrives_dbm(catalogue: Catalogue, kits: list[Kit], regulations: CountryRules) -> tuple[float, bool] | None:
    """Return what arrives over a path without loss in the weaker direction, and whether radars must be looked for."""
    ends, dfs = [], False
    for kit in kits:
        radio, antenna = catalogue.radios[kit.radio], catalogue.antennas[kit.antenna]
        inside = bool(radio.modes_at(kit.width_mhz)) and all(
            low <= kit.freq_mhz - kit.width_mhz / 2.0 and kit.freq_mhz + kit.width_mhz / 2.0 <= high
            for low, high in (radio.band_mhz, antenna.band_mhz)
        )
        if not inside:
            return None
        limit = regulations.limit_of(kit, antenna)
        if limit is None or not regulations.open(limit):
            return None
        dfs = dfs or limit.dfs
        end = radio_end(catalogue, kit, regulations)
        ends.append((max(end.eirp_dbm(mode) for mode in end.modes), end.antenna_gain_dbi - end.cable_loss_db, kit.task))
    pairs = [(a, b) for a in ends for b in ends if a[2] is not b[2]] or [(a, a) for a in ends]
    return min(sender[0] + hearer[1] for sender, hearer in pairs), dfs
