"""People with a phone, of an open plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cn_planner.progress import ALONE
from cn_planner.report.hotspots import counts_of
from cn_planner.service.hotspots import people_reached
from cn_planner.session.service import service_now

if TYPE_CHECKING:
    from cn_planner.progress import Run
    from cn_planner.report.hotspots import PeopleCounts
    from cn_planner.service.hotspots import PeopleReached
    from cn_planner.service.now import ServiceNow
    from cn_planner.session.workspace import Snapshot


@dataclass(frozen=True, slots=True, eq=False)
class PeopleNow:
    """Who reaches the network how, as the plan stands."""

    found: PeopleReached
    counts: PeopleCounts

    def as_dict(self) -> dict[str, Any]:
        """Return what ``hotspots --json`` prints."""
        counts = self.counts
        return {
            "people": {"at_home": counts.at_home, "on_foot": counts.on_foot, "left_out": counts.left_out},
            "homes": {
                "at_home": counts.homes_at_home, "on_foot": counts.homes_on_foot, "left_out": counts.homes_left_out,
            },
            "hotspots": [
                {
                    "id": one.hotspot.id,
                    "on_tower": one.hotspot.on_tower,
                    "people": round(one.people, 3),
                    "not_at_home": round(one.not_at_home, 3),
                    "radius_m": None if one.radius_m != one.radius_m else round(one.radius_m, 1),
                }
                for one in self.found.hotspots
            ],
        }  # fmt: skip


def people_now(snapshot: Snapshot, now: ServiceNow | None = None, *, run: Run = ALONE) -> PeopleNow:
    """Return who is connected at home, who reaches the network on foot, and who is left out.

    Parameters
    ----------
    now : ServiceNow, optional
        Who is reached by the plan, where somebody knows; else homes are judged.

    Raises
    ------
    InputError
        Where a kit is not on the shelf, or kits have no mode in common.
    MissingTerrainError, FileError
        Where there is no ground, or a file of it cannot be read.
    CancelledError
    """
    if now is None:
        now = service_now(snapshot, run=run.part(0.0, 0.7))
    found = people_reached(snapshot.study, now.connected_homes, down=now.nothing_over, run=run.part(0.7, 1.0))
    return PeopleNow(found, counts_of(snapshot.plan, found))
