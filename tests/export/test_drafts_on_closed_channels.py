"""What a user would miss: a draft with full power for a channel that the country opens to nobody outdoors."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from small_network import flat_ground, small_network

from cn_planner.export.router_drafts import write_settings
from cn_planner.model import edits
from cn_planner.model.radio_figures import TotalDbm
from cn_planner.model.regulations import regulations_of
from cn_planner.report.build import build_report
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.report.deployment import DeploymentPlan

POWER = re.compile(r"txpower|tx-power")
OFF = "do not switch it on"


def report_in(country: str, own: str = "", held: bool = False, **kits: str) -> DeploymentPlan:
    plan = small_network(country=country)
    rules = replace(plan.rules, own_limits=own, own_limits_source="a letter" if own else "", licence_held=held)
    plan = replace(plan, kits=replace(plan.kits, **kits), rules=rules)
    sites = [replace(one, sectors=tuple(replace(s, kit=plan.kits.access) for s in one.sectors))
             for one in plan.sites.values()]  # fmt: skip
    plan = edits.put(plan, sites).plan
    study = Study(plan, flat_ground(), load_catalogue(), regulations_of(plan, load_country_rules(country)))
    return build_report(study, version=7, date="2026-11-28")


def radio_drafts(report: DeploymentPlan, folder: Path) -> dict[str, str]:
    """Return the texts of all drafts of radios, towers' and homes'."""
    names = {one.name for one in (*report.devices, *report.home_devices) if one.radio is not None}
    return {
        path.name: path.read_text("utf-8")
        for path in write_settings(report, folder)
        if path.name.split(".")[0] in names
    }


@pytest.mark.parametrize("kits", [{}, {"access": "cheap-sector-5ghz"}, {"access": "busy-sector-5ghz"}])
def test_nothing_is_sent_where_the_law_opens_the_channel_to_nobody(kits: dict[str, str], tmp_path: Path) -> None:
    # Egypt opens 5150 to 5350 MHz alone, and that indoors (wireless-regdb); the radios stand at 5510 to 5560 MHz.
    drafts = radio_drafts(report_in("EG", **kits), tmp_path)
    assert len({name.split(".")[0] for name in drafts}) >= 9
    for name, text in drafts.items():
        assert not POWER.search(text), name
        assert OFF in text, name
        assert "Not allowed outdoors on this channel." in text, name
        assert "is not known" not in text, name


SWITCHED_OFF = {
    "uci": "option disabled '1'",
    "lime-node": "list modes 'manual'\n",
    "rsc": "disabled=yes",
    "cfg": "wireless.1.status=disabled",
}
"""By the end of a draft's name: what the device itself reads as off."""


def test_the_device_too_is_told_to_stay_off_whatever_system_it_runs(tmp_path: Path) -> None:
    drafts = radio_drafts(report_in("EG"), tmp_path) | radio_drafts(
        report_in("EG", access="busy-sector-5ghz"), tmp_path
    )
    assert {name.rpartition(".")[2] for name in drafts} >= {"uci", "lime-node"}
    for name, text in drafts.items():
        assert SWITCHED_OFF[name.rpartition(".")[2]] in text, name
    for name, text in drafts.items():
        if name.endswith(".lime-node"):  # lime-config sets disabled to 0 for each mode but manual
            assert text.count("list modes") == 1, name
            assert "list uci_set 'wireless.radio0.disabled=1'" in text, name
            assert "backbone" not in text, name
    open_ones = radio_drafts(report_in("KE"), tmp_path)
    assert not any("manual" in text for name, text in open_ones.items() if name.endswith(".lime-node"))


@pytest.mark.parametrize("held", [False, True])
def test_a_licence_that_nobody_holds_opens_nothing(tmp_path: Path, *, held: bool) -> None:
    report = report_in("KE", own="5470-5725 MHz 36 dBm EIRP licence", held=held)
    drafts = radio_drafts(report, tmp_path)
    assert all(bool(POWER.search(text)) is held and (OFF in text) is not held for text in drafts.values())


def test_where_the_channel_is_open_the_power_stands(tmp_path: Path) -> None:
    drafts = radio_drafts(report_in("KE"), tmp_path)
    assert all(POWER.search(text) and OFF not in text for text in drafts.values())


def test_airos_says_too_that_a_radio_sends_too_much_at_its_least(tmp_path: Path) -> None:
    report = report_in("KE", access="busy-sector-5ghz")
    devices = tuple(
        one if one.radio is None else replace(
            one, radio=replace(one.radio, total_dbm=None, chain_dbm=None, least_dbm=TotalDbm(10.0)))
        for one in report.devices
    )  # fmt: skip
    drafts = radio_drafts(replace(report, devices=devices, home_devices=()), tmp_path)
    airos = [text for name, text in drafts.items() if name.endswith(".airos.cfg")]
    assert airos
    assert all("10 dBm at the least" in text and OFF in text for text in airos)
