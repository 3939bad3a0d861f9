"""Rings made into polygons with their holes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
