"""``cn-planner compare``: a plan against its version before, or against another plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cn_planner.cli.console import as_command, opened, show, show_json, tell, working
from cn_planner.cli.options import Json, PlanPath, Threads
from cn_planner.i18n import say
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from cn_planner.report.work_records import PlanComparison


@as_command("compare")
def _compare(
    plan: PlanPath,
    other: Annotated[
        Path | None, typer.Argument(metavar="OTHER", help="Another plan; else an earlier version.", show_default=False)
    ] = None,
    version: Annotated[
        int | None, typer.Option("--version", min=0, metavar="N", help="The version that was handed out as N.")
    ] = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Say what changed: against the version before, against version N, or in OTHER against PLAN."""
    from cn_planner.session.compare import change_log
    from cn_planner.session.compare import compare_plans as compared

    if other is not None and version is not None:
        raise typer.BadParameter("give OTHER or --version, not both")
    with opened(plan) as project:
        if other is not None:
            with opened(other) as second, working(threads) as run:
                labels = (msg("{file}", file=path.name) for path in (plan, other))
                found = compared(project.snapshot(), next(labels), second.snapshot(), next(labels), run=run)
        else:
            before = project.version_before() if version is None else project.version_named(version)
            if before is None:
                if as_json:
                    show_json({"before": None, "now": None, "changes": []})
                tell(msg("There is no version before that differs from the plan as it stands."))
                return
            with working(threads) as run:
                found = change_log(project.snapshot(), project.version, before, run=run)
    if as_json:
        show_json(_as_dict(found))
    else:
        _tell(found)


def _as_dict(found: PlanComparison) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, Message):
            return str(value)
        return round(value, 6) if isinstance(value, float) else value

    def row(one: Any) -> dict[str, Any]:
        return {name: plain(getattr(one, name)) for name in one.__slots__}

    return {"before": row(found.before), "now": row(found.now), "changes": [row(one) for one in found.changes]}


def _tell(found: PlanComparison) -> None:
    from cn_planner.report.change_words import rows, told_change

    show(f"\t{say(found.before.label)}\t{say(found.now.label)}")
    for row in rows(found):
        show(f"{say(row.what)}\t{say(row.before)}\t{say(row.now)}")
    for one in found.changes:
        show(say(told_change(one)))
    if not found.changes:
        tell(msg("Nothing changed."))
