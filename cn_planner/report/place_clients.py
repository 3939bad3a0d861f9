"""Public places that a tower connects, as the homes that they are to its radios: for addresses and settings of theirs.

The tables show them as places; what is bought for one is what is bought for a home.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from cn_planner.geo import geodesic
from cn_planner.model.clients import client_of, is_place, place_of, roof_height_m
from cn_planner.report.deployment import HomeRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cn_planner.model.plan import Plan


class _Given(Protocol):
    """An address that was given out, with whom it is for and where they hang."""

    @property
    def home(self) -> str: ...
    @property
    def site(self) -> str: ...
    @property
    def sector(self) -> str: ...


def places_as_homes(plan: Plan, addresses: Iterable[_Given]) -> tuple[HomeRecord, ...]:
    """Return the public places among those that were given addresses, on the sector that they were given them of."""
    return tuple(_records(plan, addresses))


def _records(plan: Plan, addresses: Iterable[_Given]) -> Iterator[HomeRecord]:
    for one in addresses:
        place = place_of(plan, one.home) if is_place(one.home) else None
        site = plan.sites.get(one.site)
        if place is None or site is None:
            continue
        client = client_of(place)
        out_deg, _, distance_m = geodesic(place.latitude, place.longitude, site.latitude, site.longitude)
        yield HomeRecord(
            id=client.id, name=client.name, kind=client.kind, latitude=place.latitude, longitude=place.longitude,
            weight=0.0, priority=client.priority, reached=True, server=one.site, sector=one.sector, verdict="",
            distance_m=distance_m, azimuth_deg=out_deg, rsl_dbm=None, margin_db=None, rate_down_mbps=None,
            rate_up_mbps=None, antenna_height_m=roof_height_m(plan, client),
            height_needed_m=None, kit=plan.client_of(client), second_choice=None, reason=None, fix=None,
            fix_cost=None, note="",
        )  # fmt: skip
