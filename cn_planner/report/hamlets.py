"""Homes by hamlet: how many are reached, and why the rest is not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cn_planner.message import Message, msg
from cn_planner.report.columns import NUMBER, WEIGHT, WORD, heading, record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.report.deployment import HomeRecord


@record
class HamletRecord:
    """One hamlet; homes outside of all of them are under a name in words."""

    hamlet: Message | str = heading(msg("Hamlet"), WORD)
    weight: float = heading(msg("Homes"), NUMBER, "", WEIGHT, total=True)
    reached: float = heading(msg("Reached"), NUMBER, "", WEIGHT, total=True)
    left_out: float = heading(msg("Not reached"), NUMBER, "", WEIGHT, total=True)
    reason: Message | None = heading(msg("Why most of them are not"), WORD, wide=True)
    """Why most of those left out are not reached."""


def hamlet_records(homes: Iterable[HomeRecord]) -> tuple[HamletRecord, ...]:
    """Return the hamlets, those with most homes left out first; none where no home has one."""
    members: dict[str, list[HomeRecord]] = {}
    for home in homes:
        members.setdefault(home.hamlet, []).append(home)
    if not any(members):
        return ()
    found = [_record(name, group) for name, group in sorted(members.items())]
    return tuple(sorted(found, key=lambda one: -one.left_out))


def _record(name: str, homes: list[HomeRecord]) -> HamletRecord:
    reached = sum(home.weight for home in homes if home.reached)
    weight = sum(home.weight for home in homes)
    left = [home for home in homes if not home.reached and home.weight > 0.0 and home.reason is not None]
    often = Counter(home.reason.key for home in left if home.reason is not None).most_common(1)
    reason = next((home.reason for home in left if home.reason is not None and home.reason.key == often[0][0]), None)
    return HamletRecord(name or msg("Outside of hamlets"), weight, reached, weight - reached, reason)
