"""Fibre along the roads of a plan's base map: how far to each place that may become a gateway, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.message import counted, msg
from cn_planner.model import edits
from cn_planner.model.gateways import NOT_SAID, is_gateway, uplink_kind
from cn_planner.model.plan import SiteRole
from cn_planner.planning.fibre_roads import FibreWay, NoFibreWay, RoadPlace, fibre_ways
from cn_planner.session.base_map import open_base_map

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cn_planner.message import Message
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan

_LAID = frozenset({"main", "road", "street", "track"})
"""Classes of roads that fibre is laid along: no footpaths."""
NO_PRICE = msg("Nobody said what a metre of fibre costs, laid along a road.")
_ROUND_DEG = 0.1
"""So far round the places roads are looked at."""


@dataclass(frozen=True, slots=True)
class FibreOffers:
    """What fibre along roads would be to places.

    Attributes
    ----------
    plan : Plan
    ways : tuple of FibreWay
        The cheapest first.
    unreached : tuple of NoFibreWay
    """

    plan: Plan
    ways: tuple[FibreWay, ...]
    unreached: tuple[NoFibreWay, ...]

    def cost(self, way: FibreWay) -> float | None:
        """Return what a way costs, in whole units; None where nobody said what a metre does."""
        price = self.plan.costs.fibre_per_m
        return None if price is None else float(round(way.length_m * price))

    def words(self, way: FibreWay) -> Message:
        """Return a way in a sentence, with what it costs where that is known."""
        length = msg(
            "{m:,.0f} m from {source}, {beside:,.0f} m of them off the road",
            m=way.length_m, source=way.source, beside=way.beside_m,
        )  # fmt: skip
        cost = self.cost(way)
        if cost is None:
            return msg("{way}. {missing}", way=length, missing=NO_PRICE)
        return msg("{way}: {cost:,.0f} {currency}.", way=length, cost=cost, currency=self.plan.info.currency)

    def as_dict(self) -> dict[str, Any]:
        """Return what ``fibre --json`` prints."""
        return {
            "currency": self.plan.info.currency,
            "per_m": self.plan.costs.fibre_per_m,
            "ways": [
                {
                    "site": one.site, "from": one.source, "road_m": round(one.road_m, 1),
                    "beside_m": round(one.beside_m, 1), "cost": self.cost(one),
                    "line": [[round(lat, 7), round(lon, 7)] for lat, lon in one.line],
                }
                for one in self.ways
            ],
            "unreached": [{"site": one.site, "reason": str(one.reason)} for one in self.unreached],
        }  # fmt: skip

    def edit(self) -> Edit:
        """Return the edit that offers fibre at each place that a way leads to: its kind, and what it costs to open.

        What a month costs, and how much it carries, stays as it was said.

        Raises
        ------
        InputError
            Where nobody said what a metre costs.
        """
        if self.plan.costs.fibre_per_m is None:
            raise no_price()
        rows = []
        for way in self.ways:
            site = self.plan.sites[way.site]
            uplink = replace(site.uplink or NOT_SAID, kind="fibre", open_cost=self.cost(way) or 0.0)
            rows.append(replace(site, role=SiteRole.GATEWAY_OPTION, uplink=uplink))
        words = counted("offer fibre at {count} place", "offer fibre at {count} places", len(rows))
        return edits.put(self.plan, rows, words)


def no_price() -> InputError:
    """Return what is raised where nobody said what a metre of fibre costs."""
    return InputError(
        NO_PRICE,
        where="costs.fibre_per_m",
        fix=msg("Ask who lays it, and write it down."),
    )


def fibre_offers(
    plan: Plan, plan_path: Path, sites: Sequence[str] = (), marked: Sequence[tuple[float, float]] = ()
) -> FibreOffers:
    """Return the ways of fibre along the roads of the base map.

    Parameters
    ----------
    plan, plan_path
        The plan, and its file, beside which its base map lies.
    sites : sequence of str
        Places that are asked about; the possible gateways of the plan where none are named.
    marked : sequence of (latitude, longitude)
        Where fibre ends, beside the gateways that have it.

    Raises
    ------
    InputError
        Where a place is not in the plan or has the Internet, none is asked about, or there are no roads or no fibre.
    FileError
        As `open_base_map`.
    """
    for key in sites:
        if key not in plan.sites:
            raise InputError(msg("There is no site {id}.", id=key))
        if is_gateway(plan.sites[key]):
            raise InputError(msg("At {site} the Internet enters already.", site=key))
    asked = list(sites) or [
        key for key, one in plan.sites.items() if one.role is SiteRole.GATEWAY_OPTION and not is_gateway(one)
    ]
    if not asked:
        raise InputError(
            msg("No place of the plan may become a gateway."),
            fix=msg("Name a place, or make one a possible gateway."),
        )
    sources = [
        RoadPlace(key, one.latitude, one.longitude)
        for key, one in plan.sites.items()
        if is_gateway(one) and one.uplink is not None and uplink_kind(one.uplink) == "fibre" and key not in asked
    ]
    sources += [RoadPlace(f"{lat:.5f},{lon:.5f}", lat, lon) for lat, lon in marked]
    places = [RoadPlace(key, plan.sites[key].latitude, plan.sites[key].longitude) for key in asked]
    every = [*sources, *places]
    west, east = min(one.longitude for one in every), max(one.longitude for one in every)
    south, north = min(one.latitude for one in every), max(one.latitude for one in every)
    bounds = west - _ROUND_DEG, south - _ROUND_DEG, east + _ROUND_DEG, north + _ROUND_DEG
    layer = open_base_map(plan, plan_path, bounds).layers.get("roads")
    roads = [] if layer is None else [s for s, c in zip(layer.shapes, layer.classes, strict=True) if c in _LAID]
    ways, none = fibre_ways(roads, sources, places)
    return FibreOffers(plan, tuple(sorted(ways, key=lambda one: (one.length_m, one.site))), none)
