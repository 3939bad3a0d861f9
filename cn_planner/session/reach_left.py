"""The homes that a plan leaves out, reached one after the other by the cheapest thing that reaches each.

The planner builds at the places that a plan has. What it cannot reach from there a pole at the home may, or a sector
that is turned, or one more tower: `planning.fixes` says so of one home in the plan as it stands. Here each is looked
for in the plan with those before it, so that all hold together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.errors import CancelledError
from cn_planner.message import Message, counted, msg
from cn_planner.model import edits
from cn_planner.model.clients import who_refuse
from cn_planner.model.plan import Priority
from cn_planner.planning.fix_found import HomeFixes
from cn_planner.planning.fixes import home_fixes
from cn_planner.planning.held_on_air import HeldOnAir
from cn_planner.planning.left_out import silenced
from cn_planner.progress import ALONE, Run
from cn_planner.session.details import links_on_channels
from cn_planner.session.service import service_now

if TYPE_CHECKING:
    from cn_planner.economics.marginal_cost import PlanRow
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Household
    from cn_planner.planning.fix_found import Fix
    from cn_planner.session.workspace import Snapshot

MOST_LEFT = 12
"""So many are reached one by one; of more the first, and the planner is asked again."""


@dataclass(frozen=True, slots=True, eq=False)
class LeftReached:
    """What reaches the homes that are left.

    Attributes
    ----------
    edit : Edit or None
        All of it; None where nothing reaches any of them.
    notes : tuple of Message
        What is done, and what could help the others.
    homes : tuple of str
        Those that are left now, the most urgent first.
    """

    edit: Edit | None
    notes: tuple[Message, ...]
    homes: tuple[str, ...]


def reach_left(snapshot: Snapshot, *, most: int = MOST_LEFT, run: Run = ALONE) -> LeftReached:
    """Return what reaches the homes that a plan leaves out: of each the cheapest thing, those that must be first.

    A cancel keeps what was found.

    Parameters
    ----------
    snapshot : Snapshot
    most : int
        So many homes are looked at.
    run : Run

    Raises
    ------
    InputError, MissingTerrainError, FileError
        As `home_fixes` does.
    CancelledError
        Where nothing was found yet.
    """
    plan = snapshot.plan
    now, refused = service_now(snapshot, run=run.part(0.0, 0.2)), who_refuse(plan)
    left = [now.homes.ids[n] for n in np.flatnonzero(~now.reached(plan)).tolist() if now.homes.ids[n] not in refused]
    left.sort(key=lambda key: _urgency(plan.households[key]))
    # What links carry is that of the plan as it stands; homes that lose by what is put in are found by the next look at
    # the air.
    on_channels = links_on_channels(snapshot, run=run) if left else {}
    rows: list[PlanRow] = []
    done: list[Fix] = []
    advice: list[Message] = []
    silent = silenced(plan)
    for number, key in enumerate(left[:most]):
        so_far = replace(plan if not rows else edits.put(plan, rows).plan, outcome=None)  # it is not the planner's own
        try:
            run.check()
            run.progress(0.2 + 0.8 * number / min(len(left), most))
            study = replace(snapshot.study, plan=so_far)
            found = HomeFixes(key, (), silent.get(key))
            if key not in silent:
                on_air = HeldOnAir(study, store=(snapshot.cache, snapshot.air_key), run=run.silently())
                found = home_fixes(
                    study, [key], only_cheapest=True, on_channels=on_channels, on_air=on_air, down=now.down,
                    unheard=now.unheard,
                    run=run.silently(),
                )[key]  # fmt: skip
        except CancelledError:
            if not done:
                raise
            break
        if found.fixes:
            rows += found.fixes[0].rows
            done.append(found.fixes[0])
        elif found.advice is not None and found.advice not in advice:
            advice.append(found.advice)
    run.progress(1.0)
    notes = (*(_told(one, plan.households[one.home].name or one.home) for one in done), *advice)
    label = counted("reach one home more", "reach {count} homes more", len(done))
    return LeftReached(edits.put(plan, rows, label) if done else None, notes, tuple(left))


def _urgency(home: Household) -> tuple[bool, float, str]:
    return home.priority is not Priority.MUST, -home.weight, home.id


def _told(fix: Fix, home: str) -> Message:
    return msg("{home}: {words}", home=home, words=fix.words)
