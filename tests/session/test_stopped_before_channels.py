"""A plan that was stopped before its channels were chosen: it is kept, and says that it has none."""

from __future__ import annotations

from dataclasses import replace

from cn_planner.message import Message
from cn_planner.model.checks import Action
from cn_planner.model.history import Edit
from cn_planner.progress import CancelToken, Run
from cn_planner.report.build import build_report
from cn_planner.session.check import check_project
from cn_planner.session.network import plan_network
from cn_planner.session.project import Project
from cn_planner.session.tasks import give_channels


def test_a_plan_that_was_stopped_says_that_it_has_no_channels(valley: Project) -> None:
    cancel = CancelToken()

    def stop(_fraction: float, doing: Message | None = None) -> None:
        if str(doing) == "Writing the plan down":
            cancel.cancel()

    found = plan_network(valley.snapshot(), cover=0.3, run=Run(progress=stop, cancel=cancel))
    assert found.edit is not None
    assert all(link.freq_mhz is None for link in found.edit.plan.standing_links.values())
    assert any("channels: the plan has none yet" in str(one) for one in found.notes)
    valley.apply(found.edit)
    radios = len(valley.plan.standing_links) + sum(len(one.sectors) for one in valley.plan.used_sites.values())
    (said,) = [one for one in check_project(valley) if one.action is Action.GIVE_CHANNELS]
    assert str(said.what) == f"{radios} links and sectors have no channel yet."
    (told,) = [str(one) for one in found.notes if "channels: the plan has none yet" in str(one)]
    assert "counted as if its radios did not disturb each other" in told
    assert found.as_dict()["channels_chosen"] is False
    paper = build_report(valley.snapshot().study, version=1, date="2026-12-03")
    assert str(said.what) in [str(one.what) for one in paper.missing]
    valley.apply(give_channels(valley.snapshot()).edit)
    paper = build_report(valley.snapshot().study, version=1, date="2026-12-03")
    assert str(said.what) not in [str(one.what) for one in paper.missing]
    assert replace(found, edit=Edit(found.edit.label, valley.plan)).as_dict()["channels_chosen"] is True
