"""``cn-planner optimise``: the optimiser alone, on an abstract instance."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from cn_planner.cli.console import as_command, failing_in_words, show_json, tell, working
from cn_planner.cli.options import Json, Threads, TimeLimit, finite
from cn_planner.message import msg


@as_command("optimise")
def _optimise(
    instance: Annotated[Path, typer.Argument(metavar="INSTANCE", help="INSTANCE.json or INSTANCE.json.gz")],
    out: Annotated[Path, typer.Option("--out", metavar="SOLUTION.json", help="Where the solution goes.")],
    budget: Annotated[
        float | None,
        typer.Option("--budget", callback=finite, min=0, help="Most homes for this money, not least cost."),
    ] = None,
    time_limit: TimeLimit = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Find the best network of an abstract instance."""
    from cn_planner.export.words import check_out
    from cn_planner.solver.instance import read_instance, write_solution
    from cn_planner.solver.optimise import optimise as solve

    with failing_in_words(), working(threads or min(2, os.cpu_count() or 1)) as run:
        check_out(out, (instance,))  # not after an hour's search
        solution = solve(
            read_instance(instance),
            budget=budget,
            time_limit_s=time_limit,
            run=run,
        )
        write_solution(solution, out)
    if as_json:
        show_json(solution.as_dict())
    else:
        tell(msg("{status}: written to {path}.", status=solution.status, path=str(out)))
