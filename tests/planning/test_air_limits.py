"""What the next plan may not choose: round by round, from what the channels of those before show."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from cn_planner.model.plan import PlanStatus
from cn_planner.planning.air_for_less import for_less, looser
from cn_planner.planning.air_limits import AirTasks, Narrowed, OnAir, Rounds
from cn_planner.progress import Clock
from cn_planner.solver.instance import StoppedBy

REACH = {f"h{n}": {"A", "B"} for n in range(10)} | {"h9": {"A"}}


def _on_air(value: float, silent: str = "", full: str = "", rate: float = 0.0, server: str = "A") -> OnAir:
    """Return a plan of ten homes on A or B, of which those of these digits hear nothing, or find the link too full."""
    households = {f"h{n}": SimpleNamespace(id=f"h{n}", weight=1.0, server=server) for n in range(10)}
    links = {"L": SimpleNamespace(id="L", from_site="B", to_site="A")}
    plan = SimpleNamespace(
        households=households, links=links, standing_links=links, demand=SimpleNamespace(busy_hour_mbps=2.0)
    )
    silent_homes = {f"h{n}" for n in silent}
    crowded = {f"h{n}": SimpleNamespace(user=("link", "B", "L"), rate_mbps=rate) for n in full}
    channels = SimpleNamespace(
        silent=silent_homes,
        crowded_out=crowded,
        not_served=silent_homes | crowded.keys(),
        conflicts=(),
        uses=(),
        unheld={},
    )
    design: Any = SimpleNamespace(
        edit=SimpleNamespace(plan=plan), served=10.0, value=value, searched=None, status=PlanStatus.FEASIBLE,
        stopped_by=StoppedBy.NODES,
    )  # fmt: skip
    return OnAir(design, channels, design)  # type: ignore[arg-type]


def _rounds(first: OnAir, **also: Any) -> Rounds:
    limits = Narrowed(3, own_dish=True)
    return Rounds(10.0, also.pop("reach", REACH), (first, limits), (first, limits), **also)


def test_silent_homes_hang_on_another_tower_where_one_reaches_them() -> None:
    first = _on_air(100.0, silent="129")
    rounds = _rounds(first)
    following = rounds.following([first], final=False)
    assert following == Narrowed(3, own_dish=True, apart=(("A", "h1"), ("A", "h2")))
    assert _rounds(first, reach={}).following([first], final=False).share < 1.0  # planned as points


def test_who_hangs_on_a_mast_by_a_cable_is_not_kept_from_it() -> None:
    first = _on_air(100.0, silent="12")
    rounds = _rounds(first, reach=REACH | {"h1": {"B"}})
    assert rounds.following([first], final=False).apart == (("A", "h2"),)


def test_links_that_are_too_full_carry_what_they_do_on_the_channels() -> None:
    first = _on_air(100.0, silent="1", full="45", rate=6.0)
    following = _rounds(first).following([first], final=False)
    assert following.carries == (("A", "B", 3.0),)
    assert following.apart == (("A", "h1"),)
    drowned = _on_air(100.0, silent="123", full="4", rate=6.0)  # of which most is silent says nothing of its links
    assert _rounds(drowned).following([drowned], final=False).carries == ()


def test_no_plan_is_asked_for_twice_and_cuts_come_from_the_best_then_from_one_nearly_as_good() -> None:
    first, seen = _on_air(100.0, silent="12"), []
    rounds, asked = _rounds(first), []
    # The second is nearly as good, the third far worse, of the fourth none comes out.
    for found in (_on_air(110.0, silent="3", full="4", server="B"), _on_air(120.0, silent="345678"), None):
        seen = [first, *(one for one in seen if one is not None)]
        following = rounds.following(seen, final=False)
        asked.append(following)
        rounds.take(found, following)
        seen.append(found)
    assert len(set(asked)) == 3
    assert asked[0].apart == (("A", "h1"), ("A", "h2"))
    assert asked[1].carries
    assert asked[1].apart == (("A", "h1"), ("A", "h2"), ("B", "h3"))  # from the last, which is nearly as good
    assert rounds.best[0] is first
    assert rounds.vain == 3
    better = _on_air(130.0, silent="1")
    rounds.take(better, asked[0]._replace(share=0.9))
    assert (rounds.best[0], rounds.vain) == (better, 0)


def test_after_plans_for_fewer_homes_all_are_asked_for_once_more_in_the_last_round() -> None:
    first = _on_air(100.0, silent="1234567")
    conflict = SimpleNamespace(victim=("sector", "A", "s1"), by=("sector", "A", "s2"))
    first.channels.conflicts = (conflict,)  # type: ignore[union-attr, misc]
    first.channels.uses = tuple(SimpleNamespace(kind="sector", id=f"s{n}", site="A") for n in range(6))  # type: ignore[union-attr, misc]
    limits = Narrowed(own_dish=True, share=0.6)
    rounds = Rounds(10.0, REACH, (first, limits), (first, limits))
    assert rounds.following([first], final=False).share < 0.6
    assert rounds.following([first], final=True) == Narrowed(4, own_dish=True)


def _loosened(plans: dict[Narrowed, OnAir], limits: Narrowed) -> tuple[tuple[OnAir, Narrowed], list[Narrowed]]:
    """Return what a plan for 100, heard with some limits, is loosened to where these plans are made; what was asked.

    Any other plan costs 200.
    """
    asked: list[Narrowed] = []
    by_design = {id(one.design): one for one in plans.values()}

    def plan(more: Narrowed, _share: float, _start: object) -> Any:
        asked.append(more)
        found = plans.get(more) or _on_air(200.0)
        by_design[id(found.design)] = found
        return found.design

    tasks = AirTasks(plan, lambda design: by_design[id(design)], reached_from=REACH)
    return looser(_on_air(100.0), limits, 5, 10.0, tasks, Clock()), asked


def test_what_is_heard_is_tried_without_the_cuts_of_other_plans() -> None:
    limits = Narrowed(3, carries=(("A", "B", 2.0),))
    better = _on_air(90.0)
    (now, found), asked = _loosened({limits._replace(carries=()): better}, limits)
    assert now is better
    assert found == Narrowed(3)
    assert Narrowed(4) in asked  # and on from there


def test_where_nearly_all_hear_it_what_its_channels_show_is_told_to_the_next() -> None:
    near, better = _on_air(80.0, silent="1"), _on_air(85.0)
    told = Narrowed(4, apart=(("A", "h1"),))
    (now, found), asked = _loosened({Narrowed(4): near, told: better}, Narrowed(3))
    assert now is better
    assert found == told
    few = _on_air(80.0, silent="12345")
    (now, _), asked = _loosened({Narrowed(4): few}, Narrowed(3))
    assert now.design.value == 100.0
    assert not any(one.apart for one in asked)


def test_a_plan_with_larger_dishes_is_tried_with_those_it_needs_before_one_with_fewer_radios() -> None:
    """Fewer radios cost 95, and nothing looser than that less; the same with the dishes that it needs costs 90."""
    cuts = (("A", "B", 2.0),)
    own, smaller = Narrowed(own_dish=True, carries=cuts), Narrowed(carries=cuts)
    begun = _on_air(80.0, silent="123")
    radios: Any = begun.channels
    radios.uses = tuple(SimpleNamespace(kind="sector", id=f"A-S{n}", site="A") for n in range(6))
    radios.conflicts = (SimpleNamespace(victim=("sector", "A", "A-S0"), by=("sector", "A", "A-S1")),)
    fewer = Narrowed(most_radios=4)
    asked, found = list[Narrowed](), {fewer: _on_air(95.0), smaller: _on_air(90.0)}
    made: dict[int, OnAir] = {}

    def plan(limits: Narrowed, _share: float, _first: Any) -> Any:
        asked.append(limits)
        one = found.get(limits) or _on_air(120.0)
        made[id(one.design)] = one
        return one.design

    tasks = AirTasks(plan, lambda design: made[id(design)], reached_from=REACH)
    now, limits = for_less((_on_air(100.0), own), begun, {own}, 10.0, tasks, Clock())
    assert now is found[smaller]
    assert limits == smaller
    assert asked.index(smaller) < asked.index(fewer)
    # Where it is not heard, fewer radios are, from where it is loosened on.
    found[smaller] = _on_air(90.0, silent="123456")
    now, limits = for_less((_on_air(100.0), own), begun, {own}, 10.0, tasks, Clock())
    assert now is found[fewer]
    assert limits == fewer


def test_who_finds_no_room_in_a_sector_hangs_elsewhere_where_nothing_else_helps() -> None:
    first = _on_air(100.0)
    channels: Any = first.channels
    channels.crowded_out["h1"] = SimpleNamespace(user=("sector", "A", "A-S1"), rate_mbps=1.0)
    channels.not_served.add("h1")
    rounds = _rounds(first)
    shown = Narrowed(3, own_dish=True, full=(("A", "h1"),))
    assert rounds.following([first], final=False) != shown  # a round in vain comes first
    rounds.vain = 1
    assert rounds.following([first], final=False) == shown
    # Where many are silent it is the air: who is crowded out stays where it is.
    for home in ("h2", "h3"):
        channels.crowded_out[home] = channels.crowded_out["h1"]
        channels.not_served.add(home)
    following = rounds.following([first], final=False)
    assert following is not None
    assert following.full == ()
