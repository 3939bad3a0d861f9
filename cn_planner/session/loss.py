"""Batch prediction: a table of cases in, a table of losses out, so that anyone can hold the models against others."""

from __future__ import annotations

import csv
import zipfile
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from cn_planner.errors import FileError, InputError
from cn_planner.message import msg
from cn_planner.progress import silent
from cn_planner.session.cases import Case, read_cases
from cn_planner.session.loss_figures import height_gain_row, p838_row, terrestrial_row
from cn_planner.session.loss_itm import itm_area_rows, itm_rows
from cn_planner.session.loss_p1812 import ClutterHeights, p1812_rows, read_clutter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from cn_planner.message import Message
    from cn_planner.progress import CancelToken, Progress

    Tell: TypeAlias = Callable[[Message], None]
    Model: TypeAlias = Callable[[list[Case], "Profiles | None", Tell], list[dict[str, Any]]]
    """From some cases to a row of the output each; what is to be told besides is told."""

_CHUNK = 512  # cases between two looks at Cancel


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """Profiles end to end, by their names."""

    distance_m: NDArray[np.float64]
    elevation_m: NDArray[np.float64]
    offset: NDArray[np.int64]
    index: dict[str, int]
    spacing_m: NDArray[np.float64] | None = None
    clutter: ClutterHeights | None = None

    def index_of(self, case: Case, column: str) -> int:
        """Return which profile a case names.

        Raises
        ------
        InputError
            Where there is no profile of that name.
        """
        name = case.text(column)
        if name not in self.index:
            raise InputError(msg("There is no profile {name}.", name=name), where=case.where)
        return self.index[name]

    def part_of(self, case: Case, column: str) -> slice:
        """Return where the points of the profile that a case names stand."""
        i = self.index_of(case, column)
        return slice(int(self.offset[i]), int(self.offset[i + 1]))

    def spacing_of(self, index: int) -> float:
        """Return the distance between neighbouring points of a profile, m.

        Raises
        ------
        InputError
            Where its points are not equally spaced.
        """
        if self.spacing_m is not None:
            return float(self.spacing_m[index])
        from cn_planner.propagation.itm import equal_spacing_m

        return equal_spacing_m(self.distance_m[self.offset[index] : self.offset[index + 1]])


def read_profiles(path: Path) -> Profiles:
    """Read PROFILES.npz.

    Raises
    ------
    FileError
        Where it is not such a file, or its arrays do not fit each other.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            elevation = np.asarray(arrays["elevation_m"], dtype=np.float64)
            offset = np.asarray(arrays["offset"], dtype=np.int64)
            names = [str(name) for name in arrays["profile_id"]]
            spacing: NDArray[np.float64] | None = None
            if "dist_m" in arrays:
                distance = np.asarray(arrays["dist_m"], dtype=np.float64)
            else:
                spacing = np.asarray(arrays["spacing_m"], dtype=np.float64)
                counts = np.diff(offset)
                distance = np.concatenate([np.arange(n) * s for n, s in zip(counts, spacing, strict=True)])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as problem:
        raise FileError(
            msg("This is not a file of profiles."),
            where=str(path),
            fix=msg("It needs the arrays elevation_m, offset, profile_id, and spacing_m or dist_m."),
        ) from problem
    if not (
        len(distance) == len(elevation) == (offset[-1] if len(offset) else -1)
        and offset[0] == 0
        and np.all(np.diff(offset) > 0)
        and len(names) == len(offset) - 1
    ):
        raise FileError(msg("The arrays of the profiles do not fit each other."), where=str(path))
    return Profiles(distance, elevation, offset, {name: i for i, name in enumerate(names)}, spacing)


def _profile(case: Case, profiles: Profiles | None, column: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return distances and elevations of the case's profile."""
    if profiles is None:
        raise InputError(msg("This model needs profiles."), fix=msg("Give them by --profiles."))
    part = profiles.part_of(case, column)
    return profiles.distance_m[part], profiles.elevation_m[part]


def _knife_edge(case: Case, _profiles: Profiles | None) -> dict[str, float]:
    from cn_planner.propagation.knife_edge import knife_edge_loss_db

    return {"j_p526_approx_db": knife_edge_loss_db(case.number("nu"))}


def _delta_bullington(case: Case, profiles: Profiles | None) -> dict[str, float]:
    from cn_planner.propagation.delta_bullington import delta_bullington_loss

    distance, ground = _profile(case, profiles, "profile")
    loss = delta_bullington_loss(
        distance,
        ground,
        float(ground[0]) + case.number("htg_m"),
        float(ground[-1]) + case.number("hrg_m"),
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


def _untold(function: Callable[[list[Case], Profiles | None], list[dict[str, Any]]]) -> Model:
    """Return the model of a function that has all it says in its rows."""
    return lambda cases, profiles, _tell: function(cases, profiles)


MODELS: dict[str, Model] = {
    "delta-bullington": _each(_delta_bullington),
    "itm": _untold(itm_rows),
    "itm-area": _untold(itm_area_rows),
    "knife-edge": _each(_knife_edge),
    "p1812": p1812_rows,
    "p838": _each(p838_row),
    "p2108-height-gain": _each(height_gain_row),
    "p2108-terrestrial": _each(terrestrial_row),
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

    `tell` is told, once each, in what a model's validity ends.

    Raises
    ------
    InputError
        Where the model is not known, or a case has a value that the model cannot take.
    FileError
        Where a file cannot be read or written.
    """
    if model not in MODELS:
        raise InputError(
            msg("There is no model {model} here.", model=model),
            fix=msg("There are {models}.", models=", ".join(MODELS)),
        )
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
        found = MODELS[model](chunk, ground, note)
        rows.extend({"case_id": case.name} | row for case, row in zip(chunk, found, strict=True))
    if not rows:
        raise FileError(msg("The file holds no case."), where=str(cases))
    partial = out.with_name(f".{out.name}.part")
    try:
        with partial.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        partial.replace(out)
    except OSError as problem:
        partial.unlink(missing_ok=True)
        raise FileError(msg("The losses cannot be written."), where=str(out)) from problem
    if tell is not None:
        for message in told.values():
            tell(message)
    return len(rows)


def _ground(profiles: Path | None, clutter: Path | None) -> Profiles | None:
    """Read the profiles, with what stands on them."""
    ground = read_profiles(profiles) if profiles is not None else None
    if clutter is None:
        return ground
    if ground is None:
        raise InputError(msg("Clutter stands on profiles."), fix=msg("Give them by --profiles."))
    return replace(ground, clutter=read_clutter(clutter))
