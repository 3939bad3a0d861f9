"""What floats on the map: the field to go to a place, the tools, and what the colours mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from cn_planner.gui import icons, theme
from cn_planner.gui.actions import TOOLS
from cn_planner.gui.commands import COMMANDS, sequences
from cn_planner.gui.words import tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.gui.map.canvas import MapCanvas
    from cn_planner.gui.map.layers.base import LegendEntry

_MARGIN = 16
_ABOVE_ATTRIBUTION = 40


class _Corner(QObject):
    """Keeps a widget in a corner of the map, along the line of writing."""

    def __init__(self, widget: QWidget, region: QWidget, *, lower: int | None = None) -> None:
        super().__init__(widget)
        self._widget, self._region, self._lower = widget, region, lower
        region.installEventFilter(self)
        self.place()

    def place(self) -> None:
        self._widget.adjustSize()
        mirrored = self._region.layoutDirection() == Qt.LayoutDirection.RightToLeft
        x = self._region.width() - self._widget.width() - _MARGIN if mirrored else _MARGIN
        y = _MARGIN if self._lower is None else self._region.height() - self._widget.height() - self._lower
        self._widget.move(x, max(y, 0))
        self._widget.raise_()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutDirectionChange):
            self.place()
        return False


class MapTools(QWidget):
    """Go to a place; take a tool."""

    asked = Signal(str)
    """A command."""
    searched = Signal(str)

    def __init__(self, region: QWidget, canvas: MapCanvas) -> None:
        super().__init__(region)
        self._canvas = canvas
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.search = QLineEdit()
        self.search.setFixedWidth(theme.px(320))
        self.search.setClearButtonEnabled(True)
        self._sign = QAction(icons.icon("search", "text_faint"), "", self)
        self.search.addAction(self._sign, QLineEdit.ActionPosition.LeadingPosition)
        self.search.returnPressed.connect(lambda: self.searched.emit(self.search.text()))
        column.addWidget(self.search)
        bar = QFrame()
        theme.mark(bar, "float")
        self._bar = bar
        row = QHBoxLayout(bar)
        row.setContentsMargins(4, 4, 4, 4)
        row.setSpacing(4)
        self._buttons: dict[str, QToolButton] = {}
        for key, tool in TOOLS.items():
            made = QToolButton()
            made.setCheckable(True)
            made.setIcon(icons.icon(key))
            made.setIconSize(QSize(20, 20))
            theme.mark(made, "tool")
            made.clicked.connect(lambda _=False, key=key: self.asked.emit(key))
            self._buttons[tool] = made
            row.addWidget(made)
        column.addWidget(bar, 0, Qt.AlignmentFlag.AlignLeading)
        canvas.toolChanged.connect(self._tool_changed)
        self._tool_changed(canvas.tool.key)
        self.retitle()
        self._corner = _Corner(self, region)

    def retitle(self) -> None:
        """Say everything anew in the window's language."""
        self.setAccessibleName(tr(msg("Tools of the map")))
        self._bar.setAccessibleName(tr(msg("Tools of the map")))
        self.search.setPlaceholderText(tr(msg("Go to a name or coordinates")))
        self.search.setAccessibleName(tr(msg("Go to a name or coordinates")))
        words = {command.key: command for command in COMMANDS}
        for key, tool in TOOLS.items():
            command = words[key]
            keys = sequences(command)
            text = tr(command.words)
            made = self._buttons[tool]
            made.setAccessibleName(text)
            shown = f"{text} ({keys[0].toString(keys[0].SequenceFormat.NativeText)})" if keys else text
            made.setToolTip(shown)

    def _tool_changed(self, tool: str) -> None:
        for key, made in self._buttons.items():
            made.setChecked(key == tool)


class Legend(QFrame):
    """What the colours of coverage mean; there only where there is coverage."""

    def __init__(self, region: QWidget, canvas: MapCanvas) -> None:
        super().__init__(region)
        theme.mark(self, "float")
        self._canvas = canvas
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 8, 12, 8)
        self._column.setSpacing(4)
        self._shown: tuple[object, ...] = ()
        self._corner = _Corner(self, region, lower=_ABOVE_ATTRIBUTION)
        for layer in (canvas.content.coverage, canvas.content.live_coverage):
            layer.changed.connect(self.refresh)
        theme.signals.changed.connect(self.retitle)
        self.retitle()

    def retitle(self) -> None:
        """Say everything anew in the window's language and look."""
        self._shown = ()
        self.refresh()

    def refresh(self) -> None:
        """Show the classes that are on the map."""
        layers = (self._canvas.content.coverage, self._canvas.content.live_coverage)
        images = [image for layer in layers if layer.visible for image in layer.images]
        classes = tuple(dict.fromkeys(one for image in images for one in image.classes))
        self.setVisible(bool(classes))
        if not classes or classes == self._shown:
            self._corner.place()
            return
        self._shown = classes
        while (item := self._column.takeAt(0)) is not None:
            if item.widget() is not None:
                item.widget().setParent(None)
        title = QLabel(tr(msg("Signal at the roof")))
        theme.mark(title, "label")
        self._column.addWidget(title)
        self.setAccessibleName(tr(msg("Signal at the roof")))
        entries = next(layer.legend() for layer in layers if layer.images)
        for entry in entries:
            line = QWidget()
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(8)
            sample = QLabel()
            sample.setPixmap(self._sample(entry))
            row.addWidget(sample)
            words = QLabel(tr(entry.words))
            theme.mark(words, "label")
            row.addWidget(words, 1)
            self._column.addWidget(line)
            line.show()
        title.show()
        self._corner.place()

    def _sample(self, entry: LegendEntry) -> QPixmap:
        ratio = self.devicePixelRatioF()
        image = QImage(round(20 * ratio), round(12 * ratio), QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        image.setDevicePixelRatio(ratio)
        painter = QPainter(image)
        entry.sample(painter, QRectF(0, 0, 20, 12), self._canvas.style_of_map)
        painter.end()
        return QPixmap.fromImage(image)
