"""``cn-planner spectrum``: a band by place: the law, who is heard how loud, what is lost on each channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cn_planner.cli.console import as_command, opened, show, show_json, tell, working
from cn_planner.cli.options import Json, PlanPath, Threads, position_option
from cn_planner.i18n import say

if TYPE_CHECKING:
    from cn_planner.service.mode_ladder import ModeLadder
    from cn_planner.spectrum.band import BandView


_TOP_M = 150.0
"""As high as an antenna of a plan may hang."""


@as_command("spectrum")
def _spectrum(
    plan: PlanPath,
    where: Annotated[
        str, typer.Argument(metavar="[WHERE]", help="A site, SITE:SECTOR, a link or LINK:SITE, by id.")
    ] = "",
    at: Annotated[
        str, typer.Option("--at", metavar="LAT,LON,HEIGHT", help="Listen here with a bare antenna; height, m.")
    ] = "",
    kit: Annotated[str, typer.Option("--kit", metavar="ID", help="Whose radio a bare antenna listens with.")] = "",
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Show a band as it is at a place: the law, who is heard how loud, and what is lost on each channel."""
    if bool(where) == bool(at):
        raise typer.BadParameter("give WHERE, or --at")
    spot = position_option(at) if at else None
    if spot is not None and not 0.0 <= spot[2] <= _TOP_M:
        raise typer.BadParameter(f"{at!r}: the height goes from 0 to {_TOP_M:g} m")
    from cn_planner.spectrum.band import band_at, bare_ears, ear_of
    from cn_planner.spectrum.band_ladder import ladders_of

    with opened(plan) as project, working(threads) as run:
        snapshot = project.snapshot()
        if spot is not None:
            ear = bare_ears(project.plan, snapshot.catalogue, *spot)[0]
            ear = ear._replace(kit=kit or ear.kit)
        else:
            ear = ear_of(project.plan, snapshot.catalogue, where, kit)
        found = band_at(snapshot.study, ear, run=run)
        ladders = ladders_of(snapshot.study, found, run=run)
    own = found.own
    ladder = None if own is None else ladders.get(own.channel.freq_mhz)
    if as_json:
        show_json(found.as_dict() | {"modes": None if ladder is None else ladder.as_dict()})
    else:
        _tell(found, ladder)


def _tell(found: BandView, ladder: ModeLadder | None) -> None:
    from cn_planner.spectrum.band_ladder import ladder_words, step_words
    from cn_planner.spectrum.band_words import band_summary, channel_words, radio_words

    for words in band_summary(found):
        tell(words)
    for channel in found.channels:
        show("\t".join(say(one) for one in channel_words(found, channel)).rstrip())
    for radio in found.radios:
        show("\t".join(say(one) for one in radio_words(radio)).rstrip())
    if ladder is not None:
        tell(ladder_words(ladder))
        for step in ladder.steps:
            show("\t".join(say(one) for one in step_words(step)))
