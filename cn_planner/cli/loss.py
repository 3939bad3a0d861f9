"""``cn-planner loss``: batch prediction, so that the models can be checked against others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cn_planner.cli.console import as_command, failing_in_words, tell, working
from cn_planner.cli.options import other_models
from cn_planner.message import msg


@as_command("loss", adds=other_models)
def _loss(
    model: Annotated[
        str,
        typer.Option(
            "--model",
            help="Which model: itm, itm-area, p1812, delta-bullington, knife-edge, p530-multipath, p530-rain, p838, "
            "p2108-height-gain, p2108-terrestrial.",
        ),
    ],
    cases: Annotated[Path, typer.Option("--cases", metavar="CASES.csv", help="One case a row.")],
    out: Annotated[Path, typer.Option("--out", metavar="OUT.csv", help="Where the losses go.")],
    profiles: Annotated[Path | None, typer.Option("--profiles", metavar="PROFILES.npz", help="Terrain.")] = None,
    clutter: Annotated[
        Path | None, typer.Option("--clutter", metavar="CLUTTER.npz", help="What stands on the terrain of each case.")
    ] = None,
) -> None:
    """Predict a table of cases by one model."""
    from cn_planner.export.words import check_out
    from cn_planner.validation.batch import predict

    with failing_in_words(), working() as run:
        check_out(out, (cases, profiles, clutter))
        count = predict(
            model, cases, out, profiles=profiles, clutter=clutter, tell=tell, progress=run.progress, cancel=run.cancel
        )
    tell(msg("{count} cases, written to {path}.", count=count, path=str(out)))
