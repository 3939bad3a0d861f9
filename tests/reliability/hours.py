"""A busy person's eight hours at the window, as fast as the program lets them: what they do, and what it holds.

Four thousand acts by mouse, keys and commands on the sample valley, offscreen: edits, drags, plans, imports, exports,
undos, other plans, scenarios, dialogs, changes of look, language and units. Every five minutes of the day (42 acts) the
window, in the size that it began with, is let come to rest, and its memory is taken. What the plan itself may grow by
is held down: the same table is imported again and again, and of many towers some go.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))  # the person who uses the window there

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from window_watchdog import LEFT, NONE, Person, memory_mb

from cn_planner.gui.app import application, make_window
from cn_planner.gui.collector import Collector
from cn_planner.gui.settings import WINDOW_SETTINGS, Settings
from cn_planner.gui.window import MainWindow
from cn_planner.jobs import close_pools, failure_of
from cn_planner.model import edits
from cn_planner.session.map_views import View
from cn_planner.session.sample import open_sample

DAY_MINUTES, EVERY_MINUTES = 480, 5
MOST_GROWTH_MB = 50.0
_MOST_TOWERS = 14
_WAITED_FOR = {"plan": 20.0, "export": 20.0, "import": 10.0, "other plan": 20.0, "find places": 10.0}
"""What a person looks at before going on, and how long at most, s; all else is done on the heels of what was before."""
_STEPS_BACK = 150
_WAIT_S = 0.5
_OWN_SIZE = (1440, 900)
_REST_S = 300.0
"""Before memory is taken: what is under way holds what it works with, and on a busy machine it takes longer."""
_DIALOGS = ("plan_settings", "power", "data", "catalogue", "compare", "addresses", "costs", "settings", "shortcuts",
            "share", "give_channels", "find", "about", "tradeoff")  # fmt: skip
_MISTAKE = failure_of(AssertionError()).error.what.key
"""What is said of a fault that nobody foresaw; all else that is said is an answer."""
_OF_THE_MACHINE = ("This plugin does not support", "Could not find the Qt platform plugin", "propagateSizeHints")


class BusyPerson(Person):
    """Somebody who does all that a day brings, and waits for nothing but the program."""

    def __init__(self, app: QApplication, window: MainWindow, plans: list[Path], folder: Path, seed: int) -> None:
        super().__init__(window, SimpleNamespace(act=""), folder, seed)  # type: ignore[arg-type]
        self.app, self.plans = app, plans
        self.acts |= {
            "undo all": 0.03, "redo all": 0.03, "plan": 0.15, "export": 0.15, "look": 0.3, "language": 0.3,
            "other plan": 0.25, "dialog": 1.0, "find places": 0.1, "channels": 0.1, "edit": 14, "coverage view": 0.6,
        }  # fmt: skip

    def _drag(
        self, a: QPoint, b: QPoint, button: Qt.MouseButton = LEFT, on: QWidget | None = None, steps: int = 6
    ) -> None:
        widget = on if on is not None else self.canvas
        QTest.mousePress(widget, button, NONE, a)
        for k in range(1, steps + 1):
            QTest.mouseMove(widget, (QPointF(a) + (QPointF(b) - QPointF(a)) * (k / steps)).toPoint())
            self.app.processEvents()
        QTest.mouseRelease(widget, button, NONE, b)

    def _edit(self) -> None:
        state = self.window.state
        homes, towers = list(state.plan.households), list(state.plan.sites)
        if homes and self.chance.random() < 0.7:
            field, value = self.chance.choice((("name", "N"), ("weight", self.chance.randint(1, 4)), ("note", "ask")))
            key = self.chance.choice(homes)
            state.make(lambda plan: edits.put(plan, [replace(plan.households[key], **{field: value})]))
        elif towers:
            key, height = self.chance.choice(towers), self.chance.choice((6.0, 9.0, 12.0, 18.0))
            state.make(lambda plan: edits.put(plan, [replace(plan.sites[key], mast_height_m=height)]))

    def _place_tower(self) -> None:
        state = self.window.state
        extra = [key for key in state.plan.sites if not key.startswith(("C", "G"))]
        if len(state.plan.sites) >= _MOST_TOWERS and extra:
            state.make(lambda plan: edits.remove(plan, "sites", [self.chance.choice(extra)]))
        else:
            super()._place_tower()

    def _undo_all(self) -> None:
        """Go back to the first day and forth again: of a plan that has lost its ground nothing is computed any more."""
        self._all_at_once("undo")
        self._all_at_once("redo")

    def _redo_all(self) -> None:
        self._all_at_once("redo")

    def _all_at_once(self, name: str) -> None:
        command = self.window.commands[name]
        for _ in range(_STEPS_BACK):
            if command.isEnabled():
                command.trigger()
                self.app.processEvents()

    def _import(self) -> None:
        sites = list(self.window.state.plan.sites.values())
        if not sites:
            return
        rows = ["id,name,latitude,longitude"]
        for n in range(40):
            place = (sites[0].latitude + self.chance.gauss(0, 0.01), sites[0].longitude + self.chance.gauss(0, 0.01))
            rows.append(f"new-{n},New {n},{place[0]:.6f},{place[1]:.6f}")
        file = self.folder / "homes.csv"
        file.write_text("\n".join(rows), "utf-8")
        self.window.state.request_import(file, "households")

    def _export(self) -> None:
        formats = self.chance.choice((("csv", "kmz"), ("xlsx", "gpkg"), ("gpx", "geojson"), ("html", "pdf")))
        self.window.state.request_export(self.folder / "out", formats, date="2026-01-01")

    def _plan(self) -> None:
        proposals = self.window.state.proposals
        if not proposals.shown:
            proposals.plan(time_limit_s=2.0)
        elif self.chance.random() < 0.5:
            proposals.accept()
        else:
            proposals.leave()

    def _look(self) -> None:
        self._set("look")

    def _language(self) -> None:
        self._set("language")

    def _set(self, key: str) -> None:
        choices = [one.value for one in WINDOW_SETTINGS[key].choices if one.value != "system"]
        self.window.settings.set(key, self.chance.choice(choices))

    def _other_plan(self) -> None:
        project = self.window.state.project
        here = project.path if project is not None else None
        self.window.state.open(self.chance.choice([one for one in self.plans if one != here]))

    def _dialog(self) -> None:
        self.window.do(self.chance.choice(_DIALOGS))
        for _ in range(20):
            self.app.processEvents()
        self.window.do.close()

    def _find_places(self) -> None:
        self.window.do("find_places")

    def _channels(self) -> None:
        self.window.do("give_channels")
        for _ in range(20):
            self.app.processEvents()
        self.window.do.close()

    def _coverage_view(self) -> None:
        self.window.regions.maps.choose(self.chance.choice([*View, None]))


class Day:
    """What goes wrong on a day, and what the window holds."""

    def __init__(self, window: MainWindow) -> None:
        self.problems: Counter[str] = Counter()
        self.first: dict[str, str] = {}
        self.memory: list[int] = []
        sys.excepthook = self._caught
        qInstallMessageHandler(self._said)
        window.state.message.connect(self._told)

    def note(self, words: str, more: str = "") -> None:
        """Keep a problem."""
        self.problems[words] += 1
        if self.first.setdefault(words, more) is more:
            print(f"PROBLEM {words}\n{more}", flush=True)

    def _caught(self, kind: Any, problem: BaseException, trace: Any) -> None:
        place = traceback.extract_tb(trace)[-1]
        words = "".join(traceback.format_exception(kind, problem, trace))
        self.note(f"{kind.__name__} at {Path(place.filename).name}:{place.lineno}", words)

    def _said(self, kind: QtMsgType, _context: object, text: str) -> None:
        bad = kind in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
        if bad and not any(part in text for part in _OF_THE_MACHINE):
            self.note(f"Qt: {text}")

    def _told(self, notice: Any) -> None:
        if notice.what.key == _MISTAKE:
            self.note(f"in the window: {notice.what}", notice.details)


def _watch_compiler(day: Day) -> Any:
    """Note each of the program's kernels that the window's own process compiles from now on; return what ends it.

    They are made by processes beside it: the compiler holds all threads, and once it was used some 80 MB stay.
    """
    from numba.core import event  # as late as the window loads it

    class Compiles(event.Listener):
        def on_start(self, event: Any) -> None:
            made = event.data["dispatcher"].py_func
            if made.__module__.startswith("cn_planner."):
                day.note(f"compiled in the window: {made.__module__}.{made.__qualname__}")

        def on_end(self, event: Any) -> None:
            pass

    heard = Compiles()
    event.register("numba:compile", heard)
    return lambda: event.unregister("numba:compile", heard)


class _Heap(ctypes.Structure):
    """`struct mallinfo2` of glibc."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()  # noqa: SIM905
    ]


def _parts() -> str:
    """Return what of the memory is used in the heap, what has pages of its own, how many objects Python has."""
    told = getattr(ctypes.CDLL(None), "mallinfo2", None) if sys.platform == "linux" else None
    if told is None:
        return ""
    told.restype = _Heap
    heap = told()
    used, free, own = (size / 1e6 for size in (heap.uordblks, heap.fordblks, heap.hblkhd))
    objects = sys.getallocatedblocks() // 1000
    return f" (heap {used:.0f} used and {free:.0f} free, {own:.0f} in pages of their own, {objects}k objects)"


def _rest(app: QApplication, window: MainWindow, most_s: float) -> bool:
    """Let the window come to rest; return whether it did."""
    end = time.monotonic() + most_s
    quiet = 0
    while time.monotonic() < end:
        app.processEvents()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # as a loop of its own does by itself
        busy = bool(window.state.jobs.active()) or window.state.counting
        quiet = 0 if busy else quiet + 1
        if quiet > 5:
            return True
        time.sleep(0.001)
    return False


def spend(folder: Path, acts: int, seed: int) -> tuple[Day, Counter[str], float]:
    """Spend a day at the window; return what was seen, what was done, and how long it took, s."""
    app = application()  # first of all, as in the program
    plans = []
    for name in ("one", "two"):
        project = open_sample(folder / name)
        plans.append(project.path)
        project.close()
    settings = Settings(folder / "window.ini")
    settings.set("tour_seen", True)
    settings.set("language", "en")
    window = make_window(settings)
    window.resize(*_OWN_SIZE)
    window.show()
    collector = Collector(window.state)
    day = Day(window)
    window.state.open(plans[0])
    window.state.request_engine()
    _rest(app, window, 600.0)
    compiles = _watch_compiler(day)
    person = BusyPerson(app, window, plans, folder, seed)
    every = max(1, acts * EVERY_MINUTES // DAY_MINUTES)
    begun = time.monotonic()
    for number in range(acts):
        if number % 10 == 0:  # who has lost their way looks at the whole plan
            window.do("show_all")
        person.step()
        _rest(app, window, _WAITED_FOR.get(person.dog.act, _WAIT_S))
        if number % every == every - 1:
            size = window.size()
            window.resize(*_OWN_SIZE)  # a larger window rightly holds more of the map
            _rest(app, window, _REST_S)
            collector.look_at_everything()  # as where the hand rests
            day.memory.append(memory_mb())
            minute = len(day.memory) * EVERY_MINUTES
            plan = window.state.plan
            print(
                f"{minute // 60}:{minute % 60:02} of the day, {number + 1} acts, {time.monotonic() - begun:.0f} s: "
                f"{day.memory[-1]} MB{_parts()}, {len(plan.sites)} towers, {len(plan.households)} homes, "
                f"{sum(day.problems.values())} problems",
                flush=True,
            )
            window.resize(size)
    took = time.monotonic() - begun
    compiles()
    collector.end()
    window.close()
    close_pools()
    sys.excepthook = sys.__excepthook__
    qInstallMessageHandler(None)
    return day, person.done, took


def run(acts: int, seed: int) -> bool:
    """Spend a day of so many acts, print it; return whether nothing went wrong and nothing grew."""
    random.seed(seed)
    with tempfile.TemporaryDirectory(prefix="hours-") as folder, contextlib.ExitStack() as stack:
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "HOME"):
            before = os.environ.get(name)
            os.environ[name] = folder
            stack.callback(lambda name=name, before=before: os.environ.update({name: before}) if before else None)
        day, done, took = spend(Path(folder), acts, seed)
    tenth = day.memory[len(day.memory) // 10 :]
    growth = max(tenth) - tenth[0]
    print(
        f"seed {seed}: {acts} acts in {took / 60:.0f} min: "
        + ", ".join(f"{n} {what}" for what, n in done.most_common())
    )
    print(f"memory: {day.memory[0]} MB at first, {tenth[0]} after a tenth, {day.memory[-1]} at the end, "
          f"{max(day.memory)} at most: growth {growth} MB")  # fmt: skip
    for words, count in day.problems.most_common():
        print(f"{count} times {words}")
    return not day.problems and growth < MOST_GROWTH_MB
