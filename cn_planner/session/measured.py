"""Levels that are asked for, predicted and written; and levels that come in, which keep what sent them."""

from __future__ import annotations

import csv
import io
import math
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cn_planner.errors import FileError, InputError
from cn_planner.export.words import write_whole
from cn_planner.importers.points import read_points
from cn_planner.message import counted, msg
from cn_planner.model import edits
from cn_planner.model.measurement import Measurement, as_said
from cn_planner.progress import ALONE
from cn_planner.service.measured import PredictedLevel, predict_levels, why_no_sender, with_senders_of_today

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cn_planner.importers.result import ImportResult
    from cn_planner.model.history import Edit
    from cn_planner.progress import Run
    from cn_planner.session.workspace import Snapshot

_TENTH_Z = 1.2815515655446004
"""A tenth of a normal distribution lies above so many standard deviations."""
COLUMNS = (
    *("id", "site", "level_dbm", "sd_db", "common_sd_db", "local_sd_db", "p10_dbm", "p90_dbm"),
    *("clearance_f1", "probability_clear", "calibrated"),
)


_KEPT = counted(
    "{count} level says no height or power of its sender: it keeps what the plan has today.",
    "{count} levels say no height or power of their sender: they keep what the plan has today.",
    0,
)


def keeping_senders(snapshot: Snapshot, edit: Edit) -> Edit:
    """Return an edit whose new measurements keep what the plan has of their senders, where they do not say it.

    One that names another sender now keeps nothing of the one before.
    """
    before, now = snapshot.plan.measurements, edit.plan.measurements
    new = [
        as_said(row) if key in before and before[key].site != row.site else row
        for key, row in now.items() if before.get(key) != row
    ]  # fmt: skip
    if not new:
        return edit
    study = snapshot.bare_study
    if snapshot.plan.elevation:
        with suppress(FileError):  # its file is gone: towers are held to stand as high as what hears them
            study = snapshot.study
    kept = with_senders_of_today(replace(study, plan=edit.plan), new)
    return replace(edit, plan=edits.put(edit.plan, kept).plan)


def import_keeping_senders(snapshot: Snapshot, found: ImportResult) -> ImportResult:
    """Return an import whose new measurements keep what the plan has of their senders, and say so."""
    edit = keeping_senders(snapshot, found.edit)
    rows = edit.plan.measurements
    things = tuple(rows[one.id] if isinstance(one, Measurement) else one for one in found.things)
    count = sum(one != other for one, other in zip(things, found.things, strict=True))
    warnings = (*found.warnings, *([_KEPT.about(count)] if count else []))
    return replace(found, edit=edit, things=things, warnings=warnings)


def predict_points(
    snapshot: Snapshot,
    points: Path,
    out: Path,
    *,
    site: str = "",
    fill: Mapping[str, str] | None = None,
    run: Run = ALONE,
) -> tuple[PredictedLevel, ...]:
    """Write the level at each place of a file, and return them.

    Parameters
    ----------
    snapshot : Snapshot
        The plan.
    points, out : Path
        A table of places, and the CSV that is written, whole or not at all: a row a place in the same order.
    site : str
        Who sends, where the file does not say it.
    fill : mapping of str to str, optional
        By field: what else it is where the file does not say it. The frequency is else that of the access kit.
    run : Run
        On which threads, who is told, who may stop it.

    Raises
    ------
    FileError
        Where a file cannot be read or written.
    InputError
        Where columns are missing or a row cannot be used, or there is no such site.
    MissingTerrainError
        Where there is no ground.
    """
    plan = snapshot.plan
    missing = why_no_sender(plan, site) if site else None
    if missing is not None:
        raise InputError(missing, where=f"--site {site[:60]}")
    rows = read_points(points, {**(fill or {}), **({"site": site} if site else {})}, math.nan)
    if any(math.isnan(row.freq_mhz) for row in rows):
        freq = float(snapshot.catalogue.kit(plan.kits.access).freq_mhz)
        run.progress(0.0, msg("Where no frequency is said that of the access kit counts: {mhz:g} MHz", mhz=freq))
        rows = tuple(replace(row, freq_mhz=freq) if math.isnan(row.freq_mhz) else row for row in rows)
    found = predict_levels(snapshot.study, rows, run)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(one) for one in found)
    write_whole(out, text.getvalue().encode())
    return found


def _cells(one: PredictedLevel) -> list[Any]:
    sd = one.sd_db
    numbers = (
        one.level_dbm, sd, one.common_sd_db, one.local_sd_db, one.level_dbm - _TENTH_Z * sd,
        one.level_dbm + _TENTH_Z * sd, one.clearance_f1, one.clear,
    )  # fmt: skip
    shown = [f"{number:.4f}" if math.isfinite(number) else "" for number in numbers]
    return [one.id, one.site, *shown, int(one.calibrated)]
