"""From the loss of a tower's map to what a receiver gets: level, margin, and with what probability the link works.

The tower's antennas count in the direction of each cell, by azimuth and elevation; of several the strongest. The
receiver's antenna points at the tower.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.coverage.cells import BLOCK, terrain_sd_m
from cn_planner.coverage.chance_kernels import cell_chance, chance_room
from cn_planner.geo import WGS84, geodesic, transform
from cn_planner.links.sight import bends, share_chance_kernel
from cn_planner.links.verdict import chance_of_margin_kernel, sigma_clear_db
from cn_planner.model.propagation_models import FREE_SPACE
from cn_planner.propagation.antenna import table_loss_kernel
from cn_planner.propagation.kernel import compiled, kernel
from cn_planner.propagation.knife_edge import knife_edge_kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cn_planner.coverage.grid import Ground
    from cn_planner.coverage.map_job import MapJob
    from cn_planner.coverage.radial_maps import MapScene

_NEXT_TO_NOTHING = 0.005
_NORTH_M = 1000.0
"""Grid north is looked up over this distance."""


class Quantity(StrEnum):
    """What a loss map is shown as."""

    LOSS = "loss"
    LEVEL = "level"
    MARGIN = "margin"
    PROBABILITY = "probability"


@dataclass(frozen=True, slots=True, eq=False)
class TowerRadio:
    """A tower's radio and antennas, with the receiver that all cells have.

    Attributes
    ----------
    level_dbm : float
        Received level where nothing is lost and both antennas give their greatest gain, in the most robust mode.
    sensitivity_dbm : float
        Least level of that mode.
    azimuths_deg : tuple of float
        Where the antennas point, from true north. None: one that gives its greatest gain in all directions.
    tables : float32 array of (antennas, 361, 361)
        What each gives less by direction: `propagation.antenna.loss_table`.
    """

    level_dbm: float
    sensitivity_dbm: float
    azimuths_deg: tuple[float, ...] = ()
    tables: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 361, 361), np.float32))


class _Aim(NamedTuple):
    """How cells lie to a tower.

    Attributes
    ----------
    row, col : int
        The tower's cell.
    east, north : float64, shape (2,)
        What a column and a row add to the way, m.
    turn_deg : float
        Azimuth of grid north.
    amsl_m, rx_m : float
        The antenna above sea level, receivers above the ground of their cells.
    curve : float
        Half the curvature of the effective earth, 1/m.
    """

    row: int
    col: int
    east: Any
    north: Any
    turn_deg: float
    amsl_m: float
    rx_m: float
    curve: float


class _Sent(NamedTuple):
    """What is sent and heard: fields of `TowerRadio`, and what the probability rests on.

    How sure the prediction is of a clear path, dB; whether its loss counts what stands in the way; how far the ground
    is off, and on all of the map's slopes in the mean; how far a signal may be counted on that bends
    (`links.sight`); whether the chances of each cell are asked along its own path.
    """

    level_dbm: float
    sensitivity_dbm: float
    azimuths_deg: Any
    tables: Any
    sigma_clear_db: float
    edge_counts: bool
    error: tuple[float, float, float]
    terrain_sd_m: float
    bend: float
    own_paths: bool


@kernel
def received_rows(
    quantity: int, scene: MapScene, first: int, last: int, aim: _Aim, sent: _Sent, clearance: Any, out: Any
) -> None:
    """Put into rows first to last - 1, in place of the loss: 1 level, dBm; 2 margin, dB; 3 probability, 0 to 1.

    How likely a path is clear is asked of each cell along its own path, as a link is; of a first look, and where next
    to nothing arrives, it is that of an edge half way.
    """
    z, cols = scene.grid.z, scene.grid.cols
    row0, col0, east, north, turn_deg, h0, rx, c = aim
    level_dbm, sensitivity_dbm, azimuths, tables, sigma_clear, edge_counts, error, sd_m, bend, own = sent
    room = chance_room(scene.tower, error[2])
    for r in range(first, last):
        for x in range(cols):
            k = r * cols + x
            loss = out[k]
            if loss != loss:
                continue
            right = east[0] * (x - col0) + east[1] * (r - row0)
            up = north[0] * (x - col0) + north[1] * (r - row0)
            away = math.sqrt(right * right + up * up)
            elevation = math.atan2(z[k] + rx - h0 - c * away * away, away) * 57.29577951308232
            towards = math.atan2(right, up) * 57.29577951308232 + turn_deg
            least = math.inf if len(azimuths) > 0 else 0.0
            for i in range(len(azimuths)):
                least = min(least, table_loss_kernel(tables[i], towards - azimuths[i], elevation))
            value = level_dbm - least - loss
            if quantity > 1:
                value -= sensitivity_dbm
            if quantity > 2:
                f1 = np.float64(clearance[k])
                clear, passes = share_chance_kernel(f1, away, sd_m, scene.wave.wavelength_m, bend)
                if own and clear + passes > _NEXT_TO_NOTHING:
                    clear, passes = cell_chance(scene, error, bend, r, x, room)
                if not edge_counts:
                    value -= knife_edge_kernel(-1.4142135623730951 * f1)
                value = chance_of_margin_kernel(value, f1, clear, passes, sigma_clear)
            out[k] = value


_NUMBERS = {Quantity.LEVEL: 1, Quantity.MARGIN: 2, Quantity.PROBABILITY: 3}


def received_tasks(
    quantity: Quantity, model: str, job: MapJob, radio: TowerRadio, clearance_f1: NDArray[np.float32] | None
) -> list[Callable[[], None]]:
    """Return the tasks that turn one tower's loss, dB, into what is received.

    Parameters
    ----------
    quantity : Quantity
        Any but LOSS.
    model : str
        What predicted the loss: how sure it is on a clear path depends on it.
    job : MapJob
        The map of the loss, in place of which the quantity is written.
    radio : TowerRadio
        What is sent and heard.
    clearance_f1 : float32 array of (rows, columns), or None
        Clearance of each cell, for the probability alone, which rests on it (`links.verdict`).
    """
    row, column = job.cell
    rows, (a, b, _, d, e, _) = job.ground.grid.shape[0], job.ground.grid.transform
    clear = job.flat if clearance_f1 is None else clearance_f1.reshape(-1)
    aim = _Aim(
        row, column, np.array([a, b]), np.array([d, e]), _grid_north_deg(job.ground, job.cell), job.amsl_m,
        float(job.rx_height_m), job.curve,
    )  # fmt: skip
    off, sd_m = job.ground.height_error, 0.0
    if quantity is Quantity.PROBABILITY:
        sd_m = terrain_sd_m(job.ground.heights_m, job.ground.grid.cell_m, off)
    sent = _Sent(
        float(radio.level_dbm), float(radio.sensitivity_dbm), np.array(radio.azimuths_deg, np.float64), radio.tables,
        sigma_clear_db(model), model != FREE_SPACE, (off.sd_m, off.slope_m, off.reach_m), sd_m, bends(job.freq_mhz),
        not job.rough,
    )  # fmt: skip
    run: Any = partial(compiled(received_rows), _NUMBERS[quantity], job.scene(0.0))
    return [partial(run, r, min(r + BLOCK, rows), aim, sent, clear, job.flat) for r in range(0, rows, BLOCK)]


def _grid_north_deg(ground: Ground, cell: tuple[int, int]) -> float:
    """Return the azimuth of grid north at a cell, from true north."""
    a, b, c, d, e, f = ground.grid.transform
    x, y = a * cell[1] + b * cell[0] + c, d * cell[1] + e * cell[0] + f
    lon, lat = transform(ground.grid.crs, WGS84, [x, x], [y, y + _NORTH_M])
    return float(geodesic(lat[0], lon[0], lat[1], lon[1])[0])
