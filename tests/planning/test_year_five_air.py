"""Room for year five on air: what the plan's own channels then leave to whom, by hand over every choice of channels."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from room_example import law_between, planned_with_room

from cn_planner.errors import CancelledError
from cn_planner.planning.year_five import year_five, year_five_words
from cn_planner.planning.year_five_air import network_then, year_five_on_air
from cn_planner.progress import CancelToken, Run
from cn_planner.service.homes import whole_service
from cn_planner.spectrum.channels import plan_channels
from cn_planner.spectrum.interference import radio_network
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

if TYPE_CHECKING:
    from cn_planner.spectrum.interference import RadioNetwork

SHELF, LINK = load_catalogue(), "L-B-G"


@pytest.fixture(scope="module")
def few() -> Study:
    return planned_with_room(law_between(5470.0, 5590.0))


# By hand: the mask of 802.11, what leaks through it, the modes of the shelf, who fits into the busy hour.

MASK = ((0.0, 0.0), (0.45, 0.0), (0.55, -20.0), (1.0, -28.0), (1.5, -40.0), (5.0, -40.0))
Centre = tuple[float, float]
"""Of a channel, and its width, MHz."""


@cache
def share_within(width: float, low: float, high: float) -> float:
    """Return the share of what a sender radiates between two distances from its centre, in small steps."""
    at = np.linspace(-5.0, 5.0, 40001)
    power = 10.0 ** (np.interp(np.abs(at), *zip(*MASK, strict=True)) / 10.0)
    inside = (at * width >= low) & (at * width <= high)
    return float(power[inside].sum() / power.sum())


def leak(sent: Centre, heard: Centre) -> float:
    """Return how much of a channel is heard on another: what lies within it, and beyond it through its own mask."""
    apart, both = abs(sent[0] - heard[0]), (sent[1] + heard[1]) / 2.0
    if apart >= 5.0 * max(sent[1], heard[1]):
        return 0.0
    there = share_within(sent[1], apart - heard[1] / 2.0, apart + heard[1] / 2.0)
    return there if apart < both else there + share_within(heard[1], apart - sent[1] / 2.0, apart + sent[1] / 2.0)


def rate_mbps(network: RadioNetwork, n: int, channels: tuple[Centre, ...], reserve_db: float, eirp: float) -> float:
    """Return what a receiver gets while all others send: no more than alone with the rules' reserve."""
    user = network.stations[network.receivers[n].station].user
    kit = SHELF.kit(network.stations[network.receivers[n].sender].kit.split(" ")[0])
    radio, gain = SHELF.radios[kit.radio], SHELF.antennas[kit.antenna].gain_dbi - kit.cable_loss_db
    modes = [one for one in radio.modes if one.width_mhz == channels[user][1]]
    most = math.floor(eirp - gain) if eirp < math.inf else math.inf
    sent = [min(one.tx_power_dbm, most) for one in modes]
    robust = max(range(len(modes)), key=lambda at: sent[at] - modes[at].sensitivity_dbm)
    others = sum(
        10.0 ** (network.heard_dbm[m, n] / 10.0) * leak(channels[m], channels[user])
        for m in range(len(channels)) if m != user
    )  # fmt: skip
    rise = 10.0 * math.log10(1.0 + others / 10.0 ** (network.noise_dbm[n] / 10.0))
    over = [network.wanted_dbm[n] + power - sent[robust] - one.sensitivity_dbm
            for one, power in zip(modes, sent, strict=True)]  # fmt: skip
    return min(
        max((one.rate_mbps * radio.efficiency for one, spare in zip(modes, over, strict=True) if spare >= least),
            default=0.0)
        for least in (reserve_db, rise)
    )  # fmt: skip


def heard_by_hand(study: Study, network: RadioNetwork, channels: tuple[Centre, ...], eirp: float) -> int:
    """Return how many homes have at the busy hour of year five what they take, each user on such a channel."""
    busy, rules = study.plan.demand.later_mbps, study.plan.rules
    fit, carries = 0, 0
    for user, one in enumerate(network.users):
        mine = [n for n, row in enumerate(network.receivers) if network.stations[row.station].user == user]
        reserve = rules.access_margin_db if one.link is None else rules.backhaul_margin_db
        rates = [rate_mbps(network, n, channels, reserve, eirp) for n in mine]
        if one.link is not None:
            carries = int(min(rates) // busy)
            continue
        used = 0.0
        for down, up in sorted(zip(rates[::2], rates[1::2], strict=True), reverse=True):
            if down > 0.0 < up and (used == 0.0 or used + busy / down <= 1.0):
                used, fit = used + busy / down, fit + 1
    return min(fit, carries)


def channels_by_hand(width: float, low: float, high: float) -> list[Centre]:
    """Return the channels of Wi-Fi of a width between two edges, of 5470 to 5730 MHz."""
    first = {20.0: 5500.0, 40.0: 5510.0, 80.0: 5530.0}[width]
    every = (first + width * n for n in range(13))
    return [(one, width) for one in every if one - width / 2.0 >= low and one + width / 2.0 <= min(high, 5730.0)]


def test_where_channels_are_few_no_choice_of_them_lets_all_homes_be_heard(few):
    """Today a link of 40 MHz and one sector fit into 120 MHz; of 80 MHz and two sectors by no choice all are heard."""
    now = whole_service(few).now
    later = year_five_on_air(few, now, year_five(few, now))
    air = later.air
    assert (air.homes, air.links, air.usable) == (6.0, (LINK,), False)
    assert [(one.now, one.later) for one in later.towers] == [(1, 2)]
    best = []
    for narrow, width in (((), 80.0), ((LINK,), 40.0)):
        then = network_then(few, now, later, narrow)
        assert then.plan.demand.busy_hour_mbps == 32.0
        network = radio_network(then)
        assert [one.full_mhz for one in network.users] == [20.0, 20.0, width]
        each = [channels_by_hand(one.full_mhz, 5470.0, 5590.0) for one in network.users]
        best.append(max(heard_by_hand(few, network, choice, 30.0) for choice in product(*each)))
    assert max(best) < 6
    assert air.lost == 6 - max(best)
    assert len(air.silent) == air.lost
    words = str(year_five_words(later, few.plan))
    assert f"{LINK} would widen from 40 to 80 MHz in five years, but finds no such channel" in words
    assert f"{air.lost:.0f} of 6 homes get nothing or too little in five years" in words
    assert "What others send then nobody knows." in words
    said = later.as_dict()["air"]
    assert (said["usable"], said["homes"], said["homes_silent"], said["no_wider_channel"]) == (
        False, 6.0, air.lost, [LINK]
    )  # fmt: skip
    assert said["silent"] == sorted(air.silent)


@pytest.mark.parametrize("law", [None, law_between(5470.0, 5730.0)], ids=["unknown", "260 MHz"])
def test_where_there_is_room_all_are_heard_on_the_channels_that_are_found(law):
    study = planned_with_room(law)
    now = whole_service(study).now
    later = year_five_on_air(study, now, year_five(study, now))
    assert (later.air.usable, later.air.links, later.air.lost) == (True, (), 0.0)
    then = network_then(study, now, later)
    network, found = radio_network(then), plan_channels(then)
    channels = tuple((one.channel.freq_mhz, one.channel.width_mhz) for one in found.uses)
    assert channels[-1][1] == 80.0
    eirp = math.inf if law is None else 30.0
    assert heard_by_hand(study, network, channels, eirp) == int(now.connected.sum()) == later.air.homes
    words = str(year_five_words(later, study.plan))
    assert f"{LINK} widens from 40 to 80 MHz in five years, where others leave it the air" in words
    assert f"all {later.air.homes:.0f} homes get in five years what they are promised" in words


def test_only_what_changes_until_then_is_given_a_channel_anew(few):
    study = planned_with_room(None)
    now = whole_service(study).now
    then = network_then(study, now, year_five(study, now))
    assert {one.freq_mhz for one in then.plan.sites["B"].sectors} == {None}  # turned anew, all of them
    assert then.plan.links[LINK].freq_mhz is None
    assert study.plan.links[LINK].freq_mhz is not None
    grown = replace(few, plan=replace(few.plan, demand=replace(few.plan.demand, grow_later=False)))
    assert network_then(grown, whole_service(grown).now, year_five(grown, whole_service(grown).now)) is grown


def test_it_ends_when_it_is_asked_to(few):
    token, now = CancelToken(), whole_service(few).now
    token.cancel()
    with pytest.raises(CancelledError):
        year_five_on_air(few, now, year_five(few, now), run=Run(cancel=token))
