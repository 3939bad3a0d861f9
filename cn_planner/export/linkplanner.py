"""The sites as the CSV that Cambium's LINKPlanner imports as network sites.

The columns and their order are those of its manual, lp.cambiumnetworks.com, "Import File Formats": decimal degrees with
the letter of the hemisphere, heights in metres, node type POP where the Internet enters and DN at the other nodes.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from cn_planner.export.csv_files import guarded
from cn_planner.export.labels import Labels
from cn_planner.export.text import attribution
from cn_planner.model.plan import SiteRole
from cn_planner.report import words

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.report.deployment import DeploymentPlan, SiteRecord

HEADER = "Name, Latitude, Longitude, Maximum Height, Description, Node Type"


def write_linkplanner(plan: DeploymentPlan, path: Path) -> None:
    """Write a row for each site; its description says its role, its status, the caution and the sources."""
    labels = Labels(plan)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER + "\r\n")
        csv.writer(file, lineterminator="\r\n").writerows(_row(plan, site, labels) for site in plan.sites)


def _row(plan: DeploymentPlan, site: SiteRecord, labels: Labels) -> list[str]:
    told = (
        labels.say(words.ROLE_WORDS[site.role]), labels.say(words.STATUS_WORDS[site.status]),
        labels.say(plan.meta.estimate), attribution(plan),
    )  # fmt: skip
    node = "" if site.mast_height_m is None else "POP" if site.role is SiteRole.GATEWAY else "DN"
    return [
        guarded(" ".join(labels.site_name(site.id).split())),
        _degrees(site.latitude, "NS"),
        _degrees(site.longitude, "EW"),
        "" if site.mast_height_m is None else f"{site.mast_height_m:g}",
        guarded(" ".join("; ".join(part for part in told if part).split())),
        node,
    ]


def _degrees(value: float, letters: str) -> str:
    """Return degrees as ``50.371000N``."""
    return f"{abs(round(value, 6)):.6f}{letters[0] if value >= 0.0 else letters[1]}"
