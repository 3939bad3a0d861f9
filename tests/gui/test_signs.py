"""What a user would miss: a sign for yes, no and warning on a machine that has no fonts, not an empty box."""

from __future__ import annotations

import ast
import subprocess
import sys
import unicodedata
from importlib.resources import files
from pathlib import Path

from fontTools.ttLib import TTFont
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QImage, QPainter

from cn_planner import paths
from cn_planner.gui import theme

ROOT = Path(__file__).resolve().parents[2]
_FONT = paths.resources() / "fonts" / "signs.ttf"


def _signs_of_the_window() -> set[str]:
    """Return every sign in the texts of the window's code that is no letter, digit or ASCII."""
    found = set[str]()
    for source in (ROOT / "cn_planner" / "gui").rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {one for one in node.value if ord(one) > 127 and unicodedata.category(one)[0] in "SP"}
    return found


def test_every_sign_of_the_window_is_in_a_font_that_comes_along() -> None:
    folder = Path(str(files("fontpkg_noto_sans") / "files"))
    noto = {letter for path in folder.glob("*.ttf") for letter in TTFont(path).getBestCmap()}
    signs = set(TTFont(_FONT).getBestCmap())
    wanted = {ord(sign) for sign in _signs_of_the_window()}
    assert len(wanted & signs) >= 10
    assert not {chr(sign) for sign in wanted - noto - signs}


def test_the_font_is_what_its_script_draws(tmp_path: Path) -> None:
    made = tmp_path / "signs.ttf"
    subprocess.run([sys.executable, ROOT / "tools" / "signs_font.py", made], check=True)
    assert made.read_bytes() == _FONT.read_bytes()


def test_the_window_paints_a_sign_with_it(qapp: object) -> None:
    theme.add_fonts()

    def ink(font: QFont, text: str) -> bytes:
        image = QImage(64, 64, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        font.setPixelSize(40)
        painter.setFont(font)
        painter.drawText(8, 48, text)
        painter.end()
        return bytes(image.constBits())

    theme.apply_look("light", 100.0)
    for sign in "✓✕▲△→":
        assert ink(theme.window_font(), sign) == ink(QFont(theme.SIGNS), sign)
    assert ink(theme.window_font(), "✓") != ink(theme.window_font(), "✕")
