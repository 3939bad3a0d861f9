"""What the measurements of a plan teach: the calibration, what it is worth, and where to measure next."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields, replace
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.errors import InputError
from cn_planner.links.calibration import Observations, fit_figures, fit_place, held_out
from cn_planner.links.known_place import known_place
from cn_planner.message import Message, counted, msg
from cn_planner.model.history import Edit
from cn_planner.model.learned import learned_basis
from cn_planner.model.measurement import Calibration, Residual
from cn_planner.progress import ALONE
from cn_planner.service.measured import measured_paths, unmeasured_error, without_calibration
from cn_planner.service.next_measured import NextPlace, next_places

if TYPE_CHECKING:
    from cn_planner.links.calibration import PlaceFit
    from cn_planner.links.place_model import Posterior
    from cn_planner.model.measurement import HeldOut, Measurement
    from cn_planner.model.plan import Plan
    from cn_planner.progress import Run
    from cn_planner.study import Study

_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Offset:
    """By how much levels are off, dB, how surely, and by how many measurements."""

    offset_db: float
    sd_db: float
    count: int


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """What a calibration says.

    Attributes
    ----------
    calibration : Calibration
    used, censored : int
        Measurements that count, and how many of them are at their floor.
    left_out : tuple of (id, Message)
        Those that do not, each with why.
    place : Offset
    sites : tuple of (id, Offset)
        Of each sender beside that of the place.
    before : (float, float, float)
        Mean error, its root mean square and log score of the plan without measurements.
    held_out : HeldOut or None
    measure_next : tuple of NextPlace
    """

    calibration: Calibration
    used: int
    censored: int
    left_out: tuple[tuple[str, Message], ...]
    place: Offset
    sites: tuple[tuple[str, Offset], ...]
    before: tuple[float, float, float]
    held_out: HeldOut | None
    measure_next: tuple[NextPlace, ...]

    def edit(self, plan: Plan) -> Edit:
        """Return the edit that lets it count."""
        label = counted("calibrate with {count} measurement", "calibrate with {count} measurements", self.used)
        return Edit(label, replace(plan, calibration=self.calibration))


def take_off(plan: Plan) -> Edit:
    """Return the edit after which measurements no longer count; they stay in the plan.

    Raises
    ------
    InputError
        Where none count.
    """
    if not plan.calibration.on:
        raise InputError(msg("No measurements count in this plan."), fix=msg("Calibrate the plan first."))
    return Edit(msg("take the calibration off"), replace(plan, calibration=Calibration()))


def calibrate(study: Study, run: Run = ALONE) -> CalibrationReport:
    """Return what the measurements of a plan teach.

    Parameters
    ----------
    study : Study
        The plan with its measurements.
    run : Run
        On which threads, who is told, who may stop it.

    Raises
    ------
    InputError
        Where there are no measurements, or none of them can be held against a prediction.
    MissingTerrainError, FileError
        Where there is no ground, or a file of it cannot be read.
    CancelledError
    """
    plan, bare = study.plan, without_calibration(study)
    rows = sorted(plan.measurements.values(), key=_content)
    if not rows:
        raise InputError(
            msg("The plan has no measurements."),
            fix=msg("Import some: who sent, where it was heard, and how strongly."),
        )
    paths = measured_paths(bare, rows, run.part(0.0, 0.6))
    left_out = [(row.id, why) for row, why in zip(rows, paths.why, strict=True) if why is not None]
    index, again = _once(rows, [n for n, why in enumerate(paths.why) if why is None], paths.site.tolist())
    left_out = sorted([*left_out, *again], key=lambda one: one[0])
    if not len(index):
        first = left_out[0]
        raise InputError(
            msg("No measurement can be held against a prediction. {id}: {why}", id=first[0], why=first[1]),
            fix=msg("Say which tower was heard (--fill site=ID) and add the terrain of the place."),
        )
    points = paths.points(rows, index)
    value = np.array([rows[n].level_dbm for n in index.tolist()]) - paths.level_dbm[index]
    censored = np.array([rows[n].censored for n in index.tolist()], np.bool_)
    seen = Observations(points, value, censored)
    run.progress(0.6, counted("Learning from {count} measurement", "Learning from {count} measurements", len(index)))
    fit, worth = held_out(seen, fit_place(seen, len(paths.sites), run), run)
    run.progress(0.9)
    calibration = _kept(paths.sites, fit, seen, worth, learned_basis(plan))
    error = unmeasured_error(points)
    bias, rmse, score, _ = fit_figures(value, np.hypot(error.common_sd_db, error.local_sd_db), censored)
    place, sites = offsets(fit.posterior, paths.sites)
    taught = replace(plan, calibration=calibration)
    return CalibrationReport(
        calibration, len(index), int(censored.sum()), tuple(left_out), place, sites, (bias, rmse, score), worth,
        next_places(replace(study, plan=taught), known_place(taught), run),
    )  # fmt: skip


def _content(row: Measurement) -> tuple[str, str]:
    """Return what a measurement says, before what it is called: files of other orders and numbers teach the same."""
    return repr([getattr(row, one.name) for one in fields(row) if one.name not in {"id", "note", "who"}]), row.id


def _once(
    rows: list[Measurement], index: list[int], site: list[int]
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], list[tuple[str, Message]]]:
    """Return the measurements without those that say again what one before says, and these with the reason."""
    first: dict[tuple[object, ...], str] = {}
    kept, again = [], []
    for n in index:
        row = rows[n]
        said = (site[n], row.latitude, row.longitude, row.height_m, row.freq_mhz, row.level_dbm, row.date)
        before = first.setdefault(said, row.id)
        if before == row.id:
            kept.append(n)
        else:
            again.append((row.id, msg("It says the same as {id}.", id=before)))
    return np.array(kept, np.int64), again


def _kept(sites: tuple[str, ...], fit: PlaceFit, seen: Observations, worth: HeldOut | None, basis: str) -> Calibration:
    at = seen.points
    table = np.column_stack([*at[:7], fit.posterior.value_db, fit.posterior.variance_db2, at.height_m])
    residuals = tuple(
        Residual(row[0], row[1], int(row[2]), *(round(one, _DIGITS) for one in row[3:])) for row in table.tolist()
    )
    hyper = [round(one, _DIGITS) for one in (*fit.hyper, fit.reading_sd_db)]
    local, reach, nugget, excess, reading = hyper
    made = sha256(repr((sites, hyper, [astuple(one) for one in residuals])).encode()).hexdigest()[:16]
    return Calibration(sites, residuals, local, reach, nugget, excess, reading, basis, made, worth)


def offset_words(place: Offset) -> Message:
    """Return by how much levels are off all over a place, in words."""
    return msg(
        "Signals here are {offset:+.0f} dB against what the plan expected (give or take {sd:.0f} dB).",
        offset=place.offset_db,
        sd=place.sd_db,
    )


def offsets(posterior: Posterior, sites: tuple[str, ...]) -> tuple[Offset, tuple[tuple[str, Offset], ...]]:
    """Return the offsets of the place, in the band most measured, and of its senders."""
    bands = posterior.model.bands
    nearest = np.abs(posterior.rows.band[:, None] - bands).argmin(axis=1)
    band = int(np.bincount(nearest).argmax())
    sd = np.sqrt(np.diag(posterior.covariance))

    def offset(at: int, count: int) -> Offset:
        return Offset(float(posterior.mean[at]), float(sd[at]), count)

    counts = np.bincount(posterior.rows.site, minlength=len(sites))
    found = tuple((key, offset(len(bands) + n, int(counts[n]))) for n, key in enumerate(sites))
    return offset(band, int((nearest == band).sum())), found
