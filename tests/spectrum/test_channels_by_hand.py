"""The channel plan of a network whose levels are given by hand: who hears whom, how loudly, and what that leaves.

Every signal arrives with -70 dBm over a noise of -95 dBm. A slow mode gives 10 Mbit/s from -90 dBm on, a fast one
50 Mbit/s from -80 dBm on: ten decibels more noise leave the fast one, twenty the slow one.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from priced_by_hand import CATALOGUE, PLAN

from cn_planner.links.channels import Channel, leak
from cn_planner.links.radio import Direction
from cn_planner.model import edits
from cn_planner.model.equipment import Source
from cn_planner.model.law import CountryRules, PowerLimit
from cn_planner.model.plan import Demand, Household, Link, Plan, Rules, Sector, Site, SiteRole, Uplink
from cn_planner.spectrum import channels as channel_plan
from cn_planner.spectrum.channels import ChannelPlan, plan_channels
from cn_planner.spectrum.interference import RadioNetwork
from cn_planner.spectrum.radios import Receiver, Station, User
from cn_planner.study import Study
from cn_planner.terrain.surface import Surface

QUIET, LOW, HIGH = Channel(5180.0, 20.0), Channel(5500.0, 20.0), Channel(5745.0, 20.0)
RADAR = Channel(5500.0, 20.0, dfs=True)
RULES = CountryRules("XX", (PowerLimit(5000.0, 6000.0, 50.0, True, 160.0, False, False),), Source("none", "by hand"))
SHELF = replace(CATALOGUE, kits={**CATALOGUE.kits, "wide": replace(CATALOGUE.kits["far"], id="wide", width_mhz=40.0)})


def village() -> Plan:
    """G with A on it and B on A, six homes on A and two on B; each home wants 10 Mbit/s at the busy hour."""
    sector = (Sector("s1", "sector", 0.0),)
    sites = [
        Site("G", "Gate", -1.5, 36.5, role=SiteRole.GATEWAY, uplink=Uplink(), mast_height_m=12.0),
        Site("A", "Ash", -1.4, 36.5, sectors=sector, mast_height_m=12.0),
        Site("B", "", -1.3, 36.5, sectors=sector, mast_height_m=12.0),
    ]
    homes = [Household(f"h{n}", f"H{n}", -1.4, 36.5 + n / 1000, server="A" if n < 6 else "B") for n in range(8)]
    none = Rules(access_margin_db=0.0, backhaul_margin_db=0.0)
    plan = replace(PLAN, demand=Demand(mbps_per_home=10.0, contention=1.0, growth_pct=0.0), rules=none)
    return edits.put(plan, [*sites, *homes, Link("G-A", "G", "A"), Link("A-B", "A", "B")]).plan


def user(key: str, channel: Channel = LOW, *, open_to: tuple[Channel, ...] = (), kit: str = "", **more) -> User:
    """A sector of a site, or a link, on a channel that is its kit's own."""
    plan = village()
    link = plan.links.get(key)
    kits = (SHELF.kits[kit or ("far" if link else "sector")],)
    site = link.from_site if link else key
    return User(
        site, None if link else plan.sites[site].sectors[0], link, kits, (), more.pop("weight", 1.0),
        open_to or (channel,), channel, more.pop("given", False), more.pop("wide_mhz", None),
    )  # fmt: skip


def way(width_mhz: float = 20.0, noise_dbm: float = -95.0) -> Direction:
    """Half the width: half the rate, three decibels less noise, and so much less level is needed."""
    less = 10.0 * math.log10(width_mhz / 20.0)
    return Direction(
        ("slow", "fast"), np.array([30.0, 30.0]), np.array([-90.0, -80.0]) + less,
        np.array([10.0, 50.0]) * width_mhz / 20.0, 0, np.array([noise_dbm, noise_dbm]) + less,
    )  # fmt: skip


def network(users: list[User], paths: list[tuple[int, int, float]], heard: dict[tuple[int, int], float], **more):
    """A network by its users, its paths (of which user, of how many homes, of what weight) and who hears whom, dBm.

    Each path has two receivers, the first at the home or second site.
    """
    stations = tuple(Station(f"at {n}", n, 0.0, 0.0, 10.0, 10.0, 0.0, 0.0, "sector") for n in range(len(users)))
    receivers = tuple(Receiver(of, of, weight / 2.0, homes) for of, homes, weight in paths for _ in "du")
    levels = np.full((len(users), len(receivers)), -np.inf)
    for at, level in heard.items():
        levels[at] = level
    wanted = more.pop("wanted_dbm", np.full(len(receivers), -70.0))
    narrow = more.pop("narrow", ())
    ways = tuple(way(users[one.station].full_mhz) for one in receivers)
    busy = village().demand.busy_hour_mbps
    return RadioNetwork(
        tuple(users), stations, receivers, wanted, np.array([one.noise_dbm[0] for one in ways]), levels, ways,
        tuple({width: way(width) for width in narrow} for _ in receivers),
        tuple(dict.fromkeys(narrow, 0.0) for _ in users),
        loads_mbps=np.array([0.0 if one.link is None else busy * one.weight for one in users]),
        **more,
    )  # fmt: skip


@pytest.fixture
def planned(monkeypatch):
    """Plan the channels of a network that is given in place of one found over terrain."""

    def run(given: RadioNetwork, plan: Plan | None = None, rules: CountryRules | None = RULES, **more) -> ChannelPlan:
        monkeypatch.setattr(channel_plan, "radio_network", lambda *_, **__: given)
        return plan_channels(Study(plan or village(), Surface([]), SHELF, rules), **more)

    return run


# The sector of A with three homes, both links, all on one channel. At home 0 the link G-A arrives so loud that nothing
# is left; at homes 1 and 2 the link A-B takes the fast mode; at home 3, which stands for three, nothing is known. The
# link A-B is heard by one end of G-A.
LOUD = network(
    [user("A", weight=6.0), user("G-A", weight=8.0), user("A-B", weight=2.0)],
    [(0, 1, 1.0), (0, 1, 1.0), (0, 1, 1.0), (0, 3, 3.0), (1, 1, 8.0), (2, 1, 2.0)],
    {(1, 0): -75.0, (2, 0): -110.0, (2, 2): -83.0, (1, 2): -100.0, (2, 4): -83.0, (2, 6): -60.0, (2, 8): -83.0,
     (1, 10): -95.0},
    wanted_dbm=np.array([-70.0] * 6 + [math.nan, math.nan] + [-70.0] * 4),
)  # fmt: skip


def over_noise_db(*others_dbm: float) -> float:
    """Return by how much the noise of -95 dBm rises."""
    return 10.0 * math.log10(1.0 + sum(10.0 ** ((level + 95.0) / 10.0) for level in others_dbm))


def test_each_hears_what_arrives_on_its_channel(planned):
    sector, first, second = planned(LOUD, keep=True).uses
    assert (sector.kind, sector.site, sector.id, sector.channel, sector.homes) == ("sector", "A", "s1", LOW, 6.0)
    assert (first.kind, first.site, first.id, first.homes) == ("link", "G", "G-A", 8.0)
    assert sector.snr_db == pytest.approx(25.0)
    assert sector.sinr_db == pytest.approx(25.0 - over_noise_db(-75.0, -110.0))
    assert (sector.disturbed, sector.receivers) == (3, 6)
    assert first.sinr_db == pytest.approx(25.0 - over_noise_db(-83.0))
    assert (first.disturbed, first.receivers) == (1, 2)
    # Three decibels more noise are heard, and leave the fast mode.
    assert second.sinr_db == pytest.approx(25.0 - over_noise_db(-95.0))
    assert second.disturbed == 0
    assert [one.choices for one in (sector, first, second)] == [1, 1, 1]


def test_conflicts_name_the_loudest_the_worst_and_how_many(planned):
    sector, link = planned(LOUD, keep=True).conflicts
    assert (sector.victim, sector.by) == (("sector", "A", "s1"), ("link", "A", "A-B"))
    assert str(sector.text) == (
        "Ash (s1) hears Ash – B: 3 of its 12 paths are slower, the worst 0 Mbit/s instead of 50."
    )
    assert (link.victim, link.by) == (("link", "G", "G-A"), ("link", "A", "A-B"))
    assert str(link.text) == "Gate – Ash hears Ash – B: 10 Mbit/s instead of 50."


def test_who_carries_less_than_its_homes_want_is_told_the_worst_first(planned):
    sector, link = planned(LOUD, keep=True).short
    assert (sector.user, sector.homes) == (("sector", "A", "s1"), 1.0)
    assert str(sector.text) == "Ash (s1) reaches only 2 of its 3 homes on its channel, for it hears Ash – B."
    # Each of two homes in turn at 10 Mbit/s down: 10 in all.
    assert sector.rate_mbps == pytest.approx(10.0)
    assert (link.user, link.homes, link.rate_mbps) == (("link", "G", "G-A"), 0.0, 10.0)
    assert str(link.text) == (
        "Gate – Ash carries 10 Mbit/s on its channel, for it hears Ash – B; its homes want 80 at the busy hour."
    )


def test_who_carries_enough_is_not_short_of_anything(planned):
    small = replace(village(), demand=Demand(mbps_per_home=1.25, contention=1.0, growth_pct=0.0))
    assert [one.user[0] for one in planned(LOUD, small, keep=True).short] == ["sector"], "8 homes at 1.25 want 10"
    more = replace(village(), demand=Demand(mbps_per_home=1.26, contention=1.0, growth_pct=0.0))
    assert [one.user[0] for one in planned(LOUD, more, keep=True).short] == ["sector", "link"]


def test_a_link_that_carries_nothing_cuts_off_all_behind_it(planned):
    silent = replace(LOUD, heard_dbm=LOUD.heard_dbm.copy())
    silent.heard_dbm[2, 8] = -60.0
    link, sector = planned(silent, keep=True).short
    assert (link.user[2], link.homes, link.rate_mbps) == ("G-A", 8.0, 0.0)
    assert str(link.text) == "Gate – Ash carries nothing on its channel, for it hears Ash – B. Homes cut off: 8."
    assert sector.homes == 1.0
    nobody = edits.put(village(), [replace(home, server=None) for home in village().households.values()]).plan
    assert [one.user[0] for one in planned(silent, nobody, keep=True).short] == ["sector"]


def test_a_sector_whose_homes_are_all_silent_carries_nothing(planned):
    deaf = network([user("A"), user("A-B")], [(0, 2, 2.0), (1, 1, 2.0)], {(1, 1): -60.0})
    (short,) = planned(deaf, keep=True).short
    assert (short.homes, short.rate_mbps) == (2.0, 0.0)
    assert str(short.text) == "Ash (s1) carries nothing on its channel, for it hears Ash – B. Homes cut off: 2."


def test_what_is_lost_is_the_share_of_capacity_by_weight(planned):
    found = planned(LOUD, keep=True)
    signal = 10.0 ** (25.0 / 10.0)

    def left(*others_dbm: float) -> float:
        noise = 10.0 ** (over_noise_db(*others_dbm) / 10.0)
        return math.log2(1.0 + signal / noise) / math.log2(1.0 + signal)

    # Halves of the weights of homes 0 to 2, of 8 and of 2; nothing is known of the last home.
    lost = (0.5 * (1 - left(-75.0, -110.0)) + 0.5 * (1 - left(-83.0, -100.0)) + 0.5 * (1 - left(-83.0))
            + 4.0 * (1 - left(-83.0)) + 1.0 * (1 - left(-95.0)))  # fmt: skip
    assert found.lost == pytest.approx(lost / 13.0)
    assert str(found.lost_words) == (
        f"The network's own radios take {100.0 * lost / 13.0:.1f} % of its capacity from each other."
    )
    assert found.proven
    assert found.edit is None


def test_the_same_levels_on_another_channel_are_nothing(planned):
    apart = replace(LOUD, users=(LOUD.users[0], user("G-A", HIGH, weight=8.0), user("A-B", QUIET, weight=2.0)))
    found = planned(apart, keep=True)
    assert (found.lost, found.conflicts, found.short) == (0.0, (), ())
    assert {use.sinr_db for use in found.uses} == {25.0}


@pytest.mark.parametrize(
    ("victim", "other", "advice"),
    [
        (user("A"), user("A-B"), "Neither may have another channel"),
        (user("A", open_to=(LOW, HIGH)), user("A-B"), "They hang on one mast"),
        (user("A"), user("A-B", open_to=(LOW, HIGH)), "They hang on one mast"),
        (user("B", open_to=(LOW, HIGH)), user("A-B"), "Choose a kit of narrower channels"),
    ],
)
def test_what_to_do_depends_on_what_is_open_and_on_where_they_hang(planned, victim, other, advice):
    found = planned(network([victim, other], [(0, 1, 1.0), (1, 1, 2.0)], {(1, 0): -83.0}), keep=True)
    assert str(found.conflicts[0].fix).startswith(advice)
    assert str(found.short[0].fix if found.short else found.conflicts[0].fix).startswith(advice)


PAIR = [(0, 1, 1.0), (1, 1, 2.0)]
BOTH_HEAR = {(1, 0): -70.0, (1, 1): -70.0, (0, 2): -70.0, (0, 3): -70.0}


def test_two_that_hear_each_other_are_set_apart_and_the_plan_says_how(planned):
    both = network([user("A", open_to=(QUIET, LOW)), user("A-B", open_to=(QUIET, LOW))], PAIR, BOTH_HEAR)
    found = planned(both)
    assert {use.channel for use in found.uses} == {QUIET, LOW}
    assert [use.choices for use in found.uses] == [2, 2]
    assert found.lost == 0.0
    assert str(found.edit.label) == "give channels"
    after = found.edit.plan
    assert {after.sites["A"].sectors[0].freq_mhz, after.links["A-B"].freq_mhz} == {5180.0, 5500.0}
    assert after.sites["A"].sectors[0].width_mhz is after.links["A-B"].width_mhz is None, "as wide as their kits"
    assert after.links["G-A"] == village().links["G-A"]
    assert after.sites["B"] == village().sites["B"]
    # What a plan gives stays, unless all is asked for anew; and judged alone nothing is given.
    held = replace(both, users=(both.users[0], replace(both.users[1], now=QUIET, given=True)))
    assert [use.channel for use in planned(held).uses] == [LOW, QUIET]
    assert [use.choices for use in planned(held).uses] == [2, 1]
    assert planned(held).edit.plan.links["A-B"].freq_mhz is None
    assert [use.choices for use in planned(held, fresh=True).uses] == [2, 2]
    assert [use.channel for use in planned(both, keep=True).uses] == [LOW, LOW]
    assert planned(both, keep=True).edit is None


def test_of_two_equal_channels_that_without_radars_is_taken(planned):
    open_to = (LOW, Channel(5600.0, 20.0, dfs=True), HIGH)
    both = network([user("A", open_to=open_to), user("A-B", open_to=open_to)], PAIR, BOTH_HEAR)
    assert {use.channel for use in planned(both).uses} == {LOW, HIGH}


def test_a_channel_with_radars_is_better_than_hearing_others_ever_so_little(planned):
    radars = replace(RADAR, freq_mhz=5745.0)
    both = network([user("A", open_to=(LOW, radars)), user("A-B", open_to=(LOW, radars))], PAIR,
                   dict.fromkeys(BOTH_HEAR, -95.0))  # fmt: skip
    assert {use.channel for use in planned(both).uses} == {LOW, radars}


@pytest.mark.parametrize(("heard_dbm", "felt"), [(-97.894, True), (-101.377, False)])
def test_less_than_a_decibel_nobody_notices(planned, heard_dbm, felt):
    # 1.8 dB more noise, or 0.9: the fast mode has half a decibel to lose.
    near = network([user("A"), user("A-B")], [(0, 1, 1.0), (1, 1, 2.0)], {(1, 0): heard_dbm},
                   wanted_dbm=np.array([-79.5, -70.0, -70.0, -70.0]))  # fmt: skip
    assert bool(planned(near, keep=True).conflicts) is felt


def test_a_plan_that_has_its_channels_is_not_changed(planned):
    both = network([user("A", open_to=(QUIET, LOW)), user("A-B", open_to=(QUIET, LOW))], PAIR, BOTH_HEAR)
    after = planned(both).edit.plan
    assert planned(both, after).edit is None


@pytest.mark.parametrize(
    ("open_to", "taken"),
    [
        ((QUIET, LOW, HIGH), LOW),  # the kit's own
        ((QUIET, HIGH), QUIET),  # the lower of equals
        ((Channel(5180.0, 10.0), QUIET), QUIET),  # the wider
    ],
)
def test_who_is_alone_takes_the_kits_own_channel_or_the_widest(planned, open_to, taken):
    found = planned(network([user("A", open_to=open_to)], PAIR[:1], {}, narrow=(10.0,)))
    assert [use.channel for use in found.uses] == [taken]


def test_halves_of_a_channel_are_taken_where_whole_ones_disturb(planned):
    whole, lower, upper = Channel(5190.0, 40.0), Channel(5180.0, 20.0), Channel(5200.0, 20.0)
    links = [user("G-A", whole, open_to=(whole, lower, upper), kit="wide"),
             user("A-B", whole, open_to=(whole, lower, upper), kit="wide")]  # fmt: skip
    crowd = network(links, [(0, 1, 8.0), (1, 1, 2.0)], BOTH_HEAR, narrow=(20.0,))
    plan = edits.put(village(), [replace(link, kit="wide") for link in village().links.values()]).plan
    found = planned(crowd, plan)
    assert {use.channel for use in found.uses} == {lower, upper}
    assert {use.full_mhz for use in found.uses} == {40.0}
    assert {link.width_mhz for link in found.edit.plan.links.values()} == {20.0}
    assert str(found.lost_words).endswith("narrower channels counted.")
    assert str(found.notes[0]).startswith("2 sectors and links have narrower channels")
    # Half the width with half the noise, and of -70 dBm what leaks over the edge.
    noise = 10.0 ** (-95.0 / 10.0)
    left = math.log2(1.0 + 1e-7 / (1e-7 * leak(lower, upper) + noise)) / math.log2(1.0 + 1e-7 / (2.0 * noise)) / 2.0
    assert found.lost == pytest.approx(1.0 - left, rel=1e-4)
    # A width that the plan gives stays, unless all is asked for anew.
    held = replace(crowd, users=(replace(links[0], wide_mhz=40.0), links[1]))
    assert {use.channel for use in planned(held, plan).uses if use.id == "G-A"} == {whole}
    assert {use.channel for use in planned(held, plan, fresh=True).uses} == {lower, upper}
    one = network(links[:1], [(0, 1, 8.0)], {}, narrow=(20.0,))
    assert [use.channel for use in planned(one, plan).uses] == [whole]
    assert "narrower" not in str(planned(one, plan).lost_words)
    kept = replace(one, users=(replace(links[0], now=lower),))
    assert str(planned(kept, plan, keep=True).notes[0]).startswith("1 sector or link has a narrower channel")
    mixed = network([replace(links[0], now=lower), user("B")], [(0, 1, 8.0), (1, 1, 1.0)], {}, narrow=(20.0,))
    assert "narrower channels counted" in str(planned(mixed, plan, keep=True).lost_words)


@pytest.mark.parametrize(
    ("open_to", "rules", "apart_m", "told"),
    [
        ((LOW, HIGH), RULES, 0.0, set()),
        ((LOW, HIGH), None, 0.0, {"rules of the country are not known"}),
        ((RADAR, HIGH), RULES, 0.0, {"when it hears a radar"}),
        ((HIGH, RADAR), RULES, 0.0, {"when it hears a radar"}),
        ((LOW, HIGH), RULES, 1234.0, {"none is more than 1,234 m from"}),
    ],
)
def test_notes_are_of_this_network(planned, open_to, rules, apart_m, told):
    found = planned(network([user("A", open_to[0], open_to=open_to)], PAIR[:1], {}, apart_m=apart_m), rules=rules)
    *some, last = (str(note) for note in found.notes)
    assert last.startswith("Other people's radios are not known here")
    assert len(some) == len(told)
    assert all(any(one in note for note in some) for one in told)


def test_a_sector_without_homes_hears_nothing(planned):
    silent = planned(network([user("A")], [], {}), keep=True)
    (use,) = silent.uses
    assert silent.lost == 0.0
    assert (use.snr_db, use.sinr_db, use.disturbed, use.receivers) == (None, None, 0, 0)


def test_what_is_written_for_other_programs_is_what_was_found(planned):
    told = planned(LOUD, keep=True).as_dict()
    assert told["proven"] is True
    assert told["lost"] == round(planned(LOUD, keep=True).lost, 6)
    assert told["channels"][0] == {
        "kind": "sector", "id": "s1", "site": "A", "freq_mhz": 5500.0, "width_mhz": 20.0, "full_width_mhz": 20.0,
        "dfs": False, "choices": 1, "homes": 6.0, "snr_db": 25.0, "sinr_db": round(25 - over_noise_db(-75, -110), 2),
        "disturbed": 3,
    }  # fmt: skip
    assert told["conflicts"][1] == {
        "kind": "link", "id": "G-A", "by_kind": "link", "by_id": "A-B",
        "text": "Gate – Ash hears Ash – B: 10 Mbit/s instead of 50.",
        "fix": "Neither may have another channel: choose a kit of another band for one of them.",
    }  # fmt: skip
    assert [(one["id"], one["homes_cut_off"], one["rate_mbps"]) for one in told["short"]] == [
        ("s1", 1.0, 10.0), ("G-A", 0.0, 10.0),
    ]  # fmt: skip
    assert told["notes"][-1].startswith("Other people's radios")
    silent = planned(network([user("A")], [], {}), keep=True).as_dict()
    assert silent["channels"][0]["snr_db"] is silent["channels"][0]["sinr_db"] is None
