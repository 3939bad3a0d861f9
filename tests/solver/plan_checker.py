"""A checker of solutions that knows only the JSON and the rules of a plan; it shares nothing with the code."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any


def coverable(instance: dict[str, Any]) -> Fraction:
    best = [[k for k, cost in enumerate(site["cost"]) if cost is not None] for site in instance["sites"]]
    hops = {i: 0 for i, site in enumerate(instance["sites"]) if site["role"] != "candidate" and best[i]}
    for hop in range(1, instance["max_hops"] + 1):
        for a, b, ka, kb, *_ in instance["links"]:
            if best[a] and best[b] and ka <= best[a][-1] and kb <= best[b][-1]:
                for here, there in ((a, b), (b, a)):
                    if hops.get(here) == hop - 1:
                        hops.setdefault(there, hop)
    reached = {home for site, home, k in instance["serve"] if site in hops and k <= best[site][-1]}
    return sum((Fraction(instance["homes"][home]["weight"]) for home in reached), Fraction(0))


def faults(  # noqa: C901  # a list of rules, one after the other
    instance: dict[str, Any], solution: dict[str, Any], budget: float | None = None
) -> list[str]:
    """Return every rule that a solution breaks, in words."""
    found: list[str] = []
    sites = {site["id"]: (number, site) for number, site in enumerate(instance["sites"])}
    homes = {home["id"]: (number, home) for number, home in enumerate(instance["homes"])}
    height: dict[int, int] = {}
    room: dict[int, Fraction] = {}
    money = Fraction(0)
    for row in solution["sites"]:
        number, site = sites[row["id"]]
        if number in height:
            found.append(f"{row['id']} is built twice")
        height[number] = instance["heights_m"].index(row["height_m"])
        price = site["cost"][height[number]]
        if price is None:
            found.append(f"{row['id']} may not be so high")
            continue
        if not 0 <= row["sectors"] <= instance["sector"]["max_per_site"]:
            found.append(f"{row['id']} has {row['sectors']} sectors")
        room[number] = Fraction(row["sectors"]) * Fraction(instance["sector"]["homes"])
        money += Fraction(price) + row["sectors"] * Fraction(instance["sector"]["cost"])
    joined: dict[int, list[int]] = {number: [] for number in height}
    parent = {sites[child][0]: sites[above][0] for child, above in solution["links"]}
    load: dict[int, Fraction] = {}
    for home_id, site_id in solution["homes"].items():
        at = sites[site_id][0]
        load[at] = load.get(at, Fraction(0)) + _takes(homes[home_id][1])
    flow = _flows(parent, load)
    for one, other in solution["links"]:
        ends = sorted((sites[one][0], sites[other][0]))
        prices = [
            Fraction(cost)
            for a, b, ka, kb, cost, *carries in instance["links"]
            if [a, b] == ends and height.get(a, -1) >= ka and height.get(b, -1) >= kb
            if not carries or flow.get(sites[one][0], 0) <= carries[0]
        ]
        if not prices or ends[1] in joined.get(ends[0], []):
            found.append(f"{one}-{other} is no link")
            continue
        money += min(prices)
        joined[ends[0]].append(ends[1])
        joined[ends[1]].append(ends[0])
    opened = {sites[row["id"]][0] for row in solution["sites"] if row.get("opened")}
    for number in opened:
        if instance["sites"][number]["role"] != "gateway_option" or number in parent:
            found.append(f"site {number} is opened and need not or cannot be")
        money += Fraction(instance["sites"][number].get("open", 0))
    distance = {n: 0 for n in height if instance["sites"][n]["role"] == "gateway" or n in opened}
    found += [
        f"{site['id']} carries too much"
        for number, site in sites.values()
        if number in distance and flow.get(number, 0) > site.get("carries", float("inf"))
    ]
    if not distance:
        found.append("no gateway")
    queue = list(distance)
    for here in queue:
        for there in joined[here]:
            if there not in distance:
                distance[there] = distance[here] + 1
                queue.append(there)
    found += [f"site {n} has no way out" for n in height if distance.get(n, 999) > instance["max_hops"]]
    served = Fraction(0)
    for home_id, site_id in solution["homes"].items():
        number, home = homes[home_id]
        site = sites[site_id][0]
        if not any(s == site and h == number and k <= height.get(site, -1) for s, h, k in instance["serve"]):
            found.append(f"{home_id} is not seen from {site_id}")
        room[site] = room.get(site, Fraction(0)) - _takes(home)
        served += Fraction(home["weight"])
        money += Fraction(home.get("cost", 0))
    found += [f"site {n} has too few sectors" for n, left in room.items() if left < 0]
    found += [f"site {n} has no room" for n, one in load.items() if one > instance["sector"].get("room", one)]
    found += [f"{s['id']} must be built" for n, s in sites.values() if s.get("must") and n not in height]
    found += [
        f"{h['id']} must be served" for _, h in homes.values() if h.get("must") and h["id"] not in solution["homes"]
    ]
    if budget is None and served < Fraction(str(instance["cover"])) * coverable(instance):
        found.append(f"serves {float(served)}")
    if budget is not None and money > Fraction(budget) + Fraction(1, 10**6):
        found.append(f"costs {float(money)}")
    if abs(float(money) - solution["cost"]) > 1e-6 or served != Fraction(solution["served_weight"]):
        found.append("what it says of itself is not what it is")
    return found


def brute_force(instance: dict[str, Any], budget: float | None = None) -> tuple[float | None, float | None]:
    """Return (least cost, most weight) by trying every height, parent, sector count and home: tiny instances only."""
    sites, homes = instance["sites"], instance["homes"]
    goal = Fraction(str(instance["cover"])) * coverable(instance)
    heights = [[None, *(k for k, c in enumerate(s["cost"]) if c is not None)] for s in sites]
    best_cost: Fraction | None = None
    best_weight: Fraction | None = None
    for levels in product(*heights):
        built = [n for n, k in enumerate(levels) if k is not None]
        if not any(sites[n]["role"] != "candidate" for n in built):
            continue
        if any(site.get("must") and levels[n] is None for n, site in enumerate(sites)):
            continue
        trees = _Trees(instance, levels, built)
        if trees.cheapest({}) is None:
            continue
        base = sum((Fraction(sites[n]["cost"][levels[n]]) for n in built), Fraction(0))
        options = [
            [None, *(s for s in built if any(a == s and h == m and k <= levels[s] for a, h, k in instance["serve"]))]
            for m in range(len(homes))
        ]
        for server in product(*options):
            if any(home.get("must") and at is None for home, at in zip(homes, server, strict=True)):
                continue
            weight = sum(
                (Fraction(h["weight"]) for h, at in zip(homes, server, strict=True) if at is not None), Fraction(0)
            )
            loads = {
                site: sum((_takes(h) for h, at in zip(homes, server, strict=True) if at == site), Fraction(0))
                for site in built
            }
            links = trees.cheapest(loads)
            if links is None:
                continue
            money = base + links
            money += sum(Fraction(h.get("cost", 0)) for h, at in zip(homes, server, strict=True) if at is not None)
            fits = True
            for load in loads.values():
                count = 0
                while (
                    count * Fraction(instance["sector"]["homes"]) < load and count <= instance["sector"]["max_per_site"]
                ):
                    count += 1
                fits = fits and count <= instance["sector"]["max_per_site"]
                fits = fits and load <= instance["sector"].get("room", load)
                money += count * Fraction(instance["sector"]["cost"])
            if not fits:
                continue
            if weight >= goal and (best_cost is None or money < best_cost):
                best_cost = money
            if budget is not None and money <= budget and (best_weight is None or weight > best_weight):
                best_weight = weight
    return (None if best_cost is None else float(best_cost)), (None if best_weight is None else float(best_weight))


def _takes(home: dict[str, Any]) -> Fraction:
    """Return what sectors, links and gateways carry for a home: as much as it counts, or what it says."""
    return Fraction(home.get("takes", home["weight"]))


def _flows(parent: dict[int, int], load: dict[int, Fraction]) -> dict[int, Fraction]:
    """Return the load of homes that hangs on each site."""
    flow: dict[int, Fraction] = {}
    for site, weight in load.items():
        at: int | None = site
        seen: set[int] = set()
        while at is not None and at not in seen:
            seen.add(at)
            flow[at] = flow.get(at, Fraction(0)) + weight
            at = parent.get(at)
    return flow


class _Trees:
    """All trees within the hops at some heights."""

    def __init__(self, instance: dict[str, Any], levels: Any, built: list[int]) -> None:
        sites = instance["sites"]
        children = [n for n in built if sites[n]["role"] != "gateway"]
        self.ways: dict[tuple[int, int], list[tuple[Fraction, float]]] = {}
        for a, b, ka, kb, cost, *carries in instance["links"]:
            if a in built and b in built and levels[a] >= ka and levels[b] >= kb:
                for pair in ((a, b), (b, a)):
                    self.ways.setdefault(pair, []).append((Fraction(cost), carries[0] if carries else float("inf")))
        self.room = {n: sites[n].get("carries", float("inf")) for n in built if sites[n]["role"] != "candidate"}
        self.price = {n: Fraction(sites[n]["open"]) for n in built if sites[n]["role"] == "gateway_option"}
        self.trees = []
        for parents in product(
            *([*(p for p in built if (p, child) in self.ways), *([None] * (child in self.price))] for child in children)
        ):
            parent = {child: above for child, above in zip(children, parents, strict=True) if above is not None}
            if all(_hops(parent, child, len(built)) <= instance["max_hops"] for child in children):
                self.trees.append(parent)
        self.known: dict[tuple[tuple[int, Fraction], ...], Fraction | None] = {}

    def cheapest(self, load: dict[int, Fraction]) -> Fraction | None:
        """Return the least that links cost which carry what the sites serve."""
        key = tuple(sorted(load.items()))
        if key not in self.known:
            costs = [cost for parent in self.trees if (cost := self._cost(parent, load)) is not None]
            self.known[key] = min(costs, default=None)
        return self.known[key]

    def _cost(self, parent: dict[int, int], load: dict[int, Fraction]) -> Fraction | None:
        flow, total = _flows(parent, load), Fraction(0)
        if any(flow.get(gate, 0) > room for gate, room in self.room.items() if gate not in parent):
            return None
        total += sum(price for site, price in self.price.items() if site not in parent)
        for child, above in parent.items():
            prices = [cost for cost, carries in self.ways[above, child] if flow.get(child, 0) <= carries]
            if not prices:
                return None
            total += min(prices)
        return total


def _hops(parent: dict[int, int], site: int, most: int) -> int:
    hops = 0
    while site in parent:
        site, hops = parent[site], hops + 1
        if hops > most:
            return 10**6
    return hops
