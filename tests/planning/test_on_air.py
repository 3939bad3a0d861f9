"""Served is served on the plan's own channels: who hears nothing there does not count, and is told so."""

from __future__ import annotations

import math
import time
from collections import Counter
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from small_network import flat_ground, small_network

from cn_planner.economics.costs import capital
from cn_planner.links.channels import leak
from cn_planner.model import edits
from cn_planner.model.items import Items
from cn_planner.model.plan import Household, Link, Priority, SiteRole
from cn_planner.model.regulations import regulations_of
from cn_planner.planning.air_limits import AirTasks, Narrowed, OnAir
from cn_planner.planning.design import design, design_of
from cn_planner.planning.explain import OTHER_BAND, UnservedKind
from cn_planner.planning.narrower import reached_from, with_apart, with_carries, with_radios
from cn_planner.planning.on_air import is_full_air, on_own_channels
from cn_planner.planning.problem import build_problem
from cn_planner.planning.result import with_plan
from cn_planner.progress import Clock
from cn_planner.service.joined import homes_behind
from cn_planner.solver.instance import StoppedBy
from cn_planner.spectrum.channels import plan_channels
from cn_planner.spectrum.interference import radio_network
from cn_planner.spectrum.silence import crowded_out, silent_homes
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study


@pytest.fixture(scope="module")
def crowded(sample_ground):
    """Half of the sample valley where the law leaves two channels, too few for the radios of a mast."""
    plan, surface = sample_ground
    plan = replace(plan, households=Items(home for n, home in enumerate(plan.households.values()) if n % 2 == 0))
    plan = replace(plan, rules=replace(plan.rules, own_limits="5550-5570 MHz 40 dBm EIRP; 5490-5530 MHz 40 dBm EIRP"))
    return Study(plan, surface, load_catalogue(), regulations_of(plan, None))


@pytest.fixture(scope="module")
def planned(crowded):
    """The plan made without regard to channels, and the one with it."""
    problem = build_problem(crowded)
    first = design_of(problem, fixes=False)

    def channels(design):
        found = plan_channels(replace(crowded, plan=design.edit.plan))
        return OnAir(with_plan(design, found.edit.plan, crowded.catalogue), found, design)

    tasks = AirTasks(
        lambda limits, _share, _start: design_of(with_radios(problem, limits.most_radios), fixes=False), channels
    )
    return first, channels(first), on_own_channels(first, problem.network.goal, tasks, crowded, Clock())


def _silent(study: Study, plan) -> float:
    """Return the weight of homes to which nothing comes through, by power, noise and the slowest mode alone."""
    network = radio_network(replace(study, plan=plan))
    channel = [user.now for user in network.users]
    deaf = np.zeros(len(network.receivers), np.bool_)
    for n, receiver in enumerate(network.receivers):
        mine = network.stations[receiver.station].user
        share = [0.0 if user == mine else leak(channel[user], channel[mine]) for user in range(len(channel))]
        others = np.sum(10.0 ** (network.heard_dbm[:, n] / 10.0) * share)
        rise = 10.0 * np.log10(1.0 + others / 10.0 ** (network.noise_dbm[n] / 10.0))
        heard = network.directions[n]
        deaf[n] = rise >= 1.0 and network.wanted_dbm[n] - heard.sensitivity_dbm[heard.robust] < rise
    gone, dead = set(), set()
    for n, receiver in enumerate(network.receivers):
        user = network.users[network.stations[receiver.station].user]
        if deaf[n] and user.link is not None:
            dead.add(frozenset((user.link.from_site, user.link.to_site)))
        elif deaf[n]:
            gone.update(receiver.members)
    near: dict[str, set[str]] = {}
    for link in plan.standing_links.values():
        if frozenset((link.from_site, link.to_site)) not in dead:
            near.setdefault(link.from_site, set()).add(link.to_site)
            near.setdefault(link.to_site, set()).add(link.from_site)
    online = {key for key, site in plan.used_sites.items() if site.role is SiteRole.GATEWAY}
    for _ in plan.used_sites:
        online |= {other for key in online for other in near.get(key, ())}
    homes = plan.households.values()
    return sum(h.weight for h in homes if h.server is not None and (h.id in gone or h.server not in online))


def _lacking(study: Study, plan) -> list[str]:
    """Return what carries less beside the others than its homes take at the busy hour, by power, noise and modes."""
    network = radio_network(replace(study, plan=plan))
    channel, rates = [user.now for user in network.users], {}
    for n, receiver in enumerate(network.receivers):
        mine = network.stations[receiver.station].user
        usual, heard = network.directions[n], network.direction_of(n, channel[mine].width_mhz)
        others = sum(
            10.0 ** (network.heard_dbm[user, n] / 10.0) * leak(channel[user], channel[mine])
            for user in range(len(channel)) if user != mine
        )  # fmt: skip
        rise = 10.0 * math.log10(1.0 + others / 10.0 ** (heard.noise_dbm[heard.robust] / 10.0))
        lost = usual.level_dbm[usual.robust] - network.wanted_dbm[n]
        spare = plan.rules.access_margin_db if network.users[mine].link is None else plan.rules.backhaul_margin_db
        level = heard.level_dbm - lost - heard.sensitivity_dbm
        fits = level >= max(rise, min(spare, level.max())) - 1e-9
        rates[n] = max(heard.rate_mbps[fits], default=0.0) if rise >= 1.0 else math.inf
    homes, up = dict.fromkeys(plan.used_sites, 0.0), {}
    for home in plan.households.values():
        if home.server is not None:
            homes[home.server] += home.weight
    front = [key for key, site in plan.used_sites.items() if site.role is SiteRole.GATEWAY]
    order = list(front)
    for here in order:
        for link in plan.standing_links.values():
            for a, b in ((link.from_site, link.to_site), (link.to_site, link.from_site)):
                if a == here and b not in order:
                    up[b] = (here, link.id)
                    order.append(b)
    load = {}
    for here in reversed(order[len(front) :]):
        above, key = up[here]
        load[key] = homes[here]
        homes[above] += homes[here]
    busy, found = plan.demand.busy_hour_mbps, []
    for number, user in enumerate(network.users):
        mine = [n for n, one in enumerate(network.receivers) if network.stations[one.station].user == number]
        if user.link is not None:
            if min(rates[n] for n in mine) < busy * load[user.link.id] * (1.0 - 1e-6):
                found.append(user.link.id)
        else:
            share = [2.0 * network.receivers[n].weight * busy / rates[n] if rates[n] else math.inf for n in mine[::2]]
            if sum(share) > 1.0 + 1e-6:
                found.append("/".join(user.key))
    return found


def test_whoever_counts_as_served_gets_at_the_busy_hour_what_was_promised(crowded, sample_ground):
    """A link or a sector that carries less than its homes want does not serve them all.

    The other half of the valley's homes, each wanting twice as much at the busy hour.
    """
    plan, _ = sample_ground
    plan = replace(plan, households=Items(home for n, home in enumerate(plan.households.values()) if n % 2))
    rules = replace(plan.rules, own_limits="5490-5650 MHz 30 dBm EIRP")
    plan = replace(plan, rules=rules, demand=replace(plan.demand, contention=1.5))
    study = replace(crowded, plan=plan, regulations=regulations_of(plan, None))
    problem = build_problem(study)

    def channels(design):
        found = plan_channels(replace(study, plan=design.edit.plan))
        return OnAir(with_plan(design, found.edit.plan, study.catalogue), found, design)

    first = design_of(problem, fixes=False)
    before = channels(first)
    assert before.channels.crowded_out, "else there is nothing to mend here"
    assert _lacking(study, before.design.edit.plan)
    asked = []

    def narrowed(limits, _share, _start):
        asked.append(limits)
        less = problem if limits.most_radios is None else with_radios(problem, limits.most_radios)
        return design_of(with_carries(less, limits.carries), fixes=False)

    found = on_own_channels(first, problem.network.goal, AirTasks(narrowed, channels), study, Clock())
    assert asked
    assert _lacking(study, found.edit.plan) == []
    assert found.served >= first.served - sum(
        first.edit.plan.households[key].weight for key in before.channels.not_served
    )
    assert found.served == sum(home.weight for home in found.edit.plan.households.values() if home.server is not None)
    told = {one.id: str(one.reason) for one in found.unserved if one.kind is UnservedKind.SILENT}
    assert bool(told) == (found.served < first.served - 1e-9)


def test_nobody_counts_as_served_whom_the_own_channels_silence(crowded, planned):
    """A family that page one calls connected hears its tower once all radios send."""
    first, before, found = planned
    assert _silent(crowded, before.design.edit.plan) > 0.0, "else there is nothing to mend here"
    plan = found.edit.plan
    assert _silent(crowded, plan) == 0.0
    assert found.served == sum(home.weight for home in plan.households.values() if home.server is not None)
    heard = first.served - math.fsum(plan.households[key].weight for key in before.channels.silent)
    assert found.served >= heard  # fewer radios on a mast reach no fewer than leaving out who is silent
    assert found.capex == pytest.approx(capital(plan, crowded.catalogue).total.total, abs=0.005)
    assert found.edit.plan.outcome.served == found.served
    told = {one.id for one in found.unserved}
    assert told == {home.id for home in plan.households.values() if home.server is None}
    assert any(one.kind is UnservedKind.SILENT for one in found.unserved) == (found.served < first.served - 1e-9)
    assert found.lower_bound is None or found.lower_bound <= found.capex


def _said(planned, study, clock, made, stopped_by=StoppedBy.DONE, borne=None):
    """Return what is said where every further plan and its channels are the first one's: why fewer, notes, homes."""
    first, before, _ = planned
    first = replace(first, stopped_by=stopped_by)

    def channels(design):
        on = OnAir(before.design, before.channels, design)
        return on._replace(fewer=on)

    def plan(limits, _share, _start):
        made.append(limits)
        return first

    found = on_own_channels(first, first.served, AirTasks(plan, channels, borne=borne), study, clock)
    assert found.served < first.served
    fixes = {str(one.fix) for one in found.unserved if one.kind is UnservedKind.SILENT}
    assert is_full_air(found.reason) == ("drown each other" in str(found.reason))
    told = "The time limit ended the search" in " ".join(map(str, found.notes))
    assert told == (found.stopped_by is StoppedBy.TIME)
    return str(found.reason), " ".join(map(str, found.notes)), " ".join(fixes)


def test_the_clock_is_not_told_as_the_air(crowded, planned):
    """Whoever is told that a mast bears no more buys a connection that another minute would have spared."""
    made, said = [], partial(_said, planned, crowded)
    over, long = Clock(end=time.perf_counter() - 1.0), Clock.of(1e6)
    time_words, air_words = "The time was over before all was tried: more time may reach more.", "drown each other"

    early, note, fix = said(over, made)
    assert "The time limit ended the search: another run may give another plan." in note
    assert "with more time a plan may be found that reaches them" in note
    assert "another band" not in note
    assert fix.startswith("First give the search more time: ")
    assert time_words in early
    assert air_words not in early
    assert early.startswith(f"{planned[0].served:g} homes were asked for; ")
    assert made == []

    for clock in (Clock(), long):  # all rounds, each searched to its end
        whole, note, fix = said(clock, made)
        assert "another band" in note
        assert fix.startswith("A kit of another band")
        assert "more time" not in note + fix
        assert "time limit" not in note
        assert air_words in whole
        assert "more time" not in whole
        assert made

    hurried, _, _ = said(long, made, StoppedBy.TIME)
    assert time_words in hurried
    assert air_words not in hurried
    assert "The search was stopped before all was tried" in said(Clock(), made, StoppedBy.CANCEL)[0]
    assert not is_full_air(None)
    assert air_words in said(over, made, borne=5)[0]  # tried on the mast alone, before any search


def test_for_a_budget_all_that_is_left_of_the_time_is_used_where_some_are_silent_too(crowded, planned):
    """The plan that serves as many for less has fewer radios: with a home silent the search for it was not taken up."""
    first, before, _ = planned
    first, heard = (replace(one, budget=1e6, stopped_by=StoppedBy.TIME) for one in (first, before.design))
    shares = []

    def plan(_limits, share, _start):
        shares.append(share)
        return first

    tasks = AirTasks(plan, lambda design: OnAir(heard, before.channels, design))
    assert before.channels.not_served
    on_own_channels(first, math.inf, tasks, crowded, Clock.of(1e6))
    assert shares[-1] == 1.0
    assert shares.count(1.0) == 1


def test_where_the_air_of_all_the_place_is_too_full_fewer_homes_are_asked_for(crowded, planned):
    """Of plans for fewer homes the one that most hear is given, and no bound of theirs is told as one for all."""
    first, before, _ = planned
    problem, asked = build_problem(crowded), list[Narrowed]()

    def plan(limits, _share, _start):
        asked.append(limits)
        less = problem.with_cover(limits.share * problem.instance.cover)
        return design_of(less if limits.most_radios is None else with_radios(less, limits.most_radios), fixes=False)

    def channels(design):
        found = plan_channels(replace(crowded, plan=design.edit.plan))
        return OnAir(with_plan(design, found.edit.plan, crowded.catalogue), found, design)

    # As if twice as many had been asked for, of whom fewer than 60 in 100 are heard.
    goal = 2.0 * first.served
    found = on_own_channels(first, goal, AirTasks(plan, channels), crowded, Clock())
    heard = first.served - math.fsum(first.edit.plan.households[key].weight for key in before.channels.silent)
    assert asked
    assert asked[0].share < 1.0
    assert found.served >= heard
    assert _silent(crowded, found.edit.plan) == 0.0
    assert found.lower_bound is None or found.lower_bound <= found.capex


def test_homes_behind_a_link_that_carries_nothing_are_not_served_but_over_another_way(crowded):
    """On a chain of two links all behind a dead one fall silent; on a ring only who has no way left."""
    keys = sorted(crowded.plan.sites)
    gate = next(key for key in keys if crowded.plan.sites[key].role is SiteRole.GATEWAY)
    near, far = [key for key in keys if key != gate][:2]
    plan = edits.put(
        replace(crowded.plan, demand=replace(crowded.plan.demand, mbps_per_home=10.0, contention=10.0)),
        [
            *(replace(crowded.plan.sites[key], mast_height_m=12.0) for key in (gate, near, far)),
            Link("L1", gate, near, crowded.plan.kits.backhaul), Link("L2", near, far, crowded.plan.kits.backhaul),
        ],
    ).plan  # fmt: skip
    served = [("g1", gate), ("n1", near), ("n2", near), ("f1", far), ("f2", far)]
    homes = Items(Household(key, key, -8.2, -20.9, server=server) for key, server in served)
    plan = replace(plan, households=homes)
    assert silent_homes(plan, (), ()) == frozenset()
    assert silent_homes(plan, {"g1"}, {"L2"}) == {"g1", "f1", "f2"}
    assert silent_homes(plan, (), {"L1"}) == {"n1", "n2", "f1", "f2"}
    round_about = edits.put(plan, [Link("L3", gate, far, crowded.plan.kits.backhaul)]).plan
    assert silent_homes(round_about, (), {"L1"}) == frozenset()
    assert silent_homes(round_about, (), {"L1", "L2"}) == {"n1", "n2"}


def _chain(study: Study, **homes) -> object:
    """Return a gateway, two towers one behind the other, and homes: their tower, weight and whether they must be.

    A home takes 1 Mbit/s at the busy hour.
    """
    keys = sorted(study.plan.sites)
    gate = next(key for key in keys if study.plan.sites[key].role is SiteRole.GATEWAY)
    near, far = [key for key in keys if key != gate][:2]
    at = {"gate": gate, "near": near, "far": far}
    plan = edits.put(
        replace(study.plan, demand=replace(study.plan.demand, mbps_per_home=10.0, contention=10.0, growth_pct=0.0)),
        [
            *(replace(study.plan.sites[key], mast_height_m=12.0) for key in (gate, near, far)),
            Link("L1", gate, near, study.plan.kits.backhaul), Link("L2", near, far, study.plan.kits.backhaul),
        ],
    ).plan  # fmt: skip
    rows = Items(
        Household(
            key, key, -8.2, -20.9, server=at[tower], weight=weight, priority=Priority.MUST if must else Priority.NORMAL
        )
        for key, (tower, weight, must) in homes.items()
    )
    return replace(plan, households=rows)


def test_of_a_link_that_is_too_full_those_furthest_behind_it_are_left_out(crowded):
    """Eight Mbit/s do for eight homes: the plan promises it to no more, and to whom it must first."""
    plan = _chain(
        crowded, n1=("near", 3.0, False), f1=("far", 4.0, False), f2=("far", 2.0, False), f3=("far", 1.0, True)
    )
    assert crowded_out(plan, (), (), {}, {}) == ()
    assert crowded_out(plan, (), (), {}, {"L1": 10.0, "L2": 7.0}) == ()
    [full] = crowded_out(plan, (), (), {}, {"L1": 8.0})
    assert full.user[0] == "link"
    assert full.user[2] == "L1"
    assert full.wanted == 10.0
    assert full.homes == ("f2",)  # the tower's own before those behind it, and f3 must be reached
    # What the far link does not carry is no load of the near one; nor is who hears nothing.
    [far] = crowded_out(plan, (), (), {}, {"L1": 6.0, "L2": 3.0})
    assert (far.user[2], far.homes) == ("L2", ("f1",))
    assert crowded_out(plan, {"f1"}, (), {}, {"L1": 6.0}) == ()
    [near] = crowded_out(plan, (), {"L2"}, {}, {"L1": 2.0})
    assert (near.wanted, near.homes) == (3.0, ("n1",))


def test_of_a_sector_that_is_too_full_the_slowest_are_left_out(crowded):
    """The slow take most of its time; one home that alone takes more than there is has a sector of its own."""
    plan = _chain(
        crowded, a=("gate", 4.0, False), b=("gate", 1.0, False), c=("gate", 1.0, True), d=("gate", 1.0, False)
    )
    sector = ("sector", "gate", "S1")
    rates = {"a": 10.0, "b": 4.0, "c": 3.0, "d": 2.0}  # 0.4, 0.25, 0.33 and 0.5 of its time
    assert [one.homes for one in crowded_out(plan, (), (), {sector: rates}, {})] == [("d",)]
    assert crowded_out(plan, {"d"}, (), {sector: rates}, {}) == ()
    assert [one.homes for one in crowded_out(plan, (), (), {sector: {**rates, "a": 3.0}}, {})] == [("a", "d")]
    assert crowded_out(plan, (), (), {sector: {"a": 2.0}}, {}) == ()


def test_homes_that_all_stand_at_masts_are_planned():
    """They have no direction: what turns sectors has nothing to turn."""
    plan = small_network()
    gate = next(site for site in plan.sites.values() if site.role is SiteRole.GATEWAY)
    home = Household("school", "School", gate.latitude, gate.longitude)
    plan = replace(plan, households=Items([home]), links=Items())
    found = design(Study(plan, flat_ground(), load_catalogue()), cover=1.0)
    assert (found.served, found.coverable) == (1.0, 1.0)
    assert found.edit is not None


def _radios_of(plan) -> Counter[str]:
    found = Counter({site.id: len(site.sectors) for site in plan.used_sites.values()})
    for link in plan.standing_links.values():
        found.update([link.from_site, link.to_site])
    return found


def test_links_that_carry_less_are_known_to_the_search_and_masts_keep_their_radios(crowded, planned):
    """The search found the plan of before, and what mended it put five radios on a mast that may have three."""
    first, _, _ = planned
    behind = homes_behind(first.edit.plan)
    fullest = max(behind, key=lambda key: behind[key])
    link = first.edit.plan.links[fullest]
    most = math.floor(0.5 * behind[fullest])
    problem = with_radios(build_problem(crowded), 3)
    found = design_of(with_carries(problem, [(link.from_site, link.to_site, most)]), fixes=False)
    assert found.edit is not None
    plan = found.edit.plan
    assert found.served == pytest.approx(first.served)
    assert max(_radios_of(plan).values()) <= 3
    behind = homes_behind(plan)
    now = [
        behind[key] for key, one in plan.links.items() if {one.from_site, one.to_site} == {link.from_site, link.to_site}
    ]
    assert sum(now) <= most
    assert sum(behind.values()) > sum(now), "others carry the homes"


def test_homes_are_kept_from_towers_unless_no_other_reaches_them(crowded):
    problem = build_problem(crowded)
    first = design_of(problem, fixes=False).edit.plan
    reached = reached_from(problem)
    apart = [(home.server, home.id) for home in first.households.values() if home.server is not None][::2]
    lost = min(key for _, key in apart)
    apart += [(site, lost) for site in sorted(reached[lost])] + [("nowhere", lost), (apart[0][0], "nobody")]
    less = with_apart(problem, apart)
    assert less.coverable == problem.coverable
    assert len(reached_from(less)[lost]) == 1
    found = design_of(less, fixes=False).edit.plan
    served = {home.id: home.server for home in found.households.values() if home.server is not None}
    assert len(served) == sum(home.server is not None for home in first.households.values())
    assert all(len(reached[key]) == 1 or key == lost for site, key in apart if served.get(key) == site)
    assert any(len(reached.get(key, ())) > 1 for _, key in apart)


def test_a_tower_that_no_link_joins_is_no_other_tower():
    plan = small_network()
    far = replace(plan.sites["D"], longitude=36.63)
    plan = replace(edits.put(plan, [far]).plan, rules=replace(plan.rules, max_backhaul_km=9.0))
    problem = build_problem(Study(plan, flat_ground(), load_catalogue()))
    at, home = list(plan.sites).index("D"), [one.id for one in problem.homes].index("C1")
    assert (problem.instance.serve[:, :2] == [at, home]).all(axis=1).any()  # it sees the home
    reached = reached_from(problem)["C1"]
    assert "D" not in reached
    less = with_apart(problem, [(site, "C1") for site in sorted(reached)])
    assert len(reached_from(less)["C1"]) == 1
    assert less.coverable == problem.coverable


def test_who_is_kept_from_all_towers_that_see_him_is_told_of_the_air():
    """A tower of the plan sees him; equipment alone would let him hear nothing."""
    plan = small_network()
    plan = replace(plan, links=Items(), households=Items(replace(h, server=None) for h in plan.households.values()))
    problem = with_apart(
        build_problem(Study(plan, flat_ground(), load_catalogue()), cover=0.9), [("G", "C1"), ("A", "C1"), ("D", "C1")]
    )
    found = design_of(problem)
    assert found.edit.plan.households["C1"].server is None
    assert found.edit.plan.used_sites.keys() == {"G"}
    (left,) = [one for one in found.unserved if one.id == "C1"]
    assert left.kind is UnservedKind.SILENT
    assert left.fix == OTHER_BAND
    assert left.fix_cost is None
