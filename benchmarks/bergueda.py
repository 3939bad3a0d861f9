"""Berguedà as it was built, beside what the planner would build: the same homes, by the same rules.

    python benchmarks/bergueda.py [DATA_FOLDER] [--canopy-m 0] [--time-limit S]

The gateway is the node with the most working links, the homes are the clients that working links join to it over any
number of towers, and as built are the supernodes and links between. By our rules each mast as built has the least
height that its links and homes need together: the planner's own programme with nothing but these towers, links and
servers to choose from. Beside it stands what the planner finds where any of these towers may serve any home and be
linked to any other.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.economics.costs import capital
from cn_planner.model import edits
from cn_planner.model.plan import Household, Plan, Site, SiteRole
from cn_planner.planning.design import design, design_of
from cn_planner.planning.problem import PlanningProblem, build_problem
from cn_planner.session.project import Project
from cn_planner.solver.network import network_of
from cn_planner.study import Study

if TYPE_CHECKING:
    from cn_planner.model.equipment import Catalogue
    from cn_planner.planning.result import Design


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def as_they_are(data: Path) -> tuple[list[Site], list[Household], set[frozenset[str]], dict[str, str]]:
    """Return towers, homes, links between towers, and each home's tower, of what hangs together on the gateway."""
    nodes = {row["id"]: row for row in _rows(data / "networks" / "bergueda_nodes.csv")}
    links = [row for row in _rows(data / "networks" / "bergueda_links.csv") if row["status"] == "Working"]
    joined = Counter(end for row in links for end in (row["from"], row["to"]))
    gateway = max(joined, key=lambda node: (joined[node], node))
    near: dict[str, list[str]] = {}
    for row in links:
        near.setdefault(row["from"], []).append(row["to"])
        near.setdefault(row["to"], []).append(row["from"])
    seen, front = {gateway}, [gateway]
    while front:
        for other in near[front.pop()]:
            if other not in seen:
                seen.add(other)
                front.append(other)
    towers = {key for key in seen if nodes[key]["kind"] == "Supernode" or key == gateway}
    sites = [
        Site(
            key, key, float(nodes[key]["latitude_deg"]), float(nodes[key]["longitude_deg"]),
            role=SiteRole.GATEWAY if key == gateway else SiteRole.CANDIDATE,
        )
        for key in sorted(towers)
    ]  # fmt: skip
    server = {}
    for key in sorted(seen - towers):
        masts = sorted(other for other in near[key] if other in towers)
        if masts:
            server[key] = masts[0]
    homes = [
        Household(key, key, float(nodes[key]["latitude_deg"]), float(nodes[key]["longitude_deg"]))
        for key in sorted(server)
    ]
    between = {frozenset((row["from"], row["to"])) for row in links if {row["from"], row["to"]} <= towers}
    return sites, homes, between, server


def only(problem: PlanningProblem, between: set[frozenset[str]], server: dict[str, str]) -> PlanningProblem:
    """Return the problem in which only these links and servers may be chosen."""
    inst = problem.instance
    site, home = [one.id for one in inst.sites], [one.id for one in inst.homes]
    serves = np.array([server.get(home[h]) == site[s] for s, h, _ in inst.serve.tolist()], np.bool_)
    joins = np.array([frozenset((site[a], site[b])) in between for a, b, _, _ in inst.links.tolist()], np.bool_)
    access, back = problem.access_works.copy(), problem.backhaul_works.copy()
    for (s, h), pair in problem.pair_of.items():
        if server.get(home[h]) != site[s]:
            access[pair] = False
    for (a, b), pair in problem.link_of.items():
        if frozenset((site[a], site[b])) not in between:
            back[pair] = False
    inst = replace(inst, serve=inst.serve[serves], links=inst.links[joins], link_cost=inst.link_cost[joins], cover=1.0)
    return replace(
        problem, instance=inst, network=network_of(inst), access_works=access, backhaul_works=back,
        access_ok=problem.access_ok & access,
    )  # fmt: skip


def _line(name: str, found: Design, plan: Plan, catalogue: Catalogue) -> str:
    after = found.edit.plan if found.edit is not None else plan
    masts = [site.mast_height_m or 0.0 for site in after.used_sites.values()]
    cost = capital(after, catalogue).total.total
    links = [link for link in found.links if link.kind == "backhaul"]
    sectors = sum(len(site.sectors) for site in after.used_sites.values())
    bound = "-" if found.lower_bound is None else f"{found.lower_bound:,.0f}"
    cells = (name, f"{found.served:g}", len(masts), f"{sum(masts):.0f} m", len(links), sectors, f"{cost:,.0f}", bound)
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> int:
    """Print the table of both; 1 where ours costs more."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("data", nargs="?", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    words.add_argument("--canopy-m", type=float, default=0.0)
    words.add_argument("--time-limit", type=float, default=None)
    asked = words.parse_args()
    sites, homes, between, server = as_they_are(asked.data)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bergueda.cnplan.gpkg"
        with Project.new(path, name="Berguedà", country="ES") as project:
            project.add_terrain([asked.data / "terrain" / name for name in ("N41E001.hgt.zip", "N42E001.hgt.zip")])
            project.change_settings({"canopy_m": f"{asked.canopy_m:g}", "cover": "1"})
            plan = edits.put(project.plan, [*sites, *homes]).plan
            surface, catalogue, regulations = project.surface, project.catalogue, project.country_rules
            problem = build_problem(Study(plan, surface, catalogue, regulations), cover=1.0)
            built = design_of(only(problem, between, server), time_limit_s=asked.time_limit)
            if built.edit is None:
                print("As built, nothing can be served by our rules:", built.reason)
                return 1
            reached = {key for key, home in built.edit.plan.households.items() if home.server is not None}
            left = [home.id for home in homes if home.id not in reached]
            same = edits.remove(plan, "households", left).plan if left else plan
            ours = design(Study(same, surface, catalogue, regulations), cover=1.0, time_limit_s=asked.time_limit)
            works = {frozenset((one.from_id, one.to_id)) for one in built.links if one.kind == "backhaul"}
            print(f"{len(sites)} towers, {len(homes)} homes, {len(between)} links between towers as built; gateway "
                  f"{next(site.id for site in sites if site.role is SiteRole.GATEWAY)}.")  # fmt: skip
            print(f"By our rules {len(reached)} of the homes can be served by their own tower as built, over "
                  f"{len(works)} of the links.")  # fmt: skip
            print("\n| | homes | towers | masts together | links | sectors | capital | bound |")
            print("|---|---|---|---|---|---|---|---|")
            print(_line("as built, least masts", built, plan, catalogue))
            print(_line("ours", ours, same, catalogue))
            if ours.edit is None:
                return 1
            print(f"\nOurs costs {ours.capex / built.capex:.3f} of as built; gap {ours.gap or 0.0:.2%}.")
            return 0 if ours.capex <= built.capex + 0.01 and ours.served >= built.served else 1


if __name__ == "__main__":
    sys.exit(main())
