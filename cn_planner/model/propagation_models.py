"""Which models of propagation there are: their keys, and where each is found. What a model is: `links.register`."""

from __future__ import annotations

from typing import Any

from cn_planner.plugins import Door

P526, P1812, ITM, FREE_SPACE = "p526", "p1812", "itm", "free-space"

MODELS: Door[Any] = Door(
    "cn_planner.models",
    "cn_planner.links.register:PropagationModel",
    {
        P526: "cn_planner.models.p526:MODEL",
        P1812: "cn_planner.models.p1812:MODEL",
        ITM: "cn_planner.models.itm:MODEL",
        FREE_SPACE: "cn_planner.models.free_space:MODEL",
    },
)
"""All of them, in the order in which they are offered; a line here is all that a new one needs beside its module."""


def known(key: str) -> bool:
    """Return whether there is a model of this key; others' packages are looked for only where it is none of ours."""
    return MODELS.is_own(key) or key in MODELS.others()
