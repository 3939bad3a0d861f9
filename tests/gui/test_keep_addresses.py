"""Addresses that were given out stay: written down from the window, and taken back by Undo."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton

from cn_planner.gui.dialogs.settings import PlanSettingsDialog
from cn_planner.gui.quantities import Quantities
from cn_planner.gui.values import Level
from cn_planner.model import edits
from cn_planner.report.addresses import address_plan
from cn_planner.report.network import network


def test_addresses_are_kept_by_a_button_and_undone(state, settings, qtbot) -> None:
    dialog = PlanSettingsDialog(None, state, Quantities(settings))
    qtbot.addWidget(dialog)
    dialog.ask("addresses")
    [keep] = [one for one in dialog.findChildren(QPushButton) if one.text() == "Keep the addresses"]
    assert dialog._kept.text().startswith("No address is kept yet")
    given = address_plan(state.plan, network(state.plan, {}))
    keep.click()
    assert dict(state.plan.addresses.kept) == dict(given.kept)
    assert dialog._kept.text() == f"{len(given.kept)} numbers and names are kept."
    keep.click()
    assert state.undo_label is not None
    assert str(state.undo_label) == "keep the addresses"  # the second time there was nothing to write
    state.undo()
    assert state.plan.addresses.kept == ()
    assert dialog._kept.text().startswith("No address is kept yet")


def test_without_a_network_there_is_nothing_to_keep_and_that_is_said(state, settings, qtbot) -> None:
    said = []
    state.message.connect(said.append)
    state.apply(edits.remove(state.plan, "sites", list(state.plan.sites)))
    dialog = PlanSettingsDialog(None, state, Quantities(settings))
    qtbot.addWidget(dialog)
    [keep] = [one for one in dialog.findChildren(QPushButton) if one.text() == "Keep the addresses"]
    keep.click()
    assert "no network yet" in str(said[-1].what)
    assert said[-1].level is not Level.INFO
    assert state.plan.addresses.kept == ()
