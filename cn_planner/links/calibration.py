"""From measured levels to what a place adds to every prediction, and how far that can be trusted.

Below 20 measurements the widths of the model are those of its priors; from 100 on they are fitted by marginal
likelihood; between, they pass from one to the other. A reading at its floor says that the level is at or below it, and
one that is far off counts less, as under Student's t (expectation propagation with neighbours as the cavity). What a
calibration is worth is told by leaving out blocks of the map, with what is round them, never by leaving out readings at
random: their neighbours would tell.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.links.place_model import (
    PRIOR,
    Hyper,
    LevelError,
    PathPoints,
    PlaceModel,
    Posterior,
    bands_of,
    middle_of,
    neighbours_before,
)
from cn_planner.model.measurement import HeldOut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cn_planner.progress import Run

FEW, ENOUGH = 20, 100
"""Measurements below which widths are those of the priors, and from which on they are fitted."""
BLOCK_M, AROUND_M = 1000.0, 500.0
WITHIN_80 = 1.2815515655446004
_TAILS = 5.0
"""Degrees of freedom of Student's t."""
_ROUNDS = 3
_FAR_OFF = 1.0
_SURE = 3.0
"""Readings for which the model's own width counts, against what those left out say."""
_FAR_SD, _WIDE_ROUNDS = 2.5, 40
_NEIGHBOURS, _FIT_NEIGHBOURS, _FIT_ROWS, _FIT_STEPS = 20, 12, 500, 70
_FIT_FROM, _MANY, _FEWER_NEIGHBOURS = 1200, 3000, 12
_HELD_ROWS, _MOST_BLOCKS = 1200, 24
_LOG_SPREAD = (0.5, 0.9, 0.5, 0.6)
"""How far, in natural logarithms, the widths of places lie from those of the prior."""
_LEAST = Hyper(1.5, 20.0, 0.7, 0.02)
_MOST = Hyper(16.0, 5000.0, 9.0, 0.8)
_UNTOLD_DB2 = 1e6


class Observations(NamedTuple):
    """Measured less predicted levels, dB; and whether each is at its floor, so that the true one is there or below."""

    points: PathPoints
    value_db: NDArray[np.float64]
    censored: NDArray[np.bool_]

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> Observations:
        """Return some of them."""
        return Observations(self.points.take(index), self.value_db[index], self.censored[index])


class PlaceFit(NamedTuple):
    """What measurements say of a place.

    ``reading_sd_db``: what a single reading or home is off by beside what is common and local. It is the noise of the
    model, and more where readings that were left out lie further off than the model says.
    """

    posterior: Posterior
    hyper: Hyper
    reading_sd_db: float


def fit_place(seen: Observations, sites: int, run: Run) -> PlaceFit:
    """Return what measurements say of a place.

    Parameters
    ----------
    seen : Observations
        At least one.
    sites : int
        How many senders there are.
    run : Run
        Who may stop it. One thread does it all: the same bits for any number.
    """
    count = len(seen.value_db)
    place = bands_of(seen.points.freq_mhz), sites, middle_of(seen.points)
    hyper = PRIOR
    if count >= FEW:
        some = seen.take(np.unique(np.linspace(0, count - 1, min(count, _FIT_FROM)).astype(np.int64)))
        normal = _made_normal(PlaceModel(*place, PRIOR), some, run)
        extra = normal.variance_db2 - PRIOR.nugget_db**2
        hyper = _fitted(some.points, normal.value_db, extra, count, place, run)
    posterior = _made_normal(PlaceModel(*place, hyper), seen, run)
    return PlaceFit(posterior, hyper, hyper.nugget_db)


def _made_normal(model: PlaceModel, seen: Observations, run: Run) -> Posterior:
    """Return the posterior of observations that are made normal: value and variance of each."""
    noise, value = model.hyper.nugget_db**2, np.where(seen.censored, seen.value_db - 5.0, seen.value_db)
    rows = model.features(seen.points)
    order_near = neighbours_before(rows.xy, _NEIGHBOURS if len(value) <= _MANY else _FEWER_NEIGHBOURS)
    variance = np.where(seen.censored, noise + 100.0, noise)
    posterior = Posterior.ordered(model, rows, value, variance, order_near)
    near = posterior.nearest(rows.xy, order_near[1].shape[1] + 1)
    looked = np.arange(len(value))
    for turn in range(_ROUNDS):
        run.check()
        others = posterior.without_itself(looked, near)
        told = others.common_sd_db**2 + others.local_sd_db**2
        value, variance = value.copy(), variance.copy()
        cut = seen.censored[looked]
        value[looked[cut]], variance[looked[cut]] = _below(
            seen.value_db[looked[cut]], others.shift_db[cut], told[cut] + noise, noise
        )
        plain = looked[~cut]
        z2 = (seen.value_db[plain] - others.shift_db[~cut]) ** 2 / (told[~cut] + noise)
        weight = np.minimum((_TAILS + 1.0) / (_TAILS + z2), 1.0)
        variance[plain] = np.maximum((told[~cut] + noise) / weight - told[~cut], noise)
        if turn == 0:
            far = np.zeros(len(value), np.bool_)
            far[plain] = z2 > _FAR_OFF
            looked = np.flatnonzero(far | seen.censored)
        posterior = Posterior.ordered(model, rows, value, variance, order_near)
        if not len(looked):
            break
    return posterior


def _below(
    floor: NDArray[np.float64], mean: NDArray[np.float64], variance: NDArray[np.float64], noise: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the normal observations that say of levels of such a mean and variance that they are at a floor or below.

    Minka, "Expectation propagation for approximate Bayesian inference", UAI 2001: moments of the cut normal, divided by
    the cavity.
    """
    from scipy.special import erfcx

    sd = np.sqrt(variance)
    a = (floor - mean) / sd
    ratio = math.sqrt(2.0 / math.pi) / erfcx(-a / math.sqrt(2.0))
    cut_mean = mean - sd * ratio
    cut_variance = variance * np.clip(1.0 - ratio * (a + ratio), 1e-6, 1.0 - 1e-9)
    said = 1.0 / (1.0 / cut_variance - 1.0 / variance)
    said = np.clip(said, 1e-6, _UNTOLD_DB2)
    value = said * (cut_mean / cut_variance - mean / variance)
    untold = said >= _UNTOLD_DB2
    return np.where(untold, mean, value), said + noise


def _fitted(
    points: PathPoints,
    value: NDArray[np.float64],
    extra_db2: NDArray[np.float64],
    count: int,
    place: tuple[NDArray[np.float64], int, tuple[float, float]],
    run: Run,
) -> Hyper:
    """Return the widths by marginal likelihood, as far as there are measurements to fit them."""
    from scipy.optimize import minimize

    rows = PlaceModel(*place, PRIOR).features(points)
    order_near = neighbours_before(rows.xy, _FIT_NEIGHBOURS)
    some = np.unique(np.linspace(0, len(value) - 1, min(len(value), _FIT_ROWS)).astype(np.int64))
    centre, spread = np.log(PRIOR), np.array(_LOG_SPREAD)
    extra = np.maximum(extra_db2, 0.0)

    def cost(logs: NDArray[np.float64]) -> float:
        run.check()
        hyper = _bounded(logs)
        model = PlaceModel(*place, hyper)
        score = Posterior.ordered(model, rows, value, extra + hyper.nugget_db**2, order_near, some).score
        return -score + 0.5 * float((((logs - centre) / spread) ** 2).sum())

    found = minimize(
        cost, centre, method="Nelder-Mead",
        options={"maxfev": _FIT_STEPS, "xatol": 0.02, "fatol": 0.05, "initial_simplex": _simplex(centre, spread)},
    )  # fmt: skip
    share = min(max((count - FEW) / (ENOUGH - FEW), 0.0), 1.0)
    return _bounded(share * found.x + (1.0 - share) * centre)


def _simplex(centre: NDArray[np.float64], spread: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.vstack([centre, centre + np.diag(0.7 * spread)])


def _bounded(logs: NDArray[np.float64]) -> Hyper:
    return Hyper(*np.clip(np.exp(logs), _LEAST, _MOST).tolist())


# What it is worth


def held_out(seen: Observations, fit: PlaceFit, run: Run) -> tuple[PlaceFit, HeldOut | None]:
    """Return how well places are predicted that lie in blocks of the map of which nothing was measured.

    Parameters
    ----------
    seen : Observations
        As for `fit_place`.
    fit : PlaceFit
        Its widths are kept; offsets and what is local are learned anew without each block.
    run : Run
        Who may stop it.

    Returns
    -------
    PlaceFit
        The same, with readings as wide as those left out ask for.
    HeldOut or None
        None where all readings lie within one block.
    """
    rows = fit.posterior.rows
    near = fit.posterior.nearest(rows.xy, _FIT_NEIGHBOURS)
    every = np.unique(np.linspace(0, len(rows.xy) - 1, min(len(rows.xy), _HELD_ROWS)).astype(np.int64))
    told = fit.posterior.without_itself(every, near)
    plain = ~seen.censored[every]
    wide = _wide(seen.value_db[every][plain] - told.shift_db[plain], _total_db2(told, fit)[plain])
    found = [(inside, error) for inside, error in _blocks(seen, fit, run) if not seen.censored[inside].all()]
    if not found:
        return fit._replace(reading_sd_db=_widened(fit, wide, told)), None
    inside = np.concatenate([one for one, _ in found])
    error = LevelError(*(np.concatenate(parts) for parts in zip(*(one for _, one in found), strict=True)))
    miss, cut = seen.value_db[inside] - error.shift_db, seen.censored[inside]
    blocks = _wide(miss[~cut], _total_db2(error, fit)[~cut])
    fit = fit._replace(reading_sd_db=_widened(fit, max(wide, blocks), error))
    figures = fit_figures(miss, reading_sd_db(error, fit.reading_sd_db), cut)
    return fit, HeldOut(_block_m(rows.xy), *figures[1:])


def _total_db2(error: LevelError, fit: PlaceFit) -> NDArray[np.float64]:
    found: NDArray[np.float64] = error.common_sd_db**2 + error.local_sd_db**2 + fit.hyper.nugget_db**2
    return found


def _wide(miss_db: NDArray[np.float64], variance_db2: NDArray[np.float64]) -> float:
    """Return how much wider than told, in variance, misses are: few of them leave it at what is told.

    A miss counts as one of `_FAR_SD` deviations at most (Huber): one slip of a pen does not widen a whole place.
    """
    z2, wide = miss_db**2 / variance_db2, 1.0
    for _ in range(_WIDE_ROUNDS):
        wide = (_SURE + float(np.minimum(z2, _FAR_SD**2 * wide).sum())) / (_SURE + len(z2))
    return wide


def _widened(fit: PlaceFit, wide: float, error: LevelError) -> float:
    more = max(wide - 1.0, 0.0) * float(np.median(_total_db2(error, fit)))
    return math.sqrt(fit.hyper.nugget_db**2 + more)


def _block_m(xy: NDArray[np.float64]) -> float:
    return min(BLOCK_M, max(float(np.ptp(xy, axis=0).max()) / 3.0, 1.0))


def _blocks(seen: Observations, fit: PlaceFit, run: Run) -> Iterator[tuple[NDArray[np.int64], LevelError]]:
    """Yield the readings of blocks, and what the others say of them, those round the block left out."""
    rows = fit.posterior.rows
    block_m, corner = _block_m(rows.xy), rows.xy.min(axis=0)
    around_m = AROUND_M * block_m / BLOCK_M
    cell = np.floor((rows.xy - corner) / block_m).astype(np.int64)
    keys, block = np.unique(cell[:, 0] * (1 << 20) + cell[:, 1], return_inverse=True)
    if len(keys) < 2:
        return
    for number in np.unique(np.linspace(0, len(keys) - 1, min(len(keys), _MOST_BLOCKS)).astype(np.int64)).tolist():
        run.check()
        inside = np.flatnonzero(block == number)
        low = corner + cell[inside[0]] * block_m
        others = np.flatnonzero(np.maximum(low - rows.xy, rows.xy - low - block_m).max(axis=1) > around_m)
        if not len(others):
            continue
        others = others[np.unique(np.linspace(0, len(others) - 1, min(len(others), _HELD_ROWS)).astype(np.int64))]
        posterior = Posterior.ordered(
            fit.posterior.model, rows.take(others), fit.posterior.value_db[others], fit.posterior.variance_db2[others],
            neighbours_before(rows.xy[others], _FIT_NEIGHBOURS),
        )  # fmt: skip
        yield inside, posterior.at(seen.points.take(inside), _FIT_NEIGHBOURS)


def reading_sd_db(error: LevelError, nugget_db: float) -> NDArray[np.float64]:
    """Return the standard deviation of a reading: what is common, what is local, and its own noise."""
    found: NDArray[np.float64] = np.sqrt(error.common_sd_db**2 + error.local_sd_db**2 + nugget_db**2)
    return found


def fit_figures(
    miss_db: NDArray[np.float64], sd_db: NDArray[np.float64], censored: NDArray[np.bool_]
) -> tuple[float, float, float, float]:
    """Return mean and root mean square of what predictions missed, their log score, and how many lie within 80 %.

    Readings at their floor count in the log score alone: by the chance that the level is there or below.
    """
    from scipy.special import log_ndtr

    z = miss_db / sd_db
    score = np.where(censored, log_ndtr(z), -np.log(sd_db) - 0.5 * math.log(2.0 * math.pi) - 0.5 * z**2)
    plain = miss_db[~censored]
    if not len(plain):
        return math.nan, math.nan, float(score.mean()), math.nan
    within = float((np.abs(z[~censored]) <= WITHIN_80).mean())
    return float(plain.mean()), math.sqrt(float((plain**2).mean())), float(score.mean()), within
