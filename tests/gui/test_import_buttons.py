"""What the look at a file offers is done by its buttons: turned-round places are swapped, bad rows are left out."""

from __future__ import annotations

from PySide6.QtCore import Qt

from cn_planner.gui.panels.import_dialog import ImportDialog


def open_dialog(state, file, qtbot):
    dialog = ImportDialog(state, file)  # deletes itself when it closes
    dialog.show()
    qtbot.waitUntil(lambda: dialog.trial is not None, timeout=30_000)
    return dialog


def test_places_that_are_turned_round_are_swapped_by_one_button(state, tmp_path, qtbot):
    home = next(iter(state.plan.households.values()))
    file = tmp_path / "homes.csv"
    file.write_text(f"id,lat,lng\nX1,{home.longitude},{home.latitude}\n", "utf-8")
    dialog = open_dialog(state, file, qtbot)
    assert dialog.swap.isVisible()
    assert not dialog.ok.isEnabled()
    first = dialog.trial
    qtbot.mouseClick(dialog.swap, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.trial is not first, timeout=30_000)
    assert dialog.swap.isHidden()
    assert dialog._choices["latitude"].currentText() == "lng"
    with qtbot.waitSignal(dialog.imported, timeout=30_000):
        qtbot.mouseClick(dialog.ok, Qt.MouseButton.LeftButton)
    assert state.plan.households["X1"].latitude == home.latitude


def test_bad_rows_are_left_out_only_when_someone_says_so(state, tmp_path, qtbot):
    file = tmp_path / "homes.csv"
    file.write_text("id,lat,lng\nX1,-8.19,-20.99\nX2,abc,-20.99\n", "utf-8")
    dialog = open_dialog(state, file, qtbot)
    assert not dialog.ok.isEnabled()
    dialog.skip.setFocus()
    qtbot.keyClick(dialog.skip, Qt.Key.Key_Space)
    assert dialog.ok.isEnabled()
    qtbot.keyClick(dialog.skip, Qt.Key.Key_Space)
    assert not dialog.ok.isEnabled()
    version = state.project.version
    qtbot.mouseClick(dialog.close_button, Qt.MouseButton.LeftButton)
    assert state.project.version == version
