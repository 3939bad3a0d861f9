"""The maps that a person looks at: what towers see, how clear the way is, how high a roof must be, what arrives there.

Each tower's map is computed on its own, as `coverage.coverage_map` does it, and kept by all that it depends on; several
towers are laid over each other, at each place the best. All towers of a plan share the lattice of one grid, so that
moving one computes that one anew. A coarse picture of all comes first (`coverage.progressive`).
"""

from __future__ import annotations

import math
import time
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.coverage_map import CoverageResult
from cn_planner.coverage.grid import CoverageSite, Grid, grid_for, lay_on
from cn_planner.coverage.los import SEEN, UNKNOWN
from cn_planner.coverage.map_models import GroundMap
from cn_planner.coverage.progressive import coarse_ground, coarse_step, spread
from cn_planner.coverage.received import Quantity
from cn_planner.drawing.coverage_classes import CoverageScale, count_scale, scale_of
from cn_planner.errors import InputError, MissingTerrainError
from cn_planner.export.coverage_output import within_radius
from cn_planner.message import msg
from cn_planner.progress import ALONE, Run
from cn_planner.session.cache import digest
from cn_planner.session.live import CELL_M, RADIUS_M
from cn_planner.session.map_views import SIGNALS, Asked, View
from cn_planner.session.tower_maps import ground_band, groups_of, served_cells_of, signal_bands

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from cn_planner.coverage.grid import Ground
    from cn_planner.drawing.coverage_classes import CoverageClass
    from cn_planner.model.plan import Site
    from cn_planner.session.tower_maps import AccessGroup
    from cn_planner.session.workspace import Snapshot

_MOST_CELLS = 16_000_000
"""Of a picture; where towers stand far apart its cells are wider."""
_COARSE_SHARE = 0.1
_PICTURE_EVERY_S = 0.5
"""So often at most a picture is handed over while towers are added; the first and the last always are."""
_OWN_GRID_SHARE = 0.6
"""A metric source is taken as it is where its cells are at least this part of `CELL_M`."""


_QUANTITIES = {View.LEVEL: Quantity.LEVEL, View.MARGIN: Quantity.MARGIN, View.CHANCE: Quantity.PROBABILITY}


@dataclass(frozen=True, slots=True, eq=False)
class MapPicture:
    """A map as it is shown.

    Attributes
    ----------
    asked : Asked
    ranks : uint8 array of (rows, columns)
        0 where there is no answer, else 1 for the worst class and more for better ones.
    scale : CoverageScale
        The classes.
    crs : str
    transform : tuple of six floats
        To cell centres.
    coarse_m : float or None
        Width of the cells that were computed, while some of it is coarse; None where it is as fine as it gets.
    towers : int
        How many it shows.
    left_out : tuple of str
        Names of towers that stand on no terrain.
    """

    asked: Asked
    ranks: NDArray[np.uint8]
    scale: CoverageScale
    crs: str
    transform: tuple[float, float, float, float, float, float]
    coarse_m: float | None
    towers: int
    left_out: tuple[str, ...] = ()

    @property
    def ranked(self) -> tuple[CoverageClass, ...]:
        """The classes by rank, the one of rank 1 first."""
        return self.scale.classes[::-1] if self.scale.low_is_better else self.scale.classes


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """What is known of one tower: ranks on its part of the grid, and the width of a cell where it is coarse."""

    ranks: NDArray[np.uint8]
    coarse_m: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """What the maps of all towers are made from."""

    snapshot: Snapshot
    asked: Asked
    grid: Grid
    radius_m: float

    def part_of(self, site: Site) -> Grid:
        """Return the part of the grid that a tower's circle lies in."""
        return self.grid.round_sites([_place(site)], self.radius_m)

    def key(self, site: Site, view: View) -> str:
        """Return the digest of all that a tower's map depends on."""
        plan, grid = self.snapshot.plan, self.part_of(site)
        demand = plan.demand if view is View.COUNT else plan.demand.antenna_height_m
        return digest(
            "map", view, self.asked.computed_by, self.snapshot.air_key, replace(site, name=""), plan.rules,
            demand, plan.kits, plan.info.country, grid, self.radius_m,
        )  # fmt: skip

    def views(self) -> tuple[View, ...]:
        """Return which maps one computation answers: what arrives is all read off one map of the loss.

        The chance is asked along each cell's own path: where it is not asked for nobody waits for it.
        """
        if self.asked.view not in _QUANTITIES:
            return (self.asked.view,)
        return tuple(view for view in sorted(_QUANTITIES) if view is not View.CHANCE or self.asked.view is View.CHANCE)

    def kept(self, site: Site) -> _Layer | None:
        """Return a tower's map where it was computed before."""
        found = self.snapshot.cache.get(self.key(site, self.asked.view))
        if found is None:
            return None
        shape, data = found
        return _Layer(np.frombuffer(zlib.decompress(data), np.uint8).reshape(shape))

    def keep(self, site: Site, view: View, ranks: NDArray[np.uint8]) -> None:
        """Keep a tower's map; classes in a row are mostly the same, so that little is left of it."""
        data = zlib.compress(ranks.tobytes(), 1)
        self.snapshot.cache.put(self.key(site, view), (ranks.shape, data), len(data) + 300)


def picture_scale(snapshot: Snapshot, asked: Asked) -> CoverageScale:
    """Return the classes of a map of anything but a count."""
    threshold = snapshot.plan.rules.clearance_f1 if asked.view is View.CLEAR else None
    return scale_of(asked.computed_by, _QUANTITIES.get(asked.view, Quantity.LOSS), threshold)


def towers_of(snapshot: Snapshot, asked: Asked) -> tuple[Site, ...]:
    """Return the towers that a map shows.

    Raises
    ------
    InputError
        Where the plan has no such tower, or none at all.
    """
    plan = snapshot.plan
    if asked.site is None:
        found = tuple(plan.used_sites.values())
    else:
        found = tuple(site for key, site in plan.sites.items() if key == asked.site)
    if not found:
        raise InputError(msg("There is no tower to map."), fix=msg("Put a tower on the map first."))
    return found


def _grid(snapshot: Snapshot, towers: Sequence[Site], radius_m: float) -> Grid:
    """Return the grid of a picture: its lattice stays where it is while towers are moved about."""
    surface = snapshot.surface
    every = list(snapshot.plan.used_sites.values()) or list(towers)
    first = every[0]
    east = [(site.longitude - first.longitude + 180.0) % 360.0 - 180.0 for site in every]
    latitude = math.floor(2.0 * sum(site.latitude for site in every) / len(every) + 0.5) / 2.0
    longitude = math.floor(2.0 * (first.longitude + sum(east) / len(east)) + 0.5) / 2.0
    centre = latitude, (longitude + 180.0) % 360.0 - 180.0
    sites = [CoverageSite(site.name or site.id, site.latitude, site.longitude, 0.0) for site in towers]
    native = surface.metric_grid()
    if native is not None:
        own = grid_for(surface, sites, radius_m)
        if own.cell_m >= _OWN_GRID_SHARE * CELL_M and own.shape[0] * own.shape[1] <= _MOST_CELLS:
            return own
    source = surface.cell_m(towers[0].latitude, towers[0].longitude)
    least = max(CELL_M, math.floor(source / 3.0)) if math.isfinite(source) else CELL_M
    cell = least
    while True:
        grid = grid_for(surface, sites, radius_m, cell, centre=centre)
        if grid.shape[0] * grid.shape[1] <= _MOST_CELLS:
            return grid
        cell += least


def coverage_picture(
    snapshot: Snapshot,
    asked: Asked,
    *,
    radius_m: float = RADIUS_M,
    partial: Callable[[MapPicture], None] | None = None,
    run: Run = ALONE,
) -> MapPicture:
    """Return a map of one tower, or of all: at each place the best of them, or how many reach it.

    Parameters
    ----------
    snapshot : Snapshot
        The plan and what belongs to it.
    asked : Asked
        Which map.
    radius_m : float
        How far round each tower.
    partial : callable, optional
        Gets the coarse picture first, then how it gets finer tower by tower.

    Raises
    ------
    InputError
        Where there is no tower, or a kit is not on the shelf.
    MissingTerrainError
        Where the tower, or each of them, stands on no ground.
    CancelledError
    """
    towers = towers_of(snapshot, asked)
    case = _Case(snapshot, asked, _grid(snapshot, towers, radius_m), radius_m)
    run.progress(0.0, msg("Coverage of {count} towers", count=len(towers)) if len(towers) > 1 else None)
    layers = {site.id: layer for site in towers if (layer := case.kept(site)) is not None}
    wanted = [site for site in towers if site.id not in layers]
    left_out: dict[str, MissingTerrainError] = {}
    told = -math.inf

    def hand(*, now: bool) -> None:
        nonlocal told
        if partial is not None and layers and (now or time.monotonic() - told > _PICTURE_EVERY_S):
            partial(_picture(case, towers, layers, left_out))
            told = time.monotonic()

    for number, site in enumerate(wanted, start=1):
        share = run.part(_COARSE_SHARE * (number - 1) / len(wanted), _COARSE_SHARE * number / len(wanted))
        rough = _tower(case, site, share, coarse=True)
        if rough is not None:
            layers[site.id] = rough
        hand(now=number == len(wanted))
    for number, site in enumerate(wanted, start=1):
        span = (1.0 - _COARSE_SHARE) / len(wanted)
        share = run.part(_COARSE_SHARE + span * (number - 1), _COARSE_SHARE + span * number)
        share.progress(0.0, msg("Coverage of {site}", site=site.name or site.id))
        try:
            fine = _tower(case, site, share, coarse=False)
        except MissingTerrainError as error:
            left_out[site.id] = error
            layers.pop(site.id, None)
            continue
        if fine is not None:
            layers[site.id] = fine
        if number < len(wanted):
            hand(now=False)
    if not layers:
        raise next(iter(left_out.values()))
    run.progress(1.0)
    return _picture(case, towers, layers, left_out)


def _picture(
    case: _Case, towers: Sequence[Site], layers: dict[str, _Layer], left_out: dict[str, MissingTerrainError]
) -> MapPicture:
    """Lay the maps of towers over each other."""
    shown = [site for site in towers if site.id in layers]
    count = case.asked.view is View.COUNT
    ranks = np.zeros(case.grid.shape, np.uint16 if count else np.uint8)
    for site in shown:
        own = case.part_of(site)
        top, left = _corner(case.grid, own)
        under = ranks[top : top + own.shape[0], left : left + own.shape[1]]
        if count:
            under += layers[site.id].ranks
        else:
            np.maximum(under, layers[site.id].ranks, out=under)
    if count:
        scale = count_scale(int(ranks.max()))
        ranks = _ranks(scale, ranks, 0.0)
    else:
        scale = picture_scale(case.snapshot, case.asked)
    coarse = [layer.coarse_m for layer in layers.values() if layer.coarse_m is not None]
    ranks.flags.writeable = False
    return MapPicture(
        case.asked, ranks, scale, case.grid.crs, case.grid.transform, max(coarse) if coarse else None, len(shown),
        tuple(site.name or site.id for site in towers if site.id in left_out),
    )  # fmt: skip


def _ranks(scale: CoverageScale, band: NDArray[Any], nodata: float | None) -> NDArray[np.uint8]:
    """Return the rank of each cell: 0 for no answer, the best class the greatest."""
    number = scale.of(band, nodata)
    rank = len(scale.classes) - number if scale.low_is_better else number + 1
    return np.where(number < 0, 0, rank).astype(np.uint8)


def _tower(case: _Case, site: Site, run: Run, *, coarse: bool) -> _Layer | None:
    """Compute one tower's map, for all that can be read off it; None where a coarse one is not worth while."""
    run.check()
    grid, views = case.part_of(site), case.views()
    every = coarse_step(case.asked.computed_by, grid, case.radius_m) if coarse else 1
    if coarse and every == 1:
        return None
    best: dict[View, NDArray[np.uint8]] = {}
    groups = groups_of(case.snapshot, site, case.asked.computed_by)
    laid = _laid(case, site, groups, every if coarse else None)
    if laid is None:
        return None
    if case.asked.view is View.COUNT:
        served = _served(case, site, laid, run, rough=coarse)
        best[View.COUNT] = spread(served, next(iter(laid.values())).grid, grid, every) if coarse else served
    for number, group in enumerate(groups if case.asked.view is not View.COUNT else ()):
        share = run.part(number / len(groups), (number + 1) / len(groups))
        ground = laid[group[0].height_m]
        bands = _bands(case, ground, group, share, rough=coarse)
        for view in views:
            ranks = _view_ranks(case, view, bands)
            if coarse:
                ranks = spread(ranks, ground.grid, grid, every)
            best[view] = np.maximum(best[view], ranks) if view in best else ranks
    if not coarse:
        for view, ranks in best.items():
            case.keep(site, view, ranks)
    return _Layer(best[case.asked.view], every * grid.cell_m if coarse else None)


def _laid(
    case: _Case, site: Site, groups: Sequence[AccessGroup], every: int | None = None
) -> dict[float, Ground] | None:
    """Return the ground of one tower's map by the height of its antennas; of every so many cells, None where none is.

    Raises
    ------
    MissingTerrainError
        Where the tower stands on no ground.
    """
    surface, grid = case.snapshot.surface, case.part_of(site)
    laid: dict[float, Ground] = {}
    for height_m in dict.fromkeys(group[0].height_m for group in groups):
        stood = [replace(_place(site), height_m=height_m)]
        if every is None:
            ground: Ground | None = lay_on(surface, grid, stood, case.radius_m)
        else:
            ground = coarse_ground(surface, grid, stood, case.radius_m, every)
        if ground is None:
            return None
        laid[height_m] = ground
    return laid


def _served(case: _Case, site: Site, laid: dict[float, Ground], run: Run, *, rough: bool) -> NDArray[np.uint8]:
    """Return 1 where a tower would serve a home."""
    of_height = laid.__getitem__
    return served_cells_of(case.snapshot, case.asked.model, site, of_height, rough=rough, run=run).view(np.uint8)


def _bands(case: _Case, ground: Ground, group: AccessGroup, run: Run, *, rough: bool) -> dict[View, NDArray[Any]]:
    asked = case.asked
    if asked.view not in SIGNALS:
        return {asked.view: ground_band(case.snapshot, asked.computed_by, ground, group, rough=rough, run=run)}
    chances = asked.view is View.CHANCE
    found = signal_bands(case.snapshot, asked.model, ground, group, rough=rough, chances=chances, run=run)
    return {view: found[quantity] for view, quantity in _QUANTITIES.items() if quantity in found}


def _view_ranks(case: _Case, view: View, bands: dict[View, NDArray[Any]]) -> NDArray[np.uint8]:
    band = bands[view]
    nodata = float(UNKNOWN) if case.asked.computed_by == GroundMap.LOS else None
    return _ranks(picture_scale(case.snapshot, replace(case.asked, view=view)), band, nodata)


def map_values(
    snapshot: Snapshot, asked: Asked, *, radius_m: float = RADIUS_M, run: Run = ALONE
) -> tuple[CoverageResult, NDArray[np.bool_]]:
    """Return a map in figures, of one tower or of the best at each place, and the cells without terrain within reach.

    Nothing of it is kept. Parameters and errors are those of `coverage_picture`; a count is of towers that would serve
    a home there.
    """
    towers = towers_of(snapshot, asked)
    case = _Case(snapshot, asked, _grid(snapshot, towers, radius_m), radius_m)
    model, count = asked.computed_by, asked.view is View.COUNT
    dtype, nodata = (np.uint8, float(UNKNOWN)) if model == GroundMap.LOS else (np.float32, math.nan)
    out = np.zeros(case.grid.shape, np.uint16) if count else np.full(case.grid.shape, nodata, dtype)
    missing = np.zeros(case.grid.shape, np.bool_)
    left_out: list[MissingTerrainError] = []
    shown = []
    for number, site in enumerate(towers):
        share = run.part(number / len(towers), (number + 1) / len(towers))
        grid, groups = case.part_of(site), groups_of(snapshot, site, model)
        try:
            laid = _laid(case, site, groups) or {}
        except MissingTerrainError as error:
            left_out.append(error)
            continue
        shown.append(_place(site))
        top, left = _corner(case.grid, grid)
        mine = slice(top, top + grid.shape[0]), slice(left, left + grid.shape[1])
        ground = next(iter(laid.values()))
        missing[mine] |= np.isnan(ground.heights_m) & within_radius(ground)
        if count:
            out[mine] += _served(case, site, laid, share, rough=False)
            continue
        for n, group in enumerate(groups):
            watch = share.part(n / len(groups), (n + 1) / len(groups))
            band = _bands(case, laid[group[0].height_m], group, watch, rough=False)[asked.view]
            _better(asked, out[mine], band)
    if not shown:
        raise left_out[0]
    name = f"{asked.view.value} {model}"
    cells = int(np.count_nonzero(out if count else out != nodata if model == GroundMap.LOS else ~np.isnan(out)))
    found = CoverageResult(
        case.grid, model, tuple(shown), out[np.newaxis], None if count else nodata, (name,), cells, ()
    )
    return found, missing


def _better(asked: Asked, under: NDArray[Any], band: NDArray[Any]) -> None:
    """Put into a map of the best what another tower or antenna gives."""
    if asked.view is View.SEEN:
        np.copyto(under, band, where=(under == UNKNOWN) | (band == SEEN))
    elif asked.view is View.HEIGHT:
        np.fmin(under, band, out=under)
    else:
        np.fmax(under, band, out=under)


def _place(site: Site) -> CoverageSite:
    return CoverageSite(site.name or site.id, site.latitude, site.longitude, 0.0)


def _corner(grid: Grid, own: Grid) -> tuple[int, int]:
    """Return row and column of a grid at which a part of it begins."""
    row, column = grid.to_cell(np.array([own.transform[2]]), np.array([own.transform[5]]))
    return round(float(row[0])), round(float(column[0]))


def save_map(
    snapshot: Snapshot, asked: Asked, out: Path, *, language: str = "en", run: Run = ALONE
) -> tuple[Path, ...]:
    """Write a map as the window shows it: in figures (GeoTIFF), as a picture with its place, or as areas (GeoJSON).

    Parameters
    ----------
    snapshot, asked
        As for `coverage_picture`.
    out : Path
        ``.tif``, ``.png`` or ``.geojson`` by its suffix; an existing file is replaced whole.
    language : str
        Of the legend.

    Returns
    -------
    tuple of Path
        The files, that which was asked for first.

    Raises
    ------
    InputError
        Where the name says no kind of file.
    FileError
        Where it cannot be written.
    """
    from cn_planner.export.coverage_files import AreaMap, write_areas, write_picture
    from cn_planner.export.coverage_output import check_outs, file_kind_of, rights_of
    from cn_planner.gis.raster_write import BandNote, FileNote, write_geotiff
    from cn_planner.i18n import say

    kind = file_kind_of(out)
    if kind not in {"raster", "picture", "areas"}:
        raise InputError(
            msg("This map is not written as {suffix}.", suffix=out.suffix), fix=msg("Give .tif, .png or .geojson.")
        )
    check_outs([out], 1, None)
    found, missing = map_values(snapshot, asked, run=run.part(0.0, 0.9))
    band, grid = found.bands[0], found.grid
    count = asked.view is View.COUNT
    scale = count_scale(int(band.max()), each=kind == "areas") if count else picture_scale(snapshot, asked)
    run.progress(0.9, msg("Writing {file}", file=out.name))
    written: tuple[Path, ...] = (out,)
    if kind == "raster":
        names = ", ".join(site.name for site in found.sites)
        note = FileNote(say(scale.title, language), rights_of(snapshot.surface), {"SITES": names})
        notes = (BandNote(found.descriptions[0]),)
        write_geotiff(out, found.bands, grid.crs, grid.transform, found.nodata, notes=notes, note=note)
    elif kind == "picture":
        written = write_picture(out, band, grid, scale, found.nodata, language, missing=missing)
    else:
        more = {"site": found.sites[0].name} if len(found.sites) == 1 else {}
        written = write_areas(out, [AreaMap(band, grid, more, missing)], scale, found.nodata, language)
    run.progress(1.0)
    return written
