"""Batch prediction of fading: by layers of air and by rain, as ITU-R P.530."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.message import Message
    from cn_planner.validation.cases import Case
    from cn_planner.validation.profiles import Profiles


def multipath_rows(
    cases: list[Case], _profiles: Profiles | None, tell: Callable[[Message], None]
) -> list[dict[str, Any]]:
    """Return how often the fades of some cases are exceeded, and tell where a path is unlike those measured."""
    return [_placed(_multipath, case, tell) for case in cases]


def rain_rows(cases: list[Case], _profiles: Profiles | None, tell: Callable[[Message], None]) -> list[dict[str, Any]]:
    """Return the attenuation by rain of some cases, and tell where a path is outside the validity."""
    return [_placed(_rain, case, tell) for case in cases]


def _placed(
    row: Callable[[Case, Callable[[Message], None]], dict[str, float]], case: Case, tell: Callable[[Message], None]
) -> dict[str, float]:
    """Return the row of a case, which says where it is when it cannot be predicted."""
    try:
        return row(case, tell)
    except InputError as problem:
        if problem.where:
            raise
        raise InputError(problem.what, where=case.where, fix=problem.fix) from problem


def _multipath(case: Case, tell: Callable[[Message], None]) -> dict[str, float]:
    from cn_planner.propagation.p530 import fading_warnings, multipath_fading

    path = {
        "distance_m": case.number("dist_m"),
        "freq_mhz": case.number("freq_hz") / 1e6,
        "amsl_a_m": case.number("h_tx_amsl_m"),
        "amsl_b_m": case.number("h_rx_amsl_m"),
        "ground_amsl_m": case.number("h_terrain_mean_amsl_m"),
        "dn75": case.number("dn75"),
    }
    fades = multipath_fading(
        case.number("fade_depth_db"),
        geoclimatic_k=case.number("geoclimatic_k"),
        latitude_deg=case.number("lat_deg"),
        **path,
    )
    for message in fading_warnings(**path):
        tell(message)
    return {
        "pct_worst_month_deep": fades.worst_month_deep,
        "pct_worst_month": fades.worst_month,
        # This table is for comparison with other programs, which have the year in this way.
        "pct_avg_year": fades.year_as_implemented,
    }


def _rain(case: Case, tell: Callable[[Message], None]) -> dict[str, float]:
    from cn_planner.propagation.p530_rain import rain_attenuation, rain_warnings

    rain = rain_attenuation(
        rain_mm_h=case.number("rain_r001_mm_per_h"),
        distance_m=case.number("dist_m"),
        freq_mhz=case.number("freq_hz") / 1e6,
        elevation_deg=case.number("elev_deg"),
        tilt_deg=case.number("pol_tilt_deg"),
        time_pct=case.number("time_pct"),
    )
    for message in rain_warnings(case.number("dist_m")):
        tell(message)
    return rain._asdict()
