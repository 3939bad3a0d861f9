"""Hostile and damaged files, each given to every command that may open it: what is said, how long, how much memory.

    python3 tools/attacks.py ../shared/attacks

The bars: words or a file that is read, 10 s, 300 MB for the whole tree of processes, the plan as it was or whole. The
10 s are of the processors, and by the clock as many times more as there are programs that wait for each of them. Of an
export with a map under it the seconds are those beyond an export without one.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tree_memory import Taken, taken_by

MOST_S, MOST_MB = 10.0, 300.0
_PROGRAM = (sys.executable, "-c", "from cn_planner.cli.main import main; main()")
_TRIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (".cnplan.gpkg", ("check {file}", "export {file} --to {out} --formats csv")),
    (".cnpack.gpkg", ("terrain {plan} {file}", "base-map {plan} {file}")),
    (".mbtiles", ("base-map {plan} {file}", "export {named} --to {out} --formats pdf")),
    (".pmtiles", ("base-map {plan} {file}", "export {named} --to {out} --formats pdf")),
    (".tif", ("base-map {plan} {file}", "terrain {plan} {file}")),
    (".json", ("import {plan} {file} --as sun", "import {plan} {file} --as sites")),
    ("", ("import {plan} {file} --as sites --skip-bad", "import {plan} {file} --as households")),
)

_without: dict[str, Taken] = {}
"""What a command takes with a plan that has no map."""


def tries_of(name: str) -> tuple[str, ...]:
    """Return the commands that a file is given to."""
    if name == "fuzz-cover-211-pal.tif":
        return ("terrain {plan} {file} --as land-cover", "terrain {plan} {file}")
    return next(commands for end, commands in _TRIES if name.endswith(end))


def badly_taken(took: Taken) -> str:
    """Return what is wrong with how a file was taken; "" where nothing is."""
    faults = []
    if took.status not in (0, 1):
        faults.append("ended" if took.status is None else f"status {took.status}")
    if "Traceback" in took.words or "made a mistake" in took.words:
        faults.append("no words")
    if took.status == 1 and not took.words.strip():
        faults.append("silent")
    waiting = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    if took.busy_s > MOST_S or took.seconds > MOST_S * waiting:
        faults.append("slow")
    if took.megabytes > MOST_MB:
        faults.append("large")
    return ", ".join(faults)


def attempt(words: str, attack: Path, sample: Path) -> tuple[Taken, str]:
    """Give a file to a command in a folder of its own; return what it took, and what is wrong with that."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        plan, named = (folder / one / "sample-valley.cnplan.gpkg" for one in ("plan", "named"))
        for one in (plan, named):
            shutil.copytree(sample, one.parent)
            shutil.copyfile(attack, one.with_name(attack.name))
        if "{named}" in words:  # a plan that names the file already
            _name_it(named, attack.name)
        before = plan.read_bytes()
        places = {"plan": plan, "file": plan.with_name(attack.name), "named": named, "out": folder / "out"}
        env = os.environ | {"XDG_STATE_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}

        def taken(words: str) -> Taken:
            command = [part.format(**places) for part in words.split()]
            return taken_by([*_PROGRAM, *command], most_s=120.0, env=env)

        took = taken(words)
        if "{named}" in words:
            if words not in _without:
                _without[words] = taken(words.replace("{named}", "{plan}"))
            seconds, busy_s = took.seconds - _without[words].seconds, took.busy_s - _without[words].busy_s
            took = took._replace(seconds=seconds, busy_s=busy_s)
        wrong = badly_taken(took)
        if took.status != 0 and plan.read_bytes() != before:
            wrong = f"{wrong}, half".strip(", ")
        return took._replace(words=took.words.replace(str(folder), "…")), wrong


def _name_it(plan: Path, name: str) -> None:
    from cn_planner.model.edits import change_section
    from cn_planner.session.project import Project

    with Project.open(plan) as project:
        project.apply(change_section(project.plan, "area", base_map=name))


def make_sample(folder: Path) -> Path:
    """Make the plan that is attacked."""
    from cn_planner.session.sample import open_sample

    open_sample(folder).close()
    return folder


def main() -> int:
    """Print the table; return 1 where a file is badly taken."""
    attacks = Path(sys.argv[1])
    bad = count = 0
    longest = largest = 0.0
    with tempfile.TemporaryDirectory() as text:
        sample = make_sample(Path(text) / "sample")
        print(f"{'file':32} {'try':12} {'s':>5} {'CPU s':>5} {'MB':>5} {'':4} words")
        for path in sorted(attacks.iterdir()):
            if path.suffix == ".md":
                continue
            for words in tries_of(path.name):
                took, wrong = attempt(words, path, sample)
                count, bad = count + 1, bad + bool(wrong)
                longest, largest = max(longest, took.busy_s), max(largest, took.megabytes)
                said = (took.words.strip().splitlines() or ["(read)"])[-1][:160]
                print(
                    f"{path.name:32} {words.split()[0]:12}",
                    f"{took.seconds:5.1f} {took.busy_s:5.1f} {took.megabytes:5.0f}",
                    f"{wrong or 'ok':4} {said}",
                    flush=True,
                )
    print(f"{count} tries, {bad} badly taken; at most {longest:.1f} s of the processor and {largest:.0f} MB")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
