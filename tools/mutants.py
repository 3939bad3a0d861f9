"""Try small faults, drawn at random: each is to be noticed by a test of the room in which it is made.

    python3 run.py mutants --seed 7 [--modules links.budget report.bill] [--count 200] [--minutes 60]

Each fault is made in a copy of the program in a folder of its own. Which tests of the room reach which lines is
measured once (by coverage.py, file of tests by file of tests) and kept; of a fault's tests the quickest run first, and
the first that fails ends the run. The same seed draws the same faults in the same source. ``mutants.toml`` beside this
file holds the modules, and the faults that change nothing with the reason why.

Our own, as no kept library fits: mutmut 3 changes functions alone and knows no seed, cosmic-ray runs one command for
all faults, mutatest rests with Python 3.8, fest-mutate keeps one process for many faults; and none sees which tests
run a kernel once that is compiled, or keeps compiled kernels of one fault from the next.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from mutants_faults import Fault, faults_of

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = tomllib.loads((ROOT / "tools" / "mutants.toml").read_text(encoding="utf-8"))
KEPT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cn-planner-mutants"


class Room:
    """How long each test of a room takes, and which of them run which line of a file."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.lines: dict[str, dict[int, set[str]]] = {}
        self.compiles: set[str] = set()

    def add(self, told: Any) -> None:
        """Take what was measured of one file of tests."""
        for test in told["failed"]:
            print(f"left out, as it does not pass without any fault: {test}", file=sys.stderr)
        self.seconds.update(told["seconds"])
        self.compiles.update(told["compiles"])
        for file, lines in told["lines"].items():
            for line, tests in lines.items():
                self.lines.setdefault(file, {}).setdefault(int(line), set()).update(tests)

    def tests(self, fault: Fault) -> list[str]:
        """Return the tests that reach a fault, quickest first; those of one file together among equally quick ones.

        A fault in a kernel has it compiled anew: tests that run it as it is go before those that wait for that.
        """
        file = self.lines.get(file_of(fault.module), {})
        found = {test for line in (file if fault.everywhere else fault.lines) for test in file.get(line, ())}
        late = self.compiles if fault.kernel else set()
        return sorted(
            found, key=lambda one: (one in late, len(str(int(self.seconds[one] * 20.0))), one.split("::")[0], one)
        )


class Copy:
    """The program as it stands in the checkout, copied with its tests into a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.root, self.work, self.made = folder / "project", folder, 0
        sources = digest([path for path in ROOT.glob("cn_planner/**/*.py") if b"@kernel" in path.read_bytes()])
        self.kernels = folder / f"kernels-{sources}"
        self.kernels.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.root, ignore_errors=True)
        git = shutil.which("git") or sys.exit("git is needed, to tell the project's files from others.")
        listed = subprocess.run(
            [git, "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
        )
        for name in listed.stdout.decode().splitlines():
            if (ROOT / name).is_file():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.root / name)
        if (ROOT.parent / "shared").is_dir() and not (folder / "shared").exists():
            (folder / "shared").symlink_to(ROOT.parent / "shared")
        told = {"PYTHONPATH": os.pathsep.join([str(self.root), str(self.root / "tools"), *sys.path[1:]])}
        told |= {"XDG_CACHE_HOME": str(folder / "cache"), "COVERAGE_CORE": "ctrace", "QT_QPA_PLATFORM": "offscreen"}
        # A fault as long as what it stands for, written within a second, would be taken for what was compiled before.
        told |= {"OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        self.runs = subprocess.Popen(
            [sys.executable, self.root / "tools" / "mutants_watch.py"], cwd=self.root, text=True,
            env=os.environ | told, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def pytest(self, *what: str, limit_s: float = 3600.0, kernels: bool = True, tests: str = "") -> int | None:
        """Run tests in the copy, watched, and return the status; None where they did not end in time."""
        told = {"MUTANTS_OUT": str(self.work / "out.json"), "MUTANTS_TESTS": tests}
        told |= {"MUTANTS_KERNELS": str(self.kernels) if kernels else ""}
        for name in ("out.json", "said.txt"):
            (self.work / name).unlink(missing_ok=True)
        words = ["-q", "--tb=short", "-p", "no:cacheprovider", "-p", "mutants_watch"]
        words += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # plug-ins are loaded before
        words += ["-W", "ignore::coverage.exceptions.CoverageWarning"]  # tests that start programs alone reach nothing
        assert self.runs.stdin is not None
        assert self.runs.stdout is not None
        self.runs.stdin.write(json.dumps([[*words, *what], told, str(self.work / "said.txt"), limit_s]) + "\n")
        self.runs.stdin.flush()
        return json.loads(self.runs.stdout.readline() or sys.exit("The process that runs the tests is gone."))

    def out(self) -> Any:
        """Return what the watcher wrote, None where it wrote nothing."""
        path = self.work / "out.json"
        return json.loads(path.read_bytes()) if path.exists() else None

    def measure(self, name: str) -> Room:
        """Return what the tests of a room reach; only files of tests that changed since are run again."""
        folder, room = self.root / "tests" / SETTINGS["tests"].get(name, name), Room()
        sources = [*self.root.glob("cn_planner/**/*.py"), *self.root.glob("tests/*.py"), *folder.rglob("*.py")]
        sources.append(self.root / "tools" / "mutants_watch.py")
        before = digest([path for path in sources if not path.name.startswith("test_")])
        KEPT.mkdir(parents=True, exist_ok=True)
        for path in sorted(folder.rglob("test_*.py")):
            kept = KEPT / f"{path.stem}-{digest([path], before)}.json"
            if not kept.exists():
                print(f"measuring {path.relative_to(self.root)}", file=sys.stderr, flush=True)
                self.pytest(str(path.relative_to(self.root)))
                if (told := self.out()) is None:
                    sys.exit(f"The tests do not run:\n{(self.work / 'said.txt').read_text()}")
                kept.write_text(json.dumps(told), encoding="utf-8")
            room.add(json.loads(kept.read_bytes()))
        return room

    def run(self, tests: list[str], kernels: bool = True, limit_s: float = 3600.0) -> int | None:
        """Run tests in the order given, until one fails."""
        (self.work / "tests.json").write_text(json.dumps(tests), encoding="utf-8")
        files = sorted({test.split("::")[0] for test in tests})
        return self.pytest("-x", *files, limit_s=limit_s, kernels=kernels, tests=str(self.work / "tests.json"))

    def attempt(self, fault: Fault, room: Room, seconds: float) -> str:
        """Make a fault, run the tests that reach it, take it back, and return what came of it."""
        tests, chosen, expected = room.tests(fault), [], 0.0
        for test in tests:
            if not chosen or expected + room.seconds[test] <= seconds:
                expected += room.seconds[test]
                chosen.append(test)
        if not chosen:
            return "NO TEST REACHES IT"
        path = self.root / file_of(fault.module)
        sound, stat = path.read_bytes(), path.stat()
        path.write_bytes(fault.applied(sound))
        self.made += 1
        os.utime(path, (stat.st_atime, int(stat.st_mtime) - self.made))  # else Python may take it for the one before
        try:
            status = self.run(chosen, not fault.kernel, 90.0 + 5.0 * expected + (300.0 if fault.kernel else 0.0))
        finally:
            path.write_bytes(sound)
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        if status == 0:
            return f"NOT NOTICED by the quickest {len(chosen)} of {len(tests)} tests"
        return "noticed: " + ("the tests do not end" if status is None else self.out() or "the tests do not start")


def file_of(module: str) -> str:
    """Return the file of a module, within the project."""
    return f"cn_planner/{module.replace('.', '/')}.py"


def digest(paths: list[Path], before: str = "") -> str:
    """Return a short word for what files hold, and for what came before."""
    found = hashlib.sha256(f"{sys.version_info[:2]} {before}".encode())
    for path in sorted(paths):
        found.update(path.read_bytes())
    return found.hexdigest()[:20]


def drawn(module: str, seed: int) -> list[Fault]:
    """Return the faults of a module in the order in which a seed draws them, without those that change nothing."""
    every = faults_of(module, (ROOT / file_of(module)).read_bytes())
    random.Random(f"{seed} {module}").shuffle(every)
    return [fault for fault in every if not any(map(fault.is_like, SETTINGS["equivalent"]))]


def table(results: list[tuple[Fault, str]]) -> str:
    """Return how many were noticed by module, in the modules of which more is asked, and in all."""
    tried = Counter(fault.module for fault, _ in results)
    noticed = Counter(fault.module for fault, what in results if what.startswith("noticed"))
    rows = [(module, [module]) for module in sorted(tried)]
    rows += [("money, margins, verdicts, channels, truth", SETTINGS["strict"]), ("in all", list(tried))]
    found = [(name, sum(noticed[one] for one in of), sum(tried[one] for one in of)) for name, of in rows]
    return "\n".join(f"{name:42}{n:5} of{of:4}{100.0 * n / max(of, 1):7.0f} %" for name, n, of in found)


def main() -> int:
    """Draw faults, try them, and print what came of each and how many were noticed."""
    parser = argparse.ArgumentParser(prog="run.py mutants", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, required=True, help="the same seed draws the same faults")
    parser.add_argument("--modules", nargs="+", default=SETTINGS["modules"], help="such as links.budget; else all")
    parser.add_argument("--count", type=int, default=200, help="how many faults, in equal parts of all modules")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="no fault is begun after this time")
    parser.add_argument("--seconds", type=float, default=60.0, help="of tests for each fault, the quickest first")
    parser.add_argument("--folder", type=Path, help="where to work; it is kept, with what was compiled")
    args = parser.parse_args()
    began = time.monotonic()
    turns = [drawn(module, args.seed) for module in args.modules]
    chosen = [turn[k] for k in range(max(map(len, turns))) for turn in turns if k < len(turn)][: args.count]
    results: list[tuple[Fault, str]] = []
    with tempfile.TemporaryDirectory(prefix="cn-planner-mutants-") as folder:
        copy, room_of = (
            Copy((args.folder or Path(folder)).resolve()),
            {module: module.split(".")[0] for module in args.modules},
        )
        rooms = {name: copy.measure(name) for name in sorted({room_of[fault.module] for fault in chosen})}
        for fault in chosen:
            if time.monotonic() - began > args.minutes * 60.0:
                print(f"The time is over: {len(results)} of {len(chosen)} were tried.")
                break
            results.append((fault, copy.attempt(fault, rooms[room_of[fault.module]], args.seconds)))
            print(f"{fault}\n    {results[-1][1]}", flush=True)
        # What notices a fault must pass without one, in this order of tests too: else it notices nothing.
        for room in rooms.values():
            tests = sorted({what.removeprefix("noticed: ") for _, what in results} & room.seconds.keys())
            if tests and copy.run(tests) != 0:
                print(f"NOT SOUND, fails without a fault too: {copy.out()}")
    print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
