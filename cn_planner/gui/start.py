"""What is shown while no plan is open: the sample valley, a new plan, an old one, and a place to drop files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from cn_planner.gui import theme
from cn_planner.gui.panels.parts import Elided, button, caption, hbox, vbox
from cn_planner.gui.scroll import ScrollColumn
from cn_planner.gui.words import tr
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from cn_planner.gui.settings import Settings

_WIDTH = 680


class StartPage(QWidget):
    """The first page."""

    asked = Signal(str)
    """A command: sample, new, open."""
    opened = Signal(object)
    """The Path of a recent plan."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.setAccessibleName(tr(msg("Start")))
        outer = vbox(self)
        self._scroll = ScrollColumn(QWidget(), tr(msg("Start")))
        outer.addWidget(self._scroll)
        self.refresh()

    def refresh(self) -> None:
        """Build the page for the settings and the language of the moment."""
        page = QWidget()
        page.setAccessibleName(tr(msg("Start")))
        line = hbox(page, margin=(24, 0, 24, 0))
        line.addStretch(1)
        body = QWidget()
        body.setAccessibleName(tr(msg("Start")))
        body.setFixedWidth(theme.px(_WIDTH))
        line.addWidget(body)
        line.addStretch(1)
        lines = vbox(body, margin=(0, 48, 0, 32))
        lines.addStretch(2)
        lines.addWidget(caption(tr(msg("Plan your village's own network")), "display"))
        what = msg("Put homes and towers on a map. See at once who is reached, what it costs, and what to build.")
        lines.addWidget(caption(tr(what)))
        lines.addSpacing(16)
        cards = hbox(gap=16)
        first = not self._settings.get("tour_seen")
        cards.addWidget(
            self._card(
                msg("Learn on a sample valley"),
                msg("An invented place with 150 homes. Nothing can go wrong there."),
                msg("Open the sample valley"), "sample", primary=first,
            ),
            1,
        )  # fmt: skip
        cards.addWidget(
            self._card(
                msg("Your own place"),
                msg("A name, the hills as a terrain file, and a list of homes: that is all it takes."),
                msg("New plan…"), "new", primary=not first,
            ),
            1,
        )  # fmt: skip
        lines.addLayout(cards)
        lines.addSpacing(16)
        head = hbox()
        head.addWidget(caption(tr(msg("Recent plans")), "head"), 1)
        head.addWidget(button(tr(msg("Open a plan…")), "flat", act=lambda: self.asked.emit("open")))
        lines.addLayout(head)
        there = [Path(text) for text in self._settings.get("recent") if Path(text).exists()]
        for path in there[:5]:
            lines.addWidget(self._recent(path))
        if not there:
            lines.addWidget(caption(tr(msg("None yet.")), "label"))
        lines.addSpacing(8)
        lines.addWidget(self._drop())
        lines.addStretch(3)
        self._scroll.show_column(page)

    def begin(self) -> None:
        """Put the cursor on what most people do first."""
        self._first.setFocus()

    def _card(self, title: Message, words: Message, act: Message, command: str, *, primary: bool) -> QFrame:
        card = QFrame()
        theme.mark(card, "card")
        card.setAccessibleName(tr(title))
        lines = vbox(card, margin=16)
        lines.addWidget(caption(tr(title), "title"))
        lines.addWidget(caption(tr(words), "label"))
        lines.addStretch(1)
        lines.addSpacing(8)
        go = button(tr(act), "primary" if primary else "", act=lambda: self.asked.emit(command))
        lines.addWidget(go)
        if primary:
            self._first = go
        return card

    def _recent(self, path: Path) -> QWidget:
        piece = QWidget()
        line = hbox(piece)
        name = path.name.removesuffix(".gpkg").removesuffix(".cnplan")
        piece.setAccessibleName(name)
        opens = tr(msg("Open {name}", name=name))
        line.addWidget(button(name, "flat", name=opens, tip=str(path), act=lambda: self.opened.emit(path)))
        where = Elided(str(path.parent), "label")
        where.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        line.addWidget(where, 1)
        return piece

    def _drop(self) -> QFrame:
        frame = QFrame()
        theme.mark(frame, "drop")
        frame.setAccessibleName(tr(msg("Drop files here")))
        lines = vbox(frame, margin=16)
        said = msg("Or drop files on this window: a plan, terrain (.hgt, GeoTIFF), a list of homes (CSV, GeoJSON).")
        words = caption(tr(said), "label")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        lines.addWidget(words)
        return frame
