"""The plan's values as JSON and back, with every type checked on the way in (msgspec).

Nothing else is ever decoded from a plan file: no pickle, no names of classes, no code.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from numbers import Integral, Real
from string import Formatter
from typing import Any, overload

import msgspec

from cn_planner.errors import InputError, PlanFileError
from cn_planner.message import Message, msg
from cn_planner.model.history import Change
from cn_planner.model.items import Items
from cn_planner.model.plan import SECTIONS, TABLES, Plan

_FORM = re.compile(r"[-+,]?\d{0,2}(\.\d{1,2})?[a-z%]?")
"""How a number is written, of two figures at most."""
_LARGEST_UNPACKED = 1 << 30
"""Bytes that a packed step or version may unpack to: far beyond a million homes, and still below what a machine has."""


def _plain(value: Any) -> Any:
    # numpy's scalars are Integral and Real but not what JSON knows.
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    raise NotImplementedError(type(value).__name__)


_encoder = msgspec.json.Encoder(enc_hook=_plain)
_USUAL_KIT = b',"client_kit":""}'
"""At the end of a home: most have the usual kit, and of very many homes it would be half a megabyte that says so."""
_decoders: dict[str, msgspec.json.Decoder[Any]] = {
    **{name: msgspec.json.Decoder(kind) for name, kind in TABLES.items()},
    **{name: msgspec.json.Decoder(kind | None if name == "outcome" else kind) for name, kind in SECTIONS.items()},
}
_message_decoder = msgspec.json.Decoder(Message)
_step_decoder = msgspec.json.Decoder(list[tuple[str, str, msgspec.Raw, msgspec.Raw]])
_plan_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
_raw_list_decoder = msgspec.json.Decoder(list[msgspec.Raw])


def damaged_part(part: str, problem: Exception) -> PlanFileError:
    """Return the error for a part of a plan file that cannot be used."""
    return PlanFileError(
        msg("What is stored under {part} cannot be read: {problem}", part=part, problem=str(problem)),
        fix=msg("Open a copy of the plan from before, or an older version."),
    )


def decode(part: str, data: str | bytes | msgspec.Raw) -> Any:
    """Return a thing of a table, or a section, from its JSON.

    Raises
    ------
    PlanFileError
        Where the JSON is not of the part's type.
    """
    if part not in _decoders:
        raise PlanFileError(msg("{part} is not a part of a plan.", part=part))
    try:
        found = _decoders[part].decode(data)
        if part == "outcome" and found is not None:
            for said in (words for one in found.left_out for words in (one.reason, one.fix) if words is not None):
                _check_words(said)
        return found
    # TypeError: the cell holds a number; KeyError, ValueError: a sentence that cannot be said.
    except (msgspec.DecodeError, RecursionError, TypeError, KeyError, ValueError) as problem:
        if part == "outcome" and (rest := _without_reasons(data)) is not None:
            return rest
        raise damaged_part(part, problem) from problem


def _without_reasons(data: str | bytes | msgspec.Raw) -> Any | None:
    """Return an outcome without why homes are left out, which nothing is computed from; None where it is no outcome."""
    try:
        raw = msgspec.json.decode(data)
        raw.pop("left_out")
        return _decoders["outcome"].decode(msgspec.json.encode(raw))
    except (msgspec.MsgspecError, RecursionError, TypeError, KeyError, ValueError, AttributeError):
        return None


def encode_part(part: str, thing: Any) -> tuple[bytes, Any]:
    """Return a thing's JSON, and the thing as it will be read back.

    Raises
    ------
    InputError
        Where what would be read back is not the same: a number that is not finite, a text that is not Unicode.
    """
    try:
        data = _encoder.encode(thing)
        data = data[: -len(_USUAL_KIT)] + b"}" if data.endswith(_USUAL_KIT) else data
        stored = _decoders[part].decode(data)
    except (msgspec.MsgspecError, NotImplementedError, UnicodeError, TypeError, ValueError) as problem:
        raise InputError(
            msg("It cannot be stored: a value is not finite or not of its kind. {problem}", problem=str(problem)),
            where=_where(part, thing),
        ) from problem
    if stored != thing:
        raise InputError(msg("It cannot be stored: a value is not finite."), where=_where(part, thing))
    return data, stored


def _where(part: str, thing: Any) -> str:
    return f"{part}/{thing.id}" if part in TABLES else part


def encode_message(message: Message) -> str:
    """Return a message as JSON."""
    return _encoder.encode(message).decode()


def decode_message(data: str) -> Message:
    """Return a message from its JSON.

    Raises
    ------
    PlanFileError
        Where it is none.
    """
    try:
        found = _message_decoder.decode(data)
        _check_words(found)
        return found
    except (msgspec.DecodeError, RecursionError, TypeError, KeyError, ValueError) as problem:
        raise damaged_part("history", problem) from problem


def _check_words(message: Message) -> None:
    """Raise KeyError or ValueError where a sentence cannot be said, or fills in more than its own values as they are.

    Somebody may have written it: "{name:999999999}" would take a gigabyte.
    """
    values = dict(message.values)
    for _, name, form, how in (*Formatter().parse(message.key), *Formatter().parse(message.many)):
        if name is not None and (name not in values or not _FORM.fullmatch(form or "") or how not in (None, "r")):
            raise KeyError(name)
    for value in values.values():
        if isinstance(value, Message):
            _check_words(value)
    for text in filter(None, (message.key, message.many)):
        str(Message(text, message.values))


def _unpack(part: str, blob: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(blob, _LARGEST_UNPACKED)
    except zlib.error as problem:
        raise damaged_part(part, problem) from problem
    if not unpacker.eof:
        raise damaged_part(part, ValueError("incomplete or too large"))
    return data


def pack_changes(changes: Iterable[Change]) -> bytes:
    """Return the changes of a step as compressed JSON."""
    rows = [(one.part, one.id, one.before, one.after) for one in changes]
    return zlib.compress(_encoder.encode(rows), 1)  # half the time of 6 for a twentieth more


def unpack_changes(blob: bytes) -> tuple[Change, ...]:
    """Return the changes of a step.

    Raises
    ------
    PlanFileError
        Where they are damaged.
    """
    try:
        rows = _step_decoder.decode(_unpack("history", blob))
    except (msgspec.DecodeError, RecursionError) as problem:
        raise damaged_part("history", problem) from problem
    return tuple(
        Change(
            part,
            key,
            None if bytes(before) == b"null" else decode(part, before),
            None if bytes(after) == b"null" else decode(part, after),
        )
        for part, key, before, after in rows
    )


class StoredChanges(Sequence[Change]):
    """The changes of a step as they are stored; read when they are first looked at.

    A history of many imports would else take longer to open than the plan itself, and a day's edits would be kept as
    they were made, with all that they changed.
    """

    __slots__ = ("_blob", "_changes")

    def __init__(self, blob: bytes, changes: tuple[Change, ...] | None = None) -> None:
        self._blob = blob
        self._changes = changes

    def let_go(self) -> None:
        """Give up what was read; it is read again where it is looked at."""
        self._changes = None

    def _read(self) -> tuple[Change, ...]:
        found = self._changes  # another thread may let it go meanwhile
        if found is None:
            found = self._changes = unpack_changes(self._blob)
        return found

    @overload
    def __getitem__(self, index: int) -> Change: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Change, ...]: ...
    def __getitem__(self, index: int | slice) -> Change | tuple[Change, ...]:
        return self._read()[index]

    def __len__(self) -> int:
        return len(self._read())

    def __iter__(self) -> Iterator[Change]:
        return iter(self._read())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, StoredChanges):
            return self._blob == other._blob or self._read() == other._read()
        return self._read() == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._read())


def pack_plan(plan: Plan) -> bytes:
    """Return a whole plan as compressed JSON."""
    parts: dict[str, Any] = {name: getattr(plan, name) for name in SECTIONS}
    parts |= {name: list(getattr(plan, name).values()) for name in TABLES}
    return zlib.compress(_encoder.encode(parts), 6)


def unpack_plan(blob: bytes) -> Plan:
    """Return a whole plan.

    Raises
    ------
    PlanFileError
        Where it is damaged.
    """
    try:
        raw = _plan_decoder.decode(_unpack("versions", blob))
        parts: dict[str, Any] = {name: decode(name, raw[name]) for name in SECTIONS if name in raw}
        for name in TABLES:
            if name in raw:
                parts[name] = Items(decode(name, one) for one in _raw_list_decoder.decode(raw[name]))
    except (msgspec.DecodeError, ValueError, RecursionError) as problem:
        raise damaged_part("versions", problem) from problem
    return Plan(**parts)
