"""The plan file: a GeoPackage that holds the plan, its history and its named versions, one transaction an edit.

An edit that `commit` has returned from is on the disk. An error leaves the plan in memory and on the disk as it was.
"""

from __future__ import annotations

import contextlib
import glob
import itertools
import os
import shutil
import sqlite3
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cn_planner.errors import InputError, PlanFileError
from cn_planner.faults import walled
from cn_planner.message import Message, msg
from cn_planner.model import history as model_history
from cn_planner.model.evidence import KEPT_BYTES, photo_name
from cn_planner.model.history import Edit, History, HistoryStep
from cn_planner.model.plan import Plan
from cn_planner.storage import codec, database, migrations, outside
from cn_planner.storage.rows import StoredRows
from cn_planner.storage.schema import META, create_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType
    from typing import Self

    from cn_planner.model.parting import Beside


PLAN_FILE_SUFFIX = ".cnplan.gpkg"
_LEFT_S = 3600.0
_STEPS_READ = 20
"""So many steps before and after the newest are kept in memory as they are; the others as they lie in the file."""


class Version(NamedTuple):
    """A named version of the plan."""

    name: str
    date: str


_JPEG = b"\xff\xd8"


class PlanFile:
    """An open plan file.

    Attributes
    ----------
    path : Path
        Where it is.
    plan : Plan
        The plan as it stands.
    history : History
        The edits that were made, also in earlier sessions.
    version : int
        How many edits, undos and redos have led here. It never comes back, so that a result belongs to one plan.
    external_edit : Step or None
        What another program had changed in the file, already committed as one edit that can be undone.
    notices : tuple of Message
        What a person should know about the opening: rows set aside, triggers taken away, an older format migrated.
    read_only : bool
        Whether the file could be opened for reading only.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = connection
        self._rows = StoredRows(connection)
        self.plan = Plan()
        self.history = History()
        self.version = 0
        self.external_edit: HistoryStep | None = None
        self.notices: tuple[Message, ...] = ()
        self.read_only = False
        self._data_version = -1

    # Opening and closing

    @classmethod
    def create(cls, path: Path, plan: Plan, *, overwrite: bool = False) -> Self:
        """Write a plan into a new file, whole or not at all, and open it.

        Parameters
        ----------
        path : Path
            Where; by custom ``NAME.cnplan.gpkg``, which QGIS and GDAL open as a GeoPackage.
        plan : Plan
            What to write; its history begins here.
        overwrite : bool
            Whether a file that is already there may be replaced.

        Raises
        ------
        PlanFileError
            Where there is a file already, or it cannot be written.
        """
        path = Path(path)
        if path.exists() and not overwrite:
            raise PlanFileError(
                msg("There is a file of this name already."),
                where=str(path),
                fix=msg("Choose another name, or move that file away."),
            )
        _clear_left(path)
        with _file_errors(path):
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
            os.close(handle)
        part = Path(name)
        try:
            with database.speaking(path), contextlib.closing(database.connect(part, mode="rwc")) as connection:
                # Nobody else knows this file, and it is not there before it is whole: no journal is needed.
                connection.execute("PRAGMA journal_mode = MEMORY")
                connection.execute("BEGIN")
                create_tables(connection)
                rows = StoredRows(connection)
                rows.write_meta(format=str(migrations.CURRENT), done=0, version=0)
                rows.write(Plan(), plan, model_history.changes(Plan(), plan), every_section=True)
                connection.execute("COMMIT")
            with _file_errors(path):
                part.chmod(0o666 & ~_umask())
                _sync(part)
                _settle(path)
                with _set_aside(path):
                    part.replace(path)
                _sync(path.parent)
        finally:
            part.unlink(missing_ok=True)
        return cls.open(path)

    @classmethod
    @walled
    def open(cls, path: Path) -> Self:
        """Open a plan file.

        What another program changed in it becomes one edit. A file of an older format is migrated, after a copy of it
        was kept beside it.

        Raises
        ------
        NewerPlanError
            Where a newer version of the program wrote it.
        PlanFileError
            Where it is missing, damaged (it is left as it is), not a plan, or in use.
        """
        path = Path(path)
        database.check_header(path)
        read_only = database.is_read_only(path)
        kept = _bring_up_to_date(path)
        with database.speaking(path):
            connection = database.connect(path, mode="ro" if read_only else "rw")
            try:
                opened = cls(path, connection)
                opened.read_only = read_only
                opened._load()
            except BaseException:
                connection.close()
                raise
        if kept is not None:
            opened.notices = (
                msg(
                    "The plan had an older format. It was brought up to date; a copy is kept as {name}.", name=kept.name
                ),
                *opened.notices,
            )
        return opened

    def _load(self) -> None:
        connection = self._open_connection
        if self.read_only:
            self.notices += (msg("The file is read-only: changes cannot be kept. Copy it to a folder of yours."),)
        connection.execute("BEGIN" if self.read_only else "BEGIN IMMEDIATE")  # nobody writes between look and answer
        try:
            database.check_tables(connection, self.path)
            statements, names = database.foreign_objects(connection)
            if statements and not self.read_only:
                with database.unguarded(connection):
                    for statement in statements:
                        connection.execute(statement)
                self.notices += (
                    msg("Triggers and indexes of another program were taken out: {names}.", names=", ".join(names)),
                )
            self.plan = self._rows.read_plan(self.path)
            self.history = self._rows.read_history(self.path)
            self.version = self._rows.number("version", self.path)
            self._take_in_changes()
            connection.execute("COMMIT")
            self._rows.keep()
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        if not self.read_only:
            # Another program may have left it in WAL, where edits stay in a side file that a copy leaves behind.
            connection.execute("PRAGMA journal_mode = DELETE")
        self._data_version = self._read_data_version()

    def _take_in_changes(self) -> None:
        """Make what another program changed one edit, within the transaction of the opening."""
        found = outside.compare_rows(self._rows, self.plan)
        if not found.differs:
            return
        self.notices += found.notices
        label, changes = outside.edit_label(self.plan, found.plan)
        if not self.read_only:
            outside.write(self._rows, self.plan, found)
        if changes:
            step = HistoryStep(label, changes)
            self.external_edit = step
            if not self.read_only:
                step = self._rows.write_step(self.history, step)
                self._rows.write_meta(done=self.history.done + 1, version=self.version + 1)
            self.history, self.version = self.history.after(step), self.version + 1
        self.plan = found.plan

    def close(self) -> None:
        """Close the file; all that was committed is in it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _open_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise PlanFileError(msg("The plan file is closed."), where=str(self.path))
        return self._connection

    def _read_data_version(self) -> int:
        return int(self._open_connection.execute("PRAGMA data_version").fetchone()[0])

    # Edits

    def commit(self, edit: Edit, *, beside: Beside | None = None) -> None:
        """Make an edit the plan's newest, on disk when this returns. What had been undone can then not be redone.

        It is kept beside the history, for plans of others that still have it.
        An edit that changes nothing leaves no step, unless it stands for others. ``beside``: edits of somebody else
        that it stands for; they are kept, and neither undone nor done again.

        Raises
        ------
        PlanFileError
            Where it cannot be written; the plan is then as it was.
        InputError
            Where a value cannot be stored.
        """
        step = HistoryStep(edit.label, model_history.changes(self.plan, edit.plan))
        if not step.changes and beside is None:
            return
        with self._transaction():
            step = self._write_step(step, edit.plan)
            if beside is not None:
                self._rows.write_beside(beside._replace(done=self.history.done))
        self._stand(edit.plan, self.history.after(step))

    def _write_step(self, step: HistoryStep, plan: Plan) -> HistoryStep:
        self._rows.write(self.plan, plan, step.changes)
        step = self._rows.write_step(self.history, step)
        self._rows.write_meta(done=self.history.done + 1, version=self.version + 1)
        return step

    def _stand(self, plan: Plan, history: History) -> None:
        """Take in what is on the disk; of the steps only those near the newest stay read."""
        self.plan, self.history, self.version = plan, history, self.version + 1
        for at in (history.done - 1 - _STEPS_READ, history.done + _STEPS_READ):
            if 0 <= at < len(history.steps):
                changes = history.steps[at].changes
                if isinstance(changes, codec.StoredChanges):
                    changes.let_go()

    def undo(self) -> None:
        """Take the newest edit back.

        Raises
        ------
        InputError
            Where there is nothing to undo.
        PlanFileError
            Where it cannot be written, or the step does not fit the plan.
        """
        if not self.history.done:
            raise InputError(msg("There is nothing to undo."))
        step = self.history.steps[self.history.done - 1]
        history, plan = _stepped(self.history.undone, self.plan)
        backwards = tuple(replace(one, before=one.after, after=one.before) for one in step.changes)
        self._move(history, plan, backwards)

    def redo(self) -> None:
        """Make again the edit that was taken back last.

        Raises
        ------
        InputError
            Where there is nothing to redo.
        PlanFileError
            Where it cannot be written, or the step does not fit the plan.
        """
        if self.history.done == len(self.history.steps):
            raise InputError(msg("There is nothing to redo."))
        step = self.history.steps[self.history.done]
        history, plan = _stepped(self.history.redone, self.plan)
        self._move(history, plan, step.changes)

    def _move(self, history: History, plan: Plan, changes: Any) -> None:
        with self._transaction():
            self._rows.write(self.plan, plan, changes)
            self._rows.write_meta(done=history.done, version=self.version + 1)
        self._stand(plan, history)

    def _is_ours(self) -> bool:
        """Return whether the file still holds the plan as it stands, after SQLite has seen it change.

        What it rolls back itself after an error of the disk it counts as another program's change.
        """
        same = (
            self._rows.number("version", self.path) == self.version
            and not outside.compare_rows(self._rows, self.plan).differs
        )
        if same:
            self._data_version = self._read_data_version()
        return same

    def _is_foreign(self) -> bool:
        return self._read_data_version() != self._data_version and not self._is_ours()

    def changed_elsewhere(self) -> bool:
        """Return whether another program has changed the plan since it was opened: it has to be opened again.

        Raises
        ------
        PlanFileError
            Where the file cannot be read any more.
        """
        with database.speaking(self.path):
            return self._is_foreign()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        connection = self._open_connection
        with database.speaking(self.path):
            try:
                connection.execute("BEGIN IMMEDIATE")
                if self._is_foreign():
                    raise PlanFileError(
                        msg("Another program has changed the plan since it was opened."),
                        where=str(self.path),
                        fix=msg("Open it again, then do this again. Nothing of either is lost."),
                    )
                yield
                connection.execute("COMMIT")
            except BaseException:
                # SQLite may already have rolled back by itself.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._rows.forget()
                raise
        self._rows.keep()

    def edits_beside(self) -> tuple[Beside, ...]:
        """Return edits of others that were brought in, and own ones that were undone and given up for another."""
        with database.speaking(self.path):
            return self._rows.read_beside()

    # Photographs

    def keep_photos(self, photos: Iterable[bytes]) -> tuple[str, ...]:
        """Keep photographs beside the plan, and return the names that rows of evidence call them by.

        A name is the digest of what it names: the same one twice is kept once. They are no part of any edit: what is
        undone leaves them, and what is done again finds them.

        Raises
        ------
        PlanFileError
            Where it cannot be written.
        """
        named = {photo_name(one): one for one in photos}
        if named:
            with self._transaction():
                self._rows.write_photos(named)
        return tuple(named)

    def photo(self, name: str) -> bytes | None:
        """Return a photograph as it is kept (JPEG); None where none of this name is, or what is there is none."""
        with database.speaking(self.path):
            data = self._rows.read_photo(name)
        # The file may be anybody's: nothing is decoded that this program would not have kept under that name.
        sound = data is not None and len(data) <= 2 * KEPT_BYTES and data.startswith(_JPEG) and photo_name(data) == name
        return data if sound else None

    # Named versions

    def save_version(self, name: str, date: str, plan: Plan | None = None) -> None:
        """Keep a whole plan under a name: the plan as it stands, where no other is given.

        Parameters
        ----------
        name : str
            Not yet used in this file.
        date : str
            ISO 8601 day, as it shall be shown.
        plan : Plan, optional
            As it was a moment ago.

        Raises
        ------
        InputError
            Where the name is empty or used.
        PlanFileError
            Where it cannot be written.
        """
        if not name.strip():
            raise InputError(msg("A version needs a name."))
        if any(one.name == name for one in self.versions()):
            raise InputError(msg("There is a version {name} already.", name=name), fix=msg("Give it another name."))
        with self._transaction():
            self._rows.write_version(name, date, codec.pack_plan(self.plan if plan is None else plan))

    def versions(self) -> tuple[Version, ...]:
        """Return the named versions, in the order in which they were kept."""
        with database.speaking(self.path):
            return tuple(Version(str(name), str(date)) for name, date in self._rows.read_versions())

    def load_version(self, name: str) -> Plan:
        """Return the plan of a named version; `commit` it to go back to it.

        Raises
        ------
        InputError
            Where there is no such version.
        PlanFileError
            Where it is damaged.
        """
        with database.speaking(self.path):
            blob = self._rows.read_version(name)
        if blob is None:
            raise InputError(msg("There is no version {name}.", name=name))
        return codec.unpack_plan(blob)


def _stepped(step: Callable[[Plan], tuple[History, Plan]], plan: Plan) -> tuple[History, Plan]:
    """Return history and plan after a step; it may be of another plan where somebody wrote into the file."""
    try:
        return step(plan)
    except KeyError as problem:
        raise codec.damaged_part("history", problem) from problem


def _clear_left(path: Path) -> None:
    """Remove what a killed process left of a plan that it was making; a young one may be under way elsewhere."""
    for one in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        with contextlib.suppress(OSError):
            if time.time() - one.stat().st_mtime > _LEFT_S:
                one.unlink()


@contextlib.contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except PlanFileError:
        raise
    except FileNotFoundError as problem:
        raise PlanFileError(
            msg("There is no such folder."), where=str(path), fix=msg("Make the folder, or choose another.")
        ) from problem
    except OSError as problem:
        raise PlanFileError(
            msg("The file cannot be written: {problem}", problem=problem.strerror or str(problem)),
            where=str(path),
            fix=msg("Choose a folder of yours on a disk with free space."),
        ) from problem


def _format(connection: sqlite3.Connection, path: Path) -> migrations.FormatVersion:
    database.check_table(connection, path, META, ("key", "value"))
    return migrations.parse_version(StoredRows(connection).meta("format"), where=str(path))


def _bring_up_to_date(path: Path) -> Path | None:
    """Migrate a file of an older format; return the copy of it that was kept, None where it was not older."""
    with database.speaking(path), contextlib.closing(database.connect(path)) as connection:
        database.check_whole(connection, path)
        version = _format(connection, path)
        steps = migrations.steps_from(version, where=str(path))
    if not steps:
        return None
    with _file_errors(path):
        kept = _free_name(path, f"format-{version}")
        _copy(path, kept)
    with database.speaking(path), contextlib.closing(database.connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _format(connection, path) == version:
                for step in steps:
                    step.run(connection)
                StoredRows(connection).write_meta(format=str(migrations.CURRENT))
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    return kept


def _free_name(path: Path, word: str) -> Path:
    stem, suffix = (
        (path.name[: -len(PLAN_FILE_SUFFIX)], PLAN_FILE_SUFFIX)
        if path.name.endswith(PLAN_FILE_SUFFIX)
        else (path.stem, path.suffix)
    )
    names = (f"{stem}.{word}{'' if number == 1 else f'-{number}'}{suffix}" for number in itertools.count(1))
    return next(path.with_name(name) for name in names if not path.with_name(name).exists())


def _copy(source: Path, target: Path) -> None:
    """Copy a file whole or not at all."""
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, part)
        _sync(part)
        part.replace(target)
        _sync(target.parent)
    finally:
        part.unlink(missing_ok=True)


_BESIDE = (*database.SIDE_FILES, "-shm")


def _settle(path: Path) -> None:
    """Let SQLite bring what stands beside a file that will be replaced into that file, where it can."""
    if not path.is_file() or not any(Path(f"{path}{suffix}").exists() for suffix in _BESIDE):
        return
    with contextlib.suppress(PlanFileError, sqlite3.Error):
        database.check_header(path)
        with contextlib.closing(database.connect(path)) as connection:
            connection.execute("PRAGMA schema_version").fetchone()


@contextlib.contextmanager
def _set_aside(path: Path) -> Iterator[None]:
    """Take away what still stands beside the file that is replaced, or it would be taken for ours.

    Where the replacing fails it is put back: without its journal the old file would be lost.
    """
    moved: list[tuple[Path, Path]] = []
    try:
        for suffix in _BESIDE:
            beside = Path(f"{path}{suffix}")
            if beside.exists():
                away = beside.with_name(f".{beside.name}.{os.getpid()}.part")
                beside.replace(away)
                moved.append((beside, away))
        yield
    except BaseException:
        for beside, away in moved:
            away.replace(beside)
        raise
    for _, away in moved:
        away.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync(path: Path) -> None:
    """Bring a file, or a folder's list of names, to the disk."""
    if path.is_dir() and os.name == "nt":  # Windows cannot open a folder, and writes its names by itself
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
