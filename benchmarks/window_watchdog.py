"""How long the window is ever held: scripted random use of the whole window, with the stack at every long hold.

    python benchmarks/window_watchdog.py [--minutes 1] [--homes 0] [--seed 1] [--json]

The bars: no hold over 50 ms; under 400 MB with the sample; with --homes 100000 and its four layers under 1 GB.
Half an hour: --minutes 30.
"""

from __future__ import annotations

import argparse
import faulthandler
import gc
import json
import os
import random
import re
import tempfile
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from cn_planner.gui.app import application, make_window
from cn_planner.gui.collector import Collector
from cn_planner.gui.panels import plan_edits
from cn_planner.gui.panels.fields import NumberField
from cn_planner.gui.settings import Settings
from cn_planner.jobs import close_pools
from cn_planner.model import edits
from cn_planner.model.plan import Household
from cn_planner.session.coverage import peak_mb
from cn_planner.session.sample import open_sample

if TYPE_CHECKING:
    from cn_planner.gui.window import MainWindow
    from cn_planner.model.plan import Plan

LONG_MS = 50.0
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@dataclass(slots=True)
class Hold:
    """One long hold.

    `own_ms` is what the window's thread itself computed, `all_ms` what all threads of the program did: where that is
    less than the hold, other programs had the machine. `collector_ms` is what Python's collector of rings took.
    """

    act: str
    ms: float
    own_ms: float
    all_ms: float
    collector_ms: float
    stacks: dict[str, list[str]] = field(default_factory=dict)

    def written(self) -> list[str]:
        """Return it as lines of text."""
        took = f"{self.own_ms:.0f} own, {self.all_ms:.0f} of all threads, {self.collector_ms:.0f} collecting"
        lines = [f"{self.ms:7.1f} ms ({took}) at: {self.act}"]
        for name, stack in self.stacks.items():
            lines.append(f"      {name}")
            lines += [f"          {line}" for line in stack]
        return lines


class Watchdog:
    """A timer on the window's thread, and a thread beside it that looks at all threads where the timer is late.

    Where it comes to look late itself, somebody held the GIL for so long; who did is still near where it let go.
    """

    def __init__(self) -> None:
        self.act = "start"
        self.holds: list[Hold] = []
        self.ticks = 0
        self.timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=4)
        self.timer.timeout.connect(self._tick)
        self._window = f"{threading.get_ident():#018x}"
        self._last = self._own = self._all = 0.0
        self._stacks: dict[str, list[str]] = {}
        self._collected, self._collecting = 0.0, 0.0
        gc.callbacks.append(self._collector)
        self._end = threading.Event()
        self._beside = threading.Thread(target=self._look, name="watchdog", daemon=True)

    def start(self) -> None:
        self._note()
        self.timer.start()
        self._beside.start()

    def _collector(self, phase: str, _about: dict[str, int]) -> None:
        if phase == "start":
            self._collecting = time.perf_counter()
        else:
            self._collected += time.perf_counter() - self._collecting

    def stop(self) -> None:
        gc.callbacks.remove(self._collector)
        self.timer.stop()
        self._end.set()
        self._beside.join()

    def _note(self) -> None:
        self._last, self._own, self._all = time.perf_counter(), time.thread_time(), time.process_time()
        self._stacks, self._collected = {}, 0.0

    def _tick(self) -> None:
        ms = (time.perf_counter() - self._last) * 1e3
        if ms > LONG_MS:
            own, everything = time.thread_time() - self._own, time.process_time() - self._all
            self.holds.append(Hold(self.act, ms, own * 1e3, everything * 1e3, self._collected * 1e3, self._stacks))
        self.ticks += 1
        self._note()

    def _look(self) -> None:
        while True:
            begun = time.perf_counter()
            if self._end.wait(0.005):
                return
            now = time.perf_counter()
            if (now - self._last) * 1e3 > LONG_MS / 2 and not self._stacks:
                self._stacks = {f"looked {(now - begun) * 1e3 - 5:.0f} ms late": [], **self._written()}

    def _written(self) -> dict[str, list[str]]:
        """Return where the window's thread is, and the others that are at work.

        As text alone: who holds its frames keeps alive what they hold, painters among it, and Qt falls over that.
        """
        with tempfile.TemporaryFile("w+") as file:
            faulthandler.dump_traceback(file, all_threads=True)
            file.seek(0)
            threads = file.read().split("\n\n")
        found = {}
        for one in threads:
            lines = re.findall(r'File ".*?([^/"]+/[^/"]+)", line (\d+) in (\S+)', one)
            stack = [f"{name}:{line} {function}" for name, line, function in lines]
            if self._window in one:
                found["the window's thread"] = [line for line in stack if "window_watchdog" not in line][:12]
            elif stack and not re.search(r"/threading\.py|futures/thread|window_watchdog", stack[0]):
                found[f"beside {len(found)}"] = stack[:6]
        return found


class Person:
    """Somebody who does this and that, by mouse and keys."""

    def __init__(self, window: MainWindow, dog: Watchdog, folder: Path, seed: int) -> None:
        self.window, self.dog = window, dog
        self.folder = folder
        self.chance = random.Random(seed)  # noqa: S311 - nothing is secret here
        self.done: Counter[str] = Counter()
        self.acts = {
            "pan": 6, "zoom": 6, "drag tower": 5, "drag link": 4, "select": 6, "place home": 2, "place tower": 1,
            "undo": 4, "redo": 3, "tables": 1, "layers": 1, "profile": 1, "mast": 4, "accept": 1, "scenario": 1,
            "show all": 2, "plan": 0.3, "resize": 0.5, "imperial": 0.3, "delete": 1, "reject": 0.5, "sector": 3,
            "antenna": 2, "look along": 3, "copy rows": 0.5, "import": 0.3, "export": 0.3, "undo all": 0.2,
            "redo all": 0.3, "select home": 3, "drag mast": 3,
        }  # fmt: skip

    @property
    def canvas(self):
        return self.window.regions.canvas

    def step(self) -> None:
        """Do one thing."""
        act = self.chance.choices(list(self.acts), list(self.acts.values()))[0]
        self.dog.act = act
        self.done[act] += 1
        getattr(self, "_" + act.replace(" ", "_"))()

    def _spot(self) -> QPoint:
        canvas = self.canvas
        return QPoint(self.chance.randint(60, canvas.width() - 60), self.chance.randint(60, canvas.height() - 30))

    def _place(self, latitude: float, longitude: float) -> QPoint:
        x, y = self.canvas.view.to_screen(latitude, longitude)
        return QPoint(round(float(x) / self.canvas.ratio), round(float(y) / self.canvas.ratio))

    def _tower(self) -> QPoint | None:
        shown = self.canvas.rect().adjusted(20, 20, -20, -20)
        spots = [self._place(one.latitude, one.longitude) for one in self.window.state.plan.sites.values()]
        near = [spot for spot in spots if shown.contains(spot)]
        return self.chance.choice(near) if near else None

    def _drag(
        self, a: QPoint, b: QPoint, button: Qt.MouseButton = LEFT, on: QWidget | None = None, steps: int = 12
    ) -> None:
        """Drag in steps that the window sees one by one."""
        canvas = on if on is not None else self.canvas
        QTest.mousePress(canvas, button, NONE, a)

        def move(k: int) -> None:
            at = QPointF(a) + (QPointF(b) - QPointF(a)) * (k / steps)
            QTest.mouseMove(canvas, at.toPoint())
            if k == steps:
                QTest.mouseRelease(canvas, button, NONE, b)
            else:
                QTimer.singleShot(16, lambda: move(k + 1))

        move(1)

    def _pan(self) -> None:
        self._drag(self._spot(), self._spot(), Qt.MouseButton.MiddleButton)

    def _zoom(self) -> None:
        at = QPointF(self._spot())
        up = 120 if self.chance.random() < 0.5 else -120
        if self.canvas.view.zoom < 10.5:
            up = 120
        elif self.canvas.view.zoom > 15.5:
            up = -120
        for _ in range(3):
            where = QPointF(self.canvas.mapToGlobal(at.toPoint()))
            QApplication.postEvent(
                self.canvas,
                QWheelEvent(at, where, QPoint(), QPoint(0, up), Qt.MouseButton.NoButton, NONE,
                            Qt.ScrollPhase.NoScrollPhase, False),
            )  # fmt: skip

    def _drag_tower(self) -> None:
        self.canvas.use_tool("select")
        if (spot := self._tower()) is not None:
            self._drag(spot, spot + QPoint(self.chance.randint(-60, 60), self.chance.randint(-60, 60)))

    def _drag_link(self) -> None:
        self.canvas.use_tool("link")
        self._drag(self._tower() or self._spot(), self._tower() or self._spot())

    def _select(self) -> None:
        self.canvas.use_tool("select")
        QTest.mouseClick(self.canvas, LEFT, NONE, self._tower() or self._spot())

    def _place_home(self) -> None:
        self.canvas.use_tool("home")
        QTest.mouseClick(self.canvas, LEFT, NONE, self._spot())

    def _place_tower(self) -> None:
        self.canvas.use_tool("tower")
        QTest.mouseClick(self.canvas, LEFT, NONE, self._spot())

    def _undo(self) -> None:
        self.window.commands["undo"].trigger()

    def _redo(self) -> None:
        self.window.commands["redo"].trigger()

    def _delete(self) -> None:
        self.window.commands["delete"].trigger()

    def _tables(self) -> None:
        self.window.commands["show_tables"].trigger()

    def _layers(self) -> None:
        self.window.commands["show_layers"].trigger()

    def _profile(self) -> None:
        self.window.commands["show_profile"].trigger()

    def _show_all(self) -> None:
        self.window.commands["show_all"].trigger()

    def _plan(self) -> None:
        proposals = self.window.state.proposals
        if not proposals.shown:
            proposals.plan(time_limit_s=5.0)
        elif self.chance.random() < 0.5:
            proposals.accept()
        else:
            proposals.leave()

    def _mast(self) -> None:
        slider = self.window.regions.panel["site"].slider
        if slider.isVisible() and slider.isEnabled():
            QTest.mouseClick(
                slider, LEFT, NONE, QPoint(self.chance.randint(8, slider.width() - 8), slider.height() // 2)
            )
        else:
            self._select()

    def _drag_mast(self) -> None:
        slider = self.window.regions.panel["site"].slider
        if slider.isVisible() and slider.isEnabled():
            middle = slider.height() // 2
            a, b = (QPoint(self.chance.randint(8, slider.width() - 8), middle) for _ in range(2))
            self._drag(a, b, on=slider)
        else:
            self._select()

    def _sector(self) -> None:
        """Turn a sector of the selected tower, where it has one, else give it one."""
        state, one = self.window.state, self.window.state.selection
        if one is None or one.kind != "site" or not state.plan.sites[one.id].in_network:
            self._select()
            return
        key, sectors = one.id, state.plan.sites[one.id].sectors
        if not sectors or (len(sectors) < 3 and self.chance.random() < 0.3):
            state.make(lambda plan: plan_edits.add_sector(plan, key))
            return
        shown = [row for row in self.window.regions.panel.findChildren(NumberField) if row.isVisible()]
        turned = [row for row in shown if row.suffix().strip() == "°"]
        if turned:
            row = self.chance.choice(turned)
            row.setFocus()
            for _ in range(6):
                QTest.keyClick(row, Qt.Key.Key_Up)
            QTest.keyClick(row, Qt.Key.Key_Return)

    def _antenna(self) -> None:
        """Take hold of the profile somewhere: of an antenna's handle, where one is there."""
        view = self.window.regions.profile.profile
        if view.isVisible():
            at = QPoint(self.chance.choice((60, view.width() // 2, view.width() - 60)), view.height() // 2)
            self._drag(at, at - QPoint(0, self.chance.randint(-30, 30)), on=view)

    def _look_along(self) -> None:
        self.canvas.use_tool("link")
        self._drag(self._spot(), self._spot(), steps=20)

    def _select_home(self) -> None:
        homes = self.window.state.plan.households
        if homes:
            self.window.state.select("household", self.chance.choice(list(homes)))

    def _copy_rows(self) -> None:
        self.window.show_tables(True)
        view = self.window.regions.bottom.currentWidget().views["household"]
        view.selectAll()
        view.copy()

    def _import(self) -> None:
        middle = next(iter(self.window.state.plan.sites.values()), None)
        if middle is None:
            return
        rows = ["name,latitude,longitude"]
        for n in range(60):
            place = (middle.latitude + self.chance.gauss(0, 0.02), middle.longitude + self.chance.gauss(0, 0.02))
            rows.append(f"New {self.done['import']}-{n},{place[0]:.6f},{place[1]:.6f}")
        file = self.folder / f"homes-{self.done['import']}.csv"
        file.write_text("\n".join(rows), "utf-8")
        self.window.intake.take([file])

    def _export(self) -> None:
        self.window.state.request_export(self.folder / "out", date="2026-01-01")

    def _undo_all(self) -> None:
        self._all("undo")

    def _redo_all(self) -> None:
        self._all("redo")

    def _all(self, name: str, left: int = 150) -> None:
        command = self.window.commands[name]
        if command.isEnabled() and left:
            command.trigger()
            QTimer.singleShot(30, lambda: self._all(name, left - 1))

    def _reject(self) -> None:
        found = self.window.state.computed.suggestions
        if found:
            self.window.state.reject(self.chance.choice(found))

    def _accept(self) -> None:
        found = self.window.state.computed.suggestions
        if found:
            self.window.state.accept(self.chance.choice(found))

    def _scenario(self) -> None:
        state = self.window.state
        others = state.plan.scenarios.others
        if len(others) < 2:
            state.new_scenario(f"Try {len(others) + 2}")
        else:
            state.switch_scenario(self.chance.choice(others).id)

    def _resize(self) -> None:
        self.window.resize(*self.chance.choice(((1440, 900), (1280, 720), (1680, 1000))))

    def _imperial(self) -> None:
        now = self.window.settings.get("units")
        self.window.settings.set("units", "metric" if now == "imperial" else "imperial")


def many_homes(plan: Plan, count: int) -> list[Household]:
    """Return homes all over the sample's ground."""
    chance = random.Random(7)  # noqa: S311
    middle = next(iter(plan.sites.values()))
    return [
        Household(
            f"M{n}", "", middle.latitude + chance.gauss(0.0, 0.03), middle.longitude + chance.gauss(0.0, 0.03),
        )
        for n in range(count)
    ]  # fmt: skip


def watch(folder: Path, minutes: float, homes: int, seed: int) -> dict[str, object]:
    """Use the window for some minutes and return what was seen."""
    project = open_sample(folder)
    plan = project.path
    project.close()
    settings = Settings(folder / "window.ini")
    settings.set("tour_seen", True)
    app = application()
    window = make_window(settings)
    window.resize(1440, 900)
    window.show()
    collector = Collector(window.state)
    dog = Watchdog()
    dog.start()
    dog.act = "open the plan"
    window.state.open(plan)
    window.state.request_engine()
    until(app, lambda: window.state.project is not None)
    until(app, lambda: not window.state.jobs.active())
    opened = len(dog.holds)
    if homes:
        dog.act = "import"
        window.state.make(lambda plan: edits.put(plan, many_homes(plan, homes)))
        until(app, lambda: not window.state.jobs.active())
    filled = len(dog.holds)
    person = Person(window, dog, folder, seed)
    timer, memory, begun = QTimer(), [], time.monotonic()

    def again() -> None:
        if time.monotonic() - begun >= 60.0 * len(memory):
            memory.append(memory_mb())
        person.step()
        timer.start(person.chance.randint(150, 700))

    timer.setSingleShot(True)
    timer.timeout.connect(again)
    again()
    QTimer.singleShot(round(minutes * 60e3), app.quit)
    app.exec()
    timer.stop()
    dog.stop()
    collector.end()
    window.close()
    close_pools()
    used = dog.holds[filled:]
    return {
        "minutes": minutes, "homes": homes, "acts": dict(person.done), "ticks": dog.ticks,
        "holds_at_opening": len(dog.holds[:opened]), "holds_at_import": filled - opened, "holds": len(used),
        "worst_ms": round(max((one.ms for one in used), default=0.0), 1),
        "by_window": sum(one.own_ms > LONG_MS for one in used),
        "by_program": sum(one.all_ms > LONG_MS for one in used),
        "worst_own_ms": round(max((one.own_ms for one in used), default=0.0), 1),
        "worst_all_ms": round(max((one.all_ms for one in used), default=0.0), 1),
        "longest": [asdict(one) for one in sorted(dog.holds, key=lambda one: -one.all_ms)[:30]],
        "memory_mb": memory,
        "peak_mb": round(peak_mb() or 0.0),
    }  # fmt: skip


def memory_mb() -> int:
    """Return what the program holds now, as Linux tells it; 0 elsewhere."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 10**6 if status.exists() else 0


def until(app: QApplication, so) -> None:
    while not so():
        app.processEvents()
        time.sleep(0.001)


def main() -> None:
    """Watch and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--homes", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        seen = watch(Path(name), asked.minutes, asked.homes, asked.seed)
    if asked.json:
        print(json.dumps(seen))
        return
    print(f"{asked.minutes:g} minutes, {sum(seen['acts'].values())} acts; greatest memory {seen['peak_mb']} MB")
    print(f"holds over {LONG_MS:g} ms: {seen['holds']} in use, {seen['holds_at_opening']} at opening,", end=" ")
    print(f"{seen['holds_at_import']} at import; worst in use {seen['worst_ms']} ms")
    print(f"computing for over {LONG_MS:g} ms of them: the window's thread in {seen['by_window']}", end=" ")
    print(f"(worst {seen['worst_own_ms']} ms), all threads together in {seen['by_program']}", end=" ")
    print(f"(worst {seen['worst_all_ms']} ms); the rest is the machine's: other programs, the disk")
    print("memory each minute, MB:", *seen["memory_mb"])
    for one in seen["longest"]:
        print(*Hold(**one).written(), sep="\n")


if __name__ == "__main__":
    main()
