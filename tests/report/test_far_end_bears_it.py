"""What a user would miss: a paper or a draft that sets a power at which the radio at the far end is deaf or damaged."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from held_power import free_space_db, great_circle_m
from router_readers import read_rsc, read_uci
from small_network import flat_ground, small_network

from cn_planner.export.router_drafts import write_settings
from cn_planner.model import edits
from cn_planner.report.build import build_report
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.model.plan import Plan
    from cn_planner.planning.design import Design
    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.terrain.surface import Surface

SHELF = load_catalogue()
KIT = "long-link-5ghz"


def told_powers(report: DeploymentPlan, folder: Path) -> dict[tuple[str, str], set[float]]:
    """Return for each end of a link every power that a paper or a draft tells people to set."""
    found: dict[tuple[str, str], set[float]] = {}
    folder.mkdir()
    drafts = {path.name: path.read_text("utf-8") for path in write_settings(report, folder)}
    for one in report.antennas:
        if one.towards:
            assert one.tx_power_dbm is not None
            found[one.site, one.id] = {one.tx_power_dbm}
    for card in report.cards:
        if card.towards:
            assert card.tx_power_dbm is not None
            found[card.site, card.antenna].add(card.tx_power_dbm)
    for pack in report.packs:
        for radio in pack.radios:
            if radio.card.towards:
                assert radio.card.tx_power_dbm is not None
                ends = found[pack.site, radio.card.antenna]
                ends.add(radio.card.tx_power_dbm)
                ends |= drafted_powers(drafts, radio.device)
    return found


def drafted_powers(drafts: dict[str, str], device: str) -> set[float]:
    """Return what the drafts of a device set, read back from their text."""
    found = set()
    for name, text in drafts.items():
        if name in {f"{device}.openwrt.uci", f"{device}.lime-node"}:
            rows = [row for package in read_uci(text).values() for _, _, row in package]
            found |= {float(row["txpower"][0]) for row in rows if "txpower" in row}
        elif name == f"{device}.airos.cfg":
            found |= {float(one) for one in re.findall(r"^radio\.1\.txpower=(-?\d+)$", text, re.MULTILINE)}
        elif name == f"{device}.routeros.rsc":
            rows = [row for _, row in read_rsc(text)]
            found |= {float(row[key]) for row in rows for key in ("tx-power", "configuration.tx-power") if key in row}
    return found


def arriving(plan: Plan, report: DeploymentPlan, folder: Path) -> dict[tuple[str, str], tuple[float, float]]:
    """Return for each end of a link what reaches the far end at the greatest power told, and what that bears."""
    found = {}
    for (site, key), powers in told_powers(report, folder).items():
        link = plan.links[key]
        far = link.to_site if link.from_site == site else link.from_site
        kit = SHELF.kit(link.kit or plan.kits.backhaul).on(link.freq_mhz, link.width_mhz)
        bears = SHELF.radios[kit.radio].max_input_dbm
        assert bears is not None
        gain = 2.0 * (SHELF.antennas[kit.antenna].gain_dbi - kit.cable_loss_db)
        ends = ((plan.sites[end].latitude, plan.sites[end].longitude) for end in (site, far))
        lost = free_space_db(great_circle_m(*ends), kit.freq_mhz)
        found[site, key] = max(powers) + gain - lost, bears
        assert len(powers) == 1, (site, key, powers)  # one figure on all of them
    return found


@pytest.fixture(scope="module")
def sample(designed: Design, sample_ground: tuple[Plan, Surface]) -> tuple[Plan, DeploymentPlan]:
    plan = designed.edit.plan
    return plan, build_report(Study(plan, sample_ground[1], SHELF, None), version=1, date="2026-11-30")


def test_no_link_of_the_sample_is_told_to_harm_its_far_end(sample: tuple[Plan, DeploymentPlan], tmp_path: Path) -> None:
    plan, report = sample
    found = arriving(plan, report, tmp_path / "drafts")
    assert len(found) == 2 * len(plan.links)
    # 0.1 dB: a sphere is not the ellipsoid.
    assert {end: one for end, one in found.items() if one[0] > one[1] + 0.1} == {}


def short_link(metres: float) -> Plan:
    """Return the small network with its first link so long, and with dishes."""
    plan = small_network()
    g, a = plan.sites["G"], plan.sites["A"]
    near = replace(a, latitude=g.latitude + math.degrees(metres / 6_371_000.0), longitude=g.longitude)
    return edits.put(plan, [near, *(replace(one, kit=KIT) for one in plan.links.values())]).plan


@pytest.fixture(scope="module")
def short() -> tuple[Plan, DeploymentPlan]:
    plan = short_link(500.0)
    return plan, build_report(Study(plan, flat_ground(), SHELF, None), version=1, date="2026-11-30")


def test_a_short_link_is_held_by_one_figure_and_its_bands_follow(
    short: tuple[Plan, DeploymentPlan], tmp_path: Path
) -> None:
    plan, report = short
    level, bears = arriving(plan, report, tmp_path / "drafts")["G", "G-A"]
    assert bears - 1.1 < level <= bears + 0.1  # and no lower than need be: powers are whole
    (antenna,) = [one for one in report.antennas if (one.site, one.id) == ("G", "G-A")]
    power = antenna.tx_power_dbm
    assert power is not None
    assert f"Never more than {power:.0f} dBm" in str(antenna.caution)
    (page,) = [one for one in report.link_reports if one.link == "G-A"]
    assert f"Set the other radio to {power:.0f} dBm or less." in " ".join(map(str, page.told))
    radios = {pack.site: [one for one in pack.radios if one.card.antenna == "G-A"] for pack in report.packs}
    for one in (*radios["G"], *radios["A"]):
        card = one.card
        assert card.expected_dbm is not None
        assert card.expected_dbm == pytest.approx(level, abs=0.5)
        assert card.accept_dbm == card.expected_dbm - 4.0
        assert one.over_dbm is not None
        assert card.expected_dbm < one.over_dbm <= bears  # what harms is not "as planned"
    (long_one,) = [one for one in report.antennas if (one.site, one.id) == ("A", "A-B")]
    assert long_one.caution is None
    assert long_one.tx_power_dbm == max(mode.tx_power_dbm for mode in SHELF.radios[SHELF.kit(KIT).radio].modes)


def test_a_radio_that_cannot_be_low_enough_is_set_to_its_least_and_more_is_asked_for(tmp_path: Path) -> None:
    kit = SHELF.kit(KIT)
    radio = replace(SHELF.radios[kit.radio], least_tx_power_dbm=20.0)
    shelf = replace(SHELF, radios={**SHELF.radios, kit.radio: radio})
    report = build_report(Study(short_link(500.0), flat_ground(), shelf, None), version=1, date="2026-11-30")
    cards = [one for one in report.cards if one.antenna == "G-A"]
    assert [one.tx_power_dbm for one in cards] == [20.0, 20.0]
    assert [one.expected_dbm for one in cards] == [None, None]
    lost = free_space_db(500.0, kit.freq_mhz)
    most = max(mode.tx_power_dbm for mode in radio.modes)
    over = most + 2.0 * SHELF.antennas[kit.antenna].gain_dbi - lost - radio.max_input_dbm
    for one in cards:
        assert f"attenuators of {math.ceil(over - 0.05)} dB" in str(one.caution)
    folder = tmp_path / "drafts"
    folder.mkdir()
    texts = [path.read_text("utf-8") for path in write_settings(report, folder)]
    assert sum("attenuators of" in one for one in texts) >= 2
