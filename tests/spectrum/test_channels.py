"""The channel plan: against brute force, against link budgets made one by one, and in the words that remain."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from held_power import great_circle_m, set_dbm

from cn_planner.coverage import kept
from cn_planner.errors import InputError
from cn_planner.links.budget import link_budget
from cn_planner.links.channels import leak
from cn_planner.links.conditions import conditions_of
from cn_planner.links.pointing import pointing_loss_db
from cn_planner.links.radio import radio_end
from cn_planner.model import edits
from cn_planner.model.plan import Plan, Rules
from cn_planner.model.regulations import regulations_of
from cn_planner.planning.loads import standing_mbps
from cn_planner.progress import CancelToken, Run
from cn_planner.service.homes import service
from cn_planner.service.joined import homes_behind
from cn_planner.session.cache import Cache
from cn_planner.spectrum import channel_search, interference, representatives
from cn_planner.spectrum.channel_search import Interference, assign_channels
from cn_planner.spectrum.channels import plan_channels
from cn_planner.spectrum.interference import radio_network
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.profile import path_profile
from cn_planner.terrain.surface import Surface


@pytest.fixture(scope="module")
def valley(designed, sample_ground):
    """The sample's network as the planner makes it, without channels."""
    return Study(designed.edit.plan, sample_ground[1], load_catalogue())


@pytest.fixture(scope="module")
def given(valley):
    return plan_channels(valley)


def test_a_path_is_asked_once_for_all_antennas_of_a_mast(valley, monkeypatch):
    asked = []
    whole = kept.pair_matrix

    def counted(surface, first, second, up_first, up_second, *more, pairs, **others):
        ends = zip(pairs, (first, second), (up_first, up_second), strict=True)
        rows = [np.column_stack([place[0][at], place[1][at], up[at]]) for at, place, up in ends]
        asked.append(np.column_stack(rows))
        return whole(surface, first, second, up_first, up_second, *more, pairs=pairs, **others)

    monkeypatch.setattr(kept, "pair_matrix", counted)
    network = radio_network(valley)
    on_masts = [one for one in network.stations if not one.place.startswith("home ")]
    assert len(on_masts) > len({one.place for one in on_masts})  # several hang on one mast
    assert sum(map(len, asked)) > 0
    for rows in asked:
        assert len(np.unique(rows, axis=0)) == len(rows)


@pytest.fixture
def asked(monkeypatch):
    """How many paths were asked for, one number each time."""
    asked, whole = [], kept.pair_matrix

    def counted(*words, pairs, **others):
        asked.append(len(pairs[0]))
        return whole(*words, pairs=pairs, **others)

    monkeypatch.setattr(kept, "pair_matrix", counted)
    return asked


def test_the_loudest_of_each_is_the_same_where_all_are_looked_at_over_terrain(valley, asked, monkeypatch):
    some = radio_network(valley)
    few, asked[:] = sum(asked), []
    monkeypatch.setattr(interference._Field, "_loudest_first", lambda _self, left, *_: iter([left]))
    every = radio_network(valley)
    assert few < sum(asked)
    assert some.heard_dbm.tobytes() == every.heard_dbm.tobytes()


def test_paths_that_are_kept_from_a_plan_before_give_the_same_and_are_not_asked_again(valley, asked):
    store = Cache(1 << 26)
    alone = radio_network(valley)
    every, asked[:] = sum(asked), []
    assert radio_network(valley, store=(store, "ground")).heard_dbm.tobytes() == alone.heard_dbm.tobytes()
    assert sum(asked) <= every
    asked.clear()
    # A mast is lower: its paths are asked for, and no others.
    site = next(one for one in valley.plan.used_sites.values() if one.sectors and one.mast_height_m > 6.0)
    lower = replace(valley, plan=edits.put(valley.plan, [replace(site, mast_height_m=site.mast_height_m - 3.0)]).plan)
    again = radio_network(lower, store=(store, "ground"))
    assert 0 < sum(asked) < 0.7 * every
    there = radio_network(lower)
    assert again.heard_dbm.tobytes() == there.heard_dbm.tobytes()
    assert again.wanted_dbm.tobytes() == there.wanted_dbm.tobytes()
    asked.clear()
    assert radio_network(lower, store=(store, "ground")).heard_dbm.tobytes() == there.heard_dbm.tobytes()
    assert sum(asked) == 0


def _air(seed: int, users: int, channels: int, *, adjacent: bool, halves: bool = False) -> Interference:
    """Random users on random places, each with two receivers: not all may take every channel.

    With halves each channel but the last is cut in two: of three choices a user has some as wide as its kit.
    """
    rng = np.random.default_rng(seed)
    at = rng.random((users, 2))
    owner = np.repeat(np.arange(users), 2)
    apart = np.linalg.norm(at[:, np.newaxis] - at[owner][np.newaxis], axis=2) + 0.02
    heard = 1e-9 / apart**2 * 10.0 ** rng.normal(0.0, 0.8, apart.shape)
    heard[np.arange(users)[:, np.newaxis] == owner[np.newaxis]] = 0.0
    table = np.eye(channels)
    if adjacent:
        table += 0.01 * (np.eye(channels, k=1) + np.eye(channels, k=-1))
    most = channels
    if halves:  # 0 and 1, then 2 and 3 which lie in 0, 4 and 5 which lie in 1
        inside = np.repeat(np.eye(2), 2, axis=1)
        table = np.block([[np.eye(2), inside * 0.5], [inside.T, np.eye(4) + 0.02 * (inside.T @ inside - np.eye(4))]])
        channels = 6
    choices = tuple(
        np.sort(rng.choice(channels, int(rng.integers(max(1, most - 1), most + 1)), replace=False))
        for _ in range(users)
    )
    wanted = np.tile(10.0 ** rng.normal(-6.5, 0.5, 2 * users), (2, 1))
    noise = 1e-9 * np.array([[1.0], [0.5]]) * np.ones((2, 2 * users))  # half as wide, half as much
    return Interference(
        owner=owner, wanted=wanted, noise=noise,
        needed=np.tile(np.where(rng.random(2 * users) < 0.5, 3.0, 30.0), (2, 1)),
        share=np.array([[1.0], [0.5]]) * np.ones((2, 2 * users)), full=np.log2(1.0 + wanted[0] / noise[0]), heard=heard,
        power=np.column_stack([np.ones(users), rng.choice([1.0, 0.5], users)]),
        weight=rng.integers(1, 20, 2 * users).astype(float), width=np.array([0, 0, *[int(halves)] * (channels - 2)]),
        leak=table, choices=choices, dislike=rng.integers(0, 2, channels) * 1e-6,
        # One in two carries much: as much as it has beside noise three times its own, or all it has.
        enough=np.log2(1.0 + wanted / noise / rng.choice([1.0, 3.0], 2 * users)) * (rng.random(2 * users) < 0.5),
    )  # fmt: skip


def _by_brute_force(air: Interference) -> float:
    """Every assignment, one after the other, in plain words: its own sums."""
    least = np.inf
    for channel in product(*(choice.tolist() for choice in air.choices)):
        lost = sum(air.dislike[one] for one in channel)
        for receiver, mine in enumerate(air.owner.tolist()):
            width = [air.width[one] for one in channel]
            at = width[mine], receiver
            disturbed = air.noise[at] + sum(
                air.heard[other, receiver] * air.power[other, width[other]] * air.leak[channel[other], channel[mine]]
                for other in range(len(channel))
                if other != mine
            )
            rate = air.share[at] * np.log2(1.0 + air.wanted[at] / disturbed)
            lost += air.weight[receiver] * (
                1.0 - rate / np.log2(1.0 + air.wanted[0, receiver] / air.noise[0, receiver])
            )
            if air.wanted[at] / disturbed < air.needed[at] <= air.wanted[at] / air.noise[at]:
                lost += 20.0 * air.weight[receiver]
            elif np.log2(1.0 + air.wanted[at] / disturbed) < air.enough[at]:
                lost += 20.0 * air.weight[receiver] * (1.0 - np.log2(1.0 + air.wanted[at] / disturbed) / air.enough[at])
            if lost >= least:
                break
        least = min(least, lost)
    return float(least)


@pytest.mark.parametrize(
    ("seed", "adjacent", "halves"),
    [*product(range(4), (False, True), (False,)), (0, False, True), (3, False, True)],
)
def test_eight_sites_get_the_channels_and_widths_that_brute_force_finds(seed, adjacent, halves):
    air = _air(seed, 8, 3, adjacent=adjacent, halves=halves)
    found = assign_channels(air)
    assert found.proven
    assert all(int(one) in choice.tolist() for one, choice in zip(found.channel, air.choices, strict=True))
    assert air.loss(found.channel) == pytest.approx(found.loss)
    best = _by_brute_force(air)
    assert best - 1e-9 <= found.loss <= best + 1e-5 * air.weight.sum() + 1e-9


@pytest.mark.parametrize("seed", range(10, 13))
def test_the_search_without_its_proof_is_near_the_best(seed, monkeypatch):
    """Where there are too many to prove anything: within a hundredth of all capacity of what brute force finds."""
    monkeypatch.setattr(channel_search, "_WORK", 0)
    air = _air(seed, 8, 3, adjacent=True)
    assert air.loss(assign_channels(air).channel) <= _by_brute_force(air) + 0.01 * air.weight.sum()


@pytest.mark.parametrize("seed", range(6))
def test_who_is_settled_is_left_out_and_all_move_as_if_nobody_were(seed):
    """Few hear few, so that most are settled after a kick; against whole sums of loss, all users by turns."""
    air = _air(seed, 24, 5, adjacent=True)
    rng = np.random.default_rng(seed)
    air = replace(air, heard=air.heard * (rng.random(air.heard.shape) < 0.06))
    assert 0.05 < air.rows.near.mean() < 0.5

    def plainly(channel):
        channel, moved = channel.copy(), True
        while moved:
            moved = False
            for user, choice in enumerate(air.choices):
                tried = [channel.copy() for _ in choice]
                for trial, one in zip(tried, choice, strict=True):
                    trial[user] = one
                losses = [air.loss(trial) for trial in tried]
                if min(losses) < air.loss(channel) - 1e-9:
                    channel, moved = tried[int(np.argmin(losses))], True
        return channel

    now = plainly(np.array([choice[0] for choice in air.choices]))
    for _ in range(20):
        kicked = now.copy()
        for user in rng.choice(24, 2, replace=False):
            kicked[user] = rng.choice(air.choices[user])
        found = channel_search._descend(air, kicked, None, best_near=now)
        assert air.loss(found) == pytest.approx(air.loss(plainly(kicked)), abs=1e-9)
        np.testing.assert_array_equal(found, channel_search._descend(air, kicked, None))
        now = found


def test_a_cancel_gives_what_was_found_so_far():
    air = _air(10, 8, 3, adjacent=True)
    cancel = CancelToken()
    cancel.cancel()
    found = assign_channels(air, run=Run(cancel=cancel))
    assert not found.proven
    assert all(int(one) in choice.tolist() for one, choice in zip(found.channel, air.choices, strict=True))


def test_every_path_of_the_plan_holds_on_its_channel(valley, given):
    """Who was served before has the channel and is served on it."""
    plan, surface, catalogue = valley.plan, valley.surface, valley.catalogue
    before = {one.home for one in service(Study(plan, surface, catalogue)) if one.served}
    after = {one.home for one in service(Study(given.edit.plan, surface, catalogue)) if one.served}
    assert before <= after
    assert len(before) > 100


def test_channels_take_most_of_what_the_radios_do_to_each_other(valley, given):
    plan, surface, catalogue = valley.plan, valley.surface, valley.catalogue
    as_it_was = plan_channels(Study(plan, surface, catalogue), keep=True)
    assert as_it_was.edit is None
    assert as_it_was.lost > 0.5
    assert given.lost < 0.2 * as_it_was.lost, "four fifths and more of it"
    assert len(given.conflicts) < len(as_it_was.conflicts)
    # And the plan says it again when it is looked at.
    again = plan_channels(Study(given.edit.plan, surface, catalogue), keep=True)
    assert again.lost == pytest.approx(given.lost, abs=0.02)
    assert [use.channel.freq_mhz for use in again.uses] == [use.channel.freq_mhz for use in given.uses]


def test_what_a_link_hears_of_another_is_what_link_budgets_say(valley, given):
    """Recomputed with its own code: power, both antennas' gains off their axes, the path over bare ground, the leak."""
    plan, surface, catalogue = given.edit.plan, valley.surface, valley.catalogue
    network = radio_network(replace(valley, plan=plan))
    at = {user.key[2]: n for n, user in enumerate(network.users)}
    bare = replace(conditions_of(plan), canopy_m=0.0)
    checked = 0
    for n, receiver in enumerate(network.receivers):
        mine = network.stations[receiver.station]
        if network.users[mine.user].link is None:
            continue
        for key, user in at.items():
            if user == mine.user or network.users[user].link is None or not np.isfinite(network.heard_dbm[user, n]):
                continue
            levels = []
            for other in (one for one in network.stations if one.user == user):
                if other.place == mine.place:
                    levels = []
                    break
                profile = path_profile(
                    surface, (other.latitude, other.longitude), (mine.latitude, mine.longitude), canopy_m=0.0
                )
                kit = catalogue.kit(other.kit)
                end = radio_end(catalogue, kit)
                budget = link_budget(profile, other.height_m, mine.height_m, end, end, kit.freq_mhz, conditions=bare)
                antenna = catalogue.antennas[kit.antenna]
                off = pointing_loss_db(
                    antenna, kit.freq_mhz, other.azimuth_deg, other.tilt_deg, profile.azimuth_deg, budget.tilt_from_deg
                ) + pointing_loss_db(
                    antenna, kit.freq_mhz, mine.azimuth_deg, mine.tilt_deg, budget.back_azimuth_deg,
                    budget.tilt_to_deg,
                )  # fmt: skip
                link = network.users[user].link
                far_m = great_circle_m(*((plan.sites[key].latitude, plan.sites[key].longitude)
                                         for key in (link.from_site, link.to_site)))  # fmt: skip
                power = set_dbm(end, max(mode.tx_power_dbm for mode in end.modes), far_m, kit.freq_mhz)
                most = power + end.antenna_gain_dbi - end.cable_loss_db
                levels.append(most - off - budget.losses.total_db + end.antenna_gain_dbi - end.cable_loss_db)
            if levels:
                assert network.heard_dbm[user, n] == pytest.approx(max(levels), abs=0.05), key
                checked += 1
    assert checked > 5


def test_the_wanted_level_is_that_of_the_link_budget(valley):
    plan, surface, catalogue = valley.plan, valley.surface, valley.catalogue
    network = radio_network(replace(valley, plan=plan))
    for link in plan.links.values():
        a, b = plan.sites[link.from_site], plan.sites[link.to_site]
        end = radio_end(catalogue, link.kit)
        profile = path_profile(
            surface, (a.latitude, a.longitude), (b.latitude, b.longitude),
            canopy_m=conditions_of(plan).canopy_m, keep_out_m=conditions_of(plan).canopy_keep_out_m,
        )  # fmt: skip
        budget = link_budget(
            profile, a.mast_height_m, b.mast_height_m, end, end, catalogue.kit(link.kit).freq_mhz,
            conditions=conditions_of(plan), between_towers=True,
        )  # fmt: skip
        levels = [
            network.wanted_dbm[n]
            for n, one in enumerate(network.receivers)
            if network.users[network.stations[one.station].user].key[2] == link.id
        ]
        # The antennas point at each other to a tenth of a degree of the horizon.
        # They are of the slowest mode, and that has as much more power than the one counted on as the margins say.
        far_m = great_circle_m((a.latitude, a.longitude), (b.latitude, b.longitude))
        slow_dbm = set_dbm(end, end.modes[0].tx_power_dbm, far_m, catalogue.kit(link.kit).freq_mhz)
        more = [slow_dbm - power for power in (budget.power_from_dbm, budget.power_to_dbm)]
        assert levels == pytest.approx([budget.rsl_to_dbm + more[0], budget.rsl_from_dbm + more[1]], abs=0.1)


def test_a_channel_that_was_given_stays_and_fresh_gives_it_anew(valley, given):
    plan, surface, catalogue = valley.plan, valley.surface, valley.catalogue
    key = next(iter(plan.links))
    held = edits.put(plan, [replace(plan.links[key], freq_mhz=5670.0)]).plan
    kept = plan_channels(Study(held, surface, catalogue))
    assert kept.edit.plan.links[key].freq_mhz == 5670.0
    assert next(use for use in kept.uses if use.id == key).choices == 1
    # Anew it is as if nothing had been given, and the same every time.
    anew = plan_channels(Study(held, surface, catalogue), fresh=True)
    assert anew.edit.plan == given.edit.plan
    assert anew.lost == given.lost


def test_where_the_law_opens_one_channel_the_conflicts_are_said_in_words(valley):
    plan, surface, catalogue = valley.plan, valley.surface, valley.catalogue
    rules = replace(plan.rules, own_limits="5550-5570 MHz 40 dBm EIRP; 5490-5530 MHz 40 dBm EIRP")
    regulations = regulations_of(replace(plan, rules=rules), None)
    held = edits.put(plan, [replace(link, width_mhz=40.0) for link in plan.links.values()]).plan
    found = plan_channels(Study(held, surface, catalogue, regulations))  # a width that the plan gives stays
    assert {use.channel.freq_mhz for use in found.uses if use.kind == "link"} == {5510.0}
    assert all(link.width_mhz is None for link in found.edit.plan.links.values())  # it is the kit's own
    words = [str(one.text) for one in found.conflicts]
    two = next(site for site in plan.used_sites.values() if len(site.sectors) == 2)
    assert any(two.name in one and "instead of" in one for one in words)
    assert any("one mast" in str(one.fix) for one in found.conflicts)
    for one in found.conflicts:
        assert one.victim != one.by


def test_links_that_would_share_one_channel_take_halves_of_it_that_carry_what_hangs_on_them(valley):
    plan, surface, catalogue = valley.plan, valley.surface, valley.catalogue
    bare = edits.put(plan, [replace(site, sectors=()) for site in plan.sites.values()]).plan
    rules = replace(plan.rules, own_limits="5490-5530 MHz 40 dBm EIRP")
    regulations = regulations_of(replace(plan, rules=rules), None)
    wide = edits.put(bare, [replace(link, width_mhz=40.0) for link in plan.links.values()]).plan
    whole, found = (plan_channels(Study(one, surface, catalogue, regulations)) for one in (wide, bare))
    halves = [use for use in found.uses if use.channel.width_mhz == 20.0]
    assert {use.channel.freq_mhz for use in halves} == {5500.0, 5520.0}
    assert len(found.silent) < len(whole.silent)  # what counts most; the rest may lose more
    assert "narrower channels" in str(found.notes[0])
    after = found.edit.plan
    assert {link.width_mhz for link in after.links.values()} <= {None, 20.0}
    # Each carries alone, with the margin of the rules, what hangs on it: as `check` counts it.
    behind = homes_behind(after)
    for use in halves:
        rate = standing_mbps(Study(after, surface, catalogue, regulations), after.links[use.id])
        assert rate >= max(plan.demand.mbps_per_home, behind[use.id] * plan.demand.busy_hour_mbps)
    # Where that is more than half a channel carries none is cut in two.
    busy = replace(bare, demand=replace(plan.demand, mbps_per_home=150.0))
    assert {use.channel.width_mhz for use in plan_channels(Study(busy, surface, catalogue, regulations)).uses} == {40.0}


def test_who_falls_silent_on_one_channel_is_said_with_the_homes_that_are_cut_off(valley, given):
    """Receiver by receiver from power, noise and the slowest mode; of a sound plan nothing is said."""
    plan, surface, catalogue = valley.plan, valley.surface, valley.catalogue
    assert given.short == ()
    wide = edits.put(plan, [replace(link, width_mhz=40.0) for link in plan.links.values()]).plan
    crowded = replace(
        wide, rules=replace(plan.rules, own_limits="5550-5570 MHz 40 dBm EIRP; 5490-5530 MHz 40 dBm EIRP")
    )
    regulations = regulations_of(crowded, None)
    found = plan_channels(Study(crowded, surface, catalogue, regulations))
    assert found.short
    nobody = edits.put(crowded, [replace(home, server=None) for home in crowded.households.values()]).plan
    assert plan_channels(Study(nobody, surface, catalogue, regulations)).short == (), (
        "where nobody lives behind a link nobody is cut off"
    )
    network = radio_network(Study(found.edit.plan, surface, catalogue, regulations))
    channel = [use.channel for use in found.uses]
    silent = []
    for n, receiver in enumerate(network.receivers):
        mine = network.stations[receiver.station].user
        share = [0.0 if user == mine else leak(channel[user], channel[mine]) for user in range(len(channel))]
        others = np.sum(10.0 ** (network.heard_dbm[:, n] / 10.0) * share)
        rise = 10.0 * np.log10(1.0 + others / 10.0 ** (network.noise_dbm[n] / 10.0))
        heard = network.directions[n]
        silent.append(rise >= 1.0 and network.wanted_dbm[n] - heard.sensitivity_dbm[heard.robust] < rise)
    cut = dict.fromkeys(range(len(channel)), 0.0)
    for n in range(0, len(silent), 2):  # down, then up: a home that misses one of them has no service
        cut[network.stations[network.receivers[n].station].user] += (
            2.0 * network.receivers[n].weight * max(silent[n : n + 2])
        )
    assert {one.user: one.homes for one in found.short if one.homes} == pytest.approx(
        {network.users[user].key: homes for user, homes in cut.items() if homes}
    )
    assert [one.homes for one in found.short] == sorted((one.homes for one in found.short), reverse=True)
    # What is heard is enough for little: with more demand the same channels are too slow for some.
    busy = replace(plan, demand=replace(plan.demand, mbps_per_home=100.0, contention=1.0))
    slow = plan_channels(Study(busy, surface, catalogue, regulations_of(crowded, None))).short
    assert any(one.homes == 0.0 and one.rate_mbps > 0.0 for one in slow)


def test_the_loss_of_a_plan_is_that_of_each_receiver_added_up(valley):
    """From what is said of users alone: power heard, the share of it on the other channel, the noise, the width.

    What a channel that is narrower than the kit's does counts too: half as wide, half as much noise and half the
    capacity; all of it is held against what the receiver has alone on the full width.
    """
    rules = replace(valley.plan.rules, own_limits="5490-5590 MHz 40 dBm EIRP")
    crowded = replace(valley, regulations=regulations_of(replace(valley.plan, rules=rules), None))
    given = plan_channels(crowded)
    network = radio_network(replace(crowded, plan=given.edit.plan))
    channel = [use.channel for use in given.uses]
    width = [use.channel.width_mhz / use.full_mhz for use in given.uses]
    assert min(width) < 1.0  # one is narrower: what that does is looked at here as well
    lost = weight = 0.0
    for n, receiver in enumerate(network.receivers):
        mine = network.stations[receiver.station].user
        noise = 10.0 ** (network.noise_dbm[n] / 10.0)
        wanted = 10.0 ** (network.wanted_dbm[n] / 10.0)
        others = sum(
            10.0 ** (network.heard_dbm[user, n] / 10.0) * leak(channel[user], channel[mine])
            for user in range(len(channel))
            if user != mine
        )
        left = width[mine] * np.log2(1.0 + wanted / (noise * width[mine] + others))
        lost += receiver.weight * (1.0 - left / np.log2(1.0 + wanted / noise))
        weight += receiver.weight
    assert lost / weight == pytest.approx(given.lost, abs=1e-6)


def test_homes_behind_a_link_are_those_whose_traffic_it_carries(valley):
    plan = valley.plan
    behind = homes_behind(plan)
    assert set(behind) == set(plan.links)
    gateways = {key for key, site in plan.used_sites.items() if site.role == "gateway"}
    first = [link for link in plan.links.values() if {link.from_site, link.to_site} & gateways]
    elsewhere = sum(home.weight for home in plan.households.values() if home.server not in {None, *gateways})
    assert sum(behind[link.id] for link in first) == pytest.approx(elsewhere)


def test_a_plan_without_radios_has_no_channels(sample_ground):
    surface = Surface([])
    found = plan_channels(Study(Plan(households=sample_ground[0].households, rules=Rules()), surface, load_catalogue()))
    assert found.uses == ()
    assert found.edit is None
    assert found.lost == 0.0


def test_a_kit_that_is_not_on_the_shelf_is_named(valley):
    plan, surface, catalogue = valley.plan, valley.surface, valley.catalogue
    key = next(iter(plan.links))
    with pytest.raises(InputError, match="no-such-kit"):
        plan_channels(Study(edits.put(plan, [replace(plan.links[key], kit="no-such-kit")]).plan, surface, catalogue))


def test_some_homes_of_a_sector_stand_for_the_others(valley, given, monkeypatch):
    """A town's homes are too many to hold each against each: a few say nearly the same of its channels."""
    monkeypatch.setattr(representatives, "FEW", 60)
    some = plan_channels(valley)
    network = radio_network(valley)
    weight = sum(one.weight for one in network.receivers if network.users[network.stations[one.station].user].sector)
    homes = valley.plan.households.values()
    assert len(network.receivers) < 2 * len(homes)
    assert 0.0 < network.apart_m < 2_000.0
    assert weight == pytest.approx(sum(home.weight for home in homes if home.server is not None))
    assert [one.receivers for one in some.uses] == [one.receivers for one in given.uses]
    # Every channel found with them is one on which the paths of all homes hold.
    sound = {user.key: user.channels for user in radio_network(replace(valley, plan=given.edit.plan)).users}
    assert all(use.channel in sound[use.kind, use.site, use.id] for use in some.uses)
    # And with all homes looked at they lose hardly more.
    monkeypatch.undo()
    whole = plan_channels(replace(valley, plan=some.edit.plan), keep=True)
    assert whole.lost < given.lost + 0.02
    assert some.lost == pytest.approx(whole.lost, abs=0.05)


def test_the_home_that_another_mast_hears_loudest_stands_for_itself():
    rng = np.random.default_rng(3)
    east, north, lost, amsl = rng.uniform(0.0, 1_000.0, (4, 300))
    heard = rng.uniform(-90.0, -60.0, (7, 300))
    found = representatives.representatives(east, north, lost, amsl, heard, 12)
    chosen = found.chosen.tolist()
    masts = sorted(range(7), key=lambda mast: -max(heard[mast]))[:6]
    assert {max(range(300), key=lambda home: heard[mast][home]) for mast in masts} <= set(chosen)
    assert {max(range(300), key=lambda n: lost[n]), max(range(300), key=lambda n: amsl[n])} <= set(chosen)
    assert len(chosen) == len(set(chosen)) == 12
    for home in range(300):
        off = [float(np.hypot(east[home] - east[n], north[home] - north[n])) for n in chosen]
        assert off[found.of[home]] == min(off) <= found.apart_m
    alone = representatives.representatives(east, north, lost, amsl, np.empty((0, 300)), 12)
    assert len(alone.chosen) == 12
