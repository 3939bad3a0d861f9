"""A number is read as the person who types it means it, whatever the keyboard's and the language's decimal sign."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from cn_planner.gui import words
from cn_planner.gui.panels.fields import HeightField, NumberField
from cn_planner.gui.panels.typed_number import number_typed
from cn_planner.gui.quantities import Quantities
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
    "text",
    [
        "",
        "-",
        ".",
        "1.2.3",
        "1,2,3",
        "1.234.5",
        "12a",
        "1e5e3",
        "e5",
        "1e5.5",
        "1e999",
        "12–14",
        "1/2",
        "1_000",
        "nan",
        "inf",
        "--1",
    ],
)
def test_what_is_no_number_is_none(text) -> None:
    assert number_typed(text, ".") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.5e3", 1500.0), ("1,5E1", 15.0), ("2e-1", 0.2), ("–12", -12.0), ("−12,5", -12.5), ("‑3", -3.0),
     ("\u200f۱۲\u200f", 12.0), ("  12.5  ", 12.5), ("\u00a012\u202f000 ", 12000.0)],
)  # fmt: skip
def test_powers_of_ten_dashes_and_what_is_pasted_along_are_read(text, value) -> None:
    assert number_typed(text, ".") == value


@pytest.mark.parametrize("text", ["abc", "1.2.3", "1234567", "99999999", "12–14", "1/2", "12 ft", "12 km", "−5"])
def test_what_cannot_be_taken_leaves_what_stood_there_and_is_said(qtbot, text) -> None:
    """A figure or letter that was dropped left another number: 12 for 1/2, 5 for −5, and 123456 for 1234567."""
    field = NumberField(msg("Name"), low=0.0, high=1e6, unit="m", decimals=2)
    qtbot.addWidget(field)
    field.show_value(7.0)
    field.show()
    line, made = field.lineEdit(), []
    field.committed.connect(made.append)
    line.selectAll()
    line.insert(text)
    assert text in line.text()
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert (field.value(), field.text(), made) == (7.0, "7 m", [])
    said = next(one.text() for one in field.findChildren(QLabel) if one.isVisible())
    assert "not a number" in said or "is not between 0 and 1e+06 m" in said
    assert "7 m" in said
    line.selectAll()
    QTest.keyClicks(line, "8")  # the words go with the next key
    assert not any(one.isVisible() for one in field.findChildren(QLabel))
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert made == [8.0]


@pytest.mark.parametrize("text", ["12 m", "12m", " 12  m "])
def test_the_unit_of_a_field_may_stand_behind_its_number(qtbot, text) -> None:
    field = NumberField(msg("Name"), low=0.0, high=100.0, unit="m")
    qtbot.addWidget(field)
    field.lineEdit().selectAll()
    field.lineEdit().insert(text)
    QTest.keyClick(field.lineEdit(), Qt.Key.Key_Return)
    assert (field.value(), field.text()) == (12.0, "12 m")


def test_a_height_is_read_in_the_unit_that_stands_behind_it(qtbot, settings) -> None:
    field = HeightField(msg("Mast"), Quantities(settings), high_m=100.0)
    qtbot.addWidget(field)
    made = []
    field.committed.connect(made.append)
    for units, text, height_m in (("metric", "40 ft", 12.2), ("imperial", "12 m", 12.0), ("imperial", "40", 12.19)):
        settings.set("units", units)
        field.show_value(7.0)
        field.lineEdit().selectAll()
        field.lineEdit().insert(text)
        QTest.keyClick(field.lineEdit(), Qt.Key.Key_Return)
        assert made.pop() == pytest.approx(height_m, abs=0.02)


@pytest.mark.parametrize(("language", "text"), [("en", "16,5"), ("es", "16.5"), ("fr", "16,5"), ("en", "1,2,3")])
def test_what_is_below_the_least_is_not_read_without_its_sign(qtbot, speak, language, text) -> None:
    """Qt strikes out what parts thousands in the system's language: 16,5 of a field from 30 on was 165."""
    speak(language)
    assert taken(qtbot, text, least=30.0) == (37.0, "37")
