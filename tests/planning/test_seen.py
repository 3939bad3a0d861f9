"""The planner keeps to what people saw and heard on site: flat ground, one mast, everything in sight on the map."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.clients import who_refused
from cn_planner.model.evidence import Evidence, Seen
from cn_planner.model.plan import Area, Household, Plan, Priority, Rules, Site, SiteRole
from cn_planner.planning.design import design
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from tests.small_network import flat_ground

GATE = (-1.45, 36.55)


@pytest.fixture(scope="module")
def plan() -> Plan:
    homes = [
        Household(f"H{n}", "", *destination(*GATE, 10.0 * n, 1500.0 + 100.0 * n), antenna_height_m=10.0)
        for n in range(4)
    ]
    gate = Site("G", "Gate", *GATE, role=SiteRole.GATEWAY)
    made = Plan(area=Area(canopy_m=0.0), rules=Rules(mast_heights_m=(30.0,), cover=1.0))
    return edits.put(made, [gate, *homes]).plan


def served(plan: Plan) -> tuple[set[str], float]:
    found = design(Study(plan, flat_ground(), load_catalogue()))
    assert found.edit is not None
    homes = found.edit.plan.households
    return {key for key, home in homes.items() if home.server}, found.coverable


def test_who_was_seen_hidden_is_not_planned_for_and_who_refused_counts_for_none(plan: Plan) -> None:
    assert served(plan) == ({"H0", "H1", "H2", "H3"}, 4.0)
    hidden = Evidence("e", "H1", "G", Seen.HIDDEN, who="A. Vega", date="2026-11-03")
    refused = who_refused(replace(plan.households["H2"], priority=Priority.MUST))
    seen = edits.put(plan, [hidden, refused]).plan
    homes, coverable = served(seen)
    assert homes == {"H0", "H3"}
    assert coverable == 2.0
