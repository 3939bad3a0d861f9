"""Lists of stations as access points write them: airOS (sta.cgi, JSON) and RouterOS (registration table, JSON or text).

They say whom an access point hears and how strongly, not where that is: a station stands where the home or place of the
plan of its name does, as high as its roof. Where the list has what the station hears of the tower that is taken, else
what the tower hears of the station. RouterOS: ``registration-table print detail`` or ``print terse`` of ``/interface
wireless``, ``/interface wifi`` and ``/caps-man``, and the same by REST.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from cn_planner.importers.fields import normal
from cn_planner.importers.result import RowError
from cn_planner.importers.table import SourceTable, clean, encoding_of, first_bytes, read_bytes
from cn_planner.message import msg
from cn_planner.model.clients import client_of, roof_height_m

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from cn_planner.model.plan import Household, Plan, PublicPlace, Site

_COLUMNS = ("latitude", "longitude", "level_dbm", "height_m", "note")
# Each begins where a word or a line does: a long run of letters or of empty lines is looked at once.
_PAIR = re.compile(r'(?<![\w.-])([\w.-]+)=("(?:[^"\\]|\\.)*"|\S+(?:[^\S\n]+(?![\w.-]+=)\S+)*)')
"""``print terse`` puts no quotation marks round names of several words."""
_COMMENT = re.compile(r";;;([^\n]*)")
_ITEM = re.compile(r"^[^\S\n]*\d+\s", re.MULTILINE)
_NAMES = ("name", "radio-name", "comment", "mac-address", "mac")
_LEVELS = ("tx-signal-strength", "tx-signal", "signal-strength", "rx-signal", "signal")
_MOST_BYTES = 16 << 20


def signal_list(path: Path, plan: Plan) -> SourceTable | None:
    """Return a list of stations as a table of measurements, each at the home of its name; None where it is none.

    Parameters
    ----------
    path : Path
        The file.
    plan : Plan
        Whose homes and places the stations are.

    Raises
    ------
    FileError
        Where it cannot be read.
    """
    head = first_bytes(path)
    listed = head[:1] == b"["
    written = b"signal-strength=" in head or (b"signal=" in head and b"mac-address=" in head)
    if not (listed or written) or path.stat().st_size > _MOST_BYTES:
        return None
    data = read_bytes(path)
    encoding, warnings = encoding_of(data, path)
    said = data.decode(encoding)
    stations = _of_json(said) if listed else _of_text(said)
    if not stations:
        return None
    warnings.append(
        msg(
            "A list of stations: each is taken to be at the home of its name. Say the gain of the homes' antennas with "
            "--fill rx_gain_dbi=."
        )
    )
    return SourceTable(path.name, _COLUMNS, _rows(stations, _by_name(plan), path.name), warnings=warnings)


def _of_json(said: str) -> list[dict[str, Any]]:
    try:
        found = msgspec.json.decode(said.lstrip("\ufeff"))
    except (msgspec.DecodeError, RecursionError):
        return []  # the reader of JSON says what is wrong
    stations = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    known = [one for one in stations if set(_LEVELS) & set(one) and set(_NAMES) & set(one)]
    return stations if known else []


def _of_text(said: str) -> list[dict[str, Any]]:
    items = _ITEM.split(said)
    found = [
        {"comment": " ".join(_COMMENT.findall(item)).strip()}
        | {key: word.strip('"') for key, word in _PAIR.findall(_COMMENT.sub("", item))}
        for item in items
    ]
    return [one for one in found if set(_LEVELS) & set(one)]


class _Stands(NamedTuple):
    """Where a station stands, and how high; None where nobody knows."""

    latitude: float
    longitude: float
    height_m: float | None


def _by_name(plan: Plan) -> dict[str, _Stands]:
    known: dict[str, _Stands] = {}

    def note(thing: Household | PublicPlace | Site, height_m: float | None) -> None:
        for word in (thing.id, thing.name):
            if normal(word):
                known.setdefault(normal(word), _Stands(thing.latitude, thing.longitude, height_m))

    for home in plan.households.values():
        note(home, roof_height_m(plan, home))
    for place in plan.places.values():
        note(place, roof_height_m(plan, client_of(place)))
    for site in plan.sites.values():
        note(site, site.mast_height_m)
    return known


def _rows(
    stations: Sequence[Mapping[str, Any]], known: Mapping[str, _Stands], file: str
) -> Iterator[tuple[int, Sequence[Any] | RowError]]:
    for row, one in enumerate(stations, 1):
        remote = one.get("remote")
        far = remote if isinstance(remote, dict) else {}
        called = (*(one.get(key) for key in _NAMES), far.get("hostname"))
        names = [word for word in called if word and isinstance(word, str)]
        place = next((known[normal(name)] for name in names if normal(name) in known), None)
        if place is None:
            name = clean(names[0])[:40] if names else "?"
            yield row, RowError(msg("No home or place of the plan is called {name}.", name=name), file=file, row=row)
            continue
        said = (far.get("signal"), *(one.get(key) for key in _LEVELS))
        level = next((word for word in said if word and isinstance(word, str | int | float)), None)
        yield row, (place.latitude, place.longitude, level, place.height_m, f"station: {clean(names[0])[:40]}")
