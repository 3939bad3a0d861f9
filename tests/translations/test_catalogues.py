"""Translators find every sentence, and no translation can break one."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from string import Formatter

import pytest
from babel.messages import pofile

from cn_planner import i18n
from cn_planner.message import Message, msg
from cn_planner.paths import resources

PACKAGE = Path(i18n.__file__).parent
FOLDER = resources() / "translations"
CATALOGUES = sorted(FOLDER.glob("*.po"))
AGAIN = (
    "pybabel extract --no-default-keywords -k msg --no-location --sort-output --no-wrap --project cn-planner "
    "-o resources/translations/cn_planner.pot cn_planner"
)


def read(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        return {str(one.id): str(one.string) for one in pofile.read_po(file, charset="utf-8") if one.id}


def keys_of_the_program() -> set[str]:
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "msg":
                first = node.args[0]
                assert isinstance(first, ast.Constant), f"{path}:{node.lineno}: the first argument is not a literal"
                found.add(first.value)
    return found


def fields(text: str) -> set[tuple[str, str]]:
    return {(name, spec or "") for _, name, spec, _ in Formatter().parse(text) if name is not None}


def test_every_sentence_is_in_the_template() -> None:
    missing = keys_of_the_program() - {""} - set(read(FOLDER / "cn_planner.pot"))
    assert not missing, f"make the template again: {AGAIN}"


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_translation_fills_in_what_its_sentence_fills_in(path: Path) -> None:
    for key, said in read(path).items():
        if said:
            assert fields(said) == fields(key), key


@pytest.fixture
def catalogues():
    before = list(i18n._folders)
    i18n.use_catalogues(FOLDER)
    yield
    i18n._folders[:] = before
    i18n._catalogue.cache_clear()


@pytest.mark.usefixtures("catalogues")
def test_a_verdict_is_said_in_the_language_of_its_reader() -> None:
    needed = msg("Raise {ways}.", ways=msg("{name} to {height_m} m", name="Coll", height_m=18))
    assert i18n.say(needed, "es") == "Suba Coll a 18 m."
    assert i18n.say(needed, "es-MX") == "Suba Coll a 18 m."
    assert i18n.say(needed, "en") == "Raise Coll to 18 m."
    assert i18n.say(needed, "sw") == "Raise Coll to 18 m."
    assert i18n.say(Message("Nobody says this."), "es") == "Nobody says this."


@pytest.mark.usefixtures("catalogues")
@pytest.mark.parametrize("language", ["../es", "es/../es", "", "en", "zz", "x" * 300])
def test_a_language_that_is_none_is_english(language: str) -> None:
    assert i18n.say(msg("Undo"), language) == "Undo"


def test_the_command_line_finds_its_catalogues_and_speaks_utf_8_into_any_pipe() -> None:
    code = (
        "import sys; from cn_planner.cli import main; sys.argv = ['cn-planner', '--version']\n"
        "try: main.main()\nexcept SystemExit: pass\n"
        "from cn_planner.i18n import say; from cn_planner.message import msg\n"
        "print(say(msg('Undo'), 'es'), 'Gúdar – ኢትዮጵያ \\ud800'); print('Ünser', file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True,
        env={"PYTHONIOENCODING": "cp1252", "PYTHONPATH": str(PACKAGE.parent), "PATH": ""},
    )  # fmt: skip
    assert "Deshacer Gúdar – ኢትዮጵያ \\ud800" in done.stdout.decode()
    assert done.stderr.decode().strip() == "Ünser"
