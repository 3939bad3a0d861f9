"""gettext for window, command line and report alike: a Message becomes a sentence in the user's language."""

from __future__ import annotations

import gettext
import io
from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING, Any

from cn_planner.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SOURCE_LANGUAGE = "en"


_folders: list[Path] = []


def use_catalogues(folder: Path) -> None:
    """Say where the translations are (``es.po``, ``pt_BR.po``); without it every sentence is in the source language."""
    _folders[:] = [folder]
    _catalogue.cache_clear()


@lru_cache(maxsize=16)
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == SOURCE_LANGUAGE or not _folders:
        return gettext.NullTranslations()
    locale = language.replace("-", "_")
    for name in (locale, locale.split("_")[0]):
        path = _folders[0] / f"{name}.po"
        # A plan may call its language what it likes: that is no path.
        if name.replace("_", "").isalnum() and len(name) < 20 and path.is_file():
            return _read(path)
    return gettext.NullTranslations()


def _read(path: Path) -> gettext.NullTranslations:
    # The text that translators write is what is read: nothing has to be compiled first, and nothing can be out of date.
    from babel.messages import mofile, pofile  # 0.1 s, and English needs none of it

    with path.open("rb") as file:
        catalogue = pofile.read_po(file, locale=path.stem, charset="utf-8")
    for one in list(catalogue):
        if one.pluralizable and not all(
            one.string or ()
        ):  # Babel would fill the gaps with English forms of another number
            catalogue.delete(one.id)
    binary = io.BytesIO()
    mofile.write_mo(binary, catalogue)
    binary.seek(0)
    return gettext.GNUTranslations(binary)


class _Localised(Formatter):
    """Format numbers with the separators of a language, and messages within messages."""

    def __init__(self, language: str) -> None:
        self._language = language

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        value = super().get_value(key, args, kwargs)
        return say(value, self._language) if isinstance(value, Message) else value

    def format_field(self, value: Any, format_spec: str) -> str:
        text = str(super().format_field(value, format_spec))
        if self._language == SOURCE_LANGUAGE or not isinstance(value, float):
            return text
        point, group = _separators(self._language)
        return text.translate({ord("."): point, ord(","): group})


@lru_cache(maxsize=16)
def _separators(language: str) -> tuple[str, str]:
    from babel import Locale  # 60 ms, and English needs none of it

    symbols = Locale.parse(language, sep="-").number_symbols["latn"]
    return symbols["decimal"], symbols["group"]


def say(message: Message, language: str = SOURCE_LANGUAGE) -> str:
    """Return the message in a language (a BCP 47 tag: ``es``, ``sw``, ``ar``)."""
    if not message.key:
        return ""  # of "", gettext tells the file's header
    catalogue = _catalogue(language)
    if message.many:
        text = catalogue.ngettext(message.key, message.many, abs(message.number))
    else:
        text = catalogue.gettext(message.key)
    return _Localised(language).vformat(text, (), dict(message.values))
