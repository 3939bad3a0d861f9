"""The plan as GPX 1.1: what people on foot take along. Sites with the directions of their antennas, and homes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from cn_planner.export.labels import Labels
from cn_planner.export.text import about_text, attribution, shown

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.report.deployment import DeploymentPlan


def write_gpx(plan: DeploymentPlan, path: Path) -> None:
    """Write a waypoint for each site and each home."""
    import gpxpy.gpx

    labels = Labels(plan)
    file = gpxpy.gpx.GPX()
    file.creator = shown(plan.meta.program, "en")
    file.name = shown(plan.meta.plan, "en")
    file.description = about_text(plan)
    file.copyright_author = attribution(plan) or file.creator
    file.copyright_year = plan.meta.date[:4]
    file.time = dt.datetime.combine(dt.date.fromisoformat(plan.meta.date), dt.time(), dt.UTC)
    for site in plan.sites:
        name, description = labels.site(site)
        file.waypoints.append(
            gpxpy.gpx.GPXWaypoint(
                latitude=round(site.latitude, 6),
                longitude=round(site.longitude, 6),
                elevation=None if site.ground_m_amsl is None else round(site.ground_m_amsl, 1),
                name=name,
                description=description,
                symbol="Tower" if site.mast_height_m is not None else "Flag, Blue",
                type="site",
            )
        )
    for home in plan.homes:
        name, description = labels.home(home)
        file.waypoints.append(
            gpxpy.gpx.GPXWaypoint(
                latitude=round(home.latitude, 6),
                longitude=round(home.longitude, 6),
                name=name,
                description=description,
                symbol="Residence",
                type="home",
            )
        )
    path.write_text(file.to_xml(version="1.1"), encoding="utf-8", newline="\n")
