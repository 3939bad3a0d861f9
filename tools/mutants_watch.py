"""Runs pytest for ``mutants.py``, with a plug-in: it notes which test runs which lines, or runs tests in a given order.

What a run has loaded for the next, libraries alone, is loaded once: each run is a fork of one process that has them.

What a fixture of a module or session runs counts for every test that has it, and a kernel that is run compiled, where
no line is seen, for the test that asked for it, with the kernels that it calls.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import signal
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


class Measure:
    """Notes which test runs which lines of the program, and how long each takes."""

    def __init__(self) -> None:
        import coverage

        from cn_planner.propagation import kernel

        self._module, self._compiled = kernel, kernel.compiled
        kernel.compiled = self.compiled
        self._coverage = coverage.Coverage(data_file=None, include=[f"{ROOT}/cn_planner/*"], messages=False)
        self._coverage.start()
        self._now = ""
        self._users: dict[str, list[str]] = defaultdict(list)
        self._asked: dict[str, set[Any]] = defaultdict(set)
        self._seconds: dict[str, float] = {}
        self._failed: set[str] = set()

    def compiled(self, function: Any) -> Any:
        self._asked[self._now].add(function)
        return self._compiled(function)

    def _turn_to(self, who: str) -> str:
        before, self._now = self._now, who
        self._coverage.switch_context(who)
        return before

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        for name in getattr(item, "fixturenames", ()):
            self._users[f"fixture {name}"].append(item.nodeid)
        began = sum(os.times()[:4])  # of the processor, also of programs that it calls: whatever else runs here
        self._turn_to(item.nodeid)
        done = yield
        self._seconds[item.nodeid] = sum(os.times()[:4]) - began
        return done

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Any:
        before = self._turn_to(self._now if fixturedef.scope == "function" else f"fixture {fixturedef.argname}")
        try:
            return (yield)
        finally:
            self._turn_to(before)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome != "passed":
            self._failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write how long each test took, and the tests of every line of every file."""
        self._coverage.stop()
        data = self._coverage.get_data()
        users: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        for file in data.measured_files():
            for line, who in data.contexts_by_lineno(file).items():
                users[file][line].update(*(self._users.get(one, [one]) for one in who))
        compiles: set[str] = set()
        for asker, functions in self._asked.items():
            compiles.update(self._users.get(asker, [asker]))
            for code in self._called(list(functions)):
                for _, _, line in code.co_lines():
                    users[code.co_filename][line or 0].update(self._users.get(asker, [asker]))
        passed = {test: took for test, took in self._seconds.items() if test not in self._failed}
        told = {
            str(Path(file).relative_to(ROOT)): {line: sorted(who & passed.keys()) for line, who in lines.items()}
            for file, lines in users.items()
        }
        failed = sorted(self._failed & set(self._seconds))
        write({"seconds": passed, "failed": failed, "compiles": sorted(compiles), "lines": told})

    def _called(self, waiting: list[Any]) -> list[Any]:
        """Return the code of kernels and of the kernels that they call."""
        found: dict[Any, None] = {}
        while waiting:
            if (one := waiting.pop()) not in found:
                found[one] = None
                named = (one.__globals__.get(name) for name in self._module._names(one.__code__))
                waiting += [other for other in named if callable(other) and other in self._module._kernels]
        return [one.__code__ for one in found]


class Chosen:
    """Runs chosen tests in a given order, and tells the first that fails."""

    def __init__(self, tests: list[str]) -> None:
        self._order = {test: n for n, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((one for one in items if one.nodeid in self._order), key=lambda one: self._order[one.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            write(report.nodeid)


def write(told: object) -> None:
    """Hand over to ``mutants.py``."""
    Path(os.environ["MUTANTS_OUT"]).write_text(json.dumps(told), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Watch before any module of the program is loaded, and say where compiled kernels are kept: or nowhere."""
    tests = os.environ.get("MUTANTS_TESTS")
    config.pluginmanager.register(Chosen(json.loads(Path(tests).read_bytes())) if tests else Measure())
    folder = Path(os.environ["MUTANTS_KERNELS"]) if os.environ["MUTANTS_KERNELS"] else None
    with contextlib.suppress(Exception):  # a fault may keep the module from loading: the tests will tell
        from cn_planner.propagation import kernel

        kernel.cache_folder = lambda: folder


def serve() -> None:
    """Run pytest for each line of the standard input, in a process of its own, and write its status on the output.

    A line holds the words of the command, its environment, where its output goes, and how many seconds of the processor
    it may take. The status is null where it took more, or twenty times as long by the clock.
    """
    for name in ("hypothesis", "numba", "numpy", "pyproj", "rasterio", "scipy.sparse.csgraph", "shapely"):
        importlib.import_module(name)
    for line in sys.stdin:
        words, environment, output, limit_s = json.loads(line)
        child = os.fork()
        if child == 0:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_CPU, (int(limit_s), int(limit_s) + 9))
            os.environ.update(environment)
            for number in (1, 2):
                os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
            os._exit(pytest.main(words))
        until = time.monotonic() + 20.0 * limit_s
        while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < until:
            time.sleep(0.02)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # with what it may have left behind
        status = os.waitstatus_to_exitcode(ended[1] if ended[0] else os.waitpid(child, 0)[1])
        print(json.dumps(None if status in {-signal.SIGXCPU, -signal.SIGKILL} else status), flush=True)


if __name__ == "__main__":
    serve()
