"""What a model of propagation is to the rest of the program, and the one way to find and to ask one.

Adding a model: a module in `cn_planner.models` with a `PropagationModel`, and a line in `model.propagation_models`. A
package of somebody else's has the same object and, in its pyproject.toml, an entry point whose name is its key::

    [project.entry-points."cn_planner.models"]
    two-slopes = "their_package.two_slopes:MODEL"
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from cn_planner.errors import InputError
from cn_planner.message import Message, msg
from cn_planner.model.propagation_models import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.links.conditions import Conditions
    from cn_planner.terrain.profile import PathProfile

SIGMA_CLEAR_DB = 6.0
"""See `links.verdict`."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Loss by cause, dB; None where it was not asked for or is not known."""

    free_space_db: float | None = None
    diffraction_db: float | None = None
    vegetation_db: float | None = None
    gas_db: float | None = None
    rain_db: float | None = None
    total_db: float | None = None


class Prediction(NamedTuple):
    """What one model says of a path.

    Attributes
    ----------
    losses : Losses
        Of the model alone: ``total_db``, and of what it is the sum where the model can tell. Gases and rain are added
        by `losses.predicted`.
    warnings : tuple of Message
        Where the model is near or beyond the limits of what it was made for.
    detail : object
        The model's own answer with every intermediate, where it has one.
    """

    losses: Losses
    warnings: tuple[Message, ...] = ()
    detail: Any = None


class PathFunction(Protocol):
    """From a path to its basic transmission loss, in plain Python: no compiler is loaded.

    `profile` is the ground with what stands on it, no height missing; `heights_m` are the antennas above ground, m;
    `vertical` is the polarisation; `air` has k, percentages, refractivities and climate. What a model cannot take it
    refuses by an `InputError`. It keeps no state: maps ask it from several threads.
    """

    def __call__(
        self, profile: PathProfile, heights_m: tuple[float, float], freq_mhz: float, vertical: bool, air: Conditions, /
    ) -> Prediction:
        """Return the loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PropagationModel:
    """A model of propagation.

    Attributes
    ----------
    key : str
        What it is called on the command line and in plans.
    name : str
        What a person calls it in a sentence.
    path : PathFunction
    freq_mhz : (float, float)
        For which frequencies it holds.
    source : str
        The Recommendation or the paper.
    words : Message, optional
        What it is called in a list of choices; its name where not given.
    sigma_clear_db : float
        Standard deviation of its error on a clear path, dB (`links.verdict` has the one on an obstructed path).
    percentages : bool
        Whether it knows other percentages of time and places than the half of both.
    warns : bool
        Whether its path function has anything to warn of; else a map need not ask it.
    map_tasks : callable, optional
        From a `coverage.map_job.MapJob` to the tasks that write that tower's map, for a model that has a quicker way
        than path by path. Without it a map asks `path` of each cell.
    coarse_cells : int
        Cells of a coarse picture at most: as many as take about 0.15 s on two cores.
    map_title, map_meant : Message, optional
        What its map is called by its legend, and on its sheet, where that is not "Loss by" it.
    """

    key: str
    name: str
    path: PathFunction
    freq_mhz: tuple[float, float]
    source: str
    words: Message | None = None
    sigma_clear_db: float = SIGMA_CLEAR_DB
    percentages: bool = False
    warns: bool = True
    map_tasks: Callable[[Any], list[Callable[[], None]]] | None = None
    coarse_cells: int = 400
    map_title: Message | None = None
    map_meant: Message | None = None

    @property
    def choice(self) -> Message:
        """What it is called in a list of choices."""
        return msg("{name}", name=self.name) if self.words is None else self.words


def model_of(key: str) -> PropagationModel:
    """Return the model of a key.

    Raises
    ------
    InputError
        Where there is none, with those that there are.
    """
    found: PropagationModel | None = MODELS.get(key)
    if found is None:
        raise InputError(
            msg("There is no model {model} here.", model=key),
            fix=msg("There are {models}.", models=", ".join(MODELS.names())),
        )
    return found


def ask(
    model: PropagationModel,
    profile: PathProfile,
    heights_m: tuple[float, float],
    freq_mhz: float,
    vertical: bool,
    air: Conditions,
) -> Prediction:
    """Return what a model says of a path; parameters as of `PathFunction`.

    Raises
    ------
    InputError
        Where the path or a condition is outside the model's validity, named with its value and range.
    PluginError
        Where a model of somebody else's fails.
    """
    if MODELS.is_own(model.key):
        found = model.path(profile, heights_m, freq_mhz, vertical, air)  # it may have words of its own for a frequency
        _check_freq(model, freq_mhz)
        return found
    _check_freq(model, freq_mhz)
    with MODELS.using(model.key):
        found = model.path(profile, heights_m, freq_mhz, vertical, air)
        if not (isinstance(found, Prediction) and math.isfinite(found.losses.total_db or 0.0)):
            raise TypeError(f"no Prediction with a finite total: {found!r}")
    return found


def _check_freq(model: PropagationModel, freq_mhz: float) -> None:
    low, high = model.freq_mhz
    if not low <= freq_mhz <= high:
        raise InputError(
            msg("The frequency is {value:g} MHz; {model} takes {low:g} to {high:g}.",
                value=freq_mhz, model=model.name, low=low, high=high)
        )  # fmt: skip
