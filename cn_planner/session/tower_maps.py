"""One tower's maps by the radios that the plan gives it: sectors with their tilt and pattern, and the homes' own kit.

Antennas of one kit, height and channel are one map of the loss; all that arrives is read off that, and where a home
would be served.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.access import Access, accesses_of_site, ends_of_access
from cn_planner.coverage.chance_kernels import sight_of_cells
from cn_planner.coverage.coverage_map import map_ground
from cn_planner.coverage.map_job import MapJob
from cn_planner.coverage.map_models import GroundMap
from cn_planner.coverage.received import Quantity, TowerRadio, received_tasks
from cn_planner.coverage.tasks import run_tasks
from cn_planner.links.conditions import conditions_of
from cn_planner.links.known_place import known_place
from cn_planner.links.place_model import LevelError
from cn_planner.links.pointing import pointing_table
from cn_planner.links.radio import direction
from cn_planner.links.verdict import probability
from cn_planner.progress import ALONE, Run
from cn_planner.service.judge import works_loss_db
from cn_planner.service.tower import MAP_NEIGHBOURS, RIM_M, around, as_beside, judged
from cn_planner.service.within_range import access_km

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cn_planner.coverage.grid import Ground
    from cn_planner.links.sight import Sight
    from cn_planner.model.plan import Plan, Site
    from cn_planner.session.workspace import Snapshot

AccessGroup = tuple[Access, ...]
"""Antennas of one kit, height and channel."""
_ANY_DB = 1000.0
_CLEAR_FROM = 0.8
"""Of the progress of what arrives, the part that the loss takes."""
_CELLS, _ROWS = 16_384, 64
"""Judged at once: what is known of each on the way takes half a kilobyte."""


def groups_of(snapshot: Snapshot, site: Site, model: str) -> tuple[AccessGroup, ...]:
    """Return the antennas of a tower by what one map answers.

    Line of sight is one of antennas that are as high; clearance and receiver's height of those of one channel too.
    """
    found: dict[tuple[object, ...], list[Access]] = {}
    for one in accesses_of_site(snapshot.plan, snapshot.catalogue, site):
        key: tuple[object, ...] = (one.height_m, one.freq_mhz, one.kit, one.width_mhz)
        if model == GroundMap.LOS:
            key = key[:1]
        elif model in {GroundMap.FRESNEL, GroundMap.MIN_HEIGHT}:
            key = key[:2]
        found.setdefault(key, []).append(one)
    return tuple(tuple(group) for group in found.values())


def radios_of(snapshot: Snapshot, group: AccessGroup) -> tuple[TowerRadio, TowerRadio]:
    """Return what homes receive from antennas of a tower: by the level, and by the margin of the weaker direction.

    Both are in the most robust mode, with the power that the law allows; where it allows none, nothing arrives.

    Raises
    ------
    InputError
        Where a kit is not on the shelf.
    """
    catalogue = snapshot.catalogue
    tower, home = ends_of_access(snapshot.plan, catalogue, snapshot.regulations, group[0])
    down = direction(tower, home)
    level, least = (float(values[down.robust]) for values in (down.level_dbm, down.sensitivity_dbm))
    if not (tower.allowed and home.allowed):
        level = -np.inf
    aimed = [one for one in group if one.aimed]
    more: dict[str, Any] = {}
    if aimed:
        antenna = catalogue.antennas[catalogue.kit(group[0].kit).antenna]
        tables = [pointing_table(antenna, one.freq_mhz, one.tilt_deg) for one in aimed]
        more = {"azimuths_deg": tuple(one.azimuth_deg for one in aimed), "tables": np.stack(tables)}
    return TowerRadio(level, least, **more), TowerRadio(works_loss_db(tower, home), 0.0, **more)


def ground_band(
    snapshot: Snapshot, model: str, ground: Ground, group: AccessGroup, *, rough: bool = False, run: Run = ALONE
) -> NDArray[Any]:
    """Return a tower's map of anything that needs no radio, or of the loss; as from `coverage_map`."""
    plan = snapshot.plan
    found = map_ground(
        ground, rx_height_m=plan.demand.antenna_height_m, model=model, freq_mhz=group[0].freq_mhz,
        air=conditions_of(plan), rough=rough, run=run,
    )  # fmt: skip
    return np.asarray(found.bands[0])


def _loss_and_clear(
    snapshot: Snapshot, model: str, ground: Ground, group: AccessGroup, run: Run, *, rough: bool
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return a tower's maps of the loss and of the clearance."""
    first, then = run.part(0.0, _CLEAR_FROM), run.part(_CLEAR_FROM, 1.0)
    loss = ground_band(snapshot, model, ground, group, rough=rough, run=first)
    return loss, ground_band(snapshot, GroundMap.FRESNEL, ground, group, rough=rough, run=then)


def signal_bands(
    snapshot: Snapshot,
    model: str,
    ground: Ground,
    group: AccessGroup,
    *,
    rough: bool = False,
    chances: bool = True,
    run: Run = ALONE,
) -> dict[Quantity, NDArray[np.float32]]:
    """Return what arrives from a tower, read off one map of the loss: level, dBm; margin, dB; probability, 0 to 1.

    Each is as from `coverage_map`; margin and probability are those of the weaker direction. `chances`: whether the
    probability is asked for, which takes longer than all else.
    """
    plan = snapshot.plan
    loss, clear = _loss_and_clear(snapshot, model, ground, group, run, rough=rough)
    levels, margins = radios_of(snapshot, group)
    bands: dict[Quantity, NDArray[np.float32]] = {}
    known = _known(plan, ground, group[0].freq_mhz, loss, clear)
    if known is not None:
        loss = (loss - known.shift_db).astype(np.float32)
    for quantity, radio in (
        (Quantity.LEVEL, levels), (Quantity.MARGIN, margins), (Quantity.PROBABILITY, margins),
    ):  # fmt: skip
        if quantity is Quantity.PROBABILITY and not chances:
            continue
        bands[quantity] = loss.copy()
        height_m, air = plan.demand.antenna_height_m, conditions_of(plan)
        job = MapJob(ground, 0, height_m, group[0].freq_mhz, air, bands[quantity], rough=rough)
        tasks = received_tasks(quantity, model, job, radio, clear if quantity is Quantity.PROBABILITY else None)
        run_tasks(tasks, run.silently())
    if known is not None and chances:
        # What any signal at all would have: the chance that the path lets it through.
        through = loss.copy()
        job = MapJob(
            ground, 0, plan.demand.antenna_height_m, group[0].freq_mhz, conditions_of(plan), through, rough=rough
        )
        strong = replace(margins, level_dbm=margins.level_dbm + _ANY_DB)
        run_tasks(received_tasks(Quantity.PROBABILITY, model, job, strong, clear), run.silently())
        sure = probability(bands[Quantity.MARGIN], np.hypot(known.common_sd_db, known.local_sd_db))
        bands[Quantity.PROBABILITY] = (sure * through).astype(np.float32)
    return bands


def _known(plan: Plan, ground: Ground, freq_mhz: float, loss: NDArray[Any], clear: NDArray[Any]) -> LevelError | None:
    """Return what was measured of the place for each cell of a map, NaN where nothing is seen; None where nothing was.

    A cell asks the measurements nearest to it, as `service.tower` lets the places of a raster do.
    """
    place = known_place(plan)
    if place is None:
        return None
    rows, columns = np.nonzero(~np.isnan(loss))
    latitude, longitude = ground.grid.centres(rows, columns)
    site, ones = ground.sites[0], np.ones(len(rows))
    p, q, s = ground.grid.metric
    down, right = rows - ground.cells[0][0], columns - ground.cells[0][1]
    length = np.sqrt(p * right * right + 2.0 * q * right * down + s * down * down)
    found = place.of_paths(
        (site.latitude * ones, site.longitude * ones, latitude, longitude), plan.demand.antenna_height_m, freq_mhz,
        length, loss[rows, columns].astype(np.float64), clear[rows, columns].astype(np.float64),
        neighbours=MAP_NEIGHBOURS,
    )  # fmt: skip
    whole = np.full((3, *loss.shape), np.nan)
    whole[:, rows, columns] = found
    return LevelError(*whole)


def served_cells_of(
    snapshot: Snapshot,
    model: str,
    site: Site,
    ground_of: Callable[[float], Ground],
    *,
    rough: bool = False,
    run: Run = ALONE,
) -> NDArray[np.bool_]:
    """Return where a home of the usual roof would be served by a tower, by the rule of `service.judge`.

    Parameters
    ----------
    snapshot, model, site
        The plan, what predicts the loss, and the tower.
    ground_of : callable
        Gives the ground with the tower's antenna so high, m; its grid is the same for all.
    rough
        As for `signal_bands`.
    """
    plan, study = snapshot.plan, snapshot.study
    bands: dict[tuple[float, float], tuple[NDArray[Any], NDArray[Any]]] = {}
    ground = ground_of(accesses_of_site(plan, snapshot.catalogue, site)[0].height_m)
    grid, (row, column) = ground.grid, ground.cells[0]
    p, q, s = grid.metric
    down, right = np.ogrid[-row : grid.shape[0] - row, -column : grid.shape[1] - column]
    most_m = min(ground.radius_m, access_km(study) * 1000.0 + RIM_M)
    near = np.empty(grid.shape, np.bool_)
    for first in range(0, len(near), _ROWS):
        here = down[first : first + _ROWS]
        near[first : first + _ROWS] = p * right * right + 2.0 * q * right * here + s * here * here <= most_m * most_m
    cells = np.flatnonzero(near).astype(np.int32)

    def paths(one: Access, places: NDArray[np.int64]) -> tuple[NDArray[np.float64], Sight]:
        key = one.height_m, one.freq_mhz
        if key not in bands:
            bands[key] = _loss_and_clear(snapshot, model, ground_of(one.height_m), (one,), run, rough=rough)
        at = rows[places], columns[places]
        loss, clear = (band[at].astype(np.float64) for band in bands[key])
        height_m, air = plan.demand.antenna_height_m, conditions_of(plan)
        job = MapJob(ground_of(one.height_m), 0, height_m, one.freq_mhz, air, bands[key][1])
        return loss, sight_of_cells(job, *at, clear, run.silently())

    found = np.zeros(grid.shape, np.bool_)
    for first in range(0, len(cells), _CELLS):
        run.check()
        rows, columns = np.divmod(cells[first : first + _CELLS].astype(np.int64), grid.shape[1])
        there = around(study, site, *grid.centres(rows, columns), plan.demand.antenna_height_m)
        found[rows, columns] = judged(study, site, there, paths, model=model, in_vain=False).served
    as_beside(found, (row, column))
    return found
