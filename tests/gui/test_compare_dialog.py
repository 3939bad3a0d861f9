"""Comparing in the window: with the version before, with another plan, and what is said where there is none."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QApplication, QLabel

from cn_planner.gui.dialogs.compare import CompareDialog
from cn_planner.model import edits
from cn_planner.session.project import Project


def texts(qtbot, dialog: CompareDialog) -> list[str]:
    dialog.show()
    # What was found comes a moment after its job is no longer listed.
    qtbot.waitUntil(lambda: not dialog.busy and bool(dialog.found or dialog.fault or dialog.nothing), timeout=60_000)
    QApplication.sendPostedEvents()  # what was put into a layout is shown by one
    return [one.text() for one in dialog.body.findChildren(QLabel) if not one.isHidden()]


def test_the_plan_is_held_against_what_was_shared_last(state, window, qtbot):
    dialog = CompareDialog(window, state)
    assert any("There is no version before" in one for one in texts(qtbot, dialog))
    dialog.close()
    state.project.keep_version(state.plan, state.project.version, "2026-11-01")
    site = state.plan.sites["C01"]
    state.apply(edits.put(state.plan, [replace(site, name="<b>New</b> name", mast_height_m=17.0)]))
    dialog = CompareDialog(window, state)
    said = texts(qtbot, dialog)
    assert any(one.startswith("version ") and "2026-11-01" in one for one in said), said
    assert any("<b>New</b> name" in one and "17 m" in one for one in said)
    assert dialog.found is not None
    assert dialog.found.before != dialog.found.now
    state.undo()
    assert dialog.outdated
    dialog.close()


def test_another_plan_is_put_beside_it(state, window, qtbot, tmp_path):
    other = state.project.path.with_name("other.cnplan.gpkg")  # beside the same terrain
    Project.create(other, replace(state.plan, demand=replace(state.plan.demand, contention=7.0))).close()
    dialog = CompareDialog(window, state)
    dialog.compare_with(other)
    said = texts(qtbot, dialog)
    assert "other.cnplan.gpkg" in said
    assert any("Now 7; before: 20." in one for one in said)
    dialog.compare_with(tmp_path / "gone.cnplan.gpkg")
    said = texts(qtbot, dialog)
    assert dialog.found is None
    assert dialog.fault
    dialog.close()


def test_going_back_to_a_version_is_proposed_first(state, window, qtbot, settled):
    state.project.keep_version(state.plan, state.project.version, "2026-11-01")
    shared = state.plan
    state.make(lambda plan: edits.put(plan, [replace(plan.sites["C01"], mast_height_m=17.0)]))
    now = state.plan
    dialog = CompareDialog(window, state)
    texts(qtbot, dialog)
    dialog.back.click()
    settled(state)
    assert state.plan is now
    assert state.proposals.accept()
    assert state.plan.sites == shared.sites
    assert str(state.undo_label).startswith("back to version ")


def test_a_scenario_and_each_version_are_held_against_the_plan(state, window, qtbot):
    state.project.keep_version(state.plan, 1, "2026-11-01")
    site = state.plan.sites["C01"]
    state.apply(edits.put(state.plan, [replace(site, mast_height_m=17.0)]))
    state.project.keep_version(state.plan, 2, "2026-11-02")
    assert state.new_scenario("Cheaper")
    state.apply(edits.put(state.plan, [replace(state.plan.sites["C01"], mast_height_m=8.0)]))
    dialog = CompareDialog(window, state)
    texts(qtbot, dialog)
    offered = [dialog.with_what.itemText(n) for n in range(dialog.with_what.count())]
    assert [one.partition(",")[0] for one in offered] == ["Version 2", "Version 1", "Scenario Plan A"]
    assert dialog.with_what.choice() == "version:2"
    assert any("8 m" in one and "17 m" in one for one in texts(qtbot, dialog))

    def hold(number: int) -> list[str]:
        dialog.with_what.setCurrentIndex(number)
        dialog.with_what.activated.emit(number)
        return texts(qtbot, dialog)

    assert any("8 m" in one and "12 m" in one for one in hold(1))
    assert dialog.back.isEnabled()
    said = hold(2)
    assert "Plan A" in said
    assert "Cheaper" in said
    assert any("8 m" in one and "17 m" in one for one in said)
    assert not dialog.back.isEnabled()  # a scenario has a tab of its own: one goes there
    dialog.close()
