"""What a process with limits does in tests: it answers, says how far it is, fails, dies, grows, or never ends."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cn_planner.errors import UnknownPlaceError
from cn_planner.gis.worker import PYTHON, Limits, in_worker, sandboxed
from cn_planner.message import msg
from cn_planner.progress import silent


@dataclass
class Code:
    """What is made anew where it is taken out of a message."""

    act: str

    def __reduce__(self) -> Any:
        return os.system, (self.act,)


@sandboxed(PYTHON, Limits(1.5, 300.0))
def act(path: Path, what: str, *, progress=silent) -> Any:
    return _ACTS[what](path, progress)


def _say(path: Path, _progress: Any) -> Any:
    print("what a library prints is no answer")  # noqa: T201
    return os.getpid(), path.name, np.arange(6, dtype=np.float32).reshape(2, 3)


def _fail(path: Path, _progress: Any) -> Any:
    problem = UnknownPlaceError(msg("Somewhere, {n}.", n=3), where=str(path), fix=msg("Say where."))
    problem.corner = (1.0, 2.0)
    raise problem


def _slowly(_path: Path, progress: Any) -> Any:
    for step in range(30):  # twice as long as the limit, and a sign now and then
        threading.Event().wait(0.1)
        progress(step / 30)
    return "done"


def _grow(_path: Path, _progress: Any) -> Any:
    return bytes(1 << 30)


def _unforeseen(_path: Path, _progress: Any) -> Any:
    return {}["nobody foresaw this"]


def _code(path: Path, _progress: Any) -> Any:
    return Code(f"touch {path}.made")


_ACTS = {
    "say": _say, "fail": _fail, "slowly": _slowly, "grow": _grow, "unforeseen": _unforeseen, "code": _code,
    "die": lambda *_: os._exit(3), "hang": lambda *_: threading.Event().wait(),
    "nested": lambda path, _: act(path, "say")[0], "writes": lambda *_: in_worker("vector", "write_order", 1, 2, 3),
}  # fmt: skip
