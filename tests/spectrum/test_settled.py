"""Who keeps a channel gets what it gets, whether others are looked for or not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn_network import drawn

from cn_planner.model import edits
from cn_planner.model.plan import Sector
from cn_planner.progress import ALONE
from cn_planner.spectrum import channel_search, interference
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
