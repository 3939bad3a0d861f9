"""Which maps of coverage there are to look at: words and choices alone, so that a window has them at once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cn_planner.coverage.map_models import GroundMap
from cn_planner.model.propagation_models import MODELS, P526

if TYPE_CHECKING:
    from cn_planner.message import Message


class View(StrEnum):
    """What a map shows."""

    SEEN = "seen"
    CLEAR = "clear"
    HEIGHT = "height"
    LEVEL = "level"
    MARGIN = "margin"
    CHANCE = "chance"
    COUNT = "count"


SIGNALS = frozenset({View.LEVEL, View.MARGIN, View.CHANCE, View.COUNT})
"""These are of radios, by a model of loss."""
_GROUND_MODELS = {View.SEEN: GroundMap.LOS, View.CLEAR: GroundMap.FRESNEL, View.HEIGHT: GroundMap.MIN_HEIGHT}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which map.

    Attributes
    ----------
    view : View
    model : str
        What predicts the loss, for `SIGNALS`.
    site : str, optional
        Whose map, by id; all towers of the network where not given.
    """

    view: View
    model: str = P526
    site: str | None = None

    @property
    def computed_by(self) -> str:
        """What the tiles are computed by."""
        return _GROUND_MODELS.get(self.view, self.model)


def models() -> dict[str, Message]:
    """Return what predicts the loss, by key, as it is called in a list; the first one where nobody chooses."""
    return {key: one.choice for key, one in MODELS.all().items()}
