"""What holds for every path of an area: the air, the trees, the model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cn_planner.links.known_place import known_place
from cn_planner.links.seen import SeenLines, lines_seen
from cn_planner.links.weather import Weather, weather_of
from cn_planner.model.propagation_models import MODELS, P526, known
from cn_planner.units import MEDIAN_K_FACTOR

if TYPE_CHECKING:
    from cn_planner.links.known_place import KnownPlace
    from cn_planner.model.plan import Plan


_STANDARD = Weather()


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of a prediction.

    Attributes
    ----------
    k_factor : float
        Effective earth radius factor for the median: that of clearances, heights and P.526. P.1812 takes delta_n for
        it, ITM n0.
    canopy_m, canopy_keep_out_m : float
        Height of assumed trees, and how far from either end none stand, m. 0: bare terrain.
    time_pct, location_pct : float
        Percentages of time and of places for which the loss is not exceeded; P.526 knows the median alone.
    n0, delta_n : float
        Surface refractivity at sea level, N (P.1812, ITM), and its lapse through the lowest km, N/km (P.1812).
    climate : int
        Radio climate of ITM, 1 to 7.
    model : str
        What predicts the loss: the key of a model (`links.register`).
    stands_in : bool
        Whether P.526 takes the place of somebody else's model that fails.
    weather : Weather
        Rain and gases.
    place : KnownPlace, optional
        What was measured of the place; only paths to homes ask it.
    seen : tuple of SeenLine
        What people saw along lines: it stands in place of what is predicted of them.
    """

    k_factor: float = MEDIAN_K_FACTOR
    canopy_m: float = 0.0
    canopy_keep_out_m: float = 200.0
    time_pct: float = 50.0
    location_pct: float = 50.0
    n0: float = 301.0
    delta_n: float = 40.0
    climate: int = 5
    model: str = P526
    stands_in: bool = False
    weather: Weather = _STANDARD
    place: KnownPlace | None = None
    seen: SeenLines = ()


def conditions_of(plan: Plan) -> Conditions:
    """Return the conditions that a plan states for its area: homes, maps and the planner itself, by P.526."""
    area = plan.area
    return Conditions(
        k_factor=area.k_factor,
        canopy_m=area.assumed_canopy_m,
        canopy_keep_out_m=area.canopy_keep_out_m,
        n0=area.n0,
        delta_n=area.delta_n,
        climate=area.climate,
        weather=weather_of(area),
        seen=lines_seen(plan),
    )


def home_conditions_of(plan: Plan) -> Conditions:
    """Return the conditions of paths from towers to homes: those of the area, and what was measured there."""
    return replace(conditions_of(plan), place=known_place(plan))


def link_conditions_of(plan: Plan) -> Conditions:
    """Return the conditions of a link between towers: those of the area, by the model that the plan's rules name.

    Where there is no such model on this machine it is P.526, and the checks of the plan say so.
    """
    model = plan.rules.link_model
    return replace(conditions_of(plan), model=model if known(model) else P526, stands_in=not MODELS.is_own(model))
