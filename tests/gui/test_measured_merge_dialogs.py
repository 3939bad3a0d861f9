"""Windows for what was measured and for bringing plans together: what the commands do, and what it changes."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from cn_planner.gui.dialogs.measured import MeasuredDialog
from cn_planner.gui.dialogs.merge import MergeDialog
from cn_planner.gui.dialogs.relay import RelayDialog
from cn_planner.gui.map.layers.next_places import NextPlacesLayer
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.merge import Take
from cn_planner.model.plan import Measurement
from cn_planner.session.project import Project


def texts(dialog) -> str:
    return " | ".join(one.text() for one in dialog.findChildren(QLabel) if one.isVisibleTo(dialog))


def measured(state, qtbot, window, marks) -> MeasuredDialog:
    made = MeasuredDialog(
        window, state, lambda *at: marks.append(("go", *at)), lambda some: marks.append(tuple(some)),
        lambda command: marks.append(("do", command)),
    )  # fmt: skip
    made.show()
    return made


def test_without_measurements_it_says_how_to_begin(state, qtbot, window):
    marks = []
    dialog = measured(state, qtbot, window, marks)
    assert "Nobody has measured yet" in dialog.said.text()
    dialog.sheet.click()  # both ways that it names are buttons
    dialog.file.click()
    assert marks[-2:] == [("do", "what_seen"), ("do", "import_measurements")]
    assert not dialog.use.isEnabled()
    assert not dialog.off.isEnabled()
    dialog.close()


def test_what_comes_while_it_is_open_is_looked_at_at_once(state, qtbot, window):
    away = list(state.plan.households)[30:]
    state.make(lambda plan: edits.remove(plan, "households", away))
    dialog = measured(state, qtbot, window, [])
    home = next(iter(state.plan.households.values()))
    row = Measurement("m1", home.latitude, home.longitude, 5560.0, -70.0, "G01", 5.0, "2026-11-03")
    state.make(lambda plan: edits.put(plan, [row]))
    qtbot.waitUntil(lambda: dialog.found is not None or bool(dialog.fault), timeout=120_000)
    assert dialog.found.report.used == 1
    assert dialog.use.isEnabled()
    dialog.look()
    dialog.stop()
    qtbot.waitUntil(lambda: not dialog.busy, timeout=60_000)
    assert dialog.again.isVisible(), "what was stopped can be looked at again"
    state.undo()
    assert dialog.sheet.isVisible(), "without measurements it says again how to begin"
    assert not dialog.again.isVisible()
    dialog.close()


def test_it_is_used_compared_and_taken_off_and_marks_where_to_measure_next(state, qtbot, window, tmp_path):
    few = list(state.plan.households)[:30]
    away = [key for key in state.plan.households if key not in few]
    state.make(lambda plan: edits.remove(plan, "households", away))
    rows = [
        Measurement(f"m{n}", home.latitude, home.longitude, 5560.0, -70.0 - n, "G01", 5.0, "2026-11-03")
        for n, home in enumerate(list(state.plan.households.values())[:6])
    ]
    state.make(lambda plan: edits.put(plan, rows))
    marks = []
    dialog = measured(state, qtbot, window, marks)
    qtbot.waitUntil(lambda: dialog.found is not None or bool(dialog.fault), timeout=120_000)
    assert not dialog.fault
    # Rows that a layout has just taken are shown by the next event.
    qtbot.waitUntil(lambda: "Homes that will be reached" in texts(dialog))
    assert "Where to measure next" in texts(dialog)
    report = dialog.found.report
    assert len(report.measure_next) == 5
    assert marks[-1] == tuple((one.latitude, one.longitude) for one in report.measure_next)
    out = tmp_path / "next"
    dialog.write_gpx(out)
    written = (tmp_path / "next.gpx").read_text(encoding="utf-8")
    assert written.count("<wpt ") == 5
    dialog.use.click()
    assert state.plan.calibration == report.calibration
    assert "counts" in dialog.said.text()
    assert dialog.off.isEnabled()
    dialog.off.click()
    assert not state.plan.calibration.on
    assert set(state.plan.measurements) == {row.id for row in rows}
    state.undo()
    assert state.plan.calibration.on
    assert all(one.accessibleName() for one in dialog.findChildren(QPushButton))
    dialog.close()
    assert marks[-1] == (), "the marks go with the dialog"


def test_places_to_measure_at_are_painted_as_numbers(qtbot):
    layer = NextPlacesLayer("next_places", msg("Where to measure next"))
    with qtbot.waitSignal(layer.changed):
        layer.set_places([(1.0, 2.0), (1.1, 2.1)])
    assert layer.places == ((1.0, 2.0), (1.1, 2.1))


def test_what_to_measure_and_where_a_relay_may_stand_leave_each_other_alone(regions, state, settings, qtbot, settled):
    """Each cleared the other's rings from the map when its dialog was closed."""
    content, canvas = regions.canvas.content, regions.canvas
    content.next_places.set_places([(1.0, 2.0)])
    dialog = RelayDialog(canvas, state, ("C01", "G01"), canvas.go_to, content.relay_places.set_places)
    dialog.show()
    qtbot.waitUntil(lambda: not dialog.busy, timeout=120_000)
    assert len(content.relay_places.places) == len(dialog.found.options) > 0
    assert content.relay_places.key != content.next_places.key
    dialog.close()
    assert content.relay_places.places == ()
    assert content.next_places.places == ((1.0, 2.0),)


@pytest.fixture
def other(state, tmp_path):
    """A copy in which somebody else went on; mine went on as well."""
    path = tmp_path / "other" / "from-juma.cnplan.gpkg"
    path.parent.mkdir()
    shutil.copyfile(state.project.path, path)
    for terrain in state.project.path.parent.glob("*.tif"):
        shutil.copy(terrain, path.parent)
    with Project.open(path) as project:
        place = project.plan.sites["C01"]
        project.apply(edits.put(project.plan, [replace(place, owner="The school")]))
        project.apply(edits.put(project.plan, [replace(project.plan.sites["C02"], note="a well")]))
    state.make(lambda plan: edits.put(plan, [replace(plan.sites["C01"], owner="The parish")]))
    return path


@pytest.mark.parametrize("take", list(Take))
def test_conflicts_stand_side_by_side_and_one_click_takes_a_side(state, settled, qtbot, window, other, take):
    dialog = MergeDialog(window, state, other)
    dialog.show()
    assert dialog.busy, "a stranger's file is not read on the window's thread"
    assert not dialog.take.isEnabled()
    settled(state)
    qtbot.waitUntil(lambda: all(one in texts(dialog) for one in ("The parish", "The school", "owner")))
    assert dialog.word.choice() is Take.MINE, "there is a default"
    count = state.project.version
    dialog.word.show_value(take)
    dialog.word.committed.emit(take)
    settled(state)
    qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    assert state.project.version == count + 1
    assert state.plan.sites["C01"].owner == ("The parish" if take is Take.MINE else "The school")
    assert state.plan.sites["C02"].note == "a well"
    state.undo()
    assert state.plan.sites["C02"].note == ""


def test_a_look_that_was_stopped_or_overtaken_takes_nothing(state, settled, window, other):
    dialog = MergeDialog(window, state, other)
    dialog.show()
    dialog.stop()
    settled(state)
    assert dialog.said.text() == "It was stopped."
    assert dialog.again.isVisible()
    dialog.again.click()
    state.make(lambda plan: edits.put(plan, [replace(plan.sites["C02"], owner="The mill")]))
    settled(state)
    before = state.plan
    dialog.bring()
    assert state.plan is before
    dialog.again.click()
    settled(state)
    dialog.bring()
    assert (state.plan.sites["C02"].owner, state.plan.sites["C02"].note) == ("The mill", "a well")


def test_a_strangers_plan_is_refused_in_words(state, settled, window, tmp_path):
    path = tmp_path / "stranger.cnplan.gpkg"
    Project.new(path, name="Elsewhere", country="UG").close()
    before = state.plan
    dialog = MergeDialog(window, state, path)
    dialog.show()
    settled(state)
    assert "did not begin as one" in dialog.said.text()
    assert not dialog.take.isEnabled()
    dialog.bring()
    assert state.plan is before
    dialog.close()


def test_a_word_that_leaves_the_plan_as_it_was_is_a_step_that_the_window_knows(state, settled, window, other):
    """The step stood in the history, and nobody was told: Undo went by the name of the step before."""
    with Project.open(other) as project:
        project.undo()  # what is left of theirs is the owner that mine contradicts
    dialog = MergeDialog(window, state, other)
    settled(state)
    plan, told = state.plan, []
    state.planChanged.connect(lambda _changes: told.append(str(state.undo_label)))
    dialog.bring()
    assert state.plan == plan
    assert ["bring together" in one for one in told] == [True]
    state.undo()
    assert state.plan == plan
    assert len(told) == 2
