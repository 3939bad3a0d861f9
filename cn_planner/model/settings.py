"""The plan's settings as data: every described field of a section by its key, read from and written as text."""

from __future__ import annotations

import json
import types
import typing
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.message import Message, msg
from cn_planner.model import edits
from cn_planner.model.entry_form import check_day
from cn_planner.model.fields import TURNING, described, two_readings
from cn_planner.model.gateways import NOT_SAID
from cn_planner.model.history import Edit
from cn_planner.model.plan import SECTIONS, Plan, PowerSource, Site, Uplink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class PlanSetting:
    """One setting: ``key`` is ``section.field``."""

    key: str
    kind: type
    optional: bool
    default: Any
    meaning: Message
    unit: str
    source: str
    count: int = 0
    choices: Callable[[], Sequence[str]] | None = None

    @property
    def name(self) -> str:
        """The name of the field within its section."""
        return self.key.split(".")[1]

    def value(self, plan: Plan) -> Any:
        """Return what the plan says."""
        section, name = self.key.split(".")
        return getattr(getattr(plan, section), name)

    @property
    def words(self) -> tuple[str, ...]:
        """The words of which it is one; none where it is something else."""
        if issubclass(self.kind, Enum):
            return tuple(one.value for one in self.kind)
        return () if self.choices is None else tuple(self.choices())


def _settings() -> Iterator[PlanSetting]:
    for section, owner in SECTIONS.items():
        hints = typing.get_type_hints(owner)
        for one, meaning in described(owner):
            hint = hints[one.name]
            optional = isinstance(hint, types.UnionType) and type(None) in typing.get_args(hint)
            kind = next(t for t in typing.get_args(hint) if t is not type(None)) if optional else hint
            kind = typing.get_origin(kind) or kind
            yield PlanSetting(
                f"{section}.{one.name}",
                kind,
                optional,
                one.default,
                meaning.meaning,
                meaning.unit,
                meaning.source,
                meaning.count,
                meaning.choices,
            )


PLAN_SETTINGS: dict[str, PlanSetting] = {setting.key: setting for setting in _settings()}
_BY_FIELD = {setting.key.split(".")[1]: setting for setting in PLAN_SETTINGS.values()}
_POWER_WORDS = {"mains": "grid", "sun": "solar"}
"""What the questions call what feeds a site."""
_DAYS = frozenset({"costs.exchange_date", "purpose.start", "purpose.licence_date", "purpose.permit_date"})
_CONSENTS = ("agreed", "asked", "refused")
"""What the questions write down of an owner's consent; who agreed and when may be told in more words."""
_YES, _NO = {"yes", "true", "1", "on"}, {"no", "false", "0", "off"}


def find_setting(key: str) -> PlanSetting:
    """Return the setting of a key, with or without its section.

    Raises
    ------
    InputError
        Where there is no such setting.
    """
    setting = PLAN_SETTINGS.get(key) or _BY_FIELD.get(key)
    if setting is None:
        raise InputError(
            msg("There is no setting {key}.", key=key), fix=msg("`cn-planner set PLAN` lists the settings.")
        )
    return setting


def _number(word: str) -> float:
    """Return a number, also of a fraction (4/3) or a percentage (95%)."""
    if word.endswith("%"):
        return float(word[:-1]) / 100.0
    above, _, below = word.partition("/")
    return float(above) / (float(below) if below else 1.0)


def _value(kind: type, word: str, count: int = 0) -> Any:
    if kind is bool:
        if word.lower() not in _YES | _NO:
            raise ValueError(word)
        return word.lower() in _YES
    if kind is tuple:
        numbers = [] if count and not word else [_number(part) for part in word.replace(";", ",").split(",")]
        return tuple(numbers) if count else tuple(sorted(set(numbers)))  # what is counted is in an order of its own
    if kind is PowerSource:
        return PowerSource(_POWER_WORDS.get(word.lower(), word))
    return _number(word) if kind is float else kind(word)


def parse_setting(setting: PlanSetting, text: str) -> Any:
    """Return the value that a text stands for.

    Raises
    ------
    InputError
        Where the text is not of the setting's type.
    """
    word = text.strip()
    if setting.optional and word.lower() in {"", "none", "unknown"}:
        return None
    if setting.unit.startswith("%"):
        word = word.removesuffix("%")  # 16% of what is counted in % is 16, not 0.16
    if word and setting.key in _DAYS:
        check_day(word)
    try:
        value = _value(setting.kind, word, setting.count)
        if setting.choices is not None and value not in setting.words:
            raise ValueError(word)
        return value
    except (ValueError, ZeroDivisionError) as problem:
        raise InputError(
            msg("{key} cannot be {text}.", key=setting.key, text=json.dumps(text)),
            fix=msg("It takes {kind}: {meaning}", kind=_takes(setting), meaning=setting.meaning),
        ) from problem


def _takes(setting: PlanSetting) -> Message:
    return msg("one of {words}", words=", ".join(setting.words)) if setting.words else _KIND_WORDS[setting.kind]


_KIND_WORDS = {
    bool: msg("yes or no"),
    int: msg("a whole number"),
    float: msg("a number"),
    str: msg("a text"),
    tuple: msg("numbers with commas between"),
}


ROW_TABLES = ("sites", "households", "links", "terrain", "places")
_NESTED = {"uplink": Uplink}
_MONEY = {"exchange_rate"} | {
    one.name
    for owner in (*SECTIONS.values(), Site, Uplink)
    for one, told in described(owner)
    if told.unit == "currency"
}
"""Fields whose numbers are thousands as often as not."""
_NOT_BY_TEXT = {"id", "sectors", "uplink", "path", "sha256", "cell_m"}


def _field_of(owner: type, key: str, name: str) -> PlanSetting:
    """Return a field of a row as a setting, so that its text is read by the same rules."""
    names = [one.name for one in fields(owner) if one.name not in _NOT_BY_TEXT]
    if name not in names:
        inner = [
            f"{one.name}.{two.name}"
            for one in fields(owner)
            if one.name in _NESTED
            for two in fields(_NESTED[one.name])
        ]
        raise InputError(
            msg("{key}: there is no such field.", key=key),
            fix=msg("There are {fields}.", fields=", ".join([*names, *inner])),
        )
    hint = typing.get_type_hints(owner)[name]
    optional = isinstance(hint, types.UnionType)
    kind = next(one for one in typing.get_args(hint) if one is not type(None)) if optional else hint
    return PlanSetting(key, kind, optional, None, msg("{field} of a row.", field=name), "", "")


def _check_consent(key: str, text: str) -> None:
    """Raise InputError where a single word of an owner's consent is none of those that it may be."""
    word = text.strip()
    # A word in Latin letters; a name, a day and a sentence of a language without spaces are what people write.
    if word.isascii() and word.isalpha() and word.islower() and word not in _CONSENTS:
        raise InputError(
            msg("{key} cannot be {text}.", key=key, text=json.dumps(text)),
            fix=msg("It takes one of {words}, or who agreed, when, in more than a word.", words=", ".join(_CONSENTS)),
        )


def _change_row(plan: Plan, key: str, text: str) -> Plan:
    """Change one field of one row: ``sites.ID.FIELD``, or ``sites.ID.uplink.FIELD``."""
    table, _, rest = key.partition(".")
    row_id, _, name = rest.rpartition(".")
    rows = getattr(plan, table)
    nested = row_id.rpartition(".")[2] if row_id not in rows else ""
    if nested in _NESTED:
        row_id = row_id[: -len(nested) - 1]
    if row_id not in rows:
        raise InputError(msg("There is no {id} among the {table}.", id=row_id or rest, table=table), where=key)
    row = rows[row_id]
    if nested in _NESTED:
        inner = getattr(row, nested) or NOT_SAID
        owner = type(inner)
        value = replace(inner, **{name: parse_setting(_field_of(owner, key, name), text)})
        return edits.put(plan, [replace(row, **{nested: value})]).plan
    setting = _field_of(type(row), key, name)
    if name == "consent":
        _check_consent(key, text)
    return edits.put(plan, [replace(row, **{name: parse_setting(setting, text)})]).plan


def check_amounts(texts: Mapping[str, str]) -> None:
    """Raise InputError where an amount of money that somebody typed may be a thousand times what it is read as."""
    for key, text in texts.items():
        if key.rpartition(".")[2] in _MONEY and (said := two_readings(text.translate(TURNING))) is not None:
            raise InputError(said, where=key)


def change_setting(plan: Plan, texts: Mapping[str, str]) -> Edit:
    """Change settings, or fields of rows (``sites.G1.consent``), from texts, as one edit.

    Raises
    ------
    InputError
        Where a key is not known or a value is not allowed; the plan is then as it was.
    """
    new = plan
    by_section: dict[str, dict[str, Any]] = {}
    for key, typed in texts.items():
        text = typed.translate(TURNING)
        if key.partition(".")[0] in ROW_TABLES:
            new = _change_row(new, key, text)
            continue
        setting = find_setting(key)
        section, name = setting.key.split(".")
        by_section.setdefault(section, {})[name] = parse_setting(setting, text)
    # The currency first: a rate that comes with it is its own, the one from before is not.
    for section, values in sorted(by_section.items(), key=lambda one: one[0] != "info"):
        new = edits.change_section(new, section, **values).plan
    return Edit(msg("set {keys}", keys=", ".join(texts)), new)
