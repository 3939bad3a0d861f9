"""A column that scrolls only where it must: as wide as its region, as high as its wrapped texts need at that width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea

from cn_planner.gui import theme
from cn_planner.gui.words import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QResizeEvent, QWheelEvent
    from PySide6.QtWidgets import QWidget

    from cn_planner.gui.words import Said


class Resized(QObject):
    """Does something whenever a widget changes its size, or the side where its lines begin.

    Parameters
    ----------
    parent : QObject
        Whose it is; it ends with that.
    watched : QWidget
    act : callable
    moves : bool
        Whether it does it as well where the widget comes to stand elsewhere.
    """

    def __init__(self, parent: QObject, watched: QWidget, act: Callable[[], object], *, moves: bool = False) -> None:
        super().__init__(parent)
        self._act = act
        self._events = {QEvent.Type.Resize, QEvent.Type.LayoutDirectionChange}
        if moves:
            self._events.add(QEvent.Type.Move)
        watched.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Do it."""
        if event.type() in self._events:
            self._act()
        return False


class ScrollColumn(QScrollArea):
    """A scroll area for a column of texts.

    Qt's own resizing asks for the height at the least width, which for wrapped texts is far too high.
    """

    def __init__(self, inner: QWidget, name: Said, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._held: QWidget | None = None
        self.setAccessibleName(text_of(name))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().actionTriggered.connect(self._let_go)
        self.show_column(inner)

    def hold(self, widget: QWidget) -> None:
        """Scroll to a widget that has the keyboard, and stay with it while what stands above it is still filled in."""
        self._held = widget
        self._keep()

    def _keep(self) -> None:
        held = self._held
        if held is not None and held is QApplication.focusWidget():
            self.ensureWidgetVisible(held, 0, theme.px(48))
        else:
            self._held = None

    def _let_go(self) -> None:
        self._held = None

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Scroll where the hand wants."""
        self._let_go()
        super().wheelEvent(event)

    def show_column(self, inner: QWidget) -> None:
        """Show another column."""
        self.setWidget(inner)
        inner.installEventFilter(self)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit the column to the new width."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Fit the column when what is in it has changed."""
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        inner = self.widget()
        layout = inner.layout() if inner is not None else None
        if inner is None or layout is None:
            return
        width = self.viewport().width()
        need = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.totalSizeHint().height()
        inner.resize(width, max(need, self.viewport().height()))
        if self._held is not None:
            QTimer.singleShot(0, self, self._keep)  # once what it holds has its places
