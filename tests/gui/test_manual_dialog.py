"""The manual as a person finds it: Help, a word, a page, a link."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QWidget

from cn_planner.gui import theme
from cn_planner.gui.commands import COMMANDS
from cn_planner.gui.dialogs.manual import ManualDialog


def test_a_word_shows_the_page_that_answers_and_a_link_leads_on(qtbot) -> None:
    theme.apply_look("light", 100.0)
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ManualDialog(parent)
    dialog.show()
    assert dialog.list.count() >= 20
    assert "What CN Planner does" in dialog.page.toPlainText()
    dialog.search.setText("harness")
    assert [dialog.list.item(row).data(Qt.ItemDataRole.UserRole) for row in range(dialog.list.count())] == [
        "19-build.md"
    ]
    assert "never alone" in dialog.page.toPlainText()
    dialog.page.anchorClicked.emit(QUrl("04-first-look.md"))
    assert dialog.list.count() >= 20
    assert "A first look" in dialog.page.toPlainText()
    picture = dialog.page.loadResource(2, QUrl("pictures/sample.png"))
    assert 0 < picture.width() <= dialog.page.viewport().width()
    dialog.search.setText("xylophone")
    assert dialog.list.count() == 0
    dialog.close()


def test_help_has_it() -> None:
    assert next(one for one in COMMANDS if one.menu == "help").key == "manual"
