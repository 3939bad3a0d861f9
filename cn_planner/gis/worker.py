"""Processes with limits of time and memory, in which libraries open what strangers made.

A library may crash, grow or never end on a damaged file: nothing of that reaches the program, the window or the next
file. `sandboxed` puts a function that reads a file into such a process. What a process may hold beyond what its
libraries take when they are loaded is limited by the system (RLIMIT_AS; a job object on Windows); where it gives no
sign for longer than it may, or the job is cancelled, it is killed. One that did its work stays for a while: the next
file need not wait for Python and GDAL to start. pyogrio's and rasterio's GDAL each register drivers of their own, so
each has processes of its own.
"""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import importlib
import math
import os
import pickle
import subprocess
import sys
import tempfile
import time
import traceback
from functools import partial, wraps
from pathlib import Path
from threading import Event, Lock, Thread
from typing import IO, TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

from cn_planner.errors import FileError, PlannerError
from cn_planner.faults import wall
from cn_planner.gis import kept, plain
from cn_planner.helpers import helper_words
from cn_planner.message import msg
from cn_planner.progress import Progress, current_cancel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_P = ParamSpec("_P")
_T = TypeVar("_T")

_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
_PIPE_BYTES = 1 << 20
_LOOK_S, _TELL_S, _DIE_S = 0.05, 0.1, 2.0
_START_S, _AGAIN_S = 60.0, 5.0
"""So long Python and a library may take to start, on a machine that has much to do; and a module of ours."""
_KEPT_S, _LEAVES_S = 20.0, 30.0
"""So long a process that has nothing to do is asked again; then it ends itself."""
_UNUSED = ("geopandas", "pandas", "pyarrow")
_GOES_ON, _DONE, _SAID, _BROKE, _TOO_MUCH = range(5)
"""What a process tells: how far it is, the result, an error in words, one that nobody foresaw, that memory ended."""
PYTHON, RASTERIO, PYOGRIO = "", "rasterio", "pyogrio"
"""What a process has loaded beside Python's own libraries; never two of them."""


class Limits(NamedTuple):
    """What a process may take.

    ``seconds``: without an answer, or a sign that it goes on, once its libraries are loaded. ``memory_mb``: beyond
    what it holds by then.
    """

    seconds: float = 120.0
    memory_mb: float = 1024.0


OF_OUR_OWN = Limits(600.0, 4096.0)
"""What the program itself computed or writes: a slow disk may take its time."""
_USUAL = Limits()
_OF_AN_ANSWER = Limits(30.0, 512.0)


class WorkerError(Exception):
    """The work failed; the text is the library's own, or where it happened."""


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


def sandboxed(
    library: str, limits: Limits = _USUAL, *, keeps: bool = False
) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """Put a function of a module, which reads the file that is its first text or path, into a process with a library.

    Where it has a parameter `progress` that is named in a call, it is told from there how far the work is. The job on
    whose thread it is called cancels it. What nobody foresaw becomes one FileError, as behind `faults.wall`. One that
    `keeps` answers from that file and its other arguments alone, never None: what it answered once is kept for the
    next start of the program (`gis/kept.py`).
    """

    def decorate(read: Callable[_P, _T]) -> Callable[_P, _T]:
        @wraps(read)
        def outside(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            if _inside:
                return read(*args, **kwargs)
            path = next((str(one) for one in (*args, *kwargs.values()) if isinstance(one, str | Path)), "")
            progress: Any = kwargs.pop("progress", None)
            with wall(path):
                question = read.__module__, read.__qualname__, args, kwargs
                place = kept.kept_place(Path(path), question) if keeps else None
                found: _T | None = None if place is None else kept.kept_answer(place)
                if found is not None:
                    return found
                try:
                    answer: _T = _ask_any(library, *question, limits, progress)
                except WorkerLimitError as problem:
                    raise problem.about(path) from problem
                if place is not None:
                    kept.keep(place, answer)
            return answer

        return outside

    return decorate


def in_worker(module: str, function: str, *order: Any) -> Any:
    """Return what a function of a module of this room makes of an order, with pyogrio.

    Raises WorkerLimitError where it took more time or memory than it may; WorkerError where it ends with an error, or
    the process dies; CancelledError. In such a process it is called as it is.
    """
    if not _inside:
        return _ask_any(PYOGRIO, f"cn_planner.gis.{module}", function, order, {}, _USUAL, None)
    try:
        return getattr(importlib.import_module(f"cn_planner.gis.{module}"), function)(*order)
    except (PlannerError, MemoryError):
        raise
    except Exception as problem:
        if "memory" in str(problem).lower():
            raise MemoryError from problem
        raise WorkerError(str(problem) or type(problem).__name__) from problem


def warm_for_elevation(files: Iterable[str | Path]) -> None:
    """Start the process that reads rasters beside what the program does first, where files will need one.

    A plain ``.hgt`` is read by the program itself, and what is kept of a file from last time needs no process. Where
    there is one it stays.
    """
    if any(not str(file).lower().endswith(".hgt") and not kept.answers_are_kept(Path(file)) for file in files):
        warm_for(RASTERIO)


def warm_for(library: str) -> None:
    """Start a process with a library beside what the program does first; where there is one it stays."""
    _keep(_waiting(library) or _Process(library))


def end_idle() -> None:
    """End the processes that have nothing to do, before work that takes much memory: the next file waits for one."""
    with _lock:
        ended = tuple(_idle)
        _idle.clear()
    for process in ended:
        process.end()


_inside = False
_lock = Lock()
_idle: list[_Process] = []
_alive: set[_Process] = set()


def _ask_any(
    library: str, module: str, function: str, args: Any, kwargs: Any, limits: Limits, progress: Progress | None
) -> Any:
    process = _waiting(library) or _Process(library)
    try:
        return process.ask((module, function, args, kwargs), library, limits, progress)
    finally:
        _keep(process)


def _keep(process: _Process) -> None:
    """Keep a process for the next file, but no more than one with each library."""
    with _lock:
        stays = process in _alive and all(one.library != process.library for one in _idle)
        if stays:
            process.stay()
            _idle.append(process)
    if not stays:
        process.end()


def _waiting(library: str) -> _Process | None:
    """Return a process that has nothing to do and may have this library, best one that has it already."""
    with _lock:
        fitting = [one for one in _idle if one.library in ("", library) or not library]
        for process in sorted(fitting, key=lambda one: one.library != library):
            _idle.remove(process)
            if process.runs:
                return process
            process.end()
    return None


class _Process:
    """A process that answers one order after the other."""

    def __init__(self, library: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            helper_words(__name__, serve.__name__, library),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, creationflags=_NO_WINDOW,
            pipesize=_PIPE_BYTES,
        )  # fmt: skip
        self.library = library
        self._until, self._begun = 0.0, False
        self._asking = Lock()
        self._stays_until = time.monotonic() + _KEPT_S
        _alive.add(self)

    @property
    def runs(self) -> bool:
        """Whether it is there still, and does not just now end itself for want of work."""
        return self._process.poll() is None and time.monotonic() < self._stays_until

    def stay(self) -> None:
        """Note that it has nothing to do from now on."""
        self._stays_until = time.monotonic() + _KEPT_S

    def ask(self, order: Any, library: str, limits: Limits, progress: Progress | None = None) -> Any:
        """Return what it answers; where it fails by itself, passes a limit or is cancelled, it is ended."""
        ended, why, cancel = Event(), list[str](), current_cancel()
        fresh = not self._begun or library not in ("", self.library)
        self.library, self._begun = library or self.library, True
        self._until = time.monotonic() + (_START_S if fresh else _AGAIN_S + limits.seconds)

        def watch() -> None:
            while not ended.wait(_LOOK_S):
                if cancel is not None and cancel.cancelled:
                    why.append("cancelled")
                elif time.monotonic() > self._until:
                    why.append("slow")
                if why:
                    self._process.kill()
                    return

        watcher = Thread(target=watch, daemon=True, name="worker-watch")
        watcher.start()
        try:
            with self._asking:
                self._stays_until = math.inf
                told = (order, library, limits, progress is not None, _folder())
                answer = self._answer(told, limits.seconds, progress)
        except BaseException as problem:
            self.end()
            if "cancelled" in why and cancel is not None:
                cancel.check()
            if "slow" in why:
                raise WorkerLimitError(limits, slow=True) from problem
            if isinstance(problem, OSError | EOFError | ValueError | pickle.UnpicklingError):
                raise WorkerError("the process ended") from problem
            raise
        finally:
            ended.set()
            watcher.join()
        return self._told(answer, limits)

    def _answer(self, order: Any, seconds: float, progress: Progress | None) -> Any:
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError
        plain.put(self._process.stdin, order)
        while (answer := plain.take(self._process.stdout))[0] == _GOES_ON:
            self._until = time.monotonic() + seconds
            if progress is not None:
                progress(answer[1])
        return answer

    def _told(self, answer: tuple[int, Any], limits: Limits) -> Any:
        kind, value = answer
        if kind == _DONE:
            return value
        if kind == _SAID:
            error, said = value
            raised = error(said.pop("what"), where=said.pop("where"), fix=said.pop("fix"))
            vars(raised).update(said)
            raise raised
        self.end()  # who knows what it left behind: after a full disk GDAL wrote no GeoPackage any more
        if kind == _BROKE:
            raise WorkerError(value)
        raise WorkerLimitError(limits, slow=False)

    def end(self) -> None:
        """Kill it; whoever waits for an answer gets an error."""
        self._process.kill()
        # One that a network drive holds in the kernel dies when that lets it go; nobody waits for that.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_DIE_S)
        _alive.discard(self)
        if self._asking.acquire(blocking=False):  # else whoever reads its pipes comes by here, too
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):  # what it was not told yet
                        stream.close()
            self._asking.release()


@atexit.register
def _end_all() -> None:
    for process in tuple(_alive):
        process.end()


class Companion:
    """A process of one file's own that stays, and answers one order after the other; begun anew where it died.

    Parameters
    ----------
    library : str
        What it has loaded.
    module, function : str
        What it calls first, with `first`: that returns what takes the orders.
    first : tuple
        Plain data.
    limits : Limits
        Seconds are those of one answer; then the process is ended.
    """

    def __init__(self, library: str, module: str, function: str, *first: Any, limits: Limits = _OF_AN_ANSWER) -> None:
        self._library, self._begin, self._limits = library, (module, function, first), limits
        self._lock = Lock()
        self._process: _Process | None = None
        self._closed = False

    def ask(self, *order: Any) -> Any:
        """Return what it answers; it takes a while, so not on the window's thread.

        Raises
        ------
        WorkerLimitError
            Where an answer takes too long; the process is ended.
        WorkerError
            Where the order fails, the process dies, or was closed. What was foreseen is raised as it is.
        """
        with self._lock:
            if self._closed:
                raise WorkerError("closed")
            if self._process is None or not self._process.runs:
                self._process = _Process(self._library)
            process = self._process
        return process.ask((*self._begin, order), self._library, self._limits)

    def close(self) -> None:
        """End the process; whoever waits for an answer gets a WorkerError."""
        with self._lock:
            self._closed = True
            process, self._process = self._process, None
        if process is not None:
            process.end()


# What the process does.


def serve(library: str) -> int:
    """Answer orders until the standard input ends, with a library loaded at once. Return its exit status."""
    import signal

    global _inside  # noqa: PLW0603 - of this process for good
    _inside = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program says when it is to end
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    _load(library)
    companion: Any = None
    with contextlib.suppress(EOFError, BrokenPipeError), Path(os.devnull).open("w") as nowhere:

        def still(seconds: float) -> None:
            # Nobody may be there any more to end it: then it ends itself, whatever holds it.
            faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)

        still(_LEAVES_S)
        while True:
            order, wanted, limits, watched, folder = plain.take(sys.stdin.buffer, pickle.Unpickler)
            still(_START_S + limits.seconds)
            module, function, args, more = order
            try:
                if folder:
                    os.chdir(folder)  # a file is named from where the program is by now
                _load(wanted)
                act = getattr(importlib.import_module(module), function)
                plain.put(answers, (_GOES_ON, 0.0))
                hold_to(limits.memory_mb)
                if isinstance(more, dict):
                    if watched:
                        more["progress"] = _teller(answers, partial(still, _LEAVES_S + limits.seconds))
                    answer = _DONE, act(*args, **more)
                else:
                    companion = companion or act(*args)
                    answer = _DONE, companion(*more)
            except MemoryError:
                answer = _TOO_MUCH, None
            except PlannerError as error:
                answer = _SAID, (type(error), vars(error))
            except WorkerError as error:
                answer = _BROKE, str(error)
            except Exception as error:  # noqa: BLE001 - whatever a library makes of a stranger's file is told on
                memory = "memory" in str(error).lower() or isinstance(error.__cause__, MemoryError)
                answer = (_TOO_MUCH, None) if memory else (_BROKE, "".join(traceback.format_exception(error)))
            if isinstance(more, dict):
                still(_LEAVES_S)
            else:
                faulthandler.cancel_dump_traceback_later()  # a companion stays as long as its file is shown
            plain.put(answers, answer)
            del order, args, more, answer
    return 0


def _folder() -> str:
    """Return the folder that files are named from, empty where it is gone."""
    try:
        return os.getcwd()  # noqa: PTH109 - Path.cwd resolves what the user named
    except OSError:
        return ""


def _teller(answers: IO[bytes], still: Callable[[], None]) -> Progress:
    told = time.monotonic()

    def tell(done: float, _doing: Any = None, /) -> None:
        nonlocal told
        if time.monotonic() > told + _TELL_S:
            told = time.monotonic()
            still()
            plain.put(answers, (_GOES_ON, done))

    return tell


def _load(library: str) -> None:
    """Load what the work needs, so that what it takes is not counted."""
    if library and library not in sys.modules:
        import numpy as np

        if library == PYOGRIO:
            # Where these are installed it loads them, which is half of its start; nobody here asks for their tables.
            sys.modules.update(dict.fromkeys(_UNUSED))  # type: ignore[arg-type]  # None: as if it were not there
        loaded = importlib.import_module(library)
        if library == PYOGRIO:
            # Nodes of an extract go to a file of their own beyond these MB: by itself the driver holds 100 in memory.
            loaded.set_gdal_config_options({"OSM_MAX_TMPFILE_SIZE": "10", "CPL_TMPDIR": tempfile.gettempdir()})
            importlib.import_module("pyogrio.raw")
            importlib.import_module("shapely")
        np.linalg.norm(np.zeros((2, 2)))  # threads of the linear algebra reserve their stacks with the first call


def hold_to(memory_mb: float) -> None:
    """Let this process take so much memory beyond what it has, and no more, until this is called again."""
    if sys.platform == "win32":
        _hold_windows(memory_mb)
        return
    import resource

    try:
        held = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    except OSError:
        held = 2 << 30  # macOS, or no /proc: what libraries reserve, at most
    highest = resource.getrlimit(resource.RLIMIT_AS)[1]
    with contextlib.suppress(OSError, ValueError):  # a system without the limit, or with a lower one
        resource.setrlimit(resource.RLIMIT_AS, (held + int(memory_mb * 1e6), highest))


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
