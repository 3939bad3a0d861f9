"""``cn-planner demo``: the sample plan, all the way."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cn_planner.cli.console import as_command, failing_in_words, show, tell, working
from cn_planner.cli.options import Date, Threads, given_or_today
from cn_planner.message import msg


@as_command("demo")
def _demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the plan and its files.")] = Path(
        "cn-planner-demo"
    ),
    date: Date = None,
    threads: Threads = None,
) -> None:
    """Build the sample valley, plan its network, and write every file."""
    from cn_planner.session.demo import make_demo

    with failing_in_words(), working(threads) as run:
        result = make_demo(out, date=given_or_today(date), run=run)
    design = result.design
    tell(
        msg(
            "{served:g} of {homes:g} homes reached by {sites} sites for {cost:,.0f} {currency}. The place is invented.",
            served=design.served,
            homes=design.households,
            sites=len(design.sites),
            cost=design.capex,
            currency=result.currency,
        )
    )
    tell(msg("The plan to read: {path}", path=str(result.pdf)))
    for path in result.paths:
        show(str(path))
