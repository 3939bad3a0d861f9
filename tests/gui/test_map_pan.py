"""Moving the map: only what is new at the edges is painted, and it shows the same as a picture painted whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter

from cn_planner.geo import destination
from cn_planner.gui.map.canvas import MapCanvas
from cn_planner.model.items import Items
from cn_planner.model.plan import Household, Link, Plan, Site
from cn_planner.service.path_view import PathState

SIZE = (480, 360)


@pytest.fixture
def canvas(sample_ground, qtbot):
    valley, surface = sample_ground
    middle = valley.sites["C01"]
    spread = [destination(middle.latitude, middle.longitude, n * 137.5, 90.0 * n**0.5) for n in range(1, 900)]
    sites = [Site(f"S{n}", f"Tower {n}", *spread[n * 30], mast_height_m=12.0) for n in range(29)]
    plan = Plan(
        sites=Items(sites),
        households=Items(Household(f"H{n}", "", *place) for n, place in enumerate(spread)),
        links=Items(Link(f"L{n}", f"S{n}", f"S{n + 1}") for n in range(28)),
    )
    with ThreadPoolExecutor(1) as executor:
        made = MapCanvas(executor=executor)
        qtbot.addWidget(made)
        made.resize(*SIZE)
        made.content.set_surface(surface)
        made.content.set_plan(plan)
        states = list(PathState)
        made.content.set_link_states({key: states[n % 4] for n, key in enumerate(plan.links)})
        made.show()
        made.go_to(middle.latitude, middle.longitude, 14.0, animated=False)
        settle(made, qtbot)
        yield made
        made.shutdown()


def settle(canvas, qtbot):
    canvas.repaint()
    qtbot.waitUntil(lambda: not canvas.content.tiles.busy, timeout=30_000)
    qtbot.wait(120)
    canvas.repaint()


def picture(canvas) -> np.ndarray:
    image = QImage(*SIZE, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    canvas.render_map(painter)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint32).reshape(SIZE[1], SIZE[0]).copy()


def drag(canvas, qtbot, steps):
    at = QPoint(SIZE[0] // 2, SIZE[1] // 2)
    qtbot.mousePress(canvas, Qt.MouseButton.MiddleButton, pos=at)
    for step in steps:
        at += QPoint(*step)
        qtbot.mouseMove(canvas, at)
        canvas.repaint()


def test_what_is_painted_at_the_edges_is_what_the_whole_would_show(canvas, qtbot):
    canvas.content.labels.set_visible(False)
    painted = []
    still = canvas._paint_still
    canvas._paint_still = lambda painter, view: (painted.append(painter.hasClipping()), still(painter, view))
    drag(canvas, qtbot, [(-60, -35)] * 9 + [(70, 10)] * 8)
    assert painted.count(False) == 1  # the larger picture, when the hand began to move
    assert painted.count(True) >= 4
    qtbot.waitUntil(lambda: not canvas.content.tiles.busy, timeout=30_000)
    canvas.repaint()
    moved = picture(canvas)
    canvas._renew()
    # The edge of a slanting line may fall a hair beside: it is drawn from another corner of the picture.
    assert _difference(moved, picture(canvas)).max() <= 8


def test_names_are_not_cut_where_new_ground_comes_in(canvas, qtbot):
    drag(canvas, qtbot, [(-60, -35)] * 9)
    labels = canvas.content.labels
    moved = picture(canvas)
    boxes = {key: box for key, box in labels._places.items() if box is not None}
    assert boxes
    left, top = canvas.view.origin
    for key, box in boxes.items():
        here = box.translated(-left, -top).toRect()
        if not (here.left() > 0 and here.top() > 0 and here.right() < SIZE[0] and here.bottom() < SIZE[1]):
            continue
        # A plate that was cut would show the ground in its row of bare colour.
        row = moved[here.top() + 1, here.left() + 5 : here.right() - 5] & 0xFFFFFF
        assert len(np.unique(row)) < 40, key
    qtbot.mouseRelease(canvas, Qt.MouseButton.MiddleButton, pos=QPoint(10, 10))
    qtbot.wait(150)
    canvas.repaint()
    assert not canvas._scene.mended  # at rest the whole is painted as it should be


def _difference(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return how far the colours of two pictures lie apart, the worst of red, green and blue."""
    parts = [np.abs(((one >> k) & 255).astype(int) - ((other >> k) & 255).astype(int)) for k in (0, 8, 16)]
    return np.maximum.reduce(parts)
