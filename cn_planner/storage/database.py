"""The door to SQLite: how a plan file is opened, what is trusted of it, and what is said where it fails.

A plan file may come from anybody. Only plain tables with our names and columns are read. Triggers, views and functions
in it do not run; nothing is attached; no text or blob may be larger than a limit.
"""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Literal

from cn_planner.errors import PlanFileError
from cn_planner.message import msg
from cn_planner.storage.layers import PLAN_LAYERS
from cn_planner.storage.schema import APPLICATION_ID, OWN_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAGIC = b"SQLite format 3\x00"
SIDE_FILES = ("-journal", "-wal")
"""What SQLite keeps beside a file, by what stands behind its name: without it the file may be half of what it holds."""
_LARGEST_VALUE = 256 << 20
_WAIT_S = 2.0
_FUNCTIONS = frozenset({"count", "length", "strftime"})
"""Functions that our own statements and tables use; a file cannot make any other run."""
_SAID = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|/\*.*?(?:\*/|\Z)|--[^\n]*", re.DOTALL)
"""What SQL does not read as words of its own: texts, quoted names, comments. Each ends where SQLite ends it."""
_CHECK = re.compile(r"\bCHECK[\s\ufeff]*\(", re.IGNORECASE)
"""SQLite reads a byte order mark as a space."""
_OLDER_COPY = msg("Use a copy of the plan from before; this file was left as it is.")


def check_header(path: Path) -> None:
    """Raise PlanFileError where a file cannot be a whole plan file, without opening it as a database.

    It must not be called while this process has the file open: closing it would drop SQLite's locks (POSIX).
    """
    where = str(path)
    if not path.exists():
        raise PlanFileError(msg("There is no such file."), where=where, fix=msg("Check the name and the folder."))
    if not path.is_file():
        raise PlanFileError(msg("This is not a file."), where=where, fix=msg("Name a plan file (NAME.cnplan.gpkg)."))
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(100)
    except OSError as problem:
        raise PlanFileError(
            msg("The file cannot be read: {problem}", problem=problem.strerror or str(problem)),
            where=where,
            fix=msg("Ask for the right to read it, or copy it to a folder of yours."),
        ) from problem
    if size == 0:
        raise PlanFileError(msg("The file is empty."), where=where, fix=_OLDER_COPY)
    if not head.startswith(_MAGIC):
        raise PlanFileError(
            msg("This is not a plan file, whatever its name says."),
            where=where,
            fix=msg("Open a file that CN Planner wrote (NAME.cnplan.gpkg), or import this one."),
        )
    if len(head) < 100 or int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise PlanFileError(
            msg("This is a database, but not a GeoPackage, so it is not a plan."),
            where=where,
            fix=msg("Open a file that CN Planner wrote (NAME.cnplan.gpkg)."),
        )
    page_bytes = int.from_bytes(head[16:18], "big")
    whole = (65536 if page_bytes == 1 else page_bytes) * int.from_bytes(head[28:32], "big")
    # The page count holds where both counters agree (SQLite file format, 1.3.7); a journal may still change the size.
    if head[24:28] == head[92:96] and size < whole and not _has_side_file(path):
        raise PlanFileError(
            msg("The file is cut short: {size} of {whole} bytes are there.", size=size, whole=whole),
            where=where,
            fix=_OLDER_COPY,
        )


def _has_side_file(path: Path) -> bool:
    return any(Path(f"{path}{suffix}").exists() for suffix in SIDE_FILES)


def is_read_only(path: Path) -> bool:
    """Return whether a file, or the journal beside it, cannot be written.

    As for `check_header`, this process must not have the file open.
    """
    try:
        path.open("r+b").close()
    except OSError:
        return True
    # Windows gives no answer for folders; there the first edit says it.
    return os.access in os.supports_effective_ids and not os.access(path.parent, os.W_OK, effective_ids=True)


def _address(path: PurePath) -> str:
    """Return a whole path as SQLite takes it: a share of Windows with no host, which SQLite would refuse."""
    address = path.as_uri()
    return address if address.startswith("file:///") else address.replace("file://", "file:////", 1)


def connect(path: Path, *, mode: Literal["rw", "ro", "rwc"] = "rw") -> sqlite3.Connection:
    """Return a connection that trusts nothing in the file. Transactions are the caller's own."""
    connection = sqlite3.connect(
        f"{_address(path.absolute())}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=_WAIT_S,
        # A plan may be opened by a worker and then handed to the main thread; SQLite itself is serialised.
        check_same_thread=False,
    )
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        for pragma in ("trusted_schema = OFF", "synchronous = EXTRA", "cell_size_check = ON", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        guard(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def guard(connection: sqlite3.Connection) -> None:
    """Let no trigger, view or function of the file run on a connection."""
    connection.set_authorizer(_authorize)


@contextmanager
def unguarded(connection: sqlite3.Connection) -> Iterator[None]:
    """Lift the guard for statements of our own that change the schema; nothing of the file's runs in them."""
    connection.set_authorizer(None)
    try:
        yield
    finally:
        guard(connection)


def _authorize(action: int, first: str | None, second: str | None, _database: str | None, inner: str | None) -> int:
    if inner is not None:  # asked for by a trigger or a view
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_ATTACH:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or first or "").lower() not in _FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


@contextmanager
def speaking(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into what a person can use, and say of which file others are."""
    try:
        yield
    except PlanFileError as problem:
        if problem.where and problem.fix:
            raise
        where, fix = problem.where or str(path), problem.fix or _OLDER_COPY
        raise type(problem)(problem.what, where=where, fix=fix) from problem
    except (sqlite3.Error, UnicodeDecodeError) as problem:  # SQLite's own words quote what is damaged
        raise _in_words(path, problem) from problem


def _in_words(path: Path, problem: sqlite3.Error | UnicodeDecodeError) -> PlanFileError:
    name = getattr(problem, "sqlite_errorname", "")
    where = str(path)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")):
        return PlanFileError(
            msg("Another program is using the plan."),
            where=where,
            fix=msg("Finish or close it there (QGIS, another CN Planner), then try again. Nothing was changed."),
        )
    if name.startswith("SQLITE_FULL"):
        return PlanFileError(
            msg("The disk is full; the plan is as it was before this change."),
            where=where,
            fix=msg("Free some space, then do it again."),
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH_USER")):
        return PlanFileError(
            msg("The plan cannot be written: the file or its folder is read-only. It is as it was."),
            where=where,
            fix=msg("Copy it to a folder of yours, and open the copy."),
        )
    if name.startswith("SQLITE_IOERR"):
        return PlanFileError(
            msg("The disk did not take the change ({problem}); the plan is as it was.", problem=str(problem)),
            where=where,
            fix=msg("Check that the disk has space and is still there, then do it again."),
        )
    if name.startswith("SQLITE_TOOBIG"):
        return PlanFileError(msg("A single value is too large for a plan file."), where=where)
    if name == "SQLITE_AUTH" or "not authorized" in str(problem) or "unsafe use" in str(problem):
        return PlanFileError(
            msg("The file holds something that is not run, for safety: {problem}", problem=str(problem)),
            where=where,
            fix=msg("Do not trust this file; ask who sent it. It was left as it is."),
        )
    return PlanFileError(msg("The file is damaged: {problem}", problem=str(problem)), where=where, fix=_OLDER_COPY)


def check_whole(connection: sqlite3.Connection, path: Path) -> None:
    """Raise PlanFileError where the database is not whole (its pages, trees and indexes)."""
    try:
        said = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.OperationalError as problem:
        if getattr(problem, "sqlite_errorname", "SQLITE_ERROR") not in ("SQLITE_ERROR", "SQLITE_AUTH"):
            raise
        # Something of another program's cannot be checked here (a virtual table, a function in a constraint).
        checks = (connection.execute(f"PRAGMA integrity_check({table})").fetchone()[0] for table in OWN_COLUMNS)
        said = next((one for one in checks if one != "ok"), "ok")
    if said != "ok":
        raise PlanFileError(msg("The file is damaged: {problem}", problem=said), where=str(path), fix=_OLDER_COPY)


def _objects(connection: sqlite3.Connection) -> dict[str, tuple[str, str, str, str]]:
    """Return kind, table, name and SQL of everything in the file, by lower-case name."""
    return {
        str(name).lower(): (str(kind), str(table).lower(), str(name), "" if sql is None else str(sql))
        for kind, name, table, sql in connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")
    }


def check_table(
    connection: sqlite3.Connection, path: Path, table: str, wanted: tuple[str, ...], *, may_lack: bool = False
) -> None:
    """Raise PlanFileError where a table of ours is a view, virtual, generated, missing, or without its columns.

    With `may_lack` the table may be missing, or lack columns other than its ``fid``.
    """
    kind, _, _, sql = _objects(connection).get(table, ("", "", "", ""))
    if not kind and may_lack:
        return
    # Functions in a constraint would run when rows are written.
    plain = kind == "table" and sql.lstrip()[:13].upper() == "CREATE TABLE " and not _CHECK.search(_SAID.sub(" ", sql))
    # table_xinfo: cid, name, type, notnull, default, pk, hidden (not 0: generated, or of a virtual table)
    columns = {row[1]: row[6] for row in connection.execute(f"PRAGMA table_xinfo({table})")} if plain else {}
    if not plain or any(columns.get(name, 0 if may_lack and name != "fid" else 1) != 0 for name in wanted):
        raise PlanFileError(
            msg("This is a GeoPackage, but not a plan: {table} is not as CN Planner writes it.", table=table),
            where=str(path),
            fix=msg("Import its layers into a plan, or open a file that CN Planner wrote."),
        )


def check_tables(connection: sqlite3.Connection, path: Path) -> None:
    """Raise PlanFileError where a table of ours is not a plain one.

    A layer may be missing, or lack columns: that is for the comparison with what was last written.
    """
    for table, wanted in OWN_COLUMNS.items():
        check_table(connection, path, table, wanted, may_lack=table in PLAN_LAYERS)


def foreign_objects(connection: sqlite3.Connection) -> tuple[list[str], list[str]]:
    """Return the statements that take away what others put on our tables (triggers, indexes), and their names."""
    objects = _objects(connection)
    statements, names = [], []
    ours = {*OWN_COLUMNS, "gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"}
    for kind, table, name, sql in objects.values():
        quoted = '"' + name.replace('"', '""') + '"'
        if kind in ("trigger", "index") and table in ours and sql:
            statements.append(f"DROP {kind} {quoted}")
            names.append(name)
    for layer in PLAN_LAYERS:
        # The index of a layer that GDAL and QGIS make; without its triggers it would be out of date, and hide things.
        name = f"rtree_{layer}_geom"
        kind, _, _, sql = objects.get(name, ("", "", "", ""))
        if kind == "table" and sql.replace('"', "").upper().startswith(
            f"CREATE VIRTUAL TABLE {name.upper()} USING RTREE("
        ):
            statements.append(f"DROP TABLE {name}")
            names.append(name)
            if objects.get("gpkg_extensions", ("",))[0] == "table":
                statements.append("DELETE FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index'")
    return statements, names
