"""Of many homes some are planned first; what is heard stays, and the next plan adds to it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from cn_planner.message import msg
from cn_planner.model.history import Edit
from cn_planner.model.items import Items
from cn_planner.model.plan import PlanStatus
from cn_planner.planning import narrower, on_air
from cn_planner.planning.air_growth import Growth
from cn_planner.planning.air_limits import Narrowed, OnAir
from cn_planner.planning.design import design_of
from cn_planner.planning.narrower import narrowed
from cn_planner.planning.problem import build_problem
from cn_planner.planning.result import still_proven
from cn_planner.progress import CancelToken, Run
from cn_planner.session import network
from cn_planner.session.network import plan_network
from cn_planner.session.sample import open_sample
from cn_planner.solver.instance import StoppedBy
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from tests.plan_file_checker import faults

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.model.plan import Plan

REACH = {f"h{n}": {"A", "B"} for n in range(10)}


def _plan() -> Any:
    site = SimpleNamespace(mast_height_m=18.0)
    links = {"L": SimpleNamespace(id="L", from_site="B", to_site="A")}
    homes = {f"h{n}": SimpleNamespace(id=f"h{n}", weight=1.0, server="A") for n in range(10)}
    return SimpleNamespace(
        households=homes, links=links, standing_links=links, used_sites={"B": site, "A": site},
        demand=SimpleNamespace(busy_hour_mbps=2.0),
    )  # fmt: skip


def _many(monkeypatch: pytest.MonkeyPatch, homes: int) -> None:
    """Let so many homes be many."""
    for room in (on_air, network):
        monkeypatch.setattr(room, "MANY", homes)


def _thinned(plan: Plan, by: int) -> Plan:
    """Return the plan with one home of so many, in all of its hamlets."""
    some = [home for n, home in enumerate(plan.households.values()) if n % by == 0]
    return replace(plan, households=Items(some))


def _heard(weight: int, full: str = "") -> OnAir:
    """Return a plan of ten homes that so many hear; of these digits nothing is left at a sector."""
    crowded = {f"h{n}": SimpleNamespace(user=("sector", "A", "s"), rate_mbps=1.0) for n in full}
    silent = {f"h{n}" for n in range(10) if f"h{n}" not in crowded} if weight == 0 else set()
    channels = SimpleNamespace(
        silent=silent, crowded_out=crowded, not_served=silent | crowded.keys(), unheld={},
        uses=tuple(SimpleNamespace(kind="sector", id=f"s{n}", site="A") for n in range(4)),
        conflicts=(SimpleNamespace(victim=("sector", "A", "s"), by=("sector", "A", "t")),),
    )  # fmt: skip
    design: Any = SimpleNamespace(
        edit=SimpleNamespace(plan=_plan()), served=float(weight + len(crowded) + len(silent)), value=1.0
    )
    return OnAir(design, channels, design)  # type: ignore[arg-type]


def test_what_is_heard_stays_and_some_homes_more_are_asked_for() -> None:
    growth = Growth(20.0, REACH, Narrowed(own_dish=True))
    growth.begin(_heard(8, full="12"))
    following = growth.following(_plan())
    assert following is not None
    assert following.masts == (("A", 18.0), ("B", 18.0))
    assert following.joined == (("B", "A"),)
    assert following.full == (("A", "h1"), ("A", "h2"))  # whom a full sector leaves goes elsewhere
    assert following.apart == ()
    assert following.share == pytest.approx(8 / 20 + 0.15)
    few = Growth(40.0, REACH, Narrowed())
    few.begin(_heard(8))
    assert (few.following(_plan()) or Narrowed()).share == pytest.approx(8 / 40 * 1.5)


def test_where_a_plan_brings_nothing_masts_get_fewer_radios_then_fewer_homes_are_asked_for() -> None:
    growth = Growth(20.0, REACH, Narrowed(own_dish=True))
    growth.begin(_heard(8))
    asked = []
    for _ in range(20):
        following = growth.following(_plan())
        if following is None:
            break
        asked.append(following)
        growth.take(_heard(0), following)
    assert following is None, "it has an end"
    assert [one.most_radios for one in asked[:2]] == [None, 3]
    assert asked[1].share == asked[0].share
    assert 8 / 20 < asked[-1].share < asked[2].share < asked[1].share
    assert growth.heard == 8.0
    better = Growth(20.0, REACH, Narrowed())
    better.begin(_heard(8))
    better.take(None, Narrowed())  # no plan at all: no mast is known to be full
    assert better.limits.most_radios is None
    better.take(_heard(9), Narrowed())
    assert better.heard == 9.0
    assert (better.following(_plan()) or Narrowed()).share == pytest.approx(9 / 20 + 0.075)


def test_towers_that_stand_stay_as_high_and_hang_where_they_do(sample_ground: Any) -> None:
    problem = build_problem(Study(_thinned(sample_ground[0], 3), sample_ground[1], load_catalogue()))
    first = design_of(narrowed(problem, Narrowed(share=0.5)), fixes=False, prove=False)
    masts = {site.id: site.mast_height_m for site in first.sites}
    joined = {(link.from_id, link.to_id) for link in first.links if link.kind == "backhaul"}
    limits = Narrowed(share=0.9, masts=tuple(masts.items()), joined=tuple(joined))
    more = design_of(narrowed(problem, limits), fixes=False, prove=False)
    assert more.served > 1.5 * first.served
    later = {site.id: site.mast_height_m for site in more.sites}
    assert masts.items() <= later.items()
    assert len(later) > len(masts)
    between = {
        frozenset(ends)
        for ends in ((link.from_id, link.to_id) for link in more.links if link.kind == "backhaul")
        if masts.keys() >= set(ends)
    }
    assert between <= {frozenset(ends) for ends in joined}


def test_many_homes_are_planned_by_growing_where_the_air_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if half of the valley's homes were many, under Argentina's law, of few channels: each rule holds."""
    _many(monkeypatch, 50)
    monkeypatch.setattr(on_air, "_GROWTHS", 3)
    asked: list[Narrowed] = []
    following = Growth.following

    def told(growth: Growth, best: Any) -> Narrowed | None:
        found = following(growth, best)
        asked.extend([found] if found is not None else [])
        return found

    monkeypatch.setattr(Growth, "following", told)
    with open_sample(tmp_path) as project:
        plan = _thinned(project.plan, 2)
        project.apply(Edit(msg("law"), replace(plan, info=replace(plan.info, country="AR"))))
        found = project.make_plan()
        path = project.path
    assert asked
    assert all(one.masts for one in asked)
    assert found.edit is not None
    assert found.served > 50.0  # of 71 asked for; 24 of them at first
    assert found.served == sum(home.weight for home in found.edit.plan.households.values() if home.server)
    assert len(found.unserved) == sum(not home.server for home in found.edit.plan.households.values())
    assert found.stopped_by is StoppedBy.NODES, "it is done only where that is proven"
    reasons = {str(one.reason) for one in found.unserved if one.kind.short}
    assert found.reason is not None
    assert reasons == {str(found.reason)}  # all of these were asked for
    assert found.lower_bound is not None, "of networks for as many homes something is known all the same"
    assert 0.5 * found.capex < found.lower_bound <= found.capex
    assert found.gap == pytest.approx(1.0 - found.lower_bound / found.capex)
    assert found.status is PlanStatus.FEASIBLE
    assert still_proven(found.edit.plan, found.capex) is not None
    assert faults(path, channels=True) == []


def test_where_all_of_some_hear_a_plan_all_are_planned_with_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The valley under its own law has room: what comes out is what few homes get, and how good it is is known.

    Though paths that are looked at in any case do not reach so many.
    """
    _many(monkeypatch, 50)
    monkeypatch.setattr(narrower, "NEAR_HOME_KM", 2.0)
    with open_sample(tmp_path) as project:
        project.apply(Edit(msg("homes"), _thinned(project.plan, 2)))
        found = project.make_plan()
        path = project.path
    assert found.served >= 71.0  # 95 in 100
    assert found.lower_bound is not None
    assert found.gap is not None
    assert found.lower_bound <= found.capex
    assert found.gap < 0.1
    assert faults(path, channels=True) == []


def test_a_cancel_ends_the_growth_and_keeps_what_was_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _many(monkeypatch, 50)
    token, begun = CancelToken(), list[bool]()
    following, design_for = Growth.following, network.design_for

    def stopped(growth: Growth, best: Any) -> Narrowed | None:
        token.cancel()
        return following(growth, best)

    def counted(*words: Any, **names: Any) -> Any:
        begun.append(token.cancelled)
        return design_for(*words, **names)

    monkeypatch.setattr(Growth, "following", stopped)
    monkeypatch.setattr(network, "design_for", counted)
    with open_sample(tmp_path) as project:
        plan = _thinned(project.plan, 2)
        project.apply(Edit(msg("law"), replace(plan, info=replace(plan.info, country="AR"))))
        found = plan_network(project.snapshot(), run=Run(cancel=token))
    assert begun.count(True) <= 1
    assert found.edit is not None
    assert found.served > 0.0
    assert found.stopped_by is StoppedBy.CANCEL


def test_from_nobody_some_are_asked_for() -> None:
    growth = Growth(100.0, {}, Narrowed())
    growth.begin(_heard(0))
    following = growth.following(_plan())
    assert following is not None
    assert following.share > 0.02
