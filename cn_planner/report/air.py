"""The channel plan in the report: the channels that the plan has, judged and not changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.model.checks import has_channels
from cn_planner.progress import ALONE, Run
from cn_planner.report.work_records import AirPlan, ChannelRecord, ConflictRecord, ShortRecord
from cn_planner.service.unheard import Unheard
from cn_planner.spectrum.channels import plan_channels

if TYPE_CHECKING:
    from collections.abc import Collection

    from cn_planner.study import Study


def air_plan(study: Study, down: Collection[str] = (), *, run: Run = ALONE) -> AirPlan:
    """Return who is on which channel and what conflicts remain; ``down``: links over which nothing gets through.

    Where it cannot be said, as where two radios that should talk have no mode in common, the notes say why.
    """
    try:
        found = plan_channels(
            study,
            keep=True,
            down=down,
            run=run,
        )
    except InputError as error:
        return AirPlan(notes=(error.what,))
    channels = tuple(
        ChannelRecord(
            one.kind, one.id, one.site, one.channel.freq_mhz, one.channel.width_mhz, one.channel.dfs, one.homes,
            one.snr_db, one.sinr_db, one.disturbed, one.receivers,
        )
        for one in found.uses
    )  # fmt: skip
    conflicts = tuple(
        ConflictRecord(one.victim[0], one.victim[2], one.victim[1], one.text, one.fix) for one in found.conflicts
    )
    short = tuple(
        ShortRecord(one.user[0], one.user[2], one.user[1], one.homes, one.text, one.fix) for one in found.short
    )
    carries = {one.id: one.carries_mbps for one in found.uses if one.carries_mbps is not None}
    unheard = found.unheard if has_channels(study.plan) else Unheard()
    return AirPlan(channels, conflicts, short, (found.lost_words, *found.notes) if channels else (), carries, unheard)
