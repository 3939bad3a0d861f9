"""Names and gains on the map lie beside each other, and a symbol tells whether the plan uses the place."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QImage, QPainter

from cn_planner.drawing.display import Symbol
from cn_planner.drawing.palette import Theme
from cn_planner.gui.map.canvas import MapCanvas
from cn_planner.gui.map.layers import points
from cn_planner.gui.map.layers.base import PaintFrame
from cn_planner.gui.map.style import Style
from cn_planner.gui.map.things import Ghost, PathLine
from cn_planner.model import edits
from cn_planner.model.plan import Choice, Household, Link, Plan, Site, SiteRole, Status


@pytest.fixture
def canvas(qtbot):
    made = MapCanvas()
    qtbot.addWidget(made)
    made.resize(800, 600)
    yield made
    made.shutdown()


@pytest.fixture
def plates(monkeypatch: pytest.MonkeyPatch) -> list[QRectF]:
    """The plates under words, as they are painted."""
    found: list[QRectF] = []
    real = points.draw_label
    monkeypatch.setattr(
        points,
        "draw_label",
        lambda painter, text, box, frame: (found.append(QRectF(box)), real(painter, text, box, frame)),
    )
    return found


def painted(canvas: MapCanvas, *layers) -> None:
    view = canvas.view
    image = QImage(round(view.width), round(view.height), QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    for layer in layers:
        layer.paint(painter, PaintFrame(view, Style(Theme.LIGHT), "en", False))
    painter.end()


def test_gains_of_suggestions_cover_no_name_and_no_other_gain(canvas: MapCanvas, plates: list[QRectF]) -> None:
    sites = [Site(f"C{n}", f"Collado {n}", 42.0 + 0.004 * (n % 3), 1.8 + 0.006 * (n // 3)) for n in range(9)]
    content = canvas.content
    content.set_plan(edits.put(Plan(), sites).plan)
    canvas.show_all(animated=False)
    content.ghosts.set_ghosts([Ghost(s.id, s.latitude, s.longitude, "+12 homes") for s in sites[::2]])
    painted(canvas, content.labels, content.ghosts)
    assert len(plates) > 8
    for one, other in combinations(plates, 2):
        assert not one.intersects(other), (one, other)


def test_a_name_makes_room_for_the_marker_of_a_suggestion(canvas: MapCanvas, plates: list[QRectF]) -> None:
    content = canvas.content
    content.set_plan(edits.put(Plan(), [Site("A", "Serra", 42.0, 1.8), Site("B", "Coll", 42.05, 1.85)]).plan)
    canvas.show_all(animated=False)
    painted(canvas, content.labels)
    middle = plates[0].center()
    place = canvas.view.geo_at(middle.x(), middle.y())
    content.ghosts.set_ghosts([Ghost("S", *place, "+1 home")])
    plates.clear()
    painted(canvas, content.labels)
    (marker,) = content.ghosts.symbols(canvas.view)
    assert not any(plate.intersects(marker) for plate in plates)


def test_the_symbol_says_whether_the_plan_uses_a_place(canvas: MapCanvas) -> None:
    mast = Site("M", "", 42.0, 1.8, mast_height_m=12.0)
    rows = [
        mast,
        Site("idea", "", 42.01, 1.8),
        replace(mast, id="gone", status=Status.REJECTED),
        replace(mast, id="never", choice=Choice.FORBIDDEN),
        replace(mast, id="idle", role=SiteRole.EXISTING),
    ]
    plan = edits.put(Plan(), rows).plan
    content = canvas.content
    content.set_plan(plan)
    shown = dict(zip(content.sites.ids, content.sites.symbols, strict=True))
    assert shown == {
        "M": Symbol.TOWER, "idea": Symbol.SUGGESTED, "gone": Symbol.CROSS, "never": Symbol.CROSS,
        "idle": Symbol.SUGGESTED,
    }  # fmt: skip
    # A water tower is a tower of the plan as soon as a home or a link hangs on it.
    served = edits.put(plan, [Household("h", "", 42.0, 1.81, server="idle")]).plan
    content.set_plan(served)
    assert content.sites.symbols[content.sites.row("idle")] is Symbol.TOWER
    content.set_plan(plan)
    assert content.sites.symbols[content.sites.row("idle")] is Symbol.SUGGESTED
    content.set_plan(edits.put(plan, [Link("L", "M", "idle")]).plan)
    assert content.sites.symbols[content.sites.row("idle")] is Symbol.TOWER


def test_a_line_that_is_looked_at_strikes_out_no_name(canvas: MapCanvas, plates: list[QRectF]) -> None:
    content = canvas.content
    place = 42.0, 1.8
    content.set_plan(edits.put(Plan(), [Site("M", "Serrat", *place, mast_height_m=12.0)]).plan)
    canvas.go_to(*place, zoom=13.0, animated=False)
    painted(canvas, content.labels)
    (name,) = plates
    plates.clear()
    middle = canvas.view.geo_at(name.center().x(), name.center().y() + 200)
    content.path.set_path(PathLine(place, middle))
    painted(canvas, content.path)
    assert plates == [name], "the name is painted above the line"
    plates.clear()
    aside = canvas.view.geo_at(name.center().x() + 500, name.top() - 100)
    content.path.set_path(PathLine(place, aside))
    painted(canvas, content.path)
    assert not plates


def test_a_tower_that_stands_alone_has_its_name_wherever_it_stands(canvas: MapCanvas, plates: list[QRectF]) -> None:
    content = canvas.content
    content.set_plan(edits.put(Plan(), [Site("M", "Serrat", 42.0, 1.8, mast_height_m=12.0)]).plan)
    canvas.go_to(42.0, 1.8, zoom=13.0, animated=False)
    for dx in range(5):
        for dy in range(5):
            plates.clear()
            content.labels.set_first({"none"} if (dx + dy) % 2 else set())  # else names stay where they stand
            view = canvas.view.moved(float(dx) + 0.4, float(dy) + 0.4)
            image = QImage(round(view.width), round(view.height), QImage.Format.Format_ARGB32_Premultiplied)
            painter = QPainter(image)
            content.labels.paint(painter, PaintFrame(view, Style(Theme.LIGHT), "en", False))
            painter.end()
            assert len(plates) == 1, (dx, dy)


def test_no_name_of_the_base_map_stands_half_under_what_floats_or_under_the_scale(canvas: MapCanvas) -> None:
    names = canvas.content.place_names
    rows = [(x, y) for x in range(20, 800, 40) for y in range(10, 600, 30)]
    canvas.go_to(42.5, 1.5, 14.0, animated=False)
    (left, top), scale = canvas.view.origin, canvas.view.scale
    names.set_names([("village", "Sant Julià", (left + x) / scale, (top + y) / scale) for x, y in rows])
    canvas._floating = [QRect(16, 16, 320, 80)]
    image = QImage(800, 600, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    frame = canvas.frame()
    names.paint(painter, frame)
    painter.end()
    placed = [one for one in names._places.values() if one is not None]
    assert len(placed) > 20
    assert len(frame.under) == 3
    assert not [one for one in placed if any(one.intersects(box) for box in frame.under)]
