"""Where no plan keeps the rules, why each home is left out stays in the file, and goes with the next edit."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cn_planner.geo import destination
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.model.items import Items
from cn_planner.model.left_out import UnservedKind
from cn_planner.model.plan import Area, Household, Info, Plan, PlanStatus, Rules, Site, SiteRole
from cn_planner.planning.home_rows import home_rows
from cn_planner.planning.left_out import reasons_kept
from cn_planner.session.project import Project

GATE = (-1.45, 36.55)


def test_the_plan_keeps_why_nobody_is_reached(tmp_path: Path) -> None:
    """No home is within reach: the farther one by rule, as all."""
    homes = [Household(f"h{n}", "", *destination(*GATE, 90.0 * n, 900.0)) for n in range(2)]
    plan = Plan(
        info=Info("Village"), area=Area(canopy_m=0.0),
        rules=Rules(mast_heights_m=(12.0,), cover=1.0, max_access_km=0.5),
        sites=Items([Site("G", "Gate", *GATE, role=SiteRole.GATEWAY)]), households=Items(homes),
    )  # fmt: skip
    path = tmp_path / "village.cnplan.gpkg"
    with Project.create(path, plan) as project:
        write_geotiff(
            tmp_path / "plain.tif", np.full((40, 40), 1200.0, np.float32), "EPSG:4326",
            (0.005, 0.0, 36.45, 0.0, -0.005, -1.35), None,
        )  # fmt: skip
        project.add_terrain([tmp_path / "plain.tif"])
        before = project.plan
        found = project.make_plan()
        assert (found.status, found.edit) == (PlanStatus.INFEASIBLE, None)
        steps = project.history.done
        project.make_plan()
        assert project.history.done == steps, "the same again is no other edit"
    with Project.open(path) as project:
        kept = reasons_kept(project.plan)
        assert {key: (one.kind, one.reason) for key, one in kept.items()} == {
            one.id: (one.kind, one.reason) for one in found.unserved
        }
        assert {one.kind for one in kept.values()} == {UnservedKind.FAR}
        rows = home_rows(project.snapshot().study)
        assert [row.reason for row in rows] == [one.reason for one in found.unserved]
        assert (project.plan.sites, project.plan.households) == (before.sites, before.households)
        project.change_settings({"rules.max_access_km": "2"})
        assert reasons_kept(project.plan) == {}, "it was not asked again since"
        assert project.make_plan().served == 2.0
        standing = project.plan
        assert project.make_plan(budget=1.0).edit is None
        assert project.plan is standing, "a network is not given up for reasons"
