"""What holds for the whole area of a plan: air, trees, ground."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cn_planner.message import msg
from cn_planner.model.fields import about


class RainZone(StrEnum):
    """Rain climatic zone of ITU-R P.837-1, by the rain rate that is exceeded 0.01 % of the year."""

    UNKNOWN = "unknown"
    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"
    G = "G"
    H = "H"
    J = "J"
    K = "K"
    L = "L"
    M = "M"
    N = "N"
    P = "P"
    Q = "Q"


@dataclass(frozen=True, slots=True)
class Area:
    """What holds for the whole area."""

    canopy_m: float | None = about(
        msg("Height of trees to assume where none is known; 10 m until it is answered."),
        default=None,
        unit="m",
        low=0,
        high=80,
    )
    base_map: str = about(
        msg("OpenStreetMap extract from which roads, rivers and forests are drawn; beside the plan it travels."),
        default="",
    )
    box: tuple[float, ...] = about(
        msg("Box that the plan is of: south, west, north, east; empty: round all its places."),
        default=(),
        unit="°",
        low=-180,
        high=180,
        count=4,
    )
    canopy_keep_out_m: float = about(
        msg("No trees are assumed nearer than this to either end of a path."), default=200.0, unit="m", low=0, high=5000
    )
    trees_keep_out_m: float = about(
        msg("Trees whose height was measured do not count nearer than this to either end: the spot is chosen on site."),
        default=30.0,
        unit="m",
        low=0,
        high=5000,
    )
    forest_m: float | None = about(
        msg("Height of the forests of the base map, where no file knows the trees; unset: they are not counted."),
        default=None,
        unit="m",
        low=0,
        high=80,
    )
    trees_on_surfaces: bool = about(
        msg("Whether trees are added to elevation that holds the tops of trees already."), default=False
    )
    blend_m: float = about(
        msg("Where two elevation files meet, heights pass from one to the other over this width; 0: at once."),
        default=200.0,
        unit="m",
        low=0,
        high=10_000,
    )
    k_factor: float = about(
        msg("Effective earth radius factor for the median."), default=4 / 3, low=0.3, high=10, source="ITU-R P.530"
    )
    n0: float = about(msg("Surface refractivity at sea level."), default=301.0, unit="N", low=250, high=450)
    delta_n: float = about(msg("Refractivity gradient of the lowest km."), default=40.0, unit="N/km", low=0, high=200)
    climate: int = about(
        msg("Radio climate, 1 equatorial to 7 maritime over sea."), default=5, low=1, high=7, source="ITM"
    )
    rain_r001_mm_h: float | None = about(
        msg("Rain rate that is exceeded 0.01 % of the year."), default=None, unit="mm/h", low=0, high=250
    )
    monthly_rain_mm: tuple[float, ...] = about(
        msg("Mean rain of each month, January first: with the temperatures it gives the rain rate."),
        default=(),
        unit="mm",
        low=0,
        high=5000,
        count=12,
        source="ITU-R P.837-7, Annex 1",
    )
    monthly_temperature_c: tuple[float, ...] = about(
        msg("Mean temperature of each month, January first; empty: the same all the year."),
        default=(),
        unit="°C",
        low=-60,
        high=60,
        count=12,
    )
    rain_zone: RainZone = about(  # noqa: RUF009  # it is dataclasses.field
        msg("Rain zone, where the rain is not known better: A, the driest, to P, the wettest."),
        default=RainZone.UNKNOWN,
        source="ITU-R P.837-1",
    )
    geoclimatic_k: float | None = about(
        msg("Geoclimatic factor K of the place, read from ITU's map, for fading by layers of air."),
        default=None,
        unit="%",
        low=1e-9,
        high=1,
        source="ITU-R P.530-18",
    )
    dn75: float | None = about(
        msg("Refractivity increase dN75 of the place, read from ITU's map; it goes with K."),
        default=None,
        unit="N",
        low=0,
        high=500,
        source="ITU-R P.530-18",
    )
    temperature_c: float = about(
        msg("Mean temperature of the air."), default=15.0, unit="°C", low=-60, high=60, source="ITU-R P.835"
    )
    vapour_g_m3: float = about(
        msg("Water vapour in the air."), default=7.5, unit="g/m³", low=0, high=60, source="ITU-R P.835"
    )
    pressure_hpa: float | None = about(
        msg("Pressure of the air; where it is not given, that of the height above sea level."),
        default=None,
        unit="hPa",
        low=300,
        high=1100,
    )
    wind_ms: float | None = about(
        msg("Strongest gust to build for, as the building code has it here; empty: nobody said."),
        default=None,
        unit="m/s",
        low=10,
        high=120,
    )

    @property
    def assumed_canopy_m(self) -> float:
        """The height of trees that stands on a path where none is known."""
        return 10.0 if self.canopy_m is None else self.canopy_m
