"""What is shown while no plan is open: the sample valley, a new plan, an old one, and a place to drop files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cn_planner.gui import theme
from cn_planner.gui.panels.parts import Elided, button, label
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
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._scroll = ScrollColumn(QWidget())
        self._scroll.setAccessibleName(tr(msg("Start")))
        outer.addWidget(self._scroll)
        self.refresh()

    def refresh(self) -> None:
        """Build the page for the settings and the language of the moment."""
        page = QWidget()
        page.setAccessibleName(tr(msg("Start")))
        row = QHBoxLayout(page)
        row.setContentsMargins(24, 0, 24, 0)
        row.addStretch(1)
        body = QWidget()
        body.setAccessibleName(tr(msg("Start")))
        body.setFixedWidth(theme.px(_WIDTH))
        row.addWidget(body)
        row.addStretch(1)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 48, 0, 32)
        column.setSpacing(8)
        column.addStretch(2)
        column.addWidget(label(tr(msg("Plan your village's own network")), "display"))
        column.addWidget(
            label(
                tr(msg("Put homes and towers on a map. See at once who is reached, what it costs, and what to build."))
            )
        )
        column.addSpacing(16)
        cards = QHBoxLayout()
        cards.setSpacing(16)
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
        column.addLayout(cards)
        column.addSpacing(16)
        head = QHBoxLayout()
        head.addWidget(label(tr(msg("Recent plans")), "head"), 1)
        other = button(tr(msg("Open a plan…")), "flat")
        other.clicked.connect(lambda: self.asked.emit("open"))
        head.addWidget(other)
        column.addLayout(head)
        there = [Path(text) for text in self._settings.get("recent") if Path(text).exists()]
        for path in there[:5]:
            column.addWidget(self._recent(path))
        if not there:
            column.addWidget(label(tr(msg("None yet.")), "label"))
        column.addSpacing(8)
        column.addWidget(self._drop())
        column.addStretch(3)
        self._scroll.show_column(page)

    def begin(self) -> None:
        """Put the cursor on what most people do first."""
        self._first.setFocus()

    def _card(self, title: Message, words: Message, act: Message, command: str, *, primary: bool) -> QFrame:
        card = QFrame()
        theme.mark(card, "card")
        card.setAccessibleName(tr(title))
        column = QVBoxLayout(card)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(label(tr(title), "title"))
        said = label(tr(words), "label")
        column.addWidget(said)
        column.addStretch(1)
        column.addSpacing(8)
        go = button(tr(act), "primary" if primary else "")
        go.clicked.connect(lambda: self.asked.emit(command))
        column.addWidget(go)
        if primary:
            self._first = go
        return card

    def _recent(self, path: Path) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        name = path.name.removesuffix(".gpkg").removesuffix(".cnplan")
        row.setAccessibleName(name)
        go = button(name, "flat", name=tr(msg("Open {name}", name=name)))
        go.setToolTip(str(path))
        go.clicked.connect(lambda: self.opened.emit(path))
        line.addWidget(go)
        where = Elided(str(path.parent), "label")
        where.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        line.addWidget(where, 1)
        return row

    def _drop(self) -> QFrame:
        frame = QFrame()
        theme.mark(frame, "drop")
        frame.setAccessibleName(tr(msg("Drop files here")))
        column = QVBoxLayout(frame)
        column.setContentsMargins(16, 16, 16, 16)
        words = label(
            tr(msg("Or drop files on this window: a plan, terrain (.hgt, GeoTIFF), a list of homes (CSV, GeoJSON).")),
            "label",
        )
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(words)
        return frame
