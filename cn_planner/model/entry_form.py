"""An entry of the shelf as a form: each field by name as text, with its unit, and the way back.

The unit of a field is the end of its name (``gain_dbi``, ``freq_mhz``). A number may be followed by a unit; one of the
same kind is converted (mW, W to dBm; GHz to MHz; dBd to dBi), another is refused.
"""

from __future__ import annotations

import json
import math
import re
import types
import typing
from dataclasses import MISSING, fields
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model.equipment import Part, Price, RadioMode, Source
from cn_planner.model.radio_figures import LevelKind

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNITS = {
    "dbm": "dBm", "dbi": "dBi", "db": "dB", "mhz": "MHz", "deg": "°", "w": "W", "kg": "kg", "mbps": "Mbit/s", "m": "m",
    "km": "km", "m2": "m²", "wp": "Wp", "v": "V", "ah": "Ah", "a": "A",
}  # fmt: skip
_DBD_DB = 2.15


def _mw_dbm(value: float) -> float:
    return 10.0 * math.log10(value)


_CONVERSIONS: dict[str, dict[str, Any]] = {
    "dBm": {"dbm": float, "mw": _mw_dbm, "w": lambda value: _mw_dbm(1000.0 * value)},
    "dBi": {"dbi": float, "dbd": lambda value: value + _DBD_DB},
    "dB": {"db": float},
    "MHz": {"mhz": float, "ghz": lambda value: 1000.0 * value, "khz": lambda value: value / 1000.0},
    "°": {"°": float, "deg": float, "degrees": float},
    "W": {"w": float, "mw": lambda value: value / 1000.0},
    "kg": {"kg": float, "g": lambda value: value / 1000.0},
    "Mbit/s": {"mbit/s": float, "mbps": float, "kbit/s": lambda value: value / 1000.0,
               "gbit/s": lambda value: 1000.0 * value},
    "m": {"m": float, "ft": lambda value: 0.3048 * value},
    "km": {"km": float, "m": lambda value: value / 1000.0},
    "m²": {"m²": float, "m2": float, "cm²": lambda value: value / 1e4, "cm2": lambda value: value / 1e4},
    "Wp": {"wp": float, "w": float}, "V": {"v": float}, "Ah": {"ah": float}, "A": {"a": float},
}  # fmt: skip
_NUMBER = re.compile(r"\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?)\s*(.*?)\s*", re.IGNORECASE)
_PRICE = re.compile(r"(\d+(?:\.\d+)?)\s+([A-Z]{3})\s+(\d{4}-\d{2}-\d{2})(?:\s+(.*))?")
PLAIN = ("name", "task", "radio", "antenna", "maker", "item_class", "unit", "price", "parts")
"""The fields that a person who is no engineer fills in; the others stand in the drawer."""
HIDDEN = frozenset({"id", "pattern", "figures", "channel_power", "certified_mhz", "read_in"})
_LEVELS = {kind.value.replace(" ", "-"): kind for kind in LevelKind}


def unit_of(name: str) -> str:
    """Return the unit of a field by the end of its name; empty where it has none."""
    return _UNITS.get(name.rpartition("_")[2], "") if "_" in name else ""


def quantity(name: str, text: str) -> float:
    """Return the number of a text in the unit of a field.

    Raises InputError where it is no number, or in a unit of another kind.
    """
    unit, found = unit_of(name), _NUMBER.fullmatch(" ".join(text.split()))
    if found is None:
        raise InputError(msg("{field} cannot be {text}.", field=name, text=json.dumps(text)), fix=_takes(unit))
    value, given = float(found[1]), found[2].lower()
    ways = _CONVERSIONS.get(unit, {})
    if given and given not in ways:
        raise InputError(msg("{field} is given in {given}.", field=name, given=found[2]), fix=_takes(unit))
    try:
        result = float(ways[given](value)) if given else value
    except ValueError as problem:
        raise InputError(msg("{field} cannot be {text}.", field=name, text=json.dumps(text))) from problem
    if not math.isfinite(result):
        raise InputError(msg("{field} cannot be {text}.", field=name, text=json.dumps(text)))
    return float(f"{result:.12g}")


def _takes(unit: str) -> Any:
    if not unit:
        return msg("It takes a number.")
    return msg("It takes a number in {unit}.", unit=unit)


def _band(name: str, text: str) -> tuple[float, float]:
    low, dash, high = text.replace("–", "-").replace(" to ", "-").partition("-")
    if not dash:
        raise InputError(msg("{field} cannot be {text}.", field=name, text=json.dumps(text)),
                         fix=msg("Give it from low to high, as 5150-5875 MHz."))  # fmt: skip
    unit = _NUMBER.fullmatch(" ".join(high.split()))
    if unit is not None and unit[2] and not re.search(r"[a-z]", low, re.IGNORECASE):
        low = f"{low} {unit[2]}"
    return quantity(name, low), quantity(name, high)


def _modes(text: str) -> tuple[RadioMode, ...]:
    found = []
    for row in re.split(r"[;\n]", text):
        if not row.strip():
            continue
        title, _, rest = row.rpartition(":")
        words = rest.split()
        if not title.strip() or len(words) not in (4, 5, 6):
            raise InputError(
                msg("“{row}” is not a mode.", row=row.strip()),
                fix=msg(
                    "Write its name, a colon, then width MHz, power dBm, sensitivity dBm, rate Mbit/s, and the ratio "
                    "dB if known, as MCS0: 20 25 -96 6.5."
                ),
            )
        names = ("width_mhz", "tx_power_dbm", "sensitivity_dbm", "rate_mbps", "snr_db")
        level = LevelKind.MAKER
        if words[-1] in _LEVELS:
            level = _LEVELS[words.pop()]
        numbers = {name: quantity(name, word) for name, word in zip(names, words, strict=False)}
        found.append(RadioMode(title.strip(), level=level, **numbers))  # type: ignore[arg-type]  # numbers as they are
    return tuple(found)


def _mode_text(mode: RadioMode) -> str:
    figures = (mode.width_mhz, mode.tx_power_dbm, mode.sensitivity_dbm, mode.rate_mbps, mode.snr_db)
    level = next(word for word, kind in _LEVELS.items() if kind is mode.level)
    return f"{mode.mcs}: {' '.join(filter(None, map(_said, figures)))} {level if level != 'maker' else ''}".strip()


def _parts(text: str) -> tuple[Part, ...]:
    found: dict[str, float] = {}
    for row in re.split(r"[;,\n]", text):
        if not row.strip():
            continue
        item, _, count = row.partition("=")
        if item.strip() in found:
            raise InputError(msg("{item} stands twice among the parts.", item=item.strip()))
        found[item.strip()] = quantity("quantity", count or "1")
    return tuple(Part(item, count) for item, count in found.items())


def check_day(text: str) -> None:
    """Raise InputError where a text is not a day, as 2026-11-20."""
    try:
        date.fromisoformat(text)
    except ValueError as problem:
        raise InputError(msg("“{text}” is not a day.", text=text), fix=msg("Write it as 2026-11-20.")) from problem


def _price(text: str) -> Price | None:
    if not text.strip():
        return None
    found = _PRICE.fullmatch(text.strip())
    if found is None:
        raise InputError(
            msg("“{text}” is not a price.", text=text),
            fix=msg("Write amount, currency, day and shop, as 85 USD 2026-11-20 Kampala Electronics."),
        )
    check_day(found[3])
    return Price(float(found[1]), found[2], found[3], found[4] or "", example=False)


def _source(text: str) -> Source:
    return Source(text.strip(), "own entry")


_READERS: dict[Any, Any] = {
    tuple[RadioMode, ...]: lambda _name, text: _modes(text),
    tuple[Part, ...]: lambda _name, text: _parts(text),
    tuple[float, float]: _band,
    Source: lambda _name, text: _source(text),
    Price | None: lambda _name, text: _price(text),
    str: lambda _name, text: text.strip(),
    tuple[str, ...]: lambda _name, text: tuple(one.strip() for one in text.split(";") if one.strip()),
    tuple[float, float] | None: lambda name, text: _band(name, text) if text.strip() else None,
}


def _value(name: str, hint: Any, text: str) -> Any:
    if hint in _READERS:
        return _READERS[hint](name, text)
    if typing.get_origin(hint) in (types.UnionType, typing.Union):  # a number that may be left open
        return quantity(name, text) if text.strip() else None
    if issubclass(hint, Enum):
        try:
            return hint(text.strip().lower())
        except ValueError as problem:
            raise InputError(msg("{field} cannot be {text}.", field=name, text=json.dumps(text)),
                             fix=msg("It takes one of {words}.", words=", ".join(hint))) from problem  # fmt: skip
    number = quantity(name, text)
    if hint is int:
        if not number.is_integer():
            raise InputError(msg("{field} must be a whole number.", field=name))
        return int(number)
    return number


def names_of(owner: type) -> tuple[str, ...]:
    """Return the fields of a form, the plain ones first."""
    names = [one.name for one in fields(owner) if one.name not in HIDDEN]
    return tuple(
        sorted(names, key=lambda name: (PLAIN.index(name) if name in PLAIN else len(PLAIN), names.index(name)))
    )


def _said(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, Source):
        return ", ".join(one for one in (value.title, value.publisher, value.date) if one)
    if isinstance(value, Price):
        return " ".join(one for one in (f"{value.amount:.15g}", value.currency, value.date, value.source) if one)
    return str(value)


def to_texts(entry: Any) -> dict[str, str]:
    """Return an entry as texts by field, as `from_texts` takes them."""
    found = {}
    for name in names_of(type(entry)):
        value = getattr(entry, name)
        if name == "modes":
            found[name] = "; ".join(map(_mode_text, value))
        elif name == "parts":
            found[name] = ", ".join(f"{part.item}={_said(part.quantity)}" for part in value)
        elif name == "also":
            found[name] = "; ".join(value)
        elif name in ("band_mhz", "poe_v") and value is not None:
            found[name] = f"{_said(value[0])}-{_said(value[1])}"
        else:
            found[name] = _said(value)
    return found


def from_texts(owner: type, key: str, texts: Mapping[str, str], base: Any = None) -> Any:
    """Return the entry that texts make.

    Parameters
    ----------
    owner : type
        Radio, Antenna, Kit or Item.
    key : str
        Its id.
    texts : mapping
        Fields by name; the others are those of the base.
    base : entry, optional
        What is changed or copied; without it every field that has no default must be given.

    Raises
    ------
    InputError
        Where a field is not known, is missing, or its text is not of its type or unit.
    """
    known = names_of(owner)
    for name in texts:
        if name not in known:
            raise InputError(
                msg("{field}: there is no such field.", field=name),
                fix=msg("There are {fields}.", fields=", ".join(known)),
            )
    if base is not None and "beamwidth_az_deg" in texts:  # what the base was called by holds no more
        texts = dict.fromkeys({"stated_az_deg", "stated_at_db"} & set(known), "") | dict(texts)
    hints = typing.get_type_hints(owner)
    values: dict[str, Any] = {"id": key}
    for one in fields(owner):
        if one.name in texts:
            values[one.name] = _value(one.name, hints[one.name], texts[one.name])
        elif one.name == "id":
            continue
        elif base is not None:
            values[one.name] = getattr(base, one.name)
        elif one.default is MISSING and one.default_factory is MISSING:
            raise InputError(msg("{field} is missing.", field=one.name), where=key)
    if not str(values["name"]).strip():
        raise InputError(msg("It needs a name."), where=key)
    return owner(**values)
