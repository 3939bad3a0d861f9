"""``cn-planner candidates``: places for towers, found in the terrain."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from cn_planner.cli.console import as_command, opened, show, show_json, tell, working
from cn_planner.cli.options import Json, PlanPath, Threads
from cn_planner.i18n import say
from cn_planner.message import counted, msg

if TYPE_CHECKING:
    from cn_planner.planning.candidates import Candidates


@as_command("candidates")
def _candidates(
    plan: PlanPath,
    most: Annotated[int, typer.Option("--most", min=1, max=500, help="So many places at most.")] = 40,
    look: Annotated[bool, typer.Option("--look", help="Only show them: change nothing.")] = False,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Find places for towers in the terrain: hilltops and shoulders that see homes and each other, with the reasons."""
    from cn_planner.session.tasks import places_for_towers

    with opened(plan) as project, working(threads) as run:
        found = places_for_towers(project.snapshot(), most=most, run=run)
        if found.edit is not None and not look:
            project.apply(found.edit)
    if as_json:
        show_json(found.as_dict())
    else:
        _tell(found, look=look)


def _tell(found: Candidates, *, look: bool) -> None:
    for one in found.kept:
        place = one.place
        show(f"{one.id}\t{place.latitude:.5f},{place.longitude:.5f}\t{place.ground_m:.0f} m\t{say(one.reason)}")
    for reason, count in Counter(say(one.reason) for one in found.removed).most_common(8):
        show(say(msg("Left out, {count}: {reason}", count=count, reason=reason)))
    if found.unseen > 0.0:
        tell(counted("{count:,g} home is seen from none of them.", "{count:,g} homes are seen from none of them.",
                     found.unseen))  # fmt: skip
    if not found.kept:
        tell(msg("No place was found that is not in the plan already."))
    elif not look:
        tell(
            counted(
                "Now in the plan: {count} place. What it costs beside its mast, a road or land, is yours to say.",
                "Now in the plan: {count} places. What each costs beside its mast, a road or land, is yours to say.",
                len(found.kept),
            )
        )  # fmt: skip
