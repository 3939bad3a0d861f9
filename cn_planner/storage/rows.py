"""Reads and writes the rows of an open plan file. No transactions here: those are the plan file's.

Each row of the plan stands twice: as JSON in the mirror, from which the plan is read, and as a row of its layer, which
other programs show and edit. Both have the same ``fid``.
"""

# ruff: noqa: S608
# Names in the SQL are those of LAYERS and of schema.py, never from a file or a person. Values are parameters.
from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cn_planner.errors import InputError, PlanFileError
from cn_planner.message import msg
from cn_planner.model.history import Change, History, HistoryStep
from cn_planner.model.items import Items
from cn_planner.model.parting import TAKEN_BACK, Beside
from cn_planner.model.plan import SECTIONS, TABLES, Note, Plan
from cn_planner.storage import codec
from cn_planner.storage.layers import PLAN_LAYERS, PlanLayer
from cn_planner.storage.schema import BESIDE, HISTORY, META, MIRROR, PHOTOS, VERSIONS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from cn_planner.model.apart import Names

_AT_ONCE = 20_000
_PUT_MIRROR = f"INSERT OR REPLACE INTO {MIRROR} (part, fid, data) VALUES (?, ?, ?)"
_DROP_MIRROR = f"DELETE FROM {MIRROR} WHERE part = ? AND fid = ?"
_READ_MIRROR = f"SELECT part, fid, data FROM {MIRROR}"
_PUT_META = f"INSERT OR REPLACE INTO {META} (key, value) VALUES (?, ?)"
_READ_META = f"SELECT value FROM {META} WHERE key = ?"
_DROP_STEPS = f"DELETE FROM {HISTORY} WHERE step >= ?"
_PUT_STEP = f"INSERT INTO {HISTORY} (step, label, changes) VALUES (?, ?, ?)"
_READ_STEPS = f"SELECT step, label, changes FROM {HISTORY} ORDER BY step"
_PUT_VERSION = f"INSERT INTO {VERSIONS} (name, date, plan) VALUES (?, ?, ?)"
_READ_VERSIONS = f"SELECT name, date FROM {VERSIONS} ORDER BY rowid"
_MAKE_BESIDE = (
    f"CREATE TABLE IF NOT EXISTS {BESIDE} "
    "(number INTEGER PRIMARY KEY, done INTEGER NOT NULL, whose TEXT NOT NULL, label TEXT NOT NULL, "
    "changes BLOB NOT NULL)"
)
_HAS_BESIDE = f"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{BESIDE}'"
_PUT_BESIDE = f"INSERT INTO {BESIDE} (done, whose, label, changes) VALUES (?, ?, ?, ?)"
_DROP_BESIDE = f"DELETE FROM {BESIDE} WHERE number = ?"
_READ_RUNS = f"SELECT number, done, whose FROM {BESIDE} ORDER BY number"
_READ_BESIDE = f"SELECT number, done, label, changes FROM {BESIDE} ORDER BY number"
_GOES_ON = -1
"""In place of the number of edits, in all rows of a run beside them but the first."""
_NAMES = -2
"""In the last row of a run: things of others that got another id, each as a change from the old one to the new."""
_MAKE_PHOTOS = f"CREATE TABLE IF NOT EXISTS {PHOTOS} (name TEXT NOT NULL PRIMARY KEY, jpeg BLOB NOT NULL)"
_HAS_PHOTOS = f"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{PHOTOS}'"
_PUT_PHOTO = f"INSERT OR IGNORE INTO {PHOTOS} (name, jpeg) VALUES (?, ?)"
_READ_PHOTO = f"SELECT jpeg FROM {PHOTOS} WHERE name = ?"
_READ_VERSION = f"SELECT plan FROM {VERSIONS} WHERE name = ?"


def put_row(layer: PlanLayer) -> str:
    """Return the statement that puts a row of a layer, new or in place of the one of its fid."""
    names = ("fid", *layer.column_names)
    return f"INSERT OR REPLACE INTO {layer.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"


def update_row(layer: PlanLayer) -> str:
    """Return the statement that changes a row of a layer; columns that others added stay as they are."""
    return f"UPDATE {layer.name} SET {', '.join(f'{one} = ?' for one in layer.column_names)} WHERE fid = ?"


def drop_row(layer: PlanLayer) -> str:
    """Return the statement that removes a row of a layer."""
    return f"DELETE FROM {layer.name} WHERE fid = ?"


def _packed_names(names: Names) -> bytes:
    rows = [(name, key, new) for name, ids in sorted(names.items()) for key, new in sorted(ids.items())]
    return codec.pack_changes([Change("notes", name, Note(key, ""), Note(new, "")) for name, key, new in rows])


def _read_names(changes: bytes) -> Names:
    found: Names = {}
    for one in codec.unpack_changes(changes):
        found.setdefault(one.id, {})[one.before.id] = one.after.id
    return found


class _Run(NamedTuple):
    """A run of edits beside those of ours: after how many, whose, and its rows."""

    done: int
    whose: str
    rows: list[int]


class StoredRows:
    """The rows of one open plan file, and which row each thing of the plan has."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.fids: dict[str, dict[str, int]] = {name: {} for name in TABLES}
        self._next_fid = dict.fromkeys(TABLES, 1)
        self._pending: dict[str, dict[str, int | None]] = {}

    # What holds for the whole file

    def meta(self, key: str) -> Any:
        """Return what is stored under a key, None where nothing is."""
        row = self.connection.execute(_READ_META, (key,)).fetchone()
        return None if row is None else row[0]

    def number(self, key: str, path: Path) -> int:
        """Return a count of the file.

        Raises PlanFileError where it is none.
        """
        value = self.meta(key)
        if not isinstance(value, int) or value < 0:
            raise PlanFileError(msg("The file is damaged: it has no {key}.", key=key), where=str(path))
        return value

    def write_meta(self, **values: str | int) -> None:
        """Store values under keys."""
        self.connection.executemany(_PUT_META, values.items())

    # The plan

    def read_plan(self, path: Path) -> Plan:
        """Return the plan as it was last written, and learn which row each thing has.

        Raises PlanFileError where a row is not of its part's type, or an id stands twice.
        """
        parts: dict[str, Any] = {}
        things: dict[str, list[Any]] = {name: [] for name in TABLES}
        for part, fid, data in self.connection.execute(_READ_MIRROR):
            thing = codec.decode(part, data)
            if not isinstance(fid, int):
                raise PlanFileError(msg("The file is damaged: it has no {key}.", key="fid"), where=str(path))
            if part in TABLES:
                things[part].append(thing)
                self.fids[part][thing.id] = fid
            else:
                parts[part] = thing
        try:
            parts |= {name: Items(group) for name, group in things.items()}
        except ValueError as problem:
            raise PlanFileError(
                msg("The file is damaged: {id} is stored twice.", id=str(problem)), where=str(path)
            ) from problem
        for name, fids in self.fids.items():
            self._next_fid[name] = max(fids.values(), default=0) + 1
        return Plan(**parts)

    def write(self, before: Plan, after: Plan, changes: Iterable[Change], *, every_section: bool = False) -> None:
        """Write what changed between two plans, and the lines of links whose sites moved.

        Raises InputError where a value cannot be stored.
        """
        by_part: dict[str, list[Change]] = {}
        for change in changes:
            by_part.setdefault(change.part, []).append(change)
        sections = SECTIONS if every_section else [name for name in SECTIONS if name in by_part]
        self.connection.executemany(
            _PUT_MIRROR, [(name, 0, codec.encode_part(name, getattr(after, name))[0].decode()) for name in sections]
        )
        for name in TABLES:
            found = by_part.get(name, [])
            for start in range(0, len(found), _AT_ONCE):  # all rows of very many homes would take more than the homes
                self._write_table(PLAN_LAYERS[name], after, found[start : start + _AT_ONCE])
        if "sites" in by_part:
            self._follow_sites(before, after, by_part)

    def _write_table(self, layer: PlanLayer, plan: Plan, changes: list[Change]) -> None:
        name = layer.name
        gone, new, changed, mirror = [], [], [], []
        fids, pending = self.fids[name], self._pending.setdefault(name, {})
        for change in changes:
            fid = fids.get(change.id)
            if change.after is None:
                gone.append((fid,))
                pending[change.id] = None
                continue
            data, stored = codec.encode_part(name, change.after)
            row = layer.row(stored, plan)
            if fid is None:
                fid = self._next_fid[name]
                self._next_fid[name] += 1
                pending[change.id] = fid
                new.append((fid, *row))
            else:
                changed.append((*row, fid))
            mirror.append((name, fid, data.decode()))
        execute = self.connection.executemany
        try:
            execute(drop_row(layer), gone)
            execute(_DROP_MIRROR, [(name, fid) for (fid,) in gone])
            execute(put_row(layer), new)
            execute(update_row(layer), changed)
            execute(_PUT_MIRROR, mirror)
        except OverflowError as problem:
            raise InputError(msg("A whole number is too large to be stored."), where=name) from problem

    def _follow_sites(self, before: Plan, after: Plan, by_part: dict[str, list[Change]]) -> None:
        moved = {
            change.id
            for change in by_part["sites"]
            if change.before is None
            or change.after is None
            or (change.before.latitude, change.before.longitude) != (change.after.latitude, change.after.longitude)
        }
        written = {change.id for change in by_part.get("links", ())}
        layer, fids = PLAN_LAYERS["links"], self.fids["links"]
        rows = [
            (*layer.row(link, after), fids[key])
            for key, link in after.links.items()
            if key not in written and (link.from_site in moved or link.to_site in moved) and key in before.links
        ]
        self.connection.executemany(update_row(layer), rows)

    def keep(self) -> None:
        """Note that what was written is now on the disk."""
        for name, changes in self._pending.items():
            for key, fid in changes.items():
                if fid is None:
                    self.fids[name].pop(key, None)
                else:
                    self.fids[name][key] = fid
        self._pending = {}

    def forget(self) -> None:
        """Note that what was written was taken back."""
        self._pending = {}

    # The layers as they stand

    def lacking_columns(self, layer: PlanLayer) -> set[str] | None:
        """Return the columns that a layer has no more, None where the whole layer is gone."""
        there = {row[1] for row in self.connection.execute(f"PRAGMA table_xinfo({layer.name})")}
        return set(layer.column_names) - there if there else None

    def read_layer(self, layer: PlanLayer, lacking: Collection[str] = ()) -> dict[int, tuple[Any, ...]]:
        """Return the rows of a layer by ``fid``: the geometry first where it has one, None in lacking columns."""
        names = ", ".join("NULL" if name in lacking else name for name in layer.column_names)
        statement = f"SELECT fid, {names} FROM {layer.name} ORDER BY fid"
        return {row[0]: row[1:] for row in self.connection.execute(statement)}

    def replace_all(
        self, plan: Plan, fids: dict[str, dict[str, int]], raw: dict[str, dict[int, tuple[Any, ...]]], before: Plan
    ) -> None:
        """Make mirror and layers say what the plan says, row by row where they do not.

        ``plan``: what they shall say. ``fids``: the row of each of its things. ``raw``: the layers as they stand.
        ``before``: what the mirror says.
        """
        execute = self.connection.executemany
        for name, layer in PLAN_LAYERS.items():
            there, old = raw[name], {fid: getattr(before, name)[key] for key, fid in self.fids[name].items()}
            new, changed, mirror = [], [], []
            for key, thing in getattr(plan, name).items():
                fid = fids[name][key]
                data, stored = codec.encode_part(name, thing)
                row = layer.row(stored, plan)
                if fid not in there:
                    new.append((fid, *row))
                elif there[fid] != row:
                    changed.append((*row, fid))
                if old.get(fid) != thing:
                    mirror.append((name, fid, data.decode()))
            wanted = set(fids[name].values())
            execute(drop_row(layer), [(fid,) for fid in there if fid not in wanted])
            execute(put_row(layer), new)
            execute(update_row(layer), changed)
            execute(_DROP_MIRROR, [(name, fid) for fid in old if fid not in wanted])
            execute(_PUT_MIRROR, mirror)
            self.fids[name] = dict(fids[name])
            self._next_fid[name] = max(wanted, default=0) + 1

    # History and versions

    def read_history(self, path: Path) -> History:
        """Return the edits of this and earlier sessions.

        Raises PlanFileError where a step is missing or cannot be read.
        """
        steps = []
        for number, (step, label, changes) in enumerate(self.connection.execute(_READ_STEPS)):
            if step != number or not isinstance(changes, bytes):
                raise PlanFileError(msg("The file is damaged: step {step} is missing.", step=number), where=str(path))
            steps.append(HistoryStep(codec.decode_message(label), codec.StoredChanges(changes)))
        done = self.number("done", path)
        if done > len(steps):
            raise PlanFileError(msg("The file is damaged: step {step} is missing.", step=done), where=str(path))
        return History(tuple(steps), done)

    def write_step(self, history: History, step: HistoryStep) -> HistoryStep:
        """Write a step after those that stand; return it as it is kept.

        Those that were undone are kept beside it, as far as they are one's own: what came from others is not taken
        back from them.
        """
        number = history.done
        gone = [one for one in self._runs() if one.done > number or (one.done == number and one.whose != TAKEN_BACK)]
        for row in (row for one in gone for row in one.rows):
            self.connection.execute(_DROP_BESIDE, (row,))
        brought = min((one.done for one in gone if one.whose != TAKEN_BACK), default=None)
        self.write_beside(Beside(number, TAKEN_BACK, history.steps[number:brought]))
        blob = codec.pack_changes(step.changes)
        self.connection.execute(_DROP_STEPS, (number,))
        self.connection.execute(_PUT_STEP, (number, codec.encode_message(step.label), blob))
        return HistoryStep(step.label, codec.StoredChanges(blob, tuple(step.changes)))

    def write_beside(self, run: Beside) -> None:
        """Keep a run of edits beside those of ours."""
        if not run.steps:
            return
        self.connection.execute(_MAKE_BESIDE)
        rows = [(codec.encode_message(one.label), codec.pack_changes(one.changes)) for one in run.steps]
        rows += [(codec.encode_message(run.steps[0].label), _packed_names(run.names))] if run.names else []
        kinds = [run.done, *[_GOES_ON] * (len(run.steps) - 1), _NAMES]
        self.connection.executemany(
            _PUT_BESIDE, [(kind, run.whose, *row) for kind, row in zip(kinds, rows, strict=False)]
        )

    def _runs(self) -> list[_Run]:
        if self.connection.execute(_HAS_BESIDE).fetchone() is None:
            return []
        found: list[_Run] = []
        for number, done, whose in self.connection.execute(_READ_RUNS):
            last = found[-1] if found else None
            # What others brought was once written with the number of edits in each row.
            if last is not None and (
                done in (_GOES_ON, _NAMES) or (last.done, last.whose) == (done, whose) != (done, TAKEN_BACK)
            ):
                last.rows.append(number)
            else:
                found.append(_Run(int(done), str(whose), [number]))
        return found

    def read_beside(self) -> tuple[Beside, ...]:
        """Return what is kept beside the edits, in its order: each run of others, or of own ones."""
        runs = self._runs()
        steps = {}
        names: dict[int, Names] = {}
        for number, done, label, changes in self.connection.execute(_READ_BESIDE) if runs else ():
            if done == _NAMES:
                names[number] = _read_names(changes)
            else:
                steps[number] = HistoryStep(codec.decode_message(label), codec.StoredChanges(changes))
        return tuple(
            Beside(
                one.done,
                one.whose,
                tuple(steps[number] for number in one.rows if number in steps),
                names.get(one.rows[-1], {}),
            )
            for one in runs
        )

    def write_photos(self, photos: Mapping[str, bytes]) -> None:
        """Keep photographs by their names; those that are there stay."""
        self.connection.execute(_MAKE_PHOTOS)
        self.connection.executemany(_PUT_PHOTO, photos.items())

    def read_photo(self, name: str) -> bytes | None:
        """Return a photograph, None where none of this name is kept."""
        if self.connection.execute(_HAS_PHOTOS).fetchone() is None:
            return None
        row = self.connection.execute(_READ_PHOTO, (name,)).fetchone()
        return row[0] if row is not None and isinstance(row[0], bytes) else None

    def read_versions(self) -> Iterator[tuple[str, str]]:
        """Yield name and date of the named versions."""
        yield from self.connection.execute(_READ_VERSIONS)

    def read_version(self, name: str) -> bytes | None:
        """Return the packed plan of a named version, None where there is none."""
        row = self.connection.execute(_READ_VERSION, (name,)).fetchone()
        if row is not None and not isinstance(row[0], bytes):
            raise PlanFileError(msg("The file is damaged: version {name} cannot be read.", name=name))
        return None if row is None else row[0]

    def write_version(self, name: str, date: str, plan: bytes) -> None:
        """Write a named version."""
        self.connection.execute(_PUT_VERSION, (name, date, plan))
