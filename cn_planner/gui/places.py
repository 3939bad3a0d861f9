"""Places for towers, found in the terrain: the work, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.gui.values import Level, Notice
from cn_planner.jobs import Slot, run_on
from cn_planner.message import counted, msg

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Job, Report
    from cn_planner.planning.candidates import Candidates
    from cn_planner.progress import CancelToken
    from cn_planner.session.workspace import Snapshot


def find_places(
    state: AppState, say_found: Callable[[Notice], object], then: Callable[[], object] | None = None
) -> Job[Candidates] | None:
    """Look for places in the terrain and put them in as candidates, in one edit.

    Parameters
    ----------
    state : AppState
        Gets the places.
    say_found : callable of Notice
        Says how many were found; where there is none, the state says so itself.
    then : callable, optional
        What is done once the places are in the plan, or there is none to be put in.
    """

    def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> Candidates:
        from cn_planner.session.tasks import places_for_towers

        return places_for_towers(snapshot, run=run_on(report, cancel))

    def done(found: Candidates) -> None:
        unseen = None
        if found.unseen > 0.0:
            unseen = counted(
                "{count:,g} home is seen from none of them.", "{count:,g} homes are seen from none of them.",
                found.unseen,
            )  # fmt: skip
        if found.edit is None:
            state.say(Notice(Level.INFO, msg("No place was found that is not in the plan already."), fix=unseen))
        elif state.apply(found.edit):
            words = counted(
                "{count} place for a tower was found. It is on the map now.",
                "{count} places for towers were found. They are on the map now.",
                len(found.kept),
            )
            say_found(Notice(Level.INFO, words, fix=unseen))
        if then is not None:
            then()

    return state.ask("places", msg("Looking for places for towers"), work, done, slot=Slot.SOLVER, said=True)
