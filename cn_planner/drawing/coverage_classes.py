"""The classes that a coverage map is shown in: which values belong together, in what colour, and what they are called.

A picture, its legend and the polygons of a map all take them from here. The better a class, the darker it is; what is
beyond all limits is light grey.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.map_models import GroundMap
from cn_planner.coverage.received import Quantity
from cn_planner.drawing.palette import OTHERS, VIRIDIS, colour_steps, different
from cn_planner.links.register import model_of
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NO_ANSWER = -1
_ROWS = 256


@dataclass(frozen=True, slots=True)
class CoverageClass:
    """Values of a map that are shown alike.

    Attributes
    ----------
    low, high : float
        Values from low on and under high; of a scale where less is better, over low and up to high. Infinite where
        there is no limit.
    colour : str
        ``#rrggbb``.
    words : Message
        What it is called.
    """

    low: float
    high: float
    colour: str
    words: Message


@dataclass(frozen=True, slots=True)
class CoverageScale:
    """All classes of a map.

    Attributes
    ----------
    title : Message
        What the values are, with their unit.
    classes : tuple of CoverageClass
        By rising values, with no value between two of them.
    low_is_better : bool
    ranked : bool
        Whether one class is better than another.
    """

    title: Message
    classes: tuple[CoverageClass, ...]
    low_is_better: bool = False
    ranked: bool = True

    @property
    def listed(self) -> tuple[CoverageClass, ...]:
        """Return the classes as a legend lists them: the best first, and where no tower reaches last."""
        if self.ranked:
            return self.classes if self.low_is_better else self.classes[::-1]
        return tuple(sorted(self.classes, key=lambda one: one.words == _NONE))

    def of(self, band: NDArray[Any], nodata: float | None) -> NDArray[np.int16]:
        """Return the class of each cell by its number, `NO_ANSWER` where there is no answer or no class for it."""
        found = np.full(band.shape, NO_ANSWER, np.int16)
        edges = np.array([one.low for one in self.classes] + [self.classes[-1].high])
        for row in range(0, band.shape[0], _ROWS):  # a strip at a time: no second map of doubles in memory
            values = band[row : row + _ROWS]
            at = np.digitize(values, edges, right=self.low_is_better).astype(np.int16) - 1
            if np.isinf(edges[-1]):
                at[values == np.inf] = len(self.classes) - 1  # a tower's own cell is clear without end
            known = (at >= 0) & (at < len(self.classes)) & ~np.isnan(values)
            if nodata is not None:
                known &= values != nodata
            np.copyto(found[row : row + _ROWS], at, where=known)
        return found


_LIMITS: dict[str, tuple[float, ...]] = {
    GroundMap.FRESNEL: (0.0, 0.3, 0.6, 1.0),
    GroundMap.MIN_HEIGHT: (3.0, 6.0, 10.0, 15.0, 20.0, 30.0, 40.0),
    Quantity.LOSS: (100.0, 110.0, 120.0, 130.0, 140.0, 150.0, 160.0),
    Quantity.LEVEL: (-90.0, -80.0, -70.0, -60.0, -50.0),
    Quantity.MARGIN: (0.0, 5.0, 10.0, 20.0, 30.0),
    Quantity.PROBABILITY: (0.1, 0.5, 0.7, 0.9, 0.95),
}
_TITLES: dict[str, Message] = {
    GroundMap.FRESNEL: msg("Least clearance in first Fresnel radii"),
    GroundMap.MIN_HEIGHT: msg("Least height of the receiver above ground, m"),
    Quantity.LEVEL: msg("Received level, dBm"),
    Quantity.MARGIN: msg("Fade margin, dB"),
    Quantity.PROBABILITY: msg("Probability that the link works"),
}
MISSING = "#8f8f8f"
"""Where terrain is missing, or the model has no answer."""
_NONE = msg("No tower")
_WORDS: dict[tuple[str, float], Message] = {
    (GroundMap.FRESNEL, -math.inf): msg("Under 0: blocked"),
    (GroundMap.FRESNEL, 0.6): msg("0.6 to 1: clear"),
    (GroundMap.FRESNEL, 1.0): msg("1 and more: wholly clear"),
    (Quantity.MARGIN, -math.inf): msg("Under 0: does not work"),
}
"""What some classes mean, where a threshold does not cut them in two."""
_EACH_COUNT = 8
_COUNT_STEPS = (1, 2, 3, 4, 6, 9, 13, 20)


def scale_of(model: str, show: Quantity, threshold: float | None = None) -> CoverageScale:
    """Return the classes of one tower's map.

    Parameters
    ----------
    model : str
        What was mapped.
    show : Quantity
        As what a loss is shown.
    threshold : float, optional
        What still counts as reached: a limit between two classes.
    """
    if model == GroundMap.LOS:
        seen = CoverageClass(0.0, 1.0, OTHERS, msg("Not seen")), CoverageClass(1.0, 2.0, VIRIDIS[2], msg("Seen"))
        return CoverageScale(msg("Line of sight"), seen)
    kind = model if model in _LIMITS else show
    limits = _LIMITS[kind]
    if threshold is not None and math.isfinite(threshold):
        # Round figures about a loss of any size; else one limit more.
        moved = kind is Quantity.LOSS and not limits[0] <= threshold <= limits[-1]
        limits = tuple(threshold + 10.0 * i for i in range(-3, 4)) if moved else tuple(sorted({*limits, threshold}))
    title = _TITLES.get(kind) or _loss_title(model)
    low_is_better = kind in {GroundMap.MIN_HEIGHT, Quantity.LOSS}
    colours = (OTHERS, *colour_steps(len(limits)))
    colours = colours[::-1] if low_is_better else colours
    edges = (-math.inf, *limits, math.inf)
    known = set(zip((-math.inf, *_LIMITS[kind]), (*_LIMITS[kind], math.inf), strict=True))
    return CoverageScale(
        title,
        tuple(
            CoverageClass(
                low, high, ink,
                _WORDS[kind, low]
                if (kind, low) in _WORDS and (low, high) in known
                else _between(low, high, low_is_better=low_is_better, percent=kind is Quantity.PROBABILITY),
            )
            for low, high, ink in zip(edges[:-1], edges[1:], colours, strict=True)
        ),
        low_is_better,
    )  # fmt: skip


def _loss_title(model: str) -> Message:
    found = model_of(model)
    return found.map_title or msg("Loss by {model}, dB", model=str(found.choice))


def _between(low: float, high: float, *, low_is_better: bool, percent: bool) -> Message:
    if percent:
        if math.isinf(low):
            return msg("Under {high:.3g} %", high=100.0 * high)
        if math.isinf(high):
            return msg("{low:.3g} % and more", low=100.0 * low)
        return msg("{low:.3g} to {high:.3g} %", low=100.0 * low, high=100.0 * high)
    if math.isinf(low):
        return msg("Up to {high:g}", high=high) if low_is_better else msg("Under {high:g}", high=high)
    if math.isinf(high):
        return msg("Over {low:g}", low=low) if low_is_better else msg("{low:g} and more", low=low)
    return msg("{low:g} to {high:g}", low=low, high=high)


def with_none(scale: CoverageScale, value: float) -> CoverageScale:
    """Return the scale with a first class for where no tower reaches, which has a value just below the others."""
    return replace(scale, classes=(CoverageClass(value, scale.classes[0].low, OTHERS, _NONE), *scale.classes))


def count_scale(most: int, *, each: bool = False) -> CoverageScale:
    """Return the classes of how many towers reach a cell; where none does there is no class.

    Parameters
    ----------
    most : int
        The greatest number on the map.
    each : bool
        Whether every number has a class of its own; else there are at most eight.
    """
    most = max(most, 1)
    starts = list(range(1, most + 1)) if each or most <= _EACH_COUNT else [n for n in _COUNT_STEPS if n <= most]
    ends = [*starts[1:], most + 1]
    return CoverageScale(
        msg("Towers that reach a place"),
        tuple(
            CoverageClass(
                float(low), float(high), ink,
                msg("{count}", count=low) if high == low + 1 else msg("{low:g} to {high:g}", low=low, high=high - 1),
            )
            for low, high, ink in zip(starts, ends, colour_steps(len(starts)), strict=True)
        ),
    )  # fmt: skip


def best_scale(names: Sequence[str]) -> CoverageScale:
    """Return the classes of which tower is best, one a tower."""
    return CoverageScale(
        msg("Best tower"),
        tuple(
            CoverageClass(float(i), float(i + 1), ink, msg("{name}", name=name))
            for i, (name, ink) in enumerate(zip(names, different(len(names)), strict=True))
        ),
        ranked=False,
    )
