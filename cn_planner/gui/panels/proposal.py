"""What would change, and why: a proposal in rows that can be ticked, and the bar over the map that sums it up."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QCheckBox, QFrame, QGridLayout, QLabel, QSizePolicy, QWidget

from cn_planner.gui import theme
from cn_planner.gui.kinds import site_name
from cn_planner.gui.map.style import Style
from cn_planner.gui.map_tools import sample_of
from cn_planner.gui.panels.decisions import DecisionList, signed_money
from cn_planner.gui.panels.parts import (
    Elided,
    beside_where_room,
    button,
    caption,
    empty,
    fill_box,
    hbox,
    retext,
    thin_line,
    vbox,
)
from cn_planner.gui.scroll import ScrollColumn
from cn_planner.gui.words import tr, with_commas
from cn_planner.message import Message, counted, msg
from cn_planner.planning.proposal import PartKind
from cn_planner.planning.result import most_saved_pct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QResizeEvent
    from PySide6.QtWidgets import QHBoxLayout

    from cn_planner.gui.map.layers.base import LegendEntry
    from cn_planner.gui.panels.panel_context import PanelContext
    from cn_planner.planning.proposal import ProposalPart
    from cn_planner.session.proposal import Proposal

NOW, BOTH, PROPOSED = "now", "both", "proposed"


def _won(weight: float) -> Message:
    return counted("+{count:,g} home", "+{count:,g} homes", weight)


def _lost(weight: float) -> Message:
    return counted("−{count:,g} home", "−{count:,g} homes", weight)


def balance(won: float, lost: float) -> QHBoxLayout:
    """Return homes won and homes lost beside each other: never one less the other."""
    line = hbox(gap=12)
    for weight, words, kind in ((won, _won, "ok"), (lost, _lost, "bad")):
        if weight > 0.0:
            line.addWidget(caption(words(weight), kind, wraps=False))
    line.addStretch(1)
    return line


def part_title(one: ProposalPart, found: Proposal, context: PanelContext) -> str:
    """Return what happens to a tower."""
    plan = found.edit.plan if one.id in found.edit.plan.sites else found.before
    name = site_name(plan, one.id)
    masts = {
        "before": context.quantities.height(one.before_m or 0.0),
        "now": context.quantities.height(one.after_m or 0),
    }
    words = {
        PartKind.COMES: msg("{site} comes, mast of {height}", site=name, height=masts["now"]),
        PartKind.GOES: msg("{site} goes", site=name),
        PartKind.MOVES: msg("{site} moves {distance}", site=name, distance=context.quantities.distance(one.moved_m)),
        PartKind.RISES: msg("{site} rises, {before} to {now}", site=name, **masts),
        PartKind.LOWERS: msg("{site} gets lower, {before} to {now}", site=name, **masts),
        PartKind.STAYS: msg("{site} stays, with other links or homes", site=name),
        PartKind.TUNED: msg("Channels and directions"),
        PartKind.REST: msg("What else changes"),
    }
    return tr(words[one.kind])


def part_reason(one: ProposalPart, found: Proposal) -> str:
    """Return why, in one sentence."""
    if one.kind is PartKind.TUNED:
        return tr(msg("Radios that stay are turned, or change their channel."))
    if one.kind is PartKind.REST:
        return tr(counted("{count} thing changes.", "{count} things change.", len(one.changes)))
    won = found.weight_won.get(one.id, 0.0)
    if won > 0.0:
        return tr(counted("It reaches {count:,g} home that nobody reaches now.",
                          "It reaches {count:,g} homes that nobody reaches now.", won))  # fmt: skip
    after = found.edit.plan
    if one.kind is PartKind.GOES:
        names = with_commas(sorted(site_name(after, key) for key in found.heirs.get(one.id, ())))
        return tr(msg("{sites} take over its homes.", sites=names) if names else msg("Nothing hangs on it any more."))
    if one.gains:
        return tr(counted("It takes over {count} home.", "It takes over {count} homes.", len(one.gains)))
    ends = {end for key in one.links if key in after.links
            for end in (after.links[key].from_site, after.links[key].to_site)} - {one.id}  # fmt: skip
    if ends:
        return tr(msg("It is linked to {sites}.", sites=with_commas(sorted(site_name(after, end) for end in ends))))
    return tr(msg("What hangs on it needs no more.") if one.kind is PartKind.LOWERS else msg("It carries a link on."))


class PartRow(QFrame):
    """One part: its tick, what happens, what it costs, why, and whom it wins and loses."""

    ticked = Signal(str, bool)
    looked = Signal(str)
    """The mouse or the keyboard is on it; empty: it is no longer."""

    def __init__(self, one: ProposalPart, found: Proposal, context: PanelContext) -> None:
        super().__init__()
        self.part = one
        theme.mark(self, "card")
        title, cost = part_title(one, found, context), signed_money(one.cost, found.edit.plan.info.currency)
        won, lost = found.weight_won.get(one.id, 0.0), found.weight(found.lost_by.get(one.id, ()))
        reason = part_reason(one, found)
        self.box = QCheckBox()
        self.box.setAccessibleName(f"{title}. {cost}. {reason}")
        self.box.toggled.connect(lambda on: self.ticked.emit(one.id, on))
        self.box.installEventFilter(self)
        money = caption(cost, "value", wraps=False)
        money.setSizePolicy(QSizePolicy.Policy.Fixed, money.sizePolicy().verticalPolicy())
        self.needed = caption("", "label")
        self.needed.hide()
        lines = vbox(hbox((caption(title, "head"), 1), (money, Qt.AlignmentFlag.AlignTop)),
                     caption(reason, "label"), gap=2)  # fmt: skip
        if won or lost:
            lines.addLayout(balance(won, lost))
        lines.addWidget(self.needed)
        hbox((self.box, Qt.AlignmentFlag.AlignTop), (lines, 1), on=self, margin=12)

    def show_tick(self, on: bool, needed_by: str) -> None:
        """Show whether it is ticked, and what needs it."""
        self.box.blockSignals(True)
        self.box.setChecked(on)
        self.box.blockSignals(False)
        self.needed.setText(tr(msg("needed by {what}", what=needed_by)) if needed_by and on else "")
        self.needed.setVisible(bool(self.needed.text()))

    def eventFilter(self, _watched: object, event: QEvent) -> bool:  # noqa: N802
        """Tell when the keyboard comes and goes."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            came = event.type() == QEvent.Type.FocusIn
            theme.mark(self, "chosen" if came else "card")
            self.looked.emit(self.part.id if came else "")
        return False

    def event(self, event: QEvent) -> bool:
        """Tell when the mouse comes and goes."""
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self.looked.emit(self.part.id if event.type() == QEvent.Type.Enter else "")
        elif event.type() == QEvent.Type.MouseButtonRelease:
            self.box.setFocus()
            self.looked.emit(f"go:{self.part.id}")
        return super().event(event)


class ProposalPanel(QFrame):
    """The proposal: what changes and why, what is ticked, and what can be done with it."""

    looked = Signal(str)
    """A part that is looked at; "go:" before it: the map goes there."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self.context = context
        self._proposals = context.state.proposals
        self._found: Proposal | None = None
        self.rows: list[PartRow] = []
        theme.mark(self, "panel")
        self.setAccessibleName(tr(msg("Proposal")))
        self.title, self.why = caption(kind="title"), caption()
        self.warning = QFrame()
        theme.mark(self.warning, "warning")
        self.again = button(msg("Plan again"), act=self._again)
        old = caption(msg("▲ It was made before your last edit."))
        vbox(old, (self.again, Qt.AlignmentFlag.AlignLeading), on=self.warning, gap=4, margin=12)
        self.all = button(msg("Tick all"), "flat", act=self._tick_all)
        head = hbox((caption(msg("What changes, and why"), "head"), 1), self.all)
        self._list = vbox()
        self.decisions = DecisionList(context)
        self.notes = caption(kind="label")
        self._legend = QGridLayout()
        self._legend.setHorizontalSpacing(12)
        self._legend.setVerticalSpacing(4)
        inner = QWidget()
        vbox(
            self.title, self.why, head, self._list, self.decisions, self.notes, self._legend,
            on=inner, gap=8, margin=16,
        ).addStretch(1)  # fmt: skip
        self.sum = caption(kind="label")
        self.accept = button(msg("Accept"), "primary", act=self.take)
        for key in ("Return", "Enter"):  # while the keyboard is on it: on another button they do nothing
            enter = QShortcut(QKeySequence(key), self.accept)
            enter.setContext(Qt.ShortcutContext.WidgetShortcut)
            enter.activated.connect(self.take)
        self.part = button(msg("Accept the ticked"), act=self.take)
        QShortcut(QKeySequence("Ctrl+Shift+Return"), self).activated.connect(self.take)
        self.leave = button(msg("Leave it"), act=self._proposals.leave)
        self._answers = hbox(self.accept, (self.part, 1), self.leave)
        foot = vbox(self.warning, self.sum, self._answers, margin=16)
        vbox((ScrollColumn(inner, msg("Proposal")), 1), thin_line(), foot, on=self, gap=0)
        self._sure = False
        self._proposals.changed.connect(self.refresh)
        self._proposals.ticked.connect(self._show_ticks)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Put the answers below each other where they have no room beside each other."""
        super().resizeEvent(event)
        beside_where_room(self._answers, self.width() - 32, self.accept, self.part, self.leave)

    def refresh(self) -> None:
        """Show the proposal that waits."""
        now = self._proposals.now
        if now is None:
            return
        if now is not self._found:
            self._found = now
            self._fill(now)
            if self._proposals.quick:
                QTimer.singleShot(0, self, self._wait_for_enter)
        over = self._proposals.overtaken
        self.warning.setVisible(over)
        self.again.setVisible(self._proposals.again is not None)
        self._show_ticks()

    def _wait_for_enter(self) -> None:
        """Put the keyboard on Accept; where somebody types meanwhile, their Enter is meant for that."""
        at = QApplication.focusWidget()
        if at is None or not at.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled):
            self.accept.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill(self, now: Proposal) -> None:
        name = tr(now.edit.label)
        self.title.setText(name[:1].upper() + name[1:])
        best = max(now.parts, key=lambda one: (now.weight_won.get(one.id, 0.0), -one.cost))
        notes = list(now.notes)
        # Where no tower comes, moves or goes, the notes say what is done.
        no_tower = best.kind in (PartKind.REST, PartKind.TUNED) and notes
        why = [tr(notes.pop(0)) if no_tower else f"{part_title(best, now, self.context)}. {part_reason(best, now)}"]
        if now.bound is not None:
            why.append(tr(now.bound))
        self.why.setText(" ".join(why))
        empty(self._list)
        self.rows = [PartRow(one, now, self.context) for one in now.parts]
        for row in self.rows:
            row.ticked.connect(self._proposals.tick)
            row.looked.connect(self.looked)
            self._list.addWidget(row)
        self.decisions.show_proposal(now)
        self.notes.setText("\n".join(tr(one) for one in notes))
        self.notes.setVisible(bool(notes))

    def _show_ticks(self) -> None:
        now = self._proposals.now
        if now is None or now is not self._found:
            return
        chosen, some = self._proposals.chosen, self._proposals.partial
        titles = {one.id: part_title(one, now, self.context) for one in now.parts}
        for row in self.rows:
            key = row.part.id
            by = next((titles[one.id] for one in now.parts if key in one.needs and one.id in chosen), "")
            row.show_tick(key in chosen, by)
        self.all.setEnabled(len(chosen) < len(now.parts))
        self._sure = False
        retext(self.accept, msg("Accept"))
        retext(self.part, msg("Accept the ticked"))
        self.accept.setEnabled(len(chosen) == len(now.parts))
        self.part.setEnabled(some and self._proposals.count is not None)
        ticked = msg("Ticked, {count} of {all}", count=len(chosen), all=len(now.parts))
        won, lost, cost = now.weight(now.won), now.weight(now.lost), now.cost
        if some:
            found = self._proposals.count
            if found is None:
                self.sum.setText(f"{tr(ticked)}: {tr(msg('counting…'))}")
                return
            won, lost, cost = found.won, found.lost, found.cost
        elif not chosen:
            won = lost = cost = 0.0
        homes = [tr(words(weight)) for weight, words in ((won, _won), (lost, _lost)) if weight]
        said = with_commas([*homes, signed_money(cost, now.edit.plan.info.currency)])
        self.sum.setText(f"{tr(ticked)}: {said}")

    def _tick_all(self) -> None:
        if self._found is not None:
            self._proposals.choose([one.id for one in self._found.parts])

    def _again(self) -> None:
        if self._proposals.again is not None:
            self._proposals.again()

    def take(self) -> None:
        """Take what is ticked into the plan; one that an edit has overtaken asks once. Nothing where nothing is."""
        if not self._proposals.chosen:
            self.all.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if self._proposals.overtaken and not self._sure:
            self._sure = True
            retext(self.part if self._proposals.partial else self.accept, msg("Accept all the same"))
            return
        self._proposals.accept(ticked=self._proposals.partial)

    def show_legend(self, entries: Sequence[LegendEntry]) -> None:
        """Show what the signs on the map mean."""
        empty(self._legend)
        style = Style(theme.current().drawing)
        for number, entry in enumerate(entries):
            sample = QLabel()
            sample.setPixmap(sample_of(entry, style, self.devicePixelRatioF()))
            line = hbox(sample, (caption(entry.words, "label"), 1))
            self._legend.addLayout(line, number // 2, number % 2)

    def show_part(self, key: str, *, focus: bool = False) -> bool:
        """Frame the row of a part and bring it into view; return whether there is one.

        `focus`: with the keyboard on it, which else stays where it is: Page Down on the map walks on.
        """
        row = next((one for one in self.rows if one.part.id == key), None)
        self._frame(key)
        if row is not None:
            if focus:
                row.box.setFocus(Qt.FocusReason.OtherFocusReason)
            scroll = self.findChild(ScrollColumn)
            if scroll is not None:
                scroll.ensureWidgetVisible(row)
        return row is not None

    def _frame(self, key: str) -> None:
        for row in self.rows:
            theme.mark(row, "chosen" if row.part.id == key or row.box.hasFocus() else "card")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """J and K walk the rows; Escape goes to "Leave it", and again leaves."""
        step = {Qt.Key.Key_J: 1, Qt.Key.Key_K: -1}.get(Qt.Key(event.key()), 0)
        if step and self.rows:
            at = next((n for n, row in enumerate(self.rows) if row.box.hasFocus()), -1 if step > 0 else 0)
            self.show_part(self.rows[(at + step) % len(self.rows)].part.id, focus=True)
        elif event.key() == Qt.Key.Key_Escape:
            if self.leave.hasFocus():
                self._proposals.leave()
            else:
                self.leave.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyPressEvent(event)


class ProposalBar(QFrame):
    """The sum of a proposal over the map, and what the map shows: the plan now, both, or the plan as proposed."""

    viewed = Signal(str)

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self.context = context
        self._proposals = context.state.proposals
        theme.mark(self, "chosen")
        self.setAccessibleName(tr(msg("Proposal")))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.head = button("", "flat", act=self._proposals.show)
        self._sums = hbox(gap=12)
        self.bound = Elided(kind="label")
        self.views = {}
        self._choice = hbox(gap=4)
        self._lines = hbox(hbox(self.head, self._sums, gap=12), (self.bound, 1), self._choice, on=self, gap=12)
        self._lines.setContentsMargins(12, 4, 8, 4)
        for key, number, words in ((NOW, 1, msg("Now")), (BOTH, 2, msg("Both")), (PROPOSED, 3, msg("Proposed"))):
            one = button(words, "chip", tip=tr(msg("Key {key}", key=number)), act=partial(self.show_view, key))
            one.setCheckable(True)
            self.views[key] = one
            self._choice.addWidget(one)
        self._proposals.changed.connect(self.refresh)
        self.hide()
        self.view = BOTH
        self._words = msg("Proposal, not in the plan yet")
        self._found: Proposal | None = None

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Take a second line, and leave out what the panel says too, where one is too short."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        retext(self.head, self._words, self._words)
        room = self.width() - 20
        sums = self._sums.sizeHint().width()
        one_line = beside_where_room(self._lines, room, self.head, *self.views.values(), more=sums + 24)
        self.bound.setVisible(one_line)
        if self.head.sizeHint().width() + sums + 12 > room:
            retext(self.head, msg("Proposal"), self._words)

    def show_view(self, key: str) -> None:
        """Show the plan now, both, or the plan as proposed."""
        self.view = key
        for name, one in self.views.items():
            one.setChecked(name == key)
        self.viewed.emit(key)

    def refresh(self) -> None:
        """Show the sum of the proposal that waits."""
        now = self._proposals.now
        shown = now is not None and self._proposals.shown
        self.setVisible(shown)
        if now is None or not shown:
            return
        over = self._proposals.overtaken
        theme.mark(self, "warning" if over else "chosen")
        words = msg("▲ Made before your last edit") if over else msg("Proposal, not in the plan yet")
        self._words = words
        empty(self._sums)
        fill_box(
            self._sums, balance(now.weight(now.won), now.weight(now.lost)),
            caption(signed_money(now.cost, now.edit.plan.info.currency), "value", wraps=False),
        )  # fmt: skip
        for label in self.findChildren(QLabel):
            label.setMinimumWidth(0)
            label.setSizePolicy(QSizePolicy.Policy.Preferred, label.sizePolicy().verticalPolicy())
        saved = None if now.gap is None else msg("at most {pct:.1f} % could be saved", pct=most_saved_pct(now.gap))
        self._fit()
        self.bound.say("" if saved is None else saved)
        self.show_view(self.view if now is self._found else BOTH)
        self._found = now
