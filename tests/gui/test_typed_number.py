"""A number is read as the person who types it means it, whatever the keyboard's and the language's decimal sign."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cn_planner.gui import words
from cn_planner.gui.panels.fields import NumberField
from cn_planner.gui.panels.typed_number import number_typed
from cn_planner.message import msg


@pytest.fixture
def speak():
    yield words.set_language
    words.set_language("en")


def taken(qtbot, text: str, least: float = 0.0) -> tuple[float, str]:
    field = NumberField(msg("Name"), low=least, high=1e6, decimals=2)
    qtbot.addWidget(field)
    field.show_value(least + 7.0)
    field.lineEdit().selectAll()
    if text.isascii():
        QTest.keyClicks(field.lineEdit(), text)
    else:
        field.lineEdit().insert(text)  # QTest has no keys for other letters
    QTest.keyClick(field.lineEdit(), Qt.Key.Key_Return)
    return field.value(), field.text()


@pytest.mark.parametrize(
    ("language", "text", "value", "written"),
    [
        ("en", "16.5", 16.5, "16.5"), ("en", "16,5", 16.5, "16.5"), ("en", "16,000", 16000.0, "16000"),
        ("en", "16.000", 16.0, "16"), ("en", "1,234.5", 1234.5, "1234.5"), ("en", "1.234,5", 1234.5, "1234.5"),
        ("es", "16.5", 16.5, "16,5"), ("es", "16,5", 16.5, "16,5"), ("es", "16.000", 16000.0, "16000"),
        ("es", "0.500", 0.5, "0,5"), ("fr", "16 000", 16000.0, "16000"), ("fr", "16,25", 16.25, "16,25"),
        ("pt", "123.456", 123456.0, "123456"), ("hi", "1,23,456", 123456.0, "123456"), ("ar", "16.5", 16.5, "16.5"),
        ("ar", "١٦٫٥", 16.5, "16.5"), ("sw", "16,5", 16.5, "16.5"),
    ],
)  # fmt: skip
def test_a_number_is_read_with_a_point_and_a_comma(qtbot, speak, language, text, value, written) -> None:
    speak(language)
    assert taken(qtbot, text) == (value, written)


@pytest.mark.parametrize(
    "text", ["", "-", ".", "1.2.3", "1,2,3", "1.234.5", "12a", "1e5", "1_000", "nan", "inf", "--1"]
)
def test_what_is_no_number_is_none(text) -> None:
    assert number_typed(text, ".") is None


def test_what_is_no_number_and_what_is_too_much_leaves_what_stood_there(qtbot) -> None:
    assert taken(qtbot, "abc")[0] == 7.0
    assert taken(qtbot, "1.2.3") == (7.0, "7")
    assert taken(qtbot, "1234567") == (123456.0, "123456")  # a figure beyond the most is not taken


@pytest.mark.parametrize(("language", "text"), [("en", "16,5"), ("es", "16.5"), ("fr", "16,5"), ("en", "1,2,3")])
def test_what_is_below_the_least_is_not_read_without_its_sign(qtbot, speak, language, text) -> None:
    """Qt strikes out what parts thousands in the system's language: 16,5 of a field from 30 on was 165."""
    speak(language)
    assert taken(qtbot, text, least=30.0) == (37.0, "37")
