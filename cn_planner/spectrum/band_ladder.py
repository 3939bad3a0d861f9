"""The modes of a link or sector on each channel of its band: where it stands on them, at the end that listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import Message, msg
from cn_planner.progress import ALONE, Run
from cn_planner.service.mode_ladder import mode_ladder
from cn_planner.service.path_view import PathEnd, path_view
from cn_planner.units import rate_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.service.mode_ladder import ModeLadder, ModeStep
    from cn_planner.spectrum.band import BandView
    from cn_planner.study import Study


def ladders_of(study: Study, found: BandView, *, run: Run = ALONE) -> Mapping[float, ModeLadder]:
    """Return the ladder on each channel that a radio may send on, and on the one that it has, by centre frequency.

    It is that of the path with the weakest signal: a link's own, or that of a sector's home.

    Parameters
    ----------
    study : Study
        Of the plan that the band was found of.
    found : BandView
    run : Run

    Returns
    -------
    mapping of float to ModeLadder
        Empty where a bare antenna listens, a sector has no home, or terrain is missing.

    Raises
    ------
    InputError, MissingTerrainError, FileError
        As `path_view` does.
    CancelledError
    """
    ear = found.ear
    if ear.user is None or found.far is None or found.own is None:
        return {}
    kind, far = found.far
    link = study.plan.links[ear.user[2]] if kind == "site" else None
    far_m = None
    if link is not None:
        far_m = link.from_height_m if link.from_site == far else link.to_height_m
    here = PathEnd(ear.latitude, ear.longitude, ear.height_m, "site", ear.site)
    view = path_view(study, here, PathEnd(0.0, 0.0, far_m, kind, far), link=link)
    now = found.own.channel.freq_mhz
    ladders = {}
    for channel in found.channels:
        run.check()
        freq = channel.channel.freq_mhz
        if channel.state.may_send or freq == now:
            ladder = mode_ladder(study, view, at_first=True, freq_mhz=freq)
            if ladder is not None:
                ladders[freq] = ladder
    return ladders


def ladder_words(ladder: ModeLadder) -> Message:
    """Return who is listened to, on which channel, and what is counted on."""
    counted = next((one for one in ladder.steps if one.mode == ladder.counted), None)
    if counted is None:
        return msg(
            "{far} on {freq:g} MHz: no mode has the {wanted:.0f} dB to spare that the plan wants.",
            far=ladder.far, freq=ladder.freq_mhz, wanted=ladder.wanted_db,
        )  # fmt: skip
    return msg(
        "{far} on {freq:g} MHz arrives with {level:.0f} dBm. Counted on: {mode}, the fastest with {wanted:.0f} dB to "
        "spare.",
        far=ladder.far, freq=ladder.freq_mhz, level=counted.level_dbm, mode=counted.mode, wanted=ladder.wanted_db,
    )  # fmt: skip


def step_words(step: ModeStep) -> tuple[Message, ...]:
    """Return the row of a mode: its name, its rate, the level that it asks for, what is to spare or missing."""
    return (
        Message("{mode}", (("mode", step.mode),)),
        rate_words(step.rate_mbps),
        msg("{level:.0f} dBm", level=step.needs_dbm),
        msg("{db:.1f} dB", db=step.spare_db),
    )
