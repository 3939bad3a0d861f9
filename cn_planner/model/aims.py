"""What people leave to the planner: what is least, and who may pass the signal on."""

from __future__ import annotations

from enum import StrEnum


class Objective(StrEnum):
    """What is least in a plan for a share of the homes."""

    CAPITAL = "capital"
    FIVE_YEARS = "five_years"


class Relays(StrEnum):
    """At which homes the planner may put a relay: none, those that are willing, those too that nobody asked yet."""

    NO = "no"
    WILLING = "willing"
    ASK = "ask"
