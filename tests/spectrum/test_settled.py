"""Who keeps a channel gets what it gets, whether others are looked for or not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn_network import drawn

from cn_planner.model import edits
from cn_planner.model.plan import Sector
from cn_planner.progress import ALONE
from cn_planner.session.cache import Cache
from cn_planner.spectrum import channel_search, channels, interference
from cn_planner.spectrum.channel_plan import ChannelPlan
from cn_planner.spectrum.channels import plan_channels
from cn_planner.spectrum.stations import Stations
from cn_planner.study import Study


def crowded() -> Study:
    """Return the drawn network with all its sectors on two channels and all its links on another two."""
    study = drawn(4)
    plan = study.plan
    towers = [
        replace(one, sectors=tuple(replace(s, freq_mhz=5500.0 + 20.0 * (n % 2)) for n, s in enumerate(one.sectors)))
        for one in plan.sites.values()
    ]
    links = [replace(one, freq_mhz=5500.0 + 20.0 * (n % 2)) for n, one in enumerate(plan.links.values())]
    return replace(study, plan=edits.put(plan, [*towers, *links]).plan)


def gets(found: ChannelPlan) -> tuple[object, ...]:
    uses = [replace(one, choices=0) for one in found.uses]
    short = [(one.user, one.homes, one.rate_mbps, str(one.text)) for one in found.short]
    return uses, short, found.lost, found.silent, dict.fromkeys(found.crowded_out), len(found.conflicts)


@pytest.mark.parametrize("study", [drawn(4), crowded()], ids=["drawn", "crowded"])
def test_what_each_gets_is_the_same(study: Study) -> None:
    found, settled = (plan_channels(study, keep=True, settled=one) for one in (False, True))
    assert gets(settled) == gets(found)
    assert found.uses


def test_the_crowded_one_has_much_to_differ_in() -> None:
    found = plan_channels(crowded(), keep=True)
    assert found.short
    assert found.not_served
    assert found.conflicts


def test_what_is_new_gets_the_channel_that_it_would_get_beside_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the few ways of one user the best is taken: as by the search for many."""
    study = drawn(4)
    site = next(one for one in study.plan.used_sites.values() if one.sectors)
    more = replace(site, sectors=(*site.sectors, Sector("new", site.sectors[0].kit, 45.0)))
    study = replace(study, plan=edits.put(study.plan, [more]).plan)
    loss = {}
    for settled in (False, True):
        found = plan_channels(study, settled=settled)
        assert found.edit is not None
        assert found.proven
        loss[settled] = found.lost
    monkeypatch.setattr(channel_search, "_FEW_WORK", 0)
    searched = plan_channels(study, settled=True)
    assert loss[True] == pytest.approx(loss[False], abs=1e-6)
    assert searched.lost == pytest.approx(loss[True], abs=1e-6)
    assert np.isfinite(searched.lost)


def test_nobody_is_looked_for_who_has_no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kicks of the search mostly moved whoever keeps a channel: nowhere, and all were gone through again."""
    study = crowded()
    sites = [one for one in study.plan.used_sites.values() if one.sectors][:3]
    more = [replace(one, sectors=(*one.sectors, Sector("new", one.sectors[0].kit, 45.0))) for one in sites]
    study = replace(study, plan=edits.put(study.plan, more).plan)
    monkeypatch.setattr(channel_search, "_FEW_WORK", 0)
    begun, through = [], channel_search._descend

    def descend(air, channel, cancel, *, best_near=None):
        begun.append(best_near is None or not np.array_equal(channel, best_near))
        return through(air, channel, cancel, best_near=best_near)

    monkeypatch.setattr(channel_search, "_descend", descend)
    assert plan_channels(study, settled=True).edit is not None
    assert begun
    assert all(begun)


def test_what_is_said_of_channels_asks_a_rate_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, counted_on = [], channels.counted_on

    def counted(heard, loss, reserve, length):
        asked.append(1)
        return counted_on(heard, loss, reserve, length)

    study = crowded()
    network = interference.radio_network(study, settled=True)
    monkeypatch.setattr(channels, "counted_on", counted)
    found = plan_channels(study, keep=True, network=network)
    assert found.conflicts
    # With the reserve and, where no mode has it, without; alone; beside the others.
    assert 0 < len(asked) <= 4 * len(network.receivers)


@pytest.mark.parametrize("keeps", [False, True])
def test_a_line_between_places_is_worked_out_once(keeps: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each tower that could be built was held against all antennas with every line between them reckoned anew."""
    study, geodesics, asked = crowded(), interference.geodesics, []
    store = (Cache(10**8), "ground") if keeps else None
    site = next(one for one in study.plan.used_sites.values() if one.sectors)
    moved = replace(study, plan=edits.put(study.plan, [replace(site, latitude=site.latitude + 0.001)]).plan)

    def counted(*ends):
        asked.extend(zip(*(np.asarray(one).tolist() for one in ends), strict=True))
        return geodesics(*ends)

    with monkeypatch.context() as patched:
        patched.setattr(interference, "geodesics", counted)
        first = interference.radio_network(study, settled=True, store=store)
        before = set(asked)
        assert 0 < len(before) == len(asked)
        asked.clear()
        other = interference.radio_network(moved, settled=True, store=store)
        assert 0 < len(set(asked)) == len(asked)
    assert bool(before & set(asked)) != keeps
    monkeypatch.setattr(interference, "_LINES_PLACES", 0)
    for one, of in ((first, study), (other, moved)):
        plain = interference.radio_network(of, settled=True)
        np.testing.assert_array_equal(one.heard_dbm, plain.heard_dbm)
        np.testing.assert_array_equal(one.wanted_dbm, plain.wanted_dbm)


def test_antennas_give_each_other_what_they_give_pair_by_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Stations(drawn(4))
    made.sectors(ALONE)
    made.links()
    field = interference._Field(made, ALONE)
    listening = np.arange(0, len(made.stations), 3)
    every = np.arange(len(made.stations))
    for at_once in (1, 200, 200_000):
        monkeypatch.setattr(interference, "_AT_ONCE", at_once)
        back, aside, length = field._asides(listening)
        for n, ear in enumerate(listening.tolist()):
            mine, away = field.aside_db(np.full(len(every), ear), every)
            theirs, _ = field.aside_db(every, np.full(len(every), ear))
            np.testing.assert_array_equal(back[:, n], mine)
            np.testing.assert_array_equal(aside[:, n], theirs)
            np.testing.assert_allclose(length[:, n], away, atol=1e-6)
