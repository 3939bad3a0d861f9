"""What the files of a coverage map are, what they say of themselves, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.combine import NONE
from cn_planner.coverage.coverage_map import Combine
from cn_planner.coverage.los import SEEN
from cn_planner.coverage.map_models import GROUND_MAPS, GroundMap
from cn_planner.coverage.received import Quantity
from cn_planner.errors import InputError
from cn_planner.export.words import check_apart, check_out
from cn_planner.gis.raster_write import BandNote, FileNote
from cn_planner.i18n import say
from cn_planner.links.register import model_of
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from cn_planner.coverage.coverage_map import CoverageResult
    from cn_planner.coverage.grid import CoverageSite, Grid, Ground
    from cn_planner.drawing.coverage_classes import CoverageScale
    from cn_planner.export.coverage_files import AreaMap
    from cn_planner.gis.parts import RasterPart
    from cn_planner.links.conditions import Conditions
    from cn_planner.message import Message
    from cn_planner.terrain.surface import Surface

_KINDS = {
    ".tif": "raster", ".tiff": "raster", ".png": "picture", ".geojson": "areas", ".json": "areas", ".svg": "sheet",
    ".qml": "style",
}  # fmt: skip
_UNITS: dict[str, str] = {
    GroundMap.LOS: "", GroundMap.FRESNEL: "F1", GroundMap.MIN_HEIGHT: "m", Quantity.LOSS: "dB", Quantity.LEVEL: "dBm",
    Quantity.MARGIN: "dB", Quantity.PROBABILITY: "",
}  # fmt: skip
_MEANT = {
    GroundMap.LOS: msg("by line of sight"), GroundMap.FRESNEL: msg("by clearance in first Fresnel radii"),
    GroundMap.MIN_HEIGHT: msg("by the least height of the receiver"),
}  # fmt: skip
_OUTSIDE = -2
"""In a whole-numbered map that is shown: beyond every tower's radius, or no terrain."""


@dataclass(frozen=True, slots=True)
class MapRequest:
    """What a map shows, as its files say it.

    Attributes
    ----------
    model, show, combine, threshold, rx_height_m, radius_m, freq_mhz, air
        As for `coverage_map`.
    radio : str
        The kit of the towers, where one is named.
    """

    model: str
    show: Quantity
    combine: Combine | None
    threshold: float | None
    rx_height_m: float
    radius_m: float
    freq_mhz: float | None
    air: Conditions
    radio: str = ""


def file_kind_of(out: Path) -> str:
    """Return what a file is to be, by its name: raster, picture, areas, sheet or style.

    Raises
    ------
    InputError
        Where it is none of these.
    """
    try:
        return _KINDS[out.suffix.lower()]
    except KeyError:
        raise InputError(
            msg("A map is not written as {suffix}.", suffix=out.suffix or msg("a file without a suffix")),
            where=str(out),
            fix=msg("Give .tif, .png, .svg, .geojson or .qml."),
        ) from None


def check_outs(outs: Sequence[Path], towers: int, combine: str | None, read: Sequence[Path] = ()) -> None:
    """Raise, before any work is done, where a file could not be written.

    Raises
    ------
    InputError
        Where a name says no kind of file, a picture would have to show several maps, or a map would be written over
        one of the files ``read`` that it is made from.
    FileError
        Where the folder is not there, or may not be written to, or another folder has the file's name.
    """
    for out in outs:
        check_apart(out, read)
    kinds = [file_kind_of(out) for out in outs]
    if towers > 1 and combine is None and {"picture", "sheet"} & set(kinds):
        raise InputError(
            msg("A picture shows one map, and there is one for each of {count} towers.", count=towers),
            fix=msg("Combine them by count or best, map one, or ask for a GeoTIFF or GeoJSON."),
        )
    for out in outs:
        check_out(out, ())


def within_radius(ground: Ground) -> NDArray[np.bool_]:
    """Return which cells of a ground lie within the radius of a site."""
    p, q, s = ground.grid.metric
    found = np.zeros(ground.grid.shape, np.bool_)
    column = np.arange(ground.grid.shape[1], dtype=np.float64)
    for tower_row, tower_column in ground.cells:
        dc = column - tower_column
        for row in range(ground.grid.shape[0]):
            dr = float(row - tower_row)
            found[row] |= p * dc * dc + 2.0 * q * dc * dr + s * dr * dr <= ground.radius_m**2
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """Maps as pictures and areas show them.

    Attributes
    ----------
    bands : array of (bands, rows, columns)
    nodata : float or None
    scale : CoverageScale
    missing : sequence of bool arrays of (rows, columns)
        One a band: where there should be an answer and is none.
    """

    bands: NDArray[Any]
    nodata: float | None
    scale: CoverageScale
    missing: Sequence[NDArray[np.bool_]]


def file_scale(asked: MapRequest, sites: Sequence[CoverageSite], most: int, *, each: bool) -> CoverageScale:
    """Return the classes of a map on which at most so many towers reach one place.

    With `each`, every number of towers has a class of its own, and where none reaches there is none.
    """
    from cn_planner.drawing.coverage_classes import best_scale, count_scale, scale_of, with_none

    if asked.combine is Combine.COUNT:
        counts = count_scale(most, each=each)
        return counts if each else with_none(counts, 0.0)
    if asked.combine is Combine.BEST:
        names = best_scale([site.name for site in sites])
        return names if each else with_none(names, float(NONE))
    return scale_of(asked.model, asked.show, asked.threshold)


def what_is_shown(asked: MapRequest, result: CoverageResult, ground: Ground, *, each: bool) -> _Shown:
    """Return a result as pictures and areas show it."""
    most = int(result.bands.max()) if asked.combine is Combine.COUNT else 0
    scale = file_scale(asked, result.sites, most, each=each)
    void = np.isnan(ground.heights_m)
    if asked.combine is None:
        missing = []
        for band, cell in zip(result.bands, ground.cells, strict=True):
            lost = np.isnan(band) if band.dtype.kind == "f" else band == result.nodata
            lost &= within_radius(_one(ground, cell))
            lost[cell] = False  # on the tower's own ground no model of loss has an answer
            missing.append(lost)
        return _Shown(result.bands, result.nodata, scale, missing)
    inside = within_radius(ground)
    bands = result.bands.astype(np.int32)
    bands[0][~inside | void] = _OUTSIDE
    return _Shown(bands, None, scale, [inside & void])


def _one(ground: Ground, cell: tuple[int, int]) -> Ground:
    from dataclasses import replace

    return replace(ground, cells=(cell,))


def band_notes(asked: MapRequest, sites: Sequence[CoverageSite]) -> tuple[BandNote, ...]:
    """Return what a GeoTIFF says of its bands."""
    what = asked.model if asked.show is Quantity.LOSS else f"{asked.show.value} {asked.model}"
    if asked.combine is not None:
        return (BandNote(f"{asked.combine.value} {what}"),)
    unit = _UNITS[asked.show if asked.model not in GROUND_MAPS else asked.model]
    return tuple(
        BandNote(
            f"{what} {site.name}", unit,
            {
                "SITE": site.name, "LATITUDE": f"{site.latitude:.9g}", "LONGITUDE": f"{site.longitude:.9g}",
                "ANTENNA_HEIGHT_M": f"{site.height_m:g}",
            },
        )
        for site in sites
    )  # fmt: skip


def file_note(asked: MapRequest, sites: Sequence[CoverageSite], surface: Surface) -> FileNote:
    """Return what a GeoTIFF says of itself."""
    scale = file_scale(asked, sites, 1, each=True)
    tags = {"MODEL": asked.model, "RX_HEIGHT_M": f"{asked.rx_height_m:g}", "RADIUS_M": f"{asked.radius_m:g}"}
    tags["K_FACTOR"] = f"{asked.air.k_factor:.6g}"
    if asked.freq_mhz is not None:
        tags["FREQUENCY_MHZ"] = f"{asked.freq_mhz:.9g}"
    if asked.show is not Quantity.LOSS:
        tags["SHOWN"] = asked.show.value
    if asked.air.canopy_m:
        tags["CANOPY_M"] = f"{asked.air.canopy_m:g}"
    if asked.threshold is not None:
        tags["THRESHOLD"] = f"{asked.threshold:.9g}"
    colours: dict[int, tuple[int, int, int, int]] = {}
    if asked.combine is Combine.COUNT:
        tags["VALUES"] = "how many towers reach the cell"
    elif asked.combine is Combine.BEST:
        tags["VALUES"] = "; ".join(["-1 none", *(f"{i} {site.name}" for i, site in enumerate(sites[:200]))])
    elif asked.model == GroundMap.LOS:
        tags["VALUES"] = f"{SEEN} seen; 0 not seen; 255 no answer"
        if len(sites) == 1:  # the format has room for the colours of one band
            from cn_planner.drawing.palette import rgb

            colours = {int(one.low): (*rgb(one.colour), 255) for one in scale.classes} | {255: (0, 0, 0, 0)}
    rights = "; ".join(dict.fromkeys(one.licence for one in surface.sources if one.licence))
    return FileNote(say(scale.title), rights, tags | {"TERRAIN": rights_of(surface)}, colours)


def rights_of(surface: Surface) -> str:
    """Return what terrain it is, each source once, with its terms where they are known."""
    lines = [", ".join(filter(None, (one.source, one.licence))) for one in surface.sources]
    return "; ".join(dict.fromkeys(lines))


def write_one(
    out: Path, asked: MapRequest, result: CoverageResult, ground: Ground, surface: Surface, place: RasterPart | None
) -> None:
    """Write one file of a map."""
    grid, kind = result.grid, file_kind_of(out)
    if kind == "raster":
        from cn_planner.gis.raster_write import write_geotiff

        notes, note = band_notes(asked, result.sites), file_note(asked, result.sites, surface)
        write_geotiff(out, result.bands, grid.crs, grid.transform, result.nodata, part=place, notes=notes, note=note)
        return
    from cn_planner.export import coverage_files as files

    whole = asked.combine is not None or asked.model == GroundMap.LOS
    if kind == "style":
        most = int(result.bands.max()) if asked.combine is Combine.COUNT else 0
        files.write_style(out, file_scale(asked, result.sites, most, each=False), whole=whole)
        return
    what = what_is_shown(asked, result, ground, each=kind == "areas")
    if kind == "picture":
        files.write_picture(out, what.bands[0], grid, what.scale, what.nodata, missing=what.missing[0])
    elif kind == "sheet":
        from cn_planner.drawing.coverage_sheet import CoverageSheet, coverage_sheet

        classes = what.scale.of(what.bands[0], what.nodata)
        rights = rights_of(surface)
        rights = say(msg("Terrain: {sources}", sources=rights)) if rights else ""
        sheet = CoverageSheet(
            classes, grid, what.scale, result.sites, asked.radius_m, lines_of(asked, result.sites), rights,
            say(files.NO_DATA),
        )  # fmt: skip
        files.write_sheet(out, coverage_sheet(sheet, surface))
    else:
        files.write_areas(out, area_maps(what, grid, result.sites), what.scale, what.nodata)


def area_maps(what: _Shown, grid: Grid, sites: Sequence[CoverageSite]) -> list[AreaMap]:
    """Return maps as their areas are written, each with the name of its tower."""
    from cn_planner.export.coverage_files import AreaMap

    names = [{"site": site.name} for site in sites] if len(what.bands) == len(sites) else [{}]
    return [
        AreaMap(band, grid, more, missing) for band, more, missing in zip(what.bands, names, what.missing, strict=True)
    ]


def _meant(model: str) -> Message:
    if model in GROUND_MAPS:
        return _MEANT[GroundMap(model)]
    found = model_of(model)
    return found.map_meant or msg("by loss after {model}", model=str(found.choice))


def lines_of(asked: MapRequest, sites: Sequence[CoverageSite]) -> tuple[str, ...]:
    """Return in words what was asked, for people who look at the map."""
    heights = sorted({site.height_m for site in sites})
    parts = []
    if len(heights) == 1:
        parts.append(msg("antenna {height:g} m above ground", height=heights[0]))
    else:
        parts.append(msg("antennas {low:g} to {high:g} m above ground", low=heights[0], high=heights[-1]))
    if asked.model != GroundMap.MIN_HEIGHT:
        parts.append(msg("receiver {height:g} m", height=asked.rx_height_m))
    parts.append(msg("within {radius:g} km", radius=asked.radius_m / 1000.0))
    if asked.freq_mhz is not None and asked.model != GroundMap.LOS:
        parts.append(msg("{freq:g} MHz", freq=asked.freq_mhz))
    if asked.air.canopy_m:
        parts.append(msg("trees of {height:g} m assumed", height=asked.air.canopy_m))
    more = [_meant(asked.model)] if asked.combine is not None or asked.show is not Quantity.LOSS else []
    if asked.radio and asked.show is not Quantity.LOSS:
        more.append(msg("kit {name}", name=asked.radio))
    if asked.combine is not None and asked.threshold is not None and asked.model != GroundMap.LOS:
        value, unit = asked.threshold, _UNITS[asked.show if asked.model not in GROUND_MAPS else asked.model]
        low = asked.show is Quantity.LOSS and asked.model != GroundMap.FRESNEL
        limit = (
            msg("at most {value:g} {unit}", value=value, unit=unit)
            if low
            else msg("at least {value:g} {unit}", value=value, unit=unit)
        )
        more.append(limit)
    lines = [", ".join(say(part).strip() for part in some) for some in (parts, more) if some]
    return tuple(line[0].upper() + line[1:] for line in lines)
