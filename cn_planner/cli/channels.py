"""``cn-planner channels``: which channel each sector and link takes, and what disturbs what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cn_planner.cli.console import as_command, opened, show, show_json, tell, working
from cn_planner.cli.options import Json, PlanPath, Threads
from cn_planner.i18n import say
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.spectrum.channel_plan import ChannelPlan


@as_command("channels")
def _channels(
    plan: PlanPath,
    fresh: Annotated[bool, typer.Option("--fresh", help="Also those that have a channel are given one anew.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Change nothing: judge the channels of the plan.")] = False,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Give sectors and links channels so that they disturb each other least, and say what conflicts remain."""
    if fresh and keep:
        raise typer.BadParameter("give --fresh or --keep, not both")
    with opened(plan) as project, working(threads) as run:
        found = project.give_channels(fresh=fresh, keep=keep, run=run)
    if as_json:
        show_json(found.as_dict())
    else:
        _tell(found)


def _tell(found: ChannelPlan) -> None:
    if not found.uses:
        tell(msg("The plan has no sectors and links yet: make a plan first, or place them on the map."))
        return
    for use in found.uses:
        ratio = "" if use.sinr_db is None else say(msg("{ratio:.0f} dB above noise and others", ratio=use.sinr_db))
        radar = say(msg("leaves it for radars (DFS)")) if use.channel.dfs else ""
        name = f"{use.site} {use.id}" if use.kind == "sector" else use.id
        width = f"{use.channel.width_mhz:g} MHz"
        if use.channel.width_mhz < use.full_mhz:
            width = say(msg("{width} of {full:g}", width=width, full=use.full_mhz))
        show(f"{name}\t{use.channel.freq_mhz:g} MHz\t{width}\t{ratio}\t{radar}".rstrip())
    tell(found.lost_words)
    for one in found.conflicts:
        show(f"{say(one.text)} {say(one.fix)}")
    for note in found.notes:
        tell(note)
