"""What a place adds to every prediction: a hierarchical model of measured less predicted level, and its posterior.

    residual = band offset + site offset + a excess + b log10(distance) + c log10(height) + local(place) + noise

The first five are common to many paths; each has a normal prior about 0. Excess is the predicted loss beyond free
space: where the model takes hills or assumed trees for too much or too little, that shows in proportion to it, and a
few measurements move it hardly at all. What a receiver gains with its height near the ground no knife edge says: up to
20 dB for each tenfold over a plane, less among trees and roofs. Local is a Gaussian process over the place of the
receiver with an exponential correlation (Gudmundson, Electronics Letters 27, 1991), half of it the same for all
senders, wider where the path is obstructed. The posterior is that of a Vecchia approximation (Katzfuss and Guinness,
Statistical Science 36, 2021): each observation given its nearest neighbours among those before it; with few
observations it is exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.units import EARTH_RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cn_planner.model.measurement import Calibration

PLACE_SD_DB, SITE_SD_DB, DISTANCE_SD_DB, HEIGHT_SD_DB = 10.0, 5.0, 3.0, 6.0
"""Priors of the offsets, and of what each tenfold distance and height of the receiver add. Untuned models are off by
some 10 dB over a whole place (Phillips and others, PAM 2011; IJAP 2012)."""
MOST_EXCESS_DB = 60.0
USUAL_HEIGHT_M, _LOWEST_M, _HIGHEST_M = 2.0, 0.5, 30.0
"""Of receivers in the field; and between which heights what they gain is learned."""
_SHARED = 0.5
"""Correlation of what is local at one place between two senders (3GPP TR 36.942, 4.3: 0.5 between sites)."""
_BAND_APART = 0.25
"""Of the logarithm of the frequency: what is further apart is another band with an offset of its own."""
_OCTAVE = math.log(2.0)
_ORDER_SEED = 1729
_GROWTH = 1.3
_CHUNK = 2048
_ROUNDING_DB2 = 1e-6
_FAR_RANGES = 7.0
"""Of the range: from here on the correlation, under a thousandth, counts as none."""


class Hyper(NamedTuple):
    """The widths of the model: what is local, dB, how far it reaches, m, what is noise, dB, excess by excess."""

    local_sd_db: float = 6.0
    range_m: float = 250.0
    nugget_db: float = 3.0
    excess_sd: float = 0.2


PRIOR = Hyper()


class PathPoints(NamedTuple):
    """Paths to places; one value a path in every array.

    Attributes
    ----------
    latitude, longitude : float64 arrays
        Of the receivers, degrees.
    site : int64 array
        Number of the sender; -1 where it was never measured.
    freq_mhz, distance_m, excess_db, clearance_f1, height_m : float64 arrays
        As in `model.measurement.Residual`.
    """

    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    site: NDArray[np.int64]
    freq_mhz: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    excess_db: NDArray[np.float64]
    clearance_f1: NDArray[np.float64]
    height_m: NDArray[np.float64]

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_] | slice) -> PathPoints:
        """Return some of them."""
        return PathPoints(
            self.latitude[index], self.longitude[index], self.site[index], self.freq_mhz[index],
            self.distance_m[index], self.excess_db[index], self.clearance_f1[index], self.height_m[index],
        )  # fmt: skip


class LevelError(NamedTuple):
    """By how much levels are off, dB: mean (add it), what is common to many paths, and what is of each alone."""

    shift_db: NDArray[np.float64]
    common_sd_db: NDArray[np.float64]
    local_sd_db: NDArray[np.float64]


class _Features(NamedTuple):
    """Points as the model sees them: plane places, m, widths, logarithm of frequency, sender, and common terms."""

    xy: NDArray[np.float64]
    width: NDArray[np.float64]
    band: NDArray[np.float64]
    site: NDArray[np.int64]
    common: NDArray[np.float64]

    def take(self, index: NDArray[np.int64] | slice) -> _Features:
        return _Features(self.xy[index], self.width[index], self.band[index], self.site[index], self.common[index])


def relative_width(clearance_f1: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how much what is local varies on paths, against the mean of all: more where they are obstructed."""
    found: NDArray[np.float64] = np.interp(np.nan_to_num(clearance_f1, nan=0.0), [0.0, 1.0], [1.15, 0.8])
    return found


def tenfold_height(height_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the decimal logarithm of heights against that usual in the field."""
    found: NDArray[np.float64] = np.log10(np.clip(height_m, _LOWEST_M, _HIGHEST_M) / USUAL_HEIGHT_M)
    return found


def bands_of(freq_mhz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the middles of the bands, as logarithms of the frequency, rising."""
    logs = np.unique(np.log(freq_mhz))
    parts = np.split(logs, np.flatnonzero(np.diff(logs) > _BAND_APART) + 1)
    return np.array([float(part.mean()) for part in parts])


class PlaceModel:
    """The model of one place: its bands, its senders, its widths.

    Parameters
    ----------
    bands : float64 array
        As `bands_of`.
    sites : int
        How many senders were measured.
    middle : (float, float)
        Where the plane touches, degrees.
    hyper : Hyper
    """

    def __init__(self, bands: NDArray[np.float64], sites: int, middle: tuple[float, float], hyper: Hyper) -> None:
        self.bands, self.sites, self.middle, self.hyper = bands, sites, middle, hyper
        tail = [hyper.excess_sd, DISTANCE_SD_DB, HEIGHT_SD_DB]
        self.prior_sd = np.array([PLACE_SD_DB] * len(bands) + [SITE_SD_DB] * sites + tail)

    def features(self, points: PathPoints) -> _Features:
        """Return points as the model sees them."""
        lat0, lon0 = self.middle
        metre = math.pi / 180.0 * EARTH_RADIUS_M
        turned = (points.longitude - lon0 + 180.0) % 360.0 - 180.0
        xy = np.stack([turned * metre * math.cos(math.radians(lat0)), (points.latitude - lat0) * metre], axis=1)
        logs, count = np.log(points.freq_mhz), len(points.site)
        near = np.abs(logs[:, None] - self.bands).argmin(axis=1)
        common = np.zeros((count, len(self.prior_sd)))
        common[np.arange(count), near] = 1.0
        known = points.site >= 0
        common[np.flatnonzero(known), len(self.bands) + points.site[known]] = 1.0
        common[:, -3] = np.clip(points.excess_db, 0.0, MOST_EXCESS_DB)
        common[:, -2] = np.log10(np.maximum(points.distance_m, 10.0) / 1000.0)
        common[:, -1] = tenfold_height(points.height_m)
        return _Features(xy, relative_width(points.clearance_f1), logs, points.site, common)

    def covariance(self, a: _Features, b: _Features) -> NDArray[np.float64]:
        """Return the covariance of what is local between points of two lists, shape (a, b)."""
        apart = np.sqrt(((a.xy[:, None, :] - b.xy[None, :, :]) ** 2).sum(axis=2))
        return self._local(
            apart, a.width[:, None] * b.width[None, :], a.band[:, None] - b.band[None, :],
            (a.site[:, None] == b.site[None, :]) & (a.site[:, None] >= 0),
        )  # fmt: skip

    def _local(
        self,
        apart_m: NDArray[np.float64],
        width: NDArray[np.float64],
        octaves: NDArray[np.float64],
        same: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        found = np.exp(-apart_m / self.hyper.range_m)
        found *= self.hyper.local_sd_db**2 * width
        found *= np.where(same, 1.0, _SHARED)
        if octaves.any():
            found *= np.exp(-0.5 * (octaves / _OCTAVE) ** 2)
        return found

    def given(
        self,
        rows: _Features,
        variance: NDArray[np.float64],
        at: _Features,
        near: NDArray[np.int64],
        itself: NDArray[np.bool_] | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return weights of each point's neighbours, shape of `near`, and the variance of what is local given them.

        ``near``: numbers of neighbours among the rows, -1 for none. ``itself``: which of them to leave out, too.
        """
        there = near >= 0 if itself is None else (near >= 0) & ~itself
        number = np.maximum(near, 0)
        xy, width, band, site = rows.xy[number], rows.width[number], rows.band[number], rows.site[number]
        among = self._local(
            np.sqrt(((xy[:, :, None, :] - xy[:, None, :, :]) ** 2).sum(axis=3)),
            width[:, :, None] * width[:, None, :],
            band[:, :, None] - band[:, None, :],
            (site[:, :, None] == site[:, None, :]) & (site[:, :, None] >= 0),
        )
        to = self._local(
            np.sqrt(((xy - at.xy[:, None, :]) ** 2).sum(axis=2)),
            width * at.width[:, None],
            band - at.band[:, None],
            (site == at.site[:, None]) & (site >= 0),
        )
        both = there[:, :, None] & there[:, None, :]
        among = np.where(both, among, 0.0)
        each = np.arange(near.shape[1])
        among[:, each, each] = np.where(there, among[:, each, each] + variance[number] + _ROUNDING_DB2, 1.0)
        to = np.where(there, to, 0.0)
        weights = to
        if near.shape[1]:
            weights = np.asarray(np.linalg.solve(among, to[:, :, None])[:, :, 0], np.float64)
        left = (self.hyper.local_sd_db * at.width) ** 2 - (weights * to).sum(axis=1)
        return weights, np.maximum(left, _ROUNDING_DB2)


def neighbours_before(xy: NDArray[np.float64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return an order of places, and for each in that order its neighbours (numbers in it) among those before, or -1.

    The order is drawn once for all; neighbours are looked for among those before the part that a place stands in, and
    the parts grow.
    """
    from scipy.spatial import cKDTree

    total = len(xy)
    order = np.random.default_rng(_ORDER_SEED).permutation(total)
    placed = xy[order]
    near = np.full((total, min(count, max(total - 1, 0))), -1, np.int64)
    exact = min(total, 2 * near.shape[1] + 1)
    for n in range(1, exact):
        apart = ((placed[:n] - placed[n]) ** 2).sum(axis=1)
        those = np.argsort(apart, kind="stable")[: near.shape[1]]
        near[n, : len(those)] = those
    start = exact
    while start < total:
        end = min(total, max(start + 1, int(start * _GROWTH)))
        near[start:end] = cKDTree(placed[:start]).query(placed[start:end], near.shape[1])[1].reshape(end - start, -1)
        start = end
    return order, near


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """What observations say of the model.

    Attributes
    ----------
    model : PlaceModel
    rows : features of the observations
    value_db, variance_db2 : float64 arrays
        The observations, and the variance of each about what is true there.
    mean, covariance : float64 arrays
        Of the common terms.
    score : float
        Logarithm of the marginal likelihood.
    """

    model: PlaceModel
    rows: _Features
    value_db: NDArray[np.float64]
    variance_db2: NDArray[np.float64]
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]
    score: float

    @classmethod
    def of(
        cls, model: PlaceModel, points: PathPoints, value_db: NDArray[np.float64], variance_db2: NDArray[np.float64],
        neighbours: int = 20,
    ) -> Posterior:  # fmt: skip
        """Return the posterior of observations; ``neighbours`` of each count."""
        rows = model.features(points)
        order, near = neighbours_before(rows.xy, neighbours)
        return cls.ordered(model, rows, value_db, variance_db2, (order, near))

    @classmethod
    def ordered(
        cls,
        model: PlaceModel,
        rows: _Features,
        value_db: NDArray[np.float64],
        variance_db2: NDArray[np.float64],
        order_near: tuple[NDArray[np.int64], NDArray[np.int64]],
        some: NDArray[np.int64] | None = None,
    ) -> Posterior:
        """Return the posterior with an order that is known; ``some``: places in it that alone count."""
        order, near = order_near
        placed, value, variance = rows.take(order), value_db[order], variance_db2[order]
        size = len(model.prior_sd)
        precision, right = np.diag(model.prior_sd**-2), np.zeros(size)
        squares = logs = 0.0
        which = np.arange(len(order)) if some is None else some
        for part in _parts(len(which)):
            at = which[part]
            weights, left = model.given(placed, variance, placed.take(at), near[at])
            scale = 1.0 / np.sqrt(left + variance[at])
            number = np.maximum(near[at], 0)
            white = scale * (value[at] - (weights * value[number]).sum(axis=1))
            terms = placed.common[at] - np.einsum("nm,nmp->np", weights, placed.common[number])
            terms *= scale[:, None]
            precision += terms.T @ terms
            right += terms.T @ white
            squares += float(white @ white)
            logs += 2.0 * float(np.log(scale).sum())
        covariance = np.linalg.inv(precision)
        covariance = 0.5 * (covariance + covariance.T)
        mean = covariance @ right
        # ln N(y; 0, V + X P X') by the matrix determinant lemma and Woodbury's identity.
        fit = squares - float(right @ mean)
        spread = float(np.linalg.slogdet(precision)[1]) + 2.0 * float(np.log(model.prior_sd).sum())
        score = 0.5 * (logs - fit - spread - len(which) * math.log(2.0 * math.pi))
        return cls(model, rows, value_db, variance_db2, mean, covariance, score)

    def nearest(self, xy: NDArray[np.float64], neighbours: int) -> NDArray[np.int64]:
        """Return the numbers of the observations nearest to places, shape (places, at most neighbours)."""
        from scipy.spatial import cKDTree

        count = min(neighbours, len(self.value_db))
        found = cKDTree(self.rows.xy).query(xy, count)[1]
        near: NDArray[np.int64] = np.asarray(found, np.int64).reshape(len(xy), count)
        return near

    def at(self, points: PathPoints, neighbours: int = 24) -> LevelError:
        """Return what is to be expected of paths, without the noise of a reading."""
        model, found = self.model, np.empty((3, len(points.site)))
        for part in _parts(len(points.site)):
            at = model.features(points.take(part))
            near = self.nearest(at.xy, neighbours)
            away2 = ((at.xy - self.rows.xy[near[:, 0]]) ** 2).sum(axis=1)
            alone = away2 > (_FAR_RANGES * model.hyper.range_m) ** 2
            here = np.empty((3, len(alone)))
            beside = np.flatnonzero(~alone)
            here[:, beside] = self._given(at.take(beside), near[beside], None)
            # Nothing was measured so near that it would tell: what is common holds.
            far = at.take(np.flatnonzero(alone))
            here[0, alone] = far.common @ self.mean
            here[1, alone] = np.einsum("np,pq,nq->n", far.common, self.covariance, far.common)
            here[2, alone] = (model.hyper.local_sd_db * far.width) ** 2
            found[:, part] = here
        at = model.features(points)
        # A band that nobody measured: the nearest says as much of it as it is near.
        logs = np.log(points.freq_mhz)
        octaves = np.abs(logs[:, None] - model.bands).min(axis=1) / _OCTAVE
        told = np.where(octaves > _BAND_APART / _OCTAVE, np.exp(-0.5 * octaves**2), 1.0)
        shift, common2, local2 = found
        prior = ((at.common * model.prior_sd) ** 2).sum(axis=1) + np.where(points.site < 0, SITE_SD_DB**2, 0.0)
        wide = (model.hyper.local_sd_db * at.width) ** 2
        common2 = np.where(points.site < 0, common2 + SITE_SD_DB**2, common2)
        return LevelError(
            told * shift,
            np.sqrt(told**2 * common2 + (1.0 - told**2) * prior),
            np.sqrt(told**2 * local2 + (1.0 - told**2) * wide),
        )

    def without_itself(self, index: NDArray[np.int64], near: NDArray[np.int64]) -> LevelError:
        """Return what the other observations say of some of them: mean, and both deviations."""
        found = np.empty((3, len(index)))
        for part in _parts(len(index)):
            these = index[part]
            found[:, part] = self._given(self.rows.take(these), near[these], near[these] == these[:, None])
        return LevelError(found[0], np.sqrt(found[1]), np.sqrt(found[2]))

    def _given(
        self, some: _Features, near: NDArray[np.int64], itself: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        weights, left = self.model.given(self.rows, self.variance_db2, some, near, itself)
        rest = self.value_db - self.rows.common @ self.mean
        shift = some.common @ self.mean + (weights * rest[near]).sum(axis=1)
        terms = some.common - np.einsum("nm,nmp->np", weights, self.rows.common[near])
        return shift, np.einsum("np,pq,nq->n", terms, self.covariance, terms), left


def _parts(count: int) -> Iterator[slice]:
    for start in range(0, count, _CHUNK):
        yield slice(start, min(start + _CHUNK, count))


def posterior_of(calibration: Calibration) -> Posterior:
    """Return the posterior that a calibration is kept for."""
    rows = calibration.residuals
    table = np.array(
        [
            (one.latitude, one.longitude, one.site, one.freq_mhz, one.distance_m, one.excess_db, one.clearance_f1,
             one.value_db, one.variance_db2, one.height_m)
            for one in rows
        ]
    )  # fmt: skip
    points = PathPoints(table[:, 0], table[:, 1], table[:, 2].astype(np.int64), *table[:, [3, 4, 5, 6, 9]].T)
    hyper = Hyper(calibration.local_sd_db, calibration.range_m, calibration.nugget_db, calibration.excess_sd)
    model = PlaceModel(bands_of(points.freq_mhz), len(calibration.sites), middle_of(points), hyper)
    return Posterior.of(model, points, table[:, 7].copy(), table[:, 8].copy())


def middle_of(points: PathPoints) -> tuple[float, float]:
    """Return the middle of places, degrees; across 180 degrees too."""
    first = float(points.longitude[0])
    turned = (points.longitude - first + 180.0) % 360.0 - 180.0
    return float(points.latitude.mean()), first + float(turned.mean())
