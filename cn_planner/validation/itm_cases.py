"""Batch prediction by ITM: all cases of a file in one call of the compiled form."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.errors import InputError
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.message import Message
    from cn_planner.propagation.itm import ItmLosses, Surroundings, Variability
    from cn_planner.validation.cases import Case
    from cn_planner.validation.profiles import Profiles

_COLUMNS = ("loss_db", "return_code", "warnings", "free_space_db", "a_ref_db", "mode")
_REFUSED = 1000
"""Return codes from here on say that the model does not apply."""
_COLUMN_OF = {
    "height_a_m": "h_tx_m",
    "height_b_m": "h_rx_m",
    "distance_m": "dist_m",
    "siting_a": "tx_siting",
    "siting_b": "rx_siting",
}


def itm_rows(cases: list[Case], profiles: Profiles | None, tell: Callable[[Message], None]) -> list[dict[str, Any]]:
    """Return what the model says of cases over profiles; where it does not apply the loss is empty and a code says why.

    Codes and warnings are told in words as well.

    Raises
    ------
    InputError
        Where a value of a case cannot be read, its profile is not there, or has unequal steps.
    """
    from cn_planner.propagation.itm import itm_losses
    from cn_planner.propagation.itm_kernels import ItmProfiles

    if profiles is None:
        raise InputError(msg("This model needs profiles."), fix=msg("Give them by --profiles."))
    chosen = [profiles.index_of(case, "profile_id") for case in cases]
    used = sorted(set(chosen))
    spacing = np.ones(len(profiles.offset) - 1)
    for k in used:
        spacing[k] = profiles.spacing_of(k)
    found = itm_losses(
        ItmProfiles(profiles.elevation_m, profiles.offset, spacing, chosen),
        _numbers(cases, "h_tx_m"),
        _numbers(cases, "h_rx_m"),
        _numbers(cases, "freq_hz") / 1e6,
        vertical=[case.polarisation_is_vertical() for case in cases],
        surroundings=_surroundings(cases),
        variability=_variability(cases),
        refuse=False,
    )
    return _rows(cases, found, (*_COLUMNS, "delta_h_m"), tell)


def itm_area_rows(
    cases: list[Case], _profiles: Profiles | None, tell: Callable[[Message], None]
) -> list[dict[str, Any]]:
    """Return what the model says of cases over an area, as `itm_rows`."""
    from cn_planner.propagation.itm import itm_area_losses

    found = itm_area_losses(
        _numbers(cases, "dist_m"),
        _numbers(cases, "delta_h_m"),
        _numbers(cases, "h_tx_m"),
        _numbers(cases, "h_rx_m"),
        _numbers(cases, "freq_hz") / 1e6,
        siting=(_whole_numbers(cases, "tx_siting"), _whole_numbers(cases, "rx_siting")),
        vertical=[case.polarisation_is_vertical() for case in cases],
        surroundings=_surroundings(cases),
        variability=_variability(cases),
        refuse=False,
    )
    return _rows(cases, found, _COLUMNS, tell)


def _numbers(cases: list[Case], column: str) -> Any:
    return np.array([case.number(column) for case in cases])


def _value(case: Case, code: int) -> float:
    """Return the value of a case that the model cannot take; 0 where it is none of a single number."""
    from cn_planner.propagation.itm_words import refused_input

    name = refused_input(code)
    if _by_confidence(case):
        name = {"time_pct": "reliability_pct", "situation_pct": "confidence_pct"}.get(name, name)
    if name == "freq_mhz":
        return case.number("freq_hz") / 1e6
    return 0.0 if name == "ground_m" else case.number(_COLUMN_OF.get(name, name))


def _whole_numbers(cases: list[Case], column: str) -> Any:
    return np.array([case.whole(column) for case in cases])


def _surroundings(cases: list[Case]) -> Surroundings:
    from cn_planner.propagation.itm import Surroundings

    return Surroundings(
        climate=_whole_numbers(cases, "climate"),
        n0=_numbers(cases, "n0"),
        epsilon_r=_numbers(cases, "epsilon_r"),
        sigma_s_per_m=_numbers(cases, "sigma_s_per_m"),
    )


def _by_confidence(case: Case) -> bool:
    """Return whether column ``variant`` says CR: confidence and reliability in place of time, location, situation."""
    word = case.text("variant").upper()
    if word not in {"TLS", "CR"}:
        raise InputError(msg("Variant {word} is neither TLS nor CR.", word=word), where=case.where)
    return word == "CR"


def _variability(cases: list[Case]) -> Variability:
    from cn_planner.propagation.itm import Variability

    percentages = np.array(
        [
            (case.number("reliability_pct"), 50.0, case.number("confidence_pct"))
            if _by_confidence(case)
            else (case.number("time_pct"), case.number("location_pct"), case.number("situation_pct"))
            for case in cases
        ]
    )
    time, location, situation = percentages.T
    return Variability(time, location, situation, _whole_numbers(cases, "mdvar"))


def _rows(
    cases: list[Case], found: ItmLosses, columns: tuple[str, ...], tell: Callable[[Message], None]
) -> list[dict[str, Any]]:
    """Return a row a case, empty where there is no number; tell each warning and each refusal."""
    from cn_planner.propagation.itm import code_by_confidence
    from cn_planner.propagation.itm_words import refusal_in_words, warnings_in_words

    codes = [
        code_by_confidence(code) if _by_confidence(case) else code
        for case, code in zip(cases, found.return_code.tolist(), strict=True)
    ]
    for message in warnings_in_words(int(np.bitwise_or.reduce(found.warnings, initial=0))):
        tell(message)
    for case, code in zip(cases, codes, strict=True):
        if code >= _REFUSED:
            value = _value(case, code)
            tell(refusal_in_words(code, int(value) if value.is_integer() else value))
    values = {name: codes if name == "return_code" else getattr(found, name).tolist() for name in columns}
    return [
        {name: "" if math.isnan(values[name][i]) else values[name][i] for name in columns} for i in range(len(cases))
    ]
