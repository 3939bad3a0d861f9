"""What somebody saw of a thing on site, in its panel: who, when, from where, what, and the day it is asked again."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QLabel

from cn_planner.gui import theme
from cn_planner.gui.kinds import site_name
from cn_planner.gui.panels import formatters
from cn_planner.gui.panels.parts import Section, button, caption, empty, fill_box, vbox
from cn_planner.gui.words import tr
from cn_planner.links.seen import looks_that_count
from cn_planner.message import msg
from cn_planner.model.evidence import Seen, Visit, line_seen, newest
from cn_planner.report.words import SEEN_WORDS

if TYPE_CHECKING:
    from cn_planner.gui.panels.panel_context import PanelContext
    from cn_planner.model.evidence import Evidence

_SIGNS: dict[Seen, tuple[str, str]] = {
    Seen.UNKNOWN: ("○", "label"), Seen.CLEAR: ("✓", "ok"), Seen.TREES: ("▲", "warn"), Seen.HIDDEN: ("✕", "bad"),
}  # fmt: skip
_VISITS = {
    Visit.VISITED: msg("visited"),
    Visit.REFUSED: msg("refused"),
    Visit.WRONG_POSITION: msg("stood elsewhere, was moved"),
    Visit.BETTER_PLACE: msg("a better place was found"),
}
_THUMB_PX, _MOST_PHOTOS, _MOST_LINES = 72, 4, 8


class SeenPart(Section):
    """The part of a panel: what was seen, and the way to the sheet."""

    def __init__(self, context: PanelContext) -> None:
        self._context, self._key = context, ""
        self.ask = button(msg("What did you see?…"), "quiet", act=self._ask)
        super().__init__(msg("Seen on site"), aside=self.ask)
        self.lines = vbox(gap=4)
        self.body.addLayout(self.lines)

    def _ask(self) -> None:
        self._context.asked.emit(f"seen:{self._key}")

    def show_place(self, key: str) -> None:
        """Show what was seen from a site or home, and of the lines to it."""
        self._key = key
        plan = self._context.plan
        rows = list(plan.evidence.values())
        found = newest(rows, key)
        own = found.pop("", None)
        lines = {other: line_seen(rows, key, other) for other in self._others(key, rows)}
        self._show(own, {self._name(other): one for other, one in lines.items() if one is not None})

    def _others(self, key: str, rows: list[Evidence]) -> list[str]:
        """Return the other ends of lines, the newest first."""
        found: dict[str, None] = {}
        for one in sorted(rows, key=lambda row: row.order, reverse=True):
            if one.towards and key in (one.about_id, one.towards):
                found[one.towards if one.about_id == key else one.about_id] = None
        return list(found)[:_MOST_LINES]

    def _name(self, key: str) -> str:
        home = self._context.plan.households.get(key)
        return site_name(self._context.plan, key) if home is None else home.name or key

    def show_line(self, first: str, second: str) -> None:
        """Show what was seen along the line between two things."""
        self._key = first
        one = line_seen(self._context.plan.evidence.values(), first, second)
        self._show(None, {} if one is None else {site_name(self._context.plan, second): one})

    def _show(self, own: Evidence | None, lines: dict[str, Evidence]) -> None:
        empty(self.lines)
        if own is None and not lines:
            self.lines.addWidget(caption(msg("Nobody has looked yet: what stands here is predicted."), "label"))
            return
        if own is not None:
            self._line(f"✓ {tr(_VISITS[own.visit])}", "ok" if own.visit is Visit.VISITED else "warn", own)
        for name, one in lines.items():
            sign, kind = _SIGNS[one.seen]
            self._line(formatters.spaced(f"{sign} {name}", tr(SEEN_WORDS[one.seen])), kind, one)

    def _counts(self, one: Evidence) -> bool:
        """Return whether the planner goes by a look: not where something newer was seen, or an end was moved since."""
        return any(look.row is one for look in looks_that_count(self._context.plan))

    def _line(self, head: str, kind: str, one: Evidence) -> None:
        told = [one.who, one.date, one.what, one.note]
        again = one.look_again(self._context.plan.rules.look_again_months)
        past = bool(one.towards) and one.seen is not Seen.UNKNOWN and not self._counts(one)
        if past or (again is not None and again <= dt.datetime.now().astimezone().date()):
            told.append(tr(msg("old: look again")))
            kind = "warn"
        elif again is not None:
            told.append(tr(msg("look again from {day}", day=again.isoformat())))
        fill_box(self.lines, caption(head, kind), caption(formatters.dotted(*told), "label"))
        project = self._context.state.project
        for name in one.photos.split()[:_MOST_PHOTOS] if project is not None else ():
            data = project.photo(name) if project is not None else None
            if data is not None:
                picture = QLabel()
                shown = QPixmap.fromImage(QImage.fromData(data, "JPEG"))  # type: ignore[arg-type]  # text is what it takes
                size = theme.px(_THUMB_PX)
                picture.setPixmap(shown.scaledToHeight(size, Qt.TransformationMode.SmoothTransformation))
                picture.setAccessibleName(tr(msg("Photograph, {day}", day=one.date)))
                self.lines.addWidget(picture)
