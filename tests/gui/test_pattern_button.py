"""From a tower, a link or a home to the pattern of its antenna: one button, looked at, kept, gone back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cn_planner.gui.dialogs.catalogue import PatternDialog
from cn_planner.gui.panels.side import SidePanel
from cn_planner.gui.settings import Settings
from cn_planner.gui.state import AppState
from cn_planner.model import edits
from cn_planner.model.plan import Link, Sector
from cn_planner.session.project import Project


@pytest.fixture
def side(sample_ground, tmp_path: Path, qtbot):
    project = Project.create(tmp_path / "valley.cnplan.gpkg", sample_ground[0])
    sectors = (Sector("S1", project.plan.kits.access, 0.0),)
    sites = [replace(project.plan.sites[key], mast_height_m=12.0, sectors=sectors) for key in ("C01", "G01")]
    project.apply(edits.put(project.plan, [*sites, Link("L1", "C01", "G01")]))
    state = AppState()
    state.follow = False
    state.take(project)
    panel = SidePanel(state, Settings(tmp_path / "window.ini"))
    qtbot.addWidget(panel)
    panel.resize(376, 900)
    panel.show()
    yield panel
    state.shutdown()


def opened(side: SidePanel) -> PatternDialog:
    (dialog,) = side.window().findChildren(PatternDialog)
    return dialog


def antenna_of(side: SidePanel, kit: str) -> str:
    return side["site"].context.state.project.catalogue.kits[kit].antenna


@pytest.mark.parametrize(("kind", "key"), [("site", "C01"), ("link", "L1"), ("household", "")])
def test_each_drawer_leads_to_the_antenna_of_its_kit(side: SidePanel, kind: str, key: str) -> None:
    state = side["site"].context.state
    plan = state.plan
    state.select(kind, key or min(plan.households))
    drawer = side[kind].numbers
    drawer.toggle.setChecked(True)
    drawer.pattern.click()
    kit = {"site": plan.kits.access, "link": plan.kits.backhaul, "household": plan.kits.client}[kind]
    assert opened(side)._antenna == antenna_of(side, kit)
    opened(side).close()


def test_a_sector_s_menu_leads_there_and_what_is_kept_goes_back(side: SidePanel, shared_data: Path) -> None:
    state = side["site"].context.state
    state.select("site", "C01")
    menu = side["site"]._sectors["S1"].menu
    next(one for one in menu.actions() if one.text() == "Measured pattern…").trigger()
    dialog = opened(side)
    dialog.look_at(shared_data / "equipment" / "antenna_patterns" / "NSM5-Hpol.ant")
    assert "85 are stated" in dialog.said.text()
    dialog.keep()
    assert [one.antenna for one in state.plan.shelf.patterns] == [antenna_of(side, state.plan.kits.access)]
    assert state.undo()
    assert state.plan.shelf.patterns == ()
