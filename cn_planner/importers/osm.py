"""OpenStreetMap extracts as a table: buildings for homes, structures and hills for sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.gis.kinds import sniff
from cn_planner.gis.osm import RIGHTS, read_osm
from cn_planner.importers.geojson import X, Y
from cn_planner.importers.table import SourceTable, first_bytes
from cn_planner.message import counted

if TYPE_CHECKING:
    from pathlib import Path

_NO_HOMES = counted(
    "{count} building in which nobody lives was left out (garage, shed, shop).",
    "{count} buildings in which nobody lives were left out (garages, sheds, shops).",
    0,
)


def is_osm(path: Path) -> bool:
    """Return whether a file is an extract of OpenStreetMap, packed or not."""
    kind = sniff(path)
    return kind == "osm" or (kind == "gzip" and b"<osm" in first_bytes(path)[:1000])


def read_osm_table(path: Path, layer: str) -> SourceTable:
    """Return a layer of an extract as a table.

    Raises FileError, InputError as `gis.osm.read_osm`.
    """
    places = read_osm(path, layer)
    warnings = [_NO_HOMES.about(places.left_out)] if places.left_out else []
    rows = iter(enumerate(places.rows, 1))
    return SourceTable(path.name, places.columns, rows, X, Y, warnings, rights=RIGHTS,
                       count=len(places.rows))  # fmt: skip
