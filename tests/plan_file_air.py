"""Radios of one mast in a plan file, once more: what a link hears of the others; it shares nothing with the program.

Antennas hang 2 m above each other, so each hears the others straight from above or below, over free space. Of another
channel as much comes through as the least spectrum mask of IEEE 802.11 lets out of the sender, and once more into the
receiver. Only what is certain is said: the noise is that of heat alone, no radio of another mast is counted.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tests.plan_file_radio import PlanFile, loss_and_clearance, on_channel, sector_loss_db

_APART_M = 2.0
_MASK_AT, _MASK_DB = (0.0, 0.45, 0.55, 1.0, 1.5), (0.0, 0.0, -20.0, -28.0, -40.0)
_ROUND = 1.5
"""As wide as high, or nearly: a dish."""
_SLACK_DB = 0.5


def drowned(file: PlanFile) -> list[str]:
    """Return the links with homes behind them that carry nothing, for the radios of their own masts drown them."""
    radios: dict[str, list[tuple[str, dict[str, Any], float]]] = {key: [] for key in file.towers}
    for key in file.towers:
        for sector in file.sites[key]["sectors"]:
            kit = on_channel(file.shelf.kits[sector["kit"]], sector)
            radios[key].append((f"{key}/{sector['id']}", kit, sector["freq_mhz"] or kit["freq_mhz"]))
    links = {}
    for key, link in file.links.items():
        kit = on_channel(file.shelf.kits[link["kit"] or file.plan["kits"]["backhaul"]], link)
        links[key] = key, kit, link["freq_mhz"] or kit["freq_mhz"]
        for end in (link["from_site"], link["to_site"]):
            radios[end].append(links[key])
    found = []
    for key, link in file.links.items():
        name, kit, mhz = links[key]
        ends = link["from_site"], link["to_site"]
        way = file.path(*ends)
        if way is None or not _homes_behind(file, key):
            continue
        ups = tuple(file.sites[end]["mast_height_m"] for end in ends)
        lost, _ = loss_and_clearance(way, *ups, kit["freq_mhz"], file.plan["area"]["k_factor"], 0.0)
        margin = max(over for over, _ in file.one_way(kit, kit, mhz, lost, way.length))
        for end in ends:
            heard = sum(_heard_mw(file, other, (kit, mhz)) for other in radios[end] if other[0] != name)
            rise = 10.0 * math.log10(
                1.0 + heard / 10.0 ** ((-174.0 + 60.0 + 10.0 * math.log10(kit["width_mhz"])) / 10.0)
            )
            # A receiver that adds noise of its own hears less of the others; 10 dB are more than any here has.
            if rise - 10.0 - _SLACK_DB > margin:
                found.append(f"{key} carries nothing: the radios at {end} drown it")
    return found


def _homes_behind(file: PlanFile, link: str) -> bool:
    """Return whether a home is cut off from its gateway where a link is taken away."""
    near: dict[str, set[str]] = {}
    for key, one in file.links.items():
        if key != link:
            near.setdefault(one["from_site"], set()).add(one["to_site"])
            near.setdefault(one["to_site"], set()).add(one["from_site"])
    online, front = set(file.gates), list(file.gates)
    while front:
        for other in near.get(front.pop(), set()) - online:
            online.add(other)
            front.append(other)
    return any(home["server"] is not None and home["server"] not in online for home in file.homes.values())


def _heard_mw(file: PlanFile, other: tuple[str, dict[str, Any], float], mine: tuple[dict[str, Any], float]) -> float:
    """Return what a radio hears of another one on its mast."""
    _, sends, mhz = other
    hears, own = mine
    power = max(mode[1] for mode in file.shelf.modes(sends))
    limit = file.limit(mhz, sends["width_mhz"])
    gain = file.shelf.antennas[sends["antenna"]]["gain_dbi"]
    if limit is not None and file.rules["keep_limits"]:
        power = min(power, math.floor(limit["limit_dbm"] - gain + sends["cable_loss_db"] + 1e-9))
    free = 20.0 * math.log10(4.0 * math.pi * _APART_M * sends["freq_mhz"] * 1e6 / 299_792_458.0)
    level = (
        power - sends["cable_loss_db"] - hears["cable_loss_db"] + _upwards(file, sends) + _upwards(file, hears) - free
    )
    return 10.0 ** (level / 10.0) * _through(mhz, sends["width_mhz"], own, hears["width_mhz"])


def _upwards(file: PlanFile, kit: dict[str, Any]) -> float:
    """Return the gain of an antenna straight up: F.699-8 of a dish, F.1336-5 of a sector."""
    antenna = file.shelf.antennas[kit["antenna"]]
    gain, wide, high = antenna["gain_dbi"], antenna["beamwidth_az_deg"], antenna["beamwidth_el_deg"]
    if max(wide, high) <= _ROUND * min(wide, high):
        ratio = 10.0 ** ((gain - 7.7) / 20.0)
        return float(10.0 - 10.0 * math.log10(ratio)) if ratio < 100.0 else -10.0
    return float(gain - sector_loss_db(antenna, 0.0, 90.0, 0.0))


def _through(sent_mhz: float, sent_width: float, own_mhz: float, own_width: float) -> float:
    """Return the share of a sender's power in a receiver's channel, where the channels do not overlap twice over."""
    apart = abs(sent_mhz - own_mhz)
    if apart >= 5.0 * max(sent_width, own_width):
        return 0.0
    there, back = (
        _inside(width, apart - other / 2.0, apart + other / 2.0)
        for width, other in ((sent_width, own_width), (own_width, sent_width))
    )
    return min(1.0, there if apart < (sent_width + own_width) / 2.0 else there + back)


def _inside(width: float, low: float, high: float) -> float:
    """Return the share of a spectrum at its mask between two distances from its middle."""
    at = np.linspace(-5.0, 5.0, 100_001)
    power = 10.0 ** (np.interp(np.abs(at), _MASK_AT, _MASK_DB) / 10.0)
    return float(power[(at * width >= low) & (at * width <= high)].sum() / power.sum())
