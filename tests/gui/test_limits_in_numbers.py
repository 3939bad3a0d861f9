"""The law in the window: each sector and each roof on the channel that it has, not on that of the kit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cn_planner.gui.panels.numbers import channel_widths, kit_numbers, site_numbers
from cn_planner.gui.panels.side import SidePanel
from cn_planner.gui.settings import Settings
from cn_planner.gui.state import AppState
from cn_planner.links.regulatory_limits import channel_of_roof
from cn_planner.model import edits
from cn_planner.model.plan import Sector
from cn_planner.service.hanging import sectors_of_clients
from cn_planner.session.project import Project


@pytest.fixture
def side(sample_ground, tmp_path: Path, qtbot):
    project = Project.create(tmp_path / "valley.cnplan.gpkg", sample_ground[0])
    access = project.plan.kits.access
    sectors = (Sector("S1", access, 0.0, freq_mhz=5560.0), Sector("S2", access, 180.0, freq_mhz=5745.0))
    project.apply(edits.put(project.plan, [replace(project.plan.sites["C01"], mast_height_m=12.0, sectors=sectors)]))
    project.apply(edits.change_section(project.plan, "info", None, country="US"))
    state = AppState()
    state.follow = False
    state.take(project)
    panel = SidePanel(state, Settings(tmp_path / "window.ini"))
    qtbot.addWidget(panel)
    yield panel
    state.shutdown()


def test_every_sector_of_a_site_says_its_eirp_limit_and_margin(side: SidePanel) -> None:
    context = side["site"].context
    told = dict(site_numbers(context, context.state.project, context.plan.sites["C01"], None))
    assert told["EIRP"] == "29.0 dBm"
    assert told["S2"] == "5745 MHz · 20 MHz wide · EIRP 36.0 dBm · Legal limit 20 dBm · conducted · Margin to it 0.0 dB"


def test_a_roof_s_numbers_are_of_the_channel_that_it_hears(side: SidePanel) -> None:
    project = side["site"].context.state.project
    plan, site = project.plan, project.plan.sites["C01"]
    homes = sorted(plan.households.values(), key=lambda home: home.latitude)
    south, north = homes[0], homes[-1]
    assert south.latitude < site.latitude < north.latitude
    hung_on = sectors_of_clients(project.snapshot().bare_study, [replace(one, server="C01") for one in homes])
    channels = [channel_of_roof(plan, project.catalogue, "C01", hung_on[home.id]) for home in (north, south)]
    assert channels == [(5560.0, None), (5745.0, None)]
    said = [dict(kit_numbers(project, plan.kits.client, *one))["EIRP"] for one in channels]
    assert said == ["29.0 dBm", "36.0 dBm"]  # 23 dBi: 250 mW less 17 dB; 1 W less 17 dB
    assert channel_of_roof(plan, project.catalogue, None, "") == (None, None)


def test_the_widths_of_narrow_radios_are_said_as_they_are(side: SidePanel) -> None:
    project = side["site"].context.state.project
    narrow = next(kit for kit in project.catalogue.kits.values() if kit.width_mhz < 1.0)
    usual = channel_widths(project, narrow.id, None)[0][1]
    assert usual == f"{narrow.width_mhz:g} MHz (as the kit)"  # it was "0 MHz"
    assert dict(kit_numbers(project, narrow.id, None))["Channel"].startswith(f"{narrow.freq_mhz:g} MHz")
