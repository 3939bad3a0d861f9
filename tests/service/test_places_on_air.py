"""What a clinic takes of a sector's air is in the table of the busy hour, and in what check says of full sectors."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_network import KIT, flat_ground

from cn_planner.model import edits
from cn_planner.model.plan import Area, Demand, Household, PlaceKind, Plan, PublicPlace, Sector, Site, SiteRole, Uplink
from cn_planner.report.build import build_report
from cn_planner.service.homes import service, whole_service
from cn_planner.service.now import sector_loads
from cn_planner.service.places_on_air import places_on_air
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

SHELF = load_catalogue()
TODAY, GROWN = 0.5, 1.5
"""Mbit/s of a home at the busy hour (10 Mbit/s, one in twenty), and what five years make of it."""


def _study(clinic_mbps: float) -> Study:
    tower = Site("G", "Town", -1.5, 36.5, SiteRole.GATEWAY, mast_height_m=12.0, uplink=Uplink("fibre", 200.0, 90.0),
                 sectors=(Sector("N", KIT, 0.0), Sector("S", KIT, 180.0)))  # fmt: skip
    homes = [Household(f"h{n}", "", -1.496 + 0.001 * n, 36.5, server="G") for n in range(3)]
    homes.append(Household("s", "", -1.504, 36.5, server="G"))
    clinic = PublicPlace("c", "Clinic", -1.495, 36.501, PlaceKind.CLINIC, busy_mbps=clinic_mbps, server="G")
    away = PublicPlace("m", "Market", -1.506, 36.501, PlaceKind.MARKET)
    plan = Plan(area=Area(canopy_m=0.0), demand=Demand(mbps_per_home=10.0, contention=20.0, growth_pct=50.0))
    return Study(edits.put(plan, [tower, *homes, clinic, away]).plan, flat_ground(), SHELF)


def test_sectors_together_take_what_the_connection_takes_and_each_by_its_rates():
    """Nothing but the sectors of its own tower is behind this connection."""
    study = _study(12.0)
    rows = {row.id or "uplink": row for row in build_report(study, version=1, date="2026-12-01").capacity}
    uplink = next(row for row in rows.values() if row.kind not in {"sector", "link"})
    assert rows["N"].demand_mbps == pytest.approx((3 * TODAY + 12.0) * GROWN)
    assert rows["N"].demand_mbps + rows["S"].demand_mbps == pytest.approx(uplink.demand_mbps)
    assert (rows["N"].homes, rows["S"].homes) == (3.0, 1.0)
    # A home where the clinic stands is heard as well as the clinic.
    there = Household("c", "", -1.495, 36.501, server="G")
    heard = {one.home: one.rate_down_mbps for one in service(replace(study, plan=edits.put(study.plan, [there]).plan))}
    time = GROWN * (sum(TODAY / heard[f"h{n}"] for n in range(3)) + 12.0 / heard["c"])
    assert rows["N"].load_pct == pytest.approx(100.0 * time)
    assert rows["S"].load_pct == pytest.approx(100.0 * GROWN * TODAY / heard["s"])
    now = replace(whole_service(study).now, placed=places_on_air(study))
    loads = sector_loads(study.plan, now, study.plan.sites["G"])
    assert loads["N"] == (3.0, pytest.approx(100.0 * time))


def test_a_home_at_the_mast_comes_by_cable_and_leaves_the_sectors_capacity_known():
    """It is a home of the connection, and takes no air."""
    study = _study(12.0)
    at_mast = Household("m", "", study.plan.sites["G"].latitude, study.plan.sites["G"].longitude, server="G")

    def rows(plan: Plan):
        found = build_report(replace(study, plan=plan), version=1, date="2026-12-01").capacity
        return {row.id if row.kind == "sector" else "uplink": row for row in found}

    without, beside = rows(study.plan), rows(edits.put(study.plan, [at_mast]).plan)
    for key in ("N", "S"):
        assert without[key].load_pct is not None
        assert replace(beside[key], homes=without[key].homes) == without[key]
    assert beside["N"].homes + beside["S"].homes == without["N"].homes + without["S"].homes + 1.0
    assert beside["uplink"].demand_mbps == pytest.approx(without["uplink"].demand_mbps + TODAY * GROWN)
