"""What a link has to spare, in words: over the mode that is counted on, and how far it falls back and still holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.units import rate_words

if TYPE_CHECKING:
    from cn_planner.links.budget import LinkBudget
    from cn_planner.message import Message

_TOLD_DB = 0.05
"""Less than is printed: the slowest mode is the one counted on."""


def spare_words(link: LinkBudget) -> Message | None:
    """Return what is to spare, and at which rates; None where that is not known."""
    margin, fallback, slowest = link.fade_margin_db, link.fallback_margin_db, link.fallback_mbps
    if margin is None or fallback is None or slowest is None:
        return None
    if margin < 0.0:
        return msg("{short:.1f} dB are missing.", short=-margin)
    rate = link.rate_mbps
    if not rate:
        return msg("{db:.1f} dB to spare, less than the reserve", db=margin)
    if fallback - margin < _TOLD_DB:
        return msg("{db:.1f} dB to spare at {rate}", db=margin, rate=rate_words(rate))
    return msg(
        "{db:.1f} dB to spare at {rate}; down to {slowest} for another {more:.0f} dB",
        db=margin, rate=rate_words(rate), slowest=rate_words(slowest), more=fallback - margin,
    )  # fmt: skip
