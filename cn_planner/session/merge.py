"""Bring two plans together that began as one: whose histories meet, and what both have made of it since."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cn_planner.errors import InputError, PlanFileError
from cn_planner.faults import reading
from cn_planner.gis.kinds import check_plain
from cn_planner.message import msg
from cn_planner.model.apart import names_after
from cn_planner.model.history import Edit
from cn_planner.model.parting import Beside, Lineage, where_parted
from cn_planner.session.merge_scenarios import merge_with_scenarios
from cn_planner.storage.database import SIDE_FILES, check_header
from cn_planner.storage.plan_file import PlanFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.model.history import Change, History
    from cn_planner.model.merge import MergedPlan, Take
    from cn_planner.model.parting import Parting
    from cn_planner.model.plan import Plan
    from cn_planner.session.project import Project


@dataclass(frozen=True, slots=True)
class BroughtTogether:
    """What came of two plans.

    Attributes
    ----------
    merged : MergedPlan
    edit : Edit or None
        What makes mine that of both; None where a conflict is left, or there is nothing new. Where all that is new is
        that my word counts it changes nothing.
    beside : Beside
        Their edits since both parted, and what of theirs is called otherwise here.
    photos : tuple of bytes
        Their photographs that mine does not have.
    """

    merged: MergedPlan
    edit: Edit | None
    beside: Beside
    photos: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Mine:
    """My plan as it stood, for a look at another beside the window: nothing of the open file is read.

    Which photographs it has is not known: all of the other's are brought, and of the same the file keeps one.
    """

    path: Path
    plan: Plan
    history: History
    beside: tuple[Beside, ...] = ()

    def is_at(self, path: Path) -> bool:
        """Return whether this is the plan in that file."""
        try:
            return self.path.samefile(path)
        except OSError:
            return False

    def photo(self, name: str) -> bytes | None:  # noqa: ARG002
        """Return None: no photograph is at hand."""
        return None


def bring_together(project: Project | Mine, other: Path, take: Take | None = None) -> BroughtTogether:
    """Return what comes of a plan and another that began as the same; nothing is changed.

    Parameters
    ----------
    project : Project or Mine
    other : Path
        Theirs; it is read from a copy, and stays as it is.
    take : Take, optional
        Whose word counts where both changed the same.

    Raises
    ------
    InputError
        Where both are one file, or did not begin as one.
    PlanFileError, FileError
        Where the other cannot be read.
    """
    if project.is_at(other):
        raise InputError(msg("This is the same file."), where=str(other), fix=msg("Give the plan of somebody else."))
    with tempfile.TemporaryDirectory(prefix="cn-planner-") as folder:
        copy = Path(folder) / other.name
        check_header(other)  # what is no plan is not copied first, however large it is
        with reading(other):
            _copy_whole(other, copy)
        with _opened(copy, other) as file:
            theirs = file.plan
            parted = _where_they_parted(project, Lineage(theirs, file.history, file.edits_beside()), other)
            merged = merge_with_scenarios(parted.base, parted.mine, parted.theirs, take)
            # What is kept of the other's edits is read while its file is there.
            steps = tuple(type(one)(one.label, tuple(one.changes)) for one in parted.beside)
            beside = Beside(0, other.name, steps, names_after(parted.names, merged.names))
            names = {name for row in theirs.evidence.values() for name in row.photos.split()}
            found = [file.photo(name) for name in sorted(names) if project.photo(name) is None]
            photos = tuple(one for one in found if one is not None)
    # Whose word counted is an edit also where mine stands as it is: their work is known then, and not asked of again.
    if take is None if merged.conflicts else merged.plan == project.plan:
        return BroughtTogether(merged, None, beside, photos)
    return BroughtTogether(
        merged, Edit(msg("bring together with {file}", file=other.name), merged.plan), beside, photos
    )


def _copy_whole(other: Path, copy: Path) -> None:
    """Copy a plan file with what a power cut, or a program that has it open, left beside it: that comes first."""
    for suffix in SIDE_FILES:
        beside = Path(f"{other}{suffix}")
        check_plain(beside)
        with suppress(FileNotFoundError):
            shutil.copyfile(beside, f"{copy}{suffix}")
    shutil.copyfile(other, copy)


def _opened(copy: Path, other: Path) -> PlanFile:
    try:
        return PlanFile.open(copy)
    except PlanFileError as problem:
        if problem.where.startswith(str(copy)):  # the copy is gone when this is read
            problem.where = str(other) + problem.where.removeprefix(str(copy))
        raise


def take_in(project: Project, found: BroughtTogether) -> Sequence[Change]:
    """Make the edit that brings both together, with the photographs and the edits of the other; return what changed."""
    if found.edit is None:
        return ()
    project.keep_photos(found.photos)
    return project.apply(found.edit, beside=found.beside)


def _where_they_parted(project: Project | Mine, theirs: Lineage, other: Path) -> Parting:
    """Return the last plan that both know."""
    found = None
    if project.plan.info.secret == theirs.plan.info.secret:
        found = where_parted(Lineage(project.plan, project.history, project.beside), theirs, _undecided)
    if found is None:
        raise InputError(
            msg("These two plans did not begin as one: they cannot be brought together."),
            where=str(other),
            fix=msg("Import its sites and homes instead, from the tables that it exports."),
        )
    return found


def _undecided(base: Plan, one: Plan, two: Plan) -> Plan:
    return merge_with_scenarios(base, one, two, undecided=True).plan
