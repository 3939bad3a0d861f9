"""What a user would miss: the page that answers, found by a word, without a net; and the same on paper."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

from cn_planner import paths
from cn_planner.session.manual import manual_pages, search_manual

ROOT = Path(__file__).resolve().parents[2]
_LONGEST_WORDS = 330
"""What fits on a screen with a table in it."""


def test_every_page_has_a_title_and_fits_a_screen() -> None:
    pages = manual_pages()
    assert 20 <= len(pages) <= 30
    assert len({page.title for page in pages}) == len(pages)
    assert not [(page.key, n) for page in pages if (n := len(page.text.split())) > _LONGEST_WORDS]


def test_links_and_pictures_are_there() -> None:
    keys = {page.key for page in manual_pages()}
    for page in manual_pages():
        for target in re.findall(r"\]\(([^)]+)\)", page.text):
            assert target in keys or (paths.manual() / target).is_file(), (page.key, target)


@pytest.mark.parametrize(
    ("wanted", "first"),
    [("battery", "12-power.md"), ("Fresnel", "30-glossary.md"), ("vote assembly", "18-assembly.md"),
     ("harness", "19-build.md"), ("elevation", "03-gather.md"), ("LEFT OUT", "11-left-out.md")],
)  # fmt: skip
def test_a_word_finds_its_page(wanted: str, first: str) -> None:
    assert search_manual(manual_pages(), wanted)[0].key == first


def test_what_stands_nowhere_finds_nothing_and_no_word_finds_all() -> None:
    assert search_manual(manual_pages(), "xylophone") == ()
    assert search_manual(manual_pages(), " . ") == manual_pages()


def test_commands_that_the_manual_names_exist() -> None:
    from cn_planner.cli.main import _COMMANDS

    known = {name for names in _COMMANDS.values() for name in names}
    for page in manual_pages():
        for command in re.findall(r"^    cn-planner ([a-z-]+)", page.text, re.MULTILINE):
            assert command in known, (page.key, command)


def test_words_of_buttons_are_those_of_the_window() -> None:
    from cn_planner.gui.commands import COMMANDS

    said = {str(one.words).rstrip("…") for one in COMMANDS}
    text = "".join(page.text for page in manual_pages())
    for words in ("Get data for this area", "Open an area pack", "Find places for towers", "Choose the gateway",
                  "Plan the network", "Cost against homes", "Power from the sun", "Print field sheets",
                  "Add measurements from a file"):  # fmt: skip
        assert words in said
        assert words in text


def test_it_is_set_on_paper_whole(tmp_path: Path) -> None:
    out = tmp_path / "manual.pdf"
    subprocess.run([sys.executable, ROOT / "tools" / "manual.py", out], check=True)
    reader = PdfReader(out)
    assert 20 <= len(reader.pages) <= 30
    printed = " ".join(" ".join(page.extract_text().split()) for page in reader.pages[2:])
    for page in manual_pages():
        assert page.title in printed
    assert "No home is worth a life." in printed
    assert "**" not in printed
    assert "](" not in printed
