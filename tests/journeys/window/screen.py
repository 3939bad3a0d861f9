"""A screen without a monitor: an X server in memory and a small window manager on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROGRAMS = ("Xvfb", "openbox", "xdotool", "xprop")


def missing() -> list[str]:
    """Return the programs that are needed and not there."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def _has_manager(display: str) -> bool:
    asked = ["xprop", "-display", display, "-root", "_NET_SUPPORTING_WM_CHECK"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)
    return "window id" in said.stdout


@contextmanager
def screen(folder: Path, size: str = "1680x1050") -> Iterator[dict[str, str]]:
    """Start the server and the window manager; yields what a program needs in its environment to be shown there."""
    read, write = os.pipe()
    log = (folder / "screen.log").open("w")
    # Without -noreset it begins anew when its last client goes, and refuses who comes meanwhile: the manager, where the
    # first that asks for it was quicker.
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=(write,), stdout=log, stderr=log,
    )  # fmt: skip
    os.close(write)
    manager = None
    try:
        with os.fdopen(read) as stream:  # the server writes its number once it takes connections
            number = stream.readline().strip()
        assert number, (folder / "screen.log").read_text()
        display = f":{number}"
        environment = os.environ | {"DISPLAY": display}
        manager = subprocess.Popen(["openbox", "--sm-disable"], env=environment, stdout=log, stderr=log)
        end = time.monotonic() + 20
        while not _has_manager(display):
            assert time.monotonic() < end, "the window manager did not start"
            time.sleep(0.02)
        yield {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    finally:
        for process in (manager, server):
            if process is not None:
                process.terminate()
                process.wait(10)
        log.close()
