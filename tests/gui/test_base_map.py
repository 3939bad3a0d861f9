"""Roads, rivers, forests and names under the plan: painted at every zoom and theme, and only from files that may be."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from cn_planner.drawing.palette import Theme
from cn_planner.gis.base_map import BASE_LAYERS, read_base_map
from cn_planner.gui.base_map import BaseMaps, choose_base_map
from cn_planner.gui.intake import BASE_MAP, what_is
from cn_planner.gui.map.canvas import MapCanvas
from cn_planner.gui.map.layers.base import PaintFrame, paint_layer
from cn_planner.gui.map.layers.base_drawing import shapes_of
from cn_planner.gui.map.layers.base_map import BaseMapLayer
from cn_planner.gui.map.mercator import Viewport
from cn_planner.gui.map.style import Style
from cn_planner.model.edits import change_section
from cn_planner.model.items import Items
from cn_planner.model.plan import Plan, Site

MIDDLE = 42.507, 1.525
VIEW = Viewport(0.5, 0.5, 12.0, 640, 480).on(*MIDDLE)


@pytest.fixture(scope="module")
def andorra(shared_data):
    return read_base_map(shared_data / "osm/andorra.osm.pbf")


@pytest.fixture(scope="module")
def layer(andorra):
    made = BaseMapLayer()
    made.set_shapes(shapes_of(andorra), "(c) OpenStreetMap contributors")
    return made


def picture(layer, view, theme=Theme.LIGHT, clips=(None,)):
    image = QImage(view.width, view.height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    for clip in clips:
        painter = QPainter(image)
        if clip is not None:
            painter.setClipRect(clip)
        paint_layer(painter, layer, PaintFrame(view, Style(theme)))
        painter.end()
    return np.frombuffer(image.constBits(), np.uint32).reshape(view.height, view.width).copy()


def test_an_extract_has_every_layer(andorra):
    assert tuple(andorra) == BASE_LAYERS
    assert all(len(andorra[name]) > 30 for name in BASE_LAYERS)
    assert {"main", "road", "street", "track", "path"} == set(andorra["roads"].classes)
    assert "Andorra la Vella" in andorra["places"].names


def test_each_zoom_and_theme_shows_something_and_more_the_nearer(layer):
    seen = [np.count_nonzero(picture(layer, VIEW.on(*MIDDLE, zoom=zoom))) for zoom in (6.0, 9.0, 11.0, 13.0)]
    assert seen[0] > 0
    assert seen == sorted(seen)
    pictures = [picture(layer, VIEW, theme) for theme in (Theme.LIGHT, Theme.DARK, Theme.BLACK_AND_WHITE)]
    assert not np.array_equal(pictures[0], pictures[1])
    grey = pictures[2][pictures[2] != 0]
    red, green, blue = (grey >> 16) & 255, (grey >> 8) & 255, grey & 255
    assert int(np.abs(red.astype(int) - green.astype(int)).max()) <= 1
    assert int(np.abs(blue.astype(int) - green.astype(int)).max()) <= 1
    assert layer.attribution() == ("(c) OpenStreetMap contributors",)


def test_painted_part_by_part_it_is_the_same_picture(layer):
    halves = (QRect(0, 0, 300, 480), QRect(300, 0, 340, 480))
    whole, parts = picture(layer, VIEW), picture(layer, VIEW, clips=halves)
    apart = [np.abs(((whole >> k) & 255).astype(int) - ((parts >> k) & 255).astype(int)).max() for k in (0, 8, 16, 24)]
    assert max(apart) <= 3  # of 255, where an edge is cut


def test_names_of_places_leave_towers_and_their_names_alone(andorra, qtbot):
    canvas = MapCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(900, 700)
    sites = [Site(f"S{n}", f"Mast of the hill {n}", 42.49 + 0.012 * n, 1.50 + 0.014 * n) for n in range(5)]
    canvas.content.set_plan(Plan(sites=Items(sites)))
    canvas.content.place_names.set_places(andorra["places"])
    canvas.go_to(*MIDDLE, zoom=13.0, animated=False)
    canvas.show()
    qtbot.waitExposed(canvas)
    canvas.grab()
    left, top = canvas.view.origin
    names = canvas.content.place_names
    own = [box.translated(-left, -top) for box in names._places.values() if box is not None]
    taken = canvas.content.labels.boxes(canvas.view)
    assert len(own) > 4
    assert len(taken) == 5
    for number, box in enumerate(own):
        assert not any(box.intersects(other) for other in own[:number] + taken)
    canvas.shutdown()


def test_a_file_is_chosen_shown_and_taken_back(state, settled, shared_data, qtbot):
    beside = state.project.path.with_name("andorra.osm.pbf")
    shutil.copyfile(shared_data / "osm/andorra.osm.pbf", beside)
    canvas = MapCanvas()
    qtbot.addWidget(canvas)
    maps = BaseMaps(state, canvas.content, canvas)
    assert what_is(beside) == BASE_MAP
    assert choose_base_map(state, beside) is not None
    settled(state)
    assert state.plan.area.base_map == "andorra.osm.pbf"
    maps.follow(state.plan)
    settled(state)
    assert canvas.content.base_map.attribution()
    state.undo()
    maps.follow(state.plan)
    assert not canvas.content.base_map.attribution()
    canvas.shutdown()


@pytest.mark.parametrize("named", ["/etc/passwd", "../other/andorra.osm.pbf", "gone.osm.pbf"])
def test_a_plan_from_elsewhere_names_no_file_of_this_machine(state, settled, named, qtbot):
    canvas = MapCanvas()
    qtbot.addWidget(canvas)
    said = []
    state.message.connect(said.append)
    maps = BaseMaps(state, canvas.content, canvas)
    state.apply(change_section(state.plan, "area", base_map=named))
    maps.follow(state.plan)
    settled(state)
    assert not canvas.content.base_map.attribution()
    assert any("not chosen on this machine" in str(one.what) for one in said)
    canvas.shutdown()
