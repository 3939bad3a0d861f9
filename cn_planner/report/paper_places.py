"""Schools and health centres, whether they stand in a plan as homes or as public places."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cn_planner.model.plan import HomeKind, PlaceKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from cn_planner.report.deployment import DeploymentPlan


class SchoolsClinics(NamedTuple):
    """How many of each."""

    schools: int
    clinics: int


def schools_and_clinics(
    plan: DeploymentPlan, *, connected: bool, towers: Collection[str] | None = None
) -> SchoolsClinics:
    """Return how many there are; of those that are connected, those of some towers alone where these are given."""

    def counts(server: str | None, *, reached: bool) -> bool:
        return not connected or (reached and (towers is None or server in towers))

    kinds = [home.kind.value for home in plan.homes if counts(home.server, reached=home.reached)]
    kinds += [
        one.kind.value for one in plan.places if counts(one.server, reached=one.reached and one.server is not None)
    ]
    return SchoolsClinics(
        sum(kind in (HomeKind.SCHOOL, PlaceKind.SCHOOL) for kind in kinds),
        sum(kind in (HomeKind.CLINIC, PlaceKind.CLINIC) for kind in kinds),
    )
