"""``cn-planner calibrate`` and ``predict``: let measurements count, and ask for the level at a place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cn_planner.cli.console import as_command, opened, show, show_json, tell, working
from cn_planner.cli.options import Json, PlanPath, Threads, key_values
from cn_planner.i18n import say
from cn_planner.message import msg
from cn_planner.version import __version__

if TYPE_CHECKING:
    from cn_planner.service.calibrate import CalibrationReport


@as_command("calibrate")
def _calibrate(
    plan: PlanPath,
    off: Annotated[bool, typer.Option("--off", help="Take it off again: measurements no longer count.")] = False,
    gpx: Annotated[
        Path | None, typer.Option("--gpx", metavar="FILE.gpx", help="Write the places to measure next for a GPS.")
    ] = None,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Let the measurements of the plan count: in who is served, in the planner and in all that is printed.

    It learns by how much levels are off all over the place, of each tower, and near where they were measured. It is an
    edit: `undo` takes it back. New measurements count after the next `calibrate`.
    """
    from cn_planner.service.calibrate import calibrate as learned
    from cn_planner.service.calibrate import take_off

    with opened(plan) as project, working(threads) as run:
        if off:
            edit = take_off(project.plan)
            project.apply(edit)
            if as_json:
                show_json(_NOTHING)
            tell(msg("Done: {edit}.", edit=edit.label))
            return
        found = learned(project.snapshot().study, run)
        edit = found.edit(project.plan)
        if gpx is not None:
            from cn_planner.export.gpx import write_waypoints

            names = [f"{n}: {one.site}" for n, one in enumerate(found.measure_next, 1)]
            places = [(one.latitude, one.longitude) for one in found.measure_next]
            write_waypoints(
                gpx, [(*at, name) for at, name in zip(places, names, strict=True)], f"CN Planner {__version__}"
            )
        project.apply(edit)  # last: where the places cannot be written nothing has changed
    if as_json:
        show_json(_as_dict(found))
    else:
        _tell(found)
    tell(msg("Done: {edit}.", edit=edit.label))


_NOTHING: dict[str, Any] = {
    "used": 0,
    "censored": 0,
    "left_out": [],
    "place": None,
    "sites": [],
    "local_sd_db": None,
    "range_m": None,
    "before": None,
    "held_out": None,
    "measure_next": [],
}


def _as_dict(found: CalibrationReport) -> dict[str, Any]:
    bias, rmse, score = found.before
    worth = found.held_out
    return {
        "used": found.used,
        "censored": found.censored,
        "left_out": [{"id": key, "reason": str(why)} for key, why in found.left_out],
        "place": {"offset_db": found.place.offset_db, "sd_db": found.place.sd_db},
        "sites": [
            {"id": key, "offset_db": one.offset_db, "sd_db": one.sd_db, "count": one.count} for key, one in found.sites
        ],
        "local_sd_db": found.calibration.local_sd_db,
        "range_m": found.calibration.range_m,
        "before": {"bias_db": bias, "rmse_db": rmse, "log_score": score},
        "held_out": None
        if worth is None
        else {
            "block_m": worth.block_m,
            "rmse_db": worth.rmse_db,
            "log_score": worth.log_score,
            "within_80": worth.within_80,
        },
        "measure_next": [
            {"latitude": one.latitude, "longitude": one.longitude, "gain": one.gain} for one in found.measure_next
        ],
    }


def _tell(found: CalibrationReport) -> None:
    from cn_planner.service.calibrate import offset_words

    for key, why in found.left_out:
        tell(msg("Left out: {id}: {why}", id=key, why=why))
    show(say(offset_words(found.place)))
    for key, one in found.sites:
        show(
            say(
                msg(
                    "{site}: another {offset:+.0f} dB (give or take {sd:.0f} dB; measurements: {count}).",
                    site=key,
                    offset=one.offset_db,
                    sd=one.sd_db,
                    count=one.count,
                )
            )
        )
    worth = found.held_out
    if worth is not None:
        show(
            say(
                msg(
                    "Where nothing was measured the plan is now off by {now:.0f} dB; before it was {before:.0f} dB.",
                    now=worth.rmse_db,
                    before=found.before[1],
                )
            )
        )
    for number, place_next in enumerate(found.measure_next, 1):
        show(
            say(
                msg(
                    "Measure next, {number}: {latitude:.5f}, {longitude:.5f}, from {site}.",
                    number=number,
                    latitude=place_next.latitude,
                    longitude=place_next.longitude,
                    site=place_next.site,
                )
            )
        )


@as_command("predict")
def _predict(
    plan: PlanPath,
    at: Annotated[Path, typer.Option("--at", metavar="POINTS.csv", help="The places: columns as of measurements.")],
    out: Annotated[Path, typer.Option("--out", metavar="OUT.csv", help="Where the levels go.")],
    site: Annotated[str, typer.Option("--site", metavar="ID", help="Who sends, where the file does not say it.")] = "",
    fill: Annotated[
        list[str] | None,
        typer.Option("--fill", metavar="FIELD=VALUE", help="What a field is where the file does not say it."),
    ] = None,
    threads: Threads = None,
) -> None:
    """Say what level arrives at places, and how surely: as the plan has it, with what was measured where that counts.

    OUT.csv has a row a place, in the same order.
    """
    from cn_planner.export.words import check_out
    from cn_planner.session.measured import predict_points

    with opened(plan) as project, working(threads) as run:
        check_out(out, (plan, at))
        found = predict_points(project.snapshot(), at, out, site=site, fill=key_values(fill or []), run=run)
    unknown = sum(one.level_dbm != one.level_dbm for one in found)
    if unknown:
        tell(msg("Places of which nothing can be said, as a tower or terrain is missing: {count}.", count=unknown))
    tell(msg("Levels written to {path}: {count}.", path=str(out), count=len(found)))
