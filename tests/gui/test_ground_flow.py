"""Start from the ground: four answers by name, coordinates, click, box, pack, files and net, each kept as an edit."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from terrain_server import glo30, serving

from cn_planner.area import web
from cn_planner.area.elevation_sources import GeoBox
from cn_planner.area.osm_web import PlaceFound
from cn_planner.area.pack import make_pack
from cn_planner.gis.raster import read_elevation
from cn_planner.gui.app import make_window
from cn_planner.gui.ground_steps import GROUND, HOMES, INTERNET, WHERE, ground_steps, next_ground_step
from cn_planner.gui.values import Level
from cn_planner.jobs import close_pools
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.gateways import may_be_gateway
from cn_planner.model.plan import Area, Household, Info, Plan

MAP = b"""<?xml version="1.0"?><osm version="0.6"><node id="1" lat="42.5" lon="1.5"><tag k="place" v="village"/>
<tag k="name" v="Sispony"/></node><node id="2" lat="42.50" lon="1.51"/><node id="3" lat="42.5002" lon="1.51"/>
<node id="4" lat="42.5002" lon="1.5102"/><node id="5" lat="43.5" lon="1.51"/><node id="6" lat="43.5002" lon="1.51"/>
<node id="7" lat="43.5002" lon="1.5102"/>
<way id="9"><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="2"/><tag k="building" v="house"/></way>
<way id="10"><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="5"/><tag k="building" v="house"/></way></osm>"""


class _Shelf(dict):
    """The server's files; any question below /map or /names has its answer."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[dict[str, str]] = []

    def _answer(self, path: str) -> bytes | None:
        if path.startswith("/map"):
            return MAP
        return json.dumps(self.names).encode() if path.startswith("/names") else None

    def __contains__(self, path: object) -> bool:
        return self._answer(str(path)) is not None or super().__contains__(path)

    def __getitem__(self, path: str) -> bytes:
        return self._answer(path) or super().__getitem__(path)


@pytest.fixture
def server(monkeypatch, shared_data):
    monkeypatch.setattr(web, "FIRST_WAIT_S", 0.001)
    with serving() as made:
        made.files = _Shelf()
        path, data = glo30(read_elevation(shared_data / "terrain/N42E001.hgt.zip").values[:1200, :1200], 42, 1)
        made.files[path] = data
        yield made


@pytest.fixture
def window(qtbot, settings, server, tmp_path):
    for key, value in {
        "look": "light", "language": "en", "tour_seen": True, "terrain_server": server.address,
        "map_server": f"{server.address}/map", "names_server": f"{server.address}/names",
    }.items():  # fmt: skip
        settings.set(key, value)
    made = make_window(settings)
    made.resize(1280, 720)
    made.show()
    made.state.follow = False
    made.state.create(tmp_path / "v.cnplan.gpkg", name="V", country="")
    qtbot.waitUntil(lambda: made.state.project is not None and not made.state.jobs.active(), timeout=30_000)
    yield made
    made.close()
    made.deleteLater()
    QApplication.processEvents()
    close_pools()


@pytest.fixture
def idle(qtbot, window):
    def wait() -> None:
        qtbot.wait(20)
        qtbot.waitUntil(lambda: not window.state.jobs.active(), timeout=120_000)
        qtbot.wait(20)

    return wait


def panel_of(window):
    return window.regions.ground.widget()


def click_map(window, latitude: float, longitude: float) -> None:
    x, y = window.regions.canvas.view.to_screen(latitude, longitude)
    window.regions.canvas.tool_click(QPointF(float(x), float(y)))


def step(window, key):
    return next(one for one in ground_steps(window.state.plan, window.quantities) if one.key == key)


def test_an_empty_plan_opens_with_its_first_question_and_asks_nobody(window, server) -> None:
    panel = panel_of(window)
    assert window.regions.side.currentWidget() is window.regions.ground
    assert panel.where.isVisible()
    assert not panel.go.isEnabled()
    assert window.sidebar.item("area").action.text() == "Begin here…"
    assert window.regions.canvas.content.countries.attribution() == ("Natural Earth",)
    assert not server.asked


def test_coordinates_then_the_net_then_a_click_then_roofs_make_a_plan_ready(window, server, idle, qtbot) -> None:
    """The whole way with a net: each answer is an edit, and all of it goes back by Undo."""
    panel, state = panel_of(window), window.state
    panel.where.setFocus()
    QTest.keyClicks(panel.where, "42.5 N, 1.52 E")
    QTest.keyClick(panel.where, Qt.Key.Key_Return)
    idle()
    box = GeoBox(*state.plan.area.box)
    assert box.south < 42.5 < box.north
    assert not step(window, WHERE).done  # Andorra, or Spain: 6 km from the border nobody is sure
    assert "Which country" in panel.states[WHERE].text()
    edit = panel.country.lineEdit()
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "Andor")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    idle()
    assert state.plan.info.country == "AD"
    assert panel.bodies[GROUND].isVisible()
    assert not server.asked  # until now nothing was asked of anybody
    panel.bring.click()
    idle()
    plan = state.plan
    assert plan.elevation
    assert plan.area.base_map.endswith(".osm")
    folder = state.project.path.parent / "v-terrain"
    assert {one.suffix for one in folder.iterdir()} == {".tif", ".osm"}
    assert window.regions.canvas.tool.key == "gateway"  # the answer is the very next click
    click_map(window, 42.5, 1.52)
    idle()
    assert any(may_be_gateway(one) for one in state.plan.sites.values())
    assert window.regions.side.currentWidget() is window.regions.ground  # the panel stays where one goes on
    assert "1 roof " in panel.roofs.text()  # the other one lies outside of the box
    panel.roofs.click()
    idle()
    assert len(state.plan.households) == 1  # the other roof lies outside of the box
    assert panel.go.isEnabled()
    assert next_ground_step(ground_steps(state.plan, window.quantities)) == ""
    while state.undo_label is not None:
        state.undo()
    assert not state.plan.area.box
    assert not state.plan.households
    assert not state.plan.terrain
    assert panel.where.isVisible()
    while state.redo_label is not None:
        state.redo()
    assert panel.go.isEnabled()
    idle()


def test_a_name_is_found_in_a_pack_at_hand_and_the_pack_brings_the_ground(
    window, server, idle, shared_data, qtbot
) -> None:
    path = window.state.project.path.with_name("andorra.cnpack.gpkg")
    make_pack(path, GeoBox(42.46, 1.45, 42.56, 1.6), [shared_data / "terrain/N42E001.hgt.zip"],
              shared_data / "osm/andorra.osm.pbf", name="Andorra", date="2026-11-29")  # fmt: skip
    window.flow.look_for_packs()
    idle()
    panel = panel_of(window)
    panel.where.setText("Ordino")
    panel.look()
    idle()
    if not window.state.plan.area.box:
        panel.hits.itemAt(0).widget().click()
        idle()
    south, _west, north, _east = window.state.plan.area.box
    assert south < 42.56 < north
    window.state.make(lambda plan: __import__("cn_planner.session.country", fromlist=["x"]).set_country(plan, "AD"))
    idle()
    first = panel.packs.itemAt(0).widget()
    assert "Andorra" in first.text()
    first.click()
    qtbot.waitUntil(lambda: bool(window.state.plan.elevation), timeout=300_000)
    idle()
    assert window.flow.roofs > 100
    assert not server.asked


def test_files_from_a_stick_are_kept_in_the_folder_of_the_plan(window, idle, shared_data) -> None:
    window.intake.take([shared_data / "terrain/N42E001.hgt.zip", shared_data / "osm/andorra.osm.pbf"], along=True)
    idle()
    plan, folder = window.state.plan, window.state.project.path.parent
    (row,) = plan.terrain.values()
    assert row.path == "v-terrain/N42E001.hgt.zip"
    assert plan.area.base_map == "v-terrain/andorra.osm.pbf"
    assert (folder / row.path).is_file()


def test_the_net_is_asked_for_a_name_only_when_told_so(window, server, idle) -> None:
    panel = panel_of(window)
    panel.where.setText("Villaviciosa")
    panel.look()
    idle()
    assert panel.said.isVisible()
    assert "Villaviciosa" in panel.said.text()
    below = panel.said.mapTo(panel, panel.said.rect().bottomLeft()).y()
    assert below < panel.heads[GROUND].mapTo(panel, QPoint(0, 0)).y(), "what is said stands below all questions"
    assert panel.net.isVisible()
    assert not server.asked
    server.files.names = [
        {"lat": "43.4815", "lon": "-5.4352", "display_name": "Villaviciosa, Asturias"},
        {"lat": "40.3582", "lon": "-3.9004", "display_name": "Villaviciosa de Odón, Madrid"},
    ]
    panel.net.click()
    idle()
    assert panel.hits.count() == 2
    panel.hits.itemAt(0).widget().click()
    idle()
    assert GeoBox(*window.state.plan.area.box).south < 43.4815
    assert window.state.plan.info.country == "ES"
    server.files.names = []
    panel.open_step(WHERE)
    panel.where.setText("Nowhere")
    panel.look()
    idle()
    panel.net.click()
    idle()
    assert "knows no place" in panel.said.text()


def test_the_net_is_not_offered_for_coordinates(window, idle) -> None:
    panel = panel_of(window)
    panel.where.setText("42,5450; 1,5150")
    panel.look()
    idle()
    assert panel.hits.count() == 2  # either may be the latitude
    assert not panel.net.isVisible()


def test_a_click_and_a_box_say_where(window, idle, qtbot) -> None:
    panel, canvas = panel_of(window), window.regions.canvas
    canvas.go_to(2.77, 32.3, zoom=9.0, animated=False)
    panel.click_it.click()
    assert canvas.tool.key == "village"
    assert "Where is your village?" in window.regions.tools.hint.text()
    click_map(window, 2.77, 32.3)
    idle()
    assert canvas.tool.key == "select"
    assert window.state.plan.info.country == "UG"
    before = window.state.plan.area.box
    panel.open_step(WHERE)
    panel.draw.click()
    x, y = canvas.width() // 2, canvas.height() // 2
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(x - 60, y - 40))
    for at in range(5):
        qtbot.mouseMove(canvas, QPoint(x - 60 + 20 * at, y - 40 + 15 * at))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(x + 40, y + 35))
    idle()
    assert window.state.plan.area.box not in ((), before)
    window.state.undo()
    assert window.state.plan.area.box == before


def test_terrain_stays_where_the_map_does_not_come(window, server, idle) -> None:
    panel = panel_of(window)
    window.flow.take_place(42.5, 1.52)
    idle()
    server.files.__class__ = type(
        "NoMap", (_Shelf,), {"_answer": lambda _self, path: b"<osm>" if path.startswith("/map") else None}
    )
    panel.bring.click()
    idle()
    assert window.state.plan.elevation
    assert not window.state.plan.area.base_map
    assert "no whole map" in panel.said.text()
    assert window.flow.said.level is Level.WARNING


def test_what_is_fetched_can_be_cancelled_and_goes_on(window, server, idle, qtbot) -> None:
    panel = panel_of(window)
    window.flow.take_place(42.5, 1.52)
    idle()
    web.FIRST_WAIT_S = 60.0  # as the fixture puts it back
    tile = next(key for key in dict.keys(server.files))
    server.faults[tile] = ["503"]
    panel.bring.click()
    qtbot.waitUntil(lambda: not server.faults[tile], timeout=20_000)
    assert panel.job.stop.isVisible()
    panel.job.stop.click()
    idle()
    assert "Cancelled" in panel.said.text()
    assert not window.state.plan.elevation
    web.FIRST_WAIT_S = 0.001
    panel.bring.click()
    idle()
    assert window.state.plan.elevation


def test_an_empty_plan_is_asked_all_four_and_one_without_a_country_whose_rules_hold(window) -> None:
    steps = ground_steps(Plan(), window.quantities)
    assert [one.key for one in steps if not one.done] == [WHERE, GROUND, INTERNET, HOMES]
    assert next_ground_step(steps) == WHERE
    boxed = Plan(area=Area(box=(2.7, 32.2, 2.9, 32.4)))
    where = ground_steps(boxed, window.quantities)[0]
    assert not where.done
    assert "Which country is it?" in str(where.state)
    known = ground_steps(replace(boxed, info=Info(country="UG")), window.quantities)
    assert next_ground_step(known) == GROUND


def test_a_click_stands_though_the_plan_went_on_meanwhile(window, idle) -> None:
    window.flow.take_place(2.77, 32.3)
    window.state.make(lambda plan: edits.change_section(plan, "info", msg("name"), name="Another"))
    idle()
    assert window.state.plan.area.box
    assert window.state.plan.info.name == "Another"


def test_a_country_that_is_typed_is_one_step_of_undo(window, qtbot) -> None:
    panel = panel_of(window)
    before = window.state.project.version
    field = panel.country.lineEdit()
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "Nigeria")
    assert window.state.plan.info.country == ""
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.state.plan.info.country == "NG"
    window.state.undo()
    assert window.state.plan.info.country == ""
    assert window.state.project.version != before  # an undo is a version of its own
    qtbot.keyClicks(field, "Ken")
    window.close()  # the field's last word finds no plan any more


def test_who_presses_a_place_that_was_found_keeps_it_while_jobs_tell_how_far_they_are(window) -> None:
    panel, flow = panel_of(window), window.flow
    flow.found = (PlaceFound("Vila", 2.7, 32.3), PlaceFound("Vila", 2.9, 32.3))
    flow.changed.emit()
    first = panel.hits.itemAt(0).widget()
    window.state.jobsChanged.emit()
    assert panel.hits.itemAt(0).widget() is first
    flow.found = ()
    flow.changed.emit()
    assert panel.hits.count() == 0


def test_what_was_found_is_named_whole_and_taking_it_goes_on_to_the_next(window, idle) -> None:
    panel, flow = panel_of(window), window.flow
    panel.open_step(WHERE)
    assert panel.where.hasFocus()  # it is typed
    long = "Pic de la Raconada de la Maiana de la Serra de Dalt"
    flow.found = (PlaceFound("Vila", 2.77, 32.3), PlaceFound(long, 2.9, 32.3))
    flow.changed.emit()
    QApplication.processEvents()
    first, second = (panel.hits.itemAt(row).widget() for row in (0, 1))
    assert first.text() == first.accessibleName() == "Vila · 2.77000 N  32.30000 E"  # nothing said of its terrain
    assert second.text().endswith("…")
    assert second.toolTip() == second.accessibleName()
    first.setFocus()
    first.click()
    idle()
    assert step(window, WHERE).done
    assert panel.bodies[WHERE].isHidden()
    assert panel.heads[GROUND].hasFocus()  # not on whatever stands next in the window


def test_the_panel_speaks_another_language_and_keeps_its_step(window, settings, idle) -> None:
    window.flow.take_place(2.77, 32.3)
    idle()
    settings.set("language", "ar")
    idle()
    assert panel_of(window).bodies[GROUND].isVisible()
    settings.set("language", "en")


def test_a_slip_in_the_country_makes_no_plan_without_one(window, qtbot, tmp_path: Path) -> None:
    from cn_planner.gui.dialogs.new_plan import NewPlanDialog

    made: list[object] = []
    dialog = NewPlanDialog(window, tmp_path, lambda *what: made.append(what))
    dialog.show()
    dialog.name.setText("V")
    edit = dialog.country.lineEdit()
    edit.selectAll()
    QTest.keyClicks(edit, "Atlantis")
    dialog._begin()
    assert not made
    assert dialog.unknown.isVisible()
    edit.selectAll()
    QTest.keyClicks(edit, "Spa")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    dialog._begin()
    assert made[0][2] == "ES"


def test_the_panel_says_how_the_first_plan_stands_and_begins_none_beside_it(window, idle, qtbot) -> None:
    state = window.state
    panel = panel_of(window)
    busy = threading.Event()
    state.jobs.submit("plan", msg("Choosing sites, masts and links"), lambda _report, _cancel: busy.wait(30))
    qtbot.waitUntil(lambda: panel.job.isVisible(), timeout=5_000)
    assert "Choosing sites, masts and links" in panel.job.doing.text()
    assert not panel.go.isEnabled()
    assert panel.job.stop.accessibleName() == "Cancel: Choosing sites, masts and links"
    busy.set()
    qtbot.waitUntil(lambda: not panel.job.isVisible(), timeout=5_000)


def test_who_has_a_list_of_homes_is_told_what_the_net_still_needs_and_not_what_is_answered(window, idle) -> None:
    """Beside a first answer that was ticked stood "First say where the village is."."""
    homes = [Household("H1", "One", 2.81, 32.32), Household("H2", "Two", 2.82, 32.33)]
    window.state.make(lambda plan: edits.put(replace(plan, info=replace(plan.info, country="UG")), homes))
    idle()
    assert step(window, WHERE).done
    panel = panel_of(window)
    assert not panel.bring.isEnabled()
    assert panel.net_said.text() == "Draw a box or name the village: that says how much is brought in."
