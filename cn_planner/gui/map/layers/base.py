"""What a layer is, and the ordered list of layers as a Qt model."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QObject, QRectF, Qt, Signal

from cn_planner.gui.kinds import THINGS
from cn_planner.gui.map.style import Style
from cn_planner.gui.words import tr
from cn_planner.i18n import SOURCE_LANGUAGE
from cn_planner.message import msg
from cn_planner.model.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from PySide6.QtGui import QPainter

    from cn_planner.drawing.display import Symbol
    from cn_planner.gui.kinds import LatLon, Thing
    from cn_planner.gui.map.mercator import Viewport
    from cn_planner.gui.values import AnyIndex
    from cn_planner.message import Message


@dataclass(frozen=True, slots=True)
class PaintFrame:
    """What a layer needs to know to paint. Everything is painted in pixels of the device."""

    view: Viewport
    style: Style = field(default_factory=Style)
    language: str = SOURCE_LANGUAGE
    mirrored: bool = False
    hidden: frozenset[Thing] = frozenset()
    """Things that another layer shows: what is being dragged."""
    quick: bool = False
    """Whether the view is moving: nothing is asked for that the next frame would throw away."""
    under: tuple[QRectF, ...] = ()
    """What floats on the map, pixels of the world in the view's scale: no name is put under it."""

    def px(self, length: float) -> float:
        """Return a length of the layout in pixels of the device."""
        return length * self.view.ratio


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A line of the legend: words, and how a sample of it is painted into a rectangle (layout pixels)."""

    words: Message
    sample: Callable[[QPainter, QRectF, Style], object]


class MapLayer(QObject):
    """Something that is painted over the whole map.

    Parameters
    ----------
    key : str
        Its name in settings.
    title : Message
        Its name for people.
    live : bool
        Whether it is painted anew in each frame, above all that is not; else it is kept in the picture that is moved.
    listed : bool
        Whether it has a row of its own in the list of layers.
    """

    changed = Signal()
    settingsChanged = Signal()  # noqa: N815 (Qt's way of naming signals)

    def __init__(self, key: str, title: Message, *, live: bool = False, listed: bool = True) -> None:
        super().__init__()
        self.key = key
        self.title = title
        self.live = live
        self.listed = listed
        self._visible = True
        self._opacity = 1.0

    @property
    def visible(self) -> bool:
        """Whether it is shown."""
        return self._visible

    def set_visible(self, visible: bool) -> None:
        """Show it or not."""
        if visible != self._visible:
            self._visible = visible
            self.settingsChanged.emit()
            self.changed.emit()

    @property
    def opacity(self) -> float:
        """From 0, not to be seen, to 1."""
        return self._opacity

    def set_opacity(self, opacity: float) -> None:
        """Set how much is seen through it."""
        opacity = min(max(opacity, 0.0), 1.0)
        if opacity != self._opacity:
            self._opacity = opacity
            self.settingsChanged.emit()
            self.changed.emit()

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint what the view shows."""
        raise NotImplementedError

    def legend(self) -> tuple[LegendEntry, ...]:
        """Return what the legend says of what is shown now."""
        return ()

    def attribution(self) -> tuple[str, ...]:
        """Return whose data is shown; it stands on the map as long as the layer does."""
        return ()


class ThingLayer(MapLayer):
    """The things of one kind: what is where, what each is called, and the mark round what is selected.

    Attributes
    ----------
    kind : str
        A key of `THINGS`.
    plan : Plan
        That it shows; set before the layer is filled from it.
    """

    def __init__(self, key: str, title: Message, kind: str, *, live: bool = False) -> None:
        super().__init__(key, title, live=live)
        self.kind = kind
        self.plan = Plan()

    def show_rows(self, rows: Mapping[str, Any]) -> None:
        """Show the things of the plan's table; for a layer that needs nothing but them."""

    def pick(self, view: Viewport, px: float, py: float) -> Thing | None:
        """Return the thing at a device pixel."""
        raise NotImplementedError

    def within(self, view: Viewport, box: QRectF) -> tuple[Thing, ...]:  # noqa: ARG002 (what only spans places)
        """Return what stands in a rectangle of device pixels."""
        return ()

    def places(self, key: str) -> tuple[LatLon, ...]:
        """Return the places that a thing stands at or is spanned by; nothing where it is gone."""
        kind = THINGS[self.kind]
        row = kind.rows(self.plan).get(key)
        return kind.places(self.plan, row) if row is not None else ()

    def words(self, key: str) -> Message:
        """Return what a thing is, for a tooltip or a screen reader."""
        kind = THINGS[self.kind]
        row = kind.rows(self.plan).get(key)
        return msg("{name}", name=kind.name(self.plan, row) if row is not None else key)

    def symbol(self, key: str) -> Symbol:  # noqa: ARG002 (of one that looks as all of its kind do)
        """Return how a thing is drawn while a hand carries it."""
        return THINGS[self.kind].symbol

    def mark(self, painter: QPainter, key: str, frame: PaintFrame, *, strong: bool) -> None:
        """Mark a thing that is selected, or less strongly one that the pointer is on."""
        raise NotImplementedError


def painted(painter: QPainter, view: Viewport) -> Viewport:
    """Return the part of a view that is painted: where a part of the picture is painted anew, only that."""
    if not painter.hasClipping():
        return view
    whole = QRectF(0, 0, view.width, view.height)
    box = painter.clipBoundingRect().intersected(whole).toAlignedRect()
    left, top = view.origin
    middle_x, middle_y = left + box.x() + box.width() / 2, top + box.y() + box.height() / 2
    return replace(view, x=middle_x / view.scale, y=middle_y / view.scale, width=box.width(), height=box.height())


def paint_layer(painter: QPainter, layer: MapLayer, frame: PaintFrame) -> None:
    """Paint a layer where it is visible, and leave the painter as it was."""
    if layer.visible and layer.opacity > 0.0:
        painter.save()
        painter.setOpacity(layer.opacity)
        layer.paint(painter, frame)
        painter.restore()


class LayerList(QAbstractListModel):
    """The layers from the top one to the bottom one, with eye (check state) and opacity; rows can be dragged."""

    OpacityRole = int(Qt.ItemDataRole.UserRole) + 1
    KeyRole = int(Qt.ItemDataRole.UserRole) + 2
    LayerRole = int(Qt.ItemDataRole.UserRole) + 3
    orderChanged = Signal()  # noqa: N815

    def __init__(self, layers: Iterable[MapLayer], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._layers = list(layers)  # bottom first, as they are painted
        self.language = SOURCE_LANGUAGE
        for layer in self._layers:
            layer.setParent(self)
            layer.settingsChanged.connect(self._tell)

    def __iter__(self) -> Iterator[MapLayer]:
        """Yield the layers as they are painted: the bottom one first."""
        return iter(self._layers)

    def __getitem__(self, key: str) -> MapLayer:
        return next(layer for layer in self._layers if layer.key == key)

    def _shown(self) -> list[MapLayer]:
        return [layer for layer in reversed(self._layers) if layer.listed]

    def _tell(self) -> None:
        layer = self.sender()
        if layer in self._shown():
            index = self.index(self._shown().index(layer))
            self.dataChanged.emit(index, index)

    def rowCount(self, parent: AnyIndex | None = None) -> int:  # noqa: N802
        """Return how many layers are listed."""
        return 0 if parent is not None and parent.isValid() else len(self._shown())

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return name, eye or opacity of a layer."""
        if not index.isValid():
            return None
        layer = self._shown()[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return tr(layer.title, self.language)
            case Qt.ItemDataRole.CheckStateRole:
                return Qt.CheckState.Checked if layer.visible else Qt.CheckState.Unchecked
            case self.OpacityRole:
                return layer.opacity
            case self.KeyRole:
                return layer.key
            case self.LayerRole:
                return layer
            case _:
                return None

    def setData(self, index: AnyIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Set eye or opacity of a layer."""
        if not index.isValid():
            return False
        layer = self._shown()[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole:
            layer.set_visible(Qt.CheckState(value) == Qt.CheckState.Checked)
        elif role == self.OpacityRole:
            layer.set_opacity(float(value))
        else:
            return False
        return True

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Return that rows can be checked and dragged."""
        base = super().flags(index)
        if not index.isValid():
            return base | Qt.ItemFlag.ItemIsDropEnabled
        return base | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:  # noqa: N802
        """Return that rows are moved."""
        return Qt.DropAction.MoveAction

    def moveRows(  # noqa: N802
        self, source: AnyIndex, row: int, count: int, target: AnyIndex, before: int
    ) -> bool:
        """Move listed layers before another row; row 0 lies on top."""
        shown = self._shown()
        if count < 1 or row < 0 or row + count > len(shown) or not 0 <= before <= len(shown):
            return False
        if row <= before <= row + count or not self.beginMoveRows(source, row, row + count - 1, target, before):
            return False
        moved = shown[row : row + count]
        rest = shown[:row] + shown[row + count :]
        at = before if before < row else before - count
        order = iter(reversed(rest[:at] + moved + rest[at:]))
        self._layers = [next(order) if layer.listed else layer for layer in self._layers]
        self.endMoveRows()
        self.orderChanged.emit()
        return True
