"""The journey in a bundle's window, by mouse: the sample valley opened, planned, exported. Linux, with xdotool.

    python3 packaging/by_mouse.py HOME PROGRAM [WORD...]

HOME is the person's folder as this process sees it; the program is started with its words on the screen of ``DISPLAY``,
where a window manager runs. The window has one size and its own fonts, so its buttons stand where they stood when the
places below were read off pictures; that a click did what it should is read from files. Pictures go to
``JOURNEY_PICTURES``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLE, LEAVE, PLAN, ACCEPT, SHARE = (546, 405), (296, 498), (108, 364), (1116, 833), (1381, 52)
WRITE = (554, 672)
"""Places in the window, which is 1440 by 900, and in the dialog of Share."""
_LONGEST_S = 900.0


def told(*words: str) -> str:
    """Return what a program says, nothing where it fails."""
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()


def until(there: Callable[[], object], what: str) -> float:
    """Wait until something is there, and return how long that took, s."""
    begun = time.monotonic()
    while not there():
        if time.monotonic() - begun > _LONGEST_S:
            raise SystemExit(f"After {_LONGEST_S:.0f} s: {what}?")
        time.sleep(0.05)
    return time.monotonic() - begun


def window(title: str) -> str:
    """Return the number of a window that is shown, empty where there is none."""
    return told("xdotool", "search", "--onlyvisible", "--name", title).rpartition("\n")[2]


def click(title: str, place: tuple[int, int]) -> None:
    """Click on a place of a window."""
    x, y = map(str, place)
    told("xdotool", "mousemove", "--sync", "--window", window(title), x, y)
    told("xdotool", "click", "1")


def picture(name: str) -> None:
    """Keep a picture of the screen where one is asked for."""
    if folder := os.environ.get("JOURNEY_PICTURES"):
        told("import", "-window", "root", f"{folder}/{name}.png")


def accepted(plan: Path, before: int) -> bool:
    """Accept what is proposed, where something is by now, and return whether it is in the plan."""
    click("Sample valley", ACCEPT)  # where nothing is proposed yet nothing stands there
    time.sleep(1.0)
    return plan.stat().st_mtime_ns > before


def main(home: Path, program: list[str]) -> None:
    """Take the journey."""
    shown = subprocess.Popen(program)
    try:
        print(f"{until(lambda: window('CN Planner'), 'a window'):6.2f} s  the first window", flush=True)
        time.sleep(2.0)  # a person looks
        picture("1-first-window")
        click("CN Planner", SAMPLE)
        print(f"{until(lambda: window('Sample valley'), 'the sample valley is open'):6.2f} s  the sample valley")
        [plan] = home.rglob("sample-valley.cnplan.gpkg")
        time.sleep(2.0)
        click("Sample valley", LEAVE)
        picture("2-sample")
        before = plan.stat().st_mtime_ns
        click("Sample valley", PLAN)
        print(f"{until(lambda: accepted(plan, before), 'the plan is made and accepted'):6.2f} s  the plan")
        time.sleep(5.0)
        picture("3-planned")
        click("Sample valley", SHARE)
        until(lambda: window("^Share$"), "the dialog")
        time.sleep(1.0)
        click("^Share$", WRITE)
        taken = until(
            lambda: [
                path for path in home.rglob("*.pdf")
                if path.is_file() and path.read_bytes()[-6:].strip().endswith(b"EOF")
            ], "the PDF",
        )  # fmt: skip
        print(f"{taken:6.2f} s  the PDF")
        time.sleep(2.0)
        picture("4-written")
        assert shown.poll() is None, "the window has ended"
    finally:
        shown.terminate()
        shown.wait(60)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
