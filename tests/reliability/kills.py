"""The program is killed at random moments of what people do: nothing that was said to be done is lost or mixed.

Each round forks a process that has everything loaded, lets it work, and ends it by SIGKILL. Before an act the process
says what the plan will be, and after it that it is done: what is found on the disk is the last that was said to be
done, or the one that was announced.
"""

from __future__ import annotations

import hashlib
import os
import random
import select
import shutil
import signal
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from deployment_example import example_deployment
from plan_examples import many_homes, village

from cn_planner.export.files import export_all
from cn_planner.importers.files import import_file
from cn_planner.model import edits
from cn_planner.model.plan import Household, Plan
from cn_planner.progress import Run
from cn_planner.storage import codec, migrations
from cn_planner.storage.migrations import FormatVersion, Migration
from cn_planner.storage.plan_file import PlanFile

FORMATS = ("csv", "geojson", "gpx", "linkplanner")
Tell = Callable[[str], None]


@dataclass
class Kills:
    """What was found after the kills of an act."""

    kills: int = 0
    said: int = 0
    """Acts that were said to be done before the kills."""
    within: int = 0
    """Kills after which the act that was announced stood, or a journal had to be played back: they fell into it."""
    lost: int = 0
    mixed: int = 0
    left: set[str] = field(default_factory=set)
    """Names of files that stayed behind."""


def digest(plan: Plan) -> str:
    """Return what a plan is told apart by."""
    return hashlib.sha256(codec.pack_plan(plan)).hexdigest()


def killed(work: Callable[[Tell], None], least_s: float, most_s: float, chance: random.Random, begin: str) -> list[str]:
    """Return what a process said until it was killed, some time after it said `begin` first."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reads)
        try:
            work(lambda words: _write(writes, words))
        finally:
            os._exit(0)
    os.close(writes)
    data = bytearray()
    while begin.encode() not in data and (some := os.read(reads, 65536)):
        data += some
    end = time.monotonic() + chance.uniform(least_s, most_s)
    while (left := end - time.monotonic()) > 0.0:
        if select.select([reads], [], [], left)[0]:
            some = os.read(reads, 65536)
            if not some:
                break
            data += some
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while some := os.read(reads, 65536):
        data += some
    os.close(reads)
    return data.decode().splitlines()


def _write(handle: int, words: str) -> None:
    os.write(handle, words.encode() + b"\n")


def _edits(path: Path, tell: Tell, *, back: bool) -> None:
    with PlanFile.open(path) as file:
        tell("begin")
        while True:
            number, steps = file.version, file.history
            if back and number % 2 and steps.done:
                tell(f"will {digest(steps.undone(file.plan)[1])}")
                file.undo()
            elif back and steps.done < len(steps.steps):
                tell(f"will {digest(steps.redone(file.plan)[1])}")
                file.redo()
            else:
                home = Household(f"h{number % 40}", f"edit {number}", -1.0, 36.0 + number * 1e-5)
                edit = edits.put(file.plan, [home])
                tell(f"will {digest(edit.plan)}")
                file.commit(edit)
            tell(f"done {digest(file.plan)}")


def _imports(path: Path, tell: Tell) -> None:
    table = path.with_name("homes.csv")
    with PlanFile.open(path) as file:
        tell("begin")
        while True:
            start = file.version
            rows = [f"i{n % 900},{start} {n},{-1.0 - n * 1e-5},{36.0 + n * 1e-5}" for n in range(start, start + 300)]
            table.write_text("id,name,latitude,longitude\n" + "\n".join(rows) + "\n", encoding="utf-8")
            found = import_file(file.plan, table, "households")
            tell(f"will {digest(found.edit.plan)}")
            file.commit(found.edit)
            tell(f"done {digest(file.plan)}")


def _judge(said: list[str], before: str, path: Path, count: Kills) -> str:
    """Hold the plan on the disk against what was said; return what it is."""
    will = [line.removeprefix("will ") for line in said if line.startswith("will ")]
    done = [line.removeprefix("done ") for line in said if line.startswith("done ")]
    last = done[-1] if done else before
    under_way = will[len(done)] if len(will) > len(done) else last
    journal = path.with_name(path.name + "-journal").exists()
    with PlanFile.open(path) as file:
        found, strange = digest(file.plan), file.external_edit is not None or file.notices
    count.kills += 1
    count.said += len(done)
    count.within += journal or (found == under_way != last)
    if strange or found not in (last, under_way):
        count.lost += found in (before, *done) and not strange
        count.mixed += found not in (before, *done) or bool(strange)
    return found


def _of_edits(
    folder: Path, rounds: int, chance: random.Random, work: Callable[[Path, Tell], None], most_s: float,
    begin: str = "begin",
) -> Kills:  # fmt: skip
    path, count = folder / "village.cnplan.gpkg", Kills()
    with PlanFile.create(path, village()) as file:
        file.commit(edits.put(file.plan, many_homes(300)))
        before = digest(file.plan)
    for _ in range(rounds):
        said = killed(lambda tell: work(path, tell), 0.0, most_s, chance, begin)
        before = _judge(said, before, path, count)
    count.left = {one.name for one in folder.iterdir()} - {path.name, "homes.csv"}
    return count


def of_edit(folder: Path, rounds: int, chance: random.Random) -> Kills:
    """Kill while homes are put, one edit after the other."""
    return _of_edits(folder, rounds, chance, lambda path, tell: _edits(path, tell, back=False), 0.12)


def of_undo(folder: Path, rounds: int, chance: random.Random) -> Kills:
    """Kill while edits are taken back and made again."""
    return _of_edits(folder, rounds, chance, lambda path, tell: _edits(path, tell, back=True), 0.12)


def of_import(folder: Path, rounds: int, chance: random.Random) -> Kills:
    """Kill while tables of 300 homes are imported, once they are read: that is done elsewhere, and takes its time."""
    return _of_edits(folder, rounds, chance, _imports, 0.08, "will")


def of_open(folder: Path, rounds: int, chance: random.Random) -> Kills:
    """Kill while a plan is opened that another program changed: its change is taken in once, or at the next opening."""
    path, count = folder / "village.cnplan.gpkg", Kills()
    with PlanFile.create(path, village()) as file:
        file.commit(edits.put(file.plan, many_homes(300)))
    takes_s = 0.05
    for number in range(rounds):
        with PlanFile.open(path) as file:
            plan, version = file.plan, file.version
        with closing(sqlite3.connect(path)) as other:
            other.execute("UPDATE households SET name = ? WHERE id = 'h1'", (f"name {number}",))
            other.commit()
        wanted = edits.put(plan, [replace(plan.households["h1"], name=f"name {number}")]).plan

        def work(tell: Tell) -> None:
            tell("begin")
            PlanFile.open(path).close()
            tell("done")

        said = killed(work, 0.0, 1.2 * takes_s, chance, "begin")
        journal = path.with_name(path.name + "-journal").exists()
        begun = time.monotonic()
        with PlanFile.open(path) as file:
            taken = file.external_edit is None
            if not taken:
                takes_s = 0.8 * takes_s + 0.2 * (time.monotonic() - begun)
            count.lost += file.plan != wanted or ("done" in said and not taken)
            count.mixed += file.version != version + 1
        count.kills += 1
        count.said += "done" in said
        count.within += journal or (taken and "done" not in said)
    count.left = {one.name for one in folder.iterdir()} - {path.name}
    return count


def _later_program() -> None:
    """Make this process a program two formats on."""

    def to_1_1(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE IF NOT EXISTS cnplan_more (number INTEGER)")
        connection.executemany("INSERT INTO cnplan_more VALUES (?)", [(n,) for n in range(2000)])

    def to_2_0(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO cnplan_meta VALUES ('seen', 'both steps')")

    migrations.CURRENT = FormatVersion(2, 0)
    migrations.MIGRATIONS.update({
        FormatVersion(1, 0): Migration(FormatVersion(1, 1), to_1_1),
        FormatVersion(1, 1): Migration(FormatVersion(2, 0), to_2_0),
    })  # fmt: skip


def of_migration(folder: Path, rounds: int, chance: random.Random) -> Kills:
    """Kill while a plan of an older format is brought up to date: it is of one format or the other, its copy whole."""
    older, path, count = folder / "older.cnplan.gpkg", folder / "village.cnplan.gpkg", Kills()
    with PlanFile.create(older, village()) as file:
        file.commit(edits.put(file.plan, many_homes(300)))
        plan, version = file.plan, file.version
    whole = older.read_bytes()
    before = dict(migrations.MIGRATIONS), migrations.CURRENT
    _later_program()
    takes_s = 0.05
    try:
        for _ in range(rounds):
            for one in folder.iterdir():
                if one != older:
                    one.unlink()
            shutil.copyfile(older, path)

            def work(tell: Tell) -> None:
                tell("begin")
                PlanFile.open(path).close()
                tell("done")

            said = killed(work, 0.0, 1.2 * takes_s, chance, "begin")
            journal = path.with_name(path.name + "-journal").exists()
            copies = [one for one in folder.glob("village.format-*") if one.read_bytes() != whole]
            begun = time.monotonic()
            with PlanFile.open(path) as file:
                migrated = not file.notices
                if not migrated:
                    takes_s = 0.8 * takes_s + 0.2 * (time.monotonic() - begun)
                count.lost += file.plan != plan or file.version != version or ("done" in said and not migrated)
            with closing(sqlite3.connect(path)) as found:
                marks = found.execute("SELECT count(*) FROM cnplan_meta WHERE key = 'seen'").fetchone()[0]
                rows = found.execute("SELECT count(*) FROM cnplan_more").fetchone()[0]
            count.mixed += bool(copies) or (marks, rows) != (1, 2000)
            count.kills += 1
            count.said += "done" in said
            count.within += journal or (migrated and "done" not in said)
            count.left |= {one.name for one in folder.glob(".*")}
    finally:
        migrations.MIGRATIONS.clear()
        migrations.MIGRATIONS.update(before[0])
        migrations.CURRENT = before[1]
    return count


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(one.relative_to(folder)): one.read_bytes()
        for one in sorted(folder.rglob("*"))
        if one.is_file() and one.suffix != ".kmz"
    }


def of_export(folder: Path, rounds: int, chance: random.Random) -> Kills:
    """Kill while files are exported over those of an older version; a half of the kills while they are put in place.

    The next export, of anything, finds the folder as it was or brings it to its end.
    """
    plan = example_deployment()
    newer_plan = replace(plan, meta=replace(plan.meta, version=plan.meta.version + 1))
    after, before, target, count = folder / "after", folder / "before", folder / "target", Kills()
    export_all(newer_plan, None, after, FORMATS)
    export_all(plan, None, before, FORMATS)
    begun = time.monotonic()
    export_all(newer_plan, None, folder / "timed", FORMATS)
    takes_s = time.monotonic() - begun
    old, new = _contents(before), _contents(after)
    for number in range(rounds):
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(before, target)

        def work(tell: Tell) -> None:
            def at(share: float, _doing: object = None) -> None:
                if share > 0.94:
                    tell("placing")

            tell("begin")
            export_all(newer_plan, None, target, FORMATS, run=Run(progress=at))
            tell("done")

        placing = number % 2 == 0
        said = killed(work, 0.0, 0.008 if placing else takes_s, chance, "placing" if placing else "begin")
        half = _contents(target) not in (old, new)
        export_all(plan, None, target, ("kmz",))
        found = _contents(target)
        count.kills += 1
        count.said += "done" in said
        count.within += half
        count.lost += "done" in said and found != new
        count.mixed += found not in (old, new)
        count.left |= {one.name for one in target.iterdir() if one.name.startswith(".")}
    return count


ACTS: dict[str, tuple[Callable[[Path, int, random.Random], Kills], float]] = {
    "edit": (of_edit, 0.3), "undo and redo": (of_undo, 0.15), "open": (of_open, 0.15), "import": (of_import, 0.15),
    "export": (of_export, 0.15), "migration": (of_migration, 0.1),
}  # fmt: skip
"""Each act, and its share of the kills."""


def run(kills: int, seed: int) -> bool:
    """Kill so many times, print what was found, and return whether nothing was lost or mixed."""
    print(f"seed {seed}\n| act | kills | acts said to be done | kills within an act | lost | mixed | left behind |")
    print("|---|---|---|---|---|---|---|")
    fine = True
    for name, (act, share) in ACTS.items():
        with tempfile.TemporaryDirectory(prefix="kills-") as folder:
            found = act(Path(folder), round(kills * share), random.Random(f"{seed} {name}"))
        fine = fine and not found.lost and not found.mixed
        left = ", ".join(sorted(found.left)) or "nothing"
        print(
            f"| {name} | {found.kills} | {found.said} | {found.within} | {found.lost} | {found.mixed} | {left} |",
            flush=True,
        )
    return fine
