"""The band here: picture, tables and command say the same, and a channel is set by typing, clicking and keys."""

from __future__ import annotations

import gc
import json
import weakref
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.drawing.band_chart import band_scale
from cn_planner.gui.dialogs.band import BandDialog
from cn_planner.model import edits
from cn_planner.model.plan import Sector
from cn_planner.service.path_view import PathEnd, path_view
from cn_planner.spectrum.band import ChannelState, bare_ears, ear_of, ears_of_site


@pytest.fixture
def dialog(state, qtbot):
    # Two towers with a link and a sector, no homes: what is looked at is the dialog.
    plan = state.plan
    few = [key for key in plan.sites if key not in ("G01", "C01")]
    plan = edits.remove(edits.remove(plan, "households", list(plan.households)).plan, "sites", few).plan
    plan = replace(plan, info=replace(plan.info, country="ES"))
    tower = replace(plan.sites["C01"], sectors=(Sector("S1", plan.kits.access, 90.0),))
    state.make(lambda _: edits.put(plan, [tower, replace(plan.links["L1"], freq_mhz=5510.0)]))
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1280, 720)
    window.show()
    made = BandDialog(window, state)
    made.show()
    made.listen(ear_of(state.plan, state.project.catalogue, "L1:C01"))
    _looked(qtbot, made)
    yield made
    made.close()


def _looked(qtbot, dialog: BandDialog) -> None:
    def ready() -> bool:
        found = dialog.found
        if found is None or found.ear != dialog.ear or dialog._state.jobs.active() or dialog._soon.isActive():
            return False
        return found.own is None or found.own.channel.freq_mhz == _now(dialog)

    qtbot.waitUntil(ready, timeout=60_000)


def _now(dialog: BandDialog) -> float:
    kind, site, key = dialog.ear.user
    plan = dialog._state.plan
    one = plan.links[key] if kind == "link" else plan.sites[site].sectors[0]
    kit = dialog._state.project.catalogue.kit(one.kit or plan.kits.backhaul)
    return one.freq_mhz or kit.freq_mhz


def test_picture_tables_and_command_say_the_same(dialog, state):
    found = dialog.found
    said = CliRunner().invoke(app, ["spectrum", str(state.project.path), "L1:C01", "--json"])
    assert said.exit_code == 0, said.output
    told = json.loads(said.stdout)
    modes = told.pop("modes")
    assert told == json.loads(json.dumps(found.as_dict()))
    assert modes == json.loads(json.dumps(dialog.modes.ladder.as_dict()))
    assert dialog.channels.rowCount() == len(told["channels"]) > 3
    for row, one in enumerate(told["channels"]):
        assert f"{one['freq_mhz']:g} MHz" in dialog.channels.item(row, 0).text()
        heard = "nobody" if one["heard_dbm"] is None else f"{found.channels[row].heard_dbm:.0f} dBm"
        assert heard in dialog.channels.item(row, 2).text()
        lost = found.channels[row].lost
        words = "–" if lost is None else "nothing" if lost < 0.0005 else f"{100 * lost:.1f} %"
        assert words in dialog.channels.item(row, 3).text()
    assert dialog.radios.rowCount() == len(told["radios"]) == 2
    for row, one in enumerate(found.radios):
        assert f"{one.level_dbm:.0f} dBm" in dialog.radios.item(row, 2).text()
    assert dialog.picture.accessibleDescription() == dialog.picture.drawing().description


def test_the_ladder_is_that_of_the_channel_that_is_looked_at(dialog, state, qtbot):
    ladder, table = dialog.modes.ladder, dialog.modes.table
    assert ladder.freq_mhz == 5510.0
    assert ladder.far == state.plan.sites["G01"].name
    ends = (PathEnd(0.0, 0.0, kind="site", id=key) for key in ("C01", "G01"))
    view = path_view(state.project.snapshot().study, *ends, link=state.plan.links["L1"])
    assert ladder.counted == view.budget.mcs_up
    assert table.rowCount() == len(ladder.steps) > 5
    for row, step in enumerate(ladder.steps):
        assert table.item(row, 0).text() == step.mode
        spare = table.item(row, 3).text()
        assert spare.startswith("✓" if step.spare_db >= ladder.wanted_db else "▲")
        assert f"{step.spare_db:.1f} dB" in spare
        assert table.item(row, 0).font().bold() == (step.mode == ladder.counted)
    counted = next(one for one in ladder.steps if one.mode == ladder.counted)
    assert counted.spare_db == pytest.approx(view.budget.margin_up_db)
    assert f"{counted.level_dbm:.0f} dBm" in dialog.modes.said.text()
    dialog.picture.chosen.emit(5670.0)
    assert dialog.modes.ladder.freq_mhz == 5670.0
    assert "5670 MHz" in dialog.modes.said.text()
    closed = next(one for one in dialog.found.channels if not one.state.may_send)
    dialog.picture.chosen.emit(closed.channel.freq_mhz)
    assert dialog.modes.ladder.freq_mhz == 5510.0  # where it may not send there is nothing to stand on: its own
    dialog.listen(bare_ears(state.plan, state.project.catalogue, 0.0, 0.0, 5.0)[0]._replace(
        latitude=state.plan.sites["C01"].latitude, longitude=state.plan.sites["C01"].longitude
    ))  # fmt: skip
    _looked(qtbot, dialog)
    assert not dialog.modes.isVisible()


def test_it_is_set_by_typing_and_taken_back(dialog, state, qtbot):
    before = state.plan
    dialog.channel.committed.emit(5590.0)
    assert state.plan.links["L1"].freq_mhz == 5590.0
    assert str(state.undo_label).startswith("channel of ")
    _looked(qtbot, dialog)
    assert dialog.found.own.channel.freq_mhz == dialog.channel.value() == 5590.0
    state.undo()
    assert state.plan == before
    _looked(qtbot, dialog)
    assert dialog.found.own.channel.freq_mhz == 5510.0


def test_a_click_sets_a_channel_that_is_open_and_none_that_is_not(dialog, state, qtbot):
    found, picture = dialog.found, dialog.picture
    width, height = picture.points()
    scale = band_scale(found, width, height)

    def click(freq_mhz: float) -> None:
        qtbot.mouseClick(
            picture, Qt.MouseButton.LeftButton, pos=QPoint(round(scale.x(freq_mhz) / width * picture.width()), 90)
        )

    closed = next(one for one in found.channels if one.state in (ChannelState.CLOSED, ChannelState.INDOOR))
    click(closed.channel.freq_mhz)
    assert state.plan.links["L1"].freq_mhz == 5510.0
    assert "indoors only" in dialog.under.text() or "closed" in dialog.under.text()
    click(5670.0)
    assert state.plan.links["L1"].freq_mhz == 5670.0
    _looked(qtbot, dialog)


def test_keys_go_from_channel_to_channel_and_enter_sets(dialog, state, qtbot):
    picture = dialog.picture
    picture.setFocus()
    picture.choose(5510.0)
    qtbot.keyClick(picture, Qt.Key.Key_Right)
    assert picture.at_mhz == 5550.0
    assert dialog.channels.item(dialog.channels.currentRow(), 0).data(Qt.ItemDataRole.UserRole) == 5550.0
    qtbot.keyClick(picture, Qt.Key.Key_End)
    assert picture.at_mhz == dialog.found.channels[-1].channel.freq_mhz
    qtbot.keyClick(picture, Qt.Key.Key_Home)
    assert picture.at_mhz == dialog.found.channels[0].channel.freq_mhz
    picture.choose(5550.0)
    qtbot.keyClick(picture, Qt.Key.Key_Return)
    assert state.plan.links["L1"].freq_mhz == 5550.0
    _looked(qtbot, dialog)


def test_a_channel_that_the_law_closes_may_be_typed_and_is_warned_of(dialog, state, qtbot):
    dialog.channel.committed.emit(5230.0)
    assert state.plan.links["L1"].freq_mhz == 5230.0
    _looked(qtbot, dialog)
    assert "indoors only" in dialog.verdict.text()
    assert dialog.take_best.isEnabled()
    best = dialog.found.best.freq_mhz
    dialog.take_best.click()
    assert state.plan.links["L1"].freq_mhz == best
    _looked(qtbot, dialog)


def test_a_sector_has_its_channel_set_too(dialog, state, qtbot):
    ears = ears_of_site(state.plan, state.project.catalogue, state.plan.sites["C01"])
    dialog.listen(ears[0])
    _looked(qtbot, dialog)
    dialog.set_channel(5600.0)
    assert state.plan.sites["C01"].sectors[0].freq_mhz == 5600.0
    assert str(state.undo_label) == f"channel of sector S1 of {state.plan.sites['C01'].name}"
    _looked(qtbot, dialog)


def test_a_bare_antenna_sets_nothing(dialog, state, qtbot):
    site, before = state.plan.sites["C01"], state.plan
    ear = bare_ears(state.plan, state.project.catalogue, site.latitude + 0.01, site.longitude, 4.0)[0]
    dialog.listen(ear)
    _looked(qtbot, dialog)
    assert dialog.found.own is None
    assert not dialog.channel.isVisible()
    dialog.set_channel(5600.0)
    dialog._click(5550.0)
    assert state.plan is before


def test_it_follows_what_is_selected_and_a_tower_that_goes(dialog, state, qtbot):
    state.select("site", "G01")
    _looked(qtbot, dialog)
    assert dialog.found.ear.site == "G01"
    state.select("link", "L1")
    _looked(qtbot, dialog)
    assert dialog.found.own.key[2] == "L1"
    assert state.make(lambda plan: edits.remove(plan, "sites", ["C01"]))
    qtbot.waitUntil(lambda: dialog.found is not None and dialog.found.own is None, timeout=60_000)


def test_a_click_on_the_picture_of_another_radio_sets_nothing(dialog, state, qtbot):
    """While a sector is listened for, the picture is still that of the link: its channel was set on the sector."""
    before = state.plan
    dialog.listen(ears_of_site(state.plan, state.project.catalogue, state.plan.sites["C01"])[0])
    assert dialog.found.ear.user[0] == "link"
    dialog._click(5600.0)
    dialog.take_best.click()
    dialog.channel.committed.emit(5590.0)
    assert state.plan is before
    _looked(qtbot, dialog)
    dialog._click(5600.0)
    assert state.plan.sites["C01"].sectors[0].freq_mhz == 5600.0
    _looked(qtbot, dialog)


def test_a_dialog_that_was_closed_listens_no_more_and_is_let_go(dialog, state, qtbot):
    again = BandDialog(dialog.parent(), state)
    again.show()
    again.listen(dialog.ear)
    again.look()
    assert any(job.key == "band" for job in state.jobs.active())
    kept = weakref.ref(again)
    again.close()
    assert all(job.token.cancelled for job in state.jobs.active() if job.key == "band")
    del again
    qtbot.waitUntil(lambda: not state.jobs.active(), timeout=60_000)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert kept() is None


def test_a_plan_whose_kits_are_not_on_the_shelf_is_told(dialog, state, qtbot):
    kits = replace(state.plan.kits, access="gone", backhaul="gone")
    bare = [replace(one, sectors=()) for one in state.plan.sites.values()]
    plan = edits.put(state.plan, bare).plan
    state.make(lambda _: edits.remove(replace(plan, kits=kits), "links", ["L1"]))
    assert "There is no kit gone." in dialog.said.text()
    assert dialog.found is None
    state.select("site", "G01")
    assert "There is no kit gone." in dialog.said.text()
    for words in (["G01"], ["--at=42.05,1.85,3"]):
        said = CliRunner().invoke(app, ["spectrum", str(state.project.path), *words])
        assert said.exit_code == 1
        assert "There is no kit gone." in said.output


def test_a_link_is_told_from_a_site_and_a_sector_of_its_name(dialog, state, qtbot):
    twin = replace(state.plan.sites["C01"], sectors=(Sector("G01", state.plan.kits.access, 90.0),))
    link = replace(state.plan.links["L1"], id="G01")
    state.make(lambda plan: edits.put(edits.remove(plan, "links", ["L1"]).plan, [twin, link]))
    shelf = state.project.catalogue
    dialog.listen(ear_of(state.plan, shelf, "C01:G01"))
    _looked(qtbot, dialog)
    assert dialog.found.own.key[0] == "sector"
    state.select("link", "G01")
    _looked(qtbot, dialog)
    assert dialog.found.own.key[0] == "link"
    assert ear_of(state.plan, shelf, "G01").site == "G01"


@pytest.mark.parametrize(
    "words",
    [
        [], ["L9"], ["C01:S9"], ["--at", "91,1,2"], ["--at=1,2"], ["L1", "--at=1,2,3"], ["--at=x"], ["--at=42,1,-5"],
        ["--at=42,1,1e9"], ["L1", "--kit", "nope"], ["C01:S1", "--kit", "nope"], ["G01", "--kit", "nope"],
        ["--at=42,1,5", "--kit", "nope"],
    ],
)  # fmt: skip
def test_the_command_says_what_it_cannot_do(dialog, state, words):
    said = CliRunner().invoke(app, ["spectrum", str(state.project.path), *words])
    assert said.exit_code != 0
    assert "Traceback" not in said.output
    assert "made a mistake" not in said.output


def test_the_command_in_words(dialog, state):
    site = state.plan.sites["G01"]
    for where in ("C01:S1", "G01", f"--at={site.latitude + 0.01},{site.longitude},5"):
        said = CliRunner().invoke(app, ["spectrum", str(state.project.path), where])
        assert said.exit_code == 0, said.output
        assert "MHz" in said.output
