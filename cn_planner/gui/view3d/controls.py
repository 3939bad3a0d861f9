"""The buttons on the view in three dimensions: back to the map, how high heights are drawn, nearer, farther, all."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QToolButton, QWidget

from cn_planner.gui import icons, theme
from cn_planner.gui.panels.parts import button, caption, hbox, retext, vbox
from cn_planner.gui.words import tr
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Callable

_MARGIN = 16
STRETCHES = (1.0, 2.0, 3.0)
_NEARER = 1.5


class ViewControls:
    """Two plates: at the leading upper corner the way back and the heights, at the other one the way nearer.

    Parameters
    ----------
    view : QWidget
        On which they stand.
    back, show_all : callable
    stretch, zoom : callable of float
    """

    def __init__(
        self, view: QWidget, back: Callable[[], object], stretch: Callable[[float], object],
        zoom: Callable[[float], object], show_all: Callable[[], object],
    ) -> None:  # fmt: skip
        self._view = view
        self.back = button(msg("Back to the map"), act=back)
        self._heights = caption(kind="label", wraps=False)
        self.stretches = {factor: self._tool(partial(stretch, factor)) for factor in STRETCHES}
        for factor, made in self.stretches.items():
            made.setText(f"×{factor:g}")
            made.setCheckable(True)
        self.show_stretch(1.0)
        self._leading = QFrame(view)
        theme.mark(self._leading, "float")
        hbox(self.back, self._heights, *self.stretches.values(), on=self._leading, gap=6, margin=(6, 4, 8, 4))
        self._trailing = QFrame(view)
        theme.mark(self._trailing, "float")
        signs = (("+", partial(zoom, _NEARER)), ("−", partial(zoom, 1.0 / _NEARER)), ("", show_all))
        self.moves = [self._tool(act) for _, act in signs]
        for made, (sign, _) in zip(self.moves, signs, strict=True):
            made.setText(sign)
        self.moves[-1].setIcon(icons.icon("show-all"))
        vbox(*self.moves, on=self._trailing, gap=2, margin=4)

    def _tool(self, act: Callable[[], object]) -> QToolButton:
        made = QToolButton()
        theme.mark(made, "tool")
        made.setMinimumSize(theme.px(28), theme.px(28))
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.clicked.connect(lambda _=False: act())
        return made

    def show_stretch(self, factor: float) -> None:
        """Mark how high heights are drawn."""
        for one, made in self.stretches.items():
            made.setChecked(one == factor)

    def retitle(self) -> None:
        """Say everything anew in the window's language."""
        retext(self.back, msg("Back to the map"))
        self._heights.setText(tr(msg("Heights")))
        for factor, made in self.stretches.items():
            _named(made, msg("Heights times {factor:g}", factor=factor))
        names = (msg("Nearer"), msg("Farther"), msg("Show everything"))
        for made, words in zip(self.moves, names, strict=True):
            _named(made, words)
        self.arrange()

    def arrange(self) -> None:
        """Put them where they stand."""
        mirrored = self._view.layoutDirection() is Qt.LayoutDirection.RightToLeft
        for plate, leads in ((self._leading, True), (self._trailing, False)):
            plate.adjustSize()
            left = leads is not mirrored
            plate.move(_MARGIN if left else self._view.width() - _MARGIN - plate.width(), _MARGIN)


def _named(widget: QWidget, words: Message) -> None:
    widget.setAccessibleName(tr(words))
    widget.setToolTip(tr(words))
