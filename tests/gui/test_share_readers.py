"""Share asks first for whom the files are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QLabel

from cn_planner.export.formats import FORMATS, READERS
from cn_planner.gui.dialogs.share import ShareDialog
from cn_planner.gui.words import tr

if TYPE_CHECKING:
    from pathlib import Path


def test_each_format_stands_under_its_reader_the_assembly_first(settings: Any, qtbot: Any, tmp_path: Path) -> None:
    asked: list[Any] = []
    dialog = ShareDialog(None, settings, tmp_path, lambda *words: asked.append(words), ("proposal", "assembly"))
    qtbot.addWidget(dialog)
    dialog.show()
    heads = {one.text(): one.mapTo(dialog, one.rect().topLeft()).y() for one in dialog.findChildren(QLabel)}
    places = [heads[tr(words)] for words in READERS.values()]
    assert places == sorted(places)
    assert list(heads).index("For the assembly") < list(heads).index("For a donor or a ministry")
    for key, box in dialog.boxes.items():
        top = box.mapTo(dialog, box.rect().topLeft()).y()
        above = [reader for reader, words in READERS.items() if heads[tr(words)] < top]
        assert above[-1] is FORMATS.all()[key].reader
    dialog._begin()
    assert asked[0][1] == ("assembly", "proposal")
