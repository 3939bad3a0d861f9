"""The ladder of modes beside the band: each mode, its rate, the level it asks for, a bar of what is to spare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTableWidgetItem, QWidget

from cn_planner.gui import theme
from cn_planner.gui.panels.parts import caption, fill_box, text_table, vbox
from cn_planner.gui.words import isolated, tr
from cn_planner.message import msg
from cn_planner.spectrum.band_ladder import ladder_words, step_words

if TYPE_CHECKING:
    from cn_planner.gui.values import AnyIndex
    from cn_planner.service.mode_ladder import ModeLadder

_BAR = 4
"""The column of the bars."""


class ModeTable(QWidget):
    """Shows a ladder: in words where the link stands, then a row a mode, the one that is counted on marked."""

    def __init__(self) -> None:
        super().__init__()
        self.ladder: ModeLadder | None = None
        self.said = caption("", "label")
        titles = (msg("Mode"), msg("Rate"), msg("It needs"), msg("To spare"), "")
        self.table = text_table(msg("Mode ladder"), titles)
        self.table.setItemDelegateForColumn(_BAR, _Bar(self))
        head = self.table.horizontalHeader()
        head.setMinimumSectionSize(theme.px(32))
        head.setSectionResizeMode(_BAR, QHeaderView.ResizeMode.Stretch)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        fill_box(vbox(on=self, gap=4), caption(msg("Mode ladder"), "head"), self.said, (self.table, 1))

    def show_ladder(self, ladder: ModeLadder | None) -> None:
        """Show another one; without one it is hidden."""
        self.setVisible(ladder is not None)
        if ladder is None or ladder == self.ladder:
            return
        self.ladder = ladder
        self.said.setText(tr(ladder_words(ladder)))
        table, now = self.table, theme.current()
        table.setRowCount(len(ladder.steps))
        for row, step in enumerate(ladder.steps):
            enough = step.spare_db >= ladder.wanted_db
            texts = [tr(one) for one in step_words(step)]
            texts[-1] = f"{'✓' if enough else '▲'} {texts[-1]}"
            for column, text in enumerate([*texts, ""]):
                item = QTableWidgetItem(isolated(text) if text else "")
                item.setToolTip(text)
                if column == len(texts) - 1:
                    item.setForeground(now.ok if enough else now.warn)
                if step.mode == ladder.counted:
                    item.setFont(theme.heavier(item.font()))
                    item.setBackground(now.action_tint)
                if column == _BAR:
                    item.setData(Qt.ItemDataRole.UserRole, step.spare_db)
                table.setItem(row, column, item)
        for column in range(_BAR):
            table.resizeColumnToContents(column)
        counted = next((n for n, one in enumerate(ladder.steps) if one.mode == ladder.counted), 0)
        table.scrollTo(table.model().index(counted, 0), table.ScrollHint.PositionAtCenter)


class _Bar(QStyledItemDelegate):
    """Paints what is to spare as a bar from the leading edge, and where it is what the plan wants as a dotted line."""

    def __init__(self, shown: ModeTable) -> None:
        super().__init__(shown)
        self._shown = shown

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint one."""
        super().paint(painter, option, index)
        ladder = self._shown.ladder
        spare = index.data(Qt.ItemDataRole.UserRole)
        if ladder is None or spare is None:
            return
        now, box = theme.current(), QRectF(option.rect).adjusted(4, 0, -6, 0)
        most = max(ladder.wanted_db, *(one.spare_db for one in ladder.steps), 1.0)
        mirrored = self._shown.layoutDirection() is Qt.LayoutDirection.RightToLeft

        def across(share_db: float) -> float:
            wide = min(max(share_db / most, 0.0), 1.0) * box.width()
            return box.right() - wide if mirrored else box.left() + wide

        painter.save()
        start, end = sorted((across(0.0), across(spare)))
        colour = QColor(now.ok if spare >= ladder.wanted_db else now.warn)
        colour.setAlphaF(1.0 if ladder.steps[index.row()].mode == ladder.counted else 0.6)
        painter.fillRect(QRectF(start, box.center().y() - 4, end - start, 8), colour)
        painter.setPen(QPen(now.text, 1.0, Qt.PenStyle.DotLine))
        wanted = round(across(ladder.wanted_db)) + 0.5
        painter.drawLine(
            QRectF(wanted, box.top(), 0, box.height()).topLeft(), QRectF(wanted, box.bottom(), 0, 0).topLeft()
        )
        painter.restore()
