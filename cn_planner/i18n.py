"""gettext for window, command line and report alike: a Message becomes a sentence in the user's language."""

from __future__ import annotations

import gettext
import io
import re
import sys
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cn_planner.errors import FileError
from cn_planner.faults import walled
from cn_planner.message import BROKEN, Fields, Message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from cn_planner.message import Value

SOURCE_LANGUAGE = "en"


_folders: list[Path] = []
_own: dict[str, gettext.NullTranslations] = {}
_SAYS_LANGUAGE = re.compile(rb'"Language:\s*([A-Za-z]{2,3}(?:[_-][A-Za-z]{2,4})?)')


_MOST_FORMS = 6
"""Of a noun behind a number, in any language (Unicode CLDR, plural rules)."""


def use_catalogues(folder: Path) -> None:
    """Say where the translations are (``es.po``, ``pt_BR.po``); without it every sentence is in the source language."""
    _folders[:] = [folder]
    _catalogue.cache_clear()


def use_own_translation(path: Path) -> str:
    """Take a translator's own file in place of the one that is shipped, and return the language that it says it is in.

    Raises
    ------
    FileError
        Where it cannot be read.
    """
    said = _SAYS_LANGUAGE.search(_bytes_of(path))
    language = said[1].decode("ascii").replace("_", "-") if said else path.stem
    _own.clear()
    _own[language] = _read(path, language)
    _catalogue.cache_clear()
    return language


def own_language() -> str:
    """Return the language of the translator's own file, empty where none is used."""
    return next(iter(_own), "")


@walled
def _bytes_of(path: Path) -> bytes:
    return path.read_bytes()


@lru_cache(maxsize=4)  # some 3 MB each: those of window and papers, and English, which is empty
def _catalogue(language: str) -> gettext.NullTranslations:
    if language in _own:
        return _own[language]
    if language == SOURCE_LANGUAGE or not _folders:
        return gettext.NullTranslations()
    locale = language.replace("-", "_")
    for name in (locale, locale.split("_")[0]):
        path = _folders[0] / f"{name}.po"
        # A plan may call its language what it likes: that is no path.
        if name.replace("_", "").isalnum() and len(name) < 20 and path.is_file():
            try:
                return _read(path, name)
            except FileError:  # a translator's slip: it stands in the log, and the program goes on in its own language
                break
    return gettext.NullTranslations()


@walled
def _read(path: Path, language: str) -> gettext.NullTranslations:
    # The text that translators write is what is read: nothing has to be compiled first, and nothing can be out of date.
    from babel.messages import mofile, pofile  # 0.1 s, and English needs none of it

    data = path.read_bytes()
    if any(int(forms) > _MOST_FORMS for forms in re.findall(rb"nplurals\s*=\s*(\d{1,99})", data)):
        raise ValueError(path)  # Babel counts them one by one
    catalogue = pofile.read_po(io.BytesIO(data), locale=language.replace("-", "_"), charset="utf-8")
    for one in list(catalogue):
        if one.pluralizable and not all(
            one.string or ()
        ):  # Babel would fill the gaps with English forms of another number
            catalogue.delete(one.id)
    binary = io.BytesIO()
    mofile.write_mo(binary, catalogue)
    binary.seek(0)
    return gettext.GNUTranslations(binary)


class _Localised(Fields):
    """Format numbers with the separators of a language, and messages within messages."""

    def __init__(self, language: str, *, imperial: bool, isolate: bool) -> None:
        self._language, self._imperial, self._isolate = language, imperial, isolate

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        value = super().get_value(key, args, kwargs)
        if isinstance(value, Message):
            return say(value, self._language, imperial=self._imperial, isolate=self._isolate)
        return value

    def format_field(self, value: Any, format_spec: str) -> str:
        text = super().format_field(value, format_spec)
        if self._isolate and isinstance(value, str) and text:
            return f"{opening(value)}{text}\u2069"  # a name or "12 m" keeps its own order
        if self._language == SOURCE_LANGUAGE or not isinstance(value, int | float):
            return text
        # A whole number whose format asks for no groups (a year, a channel, MHz) has nothing in it to change.
        point, group, size = _separators(self._language)
        if size != _THOUSANDS:
            text = _GROUPED.sub(lambda found: _regrouped(found[0], size), text)
        return text.translate({ord("."): point, ord(","): group})


_FROM_THE_RIGHT, _FIRST_STRONG = "\u2067", "\u2068"


def opening(text: str) -> str:
    """Return the mark that sets a text apart: its first letter says which way it runs.

    Letters within what is set apart in it again do not count for that. Of "{+3 homes}, {−5 homes}" none is left, and it
    would run from the left in a language that does not: then from the right, where any is written so.
    """
    depth, mirrored = 0, False
    for kind in map(unicodedata.bidirectional, text):
        if kind in {"LRI", "RLI", "FSI"}:
            depth += 1
        elif kind == "PDI":
            depth = max(0, depth - 1)
        elif kind in {"L", "R", "AL"}:
            if depth == 0:
                return _FIRST_STRONG
            mirrored |= kind != "L"
    return _FROM_THE_RIGHT if mirrored else _FIRST_STRONG


NO_BREAK = "\u00a0"
"""A space at which no line ends."""
_THOUSANDS = 3
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")


def _regrouped(number: str, size: int) -> str:
    """Return a number with groups of another size before its last three digits: 12,34,567 in Hindi."""
    head, tail = number[:-4].replace(",", ""), number[-3:]
    first = len(head) % size
    return ",".join([*filter(None, [head[:first]]), *(head[i : i + size] for i in range(first, len(head), size)), tail])


@lru_cache(maxsize=16)
def _separators(language: str) -> tuple[str, str, int]:
    """Return the decimal sign, the sign between groups, and the size of the groups beyond the last one (CLDR)."""
    from babel import Locale  # 60 ms, and English needs none of it

    locale = Locale.parse(language, sep="-")
    symbols = locale.number_symbols["latn"]
    return symbols["decimal"], symbols["group"], locale.decimal_formats[None].grouping[1]


def decimal_sign(language: str) -> str:
    """Return the sign before the decimals in a language."""
    return "." if language == SOURCE_LANGUAGE else _separators(language)[0]


def let_languages_go() -> None:
    """Give up what Babel keeps of each language that was spoken, a megabyte or more; it is read again in some 10 ms."""
    locales: Any = sys.modules.get("babel.localedata")
    if locales is not None:
        # It has no way to forget; a new table, for another thread may just walk this one.
        with locales._cache_lock:  # noqa: SLF001
            locales._cache = {key: data for key, data in locales._cache.items() if key == "root"}  # noqa: SLF001


_LENGTH = re.compile(r"\{(\w+)(:[^{}]*)?\}[ \u00a0](k?m)(?![\w²³/])")
_IMPERIAL = {"m": ("ft", 0.3048, ",.0f"), "km": ("mi", 1.609344, ",.1f")}
_WORD = r"[\w\u0900-\u0963]+"
"""``\\w`` has no vowel signs: of a Hindi unit it takes the first letter only."""


def _in_feet(message: Message, text: str, sign_in: Callable[[str], str]) -> tuple[str, dict[str, Value]]:
    """Return a sentence with feet for metres and miles for kilometres, by their signs in the language.

    Which of its numbers are lengths is told by the unit that follows them in the source; whatever word follows them in
    the translation gives way.
    """
    values = dict(message.values)
    for name, spec, unit in _LENGTH.findall(message.many or message.key):
        value = values.get(name)
        if isinstance(value, int | float):
            sign, size, usual = _IMPERIAL[unit]
            values[f"{name}_{sign}"] = value / size
            form = spec[1:] if "." in spec and not spec.endswith((".0f", "g")) else usual
            said = f"{{{name}_{sign}:{form}}} {sign_in(sign)}"
            text = re.sub(rf"\{{{name}(:[^{{}}]*)?\}}[ \u00a0]{_WORD}", said, text)
    return text, values


_WITH_UNIT = re.compile(r"[+−]?\{(\w+)(?::[^{}]*)?\}(?:[ \u00a0](?:[A-Za-z][\w/²³]*|%|\{currency\})|[%°])")


_SAMPLE = re.compile(
    r"(?<![\w{}:.,^@=/-])(?<![A-Za-z0-9}] )(?<![A-Za-z0-9][,:;] )"  # not the end of something in Latin letters
    r"(?>\d(?:[\w.°′″]*[\w°′″])?(?:(?:[,;] | ?/ ?|::/?|[ \u00a0]-|[-–,;:= \u00a0])[\w%](?:[\w.°′″%]*[\w°′″%])?)+)"
    r"(?![ \u00a0]?\{)",
    re.ASCII,
)
"""What is written as a person is to write it, "5470-5725 MHz" or "42.0931 N, 1.8082 E", and a figure with its unit."""


def _figures_apart(text: str, values: Mapping[str, Value]) -> str:
    """Return a sentence in which each number with a unit in Latin letters keeps that unit behind it, in one line.

    And in which samples keep their order: of "42.0931 N, 1.8082 E" latitude and longitude were read as turned round.
    """

    def apart(found: re.Match[str]) -> str:
        number = isinstance(values.get(found[1]), int | float)
        return f"\u2066{found[0].replace(' ', NO_BREAK)}\u2069" if number else found[0]

    return _WITH_UNIT.sub(apart, _SAMPLE.sub("\u2066\\g<0>\u2069", text))


_ONE_BELOW = {"fr": 2.0, "hi": 1.0, "pt": 2.0}
"""Below it a number with decimals has the form of one (Unicode CLDR, plural rules); in our other languages never."""


def _counts_as(message: Message, language: str) -> int:
    number, value = abs(message.number), message.values[0][1]
    small = isinstance(value, int | float) and abs(value) < _ONE_BELOW.get(language.split("-", maxsplit=1)[0], 0.0)
    return 1 if number == BROKEN and small else number


def say(message: Message, language: str = SOURCE_LANGUAGE, *, imperial: bool = False, isolate: bool = False) -> str:
    """Return the message in a language.

    Parameters
    ----------
    message : Message
        What is said.
    language : str
        A BCP 47 tag: ``es``, ``sw``, ``ar``.
    imperial : bool
        Whether its lengths are given in feet and miles.
    isolate : bool
        Whether what is filled in is set apart by marks that nobody sees, so that a Latin name or a figure with its unit
        keeps its own order within a sentence that runs the other way. For a window; files hold no such marks.
    """
    if not message.key:
        return ""  # of "", gettext tells the file's header
    catalogue = _catalogue(language)
    if message.many:
        text = catalogue.ngettext(message.key, message.many, _counts_as(message, language))
    else:
        text = catalogue.gettext(message.key)
    values: Mapping[str, Value] = dict(message.values)
    if imperial:
        text, values = _in_feet(message, text, catalogue.gettext)
    if isolate:
        text = _figures_apart(text, values)
    if "{" not in text and "}" not in text:
        return text  # nothing is filled in, as of every heading
    localised = _Localised(language, imperial=imperial, isolate=isolate)
    try:
        return localised.vformat(text, (), values)
    except (KeyError, IndexError, ValueError, AttributeError, TypeError):
        if language == SOURCE_LANGUAGE:
            raise
        return say(message, imperial=imperial, isolate=isolate)  # the translation fills in what the sentence has not
