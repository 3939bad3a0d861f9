"""A school that a tower connects is bought a radio and a router as a home is: it has an address and settings too."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from router_readers import check_words, read_uci
from small_network import flat_ground, small_network

from cn_planner.export.router_drafts import write_settings
from cn_planner.model import edits
from cn_planner.model.plan import PlaceKind, PublicPlace
from cn_planner.report.addresses import address_plan
from cn_planner.report.build import build_report
from cn_planner.report.more_devices import home_devices
from cn_planner.report.network import network
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules
from cn_planner.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.report.deployment import DeploymentPlan

NORTH = 0.02
"""Degrees of latitude from the tower: 2.2 km."""


@pytest.fixture(scope="module")
def report() -> DeploymentPlan:
    plan = small_network(country="KE")
    birch = plan.sites["B"]
    school = PublicPlace("s 1", "School", birch.latitude + NORTH, birch.longitude, PlaceKind.SCHOOL, server="B",
                         client_kit="far-home-5ghz")  # fmt: skip
    clinic = PublicPlace("k1", "Clinic", birch.latitude + 0.003, birch.longitude, PlaceKind.CLINIC, server="B")
    alone = PublicPlace("w", "Well", -1.55, 36.60)
    plan = edits.put(plan, [school, clinic, alone]).plan
    study = Study(plan, flat_ground(), load_catalogue(), load_country_rules("KE"))
    return build_report(study, version=7, date="2026-11-28")


@pytest.fixture(scope="module")
def files(report: DeploymentPlan, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder: Path = tmp_path_factory.mktemp("drafts")
    return {path.name: path.read_text("utf-8") for path in write_settings(report, folder)}


def test_every_router_that_is_bought_has_an_address_and_a_draft(report: DeploymentPlan, files: dict[str, str]) -> None:
    check_words(files)
    bought = next(line.quantity - line.spares for line in report.bom if line.item == "home-router")
    kinds = Counter(one.kind for one in report.home_devices)
    assert kinds["home-router"] == bought == len(report.home_addresses)
    given = {one.home: one for one in report.home_addresses}
    assert {"place:s 1", "place:k1"} <= given.keys()
    assert "place:w" not in given
    tower = read_uci(files["birch.openwrt.uci"])
    hosts = [options for kind, _, options in tower["dhcp"] if kind == "host"]
    for key in ("place:s 1", "place:k1"):
        own = given[key]
        assert {"name": [own.name], "ip": [own.ipv4]} in hosts
        assert {f"{own.name}.openwrt.uci", f"{own.name}.routeros.rsc"} <= files.keys()


def test_its_radio_has_a_draft_of_its_own_kit_and_the_sector_waits_for_it(
    report: DeploymentPlan, files: dict[str, str]
) -> None:
    models = {one.model for one in report.home_devices if one.kind == "home-radio" and one.site == "B"}
    far = load_catalogue().radios[load_catalogue().kits["far-home-5ghz"].radio]
    assert f"{far.maker} {far.name}" in models
    drafted = next(one for one in report.home_devices if one.model == f"{far.maker} {far.name}")
    antenna = load_catalogue().antennas[load_catalogue().kits["far-home-5ghz"].antenna]
    assert drafted.radio is not None
    assert drafted.radio.total_dbm is not None
    sector = next(one for one in report.antennas if (one.site, one.task) == ("B", "access"))
    assert sector.limit_dbm is not None
    assert drafted.radio.total_dbm + antenna.gain_dbi <= sector.limit_dbm + 0.05
    # A degree of latitude is 110.6 km here; the homes are 0.2 km off.
    distance = math.ceil(NORTH * 1105.7) * 100
    air = read_uci(files[f"{drafted.name.removesuffix('-home-2')}.openwrt.uci"])["wireless"][0][2]
    assert air["distance"] == [f"{distance}"]


def test_what_stands_on_the_homes_tables_are_homes_alone(report: DeploymentPlan) -> None:
    assert not [one for one in report.homes if one.id.startswith("place:")]
    assert report.headline.homes == 10.0


def test_every_home_that_is_given_an_address_has_a_draft_reached_or_not(report: DeploymentPlan) -> None:
    """What is bought and has a printed address has settings, though its path was found too weak since."""
    own = [one for one in report.home_addresses if not one.home.startswith("place:")]
    parts = {one.name: (one.site, one.part) for one in report.names}
    silent = tuple(replace(one, reached=one.id != "A3") for one in report.homes)
    made = home_devices(small_network(country="KE"), load_catalogue(), report.devices, parts, silent, own)
    assert "A3" in {one.home for one in own}
    assert {one.name for one in made if one.kind == "home-router"} == {one.name for one in own}


def test_no_home_has_another_address_because_schools_are_connected() -> None:
    plan = small_network(country="KE")
    birch = plan.sites["B"]
    some = next(iter(plan.households.values()))
    homes = [replace(some, id=f"z{n:03d}", latitude=birch.latitude + 0.002, longitude=birch.longitude, server="B")
             for n in range(180)]  # fmt: skip
    schools = [PublicPlace(f"s{n}", "School", birch.latitude + 0.003, birch.longitude, PlaceKind.SCHOOL, server="B")
               for n in range(20)]  # fmt: skip
    alone = edits.put(plan, homes).plan
    before, after = ({one.home: one for one in address_plan(made, network(made, {})).homes}
                     for made in (alone, edits.put(alone, schools).plan))  # fmt: skip
    assert len(after) == len(before) + 20
    assert {key: after[key] for key in before} == before
