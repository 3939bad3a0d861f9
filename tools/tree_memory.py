"""What a command takes, with all processes that it starts: seconds, and megabytes at the most."""

from __future__ import annotations

import contextlib
import resource
import subprocess
import time
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LOOK_S = 0.01


class Taken(NamedTuple):
    """What a command took.

    Exit status (None: it was ended), seconds by the clock and of the processors, megabytes of the whole tree, and what
    it said on standard error.
    """

    status: int | None
    seconds: float
    busy_s: float
    megabytes: float
    words: str


def taken_by(command: Sequence[str], *, most_s: float, env: Mapping[str, str] | None = None) -> Taken:
    """Run a command and return what it took. Linux alone: pages that processes share are counted once (PSS)."""
    begun, most, ended, busy = time.monotonic(), 0.0, False, _busy_s()
    with subprocess.Popen(  # noqa: S603 - our own commands
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=env
    ) as process:
        while process.poll() is None:
            most = max(most, sum(map(_megabytes, _tree(process.pid))))
            if time.monotonic() - begun > most_s:
                for pid in reversed(_tree(process.pid)):
                    subprocess.run(["kill", "-9", str(pid)], check=False, capture_output=True)  # noqa: S603, S607
                ended = True
                break
            Event().wait(_LOOK_S)
        seconds = time.monotonic() - begun
        words = process.stderr.read() if process.stderr is not None else ""
    return Taken(None if ended else process.returncode, seconds, _busy_s() - busy, most, words)


def _busy_s() -> float:
    took = resource.getrusage(resource.RUSAGE_CHILDREN)
    return took.ru_utime + took.ru_stime


def _tree(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        with contextlib.suppress(OSError):  # it has just ended
            for children in Path(f"/proc/{one}/task").glob("*/children"):
                found += [int(child) for child in children.read_text("ascii").split()]
    return found


def _megabytes(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000.0
