"""``cn-planner export``: the plan as files to print, to show and to build from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cn_planner.cli.console import as_command, opened, show, tell, working
from cn_planner.cli.options import Date, PlanPath, Threads, given_or_today, metres
from cn_planner.i18n import say
from cn_planner.message import msg


def _others() -> list[str]:
    from cn_planner.export.formats import FORMATS

    return [f"{key}: {say(one.words)}" for key, one in FORMATS.others().items()]


@as_command("export", adds=_others)
def _export(
    plan: PlanPath,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Folder for the files.")],
    formats: Annotated[
        str | None,
        typer.Option(
            "--formats", metavar="pdf,xlsx,...", help="Which; default: every one but plan, the copy for others."
        ),
    ] = None,
    blur_homes: Annotated[
        float | None,
        typer.Option("--blur-homes", parser=metres, metavar="M", help="Move homes by up to so many metres."),
    ] = None,
    date: Date = None,
    threads: Threads = None,
) -> None:
    """Write the plan as files."""
    from cn_planner.export.formats import FORMATS
    from cn_planner.model.checks import Severity, problems

    wanted = None if formats is None else tuple(word.strip().lower() for word in formats.split(",") if word.strip())
    if wanted is not None and (not wanted or not set(wanted) <= set(FORMATS.names())):
        raise typer.BadParameter(f"{formats!r}: there are {', '.join(FORMATS.names())}")
    with opened(plan) as project, working(threads) as run:
        paths = project.export(to, wanted, date=given_or_today(date), blur_homes_m=blur_homes, run=run)
        for problem in problems(project.plan):
            if problem.severity is Severity.ERROR:
                tell(problem.what)
    for path in paths:
        show(str(path))
    if wanted == ("tables",) and not paths:
        tell(msg("No table is so long that it stands here: all are in the plan itself."))
