"""The GeoPackage that `export.qfield` wrote, as a telephone sends it back: each row that was filled in is an answer."""

from __future__ import annotations

import datetime as dt
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.geo import geodesic
from cn_planner.gis.vector_read import read_point_layer
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FIELD_LAYERS: Mapping[str, tuple[str, ...]] = {
    "visits": ("who", "status", "home_state", "max_height_m", "antenna_height_m", "owner", "consent", "power", "access",
               "hazard", "photo", "note"),
    "looks": ("who", "towards", "seen", "from_height_m", "photo", "note"),
    "trees": ("who", "tree_height_m", "photo", "note"),
    "levels": ("who", "heard", "freq_mhz", "nothing_heard", "level_dbm", "height_m", "note"),
}  # fmt: skip
"""Which questions a map on a telephone (QField) asks in which layer."""
DAY = "day"
"""The column of the day on which a row was last changed, which the form fills in by itself."""
_KINDS = {"trees": "tree", "levels": "measurement"}
_MOVED_M = 3.0
"""A finger on a map is no better; less is no move."""


def field_answers(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield row and answer, by the names of the questions, of the rows of all layers in which something was filled in.

    An answer is told from others by what it says: the same file read twice gives the same keys.

    Raises
    ------
    FileError
        Where the file is damaged.
    InputError
        Where none of its layers is one of the survey's.
    """
    none = True
    written = dt.datetime.fromtimestamp(path.stat().st_mtime).astimezone().date().isoformat()
    for layer, asked in FIELD_LAYERS.items():
        try:
            rows = read_point_layer(path, layer)
        except InputError:
            continue
        none = False
        table = dict(zip(rows.columns, rows.values, strict=True))
        for n, (longitude, latitude) in enumerate(zip(rows.x.tolist(), rows.y.tolist(), strict=True)):
            cells = {name: str(column[n]).strip() for name, column in table.items() if column[n] not in (None, "")}
            said = {name: cells[name] for name in asked if cells.get(name) and not _given(layer, name)}
            moved = _moved(cells, latitude, longitude) if layer == "visits" else False
            if not said and not moved:
                continue
            kind = _KINDS.get(layer) or cells.get("kind", "site")
            answer = {**said, "kind": kind, "plan_id": cells.get("plan_id", "")}
            if layer == "looks":
                answer["towards"] = cells.get("towards", "")
            if layer in ("visits", "looks"):
                answer[kind] = cells.get("id", "")
            if latitude == latitude and layer != "looks":
                answer["place"] = f"{latitude:.7f} {longitude:.7f}"
            if moved:
                answer["move"] = "yes"
            if cells.get(DAY):
                answer["start"] = cells[DAY]
            text = repr((layer, sorted(answer.items())))
            answer["key"] = "qfield-" + sha256(text.encode()).hexdigest()[:24]
            # A row without its day is as old as the file; that is no part of the key, as copies have days of their own.
            answer.setdefault("start", written)
            yield n + 1, answer
    if none:
        raise InputError(
            msg("This is no survey: it has none of the layers {layers}.", layers=", ".join(FIELD_LAYERS)),
            where=str(path), fix=msg("Give the file that export --formats qfield wrote, as the telephone left it."),
        )  # fmt: skip


def _given(layer: str, name: str) -> bool:
    """Return whether a cell was filled in before it went out."""
    return layer == "looks" and name == "towards"


def _moved(cells: dict[str, str], latitude: float, longitude: float) -> bool:
    try:
        was = float(cells["was_latitude"]), float(cells["was_longitude"])
    except (KeyError, ValueError):
        return False
    return latitude == latitude and geodesic(*was, latitude, longitude)[2] > _MOVED_M
