"""What would reach a home holds on the channels once it is done: on drawn networks, under a law with few channels."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import pytest
from drawn_network import drawn

from cn_planner.planning import fixes
from cn_planner.planning.explain import OTHER_BAND
from cn_planner.planning.fix_found import FoundFixes
from cn_planner.planning.fixes import home_fixes
from cn_planner.planning.held_on_air import HeldOnAir
from cn_planner.service.homes import service
from cn_planner.spectrum.channels import plan_channels
from cn_planner.study import Study

SEEDS = (4,)
EACH = 8
"""Of the homes left out each eighth is asked for."""


def left(study: Study) -> list[str]:
    return [one.home for one in service(study) if not one.served][::EACH]


def broken(study: Study, found: FoundFixes) -> set[tuple[str, str]]:
    """Do each fix, judge the network anew on its channels, and return those that do not hold: home, and words."""
    before, those = plan_channels(study, keep=True).not_served, set[tuple[str, str]]()
    for key, own in found.items():
        for fix in own.fixes:
            after = replace(study, plan=fix.edit(study.plan).plan)
            silent = plan_channels(after, keep=True).not_served
            if key in silent or silent - before:
                those.add((key, str(fix.words)))
    return those


class Network(NamedTuple):
    """A network, what would reach its homes where channels are asked and where they are not, and who is misled then."""

    study: Study
    heard: FoundFixes
    unasked: FoundFixes
    misled: set[tuple[str, str]]


@pytest.fixture(scope="module")
def networks() -> list[Network]:
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fixes, "_VAIN", 1_000)  # everything is tried
        for seed in SEEDS:
            study = drawn(seed)
            homes = left(study)
            unasked = home_fixes(study, homes)
            heard = home_fixes(study, homes, on_air=HeldOnAir(study))
            found.append(Network(study, heard, unasked, broken(study, unasked)))
    return found


def test_every_fix_holds_on_the_channels_of_its_network(networks: list[Network]) -> None:
    assert sum(len(own.fixes) for one in networks for own in one.heard.values()) > 8
    for one in networks:
        assert one.misled  # what is asked makes a difference here
        assert not broken(one.study, one.heard)
        served = {home.home for home in service(one.study) if home.served}
        for key, own in one.heard.items():
            for fix in own.fixes[:2]:
                after = replace(one.study, plan=fix.edit(one.study.plan).plan)
                assert {home.home for home in service(after) if home.served} >= served | {key}


def test_nothing_is_refused_that_would_do(networks: list[Network]) -> None:
    """Each thing that holds is told, whatever else of its kind does not: another sector turned, another kit."""
    kept = beside = 0
    for one in networks:
        for key, own in one.unasked.items():
            told = [str(fix.words) for fix in one.heard[key].fixes]
            if all((key, str(fix.words)) not in one.misled for fix in own.fixes):
                assert told == [str(fix.words) for fix in own.fixes]
            before = plan_channels(one.study, keep=True).not_served
            for fix in own.fixes:
                silent = plan_channels(replace(one.study, plan=fix.edit(one.study.plan).plan)).not_served
                if key not in silent and not silent - before:
                    kept += 1
                    beside += len(told) != len(own.fixes)
                    assert str(fix.words) in told
    assert kept
    assert beside


def test_what_is_new_comes_with_its_channel_where_all_that_stands_has_one(networks: list[Network]) -> None:
    new = 0
    for one in networks:
        for own in one.heard.values():
            for fix in own.fixes:
                after = fix.edit(one.study.plan).plan
                new += after.used_sites != one.study.plan.used_sites
                if new < 8:
                    assert plan_channels(replace(one.study, plan=after)).edit is None  # nothing is left to give
    assert new


def test_where_nothing_holds_another_band_is_what_helps(
    networks: list[Network], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it is said too where so many kinds of things did not hold that no more are tried."""
    monkeypatch.setattr(fixes, "_VAIN", 1)
    for study, _, unasked, misled in networks:
        lost = [key for key, own in unasked.items() if own.fixes and (key, str(own.fixes[0].words)) in misled]
        assert lost
        found = home_fixes(study, lost, on_air=HeldOnAir(study))
        assert all(one.advice == OTHER_BAND and one.cost is None for one in found.values())


def test_the_cheapest_alone_is_the_first_of_all(networks: list[Network]) -> None:
    study, heard, *_ = networks[0]
    few = list(heard)[:3]
    alone = home_fixes(study, few, only_cheapest=True, on_air=HeldOnAir(study))
    assert all(alone[key].fixes == heard[key].fixes[:1] for key in few)


def test_of_more_homes_than_are_looked_at_it_is_said(networks: list[Network]) -> None:
    study, heard, unasked, _ = networks[0]
    on_air = HeldOnAir(study, most_ears=1)
    found = home_fixes(study, list(heard), only_cheapest=True, on_air=on_air)
    first, *others = (key for key, own in unasked.items() if own.fixes)
    assert found[first].fixes == heard[first].fixes[:1]
    assert not on_air.open
    assert others
    for key in others:
        assert str(found[key].words).startswith(str(unasked[key].words))
        assert "Nobody has looked whether a channel is left for it" in str(found[key].words)
        assert found[key].cost == unasked[key].cost
