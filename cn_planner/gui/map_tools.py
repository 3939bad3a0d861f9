"""What floats on the map: the field to go to a place, the tools, and what the colours mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit, QToolButton, QWidget

from cn_planner.gui import icons, theme
from cn_planner.gui.commands import COMMANDS, TOOLS, sequences
from cn_planner.gui.coverage_maps import VIEW_WORDS
from cn_planner.gui.map_menu import MapMenu
from cn_planner.gui.panels.parts import empty, hbox, vbox
from cn_planner.gui.scroll import Resized
from cn_planner.gui.words import is_right_to_left, tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.gui.coverage_maps import CoverageMaps
    from cn_planner.gui.map.canvas import MapCanvas
    from cn_planner.gui.map.layers.base import LegendEntry
    from cn_planner.gui.map.style import Style
    from cn_planner.message import Message

_MARGIN = 16
_ABOVE_ATTRIBUTION = 40
_MAP_PX = 48
"""So much of the map is left below the tools."""
_WORDS_PX = 184
"""Width of what is said of a map."""
_LOW_PX, _FEW = 460, 3
"""Where the map is lower, more than a few classes stand in two columns: above them are the tools."""


def _into_corner(widget: QWidget, region: QWidget, lower: int | None = None) -> None:
    """Put a widget into a corner of the map, along the line of writing: the upper one, or so far above the lower."""
    widget.adjustSize()
    mirrored = region.layoutDirection() == Qt.LayoutDirection.RightToLeft
    x = region.width() - widget.width() - _MARGIN if mirrored else _MARGIN
    y = _MARGIN if lower is None else region.height() - widget.height() - lower
    widget.move(x, max(y, 0))
    if lower is None:  # what asks something stands over what explains colours
        widget.raise_()


class MapTools(QWidget):
    """Go to a place; take a tool."""

    asked = Signal(str)
    """A command."""
    searched = Signal(str)

    def __init__(self, region: QWidget, canvas: MapCanvas) -> None:
        super().__init__(region)
        self._canvas = canvas
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self._sign = QAction(icons.icon("search", "text_faint"), "", self)
        self.search.addAction(self._sign, QLineEdit.ActionPosition.LeadingPosition)
        self.search.returnPressed.connect(lambda: self.searched.emit(self.search.text()))
        lines = vbox(self.search, on=self)
        bar = QFrame()
        theme.mark(bar, "float")
        self._bar = bar
        self._grid = QGridLayout(bar)
        self._grid.setSpacing(4)
        self._grid.setContentsMargins(4, 4, 4, 4)
        self._columns = 0
        self._buttons: dict[str, QToolButton] = {}
        for key, tool in TOOLS.items():
            made = QToolButton()
            made.setCheckable(True)
            made.setIcon(icons.icon(key))
            theme.mark(made, "tool")
            made.clicked.connect(lambda _=False, key=key: self.asked.emit(key))
            self._buttons[tool] = made
        lines.addWidget(bar, 0, Qt.AlignmentFlag.AlignLeading)
        self._region = region
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self.hint.setMargin(10)  # a style sheet sets the margins of the frame anew
        theme.mark(self.hint, "float")
        lines.addWidget(self.hint)
        canvas.toolChanged.connect(self._tool_changed)
        self.retitle()
        Resized(self, region, self._fit)

    @property
    def box(self) -> QRect:
        """Where it stands on the map; what is said of a tool in hand goes again, and is not in it."""
        corner = self.pos()
        bar = self._bar.geometry() if self._bar.isVisibleTo(self) else QRect()
        return self.search.geometry().united(bar).translated(corner)

    def retitle(self) -> None:
        """Say everything anew in the window's language, as large as letters are now."""
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
            made.setIconSize(QSize(theme.px(20), theme.px(20)))
            made.setAccessibleName(text)
            shown = f"{text} ({keys[0].toString(keys[0].SequenceFormat.NativeText)})" if keys else text
            made.setToolTip(shown)
        self._fit()

    def _fit(self) -> None:
        """Leave room for the buttons at the other corner: on a narrow map the tools stand in several rows.

        On a low one they leave it to what they are for: menu and keys take them too.
        """
        room = max(self._region.width() - 2 * _MARGIN - self._canvas.controls.box.width() - 8, 1)
        wide = min(theme.px(320), room)
        self.search.setFixedWidth(wide)
        self.hint.setFixedWidth(wide)
        made = list(self._buttons.values())
        each = max(one.sizeHint().width() for one in made) + self._grid.horizontalSpacing()
        columns = min(max((room - 2 * 4 + self._grid.horizontalSpacing()) // each, 1), len(made))
        if columns != self._columns:
            self._columns = columns
            for number, one in enumerate(made):
                self._grid.addWidget(one, number // columns, number % columns)
        ends = _MARGIN + self.search.sizeHint().height() + 8 + self._bar.sizeHint().height()
        self._bar.setVisible(self._region.height() - ends >= theme.px(_MAP_PX))
        self._tool_changed(self._canvas.tool.key)

    def _tool_changed(self, tool: str) -> None:
        for key, made in self._buttons.items():
            made.setChecked(key == tool)
        hint = "" if tool == "select" else tr(self._canvas.tool.hint)  # what is in hand most of the time needs no word
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        # The layout asks a wrapped text for its height at another width, and cuts its last line.
        self.hint.setFixedHeight(self.hint.heightForWidth(self.hint.width()) if hint else 0)
        _into_corner(self, self._region)


class Legend(QFrame):
    """What the colours of coverage mean, and which map it is; there only where there is one."""

    def __init__(self, region: QWidget, canvas: MapCanvas, maps: CoverageMaps) -> None:
        super().__init__(region)
        theme.mark(self, "float")
        self._canvas, self._maps = canvas, maps
        self.choose = QToolButton()
        theme.mark(self.choose, "footer")
        self.choose.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.choose.setMenu(MapMenu(maps, self.choose))
        self._body = body = QWidget()
        self._grid = QGridLayout(body)
        self._grid.setContentsMargins(14, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        vbox((self.choose, Qt.AlignmentFlag.AlignLeading), body, on=self, gap=2, margin=(2, 4, 12, 8))
        self._shown: tuple[object, ...] = ()
        self._region, self._low = region, False
        self.above: Callable[[], int] = lambda: 0
        """Where what stands above it on the map ends."""
        Resized(self, region, self._fit)
        for layer in (canvas.content.coverage, canvas.content.live_coverage):
            layer.changed.connect(self.refresh)
        maps.changed.connect(self.refresh)
        theme.signals.changed.connect(self.retitle)
        self.retitle()

    def retitle(self) -> None:
        """Say everything anew in the window's language and look."""
        self.choose.setAccessibleName(tr(msg("What the colours show")))
        self.choose.setToolTip(tr(msg("What the colours show")))
        self._shown = ()
        self.refresh()

    def refresh(self) -> None:
        """Show the classes that are on the map."""
        maps = self._maps
        layers = (self._canvas.content.coverage, self._canvas.content.live_coverage)
        classes = tuple(
            dict.fromkeys(one for layer in layers if layer.visible for image in layer.images for one in image.classes)
        )
        # Under the hand there is one map alone.
        chosen = maps.view is not None and not layers[1].images
        self.setVisible(bool(classes) or maps.view is not None)
        shown = (classes, chosen, maps.view, self._words(), self._low)
        if shown != self._shown:
            self._shown = shown
            title = tr(VIEW_WORDS[maps.view if chosen else None])
            self.choose.setText(f"{title} ▾")
            self.setAccessibleName(title)
            self.setAccessibleDescription(tr(maps.whose()) if chosen else "")
            self._fill(next((layer.legend() for layer in layers[::-1] if layer.images), ()))
        self._settle()

    def _settle(self) -> None:
        """Stand in the lower corner: where the tools leave too little room with its head alone, or not at all."""
        if self.isVisibleTo(self._region):
            for body in (True, False):
                self._body.setVisible(body)
                _into_corner(self, self._region, _ABOVE_ATTRIBUTION)
                if self._region.height() - self.height() - _ABOVE_ATTRIBUTION > self.above():
                    return
            self.hide()

    def _words(self) -> tuple[Message, ...]:
        """Return what is said above the classes; where there is little room, what the list says too is left out."""
        maps = self._maps
        if maps.view is None or self._canvas.content.live_coverage.images:
            return (msg("Signal at the roof"),)
        found = [maps.shown.picture.scale.title] if maps.shown is not None else []
        found += [] if self._low else [maps.whose()]
        note = maps.note()
        return (*found, note) if note is not None else tuple(found)

    def _fill(self, entries: tuple[LegendEntry, ...]) -> None:
        empty(self._grid)
        columns = 2 if self._low and len(entries) > _FEW else 1
        # A name in other letters does not stand at the other edge.
        edge = Qt.AlignmentFlag.AlignRight if is_right_to_left() else Qt.AlignmentFlag.AlignLeft
        words = self._words()
        for number, text in enumerate(words):
            line = QLabel(tr(text))
            line.setAlignment(edge | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)
            theme.mark(line, "label")
            line.setWordWrap(True)
            self._grid.addWidget(line, number, 0, 1, columns)
            wide = min(theme.px(_WORDS_PX), line.fontMetrics().horizontalAdvance(line.text()) + 2)
            line.setFixedSize(max(wide, 1), line.heightForWidth(max(wide, 1)))
            line.show()
        rows = -(-len(entries) // columns)
        for number, entry in enumerate(entries):
            piece = QWidget()
            sample = QLabel()
            sample.setPixmap(sample_of(entry, self._canvas.style_of_map, self.devicePixelRatioF()))
            said = QLabel(tr(entry.words))
            theme.mark(said, "label")
            hbox(sample, (said, 1), on=piece)
            self._grid.addWidget(piece, len(words) + number % rows, number // rows)
            piece.show()

    def _fit(self) -> None:
        """Take as little room as there is."""
        self._low = self._region.height() < theme.px(_LOW_PX)
        self.refresh()


def sample_of(entry: LegendEntry, style: Style, ratio: float) -> QPixmap:
    """Return a legend's sample as a picture."""
    image = QImage(round(20 * ratio), round(12 * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    entry.sample(painter, QRectF(0, 0, 20, 12), style)
    painter.end()
    return QPixmap.fromImage(image)
