"""Ctrl+K: one list of everything that can be done or gone to, found by words in the window's language."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from cn_planner.gui import theme
from cn_planner.gui.coverage_maps import VIEW_WORDS
from cn_planner.gui.kinds import THINGS, Thing
from cn_planner.gui.panels.parts import caption, vbox
from cn_planner.gui.search_words import COMMAND_SEARCH, SETTING_SEARCH, THING_SEARCH, VIEW_SEARCH
from cn_planner.gui.settings import WINDOW_SETTINGS
from cn_planner.gui.words import WORDS, tr
from cn_planner.importers.place_search import plain_name
from cn_planner.message import Message, counted, msg
from cn_planner.model.settings import PLAN_SETTINGS
from cn_planner.report.words import NO, YES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from PySide6.QtGui import QKeyEvent, QPainter
    from PySide6.QtWidgets import QWidget

    from cn_planner.gui.commands import Commands
    from cn_planner.gui.regions import Regions
    from cn_planner.gui.state import AppState

_MOST = 40
"""So many are shown: who does not find it among them types another letter."""
_MOST_NAMES = 20_000
"""Of a table with more rows the names are left to the search for places, which takes a while."""
_STEPS_BACK = 20
_BY_OTHER = 100
_WIDTH, _ROW = 560, 32
_DO, _PLACES, _SETTINGS = msg("Do"), msg("Places and homes"), msg("Settings")
_GROUPS = (_DO, _PLACES, _SETTINGS)


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """Something that can be found: its group, what it is called, what stands beside it, and what Enter does."""

    group: Message
    title: str
    aside: str
    act: Callable[[], object]
    plain: str = ""
    other: str = ""
    """Its name, and what it is called elsewhere."""

    @classmethod
    def of(
        cls, group: Message, title: str, aside: str, act: Callable[[], object], search: Message | None = None
    ) -> PaletteEntry:
        """Return one that can be searched, also by other words for it."""
        plain = plain_name(title)
        other = "" if search is None else f"{plain} {_words_apart(tr(search))}"
        return cls(group, title, aside, act, plain, other)

    def rank(self, words: list[str]) -> int | None:
        """Return how well it fits what was typed: by its name always better than by what it is called elsewhere."""
        by_name = rank(self.plain, words)
        if by_name is not None or not self.other:
            return by_name
        by_other = rank(self.other, words)
        return None if by_other is None else _BY_OTHER + by_other


def _words_apart(text: str) -> str:
    """Return the words of a list in plain letters: each language has a comma of its own."""
    return plain_name("".join(" " if "COMMA" in unicodedata.name(sign, "") else sign for sign in text))


def rank(plain: str, words: list[str]) -> int | None:
    """Return how well a name fits what was typed, the less the better; None where it does not.

    Each word that was typed begins the name, begins a word of it, stands within it, or is made of first letters.
    """
    total = 0
    for word in words:
        if plain.startswith(word):
            score = 0
        elif f" {word}" in f" {plain}":
            score = 1
        elif word in plain:
            score = 2
        elif len(word) > 1 and "".join(part[0] for part in plain.split()).startswith(word):
            score = 3
        else:
            return None
        total += score
    return total


def found_in(entries: Iterable[PaletteEntry], text: str) -> list[PaletteEntry]:
    """Return what fits a text, group by group, in each the best first, then the shortest."""
    words = plain_name(text).split()
    ranked = [(score, one) for one in entries if (score := one.rank(words)) is not None]
    ranked.sort(key=lambda pair: (pair[0], len(pair[1].plain)))
    best = [one for _, one in ranked[:_MOST]]
    return [one for group in _GROUPS for one in best if one.group is group]


class Palette(QFrame):
    """The field and its list, over the map."""

    def __init__(
        self, window: QWidget, state: AppState, regions: Regions, commands: Commands, do: Callable[[str], None]
    ) -> None:
        super().__init__(window)
        self._window, self._state, self._regions, self._commands, self._ask = window, state, regions, commands, do
        theme.mark(self, "float")
        self.setAccessibleName(tr(msg("Find anything")))
        self.field = QLineEdit()
        self.field.setAccessibleName(tr(msg("Find anything")))
        self.field.setPlaceholderText(tr(msg("What to do, a place, a home, a setting")))
        self.list = QListWidget()
        self.list.setAccessibleName(tr(msg("Found")))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setItemDelegate(_Row(self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.said = caption(kind="label")
        vbox(self.field, (self.list, 1), self.said, on=self, margin=12)
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(lambda _item: self._do())
        self._entries: list[PaletteEntry] = []
        self._shown: dict[int, PaletteEntry] = {}
        self._recent: list[str] = []
        WORDS.changed.connect(self.hide)
        self.hide()

    def open(self) -> None:
        """Show it empty, with what was done last first."""
        self._entries = list(self._all())
        self.field.clear()
        self._fill("")
        room = self._window.rect()
        self.resize(min(theme.px(_WIDTH), room.width() - 32), min(theme.px(460), room.height() - 96))
        self.move((room.width() - self.width()) // 2, 96)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _all(self) -> Iterator[PaletteEntry]:
        """Yield everything that can be done or gone to now."""
        state, plan = self._state, self._state.plan
        for key, action in self._commands.actions.items():
            if action.isEnabled() and key != "palette":
                name = action.text().replace("&", "").removesuffix("…")
                yield PaletteEntry.of(_DO, name, action.shortcut().toString(), action.trigger, COMMAND_SEARCH.get(key))
        for key, one in WINDOW_SETTINGS.items():
            if one.shown:
                ask = partial(self._ask, f"window_set:{key}")
                yield PaletteEntry.of(_SETTINGS, tr(one.words), "", ask, SETTING_SEARCH.get(key))
        if state.project is None:
            return
        for view, said in VIEW_WORDS.items():
            look = partial(self._regions.maps.choose, view)
            yield PaletteEntry.of(_DO, tr(said), tr(msg("on the map")), look, VIEW_SEARCH[view])
        history = state.project.history
        for back, step in enumerate(reversed(history.steps[max(history.done - _STEPS_BACK, 0) : history.done]), 1):
            words = tr(msg("Back to before: {what}", what=step.label))
            yield PaletteEntry.of(_DO, words, "", partial(state.proposals.back_to, back))
        for kind in THINGS.values():
            rows = kind.rows(plan)
            if len(rows) <= _MOST_NAMES:
                words = tr(kind.words.about(1)).lstrip("1 ").strip()
                for key, row in rows.items():
                    name = kind.name(plan, row)
                    go = partial(self._go_to, Thing(kind.key, key))
                    title = name if key == name else f"{name} ({key})"
                    yield PaletteEntry.of(_PLACES, title, words, go, THING_SEARCH.get(kind.key))
        for name, latitude, longitude in self._regions.canvas.content.place_names.places():
            go = partial(self._regions.canvas.go_to, latitude, longitude, 13.0)
            yield PaletteEntry.of(_PLACES, name, tr(msg("on the map")), go)
        for key, setting in PLAN_SETTINGS.items():
            value = setting.value(plan)
            aside = f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)
            aside = tr(YES if value else NO) if isinstance(value, bool) else aside
            aside = "" if isinstance(value, tuple) else aside
            unit = "" if setting.unit in ("", "1", "currency") or not aside else f" {setting.unit}"
            ask = partial(self._ask, f"set:{key}")
            yield PaletteEntry.of(_SETTINGS, tr(setting.meaning), aside[:24] + unit, ask)

    def _go_to(self, thing: Thing) -> None:
        self._state.select(*thing)
        self._regions.binding.show(*thing)

    def _fill(self, text: str) -> None:
        found = found_in(self._entries, text) if text.strip() else self._last()
        self.list.clear()
        self._shown = {}
        group = None
        for one in found:
            if one.group is not group:
                group = one.group
                head = QListWidgetItem(tr(group))
                head.setFlags(Qt.ItemFlag.NoItemFlags)
                self.list.addItem(head)
            item = QListWidgetItem(one.title)
            item.setData(Qt.ItemDataRole.UserRole, one.aside)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{one.title}. {one.aside}" if one.aside else one.title)
            self.list.addItem(item)
            self._shown[self.list.count() - 1] = one
        if self._shown:
            self.list.setCurrentRow(min(self._shown))
        words = counted("{count} found. Enter does it, Escape closes.", "{count} found. Enter does it, Escape closes.",
                        len(found))  # fmt: skip
        nothing = msg("Nothing is called so. Enter looks for a place or coordinates.")
        self.said.setText(tr(words if found else nothing))

    def _last(self) -> list[PaletteEntry]:
        """Return what was done last, then what can be done."""
        mine = {one.title: one for one in self._entries if one.group is _DO}
        recent = [mine.pop(title) for title in self._recent if title in mine]
        return [*recent, *mine.values()][:_MOST]

    def _do(self) -> None:
        one, text = self._shown.get(self.list.currentRow()), self.field.text().strip()
        self.hide()
        self._regions.focus()
        if one is not None:
            self._recent = [one.title, *(title for title in self._recent if title != one.title)][:8]
            one.act()
        elif text and self._state.project is not None:
            self._regions.binding.go_to(text)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Take the keys of the list while the field has the keyboard."""
        if event.type() == QEvent.Type.KeyPress:
            return self._press(event)  # type: ignore[arg-type]
        if event.type() == QEvent.Type.FocusOut:
            self.hide()
        return False

    def _press(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        rows = list(self._shown)
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and rows:
            at = rows.index(self.list.currentRow()) if self.list.currentRow() in rows else 0
            self.list.setCurrentRow(rows[(at + (1 if key == Qt.Key.Key_Down else -1)) % len(rows)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._do()
        elif key == Qt.Key.Key_Escape:
            self.hide()
            self._regions.focus()
        else:
            return False
        return True


class _Row(QStyledItemDelegate):
    """One line: what it is called, and at the other end what stands beside it."""

    def __init__(self, over: QListWidget) -> None:
        super().__init__(over)
        self._list = over

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        """Return the height of a row."""
        return QSize(1, theme.px(_ROW))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw both, and the one that Enter does on its own ground."""
        now, box = theme.current(), QRect(option.rect).adjusted(8, 0, -8, 0)
        head = not index.flags() & Qt.ItemFlag.ItemIsEnabled
        painter.save()
        painter.setLayoutDirection(self._list.layoutDirection())
        if not head and self._list.currentIndex() == index:
            painter.fillRect(option.rect, now.selection)
        aside = index.data(Qt.ItemDataRole.UserRole) or ""
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.window_font(theme.LABEL_PX, bold=head))
        painter.setPen(now.text_dim)
        wide = min(painter.fontMetrics().horizontalAdvance(aside), box.width() // 2)
        short = painter.fontMetrics().elidedText(aside, Qt.TextElideMode.ElideRight, wide + 1)
        painter.drawText(box, int(middle | Qt.AlignmentFlag.AlignRight), short)
        if not head:
            painter.setFont(theme.window_font())
            painter.setPen(now.text)
        mirrored = painter.layoutDirection() is Qt.LayoutDirection.RightToLeft
        room = box.adjusted(wide + 12, 0, 0, 0) if mirrored else box.adjusted(0, 0, -wide - 12, 0)
        title = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(middle | Qt.AlignmentFlag.AlignLeft), title)
        painter.restore()
