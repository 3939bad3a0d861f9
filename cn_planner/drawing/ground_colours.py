"""How the ground looks in three dimensions: tints by height, soft light, haze and sky, with the map's picture on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.view_kernels import GroundColours
from cn_planner.drawing.ground_kernels import Drape, dress_rows
from cn_planner.drawing.hillshade import hillshade, smooth, usual_span
from cn_planner.progress import ALONE, Run
from cn_planner.propagation.kernel import compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from cn_planner.coverage.ground_view import ViewGround

Rgb = tuple[int, int, int]
_LEAST_RELIEF, _MOST_RELIEF, _STEEP = 1.5, 6.0, 0.42
"""Slopes are lit as if they were so much steeper that one in ten is this steep: gentle ground would look flat."""
_AROUND_CELLS, _DEEP_M, _AMBIENT = 24.0, 90.0, 0.14
"""What lies so far below the mean of so many cells round it gets so much less light, as a valley sees less sky."""
_FELT = 0.55
"""So much of the light is felt through what lies on the ground."""
_ROWS = 128
_NO_PIXELS = np.zeros((1, 1), np.uint32)
_NO_DRAPE = Drape(_NO_PIXELS, np.zeros((1, 1)), np.zeros((1, 1)))


@dataclass(frozen=True, slots=True)
class GroundLook:
    """Colours of the ground in a theme.

    Attributes
    ----------
    stops : tuple of (red, green, blue)
        From valley to summit.
    shade : (float, float)
        How bright the darkest and the lightest slope is.
    missing, missing_line : (red, green, blue)
        Ground whose height is not known, and its rules.
    zenith, horizon, below : (red, green, blue)
        The sky high up, where it meets far ground, and what is seen under the edge of the terrain.
    cut : (red, green, blue)
        The edge where the terrain begins.
    """

    stops: tuple[Rgb, ...]
    shade: tuple[float, float]
    missing: Rgb
    missing_line: Rgb
    zenith: Rgb
    horizon: Rgb
    below: Rgb
    cut: Rgb


@dataclass(frozen=True, slots=True, eq=False)
class GroundTints:
    """The ground's own colours, a level each: two texels to a cell.

    Attributes
    ----------
    look : GroundLook
    base : tuple of uint8 arrays (rows, columns, 3)
        Red first.
    light : tuple of uint8 arrays (rows, columns)
        How much of what lies on it is left, in 255ths.
    """

    look: GroundLook
    base: tuple[NDArray[np.uint8], ...]
    light: tuple[NDArray[np.uint8], ...]


def tint_ground(ground: ViewGround, look: GroundLook, run: Run = ALONE) -> GroundTints:
    """Return the ground's own colours.

    Parameters
    ----------
    ground : ViewGround
        The first and the last tint are for the heights between which nearly all of its finest level lies.
    look : GroundLook
    run : Run
    """
    span = usual_span(ground.level(0)[::4, ::4], (ground.lowest_m, ground.highest_m))
    steeper = _steeper(ground)
    base, light = [], []
    for number, cell in enumerate(ground.levels.cell.tolist()):
        run.check()
        colours, felt = _lit(ground.level(number), float(cell), look, span, steeper)
        base.append(colours)
        light.append(felt)
    return GroundTints(look, tuple(base), tuple(light))


def _steeper(ground: ViewGround) -> float:
    """Return how many times as steep slopes are lit."""
    cell = float(ground.levels.cell[0])
    z = ground.level(0)[::2, ::2]
    slopes = np.abs(np.diff(z, axis=0)) / (2.0 * cell)
    known = slopes[np.isfinite(slopes)]
    usual = float(np.percentile(known, 90.0)) if known.size else 0.0
    return min(max(_STEEP / max(usual, 1e-3), _LEAST_RELIEF), _MOST_RELIEF)


def _lit(
    z: NDArray[np.float32], cell: float, look: GroundLook, span: tuple[float, float], steeper: float
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    gone = np.isnan(z)
    lit = np.minimum(np.nan_to_num(hillshade(z, cell, exaggeration=steeper), nan=0.7) * np.float32(1.2), 1.0)
    around = np.nan_to_num(z - smooth(z, _AROUND_CELLS), nan=0.0)
    sky = (np.tanh(around / _DEEP_M) * _AMBIENT).astype(np.float32)
    bright = look.shade[0] + (look.shade[1] - look.shade[0]) * lit + sky
    level = np.clip((np.where(gone, span[0], z) - span[0]) / max(span[1] - span[0], 1.0), 0.0, 1.0)
    stops = np.asarray(look.stops, np.float64)
    place = np.linspace(0.0, 1.0, len(stops))
    colours = np.stack([np.interp(level, place, stops[:, c]) for c in range(3)], axis=-1) * bright[..., np.newaxis]
    felt = 255.0 * np.clip(1.0 - _FELT + _FELT * bright, 0.0, 1.15)
    return (
        np.clip(_doubled(colours), 0, 255).astype(np.uint8),
        np.clip(_doubled(felt[..., np.newaxis])[..., 0], 0, 255).astype(np.uint8),
    )


def _doubled(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return values on twice as fine a grid, those between being means."""
    fine = np.empty((2 * values.shape[0] - 1, 2 * values.shape[1] - 1, values.shape[2]), np.float32)
    fine[::2, ::2] = values
    fine[1::2, ::2] = (values[1:] + values[:-1]) * 0.5
    fine[:, 1::2] = (fine[:, 2::2] + fine[:, :-1:2]) * 0.5
    return fine


def dress_ground(
    ground: ViewGround, tints: GroundTints, drapes: Sequence[Drape | None] = (), run: Run = ALONE
) -> Dress:
    """Return the ground with what lies on it; a level for which there is no picture has its own colours."""
    out: list[NDArray[np.uint32]] = []
    dress = compiled(dress_rows)
    for number, base in enumerate(tints.base):
        drape = drapes[number] if number < len(drapes) else None
        pixels = np.empty(base.shape[:2], np.uint32)
        for first in range(0, len(base), _ROWS):
            run.check()
            dress(base, tints.light[number], drape or _NO_DRAPE, first, min(first + _ROWS, len(base)), pixels)
        out.append(pixels.reshape(-1))
    return Dress(ground, tints.look, np.concatenate(out))


@dataclass(frozen=True, slots=True, eq=False)
class Dress:
    """What the ground wears: `coverage.ground_view.view_ground` takes what `for_camera` returns."""

    ground: ViewGround
    look: GroundLook
    texels: NDArray[np.uint32]

    def for_camera(self, distance_m: float) -> Callable[[NDArray[np.float64]], GroundColours]:
        """Return the colours as a camera so far from what it looks at needs them: haze lies behind that."""
        return partial(self._colours, max(_HAZE_M, _HAZE_SHARE * distance_m))

    def _colours(self, haze_m: float, slopes: NDArray[np.float64]) -> GroundColours:
        levels, look = self.ground.levels, self.look
        side = 2 * levels.side - 1
        start = np.concatenate([[0], np.cumsum(side * side)[:-1]]).astype(np.int64)
        return GroundColours(
            self.texels, start, side, levels.left, levels.top, levels.cell / 2.0, _sky(look, slopes),
            _bgr(look.horizon), _bgr(look.missing), _bgr(look.missing_line), _bgr(look.cut), haze_m,
        )  # fmt: skip


_HAZE_M, _HAZE_SHARE = 26_000.0, 2.4
_EDGE, _HIGH, _LOW = 0.06, 0.40, 0.25
"""The sky is that of the horizon so far below the level, has its own colour at this rise to one of distance, and what
lies under the edge of the terrain has its own so much lower."""


def _bgr(colour: Rgb) -> NDArray[np.float64]:
    return np.array(colour[::-1], np.float64)


def _sky(look: GroundLook, slopes: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the colour of each row where no ground is: bluer upwards, and under the edge of the terrain a table."""
    up = _eased((slopes + _EDGE) / (_HIGH + _EDGE))
    down = _eased((-slopes - _EDGE) / _LOW)
    sky = _bgr(look.horizon) * (1.0 - up) + _bgr(look.zenith) * up
    return (sky * (1.0 - down) + _bgr(look.below) * down).astype(np.float32)


def _eased(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return shares from 0 to 1 that begin and end gently, as a column."""
    within = np.clip(share, 0.0, 1.0)
    return (within * within * (3.0 - 2.0 * within))[:, np.newaxis]
