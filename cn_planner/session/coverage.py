"""Maps over elevation files, without a plan: what `coverage` computes and writes."""

from __future__ import annotations

import math
import sys
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.coverage_map import (
    CoverageResult,
    check_air,
    check_numbers,
    map_ground,
)
from cn_planner.coverage.grid import CoverageSite, Grid, check_sites, lay_ground
from cn_planner.coverage.los import make_ready
from cn_planner.coverage.received import TowerRadio
from cn_planner.errors import InputError
from cn_planner.export.coverage_output import MapRequest, check_outs, write_one
from cn_planner.export.coverage_windows import windows_of, write_by_windows
from cn_planner.geo import WGS84, check_position, is_metric, transform
from cn_planner.gis.parts import Circle, RasterPart, place_in
from cn_planner.gis.raster import elevation_grid
from cn_planner.jobs import tile_pool
from cn_planner.message import msg
from cn_planner.progress import ALONE, Run
from cn_planner.terrain.surface import Surface
from cn_planner.validation.cases import Case, read_cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.message import Message
    from cn_planner.session.link import Figures


_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Timed:
    """A map that was written, the grid of its file, and seconds of wall time."""

    result: CoverageResult
    grid: Grid
    read_s: float
    compute_s: float
    write_s: float


def _site(case: Case, name: str, crs: str | None) -> CoverageSite:
    height = case.number("height_m")
    if case.optional_text("latitude"):
        latitude, longitude = case.number("latitude"), case.number("longitude")
        check_position(latitude, longitude, where=case.where)
        return CoverageSite(name, latitude, longitude, height)
    if crs is None:
        raise InputError(
            msg("The elevation is not on one metric grid, so easting and northing say nothing."),
            where=case.where,
            fix=msg("Give the columns latitude, longitude, height_m."),
        )
    lon, lat = transform(crs, WGS84, case.number("easting"), case.number("northing"))
    if not np.isfinite(lat):
        raise InputError(msg("Easting and northing lie outside the grid's projection."), where=case.where)
    return CoverageSite(name, float(lat), float(lon), height)


def read_sites(path: Path, dems: Sequence[Path]) -> tuple[CoverageSite, ...]:
    """Return the towers of a CSV file: latitude, longitude or easting, northing, and height_m; also id.

    Easting and northing are those of the elevation file, where there is one and it is metric.

    Raises
    ------
    InputError
        Where a row cannot be used, or there is none.
    FileError
        Where the file cannot be read.
    """
    crs = elevation_grid(dems[0])[0] if len(dems) == 1 else None
    crs = crs if crs is not None and is_metric(crs) else None
    sites = tuple(_site(case, case.optional_text("id") or str(i + 1), crs) for i, case in enumerate(read_cases(path)))
    if not sites:
        raise InputError(msg("The file holds no tower."), where=str(path))
    return sites


@dataclass(frozen=True, slots=True)
class Antennas:
    """Radio and antennas of every tower, and what the receivers are.

    Attributes
    ----------
    kit, client : str, optional
        Kits of tower and receiver; the receiver has the tower's where not given.
    figures : Figures, optional
        The radios by their figures instead.
    country : str, optional
        Whose limits cap the kits.
    aims_deg : tuple of (float, float)
        Where each antenna of a tower points: azimuth from true north, tilt upwards. None: in each direction as much as
        there is at most.
    pattern : Path, optional
        A maker's file of what the antenna gives in each direction, in place of that of the kit.
    width_mhz : float, optional
        The channel's, where it is not the kit's own.
    """

    kit: str | None = None
    client: str | None = None
    figures: Figures | None = None
    country: str | None = None
    aims_deg: tuple[tuple[float, float], ...] = ()
    pattern: Path | None = None
    width_mhz: float | None = None


def tower_radio(antennas: Antennas, freq_mhz: float | None) -> TowerRadio | None:
    """Return what towers send and receivers hear; None where no radio is named.

    Raises
    ------
    InputError
        Where there is no such kit, it does not reach the frequency, the law closes that, or no mode is common to both.
    """
    if antennas.kit is None and antennas.client is None and antennas.figures is None:
        return None
    # 0.05 s, which a map of bare terrain need not wait for.
    from cn_planner.links.radio import direction
    from cn_planner.propagation.antenna import loss_table
    from cn_planner.session.link import Mount, ends_of, pattern_at

    tower, receiver = ends_of(antennas.kit, antennas.figures, antennas.country, freq_mhz, antennas.width_mhz)
    if antennas.client is not None:
        receiver, _ = ends_of(antennas.client, None, antennas.country, freq_mhz, antennas.width_mhz)
    if tower is None or receiver is None:
        return None
    for end in (tower, receiver):
        if end.closed is not None:  # no limit is known there: it would be the strongest map of all
            raise InputError(end.closed)
    heard = direction(tower, receiver)
    level, least = float(heard.level_dbm[heard.robust]), float(heard.sensitivity_dbm[heard.robust])
    if not antennas.aims_deg:
        return TowerRadio(level, least)
    pattern = pattern_at(Mount(pattern=antennas.pattern), tower, antennas.kit, freq_mhz or math.nan)
    tables = np.stack([loss_table(pattern, tilt) for _, tilt in antennas.aims_deg])
    return TowerRadio(level, least, tuple(azimuth for azimuth, _ in antennas.aims_deg), tables)


def write_coverage(
    dems: Sequence[Path],
    sites: Sequence[tuple[float, float, float]] | Path,
    outs: Sequence[Path],
    asked: MapRequest,
    *,
    vertical: bool,
    cell_m: float | None,
    exact: bool,
    antennas: Antennas | None = None,
    run: Run = ALONE,
) -> Timed:
    """Map what towers reach, and write the map: as a GeoTIFF, a picture or areas.

    Parameters
    ----------
    dems : sequence of Path
        Elevation files.
    sites : sequence of (latitude, longitude, height above ground), or Path
        The towers, or a CSV file of them.
    outs : sequence of Path
        The files; an existing one is replaced whole. ``.tif`` is a GeoTIFF; ``.png`` a picture, with its place and
        legend in files beside it; ``.svg`` a sheet with relief, legend and scale; ``.geojson`` the areas of the map's
        classes; ``.qml`` how QGIS shows the GeoTIFF.
    asked : MapRequest
        What the map shows.
    vertical, cell_m, exact
        As for `coverage_map`.
    antennas : Antennas, optional
        What is sent and heard, for maps of anything but the loss.
    """
    start = time.perf_counter()
    towers = (
        read_sites(sites, dems)
        if isinstance(sites, Path)
        else tuple(CoverageSite(str(i + 1), *place) for i, place in enumerate(sites))
    )
    check_sites(towers, asked.radius_m, cell_m)
    check_outs(outs, len(towers), asked.combine, [*dems, sites] if isinstance(sites, Path) else dems)
    freq_mhz, air = asked.freq_mhz, asked.air
    check_numbers(asked.model, asked.rx_height_m, freq_mhz, air.k_factor)
    check_air(air, asked.threshold)
    draw = partial(
        map_ground, rx_height_m=asked.rx_height_m, model=asked.model, freq_mhz=freq_mhz, air=air, vertical=vertical,
        exact=exact, show=asked.show,
        radio=None if antennas is None else tower_radio(antennas, freq_mhz),
        threshold=asked.threshold,
    )  # fmt: skip
    windows = windows_of(dems, towers, asked, cell_m)
    if windows is not None:
        done = write_by_windows(
            dems, towers, outs, asked, windows, lambda ground, told: draw(ground, run=told), run,
        )  # fmt: skip
        result = replace(done.result, warnings=(*_twins(towers), *done.result.warnings))
        return Timed(result, done.grid, done.read_s, done.compute_s, done.write_s)
    engine = (run.pool or tile_pool()).submit(make_ready)  # while the files are read
    circles = [Circle(tower.latitude, tower.longitude, asked.radius_m) for tower in towers]
    surface = Surface.open(dems, circles=circles, progress=run.part(0.0, 0.1).progress, cancel=run.cancel)
    engine.result()
    opened = time.perf_counter()
    ground = lay_ground(surface, towers, asked.radius_m, cell_m, run.cancel)
    result = draw(ground, combine=asked.combine, run=run.part(0.1, 0.9))
    computed = time.perf_counter()
    result = replace(result, warnings=(*_twins(towers), *result.warnings))
    place = _place(surface, result.grid)
    grid = result.grid if place is None else replace(result.grid, transform=place.transform, shape=place.shape)
    for out in outs:
        run.check()
        write_one(out, asked, result, ground, surface, place)
    run.progress(1.0)
    return Timed(result, grid, opened - start, computed - opened, time.perf_counter() - computed)


def _twins(towers: Sequence[CoverageSite]) -> tuple[Message, ...]:
    """Return what is to be said of towers that are there twice: a row that was pasted again counts again."""
    first: dict[tuple[float, float, float], CoverageSite] = {}
    pairs: list[str] = []
    for tower in towers:
        other = first.setdefault((tower.latitude, tower.longitude, tower.height_m), tower)
        if other is not tower:
            pairs.append(f"{other.name} = {tower.name}")
    if not pairs:
        return ()
    names = ", ".join(pairs[:_MOST_NAMED]) + (", ..." if len(pairs) > _MOST_NAMED else "")
    return (msg("Towers at one place, equally high, each count: {names}.", names=names),)


def _place(surface: Surface, grid: Grid) -> RasterPart | None:
    """Return where a map lies in the elevation file's own grid; None where it is all of that, or on another."""
    native = surface.metric_grid()
    if native is None or native[0] != grid.crs or native[1:] == (grid.transform, grid.shape):
        return None
    at = place_in(native[1], grid.transform)
    return None if at is None else RasterPart(native[1], native[2], *at, grid.shape)


def peak_mb() -> float | None:
    """Return the most memory that this process has held, MB; None where the system does not tell."""
    if sys.platform == "win32":
        return None
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage tells there holds that of the process which started this one.
        lines = status.read_text(encoding="ascii").splitlines()
        held = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
        return int(held[0]) * 1.024e-3 if held else None
    import resource  # not there on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
