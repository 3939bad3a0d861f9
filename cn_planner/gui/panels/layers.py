"""The layers of the map: eye, opacity, order, and what their colours and signs mean."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QSlider, QWidget

from cn_planner.gui import theme
from cn_planner.gui.map.style import Style
from cn_planner.gui.panels.parts import STRETCH, Elided, button, caption, empty, hbox, retext, thin_line, vbox
from cn_planner.gui.words import WORDS, tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QPaintEvent

    from cn_planner.gui.map.layers.base import LayerList, LegendEntry


class Sample(QWidget):
    """One sample of the legend, painted as the map paints it."""

    def __init__(self, entry: LegendEntry) -> None:
        super().__init__()
        self._entry = entry
        self.setFixedSize(theme.px(28), theme.px(20))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint the sample."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._entry.sample(painter, QRectF(self.rect()), Style(theme.current().drawing))
        painter.end()


class LayerView(QListView):
    """The list itself: drag a row, or move it by Alt and an arrow; space switches its eye."""

    def __init__(self, layers: LayerList) -> None:
        super().__init__()
        self.setModel(layers)
        self.setAccessibleName(tr(msg("Layers, the top one first")))
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setCurrentIndex(layers.index(0))

    def move_by(self, step: int) -> None:
        """Move the chosen layer up (-1) or down (1)."""
        at = self.currentIndex().row()
        to = at + step
        if at < 0 or not 0 <= to < self.model().rowCount():
            return
        self.model().moveRows(QModelIndex(), at, 1, QModelIndex(), to if step < 0 else to + 1)
        self.setCurrentIndex(self.model().index(to, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Alt with an arrow moves the layer."""
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.move_by(-1 if event.key() == Qt.Key.Key_Up else 1)
            return
        super().keyPressEvent(event)

    def dropEvent(self, event: Any) -> None:  # noqa: N802
        """Move the row where it was dropped: the model knows moving, not the usual copy and remove."""
        index = self.indexAt(event.position().toPoint())
        source = self.currentIndex().row()
        if source >= 0:
            below = index.isValid() and event.position().y() > self.visualRect(index).center().y()
            to = self.model().rowCount() if not index.isValid() else index.row() + int(below)
            self.model().moveRows(QModelIndex(), source, 1, QModelIndex(), to)
        event.setDropAction(Qt.DropAction.IgnoreAction)  # else the view removes the row that was moved already
        event.accept()


class LayersPanel(QWidget):
    """Eye, opacity, order and legend of the map's layers."""

    def __init__(self, layers: LayerList) -> None:
        super().__init__()
        self.layers = layers
        self.title = Elided(msg("Layers"), "head")
        self.view = LayerView(layers)
        self.up = button(msg("Up"), "flat", name=msg("Move the layer up"))
        self.down = button(msg("Down"), "flat", name=msg("Move the layer down"))
        self.up.clicked.connect(partial(self.view.move_by, -1))
        self.down.clicked.connect(partial(self.view.move_by, 1))
        self.opacity_words = caption(kind="label")
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setPageStep(10)
        self.opacity.setAccessibleName(tr(msg("How solid the layer is, percent")))
        self.opacity.valueChanged.connect(self._set_opacity)
        self.legend_title = Elided(msg("What the map shows"), "head")
        self.legend = QWidget()
        self._legend = vbox(on=self.legend, gap=4)
        vbox(
            self.title,
            self.view,
            hbox((self.opacity_words, 1), self.up, self.down),
            self.opacity,
            thin_line(),
            self.legend_title,
            self.legend,
            STRETCH,
            on=self,
            gap=8,
            margin=16,
        )
        self.view.selectionModel().currentChanged.connect(lambda *_: self._show_opacity())
        layers.dataChanged.connect(lambda *_: self._changed())
        layers.orderChanged.connect(self._changed)
        for layer in layers:
            layer.changed.connect(self._legend_soon)
        WORDS.changed.connect(self._retitle)
        theme.signals.changed.connect(self._show_legend)
        self._shown: tuple[str, ...] = ()
        self._changed()
        self.view.setFixedHeight(self.view.sizeHintForRow(0) * max(layers.rowCount(), 1) + 4)

    def _layer(self) -> Any:
        index = self.view.currentIndex()
        return index.data(self.layers.LayerRole) if index.isValid() else None

    def _changed(self) -> None:
        self._show_opacity()
        self._show_legend()

    def _show_opacity(self) -> None:
        layer = self._layer()
        self.opacity.setEnabled(layer is not None)
        if layer is None:
            return
        percent = round(100 * layer.opacity)
        self.opacity.blockSignals(True)
        self.opacity.setValue(percent)
        self.opacity.blockSignals(False)
        name = self.view.currentIndex().data()
        self.opacity_words.setText(tr(msg("{layer}: {percent} % solid", layer=name, percent=percent)))
        at = self.view.currentIndex().row()
        self.up.setEnabled(at > 0)
        self.down.setEnabled(at < self.layers.rowCount() - 1)

    def _set_opacity(self, percent: int) -> None:
        index = self.view.currentIndex()
        if index.isValid():
            self.layers.setData(index, percent / 100.0, self.layers.OpacityRole)

    def _legend_soon(self) -> None:
        """Show the legend anew where its words are others; layers change at every step of the hand."""
        if self.isVisible() and self._entries() != self._shown:
            self._show_legend()

    def _entries(self) -> tuple[str, ...]:
        return tuple(tr(entry.words) for layer in self.layers if layer.visible for entry in layer.legend())

    def _show_legend(self) -> None:
        empty(self._legend)
        self._shown = self._entries()
        for layer in reversed(list(self.layers)):
            if layer.visible:
                for entry in layer.legend():
                    piece = QWidget()
                    hbox((Sample(entry), Qt.AlignmentFlag.AlignVCenter), (caption(entry.words, "label"), 1), on=piece)
                    self._legend.addWidget(piece)
        self.legend_title.setVisible(bool(self._shown))

    def _retitle(self) -> None:
        self.title.say(tr(msg("Layers")))
        self.legend_title.say(tr(msg("What the map shows")))
        for one, text, name in (
            (self.up, msg("Up"), msg("Move the layer up")),
            (self.down, msg("Down"), msg("Move the layer down")),
        ):
            retext(one, text, name)
        self._changed()
