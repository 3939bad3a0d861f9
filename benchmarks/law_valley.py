"""The same valley under the law of each country: what the default kits become there, and what the network costs.

    python -m benchmarks.law_valley [COUNTRY ...] [--out FILE]

Makes the sample valley once a country, with that country's rules, plans it for least cost, and prints a table for
docs/law.md: the channel and EIRP of sectors and links, what the law eats of the large dish, the dishes that were
bought, homes and cost. Terrain, homes, prices and demand are the same everywhere; money is USD at example prices.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cn_planner.links.regulatory_limits import eaten_gain_db, kit_limit
from cn_planner.message import msg
from cn_planner.model.history import Edit
from cn_planner.session.network import plan_network
from cn_planner.session.sample import open_sample

if TYPE_CHECKING:
    from cn_planner.model.equipment import Kit
    from cn_planner.session.workspace import Snapshot

COUNTRIES = ("AR", "BR", "CD", "CO", "DE", "ES", "GB", "ID", "IN", "KE", "MX", "NG", "NP", "PH", "TZ", "UG", "US",
             "ZA", "ZM", "ZW")  # fmt: skip
_HEAD = (
    "Country", "Sector: MHz", "dBm EIRP", "Link: MHz", "dBm EIRP", "law eats, dB", "dishes of 23, 25, 29 dBi", "homes",
    "towers", "cost, USD",
)  # fmt: skip
_DISHES = ("short-link-5ghz", "middle-link-5ghz", "long-link-5ghz")


def row(snapshot: Snapshot) -> list[str]:
    """Return the row of a country for the valley that is open under its rules."""
    study = snapshot.study
    found = plan_network(snapshot)
    catalogue, rules, kits = study.catalogue, study.regulations, study.plan.kits

    def at(kit: Kit) -> tuple[str, str]:
        said = kit_limit(kit, catalogue, rules)
        dfs = "" if said.limit is None or not said.limit.dfs else " DFS"
        eirp = "closed" if said.limit is None else f"{said.eirp_dbm:.0f} of {said.limit_eirp_dbm:.0f}"
        return f"{kit.freq_mhz:.0f}{dfs}", eirp if rules is not None else "unknown"

    sector, link = catalogue.kit(kits.access), catalogue.kit(kits.backhaul)
    plan = found.edit.plan if found.edit is not None else study.plan
    bought = Counter(one.kit or kits.backhaul for one in plan.standing_links.values())
    return [
        study.plan.info.country, *at(sector), *at(link), f"{eaten_gain_db(link, catalogue, rules):.0f}",
        ", ".join(str(bought[key]) for key in _DISHES), f"{found.served:.0f} of {found.households:.0f}",
        str(len(found.sites)), f"{found.capex:,.0f}",
    ]  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("countries", nargs="*", default=COUNTRIES)
    parser.add_argument("--out", type=Path, help="write the table here too")
    words = parser.parse_args()
    lines = ["| " + " | ".join(_HEAD) + " |", "| " + " | ".join("---" for _ in _HEAD) + " |"]
    print("\n".join(lines), flush=True)
    for country in words.countries:
        with tempfile.TemporaryDirectory() as folder, open_sample(Path(folder)) as project:
            plan = replace(project.plan, info=replace(project.plan.info, country=country))
            project.apply(Edit(msg("country"), plan))
            lines.append("| " + " | ".join(row(project.snapshot())) + " |")
        print(lines[-1], flush=True)
    if words.out is not None:
        words.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
