"""Giving channels in the window: one edit by name, conflicts with their fixes, and the channel in the panels."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from cn_planner.gui.dialogs.channels import ChannelsDialog
from cn_planner.gui.panels.numbers import kit_numbers, site_numbers
from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.model import edits
from cn_planner.model.plan import Link, Sector


@pytest.fixture
def network(state):
    """Three towers with sectors, all of whose links are on one channel."""
    plan = state.plan
    masts = [
        replace(plan.sites[key], mast_height_m=12.0, sectors=tuple(
            Sector(f"{key}-{n}", plan.kits.access, azimuth) for n, azimuth in enumerate((0.0, 120.0, 240.0))
        ))
        for key in ("C01", "C02", "G01")
    ]  # fmt: skip
    state.apply(edits.put(plan, [*masts, Link("L2", "C02", "G01"), Link("L3", "C01", "C02")]))
    return state


def looked(qtbot, dialog: ChannelsDialog) -> ChannelsDialog:
    dialog.show()
    qtbot.waitUntil(lambda: not dialog.busy, timeout=120_000)
    return dialog


def test_channels_are_given_in_one_edit_and_taken_back(network, window, qtbot):
    before = network.plan
    dialog = looked(qtbot, ChannelsDialog(window, network, lambda _key: None))
    sectors = [one for site in network.plan.used_sites.values() for one in site.sectors]
    assert sectors
    assert all(one.freq_mhz is not None for one in sectors)
    assert all(link.freq_mhz is not None for link in network.plan.links.values())
    assert str(network.undo_label) == "give channels"
    count = len(sectors) + len(network.plan.links)
    assert dialog.said.text().startswith(f"{count} sectors and links have a channel.")
    assert dialog.lost.isVisible() == bool(dialog.cards)  # no share is lost where nobody is slower
    assert not dialog.outdated
    network.undo()
    assert network.plan == before
    assert not dialog.outdated
    dialog.close()


def test_each_conflict_is_told_with_its_fix_and_shown(network, window, qtbot):
    plan = network.plan
    links = [replace(link, freq_mhz=5500.0) for link in plan.links.values()]
    network.apply(edits.put(plan, links))
    shown: list[str] = []
    dialog = looked(qtbot, ChannelsDialog(window, network, shown.append))
    conflicts = dialog.found.conflicts
    assert conflicts, "links on one channel that meet on one mast disturb each other"
    assert len(dialog.cards) == len(conflicts)
    assert f"{len(conflicts)} of them" in dialog.said.text()
    texts = [one.text() for one in dialog.cards[0].findChildren(QLabel)]
    assert any(str(conflicts[0].text) in one for one in texts)
    assert str(conflicts[0].fix) in texts
    qtbot.mouseClick(dialog.cards[0].findChild(QPushButton), Qt.MouseButton.LeftButton)
    kind, site, key = conflicts[0].victim
    assert shown == [key if kind == "link" else site]
    dialog.look(fresh=True)
    qtbot.waitUntil(lambda: not dialog.busy, timeout=120_000)
    assert {link.freq_mhz for link in network.plan.links.values()} != {5500.0}
    assert dialog.found.lost < 0.5
    dialog.close()


def test_a_plan_that_was_changed_is_said_and_looked_at_again(network, window, qtbot):
    dialog = looked(qtbot, ChannelsDialog(window, network, lambda _key: None))
    network.apply(edits.put(network.plan, [Link("L9", "C03", "G01")]))
    assert dialog.outdated
    assert "changed since" in dialog.said.text()
    qtbot.mouseClick(dialog.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.busy, timeout=120_000)
    assert not dialog.outdated
    dialog.close()


def test_a_closed_dialog_changes_nothing(network, window, settled):
    before = network.plan
    dialog = ChannelsDialog(window, network, lambda _key: None)
    dialog.show()
    dialog.close()
    settled(network)
    assert network.plan is before


def test_a_plan_without_radios_is_told_what_to_do(state, window, qtbot):
    state.make(lambda plan: edits.remove(plan, "links", ["L1"]))
    state.make(lambda plan: edits.put(plan, [replace(s, mast_height_m=None) for s in plan.used_sites.values()]))
    dialog = looked(qtbot, ChannelsDialog(window, state, lambda _key: None))
    assert "make a plan first" in dialog.said.text()
    assert not dialog.fresh.isVisible()
    dialog.close()


def test_panels_say_the_channel_and_where_none_is_given(network, settings, window, qtbot):
    context = PanelContext(network, settings)
    site = network.plan.sites["C01"]
    told = dict(site_numbers(context, network.project, site, None))
    assert "none is given yet" in told["Channel"]
    assert "none is given yet" in told["C01-1"]
    looked(qtbot, ChannelsDialog(window, network, lambda _key: None)).close()
    site = network.plan.sites["C01"]
    told = dict(site_numbers(context, network.project, site, None))
    for sector, name in zip(site.sectors, ("Channel", "C01-1", "C01-2"), strict=True):
        assert told[name].startswith(f"{sector.freq_mhz:.0f} MHz")
        assert "none is given" not in told[name]
    # Of a kit by itself nothing is said of giving.
    assert "given" not in dict(kit_numbers(network.project, network.plan.kits.access, None))["Channel"]
    context.deleteLater()
