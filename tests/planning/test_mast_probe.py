"""Before a large plan is searched it is known what the mast of its gateway bears on the channels it may use."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from small_network import flat_ground

from cn_planner.model import edits
from cn_planner.model.items import Items
from cn_planner.model.plan import Area, Household, Info, Link, Plan, Site, SiteRole, Uplink
from cn_planner.model.regulations import regulations_of
from cn_planner.planning.mast_probe import links_borne, radios_that_bind
from cn_planner.planning.narrower import with_radios
from cn_planner.planning.problem import build_problem
from cn_planner.progress import ALONE
from cn_planner.solver.impossible import most_out_of, why_impossible
from cn_planner.spectrum.channels import plan_channels
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

_GATE = (-1.45, 36.55)


def _round(channels: int, towers: int = 20) -> Study:
    """Return a gateway with towers in all directions, a home beside each, where the law leaves so many channels."""
    at = [(_GATE[0] + 0.03 * math.cos(turn), _GATE[1] + 0.03 * math.sin(turn))
          for turn in np.linspace(0.0, 2.0 * math.pi, towers, endpoint=False).tolist()]  # fmt: skip
    sites = [Site("G", "Gate", *_GATE, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 2_000.0))]
    sites += [Site(f"T{n:02d}", "", *place) for n, place in enumerate(at)]
    homes = [Household(f"H{n:02d}", "", lat + 0.002, lon, weight=60.0) for n, (lat, lon) in enumerate(at)]
    plan = edits.put(Plan(info=Info(name="Round"), area=Area(canopy_m=0.0)), [*sites, *homes]).plan
    open_to = "; ".join(f"{5490 + 40 * n}-{5530 + 40 * n} MHz 30 dBm EIRP" for n in range(channels))
    plan = replace(plan, rules=replace(plan.rules, own_limits=open_to, mast_heights_m=(12.0, 18.0), cover=1.0))
    return Study(plan, flat_ground(), load_catalogue(), regulations_of(plan, None))


@pytest.mark.parametrize("channels", [2, 4])
def test_a_mast_bears_as_many_links_as_are_heard_on_it(channels):
    """The answer is tried anew: of the towers in turn so many links that none is silent, and with more some are."""
    study = _round(channels)
    problem = build_problem(study)
    borne = links_borne(problem, ALONE)
    assert borne is not None
    assert channels <= borne < 16

    every = [f"T{n:02d}" for n in range(20)]
    assert plan_channels(_star(study, every[:16])).silent
    spread = [every[n * 20 // channels] for n in range(channels)]
    assert not plan_channels(_star(study, spread)).silent, "a channel each"


def _star(study: Study, towers: list[str], weight: float = 300.0) -> Study:
    """Return a plan of links from the gateway to some towers, with homes of a weight at the foot of each."""
    sites = [replace(study.plan.sites[key], mast_height_m=18.0) for key in ["G", *towers]]
    homes = [
        Household(f"at {site.id}", "", site.latitude, site.longitude, server=site.id, weight=weight)
        for site in sites[1:]
    ]
    links = [Link(key, "G", key, study.plan.kits.backhaul) for key in towers]
    star = edits.put(replace(study.plan, sites=Items(), households=Items()), [*sites, *homes, *links]).plan
    return replace(study, plan=star)


def test_who_is_left_out_lets_others_be_heard():
    """What stays on the air, looked at anew without what was left out, silences nobody; and more hear than before."""
    study = _star(_round(2), [f"T{n:02d}" for n in range(0, 20, 2)], weight=100.0)
    found = plan_channels(study, fewer=True)
    assert found.fewer is not None
    assert len(found.fewer.silent) < len(found.silent) < len(study.plan.households)
    given = found.fewer.edit.plan
    on = {use.id for use in found.fewer.uses}
    left = edits.remove(given, "links", sorted(given.links.keys() - on)).plan
    left = edits.remove(left, "households", sorted(found.fewer.silent)).plan
    assert not plan_channels(replace(study, plan=left), keep=True).silent
    assert {home.server for home in left.households.values()} == on


def test_where_so_many_radios_cannot_carry_what_is_asked_for_that_is_known_before_a_search():
    """What leaves the gateway is counted from the links themselves; few homes are not asked."""
    study = _round(2)
    problem = build_problem(study)
    borne = links_borne(problem, ALONE)
    assert borne is not None
    limited = with_radios(problem, borne).network
    best = [max((row.carries for row in limited.rows if {row.a, row.b} == {0, n}), default=0.0) for n in range(1, 21)]
    most = max(
        n * limited.instance.sector_homes + sum(sorted(best, reverse=True)[: borne - n])
        for n in range(min(limited.instance.max_sectors, borne) + 1)
    )
    assert most_out_of(limited, 0) == pytest.approx(most)
    assert (why_impossible(limited, None) is not None) == (most < limited.goal)
    assert radios_that_bind(problem, 20, None, ALONE) is None
    assert radios_that_bind(problem, 5_000, 1_000.0, ALONE) is None
    bound = radios_that_bind(problem, 5_000, None, ALONE)
    assert most < limited.goal
    assert bound is not None
    assert bound.radios == borne
    assert bound.homes == pytest.approx(most)


def test_a_mast_with_few_towers_round_it_is_no_limit_that_is_known():
    """So few links are planned, heard and planned again within seconds."""
    assert links_borne(build_problem(_round(2, towers=5)), ALONE) is None
