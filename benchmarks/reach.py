"""Whom towers can reach on networks that people built: homes that are really linked, and links that really stand.

    python benchmarks/reach.py [DATA_FOLDER] [--case bergueda|andoain]

Homes are the clients that working links join to a supernode. They are reached where a supernode's mast of 30 m at most
serves them by the plan's rules and hangs on a gateway: on the two nodes with most links ("two hubs"), or on any
supernode ("all masts"). Before: 8 km to a home and 25 km between towers, as rules; after: no rule, so that budget, law
and ground alone limit. Long links are those between supernodes of 6 km and more, by the plan's kit for links, under the
law of the country and with a licence (no limit of power).
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from cn_planner.geo import geodesic
from cn_planner.model import edits
from cn_planner.model.plan import Area, Household, Info, Plan, Rules, Site, SiteRole
from cn_planner.planning.problem import PlanningProblem, build_problem
from cn_planner.session.project import NEW_ROOF_M
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study
from cn_planner.terrain.surface import Surface

_TILES = {"bergueda": ("N41E001.hgt.zip", "N42E001.hgt.zip"), "andoain": ("N43W003.hgt.zip",)}
_LONG_KM = 6.0


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


class Network:
    """Nodes and working links of a real network, where there is ground."""

    def __init__(self, data: Path, case: str, surface: Surface) -> None:
        self.nodes = {}
        for row in _rows(data / "networks" / f"{case}_nodes.csv"):
            at = float(row["latitude_deg"]), float(row["longitude_deg"])
            if np.isfinite(surface.heights(*at)):
                self.nodes[row["id"]] = (row.get("kind", ""), at)
        self.links = [
            (row["from"], row["to"])
            for row in _rows(data / "networks" / f"{case}_links.csv")
            if row["status"] == "Working" and {row["from"], row["to"]} <= set(self.nodes)
        ]
        self.joined = Counter(end for link in self.links for end in link)
        # Where nobody said which nodes are supernodes, those are with more than one link.
        self.masts = {
            key
            for key, count in self.joined.items()
            if self.nodes[key][0] == "Supernode" or (not self.nodes[key][0] and count > 1)
        }
        self.homes = {
            end
            for link in self.links
            for end, other in (link, link[::-1])
            if end not in self.masts and other in self.masts
        }

    def plan(self, gateways: int, canopy_m: float, rules: Rules) -> Plan:
        """Return the plan with the towers of most links as gateways; 0: every tower."""
        hubs = sorted(self.masts, key=lambda key: (-self.joined[key], key))[: gateways or None]
        sites = [
            Site(key, key, *self.nodes[key][1], role=SiteRole.GATEWAY if key in hubs else SiteRole.CANDIDATE)
            for key in sorted(self.masts)
        ]
        homes = [Household(key, key, *self.nodes[key][1]) for key in sorted(self.homes)]
        plan = Plan(info=Info(country="ES"), area=Area(canopy_m=canopy_m), rules=rules)
        return edits.put(plan, [*sites, *homes]).plan

    def long_links(self) -> dict[tuple[str, str], float]:
        """Return links between towers of 6 km and more, with their lengths, km."""
        found = {}
        for link in self.links:
            if set(link) <= self.masts:
                length = geodesic(*self.nodes[link[0]][1], *self.nodes[link[1]][1])[2] / 1000.0
                if length >= _LONG_KM:
                    found[min(link), max(link)] = length
        return found


def _links_that_hold(problem: PlanningProblem, links: dict[tuple[str, str], float]) -> int:
    at = {site.id: number for number, site in enumerate(problem.sites)}
    pairs = [problem.link_of.get((at[a], at[b]), -1) for a, b in links]
    return sum(pair >= 0 and bool(problem.backhaul_works[pair].any()) for pair in pairs)


def main() -> int:
    """Print a line for each way of asking."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("data", nargs="?", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    words.add_argument("--case", action="append", choices=sorted(_TILES))
    asked = words.parse_args()
    catalogue, law = load_catalogue(), load_country_rules("ES")
    before = Rules(max_access_km=8.0, max_backhaul_km=25.0)
    print("network | limits | trees m | homes | two hubs | all masts | paths | long links: law | licence | s")
    for case in asked.case or sorted(_TILES):
        surface = Surface.open([asked.data / "terrain" / name for name in _TILES[case]])
        network = Network(asked.data, case, surface)
        long = network.long_links()
        ways = (
            ("8 and 25 km", before, "", 5.0),
            ("physics", Rules(), "", 5.0),
            ("and far dishes", Rules(), "far-home-5ghz", 5.0),
            ("and poles of 3 m", Rules(), "far-home-5ghz", NEW_ROOF_M),
        )
        for name, rules, more, roof_m in ways:
            for canopy_m in (0.0, 10.0):
                cells: list[object] = [case, name, f"{canopy_m:g}", len(network.homes)]
                began = time.perf_counter()
                for gateways in (2, 0):
                    plan = network.plan(gateways, canopy_m, rules)
                    roofs = replace(plan.demand, antenna_height_m=roof_m)
                    plan = replace(plan, kits=replace(plan.kits, more_clients=more), demand=roofs)
                    study = Study(plan, surface, catalogue, law)
                    problem = build_problem(study)
                    cells.append(
                        f"{problem.network.coverable:g} ({problem.network.coverable / len(network.homes):.1%})"
                    )
                took = time.perf_counter() - began
                held = _links_that_hold(problem, long)
                open_problem = build_problem(replace(study, regulations=None))
                cells += [
                    len(problem.access), f"{held} of {len(long)}",
                    f"{_links_that_hold(open_problem, long)} of {len(long)}", f"{took:.1f}",
                ]  # fmt: skip
                print(*cells, sep=" | ", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
