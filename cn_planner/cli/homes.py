"""``cn-planner homes``: who serves each home and how well; what would reach those left out, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cn_planner.cli.console import as_command, opened, show, show_json, tell, working
from cn_planner.cli.options import Json, PlanPath, Threads, metres
from cn_planner.i18n import say
from cn_planner.message import in_a_row, msg

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.planning.fix_found import Fix
    from cn_planner.planning.home_rows import HomeRow


@as_command("homes")
def _homes(
    plan: PlanPath,
    home: Annotated[
        list[str] | None,
        typer.Argument(metavar="[HOME]...", help="Ids of homes: these alone, with every way to reach them."),
    ] = None,
    left_out: Annotated[bool, typer.Option("--left-out", help="Only homes that are not served.")] = False,
    fix: Annotated[
        str | None, typer.Option("--fix", metavar="HOME", help="Do the cheapest thing that reaches this home.")
    ] = None,
    hamlets: Annotated[
        float | None,
        typer.Option(
            "--hamlets",
            parser=metres,
            metavar="M",
            help="Group all homes into hamlets first: those at most so far from the next.",
        ),
    ] = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Show each home's service: tower, margin, rate, height needed, second choice; else why not, and the cheapest fix.

    A fix keeps the rules of the plan and takes nothing from other homes.

    Its cost is that by which the capital of the plan rises.
    """
    from cn_planner.importers.hamlet_names import group_homes, reached_of_hamlets, said_of_hamlet
    from cn_planner.planning.home_rows import home_rows
    from cn_planner.session.base_map import named_places
    from cn_planner.session.check_busy import busy_hour
    from cn_planner.session.service import fixes_of_home

    with opened(plan) as project, working(threads) as run:
        if hamlets is not None:
            grouped = group_homes(project.plan, hamlets, named_places(project.plan, project.path))
            project.apply(grouped)
            tell(msg("Done: {edit}.", edit=grouped.label))
            if not project.plan.elevation:  # nothing can be judged yet
                return
        if fix is not None:
            rows = home_rows(project.snapshot().study, [fix], run=run)
            found = () if rows[0].served else fixes_of_home(project.snapshot(), fix, run=run).fixes
            for one in found[:1]:
                project.apply(one.edit(project.plan))
                tell(_priced(one, project.plan.info.currency))
            if not found:
                tell(msg("Nothing to do for {home} was found.", home=fix))
        snapshot = project.snapshot()
        rows = home_rows(snapshot.study, home or None, run=run)
        ways = {row.home: fixes_of_home(snapshot, row.home, run=run).fixes for row in rows if home and not row.served}
        full = busy_hour(snapshot) if rows else ()
        currency = project.plan.info.currency
        hamlet_rows = () if home else reached_of_hamlets(project.plan, (row.home for row in rows if row.served))
    shown = [row for row in rows if not (left_out and row.served)]
    if as_json:
        show_json(
            {
                "currency": currency,
                "too_full": [str(one.what) for one in full],
                "hamlets": [
                    {"hamlet": name, "reached": reached, "homes": count} for name, reached, count in hamlet_rows
                ],
                "homes": [
                    {**row.as_dict(), **({"ways": _ways(ways.get(row.home, ()))} if home else {})} for row in shown
                ],
            }
        )
        return
    if not rows:
        tell(msg("The plan has no homes."))
    for row in shown:
        show("\t".join(_cells(row, currency)))
        for one in ways.get(row.home, ())[1:]:
            show(f"\t{say(_priced(one, currency))}")
    for name, reached, count in hamlet_rows:
        show(say(said_of_hamlet(name, reached, count)))
    for problem in full:
        tell(in_a_row(problem.what, problem.fix))


def _ways(fixes: tuple[Fix, ...]) -> list[dict[str, Any]]:
    return [
        {"site": one.site, "fix": str(one.words), "fix_cost": round(one.cost, 2), "unpriced": list(one.unpriced)}
        for one in fixes
    ]


def _priced(fix: Fix, currency: str) -> Message:
    return _with_cost(fix.words, fix.cost, currency, or_more=bool(fix.unpriced))


def _with_cost(fix: Message, cost: float, currency: str, *, or_more: bool) -> Message:
    if or_more:
        return msg("{fix} {cost:,.2f} {currency} or more.", fix=fix, cost=cost, currency=currency)
    return msg("{fix} {cost:,.2f} {currency}.", fix=fix, cost=cost, currency=currency)


def _cells(row: HomeRow, currency: str) -> list[str]:
    """Return a home as the cells of a line: id, who serves it, and how well; or why not, and what helps."""
    if not row.served:
        cells = [row.home, say(msg("not served"))]
        if row.reason is not None:
            cells.append(say(row.reason))
        if row.fix is not None and row.fix_cost is not None:
            cells.append(say(_with_cost(row.fix, row.fix_cost, currency, or_more=bool(row.fix_unpriced))))
        elif row.fix is not None:
            cells.append(say(row.fix))
        return cells
    cells = [row.home, row.served_by or ""]
    if row.margin_db is not None:
        cells += [
            say(msg("{margin:.1f} dB to spare", margin=row.margin_db)),
            say(msg("{down:.0f}/{up:.0f} Mbit/s", down=row.rate_down_mbps or 0.0, up=row.rate_up_mbps or 0.0)),
        ]
    if row.height_needed_m is not None:
        cells.append(say(msg("needs {height:.1f} m", height=row.height_needed_m)))
    if row.second is not None:
        cells.append(say(msg("else {site}", site=row.second)))
    return cells
