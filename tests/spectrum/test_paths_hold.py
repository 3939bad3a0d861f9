"""A channel is one for a sector only where everybody whom it serves stays served there, as the judge of homes says.

On a plain homes stand one behind the other, so near to the end of what the radios reach that 0.03 dB more is too much
for one of them: each channel that is offered is given to the sector, and the homes are judged again.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from cn_planner.geo import destination
from cn_planner.model import edits
from cn_planner.model.measurement import Measurement
from cn_planner.model.plan import Area, Demand, Household, KitChoice, Plan, Rules, Sector, Site, SiteRole
from cn_planner.model.radio_figures import TotalDbm
from cn_planner.service.calibrate import calibrate
from cn_planner.service.homes import service
from cn_planner.service.measured import measured_paths
from cn_planner.spectrum.channels import plan_channels
from cn_planner.spectrum.interference import radio_network
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study
from tests.small_network import KIT, flat_ground

GATE = (-1.45, 36.55)
FAR = "far-home-5ghz"
USUAL = "roof-client-5ghz"


def shelf():
    """The shelf with radios that send 30 dB less."""
    found = load_catalogue()
    radios = dict(found.radios)
    for key in (KIT, USUAL, FAR):
        radio = found.radios[found.kits[key].radio]
        modes = tuple(replace(one, tx_power_dbm=TotalDbm(one.tx_power_dbm - 30.0)) for one in radio.modes)
        radios[radio.id] = replace(radio, modes=modes, least_tx_power_dbm=None)
    return replace(found, radios=radios)


SHELF = shelf()


def one_sector(country: str | None, *, kit: str = "", freq_mhz: float | None = None) -> Study:
    """Return a tower with some homes of one kit of those that stand every 40 m behind the first km."""
    homes = [
        Household(f"H{n:03}", "", *destination(*GATE, 0.02 * n, 1000.0 + 40.0 * n), antenna_height_m=20.0, server="G",
                  client_kit=kit)
        for n in range(250)
    ]  # fmt: skip
    sector = Sector("S1", KIT, 2.0, freq_mhz=freq_mhz)
    gate = Site("G", "Gate", *GATE, role=SiteRole.GATEWAY, mast_height_m=30.0, sectors=(sector,))
    plan = Plan(area=Area(canopy_m=0.0), demand=Demand(mbps_per_home=1.0), kits=KitChoice(more_clients=FAR),
                rules=Rules(mast_heights_m=(30.0,)))  # fmt: skip
    law = None if country is None else load_country_rules(country)
    return _those_served(Study(edits.put(plan, [gate, *homes]).plan, flat_ground(), SHELF, law))


def _those_served(study: Study) -> Study:
    """Return a study in which the sector serves some homes near by and the furthest that it reaches on its channel."""
    reached = sorted(served(study))
    kept = {*reached[:3], reached[-1]}
    alone = [replace(one, server=None) for key, one in study.plan.households.items() if key not in kept]
    assert len(reached) < len(study.plan.households)
    return replace(study, plan=edits.put(study.plan, alone).plan)


def measured(study: Study, off_db: float) -> Study:
    """Return a study in which levels at eight homes were weaker than predicted, and count."""
    rows = [
        Measurement(f"m{n}", home.latitude, home.longitude, 5745.0, -90.0, site="G", height_m=20.0)
        for n, home in enumerate(list(study.plan.households.values())[3:35:4])
    ]
    levels = measured_paths(study, rows).level_dbm.tolist()
    rows = [replace(row, level_dbm=level - off_db) for row, level in zip(rows, levels, strict=True)]
    homes = [replace(home, server="G") for home in study.plan.households.values()]
    plan = edits.put(study.plan, [*rows, *homes]).plan
    return _those_served(replace(study, plan=calibrate(replace(study, plan=plan)).edit(plan).plan))


def served(study: Study, freq_mhz: float | None = None) -> set[str]:
    """Return whom the tower serves, on another channel where one is given."""
    plan = study.plan
    if freq_mhz is not None:
        site = plan.sites["G"]
        plan = edits.put(plan, [replace(site, sectors=(replace(site.sectors[0], freq_mhz=freq_mhz),))]).plan
    return {one.home for one in service(replace(study, plan=plan)) if one.served}


def holds(study: Study) -> None:
    """Assert that all whom the sector serves are served on each channel that it may have; not all channels are such."""
    (user,) = radio_network(study).users
    before = served(study)
    assert len(user.channels) > 1
    offered = {one.freq_mhz for one in user.channels if one.width_mhz == 20.0}
    for freq in sorted(offered):
        assert before <= served(study, freq), freq
    assert not before <= served(study, 5825.0)
    assert 5825.0 not in offered


@pytest.mark.parametrize("country", [None, "US", "ZA"])
def test_homes_with_a_dish_of_their_own_stay_served(country):
    """The usual kit of so far a home does not serve it on any channel: that says nothing of its own."""
    study = one_sector(country, kit=FAR)
    usual = [replace(one, client_kit="") for one in study.plan.households.values()]
    less = replace(study.plan.kits, more_clients="")
    plan = replace(edits.put(study.plan, usual).plan, kits=less)
    assert len(served(replace(study, plan=plan))) < len(served(study))
    holds(study)


@pytest.mark.parametrize("country", [None, "ZA"])
def test_homes_whose_levels_were_measured_stay_served(country):
    study = measured(one_sector(country), 8.0)
    assert max(served(study)) < max(served(one_sector(country)))
    holds(study)
    holds(measured(one_sector(country, kit=FAR), 5.0))


def test_who_is_served_on_the_channel_of_the_plan_is_served_on_a_new_one():
    """It is much lower than the kit's own, on which the last of them are not served."""
    study = one_sector(None, freq_mhz=5320.0)
    assert not served(study) <= served(study, study.catalogue.kit(KIT).freq_mhz)
    (user,) = radio_network(study).users
    assert user.given
    assert len(user.channels) > 1
    for one in user.channels:
        if one.width_mhz == 20.0:
            assert served(study) <= served(study, one.freq_mhz), one
    edit = plan_channels(study, fresh=True).edit
    assert edit is None or served(study) <= served(replace(study, plan=edit.plan))
