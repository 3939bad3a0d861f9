"""Batch prediction: a table of cases in, a table of losses out, so that anyone can hold the models against others."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from cn_planner.errors import FileError, InputError
from cn_planner.export.words import write_whole
from cn_planner.message import msg
from cn_planner.model.propagation_models import MODELS as PROPAGATION_MODELS
from cn_planner.model.propagation_models import known
from cn_planner.progress import silent
from cn_planner.propagation.checks import check_within
from cn_planner.validation.cases import Case, read_cases
from cn_planner.validation.fading_cases import multipath_rows, rain_rows
from cn_planner.validation.figures_cases import height_gain_row, p838_row, terrestrial_row, two_ray_row, woodland_row
from cn_planner.validation.itm_cases import itm_area_rows, itm_rows
from cn_planner.validation.p1812_cases import p1812_rows
from cn_planner.validation.profiles import Profiles, read_clutter, read_profiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from cn_planner.message import Message
    from cn_planner.progress import CancelToken, Progress

    Tell: TypeAlias = Callable[[Message], None]
    Model: TypeAlias = Callable[[list[Case], Profiles | None, Tell], list[dict[str, Any]]]
    """From some cases to a row of the output each; what is to be told besides is told."""

_CHUNK = 512  # cases between two looks at Cancel
_HIGHEST_M, _MOST_NU = 1e5, 1e9


def _profile(case: Case, profiles: Profiles | None, column: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return distances and elevations of the case's profile."""
    if profiles is None:
        raise InputError(msg("This model needs profiles."), fix=msg("Give them by --profiles."))
    part = profiles.part_of(case, column)
    return profiles.distance_m[part], profiles.elevation_m[part]


def _knife_edge(case: Case, _profiles: Profiles | None) -> dict[str, float]:
    from cn_planner.propagation.knife_edge import knife_edge_loss_db

    nu = case.number("nu")
    check_within(msg("The diffraction parameter nu"), nu, -_MOST_NU, _MOST_NU)
    return {"j_p526_approx_db": knife_edge_loss_db(nu)}


def _delta_bullington(case: Case, profiles: Profiles | None) -> dict[str, float]:
    from cn_planner.validation.p526_parts import delta_bullington_loss

    distance, ground = _profile(case, profiles, "profile")
    heights = case.number("htg_m"), case.number("hrg_m")
    for height in heights:
        check_within(msg("The height of an antenna above ground, m,"), height, 0.0, _HIGHEST_M)
    loss = delta_bullington_loss(
        distance,
        ground,
        float(ground[0]) + heights[0],
        float(ground[-1]) + heights[1],
        case.number("freq_hz") / 1e6,
        case.number("a_eff_m"),
        vertical=case.polarisation_is_vertical(),
    )
    return loss._asdict()


def _each(function: Callable[[Case, Profiles | None], dict[str, float]]) -> Model:
    """Return the model that predicts cases one by one, and says where one is that it cannot predict."""

    def predicted(case: Case, profiles: Profiles | None) -> dict[str, float]:
        try:
            return function(case, profiles)
        except InputError as problem:
            if problem.where:
                raise
            raise InputError(problem.what, where=case.where, fix=problem.fix) from problem

    return lambda cases, profiles, _tell: [predicted(case, profiles) for case in cases]


_MODELS: dict[str, Model] = {
    "delta-bullington": _each(_delta_bullington),
    "itm": itm_rows,
    "itm-area": itm_area_rows,
    "knife-edge": _each(_knife_edge),
    "p1812": p1812_rows,
    "p530-multipath": multipath_rows,
    "p530-rain": rain_rows,
    "p838": _each(p838_row),
    "p2108-height-gain": _each(height_gain_row),
    "p2108-terrestrial": _each(terrestrial_row),
    "p833-woodland": _each(woodland_row),
    "two-ray": _each(two_ray_row),
}


def predict(
    model: str,
    cases: Path,
    out: Path,
    *,
    profiles: Path | None = None,
    clutter: Path | None = None,
    tell: Tell | None = None,
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> int:
    """Predict every case of a file by one model and write the losses; return how many.

    A model is one of the contract, or any of the register of models of propagation: that is then asked path by path.

    `tell` is told, once each, in what a model's validity ends.

    Raises
    ------
    InputError
        Where the model is not known, or a case has a value that the model cannot take.
    FileError
        Where a file cannot be read or written.
    """
    rows_of = _rows_of(model)
    ground = _ground(profiles, clutter)
    told: dict[str, Message] = {}

    def note(message: Message) -> None:
        told.setdefault(message.key, message)

    rows: list[dict[str, Any]] = []
    following = read_cases(cases)
    while chunk := list(islice(following, _CHUNK)):
        if cancel is not None:
            cancel.check()
        progress(0.0, msg("{count} cases predicted", count=len(rows)) if rows else None)
        found = rows_of(chunk, ground, note)
        rows.extend({"case_id": case.name} | row for case, row in zip(chunk, found, strict=True))
    if not rows:
        raise FileError(msg("The file holds no case."), where=str(cases))
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    write_whole(out, stream.getvalue().encode())
    if tell is not None:
        for message in told.values():
            tell(message)
    return len(rows)


def _rows_of(model: str) -> Model:
    if model in _MODELS:
        return _MODELS[model]
    if not known(model):
        more = (name for name in PROPAGATION_MODELS.names() if name not in _MODELS)
        raise InputError(
            msg("There is no model {model} here.", model=model),
            fix=msg("There are {models}.", models=", ".join((*_MODELS, *more))),
        )
    from cn_planner.validation.paths_cases import rows_of

    return rows_of(model)


def _ground(profiles: Path | None, clutter: Path | None) -> Profiles | None:
    """Read the profiles, with what stands on them."""
    ground = read_profiles(profiles) if profiles is not None else None
    if clutter is None:
        return ground
    if ground is None:
        raise InputError(msg("Clutter stands on profiles."), fix=msg("Give them by --profiles."))
    return replace(ground, clutter=read_clutter(clutter))
