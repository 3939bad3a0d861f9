"""Larger dishes on links that hear too much or are heard: as few as do for a plan's own channels."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cn_planner.planning.air_limits import AirTasks, OnAir, lacking, order_on_air, time_for

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from cn_planner.progress import Clock

_TRIED_LINKS, _TRIED_DISHES = 4, 8
"""Links that are looked at for one larger dish, and dishes that are tried for a plan, at most."""
_TRIED_LESS = 10
"""Plans without some of the larger dishes that are tried where few do not do."""


def larger_dishes(now: OnAir, asked: float, tasks: AirTasks, clock: Clock) -> OnAir:
    """Return a plan with larger dishes on links that hear too much or are heard, where that helps.

    All that disturb or are disturbed get theirs at once. Where that does it is tried whether fewer do: one after the
    other gets the largest, as long as that is the cheaper way; where a few do not do, parts of all go without. Then
    each has a smaller one if that does.
    """
    if tasks.dishes is None or now.channels is None or not lacking(now):
        return now
    links = {key for one in now.channels.conflicts for kind, _, key in (one.victim, one.by) if kind == "link"}
    tries = _Tries(now, asked, tasks, clock)
    whole = tries.with_dishes(dict.fromkeys(links, tasks.kits[0]))
    if whole is None or lacking(whole):
        return now if whole is None else min(now, whole, key=lambda one: order_on_air(one, asked))
    best, chosen = tries.few(whole)
    if lacking(best):
        best, chosen = tries.less(whole, _by_conflicts(now, links))
    for key in list(chosen):
        for kit in tasks.kits[-1:0:-1] if not lacking(best) else ():
            other = tries.with_dishes({**chosen, key: kit}) if clock.left() != 0.0 else None
            if other is not None and order_on_air(other, asked) < order_on_air(best, asked):
                best, chosen[key] = other, kit
                break
    return min(best, whole, key=lambda one: order_on_air(one, asked))


@dataclass(slots=True, eq=False)
class _Tries:
    """Plans with larger dishes on some links of one plan, on their channels."""

    now: OnAir
    asked: float
    tasks: AirTasks
    clock: Clock
    lasted: float = field(default=0.0)
    """Seconds of the last try."""

    def with_dishes(self, kits: Mapping[str, str]) -> OnAir | None:
        """Return the plan with these kits on these links; None where there is none."""
        began = time.perf_counter()
        design = None if self.tasks.dishes is None else self.tasks.dishes(self.now.before, kits)
        found = None if design is None else self.tasks.channels(design)
        self.lasted = time.perf_counter() - began
        return None if found is None or found.channels is None else found

    def few(self, whole: OnAir) -> tuple[OnAir, dict[str, str]]:
        """Return the plan with the largest dish on one link after the other, each time that which helps most."""
        best, chosen, tries = self.now, dict[str, str](), 0
        while lacking(best) and tries < _TRIED_DISHES:
            step = best
            for key in _suspects(best, chosen)[:_TRIED_LINKS]:
                other, tries = self.with_dishes({**chosen, key: self.tasks.kits[0]}), tries + 1
                if other is not None and order_on_air(other, self.asked) < order_on_air(step, self.asked):
                    step, last = other, key
                if not (lacking(step) and time_for(self.clock, (1 + _TRIED_LINKS) * self.lasted)):
                    break
            if step is best or step.design.value >= whole.design.value:
                break
            best, chosen[last] = step, self.tasks.kits[0]
        return best, chosen

    def less(self, whole: OnAir, links: Sequence[str]) -> tuple[OnAir, dict[str, str]]:
        """Return the plan with the largest dish on all links but those that do without: halves first, then parts."""
        best, large, tries = whole, dict.fromkeys(links, self.tasks.kits[0]), 0
        parts = [links[len(links) // 2 :], links[: len(links) // 2]]
        while parts and tries < _TRIED_LESS and time_for(self.clock, self.lasted):
            part = parts.pop()
            kept = {key: kit for key, kit in large.items() if key not in part}
            if not part or not kept:
                continue
            other, tries = self.with_dishes(kept), tries + 1
            if other is not None and order_on_air(other, self.asked) < order_on_air(best, self.asked):
                best, large = other, kept
            elif len(part) > 1:
                parts += [part[len(part) // 2 :], part[: len(part) // 2]]
        return best, large


def _suspects(now: OnAir, known: Collection[str]) -> list[str]:
    """Return the links that are too full, those of most homes first, then those that disturb or are disturbed most."""
    channels = now.channels
    if channels is None:
        return []
    full = Counter(one.user[2] for one in channels.crowded_out.values() if one.user[0] == "link")
    others = Counter(key for one in channels.conflicts for kind, _, key in (one.victim, one.by) if kind == "link")
    order = sorted(full | others, key=lambda key: (-full[key], -others[key], key))
    return [key for key in order if key not in known]


def _by_conflicts(now: OnAir, links: Collection[str]) -> list[str]:
    """Return links in the order of how much they disturb and are disturbed, the least first."""
    count = Counter(
        key for one in (() if now.channels is None else now.channels.conflicts)
        for kind, _, key in (one.victim, one.by) if kind == "link"
    )  # fmt: skip
    return sorted(links, key=lambda key: (count[key], key))
