"""The weather that a link must live with: rain, layers of air, and the gases of the air."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.message import Message, msg
from cn_planner.propagation.p676 import (
    STANDARD_TEMPERATURE_C,
    STANDARD_VAPOUR_G_M3,
    dry_pressure_hpa,
    gas_attenuation,
    standard_pressure_hpa,
)
from cn_planner.propagation.p837 import MONTHS, ZONE_RATES_MM_H, rain_rate_mm_h, zone_rain_rate_mm_h

if TYPE_CHECKING:
    from cn_planner.model.plan import Area

HEAVIEST_RAIN_MM_H = max(ZONE_RATES_MM_H.values())
"""That of the wettest rain zone; taken where the rain of a place is not known, so that nothing is promised."""
_LEAST_GAS_MHZ = 1000.0
# Barnett's three kinds of climate (Bell System Technical Journal 51 (2), 1972): 4 over water and on the Gulf coast,
# 1 for average terrain and climate, 0.25 in mountains and dry climate; by ITM's radio climates, of which the
# equatorial, the maritime subtropical and that over the sea are read as the first kind, the desert as the last.
_CLIMATE_FACTOR = {1: 4.0, 3: 4.0, 4: 0.25, 7: 4.0}


@dataclass(frozen=True, slots=True)
class Weather:
    """What rain and air do to the links of an area.

    Attributes
    ----------
    rain_rate_mm_h : float
        Rain rate that is exceeded 0.01 % of the average year, mm/h.
    rain_known : bool
        False where the rain is not known and that of the wettest zone stands for it.
    geoclimatic_k, dn75 : float or None
        Geoclimatic factor, %, and refractivity increase, N-units, of ITU-R P.530-18. Both or neither.
    climate_factor : float
        Barnett's climate factor, where the two are not known.
    pressure_hpa : float or None
        Pressure of the air at the links, hPa; None: the standard one of their height.
    temperature_c, vapour_g_m3 : float
        Temperature, degrees Celsius, and density of water vapour, g/m3.
    """

    rain_rate_mm_h: float = HEAVIEST_RAIN_MM_H
    rain_known: bool = False
    geoclimatic_k: float | None = None
    dn75: float | None = None
    climate_factor: float = 1.0
    pressure_hpa: float | None = None
    temperature_c: float = STANDARD_TEMPERATURE_C
    vapour_g_m3: float = STANDARD_VAPOUR_G_M3

    @property
    def warnings(self) -> tuple[Message, ...]:
        """What is assumed because it is not known."""
        if self.rain_known:
            return ()
        return (
            msg(
                "The rain of the area is not known: the heaviest of any rain zone was taken, {rate:.0f} mm/h. "
                "Say in Area how much it rains.",
                rate=self.rain_rate_mm_h,
            ),
        )


def weather_of(area: Area) -> Weather:
    """Return the weather that a plan states for its area.

    The rain rate is what the area says, else that of its monthly rain and temperatures, else that of its rain zone,
    else the heaviest of any zone.

    Raises
    ------
    InputError
        Where monthly figures are not twelve.
    """
    rain, known = HEAVIEST_RAIN_MM_H, True
    if area.rain_r001_mm_h is not None:
        rain = area.rain_r001_mm_h
    elif area.monthly_rain_mm:
        rain = rain_rate_mm_h(area.monthly_rain_mm, area.monthly_temperature_c or (area.temperature_c,) * MONTHS)
    elif area.rain_zone.value in ZONE_RATES_MM_H:
        rain = zone_rain_rate_mm_h(area.rain_zone.value)
    else:
        known = False
    both = area.geoclimatic_k is not None and area.dn75 is not None
    return Weather(
        rain_rate_mm_h=rain,
        rain_known=known,
        geoclimatic_k=area.geoclimatic_k if both else None,
        dn75=area.dn75 if both else None,
        climate_factor=_CLIMATE_FACTOR.get(area.climate, 1.0),
        pressure_hpa=area.pressure_hpa,
        temperature_c=area.temperature_c,
        vapour_g_m3=area.vapour_g_m3,
    )


def gas_loss_db(distance_m: float, freq_mhz: float, weather: Weather, amsl_m: float = 0.0) -> float:
    """Return what oxygen and water vapour cost on a path, dB.

    Parameters
    ----------
    distance_m : float
        Length of the path, m.
    freq_mhz : float
        Frequency, MHz. Below 1 GHz, where the method begins, the loss is less than 0.006 dB/km and counts as 0.
    weather : Weather
        The air.
    amsl_m : float
        Mean height of the path above sea level, m, for the pressure where the weather has none.

    Raises
    ------
    InputError
        Where a value is outside its range.

    References
    ----------
    ITU-R P.530-18, section 2.1; ITU-R P.676-13, Annex 1, section 2.1.
    """
    if freq_mhz < _LEAST_GAS_MHZ:
        return 0.0
    pressure = standard_pressure_hpa(amsl_m) if weather.pressure_hpa is None else weather.pressure_hpa
    gas = gas_attenuation(
        freq_mhz,
        dry_pressure_hpa(pressure, weather.temperature_c, weather.vapour_g_m3),
        weather.temperature_c,
        weather.vapour_g_m3,
    )
    return gas.total_db_per_km * distance_m * 1e-3
