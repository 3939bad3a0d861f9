"""What is read of measurements alone: levels of the right sign and unit, days that can be, rows that stand twice."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from cn_planner.geo import rough_distances_m
from cn_planner.importers.fields import CellError, normal, read_number, text
from cn_planner.importers.left_out import Tally
from cn_planner.message import Message, msg
from cn_planner.model.evidence import SAME_M
from cn_planner.model.measurement import Measurement, Quantity, as_said

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from enum import Enum

    from cn_planner.importers.left_out import Reason
    from cn_planner.model.senders import Senders

_LEAST_DBM = -180.0
_NAMED = 5
_UNIT = re.compile(r"\s*(?:dbm\b.*|%)$", re.IGNORECASE)
"""RouterOS writes -61dBm@6Mbps."""
_WEAKER = re.compile(r"\s*(?:<\s*=?|≤|⩽)\s*(.*)", re.DOTALL)
_FIRST_DAY = date(2000, 1, 1)
_LONG_AGO = re.compile(r"(?:\d{1,2}[/.-]){2}19\d\d\b|[A-Z][a-z]{2}(?!.*\b20\d\d\b).*\b19\d\d\b")
"""A day of before 2000 as people and telephones write it: 01/01/1970 00:00; Thu Jan 1 03:00:00 1970."""
_YEAR_FIRST = re.compile(r"(?P<y>\d{4})([-/.])(?P<a>\d{1,2})\2(?P<b>\d{1,2})(?!\d)")
_IN_A_ROW = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<a>\d{2})(?P<b>\d{2})(?!\d)")
_YEAR_LAST = re.compile(r"(?P<a>\d{1,2})([-/.])(?P<b>\d{1,2})\2(?P<y>\d{4})(?!\d)")
_YEARS, _DAYS = 1e4, 1e5
"""A number up to the first may be a year alone, one between them the day of a workbook."""
_SECONDS, _MILLISECONDS = 1e8, 1e11
"""A number from here on is a clock's count since 1970."""
_LORA_FLOOR_DBM = -114.0
"""Thermal noise in 250 kHz, Meshtastic's usual width, with 6 dB of the receiver's own: -174 + 54 + 6."""
_LORA_BEST_SNR_DB = 9.0
"""LoRa receivers do not tell a better one."""

QUANTITIES: dict[str, Enum] = {
    **{one.value: one for one in Quantity},
    "signal": Quantity.RSSI,
    "level": Quantity.RSSI,
    "rsl": Quantity.RSSI,
}


def quantity_named(column: str) -> Quantity | None:
    """Return what a column of levels is of, where its name says it as telephones do; None where it does not."""
    return Quantity.RSRP if Quantity.RSRP in normal(column).split("_") else None


def read_level(cell: Any) -> float:
    """Return a received level, dBm.

    Raises CellError where it is none: without its minus sign, in bars, percent, ASU or µV, or below all noise.
    """
    value = read_number(_UNIT.sub("", " ".join(cell.split())) if isinstance(cell, str) else cell)
    if value >= 0.0:
        raise CellError(
            msg(
                "{value:g} is no received level in dBm: those are below 0, such as -{value:g}. Is the sign missing, or "
                "is it another unit (bars, percent, ASU, dBµV)?",
                value=value,
            )
            if value >= 20.0
            else msg(
                "{value:g} is no received level in dBm: those are below 0, such as -85. Is it another unit (bars, "
                "percent, ASU, mW)?",
                value=value,
            )
        )
    if value < _LEAST_DBM:
        raise CellError(msg("{value:g} dBm is weaker than any radio can hear. Is it in another unit?", value=value))
    return value


class WeakerThan(float):
    """A level of which no more is known than that it was at it or below."""


def behind_weaker(text: str) -> str | None:
    """Return what stands behind the sign for "weaker than", perhaps nothing; None where none begins the text."""
    found = _WEAKER.fullmatch(text)
    return None if found is None else str(found[1]).strip()


def read_heard(cell: Any) -> float:
    """Return a level as `read_level`, of "<-95" and "≤ -95 dBm" a `WeakerThan`."""
    behind = behind_weaker(cell) if isinstance(cell, str) else None
    return read_level(cell) if behind is None else WeakerThan(read_level(behind))


def read_lora_snr(cell: Any) -> float:
    """Return the level that a signal to noise ratio of a LoRa range test says, dBm.

    Raises CellError where it is beyond what such a receiver tells.
    """
    value = read_number(cell)
    if not -30.0 <= value <= 30.0:
        raise CellError(msg("{value:g} dB is no signal to noise ratio of LoRa.", value=value))
    return _LORA_FLOOR_DBM + min(value, _LORA_BEST_SNR_DB)


class Day:
    """A reader of days; those of a clock that was never set are counted, and not taken.

    ``day_zero``: what the days of a workbook count from, whose cells of dates are numbers.
    """

    def __init__(self) -> None:
        self.unknown: Counter[str] = Counter()
        self.day_zero: date | None = None

    def __call__(self, cell: Any) -> str | None:
        """Return a day or a time as it is written, a clock's count as a day; None where a clock was never set.

        Raises CellError where a day is written that no calendar has.
        """
        said = text(cell)
        try:
            number = float(said)
        except ValueError:
            number = 0.0
        if self.day_zero is not None and isinstance(cell, int | float) and _YEARS < number < _DAYS:
            moment = datetime.combine(self.day_zero, time.min) + timedelta(seconds=round(number * 86_400.0))
            said = moment.isoformat(" ") if moment.time() != time.min else moment.date().isoformat()
        if abs(number) >= _SECONDS:
            seconds = number / 1000.0 if abs(number) >= _MILLISECONDS else number
            try:
                said = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
            except (ValueError, OverflowError, OSError):
                self.unknown[said] += 1
                return None
        day = _day(said)
        if (day is not None and day < _FIRST_DAY) or said in ("0", "0.0") or _LONG_AGO.match(said):
            self.unknown[said[:10]] += 1
            return None
        if days_written(said) == ():
            raise CellError(msg("{day} is a day that no calendar has.", day=said[:40]))
        return said


def days_written(said: str) -> tuple[date, ...] | None:
    """Return the days that may be meant, of 5/3/2026 two; none where no calendar has it, None of another text."""
    first, last = _YEAR_FIRST.match(said) or _IN_A_ROW.match(said), _YEAR_LAST.match(said)
    found = first or last
    if found is None:
        return None
    year, one, other = (int(found[name]) for name in ("y", "a", "b"))
    days = []
    for month, day in ((one, other),) if first else ((one, other), (other, one)):
        with contextlib.suppress(ValueError):
            days.append(date(year, month, day))
    return tuple(dict.fromkeys(days))


def doubtful_measurements(
    things: Sequence[tuple[Measurement, int]], senders: Senders, today: str
) -> tuple[Reason, ...]:
    """Return which rows say a sender that the plan does not have, or a day that is yet to come.

    Parameters
    ----------
    things : sequence of (Measurement, int)
        What was read, each with its row.
    senders : Senders
        Of the plan.
    today : str
        The day on which they are read; empty where that is not known, and no day is held against it.
    """
    found = Tally()
    lost = [(thing, row) for thing, row in things if senders.of(thing) is None]
    named = dict.fromkeys(thing.site[:60] for thing, _ in lost if thing.site)
    names = ", ".join(list(named)[:_NAMED]) + (" …" if len(named) > _NAMED else "")
    found.add(
        msg("the plan has no place called {names}, and learns nothing from that until it has.", names=names),
        [row for thing, row in lost if thing.site],
    )
    found.add(
        msg("it is not said which tower was heard: nothing is learned from that until it is."),
        [row for thing, row in lost if not thing.site],
    )
    if today:
        last = date.fromisoformat(today) + timedelta(days=1)  # it may be tomorrow where it was measured
        days = [(days_written(thing.date), row) for thing, row in things]
        found.add(
            msg("the day is yet to come; today is {today}.", today=today),
            [row for written, row in days if written and min(written) > last],
        )
    return found.reasons()


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said[:10])
    except ValueError:
        return None


def another_reading(values: dict[str, Any], old: Measurement) -> bool:
    """Return whether a row is of another reading than that of the plan with its number: people number their own.

    It is where another person read it, or further off than `SAME_M`; who corrects a place says who read it, and when.
    """
    who, date = values.get("who", ""), values.get("date", "")
    if who and old.who and who != old.who:
        return True
    away_m = rough_distances_m(values["latitude"], values["longitude"], old.latitude, old.longitude)
    return bool(away_m > SAME_M) and not (who and date and (who, date) == (old.who, old.date))


def without_copies(
    things: Sequence[tuple[Measurement, int]], known: Sequence[Measurement], old_ids: Container[str], unwanted: Tally
) -> list[tuple[Measurement, int]]:
    """Return measurements without those that say again, under another id, all that one before says.

    One that says of the sender what one of the plan had to take from the plan stands in its place.

    Parameters
    ----------
    things : sequence of (Measurement, int)
        What was read, each with its row.
    known : sequence of Measurement
        Those of the plan which the file does not name.
    old_ids : container of str
        Of all measurements of the plan.
    unwanted : Tally
        Counts what is left out.
    """
    names = [one.name for one in fields(Measurement) if one.name not in {"id", "note", "who"}]

    def said(one: Measurement) -> tuple[Any, ...]:
        one = as_said(one)
        return tuple(getattr(one, name) for name in names)

    first: dict[tuple[Any, ...], str] = {}
    unsaid: dict[str, dict[tuple[Any, ...], Measurement]] = {}
    for one in known:
        first.setdefault(said(one), one.id)
        if one.from_plan:
            unsaid.setdefault(one.from_plan, {}).setdefault(said(one), one)
    kept, again = [], []
    for thing, row in things:
        if first.setdefault(said(thing), thing.id) != thing.id:
            again.append(row)
            continue
        for taken, those in unsaid.items() if thing.id not in old_ids else ():
            old = those.get(said(replace(thing, from_plan=taken)))
            if old is not None:  # now somebody says what was taken from the plan
                left = " ".join(name for name in taken.split() if getattr(thing, name) is None)
                back = {name: getattr(old, name) for name in left.split()}
                thing = replace(thing, id=old.id, from_plan=left, **back)
                del those[said(old)]
                break
        kept.append((thing, row))
    why: Message = msg("one before has the same site, place, time and level.")
    unwanted.add(why, again)
    return kept
