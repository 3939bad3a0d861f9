"""The roofs of an area pack as a table: what may be homes where nobody has a list of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cn_planner.errors import FileError
from cn_planner.gis.osm import RIGHTS
from cn_planner.gis.pack import read_pack_layers
from cn_planner.importers.geojson import X, Y
from cn_planner.importers.table import SourceTable
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from cn_planner.importers.result import RowError


def read_pack_table(path: Path) -> SourceTable:
    """Return the middles of the roofs that a pack holds, and names where they have one.

    A roof is called by where it is: roofs of two packs are never one, and those of a pack made anew are the same.

    Raises
    ------
    FileError
        Where the pack is damaged, or holds no roofs.
    """
    import numpy as np
    import shapely

    layer = read_pack_layers(path).get("buildings")
    if layer is None or not len(layer):
        raise FileError(
            msg("The pack holds no buildings."),
            where=str(path),
            fix=msg("Make it with an extract of OpenStreetMap, or take a list of homes."),
        )
    middles = shapely.centroid(shapely.from_wkb(np.array(layer.shapes, dtype=object), on_invalid="ignore"))
    x, y = shapely.get_x(middles).tolist(), shapely.get_y(middles).tolist()

    def rows() -> Iterator[tuple[int, Sequence[Any] | RowError]]:
        known = set[str]()
        for number, (name, east, north) in enumerate(zip(layer.names, x, y, strict=True), 1):
            if not (math.isfinite(east) and math.isfinite(north)):
                continue  # a shape that cannot be read has no middle
            key = f"R{north:.6f},{east:.6f}"
            if key not in known:
                known.add(key)
                yield number, (key, name, east, north)

    return SourceTable(path.name, ("id", "name", X, Y), rows(), X, Y, [], rights=RIGHTS, count=len(layer))
