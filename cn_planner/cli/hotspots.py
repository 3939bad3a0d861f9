"""``cn-planner hotspots``: who is connected at home, who reaches the network on foot with a phone, who is left out."""

from __future__ import annotations

from cn_planner.cli.console import as_command, opened, show, show_json, tell, working
from cn_planner.cli.options import Json, PlanPath, Threads
from cn_planner.i18n import say
from cn_planner.message import msg


@as_command("hotspots")
def _hotspots(plan: PlanPath, threads: Threads = None, as_json: Json = False) -> None:
    """Show the hotspots of a plan: who gets there on foot, and how far a phone works.

    Hotspots hang on public places that a tower connects, and on towers; `plan` chooses them.
    """
    from cn_planner.report.hotspots import counts_words, no_hotspot_words, weak_words
    from cn_planner.session.hotspots import people_now

    with opened(plan) as project, working(threads) as run:
        here = project.plan
        found = people_now(project.snapshot(), run=run)
    if as_json:
        show_json(found.as_dict())
        return
    tell(counts_words(found.counts))
    for one in found.found.hotspots:
        words = msg("people on foot: {people:,.0f}, not connected at home: {more:,.0f}",
                    people=one.people, more=one.not_at_home)  # fmt: skip
        weak = weak_words(here, one)
        show(f"{one.hotspot.id}\t{one.hotspot.name}\t{say(words)}{'' if weak is None else f'. {say(weak)}'}")
    if not found.found.hotspots:
        tell(no_hotspot_words(here))
