"""What a user would miss: a channel that the country opens to nobody, kept in a channel plan without a word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from small_network import flat_ground, small_network

from cn_planner.model import edits
from cn_planner.model.regulations import regulations_of
from cn_planner.spectrum.channels import plan_channels
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study

if TYPE_CHECKING:
    from cn_planner.spectrum.channel_plan import ChannelPlan

WRONG_MHZ = 5760.0
MOVED = "had a channel that the rules do not open, and has another now"


def study_of(own: str, freq_mhz: float = WRONG_MHZ) -> Study:
    """Return the network with the channel of one link given, where 5 GHz is open as their own limits say alone."""
    plan = small_network(country="EG")
    plan = replace(plan, rules=replace(plan.rules, own_limits=own, own_limits_source="a letter"))
    plan = edits.put(plan, [replace(plan.links["G-A"], freq_mhz=freq_mhz)]).plan
    return Study(plan, flat_ground(), load_catalogue(), regulations_of(plan, load_country_rules("EG")))


def centre(found: ChannelPlan) -> tuple[float, float]:
    use = next(one for one in found.uses if one.id == "G-A")
    return use.channel.low_mhz, use.channel.high_mhz


def said(found: ChannelPlan) -> str:
    return " ".join(map(str, found.notes))


def test_a_channel_that_is_not_open_any_more_is_given_up_and_that_is_said() -> None:
    found = plan_channels(study_of("5470-5725 MHz 36 dBm EIRP"))
    low, high = centre(found)
    assert 5470.0 <= low < high <= 5725.0
    assert "1 sector or link " + MOVED in said(found)
    assert "Town – Ash" in said(found)
    assert found.edit is not None
    assert found.edit.plan.links["G-A"].freq_mhz == (low + high) / 2.0


def test_kept_or_without_another_it_is_said_that_it_must_stay_off() -> None:
    kept = plan_channels(study_of("5470-5725 MHz 36 dBm EIRP"), keep=True)
    none = plan_channels(study_of("2400-2483.5 MHz 20 dBm EIRP"))
    for found in (kept, none):
        assert sum(centre(found)) / 2.0 == WRONG_MHZ
        assert "Must not be switched on as it is set: " in said(found)
        assert "Town – Ash <b>hill</b> 5760 MHz" in said(found)
        assert "The rules of the country allow no sending outdoors at 5" in said(found)
        assert MOVED not in said(found)


def test_a_channel_that_is_open_stays_without_a_word() -> None:
    found = plan_channels(study_of("5150-5850 MHz 36 dBm EIRP"))
    assert sum(centre(found)) / 2.0 == WRONG_MHZ
    assert "switched on" not in said(found)
    assert MOVED not in said(found)


def test_radios_that_one_reason_keeps_off_the_air_are_told_together() -> None:
    """Where a country opens nothing to them each channel had a paragraph of its own, a whole page for one network."""
    found = plan_channels(study_of("2400-2483.5 MHz 20 dBm EIRP"), keep=True)
    told = [str(one) for one in found.notes if "switched on" in str(one)]
    channels = {(one.channel.freq_mhz, one.channel.width_mhz) for one in found.uses}
    assert len(channels) > 1
    assert all(f"{one.channel.freq_mhz:g} MHz" in " ".join(told) for one in found.uses)
    assert len(told) == 1, "no channel of 5 GHz is open to any of their radios"
