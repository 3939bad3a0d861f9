"""Which maps of coverage there are to look at: words and choices alone, so that a window has them at once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cn_planner.coverage.maps import MapModel
from cn_planner.message import msg


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
MODELS = {
    MapModel.P526: msg("ITU-R P.526"),
    MapModel.P1812: msg("ITU-R P.1812"),
    MapModel.ITM: msg("ITM"),
    MapModel.FREE_SPACE: msg("free space"),
}
"""What predicts the loss, the first one where nobody chooses."""
_GROUND_MODELS = {View.SEEN: MapModel.LOS, View.CLEAR: MapModel.FRESNEL, View.HEIGHT: MapModel.MIN_HEIGHT}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which map.

    Attributes
    ----------
    view : View
    model : MapModel
        What predicts the loss, for `SIGNALS`.
    site : str, optional
        Whose map, by id; all towers of the network where not given.
    """

    view: View
    model: MapModel = MapModel.P526
    site: str | None = None

    @property
    def computed_by(self) -> MapModel:
        """What the tiles are computed by."""
        return _GROUND_MODELS.get(self.view, self.model)


__all__ = ["MODELS", "SIGNALS", "Asked", "MapModel", "View"]
