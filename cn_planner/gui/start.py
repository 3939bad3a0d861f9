"""What is shown while no plan is open: the sample valley, a new plan, an old one, and a place to drop files."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from cn_planner.gui import theme
from cn_planner.gui.panels.parts import STRETCH, BoxStretch, Elided, button, caption, fill_box, hbox, vbox
from cn_planner.gui.scroll import ScrollColumn
from cn_planner.gui.words import tr
from cn_planner.message import Message, msg
from cn_planner.session.examples import EXAMPLES

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
        self._scroll = ScrollColumn(QWidget(), msg("Start"))
        vbox(self._scroll, on=self)
        self.refresh()

    def refresh(self) -> None:
        """Build the page for the settings and the language of the moment."""
        page = QWidget()
        page.setAccessibleName(tr(msg("Start")))
        body = QWidget()
        body.setAccessibleName(tr(msg("Start")))
        body.setFixedWidth(theme.px(_WIDTH))
        hbox(STRETCH, body, STRETCH, on=page, margin=(24, 0, 24, 0))
        what = msg("Put homes and towers on a map. See at once who is reached, what it costs, and what to build.")
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
        self._own = self._card(
                msg("Your own place"),
                msg("Say where it is, what the ground looks like, where the Internet comes in, and who lives there."),
                msg("New plan…"), "new", primary=not first,
            )  # fmt: skip
        cards.addWidget(self._own, 1)
        examples = [
            button(name, "flat", act=partial(self.asked.emit, f"example:{key}"))
            for key, name in EXAMPLES.items()
        ]  # fmt: skip
        words = (
            msg("Go on with the tour") if self._settings.get("tour_at") else msg("Take the tour: seven steps to a plan")
        )
        tour = button(words, "flat", act=lambda: self.asked.emit("tour"))
        lines = vbox(
            BoxStretch(2),
            caption(msg("Plan your village's own network"), "display"),
            caption(what),
            16,
            cards,
            16,
            caption(msg("Real places, with open data"), "head"),
            hbox(*examples, STRETCH),
            16,
            hbox(caption(msg("The first time here?"), "head", wraps=False), tour, STRETCH),
            16,
            hbox(
                (caption(msg("Recent plans"), "head"), 1),
                button(msg("Open a plan…"), "flat", act=lambda: self.asked.emit("open")),
            ),
            on=body,
            margin=(0, 48, 0, 32),
        )
        there = [Path(text) for text in self._settings.get("recent") if Path(text).exists()]
        for path in there[:5]:
            lines.addWidget(self._recent(path))
        if not there:
            lines.addWidget(caption(msg("None yet."), "label"))
        fill_box(lines, 8, self._drop(), BoxStretch(3))
        self._scroll.show_column(page)

    @property
    def first(self) -> QWidget:
        """What makes a plan of the own place."""
        return self._own

    def begin(self) -> None:
        """Put the cursor on what most people do first."""
        self._first.setFocus()

    def _card(self, title: Message, words: Message, act: Message, command: str, *, primary: bool) -> QFrame:
        card = QFrame()
        theme.mark(card, "card")
        card.setAccessibleName(tr(title))
        go = button(act, "primary" if primary else "", act=lambda: self.asked.emit(command))
        vbox(caption(title, "title"), caption(words, "label"), STRETCH, 8, go, on=card, margin=16)
        if primary:
            self._first = go
        return card

    def _recent(self, path: Path) -> QWidget:
        piece = QWidget()
        name = path.name.removesuffix(".gpkg").removesuffix(".cnplan")
        piece.setAccessibleName(name)
        opens = tr(msg("Open {name}", name=name))
        where = Elided(str(path.parent), "label")
        where.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        hbox(button(name, "flat", name=opens, tip=str(path), act=lambda: self.opened.emit(path)), (where, 1), on=piece)
        return piece

    def _drop(self) -> QFrame:
        frame = QFrame()
        theme.mark(frame, "drop")
        frame.setAccessibleName(tr(msg("Drop files here")))
        said = msg("Or drop files on this window: a plan, terrain (.hgt, GeoTIFF), a list of homes (CSV, GeoJSON).")
        words = caption(said, "label")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        vbox(words, on=frame, margin=16)
        return frame
