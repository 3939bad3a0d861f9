"""How high trees may be that nobody measured: scenarios with weights, as a plan declares them in `rules.trees`."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.errors import InputError
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.model.plan import Plan

_MOST_M = 80.0
_ONE = re.compile(r"(\d+(?:\.\d+)?)\s*m?\s*(?::\s*(\d+(?:\.\d+)?)\s*%?)?")


class TreeScenario(NamedTuple):
    """Trees of one height wherever none are known.

    Attributes
    ----------
    canopy_m : float
    weight : float
        How probable it is; those of a plan add up to 1.
    """

    canopy_m: float
    weight: float


def read_tree_scenarios(text: str) -> tuple[TreeScenario, ...]:
    """Return scenarios from a text such as "0:30, 5:30, 10:30, 15:10", by rising height; equal weights where none is.

    Raises
    ------
    InputError
        Where it cannot be read, a height stands twice, only some have weights, or none has any.
    """
    found: dict[float, float | None] = {}
    for word in filter(None, (" ".join(one.split()) for one in re.split(r"[,;]", text))):
        match = _ONE.fullmatch(word)
        if match is None or float(match[1]) > _MOST_M:
            raise InputError(
                msg("“{word}” is no height of trees with its weight.", word=word),
                fix=msg("Write heights in m up to 80, each with its weight: 0:30, 5:30, 10:30, 15:10."),
            )
        height = float(match[1])
        if height in found:
            raise InputError(
                msg("Trees of {height:g} m stand twice among the scenarios.", height=height),
                fix=msg("Give each height one weight."),
            )
        found[height] = None if match[2] is None else float(match[2])
    given = [weight for weight in found.values() if weight is not None]
    if given and (len(given) < len(found) or not math.fsum(given) > 0.0):
        raise InputError(
            msg("The weights of the tree scenarios contradict each other: {text}.", text=text),
            fix=msg("Give each height a weight, not all of them 0; or none, and all count alike."),
        )
    total = math.fsum(given) if given else float(len(found))
    return tuple(
        TreeScenario(height, (1.0 if weight is None else weight) / total) for height, weight in sorted(found.items())
    )


def tree_scenarios(plan: Plan) -> tuple[TreeScenario, ...]:
    """Return the scenarios of a plan; none where it declares none. Errors as for `read_tree_scenarios`."""
    return read_tree_scenarios(plan.rules.trees)


def held_canopy_m(scenarios: tuple[TreeScenario, ...], certainty_pct: float) -> float:
    """Return the height of trees with which a network holds in so many of 100: the least with that weight up to it.

    Higher trees hide no less than lower ones: who is served among these is served in all that are lower.
    """
    total = 0.0
    for one in scenarios:
        total += one.weight
        if total >= certainty_pct / 100.0 - 1e-9:
            return one.canopy_m
    return scenarios[-1].canopy_m
