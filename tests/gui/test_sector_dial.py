"""A sector is turned by hand: coverage follows, letting go is one edit, Escape puts it back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt

from cn_planner.gui.panels.side import SidePanel


@pytest.fixture
def card(state, settings, qtbot):
    side = SidePanel(state, settings)
    qtbot.addWidget(side)
    side.resize(376, 900)
    side.show()
    state.select("site", "C01")
    side["site"].add_sector.click()
    return side["site"]._sectors["S1"]


def test_turning_follows_the_hand_and_is_one_edit(card, state, qtbot, settled):
    dial, seen = card.dial, []
    state.coverageChanged.connect(lambda found: seen.append(found) if found is not None else None)
    version = state.project.version
    middle = dial.rect().center()
    qtbot.mousePress(dial, Qt.MouseButton.LeftButton, pos=middle + QPoint(0, -12))
    for there in (QPoint(9, -9), QPoint(13, 0), QPoint(10, 10)):
        qtbot.mouseMove(dial, middle + there)
    qtbot.waitUntil(lambda: bool(seen), timeout=60_000)
    card._panel.show_thing("C01")  # as when something was computed meanwhile
    assert card.azimuth.value() == pytest.approx(135, abs=5), "the number goes with it"
    assert state.project.version == version, "nothing is edited while the hand moves"
    qtbot.mouseRelease(dial, Qt.MouseButton.LeftButton, pos=middle + QPoint(10, 10))
    assert state.plan.sites["C01"].sectors[0].azimuth_deg == pytest.approx(135, abs=5)
    assert state.project.version == version + 1
    assert state.computed.live is None
    settled(state)
    state.undo()
    assert dial.value() == state.plan.sites["C01"].sectors[0].azimuth_deg


def test_it_turns_by_keys_over_north_and_escape_puts_it_back(card, state, qtbot, settled):
    dial = card.dial
    dial.setFocus()
    qtbot.keyPress(dial, Qt.Key.Key_Left)
    assert dial.value() == 355
    qtbot.keyPress(dial, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert dial.value() == 354
    qtbot.keyRelease(dial, Qt.Key.Key_Left)
    assert state.plan.sites["C01"].sectors[0].azimuth_deg == 354.0
    qtbot.keyPress(dial, Qt.Key.Key_Right)
    qtbot.keyClick(dial, Qt.Key.Key_Escape)
    settled(state)
    assert state.computed.live is None, "what the hand showed is gone"
    assert dial.value() == 354
    assert card.azimuth.value() == 354
    assert state.plan.sites["C01"].sectors[0].azimuth_deg == 354.0
