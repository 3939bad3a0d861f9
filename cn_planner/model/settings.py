"""The plan's settings as data: every described field of a section by its key, read from and written as text."""

from __future__ import annotations

import json
import types
import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.message import Message, msg
from cn_planner.model import edits
from cn_planner.model.fields import described
from cn_planner.model.history import Edit
from cn_planner.model.plan import SECTIONS, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: ``key`` is ``section.field``."""

    key: str
    kind: type
    optional: bool
    default: Any
    meaning: Message
    unit: str
    source: str

    def value(self, plan: Plan) -> Any:
        """Return what the plan says."""
        section, name = self.key.split(".")
        return getattr(getattr(plan, section), name)


def _settings() -> Iterator[Setting]:
    for section, owner in SECTIONS.items():
        hints = typing.get_type_hints(owner)
        for one, meaning in described(owner):
            hint = hints[one.name]
            optional = isinstance(hint, types.UnionType) and type(None) in typing.get_args(hint)
            kind = next(t for t in typing.get_args(hint) if t is not type(None)) if optional else hint
            kind = typing.get_origin(kind) or kind
            yield Setting(
                f"{section}.{one.name}", kind, optional, one.default, meaning.meaning, meaning.unit, meaning.source
            )


SETTINGS: dict[str, Setting] = {setting.key: setting for setting in _settings()}
_BY_FIELD = {setting.key.split(".")[1]: setting for setting in SETTINGS.values()}
_YES, _NO = {"yes", "true", "1", "on"}, {"no", "false", "0", "off"}


def find(key: str) -> Setting:
    """Return the setting of a key, with or without its section.

    Raises
    ------
    InputError
        Where there is no such setting.
    """
    setting = SETTINGS.get(key) or _BY_FIELD.get(key)
    if setting is None:
        raise InputError(
            msg("There is no setting {key}.", key=key), fix=msg("`cn-planner set PLAN` lists the settings.")
        )
    return setting


def parse(setting: Setting, text: str) -> Any:
    """Return the value that a text stands for.

    Raises
    ------
    InputError
        Where the text is not of the setting's type.
    """
    word = text.strip()
    if setting.optional and word.lower() in {"", "none", "unknown"}:
        return None
    try:
        if setting.kind is bool:
            if word.lower() not in _YES | _NO:
                raise ValueError(word)
            return word.lower() in _YES
        if setting.kind is tuple:
            return tuple(float(part) for part in word.replace(";", ",").split(","))
        return setting.kind(word)
    except ValueError as problem:
        raise InputError(
            msg("{key} cannot be {text}.", key=setting.key, text=json.dumps(text)),
            fix=msg("It takes {kind}: {meaning}", kind=_KIND_WORDS[setting.kind], meaning=setting.meaning),
        ) from problem


_KIND_WORDS = {
    bool: msg("yes or no"),
    int: msg("a whole number"),
    float: msg("a number"),
    str: msg("a text"),
    tuple: msg("numbers with commas between"),
}


def change(plan: Plan, texts: Mapping[str, str]) -> Edit:
    """Change settings from texts, as one edit.

    Raises
    ------
    InputError
        Where a key is not known or a value is not allowed; the plan is then as it was.
    """
    by_section: dict[str, dict[str, Any]] = {}
    for key, text in texts.items():
        setting = find(key)
        section, name = setting.key.split(".")
        by_section.setdefault(section, {})[name] = parse(setting, text)
    new = plan
    for section, values in by_section.items():
        new = edits.change_section(new, section, **values).plan
    return Edit(msg("set {keys}", keys=", ".join(find(key).key for key in texts)), new)
