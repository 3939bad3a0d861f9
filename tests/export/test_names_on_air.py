"""What a network is called on the air: no radio takes more than 32 octets (IEEE Std 802.11-2020, 9.4.2.2)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from router_readers import check_words
from small_network import flat_ground, small_network

from cn_planner.export.router_drafts import write_settings
from cn_planner.model import edits
from cn_planner.model.items import Items
from cn_planner.model.plan import Plan
from cn_planner.report.build import build_report
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study

if TYPE_CHECKING:
    from pathlib import Path

LONG = {"A": "Ashgrove of the upper valley", "G": "Gathering place at the river", "B": "Birch hill beyond the ford"}


def _long_names() -> Plan:
    plan = small_network(country="KE")
    plan = edits.put(plan, [replace(plan.sites[key], name=name) for key, name in LONG.items()]).plan
    homes = [replace(one, id=f"{one.id}-household-of-the-upper-valley-east") for one in plan.households.values()]
    return replace(plan, households=Items(homes))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    study = Study(_long_names(), flat_ground(), load_catalogue(), load_country_rules("KE"))
    report = build_report(study, version=7, date="2026-11-28")
    folder: Path = tmp_path_factory.mktemp("long")
    devices = tuple(replace(one, airos=one.radio is not None, routeros="wireless") for one in report.devices)
    report = replace(report, devices=devices)
    return {path.name: path.read_text("utf-8") for path in write_settings(report, folder)}


def _said(text: str) -> set[str]:
    found = re.findall(r"(?:ap_|apbb_|client_)?ssid '([^']+)'|\bssid=\"?([^\s\"]+)|\.ssid=(\S+)", text)
    return {one for group in found for one in group if one}


def test_no_network_has_a_name_that_no_radio_takes(files: dict[str, str]) -> None:
    check_words(files)
    names = {name: _said(text) for name, text in files.items()}
    every = set[str]().union(*names.values())
    assert every
    assert max(len(one.encode()) for one in every) == 32
    homes = [said for name, said in names.items() if name.startswith("home-") and name.endswith(".uci")]
    assert len(set[str]().union(*homes)) == len(homes) > 5


def test_both_ends_of_a_link_call_it_alike_and_no_two_links(files: dict[str, str]) -> None:
    by_link: dict[frozenset[str], set[str]] = {}
    for name, text in files.items():
        if "-l-" in name and name.endswith(".openwrt.uci"):
            ends = frozenset(name.removesuffix(".openwrt.uci").split("-l-"))
            by_link.setdefault(ends, set()).update(_said(text))
    assert len(by_link) == 3
    assert all(len(said) == 1 for said in by_link.values())
    assert len(set[str]().union(*by_link.values())) == 3
