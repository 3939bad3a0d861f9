"""Translators find every sentence, and no translation can break one."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

import pytest
from babel.messages import pofile

from cn_planner import i18n
from cn_planner.message import Message, counted, msg
from cn_planner.paths import resources

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGE = Path(i18n.__file__).parent
FOLDER = resources() / "translations"
CATALOGUES = sorted(FOLDER.glob("*.po"))
AGAIN = (
    "pybabel extract --no-default-keywords -k msg -k counted:1,2 --no-location --sort-output --no-wrap "
    "--project cn-planner -o resources/translations/cn_planner.pot cn_planner"
)


Keys = tuple[str, ...]
"""The sentence; of one that counts, the one for one and the one for more."""


def read(path: Path) -> dict[Keys, Keys]:
    """Return what is said for each sentence."""
    with path.open("rb") as file:
        found = pofile.read_po(file, charset="utf-8")
    return {_keys(one.id): _keys(one.string) for one in found if one.id}


def _keys(text: str | Sequence[str]) -> Keys:
    return (text,) if isinstance(text, str) else tuple(text)


def keys_of_the_program() -> set[Keys]:
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"msg", "counted"}:
                first = node.args[: 1 if node.func.id == "msg" else 2]
                literal = all(isinstance(one, ast.Constant) for one in first)
                assert literal, f"{path}:{node.lineno}: what is said is not a literal"
                found.add(tuple(one.value for one in first))
    return found


def fields(text: str) -> set[tuple[str, str]]:
    return {(name, spec or "") for _, name, spec, _ in Formatter().parse(text) if name is not None}


def test_every_sentence_is_in_the_template() -> None:
    missing = keys_of_the_program() - {("",)} - set(read(FOLDER / "cn_planner.pot"))
    assert not missing, f"make the template again: {AGAIN}"


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_translation_fills_in_what_its_sentence_fills_in(path: Path) -> None:
    for keys, said in read(path).items():
        if len(keys) == 1 and said[0]:
            assert fields(said[0]) == fields(keys[0]), keys
        # A form for one or for two may say the number as a word, or not at all.
        for form in said if len(keys) == 2 else ():
            counting = {field for field in fields(keys[1]) if field[0] == "count"}
            assert not form or fields(form) | counting == fields(keys[1]) | counting, keys


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_translation_that_counts_has_a_form_for_every_number(path: Path) -> None:
    with path.open("rb") as file:
        forms = pofile.read_po(file, charset="utf-8").num_plurals
    for keys, said in read(path).items():
        if len(keys) == 2 and any(said):
            assert len(said) == forms, keys
            assert all(said), keys


@pytest.fixture
def catalogues():
    before = list(i18n._folders)
    i18n.use_catalogues(FOLDER)
    yield
    i18n._folders[:] = before
    i18n._catalogue.cache_clear()


def filled(keys: Keys, count: int) -> Message:
    """Return a counting sentence about a number; what else it fills in is 7, or a word where it can be no number."""
    others = {name: 7 if spec else name.upper() for name, spec in sorted(fields(keys[1])) if name != "count"}
    return Message(keys[0], (("count", count), *others.items()), keys[1])


@pytest.mark.usefixtures("catalogues")
@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_sentence_that_counts_is_said_of_any_number(path: Path) -> None:
    counting = [keys for keys, said in read(path).items() if len(keys) == 2 and all(said)]
    assert len(counting) > 100
    for keys in counting:
        for count in (*range(104), 1234):
            asked = filled(keys, count)
            said = i18n.say(asked, path.stem)
            assert said, (keys, count)
            assert "{" not in said, (keys, count)
            # What the translation fills in and the sentence has not would be said in English.
            assert said != i18n.say(asked) or path.stem == "en", (keys, count)
            for name, value in asked.values[1:]:
                assert str(value) in said, (keys, count, name)


@pytest.mark.usefixtures("catalogues")
def test_arabic_chooses_the_form_of_the_noun_by_the_last_two_digits() -> None:
    def of(count: int) -> str:
        return i18n.say(counted("{count:,g} home", "{count:,g} homes", count), "ar")

    assert [of(n) for n in (0, 1, 2)] == ["لا بيوت", "بيت واحد", "بيتان"]
    assert {of(n) for n in (3, 10, 103, 110)} == {"3 بيوت", "10 بيوت", "103 بيوت", "110 بيوت"}
    assert {of(n) for n in (11, 12, 99, 111)} == {"11 بيتًا", "12 بيتًا", "99 بيتًا", "111 بيتًا"}
    assert {of(n) for n in (100, 101, 102, 1000)} == {"100 بيت", "101 بيت", "102 بيت", "1,000 بيت"}


@pytest.mark.usefixtures("catalogues")
def test_half_a_home_is_half_a_home_in_every_language() -> None:
    def of(count: float, language: str) -> str:
        return i18n.say(counted("{count:,g} home", "{count:,g} homes", count), language)

    assert [of(n, "en") for n in (0.5, 1.0, 1.2, 26.5, 1234.367)] == [
        "0.5 homes", "1 home", "1.2 homes", "26.5 homes", "1,234.37 homes",
    ]  # fmt: skip
    assert of(1 / 3 + 2 / 3 - 1e-12, "en") == "1 home"  # what comes of adding up
    assert of(26.5, "es") == of(26.5, "pt") == "26,5 casas"
    assert of(1234.5, "es") == "1.234,5 casas"
    assert [of(n, "fr") for n in (0.5, 1.5, 2.5)] == ["0,5 maison", "1,5 maison", "2,5 maisons"]
    assert [of(n, "pt") for n in (1.5, 2.5)] == ["1,5 casa", "2,5 casas"]
    assert of(0.5, "hi") == of(1.0, "hi").replace("1", "0.5")
    assert of(2.5, "ar") == "2.5 بيت"  # neither "two homes" nor three
    assert str(counted("{count:,g} home", "{count:,g} homes", 26.5)) == "26.5 homes"


def _ends_in_accusative(word: str) -> bool:
    return word.endswith(("ًا", "اً"))


@pytest.mark.parametrize("path", [one for one in CATALOGUES if one.stem == "ar"], ids=lambda path: path.stem)
def test_no_arabic_form_for_a_hundred_stands_in_the_accusative_of_eleven(path: Path) -> None:
    for keys, said in read(path).items():
        if len(keys) == 2:
            eleven, hundred = (
                re.search(r"\{count[^}]*\} (\w[^\s:؛،.]*)", form, re.UNICODE) for form in (said[4], said[5])
            )
            if eleven and hundred and eleven[1] != hundred[1]:
                assert _ends_in_accusative(eleven[1]), keys
                assert not _ends_in_accusative(hundred[1]), keys


_ARABIC = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : "
"n%100>=11 ? 4 : 5);\\n"

msgid "{count} home"
msgid_plural "{count} homes"
msgstr[0] "لا منازل"
msgstr[1] "منزل واحد"
msgstr[2] "منزلان"
msgstr[3] "{count} منازل"
msgstr[4] "{count} منزلا"
msgstr[5] "{count} منزل"

msgid "{count:.0f} tower"
msgid_plural "{count:.0f} towers"
msgstr[0] "لا أبراج"
msgstr[1] ""
msgstr[2] ""
msgstr[3] ""
msgstr[4] ""
msgstr[5] ""
"""


def homes(count: float) -> Message:
    return Message("{count} home", (("count", count),), "{count} homes")


def test_a_language_with_six_forms_counts_with_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "ar.po").write_text(_ARABIC, encoding="utf-8")
    before = list(i18n._folders)
    i18n.use_catalogues(tmp_path)
    try:
        said = [i18n.say(homes(n), "ar") for n in (0, 1, 2, 5, 25, 100)]
        assert said == ["لا منازل", "منزل واحد", "منزلان", "5 منازل", "25 منزلا", "100 منزل"]
        # What is translated by half is said in English, with the English form.
        towers = [Message("{count:.0f} tower", (("count", n),), "{count:.0f} towers") for n in (0.0, 1.0, 1.4, 2.0)]
        assert [i18n.say(one, "ar") for one in towers] == ["0 towers", "1 tower", "1 tower", "2 towers"]
    finally:
        i18n._folders[:] = before
        i18n._catalogue.cache_clear()


def test_english_counts_one_and_many_and_what_is_no_number() -> None:
    assert [str(homes(n)) for n in (0, 1, 2)] == ["0 homes", "1 home", "2 homes"]
    assert i18n.say(counted("{count:.0f} home", "{count:.0f} homes", 1.2)) == "1 home"
    assert i18n.say(counted("{count:.0f} home", "{count:.0f} homes", float("inf"))) == "inf homes"


@pytest.mark.usefixtures("catalogues")
def test_a_verdict_is_said_in_the_language_of_its_reader() -> None:
    needed = msg("Put the antenna higher: {ways}.", ways=msg("{name} to {height_m} m", name="Coll", height_m=18))
    assert i18n.say(needed, "es") == "Ponga más alta la antena: Coll a 18 m."
    assert i18n.say(needed, "es-MX") == "Ponga más alta la antena: Coll a 18 m."
    assert i18n.say(needed, "en") == "Put the antenna higher: Coll to 18 m."
    assert i18n.say(needed, "nl") == "Put the antenna higher: Coll to 18 m."
    assert i18n.say(Message("Nobody says this."), "es") == "Nobody says this."


# Signs of CLDR: a point in Spanish and Portuguese, a narrow space that does not break in French, lakhs in Hindi.
GROUPED = {
    "en": ("1,234", "1,234,567.5"), "es": ("1.234", "1.234.567,5"), "pt": ("1.234", "1.234.567,5"),
    "fr": ("1\u202f234", "1\u202f234\u202f567,5"), "sw": ("1,234", "1,234,567.5"), "ar": ("1,234", "1,234,567.5"),
    "hi": ("1,234", "12,34,567.5"),
}  # fmt: skip


@pytest.mark.parametrize("language", sorted(GROUPED))
def test_whole_numbers_and_others_are_written_as_the_language_groups_them(language: str) -> None:
    whole, broken = GROUPED[language]
    assert i18n.say(msg("{n:,}", n=1234), language) == whole
    assert i18n.say(msg("{n:,d}", n=-1234), language) == f"-{whole}"
    assert i18n.say(msg("{n:,.1f}", n=1234567.5), language) == broken
    # A year, a channel, a number of a band: nobody asked for groups.
    assert i18n.say(msg("{year} {mhz:d} {name}", year=2026, mhz=5600, name="1,234.5"), language) == "2026 5600 1,234.5"
    assert i18n.say(msg("{n:,}", n=100_000), "hi") == "1,00,000"


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
