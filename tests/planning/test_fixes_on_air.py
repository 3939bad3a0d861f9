"""What would reach a home holds on the channels once it is done: on drawn networks, under a law with few channels."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from small_network import KIT, flat_ground

from cn_planner.geo import geodesic
from cn_planner.model import edits
from cn_planner.model.plan import Area, Household, Info, Link, Plan, Sector, Site, SiteRole
from cn_planner.planning import fixes
from cn_planner.planning.explain import OTHER_BAND
from cn_planner.planning.fix_found import FoundFixes
from cn_planner.planning.fixes import home_fixes
from cn_planner.planning.fixes_on_air import FixesOnAir
from cn_planner.service.homes import service
from cn_planner.spectrum.channels import plan_channels
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study

SEEDS = (4,)
EACH = 8
"""Of the homes left out each eighth is asked for."""


def drawn(seed: int) -> Study:
    """Return a gateway and five towers with sectors and channels, and homes of which a third has no tower yet."""
    lot, surface = np.random.default_rng(seed), flat_ground()
    plan = Plan(info=Info(name="Drawn", country="ES"), area=Area(canopy_m=0.0))
    sites = [Site("G", "Town", -1.50, 36.50, role=SiteRole.GATEWAY, mast_height_m=12.0)]
    for n in range(5):
        north, east = lot.uniform(-3.0, 3.0, 2) / 111.2
        sites.append(Site(f"T{n}", f"Hill {n}", -1.50 + north, 36.50 + east, mast_height_m=12.0))
    sites.append(Site("N", "Not built", -1.50 + lot.uniform(-0.02, 0.02), 36.52))
    turned = lot.uniform(0.0, 360.0, len(sites))
    towers = [
        replace(one, sectors=tuple(
            Sector(f"{one.id}-S{k}", KIT, round(turned[n] + 120.0 * k, 1) % 360.0) for k in range(2 + n % 2)
        ))
        for n, one in enumerate(sites[:-1])
    ]  # fmt: skip
    homes = []
    for n in range(40):
        north, east = lot.uniform(-3.5, 3.5, 2) / 111.2
        at = -1.50 + north, 36.50 + east
        near = min(towers, key=lambda one: geodesic(one.latitude, one.longitude, *at).distance_m)
        homes.append(Household(f"h{n:02}", f"House {n}", *at, server=near.id))
    links = [Link(f"G-{one.id}", "G", one.id) for one in towers[1:]]
    plan = edits.put(plan, [*towers, sites[-1], *homes, *links]).plan
    study = Study(plan, surface, load_catalogue(), load_country_rules("ES"))
    served = {one.home for one in service(study) if one.served}
    alone = [replace(one, server=None) for n, one in enumerate(homes) if n % 3 == 0 or one.id not in served]
    study = replace(study, plan=edits.put(plan, alone).plan)
    given = plan_channels(study).edit
    assert given is not None
    return replace(study, plan=given.plan)


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
            heard = home_fixes(study, homes, on_air=FixesOnAir(study))
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
        found = home_fixes(study, lost, on_air=FixesOnAir(study))
        assert all(one.advice == OTHER_BAND and one.cost is None for one in found.values())


def test_the_cheapest_alone_is_the_first_of_all(networks: list[Network]) -> None:
    study, heard, *_ = networks[0]
    few = list(heard)[:3]
    alone = home_fixes(study, few, only_cheapest=True, on_air=FixesOnAir(study))
    assert all(alone[key].fixes == heard[key].fixes[:1] for key in few)


def test_of_more_homes_than_are_looked_at_it_is_said(networks: list[Network]) -> None:
    study, heard, unasked, _ = networks[0]
    on_air = FixesOnAir(study, most_ears=1)
    found = home_fixes(study, list(heard), only_cheapest=True, on_air=on_air)
    first, *others = (key for key, own in unasked.items() if own.fixes)
    assert found[first].fixes == heard[first].fixes[:1]
    assert not on_air.open
    assert others
    for key in others:
        assert str(found[key].words).startswith(str(unasked[key].words))
        assert "Nobody has looked whether a channel is left for it" in str(found[key].words)
        assert found[key].cost == unasked[key].cost
