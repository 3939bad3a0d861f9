"""Every control can be made out in every look, and the window follows the system while it runs."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cn_planner.gui import theme


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch, qapp):
    """What the system wishes; the machine of the tests has no wish of its own."""
    now = {"dark": False, "high": False}
    monkeypatch.setattr(theme, "system_wish", lambda: (now["dark"], now["high"]))
    yield now
    monkeypatch.undo()
    theme.apply_look("light", 100.0)


def _light(colour: QColor) -> float:
    parts = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in colour.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    """Return the contrast of two colours (WCAG 2.2)."""
    a, b = sorted((_light(one), _light(other)))
    return (b + 0.05) / (a + 0.05)


def most_contrast(image: QImage, box: QRect, ground: QColor) -> float:
    """Return how much what is drawn in a box stands out from the ground."""
    return max(
        contrast(image.pixelColor(QPoint(x, y)), ground)
        for x in range(max(box.left(), 0), min(box.right() + 1, image.width()))
        for y in range(max(box.top(), 0), min(box.bottom() + 1, image.height()))
    )


@pytest.mark.parametrize("name", theme.LOOKS)
def test_the_edge_of_every_control_stands_out(name: str, system: dict[str, bool], qtbot) -> None:
    system["dark"] = name.endswith("dark")
    theme.apply_look("contrast" if name.startswith("contrast") else name)
    assert theme.current().name == name
    root = QWidget()
    qtbot.addWidget(root)
    root.setAutoFillBackground(True)
    column = QVBoxLayout(root)
    rows = QListWidget()
    for words, state in (("", Qt.CheckState.Unchecked), ("", Qt.CheckState.Checked)):
        item = QListWidgetItem(words)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(state)
        rows.addItem(item)
    slider = QSlider(Qt.Orientation.Horizontal)
    ticked = QCheckBox()
    ticked.setChecked(True)
    controls = [QCheckBox(), ticked, QLineEdit(), QComboBox(), QSpinBox(), QPushButton(), slider]
    for one in (*controls, rows):
        column.addWidget(one)
    root.resize(320, 480)
    root.show()
    qtbot.waitExposed(root)
    QApplication.processEvents()
    image = root.grab().toImage()
    # 3 to 1 is what WCAG asks of what tells a control (1.4.11); frames of fields have their words and place besides.
    least = {QCheckBox: 3.0, QSlider: 3.0}
    for one in controls:
        found = most_contrast(image, one.geometry(), theme.current().ground)
        assert found >= least.get(type(one), 1.5), (type(one).__name__, found)
    for number in range(rows.count()):
        box = rows.visualItemRect(rows.item(number)).translated(rows.viewport().mapTo(root, QPoint(0, 0)))
        found = most_contrast(image, box, theme.current().surface)
        assert found >= 3.0, (number, found)


def test_the_window_follows_the_system_while_it_runs(system: dict[str, bool], qtbot) -> None:
    theme.apply_look("system")
    hints = QGuiApplication.styleHints()
    widget = QPushButton("Share")
    qtbot.addWidget(widget)
    widget.show()
    seen: list[str] = []
    theme.signals.changed.connect(lambda: seen.append(theme.current().name))
    grounds = {}
    for dark, high, emit in (
        (True, False, lambda: hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)),
        (True, True, lambda: hints.accessibility().contrastPreferenceChanged.emit(Qt.ContrastPreference.HighContrast)),
        (False, True, lambda: hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)),
        (False, False, lambda: hints.accessibility().contrastPreferenceChanged.emit(
            Qt.ContrastPreference.NoPreference)),
    ):  # fmt: skip
        system["dark"], system["high"] = dark, high
        emit()
        QApplication.processEvents()
        grounds[theme.current().name] = QApplication.palette().window().color().name()
        assert widget.palette().buttonText().color() == theme.current().text
    assert seen == ["dark", "contrast_dark", "contrast", "light"]
    assert len(set(grounds.values())) == 3  # the light ones share their white


def test_a_look_that_was_chosen_does_not_follow_the_system(system: dict[str, bool]) -> None:
    theme.apply_look("light")
    system["dark"] = True
    QGuiApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.current().name == "light"


def test_bold_letters_are_drawn_and_not_smeared(qapp) -> None:
    from PySide6.QtGui import QFontMetricsF

    from cn_planner.gui.dialogs.manual import _Page
    from cn_planner.gui.paint import drawing_font

    text = "Tower 1, les Escaldes"
    plain, bold = (QFontMetricsF(drawing_font(32.0, bold=one)).horizontalAdvance(text) for one in (False, True))
    assert bold > 1.01 * plain  # letters that are only smeared are as wide as the regular ones
    page = _Page()
    page.show_markdown("# What it does\n\nSome **bold** words")
    axes = [one.format.font().isVariableAxisSet(QFont.Tag("wght")) for one in page.document().lastBlock().textFormats()]
    assert axes == [False, True, False]


def test_a_button_that_is_off_is_told_from_one_that_is_on_without_colour(system: dict[str, bool], qtbot) -> None:
    theme.apply_look("contrast")
    button = QPushButton()
    qtbot.addWidget(button)
    button.resize(120, 40)
    on = button.grab().toImage().convertToFormat(QImage.Format.Format_Mono)
    button.setEnabled(False)
    assert button.grab().toImage().convertToFormat(QImage.Format.Format_Mono) != on
