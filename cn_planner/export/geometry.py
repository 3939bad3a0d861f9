"""Rings made into polygons with their holes, lines between places, and the wedges of sectors; cut at 180 degrees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cn_planner.geo import destination

if TYPE_CHECKING:
    from cn_planner.report.deployment import CoverageOutline


def outline_polygons(outline: CoverageOutline) -> Any:
    """Return the area inside an odd number of rings as a shapely MultiPolygon, x longitude and y latitude.

    Exteriors run anticlockwise and holes clockwise, as RFC 7946 asks, and what crosses 180 degrees is cut there. Empty
    where there is no area.
    """
    import shapely

    rings = [ring for ring in outline.rings if len(ring) > 3]
    first = rings[0][0][1] if rings else 0.0
    lines = [
        shapely.LineString([(on_the_side_of(first, longitude), latitude) for latitude, longitude in ring])
        for ring in rings
    ]
    area = cut_at_180(shapely.build_area(shapely.GeometryCollection(lines)))
    polygons = [
        shapely.geometry.polygon.orient(one, 1.0) for one in area if one.geom_type == "Polygon" and one.area > 0.0
    ]
    return shapely.MultiPolygon(polygons)


def on_the_side_of(longitude: float, other: float) -> float:
    """Return another longitude, degrees, on this side of the antimeridian: it may be beyond 180."""
    return other + _ROUND_DEG * round((longitude - other) / _ROUND_DEG)


def line_between(start: tuple[float, float], end: tuple[float, float]) -> Any:
    """Return the shapely line between two places (longitude, latitude); of two parts where it crosses 180 degrees.

    Else it would be drawn right round the world (RFC 7946, 3.1.9).
    """
    import shapely

    line = shapely.LineString([start, (on_the_side_of(start[0], end[0]), end[1])])
    parts = cut_at_180(line)
    return parts[0] if len(parts) == 1 else shapely.MultiLineString(parts)


def cut_at_180(geometry: Any) -> list[Any]:
    """Return the parts of a shapely geometry, those beyond 180 degrees east or west brought to where they lie."""
    import shapely

    west, _, east, _ = geometry.bounds if not geometry.is_empty else (0.0, 0.0, 0.0, 0.0)
    if west >= -180.0 and east <= 180.0:
        return list(shapely.get_parts(geometry))
    parts = []
    for turn in (-_ROUND_DEG, 0.0, _ROUND_DEG):
        cut = shapely.intersection(geometry, shapely.box(turn - 180.0, -90.0, turn + 180.0, 90.0))
        moved = shapely.transform(cut, lambda at, turn=turn: at - (turn, 0.0))
        kind = geometry.geom_type.removeprefix("Multi")  # not the points and lines in which it only touches
        parts += [one for one in shapely.get_parts(moved) if one.geom_type == kind and not one.is_empty]
    return parts


_STEPS = 24
_ROUND_DEG = 360.0


def wedge(
    latitude: float, longitude: float, azimuth_deg: float, width_deg: float | None, radius_m: float
) -> tuple[tuple[float, float], ...]:
    """Return the ring of a sector as (longitude, latitude), anticlockwise, first and last the same.

    A circle where the antenna has no beam that is known, or one all round.
    """
    if width_deg is None or width_deg >= _ROUND_DEG:
        turns = [_ROUND_DEG * step / (2 * _STEPS) for step in range(2 * _STEPS, -1, -1)]
        middle = []
    else:
        turns = [azimuth_deg + width_deg * (step / _STEPS - 0.5) for step in range(_STEPS, -1, -1)]
        middle = [(longitude, latitude)]
    rim = [destination(latitude, longitude, turn % _ROUND_DEG, radius_m)[::-1] for turn in turns]
    return (*middle, *rim, *middle)
