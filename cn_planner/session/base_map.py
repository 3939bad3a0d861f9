"""The base map of a plan: an OpenStreetMap extract or an area pack, beside it or chosen on this machine."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cn_planner.errors import FileError, PlannerError
from cn_planner.gis.base_map import read_base_map
from cn_planner.gis.kinds import refuse, sniff
from cn_planner.gis.pack import read_pack, read_pack_layers
from cn_planner.gis.pack_facts import holds_pack, read_facts
from cn_planner.gis.picture import rights_of_picture
from cn_planner.gis.tile_file import is_tile_file, rights_of_tiles
from cn_planner.message import msg
from cn_planner.model.edits import change_section
from cn_planner.model.history import Edit
from cn_planner.terrain.known import file_place, remember, stored_path

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from cn_planner.drawing.base_sheet import BaseSheet
    from cn_planner.gis.base_map import BaseLayer, MapBounds
    from cn_planner.importers.hamlet_names import NamedPlace
    from cn_planner.model.plan import Plan

_SETTLEMENTS = frozenset(
    {"city", "town", "village", "hamlet", "suburb", "neighbourhood", "isolated_dwelling", "locality"}
)


@dataclass(frozen=True, slots=True)
class BaseMap:
    """What a map is drawn from.

    Attributes
    ----------
    layers : mapping of str to BaseLayer
        Lines, areas and names.
    path : Path or None
        The file.
    drawn : "", "tiles" or "picture"
        As what else it is drawn, beside the window.
    rights : str
        Whose such a map is.
    """

    layers: Mapping[str, BaseLayer] = field(default_factory=dict)
    path: Path | None = None
    drawn: str = ""
    rights: str = ""


def use_base_map(plan: Plan, plan_path: Path, file: Path | None) -> Edit:
    """Return the edit by which the map is drawn from a file, or from none.

    Raises
    ------
    FileError
        Where the file is no extract, or damaged.
    """
    if file is None:
        return Edit(msg("draw no base map"), change_section(plan, "area", base_map="").plan)
    if holds_pack(file):
        read_pack(file)  # held against its own sums before it is taken
    _read(file)
    remember(file.resolve())
    changed = change_section(plan, "area", base_map=stored_path(file, plan_path))
    return Edit(msg("draw the base map from {file}", file=file.name), changed.plan)


def open_base_map(plan: Plan, plan_path: Path, bounds: MapBounds | None = None) -> BaseMap:
    """Return what the map of a plan is drawn from; nothing where the plan names no file.

    Of an extract only what touches the bounds is read, where they are given.

    Raises
    ------
    FileError
        Where the file is gone, lies elsewhere and was not chosen on this machine, or cannot be read.
    """
    if not plan.area.base_map:
        return BaseMap()
    path = file_place(plan.area.base_map, plan_path.resolve().parent)
    if path is None or not path.is_file():
        raise FileError(
            msg("The base map of this plan is gone, or was not chosen on this machine."),
            where=plan.area.base_map,
            fix=msg("Put it back, or choose it again. The plan itself does not need it."),
        )
    return _read(path, bounds)


_ROUND_DEG, _LEAST_ROUND_DEG = 0.6, 0.05
"""How far round the plan its maps may reach: shares of its extent, and degrees at least."""
_HALF_ROUND_DEG = 180.0


def printed_base(plan: Plan, plan_path: Path) -> BaseSheet | None:
    """Return the roads, water and names that the maps of a plan are printed over; None where it has none.

    Of tiles and pictures nothing is printed: they are drawn for a screen, each zoom by itself.

    Raises
    ------
    FileError
        As `open_base_map`.
    """
    from cn_planner.drawing.base_sheet import BaseSheet

    places = [(one.latitude, one.longitude) for one in plan.sites.values()]
    places += [(one.latitude, one.longitude) for one in plan.households.values()]
    if not places or not plan.area.base_map:
        return None
    (south, west), (north, east) = map(min, zip(*places, strict=True)), map(max, zip(*places, strict=True))
    round_deg = max(_ROUND_DEG * max(north - south, east - west), _LEAST_ROUND_DEG)
    bounds = (west - round_deg, south - round_deg, east + round_deg, north + round_deg)
    found = open_base_map(plan, plan_path, bounds if east - west < _HALF_ROUND_DEG else None)
    return BaseSheet(found.layers) if found.layers else None


def _read(path: Path, bounds: MapBounds | None = None) -> BaseMap:
    if is_tile_file(path):
        return BaseMap(path=path, drawn="tiles", rights=rights_of_tiles(path))
    kind = sniff(path)
    if kind in {"geotiff", "picture"}:
        return BaseMap(path=path, drawn="picture", rights=rights_of_picture(path))
    if holds_pack(path):
        read_facts(path)  # says of a newer one that it is newer
        return BaseMap(read_pack_layers(path), path=path)
    if kind not in {"osm", "gzip"}:
        raise refuse(path, kind, msg("a base map (OpenStreetMap, MBTiles, PMTiles, GeoTIFF, area pack)"))
    return BaseMap(read_base_map(path, bounds), path=path)


def named_places(plan: Plan, plan_path: Path, kinds: Collection[str] = _SETTLEMENTS) -> tuple[NamedPlace, ...]:
    """Return the settlements with a name on the base map of a plan, or its places of other kinds (``peak``).

    There are none where it has no base map, or it is gone.
    """
    import numpy as np
    import shapely

    try:
        layer = open_base_map(plan, plan_path).layers.get("places")
    except PlannerError:  # said where the map is drawn; hamlets have numbers then
        return ()
    if layer is None:
        return ()
    points = shapely.from_wkb(np.array(layer.shapes, dtype=object))
    return tuple(
        (name, float(y), float(x))
        for kind, name, x, y in zip(
            layer.classes, layer.names, shapely.get_x(points), shapely.get_y(points), strict=True
        )
        if kind in kinds and name and math.isfinite(x) and math.isfinite(y)
    )
