"""The busy hour: how much of each sector's air, each link and each Internet connection is used."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.links.throughput import sector_capacity_mbps
from cn_planner.message import in_a_row, msg
from cn_planner.model.clients import demand_of
from cn_planner.planning.year_five import wider_words
from cn_planner.report.deployment import CapacityRecord

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from cn_planner.message import Message
    from cn_planner.model.plan import Plan
    from cn_planner.planning.year_five import YearFive
    from cn_planner.report.deployment import HomeRecord, LinkRecord
    from cn_planner.report.network import BuiltNetwork
    from cn_planner.report.work_records import ShortRecord
    from cn_planner.service.now import PlaceOnAir

_FULL = msg("Too little for everybody at the busy hour.")
_TODAY = msg("Today's demand.")
_SECTORS_LATER = msg("Sectors for the growth are bought later.")


def capacity_records(
    plan: Plan,
    net: BuiltNetwork,
    homes: Iterable[HomeRecord],
    links: Iterable[LinkRecord],
    places: Collection[PlaceOnAir],
    short: Iterable[ShortRecord] = (),
    later: YearFive | None = None,
) -> tuple[CapacityRecord, ...]:
    """Return sectors, links and Internet connections, the fullest first.

    A sector's homes and public places share its air: each takes its busy-hour demand over its own rate. Its capacity is
    what these would get with all of the air in use. A home at the mast itself comes by cable. Those of ``short`` carry
    less than that on their channel, which is noted. Where the growth is built later, sectors and the links that are
    to take a wider channel then carry today's demand, which is noted with what comes (``later``); all else that of five
    years.
    """
    heard = {(one.kind, one.id): one.text for one in short}
    each, in_five_years = plan.demand.busy_hour_mbps, plan.demand.later_mbps
    air: dict[tuple[str, str], list[tuple[float, float, float]]] = {}  # weight, what is carried, rate
    for home in homes:
        if home.reached and home.server is not None:
            row = home.weight, demand_of(plan, plan.households[home.id]), home.rate_down_mbps or 0.0
            at_mast = home.distance_m == 0.0
            air.setdefault((home.server, home.sector), []).append((home.weight, 0.0, math.inf) if at_mast else row)
    for place in places:
        if place.site in net.hops:
            air.setdefault((place.site, place.sector), []).append((0.0, place.load, place.rate_mbps))
    wider = {} if later is None else wider_words(later)
    grown = set() if later is None else {tower.site for tower in later.towers}
    rows = []
    for (site, sector), members in sorted(air.items()):
        weights, loads, rates = zip(*members, strict=True)
        load = math.fsum(loads)
        capacity = sector_capacity_mbps(rates, loads) if load > 0.0 and all(rates) else None
        note = None if not plan.demand.grow_later else in_a_row(_TODAY, _SECTORS_LATER) if site in grown else _TODAY
        full = _row("sector", sector, site, math.fsum(weights), load * each, capacity, note)
        hung = sum((one.site, one.sector) == (site, sector) for one in places)
        rows.append(replace(full, alone=full.homes + hung <= 1.0))
    for link in links:
        count = net.downstream_homes(link.id)
        note = in_a_row(_TODAY, wider[link.id]) if link.id in wider else None
        rows.append(_row("link", link.id, link.a.site, count, link.load_mbps or 0.0, link.carries_mbps, note))
    for key in net.gateways:
        uplink = net.sites[key].uplink
        count = math.fsum(net.homes.get(site, 0.0) for site in net.hops if net.gateway_of(site) == key)
        load = math.fsum(net.loads.get(site, 0.0) for site in net.hops if net.gateway_of(site) == key)
        rows.append(
            _row(
                "uplink",
                uplink.kind if uplink else "",
                key,
                count,
                load * in_five_years,
                uplink.mbps or None if uplink else None,
            )
        )

    def fullness(row: CapacityRecord) -> tuple[float, str, str, str]:
        return -math.inf if row.load_pct is None else -row.load_pct, row.kind, row.site, row.id

    noted = (replace(row, note=heard.get((row.kind, row.id), row.note)) for row in rows)
    return tuple(sorted(noted, key=fullness))


def _row(
    kind: str, key: str, site: str, homes: float, demand: float, capacity: float | None, note: Message | None = None
) -> CapacityRecord:
    load = None if not capacity else 100.0 * demand / capacity
    note = _FULL if load is not None and load > 100.0 else note
    if load is None and demand > 0.0:
        note = msg("The capacity is not known.")
    return CapacityRecord(kind, key, site, homes, demand, capacity, load, note)
