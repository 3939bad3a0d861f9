"""gettext for window, command line and report alike: a Message becomes a sentence in the user's language."""

from __future__ import annotations

import gettext
from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING, Any

from cn_planner.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

DOMAIN = "cn_planner"
SOURCE_LANGUAGE = "en"


_folders: list[Path] = []


def use_catalogues(folder: Path) -> None:
    """Say where the translations are; without it every sentence is in the source language."""
    _folders[:] = [folder]
    _catalogue.cache_clear()


@lru_cache(maxsize=16)
def _catalogue(language: str) -> gettext.NullTranslations:
    if not _folders:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, _folders[0], [language], fallback=True)


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
    text = _catalogue(language).gettext(message.key)
    return _Localised(language).vformat(text, (), dict(message.values))
