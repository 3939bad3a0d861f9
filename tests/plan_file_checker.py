"""A checker of whole plans that shares nothing with the program: it knows the plan file and docs/planning.md alone.

`faults` returns, in words, every rule that a plan breaks: places, masts, links, tree, homes, sectors, load, channels,
second ways, money, and what the plan says of itself.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import linprog

from tests.plan_file_air import drowned
from tests.plan_file_radio import PlanFile, on_channel
from tests.priced_tower import box_pieces, drawn, panels_and_batteries, radio_pieces, watts

_CENTS = 0.01


def faults(path: Path, *, as_planned: bool = True, channels: bool = False, coverable: bool = False) -> list[str]:
    """Return every rule that a plan file breaks.

    Parameters
    ----------
    path : Path
        The plan file, its elevation files beside it as it says.
    as_planned : bool
        Whether the planner was the last who changed it: what its outcome says has to hold then.
    channels : bool
        Whether channels have been given: those who stand at one tower then have to differ, and none of them drowns a
        link that homes hang on.
    coverable : bool
        Whether who could be reached is counted too: every site at its greatest height, every home.
    """
    file = PlanFile(path)
    found = [*_places(file), *_links(file), *_tree(file), *_homes(file), *_load(file), *_second_ways(file)]
    found += _channels(file, given=channels)
    found += drowned(file) if channels else []
    if as_planned:
        found += _outcome(file, _coverable(file) if coverable else None)
    return found


def _places(file: PlanFile) -> list[str]:
    found = []
    for key, site in file.sites.items():
        mast, kept = site["mast_height_m"], site["status"] == "built" or site["role"] == "existing"
        if (site["choice"] == "locked" or site["status"] == "built") and key not in file.towers:
            found.append(f"{key} is locked or built, and not in the plan")
        if key not in file.towers:
            if site["sectors"] or any(home["server"] == key for home in file.homes.values()):
                found.append(f"{key} is no tower, and has sectors or homes")
            continue
        if mast > site["max_height_m"] + 1e-9:
            found.append(f"{key} has {mast:g} m where {site['max_height_m']:g} m are allowed")
        free = not kept and site["choice"] != "locked"
        if free and mast not in file.rules["mast_heights_m"]:
            found.append(f"{key} has a mast of {mast:g} m, which is none to choose from")
        if not kept and file.shelf.mast(mast) is None:
            found.append(f"{key} has a mast that is not on the shelf")
        if len(site["sectors"]) > file.rules["max_sectors"]:
            found.append(f"{key} has {len(site['sectors'])} sectors")
        found += [
            f"{key} stands in {zone['id']}"
            for zone in file.plan["zones"].values()
            if zone["no_build"] and not kept and _inside(site["at"], zone["ring"])
        ]
    return found


def _inside(at: tuple[float, float], ring: list[tuple[float, float]]) -> bool:
    """Return whether a place lies in a ring: a ray to the east crosses it an odd number of times."""
    crossed = False
    for (y1, x1), (y2, x2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y1 > at[0]) != (y2 > at[0]) and at[1] < (x2 - x1) * (at[0] - y1) / (y2 - y1) + x1:
            crossed = not crossed
    return crossed


def link_rates(file: PlanFile, link: dict[str, Any]) -> tuple[str | None, float]:
    """Return what is wrong with a link's path, and the rate that it carries both ways."""
    kit = on_channel(file.shelf.kits[link["kit"] or file.plan["kits"]["backhaul"]], link)
    ends = [file.sites[link[end]] for end in ("from_site", "to_site")]
    way = file.path(ends[0]["id"], ends[1]["id"])
    if way is None:
        return "has no terrain on its way", 0.0
    if way.length > (file.rules["max_backhaul_km"] or math.inf) * 1000:
        return f"is {way.length:.0f} m long", 0.0
    ups = tuple(
        link[at] or site["mast_height_m"] for at, site in zip(("from_height_m", "to_height_m"), ends, strict=True)
    )
    least = file.rules["backhaul_margin_db"]
    budget = file.budget(way, ups, (kit, kit), link["freq_mhz"] or kit["freq_mhz"], least, 0.0)
    return file.poor(budget, least, on_check=False), min(budget.down, budget.up)


def _links(file: PlanFile) -> list[str]:
    found = []
    refused = {
        frozenset((link["from_site"], link["to_site"]))
        for link in file.plan["links"].values()
        if link["choice"] == "forbidden" or link["status"] == "rejected"
    }
    joined = Counter(frozenset((link["from_site"], link["to_site"])) for link in file.links.values())
    found += [f"{'-'.join(sorted(ends))} is there {count} times" for ends, count in joined.items() if count > 1]
    for key, link in file.plan["links"].items():
        if link["choice"] == "locked" and key not in file.links:
            found.append(f"{key} is locked, and does not stand")
    for key, link in file.links.items():
        kept = link["choice"] == "locked" or link["status"] == "built"
        if frozenset((link["from_site"], link["to_site"])) in refused:
            found.append(f"{key} stands where a link was refused")
        if kept:
            continue
        poor, rate = link_rates(file, link)
        if poor is not None:
            found.append(f"{key} {poor}")
            continue
        way = file.path(link["from_site"], link["to_site"])
        assert way is not None
        own = max(
            rate
            for _, rate in file.one_way(
                file.kits["backhaul"], file.kits["backhaul"], file.kits["backhaul"]["freq_mhz"], 0.0, way.length
            )
        )
        if rate < min(file.plan["demand"]["mbps_per_home"], own) - 1e-6:
            found.append(f"{key} carries {rate:.1f} Mbit/s, less than a home should reach")
    return found


def _hops(file: PlanFile, without: frozenset[str] = frozenset()) -> dict[str, int]:
    """Return the links to the nearest gateway, with some towers or links taken away."""
    hops = dict.fromkeys(file.gates - without, 0)
    front = list(hops)
    for here in front:
        for key, link in file.links.items():
            ends = (link["from_site"], link["to_site"])
            if key not in without and here in ends:
                there = ends[1 - ends.index(here)]
                if there not in hops and there not in without:
                    hops[there] = hops[here] + 1
                    front.append(there)
    return hops


def _tree(file: PlanFile) -> list[str]:
    hops = _hops(file)
    found = [] if file.gates else ["there is no gateway"]
    for key in sorted(file.towers):
        if key not in hops:
            found.append(f"{key} hangs on no gateway")
        elif hops[key] > file.rules["max_hops"]:
            found.append(f"{key} is {hops[key]} hops from its gateway")
    kept = [link for link in file.links.values() if link["choice"] == "locked" or link["status"] == "built"]
    more = len(file.links) - (len(file.towers) - len(file.gates))
    if more > 0 and not kept and not any(site["two_ways"] for site in file.sites.values()):
        found.append(f"there are {more} links more than a tree has")
    return found


def _homes(file: PlanFile) -> list[str]:
    """Homes on their sectors: each within a beam and well served, and no sector with more than all of its time."""
    found = []
    served: dict[str, list[dict[str, Any]]] = {}
    for home in file.homes.values():
        if home["server"] is not None:
            served.setdefault(home["server"], []).append(home)
    for key, homes in served.items():
        if key not in file.towers:
            continue  # said by the places
        site = file.sites[key]
        rows, alone = [], []
        for home in homes:
            if home["at"] == site["at"]:
                continue  # by cable
            times, why = file.sectors_for(site, home)
            if not any(math.isfinite(one) for one in times):
                found.append(f"{home['id']} at {key} {why}")
            elif min(times) > 1.0:
                alone.append(home["id"])
            else:
                rows.append(times)
        if len(alone) > len(site["sectors"]):
            found.append(f"{key} has fewer sectors than homes that need one each")
        if rows:
            fullest = _fullest(np.array(rows))
            if fullest > 1.0 + 0.01:
                found.append(f"{key} has a sector that is full to {fullest:.0%} however its homes share")
    return found


def _fullest(times: np.ndarray) -> float:
    """Return how full the fullest sector is where homes are shared out best; `times` of (homes, sectors)."""
    homes, sectors = times.shape
    may = np.isfinite(times)
    columns = [(h, s) for h in range(homes) for s in range(sectors) if may[h, s]]
    each = np.zeros((homes, len(columns) + 1))
    full = np.zeros((sectors, len(columns) + 1))
    full[:, -1] = -1.0
    for number, (h, s) in enumerate(columns):
        each[h, number] = 1.0
        full[s, number] = times[h, s]
    goal = np.zeros(len(columns) + 1)
    goal[-1] = 1.0
    answer = linprog(goal, A_ub=full, b_ub=np.zeros(sectors), A_eq=each, b_eq=np.ones(homes))
    assert answer.success, answer.message
    return float(answer.fun)


def _load(file: PlanFile) -> list[str]:
    """Links and gateways that are asked for more than they carry, where there is one way only."""
    hops, found = _hops(file), []
    all_of = sum(_weight(file, key) for key in hops)
    for key, link in file.links.items():
        ends = {link["from_site"], link["to_site"]}
        cut = set(hops) - set(_hops(file, frozenset({key})))
        load = file.busy * sum(_weight(file, one) for one in cut)
        _, rate = link_rates(file, link)
        if cut and ends <= set(hops) and load > rate * 1.01:
            found.append(f"{key} carries {rate:.0f} Mbit/s of the {load:.0f} that its homes want")
    mbps = sum(file.sites[key]["uplink"]["mbps"] for key in file.gates if file.sites[key]["uplink"])
    if all(file.sites[key]["uplink"] for key in file.gates) and file.busy * all_of > mbps * 1.01:
        found.append(f"the gateways have {mbps:g} Mbit/s of the {file.busy * all_of:.0f} that all homes want")
    return found


def _weight(file: PlanFile, site: str) -> float:
    return sum(home["weight"] for home in file.homes.values() if home["server"] == site)


def _second_ways(file: PlanFile) -> list[str]:
    """Whatever one tower (but the only gateway) or link is taken away, those that must stay on the air do."""
    found = []
    things = [*sorted(file.towers - (file.gates if len(file.gates) == 1 else set())), *file.links]
    for key in sorted(file.towers - file.gates):
        if file.sites[key]["two_ways"]:
            cutting = [one for one in things if one != key and key not in _hops(file, frozenset({one}))]
            found += [f"{key} falls silent with {one}" for one in cutting]
    return found


def _channels(file: PlanFile, *, given: bool) -> list[str]:
    """Each within one limit of the law and its radio's band; those at one tower apart where they have been given."""
    users = []
    for key in sorted(file.towers):
        for sector in file.sites[key]["sectors"]:
            kit = on_channel(file.shelf.kits[sector["kit"]], sector)
            users.append((sector["id"], {key}, sector["freq_mhz"] or kit["freq_mhz"], kit))
    for key, link in file.links.items():
        kit = on_channel(file.shelf.kits[link["kit"] or file.plan["kits"]["backhaul"]], link)
        users.append((key, {link["from_site"], link["to_site"]}, link["freq_mhz"] or kit["freq_mhz"], kit))
    found = []
    for name, _, mhz, kit in users:
        low, high = file.shelf.radios[kit["radio"]]["band_mhz"]
        half = kit["width_mhz"] / 2
        if not (low <= mhz - half and mhz + half <= high):
            found.append(f"{name} is on {mhz:g} MHz, where its radio has no channel")
        if file.regulations is not None and file.limit(mhz, kit["width_mhz"]) is None:
            found.append(f"{name} is on {mhz:g} MHz, which the law does not open")
    for one, other in combinations(users, 2) if given else ():
        # A sector and a link that look away from each other may share one.
        same = one[1] & other[1] and one[3]["task"] == other[3]["task"]
        if same and _overlap(one, other) and (_room(file, one, users) or _room(file, other, users)):
            found.append(f"{one[0]} and {other[0]} share a channel at one tower, where there are others")
    return found


def _overlap(one: Any, other: Any) -> bool:
    return bool(abs(one[2] - other[2]) < (one[3]["width_mhz"] + other[3]["width_mhz"]) / 2)


def _room(file: PlanFile, user: Any, users: list[Any]) -> bool:
    """Return whether a Wi-Fi channel of 5 GHz, with no less power, is taken by nobody at the user's towers."""
    name, towers, _, kit = user
    low, high = file.shelf.radios[kit["radio"]]["band_mhz"]
    numbers = {20: [*range(36, 65, 4), *range(100, 145, 4), *range(149, 178, 4)],
               40: [*range(38, 63, 8), *range(102, 143, 8), *range(151, 176, 8)]}  # fmt: skip
    own = file.limit(kit["freq_mhz"], kit["width_mhz"])
    for number in numbers[int(kit["width_mhz"])]:
        mhz = 5000.0 + 5.0 * number
        limit = file.limit(mhz, kit["width_mhz"])
        open_ = file.regulations is None or (
            limit is not None and own is not None and limit["limit_dbm"] >= own["limit_dbm"]
        )
        inside = low <= mhz - kit["width_mhz"] / 2 and mhz + kit["width_mhz"] / 2 <= high
        beside = [other for other in users if other[0] != name and other[1] & towers]
        if open_ and inside and not any(_overlap((name, towers, mhz, kit), other) for other in beside):
            return True
    return False


def capital(file: PlanFile) -> tuple[float, float]:
    """Return what all that is planned costs, counted piece by piece, and how much of it rounding may be."""
    price, rounding = price_of(file)
    return price["build"], rounding


def price_of(file: PlanFile) -> tuple[dict[str, float], float]:
    """Return what all that is planned costs, what of it is power, labour and routers, and what rounding may be."""
    rates, catalogue = file.plan["costs"], file.shelf
    need = _Need(file)
    need.towers()
    need.homes()
    goods: dict[str, float] = {}
    for item, count in need.pieces.items():
        _, unit, kind = catalogue.prices[item]
        spare = count * rates["spares_pct"] / 100 if kind in ("radio", "cable") else 0.0
        spare = spare if unit == "m" else math.ceil(spare - 1e-9)
        goods[item] = (count + spare) * need.price(item)
    moved = sum(goods.values()) * (1 + (rates["transport_pct"] + (rates["customs_pct"] or 0.0)) / 100)
    work = file.plan["work"]
    labour = (need.days + work["training_days"]) * (1 - work["volunteer_pct"] / 100) * need.wage
    total = (moved + labour + need.place) * (1 + rates["contingency_pct"] / 100)
    price = {
        "build": total,
        "of_which_power": sum(goods[item] for item in need.power),
        "of_which_labour": labour,
        "of_which_routers": sum(goods.get(item, 0.0) for item in ("tower-router", "home-router")),
    }
    more = sum(1 for home in file.homes.values() if home["weight"] > 1)
    return price, 3 * _CENTS * max(1, need.units + more)


class _Need:
    """What is bought, in pieces, and the work and the places that go with it."""

    def __init__(self, file: PlanFile) -> None:
        self.file, self.shelf = file, file.shelf
        usd = file.plan["info"]["currency"] == "USD"
        self.rate = 1.0 if usd else file.plan["costs"]["exchange_rate"]
        said = file.plan["costs"]["labour_day"]
        self.wage = 25.0 * self.rate if said is None else said
        self.pieces: Counter[str] = Counter()
        self.power: set[str] = set()
        self.days = self.place = 0.0
        self.units = 0

    def price(self, item: str) -> float:
        return self.shelf.prices[item][0] * self.rate

    def add(self, parts: Mapping[str, float], times: float = 1.0) -> None:
        self.units += 1
        for item, count in parts.items():
            self.pieces[item] += count * times

    def towers(self) -> None:
        file, shelf, foot, work = self.file, self.shelf, self.file.plan["power"]["run_m"], self.file.plan["work"]
        for key in file.towers:
            site, radios = file.sites[key], _radios(file, key)
            built = site["status"] == "built"
            for kit, height, bought in radios:
                if bought:
                    self.add(radio_pieces(shelf, kit, height + foot, own=built))
                    self.days += work["radio_days"]
            if built:
                continue
            box = box_pieces(shelf, [kit for kit, _, _ in radios], site["role"] == "gateway", self.price)
            power: Mapping[str, float] = shelf.tower["grid_parts"]
            if site["power"] != "grid":
                load = sum(watts(shelf, kit, height + foot) for kit, height, _ in radios) + drawn(shelf, box)
                power = panels_and_batteries(shelf, file.plan, load, self.price)
            self.power |= set(power)
            mast = shelf.mast(site["mast_height_m"])
            if site["role"] != "existing" and mast is not None:
                self.add(mast["parts"])
                self.days += mast["labour_days"]
            for parts in (box, power, shelf.tower["site_parts"]):
                self.add(parts)
            self.days += work["box_days"] + (0.0 if site["status"] == "surveyed" else work["survey_days"])
            door = site["uplink"] if site["role"] == "gateway" else None
            self.place += (
                site["build_cost"] + (door or {}).get("open_cost", 0.0) + work["tower_trips"] * work["trip_cost"]
            )

    def homes(self) -> None:
        for home in self.file.homes.values():
            if home["server"] is None:
                continue
            count = max(1, math.ceil(home["weight"])) if home["kind"] == "home" else 1
            kit = self.shelf.kits[home.get("client_kit")] if home.get("client_kit") else self.file.kits["client"]
            tall = home["antenna_height_m"] is None and self.file.plan["demand"]["antenna_height_m"] > 5.0
            poles = {"roof-pole": "roof-pole-3m"} if tall and not home["on_pole"] else {}
            self.add({poles.get(item, item): quantity for item, quantity in kit["parts"].items()}, count)
            self.days += count * self.file.plan["work"]["home_days"]
            if home["on_pole"]:
                pole = self.shelf.mast(self.file.roof(home))
                assert pole is not None
                self.add(pole["parts"], count)
                self.days += count * pole["labour_days"]


def _radios(file: PlanFile, key: str) -> list[tuple[dict[str, Any], float, bool]]:
    """Return the radios at a tower: kit, height, and whether it is bought."""
    site, kits = file.sites[key], file.shelf.kits
    top = site["mast_height_m"]
    found = [(kits[one["kit"]], one.get("height_m") or top, True) for one in site["sectors"]]
    for link in file.links.values():
        kit = kits[link["kit"] or file.plan["kits"]["backhaul"]]
        for end, height in (("from_site", link["from_height_m"]), ("to_site", link["to_height_m"])):
            if link[end] == key:
                found.append((kit, height or top, link["status"] != "built"))
    return found


def _coverable(file: PlanFile) -> tuple[float, float, set[str]]:
    """Return who could be reached were every site as high as it may be: the least weight, the most, and who surely."""
    most = sum(file.homes[name]["weight"] for name in _reachable(file))
    file.slack = -1.0
    surely = _reachable(file)
    file.slack = 1.0
    return sum(file.homes[name]["weight"] for name in surely), most, surely


def _reachable(file: PlanFile) -> set[str]:
    """Return the homes that some site at its greatest height reaches: a sector points straight at each of them."""
    top = {}
    for key, site in file.sites.items():
        barred = site["status"] == "rejected" or site["choice"] == "forbidden"
        barred |= any(zone["no_build"] and _inside(site["at"], zone["ring"]) for zone in file.plan["zones"].values())
        may = [one for one in file.rules["mast_heights_m"] if one <= site["max_height_m"] and file.shelf.mast(one)]
        if site["status"] == "built" or site["role"] == "existing" or site["choice"] == "locked":
            may = [site["mast_height_m"]] if site["mast_height_m"] else may
        if not barred and may:
            top[key] = max(may)
    reached = {key: 0 for key in top if file.sites[key]["role"] == "gateway"}
    front = list(reached)
    least, kit = file.rules["backhaul_margin_db"], file.kits["backhaul"]
    for here in front:
        if reached[here] == file.rules["max_hops"]:
            continue
        for there in sorted(set(top) - set(reached)):
            way = file.path(*sorted((here, there)))
            ups = tuple(top[one] for one in sorted((here, there)))
            if way is None or way.length > (file.rules["max_backhaul_km"] or math.inf) * 1000:
                continue
            if file.poor(file.budget(way, ups, (kit, kit), kit["freq_mhz"], least, 0.0), least, on_check=False) is None:
                reached[there] = reached[here] + 1
                front.append(there)
    kits, least = (file.kits["access"], file.kits["client"]), file.rules["access_margin_db"]
    homes = set()
    for name, home in file.homes.items():
        for key in reached:
            way = file.path(key, name)
            if file.sites[key]["at"] == home["at"]:
                homes.add(name)
                break
            if way is None or way.length > (file.rules["max_access_km"] or math.inf) * 1000:
                continue
            budget = file.budget(way, (top[key], file.roof(home)), kits, kits[0]["freq_mhz"], least, 0.0)
            good = file.poor(budget, least, on_check=file.rules["serve_on_check"]) is None
            if good and budget.down >= file.plan["demand"]["mbps_per_home"]:
                homes.add(name)
                break
    return homes


def _outcome(file: PlanFile, coverable: tuple[float, float, set[str]] | None) -> list[str]:
    said, found = file.plan["outcome"], []
    if said is None:
        return ["the plan does not say how it came out"]
    served = sum(home["weight"] for home in file.homes.values() if home["server"] is not None)
    if abs(served - said["served"]) > 1e-6:
        found.append(f"{served:g} homes are served, not {said['served']:g}")
    cost, rounding = capital(file)
    if abs(cost - said["capex"]) > rounding:
        found.append(f"it costs {cost:.2f}, not {said['capex']:.2f}")
    if said["budget"] is not None and said["capex"] > said["budget"] + _CENTS:
        found.append(f"it costs more than the {said['budget']:.2f} there were")
    if said["budget"] is None and said["lower_bound"] is not None:
        if said["status"] == "optimal" and served < file.rules["cover"] * said["coverable"] - 1e-6:
            found.append(f"it serves {served:g}, less than was asked for, and is called optimal")
        if said["lower_bound"] > said["capex"] + _CENTS:
            found.append("it costs less than its bound")
    if said["homes_upper_bound"] is not None and served > said["homes_upper_bound"] + 1e-6:
        found.append("it serves more than its bound")
    if coverable is not None:
        least, most, homes = coverable
        if not least <= said["coverable"] <= most:
            found.append(f"{least:g} to {most:g} homes are coverable, not {said['coverable']:g}")
        for name, home in file.homes.items():
            if home["priority"] == "must" and home["server"] is None and name in homes and said["budget"] is None:
                found.append(f"{name} must be reached, and is not")
    return found
