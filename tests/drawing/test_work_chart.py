"""The picture of the work: a task never stands before what it needs, and a line of bars reads in both directions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from deployment_example import example_deployment

from cn_planner import i18n
from cn_planner.drawing.display import Polygon, Text, texts
from cn_planner.drawing.palette import Role
from cn_planner.drawing.work_chart import work_charts
from cn_planner.message import msg
from cn_planner.paths import resources
from cn_planner.report.schedule import phase_weeks, schedule
from cn_planner.report.work_records import PhaseRecord, WorkTask

if TYPE_CHECKING:
    from cn_planner.drawing.display import DisplayList
    from cn_planner.report.deployment import DeploymentPlan

PHASES = tuple(PhaseRecord(n, (), (), 0.0, 0.0, 0.0, 0.0, 6 * n - 5, 6 * n + 1, 0.0, 0.0) for n in (1, 2))
SITES = [site.id for site in example_deployment().sites]
TASKS = tuple(
    WorkTask(number, phase, msg("Dig"), site, days, after)
    for number, (phase, site, days, after) in enumerate(
        (
            (1, SITES[0], None, ()), (1, SITES[1], None, ()), (1, "", None, (1, 2)), (1, SITES[0], 8.0, (3,)),
            (1, SITES[0], None, (3,)), (1, "", None, (4, 5)), (2, SITES[1], 2.5, (6,)), (2, "", None, (7,)),
        ),
        start=1,
    )
)  # fmt: skip


def plan(language: str = "en", copies: int = 1) -> DeploymentPlan:
    example = example_deployment()
    sites = tuple(replace(example.sites[0], id=f"S{n}", name=f"Place {n}") for n in range(copies)) if copies > 1 else ()
    more = tuple(WorkTask(100 + n, 2, msg("Dig"), site.id, 1.0, ()) for n, site in enumerate(sites))
    meta = replace(example.meta, language=language)
    return replace(example, meta=meta, sites=(*example.sites, *sites), phases=PHASES, work=(*TASKS, *more))


def drawn(one: DeploymentPlan) -> DisplayList:
    (chart,) = work_charts(one, width=500.0, height=600.0)
    return chart


def test_each_task_follows_what_it_needs_within_its_phase_and_days_have_their_length() -> None:
    found = {one.task.number: one for one in schedule(PHASES, TASKS)}
    assert list(found) == [task.number for task in TASKS]
    for task in TASKS:
        begins, ends = phase_weeks(PHASES[task.phase - 1])
        assert begins <= found[task.number].start_week < found[task.number].end_week <= ends + 1e-9
        assert all(found[other].end_week <= found[task.number].start_week + 1e-9 for other in task.after)
    lengths = {number: one.end_week - one.start_week for number, one in found.items()}
    assert lengths[4] == pytest.approx(8.0 * lengths[5])
    assert found[6].end_week == pytest.approx(26.0)  # six months


def test_bars_carry_the_numbers_of_their_tasks_and_none_lies_over_another() -> None:
    chart = drawn(plan())
    assert {str(task.number) for task in TASKS} <= {text.text for text in texts(chart.items)}
    bars = [item for item in chart.items if isinstance(item, Polygon) and item.stroke is not None]
    boxes = sorted((one.rings[0][0], one.rings[0][2]) for one in bars[:-2])  # the last two are the key's
    assert len(boxes) == len(TASKS)
    for n, ((left, top), (right, bottom)) in enumerate(boxes):
        for (other_left, other_top), (other_right, other_bottom) in boxes[n + 1 :]:
            apart = other_left >= right - 1e-6 or other_right <= left + 1e-6
            assert apart or other_top >= bottom or other_bottom <= top
    counted = [one for one in bars[:-2] if one.fill is not None and one.fill.role is Role.GRID]
    assert len(counted) == sum(task.days is not None for task in TASKS)


def test_time_runs_from_the_right_where_words_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def places(chart: DisplayList) -> list[tuple[str, float]]:
        return [(one.text, one.x) for one in chart.items if isinstance(one, Text) and one.text.isdigit()]

    here = places(drawn(plan()))
    monkeypatch.setattr(i18n, "_folders", [])
    i18n.use_catalogues(resources() / "translations")
    there = places(drawn(plan("ar")))
    i18n._catalogue.cache_clear()
    assert [text for text, _ in there] == [text for text, _ in here]
    assert [x for _, x in there] == pytest.approx([500.0 - x for _, x in here])


def test_many_towers_take_several_sheets_and_no_work_none() -> None:
    sheets = work_charts(plan(copies=120), width=500.0, height=600.0)
    assert len(sheets) > 1
    assert all(sheet.height <= 600.0 for sheet in sheets)
    told = [text.text for sheet in sheets for text in texts(sheet.items)]
    assert all(told.count(f"Place {n}") == 1 for n in range(120))
    assert work_charts(replace(plan(), phases=(), work=()), width=500.0, height=600.0) == ()
