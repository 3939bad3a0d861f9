"""Rings made into polygons with their holes, and the wedges of sectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cn_planner.geo import destination

if TYPE_CHECKING:
    from cn_planner.report.deployment import CoverageOutline


def outline_polygons(outline: CoverageOutline) -> Any:
    """Return the area inside an odd number of rings as a shapely MultiPolygon, x longitude and y latitude.

    Exteriors run anticlockwise and holes clockwise, as RFC 7946 asks. Empty where there is no area.
    """
    import shapely

    lines = [
        shapely.LineString([(longitude, latitude) for latitude, longitude in ring])
        for ring in outline.rings
        if len(ring) > 3
    ]
    area = shapely.build_area(shapely.GeometryCollection(lines))
    polygons = [shapely.geometry.polygon.orient(one, 1.0) for one in shapely.get_parts(area) if one.area > 0.0]
    return shapely.MultiPolygon(polygons)


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
