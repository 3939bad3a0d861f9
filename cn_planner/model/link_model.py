"""What predicts the loss of a path; beside the plan, for those who have none and need not wait for it to load."""

from __future__ import annotations

from enum import StrEnum


class LinkModel(StrEnum):
    """What predicts the loss of a path."""

    P526 = "p526"
    P1812 = "p1812"
    ITM = "itm"
    FREE_SPACE = "free-space"
