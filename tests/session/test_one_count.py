"""One number of homes: what a plan says, what its list of homes says, and what its papers say.

Some homes of the sample valley, drawn by a seed, under the law of several countries, with further kits and with levels
that were measured or without; planned, put on channels, and then counted by those who are asked afterwards.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from cn_planner.economics.costs import capital
from cn_planner.model import edits
from cn_planner.model.items import Items
from cn_planner.model.left_out import UnservedKind
from cn_planner.model.measurement import Measurement
from cn_planner.model.plan import SiteRole
from cn_planner.planning.basis import basis_of
from cn_planner.planning.left_out import reasons_kept
from cn_planner.report.build import build_report
from cn_planner.service.calibrate import calibrate
from cn_planner.service.measured import measured_paths
from cn_planner.session.network import on_channels, plan_network
from cn_planner.session.service import service_now

if TYPE_CHECKING:
    from cn_planner.model.plan import Plan, Site
    from cn_planner.planning.result import Design
    from cn_planner.session.project import Project

FAR, BUSY = "far-home-5ghz", "busy-sector-5ghz"


def some_homes(whole: Plan, country: str, seed: int, *, more: str = "", access: str = "") -> Plan:
    """Return the valley with fourteen of its homes, in a country."""
    homes = list(whole.households.values())
    drawn = np.random.default_rng(seed).choice(len(homes), 14, replace=False)
    return replace(
        whole,
        info=replace(whole.info, country=country),
        households=Items(homes[n] for n in sorted(drawn.tolist())),
        kits=replace(whole.kits, more_clients=more),
        rules=replace(whole.rules, cover=0.95, mast_heights_m=(6.0, 12.0), more_access=access),
    )


def measured(project: Project, plan: Plan, off_db: float) -> Plan:
    """Return a plan in which levels from the gateway were weaker than predicted, and count."""
    gate = next(one for one in plan.sites.values() if one.role is SiteRole.GATEWAY)
    study = project.workspace.snapshot(edits.put(plan, [replace(gate, mast_height_m=12.0)]).plan).study
    rows = [
        Measurement(f"m{n}", home.latitude, home.longitude, 5745.0, -90.0, site=gate.id, height_m=5.0)
        for n, home in enumerate(list(plan.households.values())[:8])
    ]
    levels = measured_paths(study, rows).level_dbm.tolist()
    rows = [
        replace(row, level_dbm=max(level - off_db, -199.0))
        for row, level in zip(rows, levels, strict=True)
        if math.isfinite(level)
    ]
    learned = calibrate(replace(study, plan=edits.put(study.plan, rows).plan)).calibration
    return replace(edits.put(plan, rows).plan, calibration=learned)


def agree(project: Project, design: Design) -> None:
    """Assert that all who count the homes of a plan come to one number, and that its bill is for them."""
    plan = design.edit.plan
    there = project.workspace.snapshot(plan)
    now = service_now(there)
    hung = {key for key, home in plan.households.items() if home.server is not None}
    listed = {key for n, key in enumerate(now.homes.ids) if now.connected[n]}
    assert hung == listed
    assert design.served == plan.outcome.served == now.connected_weight
    assert {one.to_id for one in design.links if one.kind == "access"} - plan.places.keys() == hung
    assert {one.id for one in design.unserved} == plan.households.keys() - hung
    assert set(reasons_kept(plan)) == plan.households.keys() - hung
    assert design.capex == pytest.approx(capital(plan, project.catalogue).total.total, abs=0.01)
    assert build_report(there.study, version=1, date="2026-12-01").headline.homes_reached == design.served


@pytest.mark.parametrize(
    ("country", "seed", "more", "access", "off_db"),
    [("CL", 1, FAR, "", 9.0), ("ZA", 2, "", "", 6.0), ("KE", 3, FAR, "", None), ("US", 4, "", BUSY, 8.0)],
)
def test_plan_list_and_papers_count_the_same_homes(valley, country, seed, more, access, off_db):
    plan = some_homes(valley.plan, country, seed, more=more, access=access)
    plan = plan if off_db is None else measured(valley, plan, off_db)
    design = plan_network(valley.workspace.snapshot(plan))
    assert design.served > 0.0
    agree(valley, design)
    # And so it is of a plan over the one that stands.
    agree(valley, plan_network(valley.workspace.snapshot(design.edit.plan)))


def turned_round(site: Site) -> Site:
    """Return a tower whose sectors point the other way."""
    return replace(
        site, sectors=tuple(replace(one, azimuth_deg=(one.azimuth_deg + 180.0) % 360.0) for one in site.sectors)
    )


def test_a_plan_that_stands_and_serves_fewer_than_it_says_is_not_kept(valley):
    """As one is that was made before channels were asked of each home: nothing of it was changed since."""
    snapshot = valley.workspace.snapshot(some_homes(valley.plan, "KE", 5))
    made = plan_network(snapshot).edit.plan
    site = max(made.used_sites.values(), key=lambda one: (len(one.sectors), one.id))
    off = edits.put(made, [turned_round(site)]).plan
    off = replace(off, outcome=replace(off.outcome, basis=basis_of(off)))
    there = valley.workspace.snapshot(off)
    assert service_now(there).connected_weight < off.outcome.served
    agree(valley, plan_network(there))


def test_who_is_not_served_on_the_channels_is_left_out_of_the_plan_that_is_given(valley):
    """Of a plan that was searched for a tower was turned away: the judge says who is in no beam."""
    plan = some_homes(valley.plan, "KE", 5)
    snapshot = valley.workspace.snapshot(plan)
    design = plan_network(snapshot)
    made = design.edit.plan
    site = max(made.used_sites.values(), key=lambda one: (len(one.sectors), one.id))
    off = edits.put(made, [turned_round(site)]).plan
    now = service_now(valley.workspace.snapshot(off))
    assert 0.0 < now.connected_weight < design.served
    found = on_channels(snapshot, replace(design, edit=replace(design.edit, plan=off), unserved=design.unserved))
    assert found.served == now.connected_weight
    assert found.capex < design.capex
    assert found.lower_bound is None
    lost = {one.id: one for one in found.unserved if one.id not in {other.id for other in design.unserved}}
    assert math.fsum(plan.households[key].weight for key in lost) == design.served - found.served
    assert {one.kind for one in lost.values()} == {UnservedKind.WEAK}
    assert all("{" not in str(one.reason) and str(one.reason) for one in lost.values())
    agreed = service_now(valley.workspace.snapshot(found.edit.plan))
    assert agreed.connected_weight == found.served
