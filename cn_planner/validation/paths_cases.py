"""Batch prediction by any model of the register, through its path function: a case a path."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.errors import InputError
from cn_planner.links.conditions import Conditions
from cn_planner.links.register import ask, model_of
from cn_planner.message import msg
from cn_planner.terrain.profile import PathProfile

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.links.register import PropagationModel
    from cn_planner.message import Message
    from cn_planner.validation.cases import Case
    from cn_planner.validation.profiles import Profiles

_AIR = ("k_factor", "time_pct", "location_pct", "n0", "delta_n", "climate")
"""Columns that need not be there: what they say of the air takes the place of what `Conditions` has."""


def rows_of(model: str) -> Callable[[list[Case], Profiles | None, Callable[[Message], None]], list[dict[str, Any]]]:
    """Return what predicts cases by a model of the register.

    A case has ``profile_id``, ``h_tx_m``, ``h_rx_m``, ``freq_hz`` and ``pol``; where it is known the position of its
    ends (``lat_tx_deg``, ...), and of the air what `_AIR` names. A row has the loss of the model alone, and its parts
    where the model tells them apart.

    Raises
    ------
    InputError
        Where there is no such model.
    """
    return partial(_rows, model_of(model))


def _rows(
    model: PropagationModel, cases: list[Case], profiles: Profiles | None, tell: Callable[[Message], None]
) -> list[dict[str, Any]]:
    if profiles is None:
        raise InputError(msg("This model needs profiles."), fix=msg("Give them by --profiles."))
    rows = []
    for case in cases:
        try:
            found = ask(model, _path(case, profiles), *_told(case), _air(case))
        except InputError as problem:
            if problem.where:
                raise
            raise InputError(problem.what, where=case.where, fix=problem.fix) from problem
        for warning in found.warnings:
            tell(warning)
        parts = {
            "loss_db": found.losses.total_db,
            "free_space_db": found.losses.free_space_db,
            "diffraction_db": found.losses.diffraction_db,
            "vegetation_db": found.losses.vegetation_db,
        }
        rows.append({name: "" if value is None else value for name, value in parts.items()})
    return rows


def _told(case: Case) -> tuple[tuple[float, float], float, bool]:
    heights = case.number("h_tx_m"), case.number("h_rx_m")
    return heights, case.number("freq_hz") / 1e6, case.polarisation_is_vertical()


def _path(case: Case, profiles: Profiles) -> PathProfile:
    part = profiles.part_of(case, "profile_id")
    distance, ground = profiles.distance_m[part], profiles.elevation_m[part]
    if not np.isfinite(ground).all():
        raise InputError(msg("The profile lacks a height."), where=case.where)
    cover = np.zeros(len(ground)) if profiles.clutter is None else profiles.clutter.of(case, len(ground))
    way = distance / distance[-1]
    latitude, longitude = (
        (1.0 - way) * _number(case, f"{name}_tx_deg", 0.0) + way * _number(case, f"{name}_rx_deg", 0.0)
        for name in ("lat", "lon")
    )
    none = np.zeros(len(ground), np.bool_)
    return PathProfile(latitude, longitude, distance, ground, cover, none, 0.0, 180.0, float(distance[-1]))


def _air(case: Case) -> Conditions:
    given: dict[str, Any] = {name: case.number(name) for name in _AIR if case.optional_text(name)}
    if "climate" in given:
        given["climate"] = case.whole("climate")
    return Conditions(**given)


def _number(case: Case, column: str, missing: float) -> float:
    return case.number(column) if case.optional_text(column) else missing
