"""Maps of towers that stand so far apart that no memory holds what lies between them: window by window.

Each tower's circle is read, mapped and written on its own, into one file on the one grid that all have in common. What
is between the circles is nowhere: not in memory, nor, as blocks of the file, on the disk. The values are those of the
map that is made at once.
"""

from __future__ import annotations

import math
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.combine import MOST_BEST, NONE, Best, reached
from cn_planner.coverage.coverage_map import MOST_BAND_BYTES, Combine, CoverageResult
from cn_planner.coverage.grid import CoverageSite, Grid, grid_for, lay_on
from cn_planner.coverage.los import UNKNOWN
from cn_planner.coverage.map_models import GroundMap
from cn_planner.coverage.received import Quantity
from cn_planner.errors import InputError
from cn_planner.export.coverage_output import area_maps, band_notes, file_kind_of, file_note, file_scale, what_is_shown
from cn_planner.geo import WGS84, transform
from cn_planner.gis.parts import Circle, moved, place_in
from cn_planner.gis.raster_write import new_geotiff
from cn_planner.message import msg
from cn_planner.terrain.surface import Surface

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from cn_planner.coverage.grid import Ground
    from cn_planner.export.coverage_output import MapRequest
    from cn_planner.gis.raster_write import GeoTiff
    from cn_planner.message import Message
    from cn_planner.progress import Run

LARGE_CELLS = 50_000_000
"""A common grid, or terrain, of more cells is not held in memory: heights and one map take half a gigabyte."""
_BLOCK = 1024
"""Cells along a block of a combined map: a multiple of those of a file's blocks, each of which is written once."""


@dataclass(frozen=True, slots=True)
class Windows:
    """How the maps of towers lie in one file.

    ``frame``: the file's. ``grids``: tuple of Grid, one a tower: the part of the frame that its circle lies in.
    """

    frame: Grid
    grids: tuple[Grid, ...]

    @property
    def places(self) -> tuple[tuple[int, int], ...]:
        """Return row and column of each window's first cell in the frame."""
        found = (place_in(self.frame.transform, grid.transform) for grid in self.grids)
        return tuple(place for place in found if place is not None)


@dataclass(frozen=True, slots=True)
class Written:
    """What was mapped, the grid of the files, and seconds of wall time."""

    result: CoverageResult
    grid: Grid
    read_s: float
    compute_s: float
    write_s: float


def windows_of(
    dems: Sequence[Path], towers: Sequence[CoverageSite], asked: MapRequest, cell_m: float | None
) -> Windows | None:
    """Return the windows of towers, None where all can be mapped at once.

    Raises
    ------
    InputError, FileError, MissingTerrainError
        As where all are mapped at once.
    """
    if len(towers) < 2:
        return None
    radius_m = asked.radius_m
    surface = Surface.open(dems, circles=[Circle(towers[0].latitude, towers[0].longitude, radius_m)])
    first = grid_for(surface, towers[:1], radius_m, cell_m)
    x, y = transform(WGS84, first.crs, [one.longitude for one in towers], [one.latitude for one in towers])
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return None
    native = surface.metric_grid()
    own = native is not None and place_in(native[1], first.transform) is not None and native[0] == first.crs
    cell = cell_m if own else first.cell_m
    centre = round(towers[0].latitude, 2), round(towers[0].longitude, 2)
    grids = tuple(
        replace(grid_for(surface, [one], radius_m, cell, centre=centre), source_cell_m=first.source_cell_m)
        for one in towers
    )
    common = _frame(grids)
    cells = common.shape[0] * common.shape[1]
    bands = 1 if asked.combine is not None else len(towers)
    source_cells = cells * (first.cell_m / first.source_cell_m) ** 2
    if max(cells, source_cells) <= LARGE_CELLS and bands * cells * _dtype(asked).itemsize <= MOST_BAND_BYTES:
        return None
    if own and native is not None:
        common = replace(first, transform=native[1], shape=native[2])
    return Windows(common, grids)


def _frame(grids: Sequence[Grid]) -> Grid:
    first = grids[0]
    places = [place_in(first.transform, grid.transform) or (0, 0) for grid in grids]
    top, left = (min(place[k] for place in places) for k in (0, 1))
    bottom, right = (max(place[k] + grid.shape[k] for place, grid in zip(places, grids, strict=True)) for k in (0, 1))
    return replace(first, transform=moved(first.transform, top, left), shape=(bottom - top, right - left))


def _dtype(asked: MapRequest) -> np.dtype[Any]:
    return np.dtype(np.uint8 if asked.model == GroundMap.LOS else np.float32)


class _Blocks:
    """A combined map of which only the blocks that a window touches are held."""

    def __init__(self, asked: MapRequest, count: int, windows: Windows) -> None:
        self._asked, self._count = asked, asked.combine is Combine.COUNT
        self._higher = None if asked.show is Quantity.LOSS else True
        places = zip(windows.places, windows.grids, strict=True)
        touched = {key for place, grid in places for key, _, _ in _cuts(*place, grid.shape)}
        cell_bytes = 2 if self._count else 6
        if len(touched) * _BLOCK**2 * cell_bytes > MOST_BAND_BYTES:
            raise InputError(
                msg("{count} maps of this size do not fit into memory.", count=count),
                fix=msg("Ask for a smaller radius, or for larger cells."),
            )
        if not self._count and count > MOST_BEST:
            raise InputError(msg("At most {most} sites can be compared.", most=MOST_BEST))
        if self._count:  # what it needs, it says before the work
            reached(np.empty(0, np.float32), asked.model, asked.threshold, higher=self._higher)
        self._counts: dict[tuple[int, int], NDArray[np.uint16]] = {}
        self._best: dict[tuple[int, int], Best] = {}
        self._empty = UNKNOWN if asked.model == GroundMap.LOS else math.nan

    @property
    def dtype(self) -> np.dtype[Any]:
        """Return that of the combined map."""
        return np.dtype(np.uint16 if self._count else np.int16)

    @property
    def nodata(self) -> float | None:
        """Return the value of no answer."""
        return None if self._count else float(NONE)

    def add(self, number: int, band: NDArray[Any], top: int, left: int) -> None:
        """Take note of one tower's map, the first cell of which lies at a row and a column."""
        asked = self._asked
        for key, there, here in _cuts(top, left, band.shape):
            if self._count:
                block = self._counts.setdefault(key, np.zeros((_BLOCK, _BLOCK), np.uint16))
                block[there] += reached(band[here], asked.model, asked.threshold, higher=self._higher)
                continue
            best = self._best.get(key)
            if best is None:
                best = Best((_BLOCK, _BLOCK), asked.model, asked.threshold, higher=self._higher)
                self._best[key] = best
            whole = np.full((_BLOCK, _BLOCK), self._empty, band.dtype)
            whole[there] = band[here]
            best.add(number, whole)

    def __iter__(self) -> Iterator[tuple[NDArray[Any], int, int]]:
        """Yield each block with row and column of its first cell."""
        for row, column in sorted(self._counts if self._count else self._best):
            key = row, column
            yield self._counts[key] if self._count else self._best[key].index, row * _BLOCK, column * _BLOCK


def _cuts(
    top: int, left: int, shape: tuple[int, ...]
) -> Iterator[tuple[tuple[int, int], tuple[slice, slice], tuple[slice, slice]]]:
    """Yield each block that a window touches: its number, and the same cells in the block and in the window."""
    for row in range(top // _BLOCK, (top + shape[0] - 1) // _BLOCK + 1):
        for column in range(left // _BLOCK, (left + shape[1] - 1) // _BLOCK + 1):
            there, here = [], []
            for block, start, count in ((row, top, shape[0]), (column, left, shape[1])):
                first, last = max(block * _BLOCK, start), min((block + 1) * _BLOCK, start + count)
                there.append(slice(first - block * _BLOCK, last - block * _BLOCK))
                here.append(slice(first - start, last - start))
            yield (row, column), (there[0], there[1]), (here[0], here[1])


def write_by_windows(
    dems: Sequence[Path],
    towers: Sequence[CoverageSite],
    outs: Sequence[Path],
    asked: MapRequest,
    windows: Windows,
    draw: Callable[[Ground, Run], CoverageResult],
    run: Run,
) -> Written:
    """Map towers one after the other and write their files.

    Parameters
    ----------
    dems, towers, outs, run
        As for `write_coverage`.
    asked : Asked
        What the files say of themselves.
    windows : Windows
        Where their maps lie.
    draw : callable
        The map of one tower, not combined, on its ground.

    Raises
    ------
    InputError
        Where a file cannot be made without the whole map in memory.
    """
    kinds = {out: file_kind_of(out) for out in outs}
    cells = windows.frame.shape[0] * windows.frame.shape[1]
    if {"picture", "sheet"} & set(kinds.values()) or (asked.combine is not None and "areas" in kinds.values()):
        raise InputError(
            msg("The map would have {cells} million cells: too many for a picture or areas.", cells=cells // 10**6),
            fix=msg("Ask for a GeoTIFF, or for larger cells."),
        )
    from cn_planner.export.coverage_files import area_features, write_features, write_style

    seconds = {"read": 0.0, "compute": 0.0, "write": 0.0}
    blocks = None if asked.combine is None else _Blocks(asked, len(towers), windows)
    scale = file_scale(replace(asked, combine=None), towers, 1, each=False)
    nodata: float | None = float(UNKNOWN) if asked.model == GroundMap.LOS else math.nan
    dtype, nodata = (_dtype(asked), nodata) if blocks is None else (blocks.dtype, blocks.nodata)
    features: list[str] = []
    missing: dict[str, None] = {}
    warnings: dict[Message, None] = {}
    total, most = 0, 1
    with ExitStack() as stack:
        files: list[GeoTiff] = []
        for number, (tower, grid, place) in enumerate(zip(towers, windows.grids, windows.places, strict=True)):
            told = run.part(number / len(towers), (number + 1) / len(towers))
            start = time.perf_counter()
            circle = Circle(tower.latitude, tower.longitude, asked.radius_m)
            surface = Surface.open(dems, circles=[circle], progress=told.part(0.0, 0.1).progress, cancel=run.cancel)
            ground = lay_on(surface, grid, [tower], asked.radius_m, run.cancel)
            if not files:
                notes, note = band_notes(asked, towers), file_note(asked, towers, surface)
                frame = windows.frame
                files = [
                    stack.enter_context(
                        new_geotiff(
                            out, dtype, frame.shape, frame.crs, frame.transform, nodata, notes, note, sparse=True
                        )
                    )
                    for out, kind in kinds.items()
                    if kind == "raster"
                ]
            read = time.perf_counter()
            result = draw(ground, told.part(0.1, 0.9))
            drawn = time.perf_counter()
            band = result.bands[0]
            if blocks is not None:
                blocks.add(number, band, *place)
            else:
                for file in files:
                    file.write(number, band, *place)
            if "areas" in kinds.values():
                what = what_is_shown(asked, result, ground, each=True)
                (one,) = area_maps(what, grid, result.sites)
                features += area_features(one, scale, what.nodata)
            total += result.cells
            missing.update(dict.fromkeys(result.missing))
            warnings.update(dict.fromkeys(result.warnings))
            seconds["read"] += read - start
            seconds["compute"] += drawn - read
            seconds["write"] += time.perf_counter() - drawn
        start = time.perf_counter()
        for block, top, left in blocks or ():
            rows, columns = (min(_BLOCK, size - at) for size, at in zip(windows.frame.shape, (top, left), strict=True))
            most = max(most, int(block.max()))
            for file in files:
                file.write(0, block[:rows, :columns], top, left)
    for out, kind in kinds.items():
        if kind == "areas":
            write_features(out, features, scale)
        elif kind == "style":
            whole = asked.combine is not None or asked.model == GroundMap.LOS
            write_style(out, file_scale(asked, towers, most, each=False), whole=whole)
    seconds["write"] += time.perf_counter() - start
    done = CoverageResult(
        windows.frame, asked.model, tuple(towers), np.empty((0, 0, 0), dtype), nodata, (), total, tuple(missing),
        warnings=tuple(warnings),
    )  # fmt: skip
    return Written(done, windows.frame, seconds["read"], seconds["compute"], seconds["write"])
