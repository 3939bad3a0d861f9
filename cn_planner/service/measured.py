"""Measured levels against predicted ones: what the plan says of each place that was measured or is asked for."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.coverage.access import accesses_of_site, heard_by, site_pointing
from cn_planner.coverage.matrix import pair_matrix
from cn_planner.errors import InputError
from cn_planner.geo import geodesics
from cn_planner.links.conditions import conditions_of
from cn_planner.links.count_range import COMMON_SD_DB
from cn_planner.links.known_place import known_place
from cn_planner.links.lte import resource_blocks
from cn_planner.links.place_model import MOST_EXCESS_DB, PRIOR, LevelError, PathPoints, relative_width
from cn_planner.links.radio import radio_end
from cn_planner.message import Message, msg
from cn_planner.model.measurement import Calibration, Measurement, Quantity
from cn_planner.model.senders import Senders
from cn_planner.progress import ALONE
from cn_planner.propagation.free_space import free_space_loss_db

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.model.plan import Plan, Site
    from cn_planner.progress import Run
    from cn_planner.study import Study

MAST_M = 10.0
"""Height of a sender that nobody gave one."""
_MOST_KM = 200.0
_SUBCARRIERS = 12
_USUAL_MHZ = 10.0
"""Width of a channel of LTE that nobody gave one."""


class MeasuredPaths(NamedTuple):
    """What the plan, as it is without measurements, says of the paths of measurements; one value each in every array.

    Attributes
    ----------
    level_dbm : float64 array
        Predicted median level, of the quantity that was measured; NaN where nothing can be said.
    loss_db, distance_m, clearance_f1, clear : float64 arrays
        Of the path.
    sites : tuple of str
        Ids of the senders.
    site : int64 array
        Number of each one's sender among them; -1 where there is none.
    why : tuple of Message or None
        Why nothing can be said.
    """

    level_dbm: NDArray[np.float64]
    loss_db: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    clearance_f1: NDArray[np.float64]
    clear: NDArray[np.float64]
    sites: tuple[str, ...]
    site: NDArray[np.int64]
    why: tuple[Message | None, ...]

    def points(self, rows: Sequence[Measurement], index: NDArray[np.int64]) -> PathPoints:
        """Return some of the paths as the model of the place takes them."""
        freq = np.array([rows[n].freq_mhz for n in index.tolist()], np.float64)
        free = np.array(
            [free_space_loss_db(max(d, 1.0), f) for d, f in zip(self.distance_m[index], freq, strict=True)], np.float64
        )
        return PathPoints(
            np.array([rows[n].latitude for n in index.tolist()], np.float64),
            np.array([rows[n].longitude for n in index.tolist()], np.float64),
            self.site[index],
            freq,
            self.distance_m[index],
            np.nan_to_num(self.loss_db[index] - free),
            self.clearance_f1[index],
            np.array([rows[n].height_m for n in index.tolist()], np.float64),
        )


def measured_paths(study: Study, rows: Sequence[Measurement], run: Run = ALONE) -> MeasuredPaths:
    """Return what the plan says of paths from its sites to places that were measured, or are asked for.

    Parameters
    ----------
    study : Study
        The plan, its ground and its equipment.
    rows : sequence of Measurement
        Their levels are not looked at.
    run : Run
        On which threads, who is told, who may stop it.

    Raises
    ------
    MissingTerrainError, FileError
        Where there is no ground, or a file of it cannot be read.
    InputError
        Where the access kit is not in the catalogue.
    CancelledError
    """
    plan, count = study.plan, len(rows)
    level, loss, length, clearance, clear = (np.full(count, np.nan) for _ in range(5))
    why: list[Message | None] = [None] * count
    senders = Senders(plan)
    groups: dict[tuple[str, float, float], list[int]] = {}
    for n, row in enumerate(rows):
        site = senders.of(row)
        if site is None:
            why[n] = senders.missing(row)
            continue
        height = _mast_m(site) if row.tx_height_m is None else row.tx_height_m
        groups.setdefault((site.id, row.freq_mhz, height), []).append(n)
    sites = tuple(sorted({key[0] for key in groups}))
    number = np.full(count, -1, np.int64)
    for done, ((key, freq, height), those) in enumerate(sorted(groups.items())):
        site, at = plan.sites[key], np.array(those, np.int64)
        number[at] = sites.index(key)
        lat, lon, up = (
            np.array([getattr(rows[n], name) for n in those], np.float64)
            for name in ("latitude", "longitude", "height_m")
        )
        apart = np.flatnonzero((lat != site.latitude) | (lon != site.longitude))
        matrix = pair_matrix(
            study.surface, ([site.latitude], [site.longitude]), (lat, lon), [height], up[:, np.newaxis], freq,
            conditions_of(plan), max_km=_MOST_KM, pairs=(np.zeros(len(apart), np.int64), apart), needs=False,
            obstacles=tuple(plan.obstacles.values()), run=run.part(done / len(groups), (done + 1) / len(groups)),
        )  # fmt: skip
        found = at[apart]
        length[found], loss[found], clearance[found] = (
            matrix.distance_m, matrix.loss_db[:, 0, 0], matrix.clearance_f1[:, 0, 0]
        )  # fmt: skip
        clear[found] = matrix.chance[:, 0, 0, 0]
        aside = _aside_db(study, site, lat[apart], lon[apart], up[apart], matrix.azimuth_deg, matrix.distance_m)
        level[found] = -loss[found]
        kit, width = _kit_eirp_dbm(study), _kit_lte_mhz(study)
        for place, lost in zip(found.tolist(), aside.tolist(), strict=True):
            row = rows[place]
            level[place] += (kit - lost if row.eirp_dbm is None else row.eirp_dbm) + row.rx_gain_dbi
            if row.quantity is Quantity.RSRP:
                level[place] -= _rsrp_share_db(width if row.width_mhz is None else row.width_mhz)
        for place in those:
            if math.isnan(length[place]):
                why[place] = msg("It was measured at the mast itself: there is no path.")
            elif length[place] > _MOST_KM * 1000.0:
                why[place] = msg("It is {km:.0f} km from {site}.", km=length[place] / 1000.0, site=key)
            elif math.isnan(loss[place]):
                why[place] = msg("Terrain is missing there, or on the path from {site}.", site=key)
    level[[n for n, one in enumerate(why) if one is not None]] = np.nan
    return MeasuredPaths(level, loss, length, clearance, clear, sites, number, tuple(why))


def with_senders_of_today(study: Study, rows: Sequence[Measurement]) -> tuple[Measurement, ...]:
    """Return measurements with what they do not say of their sender, as the plan has it now.

    They keep it, and which fields it is: a mast that is raised later, another kit or another sector changes nothing of
    what was heard. A sender that the plan does not have, and kits that are not on the shelf, leave nothing to keep.

    Raises
    ------
    FileError
        Where a file of the ground cannot be read.
    """
    senders, found = Senders(study.plan), list(rows)
    groups: dict[str, list[int]] = {}
    for n, row in enumerate(rows):
        site = senders.of(row)
        if site is not None:
            groups.setdefault(site.id, []).append(n)
    for key, those in groups.items():
        site = study.plan.sites[key]
        lat, lon, up = (
            np.array([getattr(rows[n], name) for n in those], np.float64)
            for name in ("latitude", "longitude", "height_m")
        )
        today: dict[str, list[float]] = {"tx_height_m": [_mast_m(site)] * len(those)}
        with suppress(InputError):  # a kit is not on the shelf
            azimuth, _, away = geodesics(site.latitude, site.longitude, lat, lon)
            sent = _kit_eirp_dbm(study) - _aside_db(study, site, lat, lon, up, azimuth, away)
            today |= {"eirp_dbm": sent.tolist(), "width_mhz": [_kit_lte_mhz(study)] * len(those)}
        for place, n in enumerate(those):
            row = rows[n]
            taken: dict[str, Any] = {
                name: values[place] for name, values in today.items()
                if getattr(row, name) is None and (name != "width_mhz" or row.quantity is Quantity.RSRP)
            }  # fmt: skip
            if taken:
                found[n] = replace(row, **taken, from_plan=" ".join([*row.from_plan.split(), *taken]))
    return tuple(found)


def why_no_sender(plan: Plan, site: str) -> Message | None:
    """Return why a plan has no such sender, None where it has."""
    row = Measurement("", 0.0, 0.0, 0.0, 0.0, site=site)
    senders = Senders(plan)
    return None if senders.of(row) is not None else senders.missing(row)


def _kit_eirp_dbm(study: Study) -> float:
    end = radio_end(study.catalogue, study.plan.kits.access, study.regulations)
    return max(float(end.eirp_dbm(mode)) for mode in end.modes)


def _mast_m(site: Site) -> float:
    return MAST_M if site.mast_height_m is None else site.mast_height_m


def _kit_lte_mhz(study: Study) -> float:
    """Return the width of the access kit's channel where it speaks LTE; else what is measured is somebody else's."""
    end = radio_end(study.catalogue, study.plan.kits.access, study.regulations)
    return end.modes[0].width_mhz if end.technology == "lte" else _USUAL_MHZ


def _rsrp_share_db(width_mhz: float) -> float:
    """Return by how much the power of one reference subcarrier is below that of the channel, dB."""
    blocks = resource_blocks(_USUAL_MHZ)
    with suppress(InputError):  # a width that LTE has not
        blocks = resource_blocks(width_mhz)
    return 10.0 * math.log10(_SUBCARRIERS * blocks)


def _aside_db(
    study: Study,
    site: Site,
    latitude: NDArray[np.float64],
    longitude: NDArray[np.float64],
    up_m: NDArray[np.float64],
    azimuth_deg: NDArray[np.float64],
    distance_m: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return by how much a tower's sectors give less towards places than at most; nothing where it has none."""
    if not site.sectors:
        return np.zeros(len(latitude))
    surface = study.surface
    # Where no ground is known the land is flat.
    here = float(np.nan_to_num(surface.heights(site.latitude, site.longitude)))
    ground = surface.heights(latitude, longitude)
    there = np.where(np.isnan(ground), here, ground) + up_m
    accesses = accesses_of_site(study.plan, study.catalogue, site)
    # What was measured is what the usual kit of homes hears, whatever other sectors hang there.
    heard = heard_by(study.catalogue, accesses, [study.plan.kits.client] * len(latitude))
    k_factor = conditions_of(study.plan).k_factor
    return site_pointing(study.catalogue, accesses, azimuth_deg, distance_m, here, there, k_factor, heard).loss_db


class PredictedLevel(NamedTuple):
    """What is said of one place: median level, its standard deviations, and how clear the path is; NaN where nothing.

    The local deviation holds what a single reading is off by.
    """

    id: str
    site: str
    level_dbm: float
    common_sd_db: float
    local_sd_db: float
    clearance_f1: float
    clear: float
    calibrated: bool

    @property
    def sd_db(self) -> float:
        """Both together."""
        return math.hypot(self.common_sd_db, self.local_sd_db)


def unmeasured_error(points: PathPoints) -> LevelError:
    """Return how far levels may be off where nothing was measured: for what paths share, and each by itself.

    What is common is that of `links.count_range`, and more behind hills and woods; what is local the prior of
    `links.place_model` with its noise.
    """
    excess = np.clip(points.excess_db, 0.0, MOST_EXCESS_DB)
    local = np.hypot(PRIOR.local_sd_db * relative_width(points.clearance_f1), PRIOR.nugget_db)
    return LevelError(np.zeros(len(excess)), np.hypot(COMMON_SD_DB, PRIOR.excess_sd * excess), local)


def predict_levels(study: Study, rows: Sequence[Measurement], run: Run = ALONE) -> tuple[PredictedLevel, ...]:
    """Return the level at each place, as the plan has it: with what was measured, where that counts.

    Parameters
    ----------
    study, rows, run
        As for `measured_paths`.

    Returns
    -------
    tuple of PredictedLevel
        In the order of the rows.

    Raises
    ------
    InputError, MissingTerrainError, FileError, CancelledError
        As `measured_paths`.
    """
    paths = measured_paths(study, rows, run)
    place = known_place(study.plan)
    index = np.flatnonzero(~np.isnan(paths.level_dbm))
    points = paths.points(rows, index)
    error = unmeasured_error(points)
    if place is not None and len(index):
        senders = [study.plan.sites[key] for key in paths.sites]
        numbers = place.sites_at(  # by where they stand, as paths to homes ask it
            np.array([one.latitude for one in senders], np.float64),
            np.array([one.longitude for one in senders], np.float64),
        )
        error = place.posterior.at(points._replace(site=numbers[points.site]))
        error = error._replace(local_sd_db=np.hypot(error.local_sd_db, place.reading_sd_db))
    figures = np.full((3, len(rows)), np.nan)
    figures[:, index] = error
    return tuple(
        PredictedLevel(
            row.id,
            paths.sites[number] if number >= 0 else row.site,
            float(paths.level_dbm[n] + figures[0, n]),
            float(figures[1, n]),
            float(figures[2, n]),
            float(paths.clearance_f1[n]),
            float(paths.clear[n]),
            place is not None,
        )
        for n, (row, number) in enumerate(zip(rows, paths.site.tolist(), strict=True))
    )


def without_calibration(study: Study) -> Study:
    """Return a study of the same plan as if nothing had been measured."""
    return replace(study, plan=replace(study.plan, calibration=Calibration()))
