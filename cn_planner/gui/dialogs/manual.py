"""The manual in the window: pages to choose, words to look for, and the page. Nothing is asked of the net."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFont, QPixmap, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QTextBrowser, QWidget

from cn_planner import paths
from cn_planner.gui import theme
from cn_planner.gui.dialogs.dialog import Dialog
from cn_planner.gui.panels.fields import line_edit
from cn_planner.gui.panels.parts import hbox, vbox
from cn_planner.gui.words import tr
from cn_planner.message import msg
from cn_planner.session.manual import manual_pages, search_manual

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent, QTextBlock

_LIST_PX, _MARGIN_PX, _APART_PX = 304, 16, 8


class _Page(QTextBrowser):
    """A page; its pictures are no wider than itself."""

    def loadResource(self, kind: int, name: QUrl | str) -> Any:  # noqa: N802
        """Return a picture of the manual at the page's width."""
        if kind != QTextDocument.ResourceType.ImageResource:
            return None
        picture = QPixmap(str(paths.manual() / (name if isinstance(name, str) else name.toString())))
        room = max(self.viewport().width() - 3 * _MARGIN_PX, 1)
        if picture.width() > room:
            return picture.scaledToWidth(room, Qt.TransformationMode.SmoothTransformation)
        return picture

    def _weigh(self, block: QTextBlock) -> None:
        cursor = QTextCursor(block)
        for part in block.textFormats():
            if part.format.fontWeight() > QFont.Weight.Normal:
                bold = QTextCharFormat()
                bold.setFont(theme.heavier(part.format.font()))
                cursor.setPosition(block.position() + part.start)
                cursor.setPosition(block.position() + part.start + part.length, QTextCursor.MoveMode.KeepAnchor)
                cursor.mergeCharFormat(bold)

    def show_markdown(self, text: str) -> None:
        """Show a page from its top, its paragraphs apart."""
        self.setMarkdown(text)
        self.document().setDocumentMargin(_MARGIN_PX)
        block = self.document().begin()
        while block.isValid():
            form = block.blockFormat()
            form.setBottomMargin(_APART_PX)
            form.setTopMargin(2 * _APART_PX if form.headingLevel() else 0)
            QTextCursor(block).setBlockFormat(form)
            self._weigh(block)
            block = block.next()
        self.moveCursor(QTextCursor.MoveOperation.Start)


class ManualDialog(Dialog):
    """The manual; beside other windows, as long as it is wanted."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, msg("Manual"), width=960, height=720)
        self._pages = {page.key: page for page in manual_pages()}
        self.search = line_edit(msg("Search the manual"), hint=msg("Search the manual"))
        self.search.textChanged.connect(self._list)
        self.list = QListWidget()
        self.list.setAccessibleName(tr(msg("Pages")))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedWidth(theme.px(_LIST_PX))
        self.list.currentItemChanged.connect(self._chosen)
        self.page = _Page()
        self.page.setAccessibleName(tr(msg("Manual")))
        self.page.setOpenLinks(False)
        self.page.anchorClicked.connect(self._follow)
        self.column.addLayout(hbox(vbox(self.search, (self.list, 1)), (self.page, 1), gap=16), 1)
        self.add_close()
        self._list("")

    def show_page(self, key: str) -> None:
        """Show a page by the name of its file."""
        for row in range(self.list.count()):
            if self.list.item(row).data(Qt.ItemDataRole.UserRole) == key:
                self.list.setCurrentRow(row)
                return
        self.search.clear()  # the list has all pages again
        self.show_page(key)

    def _list(self, wanted: str) -> None:
        self.list.clear()
        for page in search_manual(self._pages.values(), wanted):
            item = QListWidgetItem(page.title)
            item.setData(Qt.ItemDataRole.UserRole, page.key)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.page.show_markdown(self._pages[item.data(Qt.ItemDataRole.UserRole)].text)

    def _follow(self, link: QUrl) -> None:
        if link.toString() in self._pages:
            self.show_page(link.toString())
        elif link.scheme() in {"http", "https"}:
            QDesktopServices.openUrl(link)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit the pictures to the new width."""
        super().resizeEvent(event)
        self._chosen(self.list.currentItem())
