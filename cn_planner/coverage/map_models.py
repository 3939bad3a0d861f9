"""Which maps of coverage there are: three of the ground, and one of the loss by each model of propagation."""

from __future__ import annotations

from enum import StrEnum

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model.propagation_models import FREE_SPACE, MODELS, known


class GroundMap(StrEnum):
    """What a map shows that asks no model of the loss."""

    LOS = "los"
    FRESNEL = "fresnel"
    MIN_HEIGHT = "min-height"


GROUND_MAPS = frozenset(GroundMap)


def map_models() -> tuple[str, ...]:
    """Return the names of all maps, in the order of the command line's contract."""
    return *(one.value for one in GroundMap), FREE_SPACE, *(name for name in MODELS.names() if name != FREE_SPACE)


def model_named(name: str) -> str:
    """Return the map of a name: one of `GroundMap`, or the key of a model of propagation.

    Raises
    ------
    InputError
        Where there is none, with the names that there are.
    """
    if name not in GROUND_MAPS and not known(name):
        raise InputError(
            msg("There is no coverage map by {model}.", model=str(name)),
            fix=msg("There are {models}.", models=", ".join(map_models())),
        )
    return str(name)
