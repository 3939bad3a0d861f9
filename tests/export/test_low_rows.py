"""Rows of one line: what counts as one line is held against the font's own widths, their height against its own."""

from pathlib import Path

from fontTools.ttLib import TTFont

from cn_planner import paths
from cn_planner.drawing.labels import on_one_line
from cn_planner.export.pdf import font_folders

SIZE = 7.0
WORDS = ("T00-1", "3 × Charge controller MPPT 10 A, 24 V", "−12.5", "Peñón de Gíbara", "WWW", "ill", "fi fl ffi", "")


def _file() -> Path:
    (path,) = (one for one in font_folders()[0].glob("NotoSans*.ttf") if "Italic" not in one.name)
    return path


def test_what_takes_one_line_is_no_wider_in_the_font_itself():
    with TTFont(_file()) as font:
        letters, widths, per_em = font.getBestCmap(), font["hmtx"].metrics, font["head"].unitsPerEm
    for words in WORDS:
        real = sum(widths[letters[ord(one)]][0] for one in words) / per_em * SIZE
        fits = next(width / 10.0 for width in range(5000) if on_one_line(words, SIZE, width / 10.0))
        assert real <= fits <= real + 0.1 + len(words) * 0.02 * SIZE


def test_what_another_font_may_set_is_never_sure():
    for words in ("नमस्ते", "سلام", "ሰላም", "…", "漢"):
        assert not on_one_line(words, SIZE, 1e4)


def test_the_template_knows_the_height_of_a_line():
    with TTFont(_file()) as font:
        cap = font["OS/2"].sCapHeight / font["head"].unitsPerEm
    template = (paths.resources() / "report" / "parts.typ").read_text(encoding="utf-8")
    assert f"if low {{ {cap:.3f} * {SIZE:g}pt + 5.2pt }}" in template
