"""Batch prediction by P.1812: all cases of a chunk in one call of the compiled form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.errors import InputError
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cn_planner.message import Message
    from cn_planner.validation.cases import Case
    from cn_planner.validation.profiles import ClutterHeights, Profiles


def p1812_rows(cases: list[Case], profiles: Profiles | None, tell: Callable[[Message], None]) -> list[dict[str, Any]]:
    """Return loss and field strength of cases over profiles; empty where a height is missing.

    Raises
    ------
    InputError
        Where a value of a case cannot be read or is not one that the model can take, or its profile or its clutter is
        not there.
    """
    from cn_planner.propagation.p1812 import centre_latitude_deg, p1812_losses
    from cn_planner.propagation.p1812_kernels import P1812Profiles
    from cn_planner.propagation.p1812_path import P1812Terms

    if profiles is None:
        raise InputError(msg("This model needs profiles."), fix=msg("Give them by --profiles."))
    chosen = [profiles.part_of(case, "profile_id") for case in cases]
    grounds = [profiles.elevation_m[part] for part in chosen]
    covers = [_cover(case, profiles.clutter, len(ground)) for case, ground in zip(cases, grounds, strict=True)]
    counts = np.array([len(ground) for ground in grounds])
    ground = np.concatenate(grounds)
    distances = [profiles.distance_m[part] for part in chosen]
    latitude = centre_latitude_deg(
        _numbers(cases, "lat_tx_deg"),
        _numbers(cases, "lon_tx_deg"),
        _numbers(cases, "lat_rx_deg"),
        _numbers(cases, "lon_rx_deg"),
        [one[-1] for one in distances],
    )
    found = p1812_losses(
        P1812Profiles(
            np.concatenate(distances),
            ground,
            np.concatenate([[0], np.cumsum(counts)]),
            ground + np.concatenate(covers),
            np.repeat([_zone(case) for case in cases], counts),
        ),
        np.array([one[0] for one in grounds]) + _numbers(cases, "h_tx_m"),
        np.array([one[-1] for one in grounds]) + _numbers(cases, "h_rx_m"),
        _numbers(cases, "freq_hz") / 1e6,
        P1812Terms(
            n0=_numbers(cases, "n0"),
            delta_n=_numbers(cases, "delta_n"),
            latitude_deg=latitude,
            time_pct=_numbers(cases, "time_pct"),
            location_pct=_numbers(cases, "location_pct"),
            location_sigma_db=_numbers(cases, "sigma_l_db"),
        ),
        vertical=[case.polarisation_is_vertical() for case in cases],
        names=[case.where for case in cases],
    )
    for warning in found.warnings:
        tell(warning)
    return [
        {"loss_db": "", "field_strength_dbuvm_1kw_erp": ""}
        if np.isnan(loss)
        else {"loss_db": loss, "field_strength_dbuvm_1kw_erp": field}
        for loss, field in zip(found.loss_db.tolist(), found.field_strength_dbuvm_1kw_erp.tolist(), strict=True)
    ]


def _numbers(cases: list[Case], column: str) -> NDArray[np.float64]:
    return np.array([case.number(column) for case in cases])


def _zone(case: Case) -> int:
    """Return the radio-climatic zone of the whole path of a case: inland where the column is empty."""
    from cn_planner.propagation.p1812_path import COASTAL_LAND, INLAND, SEA

    zone = case.whole("zone") if case.optional_text("zone") else INLAND
    if zone not in {SEA, COASTAL_LAND, INLAND}:
        raise InputError(
            msg("Zone {zone} is not valid: give 1 (sea), 3 (coastal land) or 4 (inland).", zone=zone), where=case.where
        )
    return zone


def _cover(case: Case, clutter: ClutterHeights | None, points: int) -> NDArray[np.float64]:
    """Return what stands on the profile of a case, m; none where no clutter was given and the case speaks of none."""
    if clutter is not None:
        return clutter.of(case, points)
    if case.optional_text("clutter_kind") not in {"", "0"}:
        raise InputError(
            msg("The case has clutter on its profile."), where=case.where, fix=msg("Give it by --clutter.")
        )
    return np.zeros(points)
