"""Work in processes of their own, each within limits of time and memory: where libraries open what strangers made.

pyogrio's and rasterio's GDAL each register drivers of their own, and one of them may crash, grow or never end on a
damaged file: nothing of that reaches the program, the window or the next file. What such a process may hold beyond
what its libraries take when they are loaded is limited by the system (RLIMIT_AS; a job object on Windows); where it
takes longer than it may, or the job is cancelled, it is killed. Orders and answers are plain data.
"""

from __future__ import annotations

import contextlib
import importlib
import subprocess
import sys
import time
from threading import Lock, Thread, Timer
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import msgspec

from cn_planner.errors import FileError
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cn_planner.progress import CancelToken

_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
_LENGTH = 8
"""Bytes before each order and each answer: how long it is."""
_LOOK_S = 0.02
_FINE, _FAILED, _TOO_MUCH = 0, 1, 3


class Limits(NamedTuple):
    """What a process may take.

    ``seconds``: from start to answer. ``memory_mb``: beyond what it holds once its libraries are loaded.
    """

    seconds: float = 120.0
    memory_mb: float = 1024.0


_USUAL = Limits()
_OF_AN_ANSWER = Limits(30.0, 512.0)


class WorkerError(Exception):
    """The work failed; the text is the library's own."""


class WorkerLimitError(WorkerError):
    """The process took more time or memory than it may."""

    def __init__(self, limits: Limits, *, slow: bool) -> None:
        super().__init__("too slow" if slow else "too large")
        self.limits, self.slow = limits, slow

    def about(self, path: Path | str) -> FileError:
        """Return it as what is said of a file."""
        what = (
            msg("Reading the file took longer than {seconds:.0f} s, and was ended.", seconds=self.limits.seconds)
            if self.slow
            else msg("Reading the file took more than {mb:.0f} MB of memory, and was ended.", mb=self.limits.memory_mb)
        )
        return FileError(
            what,
            where=str(path),
            fix=msg("It may be damaged or made to do harm. Ask for another copy, or a part of it."),
        )


def _program(function: str) -> list[str]:
    # -P: what lies in the folder that the program was started from is none of its modules.
    return [sys.executable, "-P", "-c", f"import sys; from cn_planner.gis.worker import {function} as f; sys.exit(f())"]


def in_worker(
    module: str, function: str, *order: Any, limits: Limits = _USUAL, cancel: CancelToken | None = None
) -> Any:
    """Return what a function of a module of this room makes of an order: plain data in, plain data out.

    Raises WorkerLimitError where it took more time or memory than it may; WorkerError where it ends with an error, or
    the process dies; CancelledError.
    """
    process = subprocess.Popen(  # noqa: S603 - our own words
        _program("run"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, creationflags=_NO_WINDOW
    )
    told: list[tuple[bytes, bytes]] = []
    words = msgspec.msgpack.encode((module, function, order, limits.memory_mb))
    # Its answer may be larger than a pipe holds, and the order too: somebody must read while the clock is looked at.
    talk = Thread(target=lambda: told.append(process.communicate(words)), daemon=True)
    talk.start()
    end = time.monotonic() + limits.seconds
    try:
        while talk.is_alive():
            talk.join(_LOOK_S)
            if cancel is not None:
                cancel.check()
            if time.monotonic() > end:
                raise WorkerLimitError(limits, slow=True)
    finally:
        if talk.is_alive():
            process.kill()
            talk.join()
    answer, problem = told[0] if told else (b"", b"")
    if process.returncode == _TOO_MUCH:
        raise WorkerLimitError(limits, slow=False)
    if process.returncode != _FINE:
        raise WorkerError(problem.decode("utf-8", "replace").strip())
    return msgspec.msgpack.decode(answer)


def hold_to(memory_mb: float) -> None:
    """Let this process take so much memory beyond what it has, and no more."""
    if sys.platform == "win32":
        _hold_windows(memory_mb)
        return
    import resource

    try:
        with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123 - before any room of ours is loaded
            held = int(stream.read().split()[0]) * resource.getpagesize()
    except OSError:
        held = 2 << 30  # macOS, or no /proc: what libraries reserve, at most
    most = held + int(memory_mb * 1e6)
    with contextlib.suppress(OSError, ValueError):  # a system without the limit, or with a lower one
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _hold_windows(memory_mb: float) -> None:
    """Put this process into a job object with a limit (JOBOBJECT_EXTENDED_LIMIT_INFORMATION)."""
    import ctypes

    class Basic(ctypes.Structure):
        _fields_ = (
            ("per_process_time", ctypes.c_int64), ("per_job_time", ctypes.c_int64), ("flags", ctypes.c_uint32),
            ("least_set", ctypes.c_size_t), ("most_set", ctypes.c_size_t), ("processes", ctypes.c_uint32),
            ("affinity", ctypes.c_size_t), ("priority", ctypes.c_uint32), ("scheduling", ctypes.c_uint32),
        )  # fmt: skip

    class Extended(ctypes.Structure):
        _fields_ = (
            ("basic", Basic), ("io", ctypes.c_uint64 * 6), ("process_memory", ctypes.c_size_t),
            ("job_memory", ctypes.c_size_t), ("peak_process", ctypes.c_size_t), ("peak_job", ctypes.c_size_t),
        )  # fmt: skip

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore] # Windows alone
    kernel.CreateJobObjectW.restype = ctypes.c_void_p
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    job = kernel.CreateJobObjectW(None, None)
    wanted = Extended()
    wanted.basic.flags = 0x100  # JOB_OBJECT_LIMIT_PROCESS_MEMORY
    wanted.process_memory = int((memory_mb + 300.0) * 1e6)  # of what is committed, the libraries' own with it
    kernel.SetInformationJobObject(ctypes.c_void_p(job), 9, ctypes.byref(wanted), ctypes.sizeof(wanted))
    kernel.AssignProcessToJobObject(ctypes.c_void_p(job), ctypes.c_void_p(kernel.GetCurrentProcess()))


def run() -> int:
    """Do what the standard input orders: what the process does. Return its exit status."""
    module, function, order, memory_mb = msgspec.msgpack.decode(sys.stdin.buffer.read())
    try:
        act = getattr(importlib.import_module(f"cn_planner.gis.{module}"), function)
        _load()
        hold_to(memory_mb)
        answer = msgspec.msgpack.encode(act(*order))
    except MemoryError:
        return _TOO_MUCH
    except Exception as error:  # noqa: BLE001 - whatever a library makes of a stranger's file is told, not shown
        if "memory" in str(error).lower() or isinstance(error.__cause__, MemoryError):
            return _TOO_MUCH
        sys.stderr.buffer.write((str(error) or type(error).__name__).encode())
        return _FAILED
    sys.stdout.buffer.write(answer)
    return _FINE


def _load() -> None:
    """Load the libraries that the work needs, so that what they take is not counted."""
    import numpy as np
    import pyogrio.raw  # noqa: F401
    import shapely  # noqa: F401

    np.linalg.norm(np.zeros((2, 2)))  # threads of the linear algebra reserve their stacks with the first call


class Companion:
    """A process that stays and answers one order after the other; where it died it is begun anew at the next.

    Parameters
    ----------
    module, function : str
        What it calls first, with `first`: that returns what takes the orders.
    first : tuple
        Plain data.
    limits : Limits
        Seconds are those of one answer; then the process is ended.
    """

    def __init__(self, module: str, function: str, *first: Any, limits: Limits = _OF_AN_ANSWER) -> None:
        self._begin = (module, function, first, limits.memory_mb)
        self._limits = limits
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def ask(self, *order: Any) -> Any:
        """Return what it answers; it takes a while, so not on the window's thread.

        Raises
        ------
        WorkerLimitError
            Where an answer takes too long; the process is ended.
        WorkerError
            Where the order fails, the process dies, or was closed.
        """
        with self._lock:
            if self._closed:
                raise WorkerError("closed")
            process = self._process
            fresh = process is None or process.poll() is not None
            if process is None or fresh:
                process = self._process = subprocess.Popen(  # noqa: S603 - our own words
                    _program("serve"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    creationflags=_NO_WINDOW,
                )  # fmt: skip
        slow: list[bool] = []

        def end() -> None:
            slow.append(True)
            process.kill()

        watch = Timer(self._limits.seconds, end)
        watch.daemon = True
        watch.start()
        try:
            if process.stdin is None or process.stdout is None:
                raise AssertionError
            _put(process.stdin, (self._begin if fresh else None, order))
            answer = _take(process.stdout)
        except (OSError, EOFError, ValueError) as problem:
            _end(process)
            if slow:
                raise WorkerLimitError(self._limits, slow=True) from problem
            raise WorkerError(str(problem)) from problem
        finally:
            watch.cancel()
        fine, value = answer
        if not fine:
            raise WorkerError(value)
        return value

    def close(self) -> None:
        """End the process; whoever waits for an answer gets a WorkerError."""
        with self._lock:
            self._closed = True
            process, self._process = self._process, None
        if process is not None:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):  # what it was not told yet
                stream.close()


def serve() -> int:
    """Answer orders until the standard input ends: what the process of a `Companion` does. Return its exit status."""
    act: Callable[..., Any] | None = None
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            begin, order = _take(sys.stdin.buffer)
            try:
                if act is None:
                    module, function, first, memory_mb = begin
                    make = getattr(importlib.import_module(module), function)
                    hold_to(memory_mb)
                    act = make(*first)
                answer = (True, act(*order))
            except Exception as error:  # noqa: BLE001 - as in `run`; a MemoryError is one answer that failed
                answer = (False, str(error) or type(error).__name__)
            _put(sys.stdout.buffer, answer)
            if act is None:
                return 1  # it could not even begin: the next order begins it anew
    return 0


def _put(stream: IO[bytes], value: Any) -> None:
    data = msgspec.msgpack.encode(value)
    stream.write(len(data).to_bytes(_LENGTH, "little") + data)
    stream.flush()


def _take(stream: IO[bytes]) -> Any:
    length = int.from_bytes(_exactly(stream, _LENGTH), "little")
    return msgspec.msgpack.decode(_exactly(stream, length))


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) != count:
        raise EOFError("the process ended")
    return data
