"""How the window looks: colours by role in three looks, one stylesheet made from them, and the fonts that come along.

A widget never names a colour. It asks `current()` for a role, or says what it is with `mark()` and leaves the rest to
the stylesheet. `signals.changed` tells those who paint themselves.

The hues are those of `drawing.palette` (Okabe and Ito, 2008, darkened for thin lines), so that window, map and print
speak alike. Every text stands at least 4.5 to 1 against what it lies on (WCAG 2.2, 1.4.3), 7 to 1 in high contrast.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from cn_planner import paths
from cn_planner.drawing.palette import Theme as DrawingTheme
from cn_planner.drawing.svg import FONT_FAMILIES

if TYPE_CHECKING:
    from collections.abc import Mapping

STEP = 8
"""Everything stands on multiples of this, px."""
READING_PX, LABEL_PX, TITLE_PX = 14, 12, 17
"""One size for reading, one for labels, one for the name of what is looked at; px at text size 100 %."""
CONTROL_PX = 32
"""Height of what can be clicked."""


@dataclass(frozen=True)
class ThemeLook:
    """One look: its name, what drawings are drawn with, and a colour for every role as an attribute."""

    name: str
    dark: bool
    drawing: DrawingTheme
    ground: QColor
    surface: QColor
    sunken: QColor
    line: QColor
    line_strong: QColor
    text: QColor
    text_dim: QColor
    text_faint: QColor
    action: QColor
    action_hover: QColor
    action_text: QColor
    action_tint: QColor
    action_line: QColor
    ok: QColor
    warn: QColor
    bad: QColor
    warn_tint: QColor
    bad_tint: QColor
    focus: QColor
    selection: QColor
    shadow: QColor
    hex: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The same by name, as a stylesheet writes them."""


_ROLES = [one.name for one in fields(ThemeLook) if one.type == "QColor"]


def _table(*colours: str) -> dict[str, str]:
    return dict(zip(_ROLES, colours, strict=True))


_COLOURS: dict[str, dict[str, str]] = {
    "light": _table(
        "#ffffff", "#ffffff", "#f4f6f5", "#e1e6e4", "#c3cbc9", "#1c2b2d", "#55635f", "#66736f", "#0c6e60", "#0a5c50",
        "#ffffff", "#e6f2ee", "#9ecbbf", "#0b6e5f", "#8f5200", "#b3261e", "#fdf3e2", "#fdecea", "#0072b2", "#d5ebe4",
        "#30000000",
    ),
    "dark": _table(
        "#14191a", "#1b2223", "#242c2e", "#313b3d", "#4d5a5c", "#eef2f2", "#b4bfbf", "#9aa6a7", "#5fd0b4", "#7adcc3",
        "#0b1f1a", "#1d3530", "#3a7668", "#5fd0b4", "#f0b04a", "#ff8a7c", "#362a14", "#3b1f1c", "#7cc4f2", "#25473f",
        "#80000000",
    ),
    "contrast": _table(
        "#ffffff", "#ffffff", "#ffffff", "#000000", "#000000", "#000000", "#000000", "#1f1f1f", "#003d33", "#000000",
        "#ffffff", "#e0fff7", "#000000", "#00493d", "#5c3300", "#8c0f08", "#fff4d6", "#ffe4e0", "#0000c8", "#c4f5e8",
        "#00000000",
    ),
    "contrast_dark": _table(
        "#000000", "#000000", "#000000", "#ffffff", "#ffffff", "#ffffff", "#ffffff", "#e6e6e6", "#7dffdf", "#ffffff",
        "#000000", "#00332a", "#ffffff", "#7dffdf", "#ffd27a", "#ffb3aa", "#332200", "#3a0c08", "#ffff00", "#00513f",
        "#00000000",
    ),
}  # fmt: skip


@lru_cache(maxsize=8)
def look(name: str) -> ThemeLook:
    """Return one of the looks: light, dark, contrast, contrast_dark."""
    colours = _COLOURS[name]
    drawing = {
        "light": DrawingTheme.LIGHT,
        "dark": DrawingTheme.DARK,
        "contrast": DrawingTheme.BLACK_AND_WHITE,
        "contrast_dark": DrawingTheme.DARK,
    }[name]
    return ThemeLook(
        name, name.endswith("dark"), drawing, **{role: QColor(value) for role, value in colours.items()}, hex=colours
    )


LOOKS = tuple(_COLOURS)


class _Signals(QObject):
    changed = Signal()
    """The look or the size of letters has changed; the stylesheet is in place already."""


signals = _Signals()
_now: dict[str, object] = {"look": "light", "wish": "system", "scale": 1.0, "followed": None}


def current() -> ThemeLook:
    """Return the look that the window has now."""
    return look(str(_now["look"]))


def scale() -> float:
    """Return the size of letters, 1 for 100 %."""
    return float(_now["scale"])  # type: ignore[arg-type]


def px(size: float) -> int:
    """Return a size of letters, or of what must hold them, in px at the user's text size."""
    return round(size * scale())


def window_font(size_px: float = READING_PX, *, bold: bool = False) -> QFont:
    """Return the window's font for painting."""
    made = QFont(QApplication.font())
    made.setPixelSize(px(size_px))
    return heavier(made) if bold else made


def heavier(made: QFont) -> QFont:
    """Make a font bold, and return it: the fonts are variable, and without their axis Qt smears the regular letters."""
    made.setWeight(QFont.Weight.DemiBold)
    made.setVariableAxis(QFont.Tag("wght"), 600.0)
    return made


_HEAVY = frozenset({"display", "title", "head", "value", "action", "ok", "warn", "bad", "primary"})


def _weigh(widget: QWidget, kind: str, before: str) -> None:
    if kind in _HEAVY:
        widget.setFont(heavier(QFont(widget.font())))
    elif before in _HEAVY:
        widget.setFont(QFont())


def mark(widget: QWidget, kind: str) -> QWidget:
    """Say what a widget is, for the stylesheet: one of the kinds that `stylesheet` names. Return it.

    Texts: title, head, label, value, ok, warn, bad. Buttons: primary, quiet, flat, chip, danger. Frames: card, bar,
    panel, float.
    """
    if widget.property("kind") != kind:
        before = widget.property("kind")
        widget.setProperty("kind", kind)
        _weigh(widget, kind, before)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        # Once more: polishing takes back what the stylesheet had set of the font, where it was polished before.
        _weigh(widget, kind, before)
    return widget


def apply_look(wish: str | None = None, text_percent: float | None = None) -> None:
    """Give the whole application a look.

    Parameters
    ----------
    wish : str
        ``system`` (follows the system, also later), ``light``, ``dark`` or ``contrast``.
    text_percent : float
        Size of letters; 100 is usual.
    """
    app = QApplication.instance()
    assert isinstance(app, QApplication)  # noqa: S101 - for the type checker; `run` makes it first
    if _now["followed"] is not app:
        _now["followed"] = app
        app.setStyle("Fusion")
        add_fonts()
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(_system_changed)
        if hasattr(hints, "accessibility"):
            hints.accessibility().contrastPreferenceChanged.connect(_system_changed)
    before = (_now["look"], _now["scale"], app.styleSheet() != "")
    if wish is not None:
        _now["wish"] = wish
    if text_percent is not None:
        _now["scale"] = text_percent / 100.0
    _now["look"] = _resolve(str(_now["wish"]))
    if (_now["look"], _now["scale"], True) == before:
        return
    base = QFont([*FONT_FAMILIES, SIGNS])
    base.setPixelSize(px(READING_PX))
    app.setFont(base)
    app.setPalette(_palette(current()))
    app.setStyleSheet(stylesheet(current()))
    for widget in app.allWidgets():  # the new sheet has taken back what was set of their fonts
        if widget.property("kind") in _HEAVY:
            widget.setFont(heavier(QFont(widget.font())))
    signals.changed.emit()


def system_wish() -> tuple[bool, bool]:
    """Return whether the system asks for a dark look, and whether for high contrast."""
    hints = QGuiApplication.styleHints()
    high = hasattr(hints, "accessibility") and (
        hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast
    )
    return hints.colorScheme() is Qt.ColorScheme.Dark, high


def _resolve(wish: str) -> str:
    dark, high = system_wish()
    if wish == "contrast" or (wish == "system" and high):
        return "contrast_dark" if dark else "contrast"
    if wish == "system":
        return "dark" if dark else "light"
    return wish


def _system_changed() -> None:
    if QApplication.instance() is _now["followed"]:
        apply_look()


SIGNS = "CN Planner Signs"
"""The font of the signs that Noto Sans lacks: yes, no, warning, tower, arrows (tools/signs_font.py)."""
_FONT_FOLDERS = (
    ("fontpkg_noto_sans", "files"),
    ("fontpkg_noto_sans_arabic", "files"),
    ("fontpkg_noto_sans_devanagari", "files"),
    ("justmytype_intl_africa", "fonts/ofl/notosansethiopic"),
)


def add_fonts() -> None:
    """Make the fonts that come as dependencies known to Qt; a bare machine has none."""
    for package, folder in _FONT_FOLDERS:
        for path in sorted(Path(str(files(package) / folder)).glob("*.ttf")):
            if "Italic" not in path.name:
                QFontDatabase.addApplicationFont(str(path))
    QFontDatabase.addApplicationFont(str(paths.resources() / "fonts" / "signs.ttf"))


def _palette(now: ThemeLook) -> QPalette:
    made = QPalette()
    part = QPalette.ColorRole
    for role, value in (
        (part.Window, now.ground), (part.WindowText, now.text), (part.Base, now.surface),
        (part.AlternateBase, now.sunken), (part.Text, now.text), (part.Button, now.surface),
        (part.ButtonText, now.text), (part.BrightText, now.bad), (part.Highlight, now.action),
        (part.HighlightedText, now.action_text), (part.Link, now.action), (part.LinkVisited, now.action),
        (part.ToolTipBase, now.surface), (part.ToolTipText, now.text), (part.PlaceholderText, now.text_faint),
        (part.Mid, now.line_strong), (part.Midlight, now.line), (part.Dark, now.line_strong),
        (part.Light, now.surface), (part.Shadow, now.line_strong), (part.Accent, now.action),
    ):  # fmt: skip
        made.setColor(role, value)
    for role in (part.WindowText, part.Text, part.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, now.text_faint)
    return made


def stylesheet(now: ThemeLook) -> str:
    """Return the stylesheet of a look: the one place where shapes, sizes and roles meet."""
    edge = 2 if now.name.startswith("contrast") else 1
    sizes = {
        "read": px(READING_PX), "label": px(LABEL_PX), "title": px(TITLE_PX), "display": px(28),
        "control": px(CONTROL_PX) - 2 * edge,
        "row": px(24), "edge": edge, "mark": px(16), "arrow": px(12), "step": px(10),
        # Lines are as black as words in high contrast: a button that is off is no black box.
        "off": now.hex["ground" if now.name.startswith("contrast") else "line"],
        # Where all letters are black what is off has an edge of its own.
        "off_edge": "QPushButton:disabled { border-style: dashed; }" if edge > 1 else "",
        "icons": (paths.resources() / "icons").as_posix(), "shade": "dark" if now.dark else "light",
    }  # fmt: skip
    text = _SHEET
    for name, value in {**now.hex, **sizes}.items():
        text = text.replace(f"@{name}@", str(value))
    return text


_SHEET = """
QWidget { font-size: @read@px; color: @text@; }
QMainWindow, QDialog { background: @ground@; }
QToolTip { background: @surface@; color: @text@; border: @edge@px solid @line_strong@; padding: 4px 8px; }

QLabel { background: transparent; }
QLabel[kind="title"] { font-size: @title@px; }
QLabel[kind="display"] { font-size: @display@px; }
QLabel[kind="label"] { font-size: @label@px; color: @text_dim@; }
QLabel[kind="dim"] { color: @text_faint@; }
QLabel[kind="action"] { color: @action@; }
QLabel[kind="ok"] { color: @ok@; }
QLabel[kind="warn"] { color: @warn@; }
QLabel[kind="bad"] { color: @bad@; }
QLabel:disabled { color: @text_faint@; }

QPushButton, QToolButton {
    background: @surface@; border: @edge@px solid @line_strong@; border-radius: 6px;
    min-height: @control@px; padding: 0 12px;
}
QPushButton { icon-size: @mark@px; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QToolButton { padding: 0 8px; }
QPushButton:hover, QToolButton:hover { background: @sunken@; border-color: @text_faint@; }
QPushButton:pressed, QToolButton:pressed { background: @action_tint@; }
QPushButton:checked, QToolButton:checked { background: @action_tint@; border-color: @action_line@; color: @action@; }
QPushButton:focus, QToolButton:focus { border: 2px solid @focus@; padding: 0 11px; }
QToolButton:focus { padding: 0 7px; }
QPushButton:disabled, QToolButton:disabled { color: @text_faint@; border-color: @line@; background: @ground@; }
QPushButton[kind="primary"], QToolButton[kind="primary"] {
    background: @action@; border-color: @action@; color: @action_text@;
}
QPushButton[kind="primary"]:hover, QToolButton[kind="primary"]:hover { background: @action_hover@; }
QPushButton[kind="primary"]:focus, QToolButton[kind="primary"]:focus { border: 2px solid @focus@; }
QPushButton[kind="primary"]:disabled { background: @off@; border-color: @line@; color: @text_dim@; }
QPushButton[kind="danger"] { color: @bad@; border-color: @bad@; }
QPushButton[kind="danger"]:disabled { color: @text_faint@; border-color: @line@; background: @ground@; }
QPushButton[kind="quiet"], QToolButton[kind="quiet"] { border-color: @line@; }
QPushButton[kind="flat"], QToolButton[kind="flat"] {
    background: transparent; border-color: transparent; color: @action@; padding: 0 8px;
}
QPushButton[kind="flat"]:hover, QToolButton[kind="flat"]:hover { background: @action_tint@; }
QPushButton[kind="flat"]:focus, QToolButton[kind="flat"]:focus { border: 2px solid @focus@; padding: 0 7px; }
@off_edge@
QPushButton[kind="flat"]:disabled, QToolButton[kind="flat"]:disabled { color: @text_faint@; }
QPushButton[kind="footer"], QToolButton[kind="footer"] {
    background: transparent; border: @edge@px solid transparent; color: @text_dim@; font-size: @label@px;
    min-height: @row@px; padding: 0 8px;
}
QPushButton[kind="footer"]:hover, QToolButton[kind="footer"]:hover { background: @line@; color: @text@; }
QPushButton[kind="footer"]:focus, QToolButton[kind="footer"]:focus { border: 2px solid @focus@; padding: 0 7px; }
QToolButton[kind="tool"] { border-color: transparent; background: transparent; padding: 0 6px; }
QToolButton[kind="tool"]:hover { background: @sunken@; }
QToolButton[kind="tool"]:checked { background: @action_tint@; border-color: @action_line@; }
QToolButton[kind="tool"]:focus { border: 2px solid @focus@; padding: 0 5px; }
QLineEdit QToolButton { border: none; background: transparent; min-height: 0; padding: 0; }
QToolButton::menu-indicator { image: none; width: 0; }

QFrame[kind="card"] { background: @sunken@; border: @edge@px solid @line@; border-radius: 8px; }
QFrame[kind="chosen"] { background: @action_tint@; border: @edge@px solid @action_line@; border-radius: 8px; }
QFrame[kind="float"] { background: @surface@; border: @edge@px solid @line_strong@; border-radius: 8px; }
QFrame[kind="warning"] { background: @warn_tint@; border: @edge@px solid @warn@; border-radius: 8px; }
QFrame[kind="error"] { background: @bad_tint@; border: @edge@px solid @bad@; border-radius: 8px; }
QFrame[kind="panel"] { background: @ground@; border: none; }
QFrame[kind="topbar"] { background: @ground@; border: none; border-bottom: @edge@px solid @line@; }
QFrame[kind="footer"] { background: @sunken@; border: none; border-top: @edge@px solid @line@; }
QFrame[kind="footer"] QLabel { font-size: @label@px; color: @text_dim@; }
QFrame[kind="drop"] { background: transparent; border: @edge@px dashed @line_strong@; border-radius: 8px; }
QWidget[kind="line"] { background: @line@; }
QFrame[kind="rule"] { background: @line@; border: none; min-height: 1px; max-height: 1px; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {
    background: @surface@; border: @edge@px solid @line_strong@; border-radius: 6px;
    min-height: @control@px; padding: 0 8px; selection-background-color: @action@; selection-color: @action_text@;
}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {
    border: 2px solid @focus@; padding: 0 7px;
}
QPlainTextEdit, QTextEdit { padding: 4px; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {
    color: @text_faint@; background: @sunken@;
}
QComboBox QLineEdit { border: none; padding: 0; min-height: 0; background: transparent; }
QComboBox { padding: 0 6px; }
QComboBox:focus { padding: 0 5px; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url("@icons@/arrow-down-@shade@.svg"); width: @arrow@px; height: @arrow@px; }
QSpinBox[kind="steps"]::up-button, QSpinBox[kind="steps"]::down-button,
QDoubleSpinBox[kind="steps"]::up-button, QDoubleSpinBox[kind="steps"]::down-button {
    border: none; background: transparent; width: 24px;
}
QSpinBox[kind="steps"]::up-arrow, QDoubleSpinBox[kind="steps"]::up-arrow {
    image: url("@icons@/arrow-up-@shade@.svg"); width: @step@px; height: @step@px;
}
QSpinBox[kind="steps"]::down-arrow, QDoubleSpinBox[kind="steps"]::down-arrow {
    image: url("@icons@/arrow-down-@shade@.svg"); width: @step@px; height: @step@px;
}
QComboBox QAbstractItemView {
    background: @surface@; border: @edge@px solid @line_strong@; selection-background-color: @action_tint@;
    selection-color: @text@; outline: none;
}
QCheckBox, QRadioButton { spacing: 8px; min-height: @row@px; background: transparent; }

QCheckBox::indicator, QListView::indicator, QTreeView::indicator, QTableView::indicator, QMenu::indicator {
    width: @mark@px; height: @mark@px; border: @edge@px solid @text_faint@; border-radius: 4px; background: @surface@;
}
QCheckBox::indicator:checked, QListView::indicator:checked, QTreeView::indicator:checked,
QTableView::indicator:checked, QMenu::indicator:checked {
    background: @action@; border-color: @action@; image: url("@icons@/tick-@shade@.svg");
}
QCheckBox::indicator:disabled { border-color: @line@; background: @ground@; }
QMenu::indicator { margin-left: 4px; }
QCheckBox:focus { color: @focus@; }
QCheckBox::indicator:focus { border: 2px solid @focus@; }

QSlider { min-height: @row@px; }
QSlider::groove:horizontal { height: 4px; background: @line_strong@; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @action@; border-radius: 2px; }
QSlider::handle:horizontal {
    background: @surface@; border: 2px solid @action@; width: 14px; height: 14px; margin: -7px 0; border-radius: 9px;
}
QSlider::handle:horizontal:focus { border-color: @focus@; background: @action_tint@; }

QProgressBar { background: @line@; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: @action@; border-radius: 3px; }

QMenuBar { background: @ground@; border: none; font-size: @label@px; }
QMenuBar::item { padding: 4px 8px; background: transparent; border-radius: 4px; }
QMenuBar::item:selected { background: @action_tint@; color: @text@; }
QMenu { background: @surface@; border: @edge@px solid @line_strong@; padding: 4px; }
QMenu::item { padding: 6px 24px; border-radius: 4px; }
QMenu::item:selected { background: @action_tint@; color: @text@; }
QMenu::item:disabled { color: @text_faint@; }
QMenu::separator { height: 1px; background: @line@; margin: 4px 8px; }

QScrollArea { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @line_strong@; border-radius: 4px; margin: 2px; min-height: 32px; min-width: 32px; }
QScrollBar::handle:hover { background: @text_faint@; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QSplitter::handle { background: @line@; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: @action_line@; }

QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabWidget::pane { border: none; border-top: @edge@px solid @line@; }
QTabBar::tab {
    background: transparent; border: none; border-bottom: 2px solid transparent; padding: 8px 12px; color: @text_dim@;
}
QTabBar::tab:selected { color: @text@; border-bottom-color: @action@; }
QTabBar::tab:hover { color: @text@; }
QTabBar::tab:focus { color: @focus@; }

QHeaderView { background: @ground@; }
QHeaderView::section {
    background: @ground@; border: none; border-bottom: @edge@px solid @line_strong@; padding: 4px 8px;
    font-size: @label@px; color: @text_dim@;
}
QTableView, QTreeView, QListView {
    background: @surface@; border: none; gridline-color: @line@; outline: none;
    selection-background-color: @selection@; selection-color: @text@; alternate-background-color: @sunken@;
}
QTableView:focus, QTreeView:focus, QListView:focus { border: 2px solid @focus@; }
QListView::item { padding: 4px 8px; }
QStatusBar { background: @sunken@; }
"""
