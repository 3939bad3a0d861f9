"""What a translator would miss: their own file in the window and on paper, with no step between."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cn_planner import i18n
from cn_planner.cli.main import with_own_translation
from cn_planner.errors import FileError
from cn_planner.gui.settings import Settings, chosen_language
from cn_planner.message import msg

_HEAD = 'msgid ""\nmsgstr ""\n"Language: pt_BR\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "meu.po"
    path.write_text(_HEAD + 'msgid "Plan the network"\nmsgstr "Planejar a rede"\n', encoding="utf-8")
    yield path
    i18n._own.clear()
    i18n._catalogue.cache_clear()


def test_its_language_is_spoken_with_its_sentences(own: Path, tmp_path: Path) -> None:
    assert with_own_translation(["--translation", str(own), "plan", "a"]) == ["plan", "a"]
    assert chosen_language(Settings(tmp_path / "window.ini")) == "pt-BR"
    assert i18n.say(msg("Plan the network"), "pt-BR") == "Planejar a rede"
    assert i18n.say(msg("Undo"), "pt-BR") == "Undo"  # what is not translated yet


def test_other_words_are_left_alone() -> None:
    assert with_own_translation(["plan", "--translation", "x"]) == ["plan", "--translation", "x"]
    assert not i18n.own_language()


def test_a_damaged_file_is_refused_in_words(own: Path) -> None:
    own.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError):
        i18n.use_own_translation(own)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [(["--translation"], 2, "--translation FILE"), (["--translation", "nowhere.po"], 1, "cannot be read")],
)
def test_a_file_that_is_not_there_ends_the_program_with_words(
    words: list[str], status: int, said: str, tmp_path: Path
) -> None:
    own_log = os.environ | {"XDG_STATE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "cn_planner", *words],
        cwd=tmp_path,
        env=own_log,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert said in done.stderr
