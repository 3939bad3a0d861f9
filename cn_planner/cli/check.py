"""``cn-planner check``: every problem of a plan, each with its fix."""

from __future__ import annotations

from cn_planner.cli.console import as_command, opened, show, show_json
from cn_planner.cli.options import Json, PlanPath
from cn_planner.cli.remedies import command
from cn_planner.i18n import say


@as_command("check")
def _check(plan: PlanPath, as_json: Json = False) -> None:
    """Find every problem of a plan, each with its fix."""
    from cn_planner.session.check import check_project

    with opened(plan) as project:
        problems = check_project(project)
    if as_json:
        rows = [
            {
                "severity": p.severity.value, "where": p.where or None, "what": say(p.what), "fix": say(p.fix),
                "command": command(p) or None,
            }
            for p in problems
        ]  # fmt: skip
        show_json({"problems": rows})
        return
    for p in problems:
        place = f" {p.where}:" if p.where else ""
        show(f"{p.severity.value}:{place} {say(p.what)}\n    {say(p.fix)}")
        if how := command(p):
            show(f"    {how}")
    if not problems:
        show("No problem found.")
