"""Many towers as one: where a tower reaches, and which is best. A bit a tower: `masks`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.los import SEEN, UNKNOWN
from cn_planner.coverage.map_models import GroundMap
from cn_planner.errors import InputError
from cn_planner.message import msg

if TYPE_CHECKING:
    from numpy.typing import NDArray

NONE = -1
DEFAULT_CLEARANCE_F1 = 0.6
MOST_BEST = 32_767


def higher_is_better(model: str) -> bool:
    """Return whether more of a model's value is better: clearance; not loss, nor the height that a home needs."""
    return model in {GroundMap.LOS, GroundMap.FRESNEL}


def reached(
    band: NDArray[Any], model: str, threshold: float | None, *, higher: bool | None = None
) -> NDArray[np.bool_]:
    """Return where one tower reaches: seen, or at least (clearance) or at most (loss, height) the threshold.

    `higher` says whether more of what the band holds is better, where that is not the model's own value.

    Raises
    ------
    InputError
        Where the model needs a threshold and none is given.
    """
    if model == GroundMap.LOS:
        return np.asarray(band == SEEN)
    if threshold is None:
        if model != GroundMap.FRESNEL:
            raise InputError(
                msg("Counting by {model} needs a threshold.", model=str(model)),
                fix=msg("Give the greatest height in m, or the greatest loss in dB, that still counts."),
            )
        threshold = DEFAULT_CLEARANCE_F1
    # NaN compares false: it is nowhere reached.
    return np.asarray(
        band >= threshold if (higher_is_better(model) if higher is None else higher) else band <= threshold
    )


class Best:
    """The best tower of each cell, fed with one tower's band after the other, in the order of the towers."""

    def __init__(
        self, shape: tuple[int, int], model: str, threshold: float | None, *, higher: bool | None = None
    ) -> None:
        self._model = model
        self._higher = higher_is_better(model) if higher is None else higher
        self._threshold = threshold
        self._value = np.full(shape, -np.inf, np.float32)
        self.index = np.full(shape, NONE, np.int16)

    def add(self, number: int, band: NDArray[Any]) -> None:
        """Take note of one tower; on a tie the one that was added first stays."""
        if self._model == GroundMap.LOS:
            better = (band == SEEN) & (self.index == NONE)
            self.index[better] = number
            return
        value = band if self._higher else -band
        with np.errstate(invalid="ignore"):
            better = (value > self._value) | ((self.index == NONE) & ~np.isnan(value))
        if self._threshold is not None:
            better &= reached(band, self._model, self._threshold, higher=self._higher)
        np.copyto(self._value, value.astype(np.float32), where=better)
        self.index[better] = number


__all__ = ["MOST_BEST", "NONE", "UNKNOWN", "Best", "higher_is_better", "reached"]
