"""The fuzzer: damaged files, one after the other, to a reader in a process that is watched.

Input number n of a reader is made of the seed alone: it can be made again by itself. A process reads thousands; where
one ends it (a crash, ten seconds of work, a gigabyte) the next goes on behind it. What the program has done by
`gis/worker.py` is done in the same process, or a start of half a second would go before each file; an input that ends
the process there is given to the program once more as it is, and held against it only if it is not refused in words.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import mmap
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cn_planner import faults
from cn_planner.errors import PlannerError
from cn_planner.gis import plain, worker

from .damage import damaged
from .readers import READERS, TRAP, Reader

ROOT = Path(__file__).resolve().parents[2]
MOST_S, MOST_IDLE_S, MOST_BYTES = float(os.environ.get("FUZZ_MOST_S", "10")), 120.0, 1 << 30
"""Of one file: work of the processor, time on the clock (a machine may be busy with other things), memory."""
_SHM = Path("/dev/shm")  # noqa: S108 - a file system in memory: a million files need no disk
_FINE, _GO_ON = 0, 7


@dataclass
class Tally:
    """What became of the inputs of a reader."""

    inputs: int = 0
    read: int = 0
    refused: int = 0
    held: int = 0
    """Exceptions of what runs in a process of its own, and answers from there that are said in words."""
    seconds: float = 0.0
    wall: Counter[str] = field(default_factory=Counter)
    """What nobody foresaw and `faults.wall` turned into words, by kind and place."""
    findings: Counter[str] = field(default_factory=Counter)
    """What is to be mended, by kind and place."""
    first: dict[str, int] = field(default_factory=dict)
    """The number of an input for each."""

    def found(self, what: str, number: int) -> None:
        """Take in a finding."""
        self.findings[what] += 1
        self.first.setdefault(what, number)

    def add(self, other: dict[str, Any]) -> None:
        """Take in what a process told."""
        for name in ("inputs", "read", "refused", "held"):
            setattr(self, name, getattr(self, name) + other[name])
        self.seconds += other["seconds"]
        self.wall.update(other["wall"])
        self.findings.update(other["findings"])
        self.first = {**other["first"], **self.first}


def make_input(name: str, reader: Reader, seeds: dict[str, bytes], seed: int, number: int) -> tuple[str, bytes]:
    """Return name and content of an input."""
    chance = random.Random(f"{seed} {name} {number}")
    file = chance.choice(list(seeds))
    return file, damaged(seeds[file], list(seeds.values()), reader.kinds_of(file), chance)


def scratch() -> tempfile.TemporaryDirectory[str]:
    """Return a folder for files that are there for a moment."""
    return tempfile.TemporaryDirectory(prefix="fuzz-", dir=_SHM if os.access(_SHM, os.W_OK) else None)


def seeds_of(reader: Reader) -> dict[str, bytes]:
    """Return the good files of a reader."""
    with scratch() as folder:
        return dict(reader.make(Path(folder)))


# In the process that reads


class Here:
    """Work that the program gives to processes with limits (`gis/worker.py`), done in this one; it tells meanwhile."""

    def __init__(self, told: mmap.mmap) -> None:
        self._told = told
        worker._ask_any = self.do

    def do(
        self, _library: str, module: str, function: str, args: Any, kwargs: Any, limits: worker.Limits, _progress: Any
    ) -> Any:
        """Do as `gis.worker.serve` does, and take the answer as `gis.worker` takes it from there."""
        self._told[8], worker._inside = 1, True
        try:
            answer = getattr(importlib.import_module(module), function)(*args, **kwargs)
            stream = io.BytesIO()
            plain.put(stream, answer)
            stream.seek(0)
            return plain.take(stream)
        except (PlannerError, worker.WorkerError):
            raise
        except Exception as problem:
            if isinstance(problem, MemoryError) or "memory" in str(problem).lower():
                raise worker.WorkerLimitError(limits, slow=False) from problem
            raise worker.WorkerError(str(problem)) from problem
        finally:
            self._told[8], worker._inside = 0, False


def place_of(problem: BaseException) -> str:
    """Return what a traceback is told apart by: its kind, and the last lines of the program in it."""
    if isinstance(problem, worker.WorkerError) and problem.__cause__ is not None:
        problem = problem.__cause__
    ours = [
        f"{Path(frame.filename).name}:{frame.name}"
        for frame in traceback.extract_tb(problem.__traceback__)
        if "cn_planner" in frame.filename
    ]
    return f"{type(problem).__name__} at {' < '.join(ours[:-4:-1])}"


def one(reader: Reader, path: Path) -> tuple[str, str]:
    """Read a file; return what became of it, and of a fault its place."""
    try:
        reader.read(path)
    except PlannerError as problem:
        str(problem)
        if isinstance(problem.__cause__, MemoryError):
            return "memory", place_of(problem.__cause__)
        return "refused", ""
    except (MemoryError, Exception) as problem:  # noqa: BLE001 - that is what is looked for
        if reader.apart and not isinstance(problem, MemoryError):
            return "held", ""
        return "traceback", place_of(problem)
    return "read", ""


def said_of_memory(word: str) -> int:
    """Return what Linux says of this process, bytes; getrusage says the peak of who began it, too."""
    with open("/proc/self/status", "rb") as stream:  # noqa: PTH123 - after each of a million files
        said = stream.read()
    at = said.index(word.encode())
    return int(said[at : at + 40].split()[1]) << 10


def child(name: str, seed: int, start: int, stop: int, seconds: float, told_path: str) -> int:
    """Read inputs from a number on, tell where it is and what became of them."""
    reader, tally = READERS.get(name, TRAP), Tally()
    faults.note = lambda problem, *_: tally.wall.update([place_of(problem)])
    seeds = seeds_of(reader)
    with open(told_path, "r+b") as stream:  # noqa: PTH123 - for mmap
        told = mmap.mmap(stream.fileno(), 0)
    with scratch() as scratched:
        good = Path(scratched) / "good"
        good.mkdir()
        for file, data in seeds.items():  # loads what is loaded once, and is not counted
            (good / file).write_bytes(data)
            with contextlib.suppress(PlannerError):
                reader.read(good / file)
        Here(told)
        base, held = said_of_memory("VmRSS"), said_of_memory("VmSize")
        resource.setrlimit(resource.RLIMIT_AS, (held + 4 * MOST_BYTES, held + 4 * MOST_BYTES))
        begun = time.process_time()
        status = _FINE
        for number in range(start, stop):
            file, data = make_input(name, reader, seeds, seed, number)
            folder = Path(scratched) / str(number)
            folder.mkdir()
            (folder / file).write_bytes(data)
            told[:8] = number.to_bytes(8, "little")
            signal.setitimer(signal.ITIMER_PROF, MOST_S)
            signal.setitimer(signal.ITIMER_REAL, MOST_IDLE_S)
            what, place = one(reader, folder / file)
            signal.setitimer(signal.ITIMER_PROF, 0.0)
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            shutil.rmtree(folder, ignore_errors=True)
            tally.inputs += 1
            grown = said_of_memory("VmHWM") - base
            if grown > MOST_BYTES:
                what, place, status = "memory", f"{grown >> 20} MB", _GO_ON
            if what in ("read", "refused", "held"):
                setattr(tally, what, getattr(tally, what) + 1)
            else:
                tally.found(f"{what}: {place}", number)
            tally.seconds = time.process_time() - begun
            if number % 64 == 0 or status or number == stop - 1 or tally.seconds > seconds:
                _tell(told, number + 1, tally)
            if status or tally.seconds > seconds:
                break
    return status


def _tell(told: mmap.mmap, after: int, tally: Tally) -> None:
    """Write the tally where the watching process finds it, whatever happens to this one."""
    data = json.dumps({**vars(tally), "after": after}).encode()
    told[16 + 8 : 16 + 8 + len(data)] = data
    told[16:24] = len(data).to_bytes(8, "little")


# In the process that watches


def _taken(told: mmap.mmap) -> dict[str, Any] | None:
    length = int.from_bytes(told[16:24], "little")
    return json.loads(told[24 : 24 + length]) if length else None


def program(*words: object) -> list[str]:
    """Return the words that run this package's door."""
    return [sys.executable, "-m", "tests.fuzz", *map(str, words)]


def environment() -> dict[str, str]:
    """Return the environment of the processes: no screen, few threads, the program from this checkout."""
    return os.environ | {
        "QT_QPA_PLATFORM": "offscreen", "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore",
        # The library makes room of 100 MB for each extract, as it were a country's.
        "OSM_MAX_TMPFILE_SIZE": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]),
    }  # fmt: skip


def run(name: str, seed: int, start: int, stop: int, seconds: float, tally: Tally) -> int:
    """Give a reader inputs until a number or until its time of the processor is over; return the next number."""
    end = tally.seconds + seconds
    while start < stop and tally.seconds < end:
        with tempfile.NamedTemporaryFile(prefix="fuzz-") as file:
            file.truncate(8 << 20)
            with contextlib.closing(mmap.mmap(file.fileno(), 0)) as told:
                process = subprocess.run(
                    program("child", name, seed, start, stop, end - tally.seconds, file.name),
                    cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
                )  # fmt: skip
                found, last, inside = _taken(told), int.from_bytes(told[:8], "little"), bool(told[8])
        if found is not None:
            tally.add(found)
        after = found["after"] if found is not None else start
        if process.returncode in (_FINE, _GO_ON):
            start = after
            continue
        if process.returncode > 0:
            raise RuntimeError(process.stderr.decode("utf-8", "replace")[-3000:])
        # What it had read since it last told is counted anew by nobody: the input that ended it is the last.
        tally.inputs += last + 1 - after
        tally.refused += last - after
        what = {signal.SIGPROF: "hang", signal.SIGALRM: "hang"}.get(-process.returncode, "crash")  # type: ignore[call-overload]
        apart = what == "crash" and READERS.get(name, TRAP).apart
        if apart or (inside and held_by_the_program(name, seed, last)):
            tally.held += 1
        else:
            place = f"signal {-process.returncode}" + (" in a worker" if inside else "")
            tally.found(f"{what}: {place}", last)
        start = last + 1
    return start


def held_by_the_program(name: str, seed: int, number: int) -> bool:
    """Return whether the program as it is, with its processes, answers an input in words or reads it, in time."""
    try:
        done = subprocess.run(
            program("again", name, seed, number), cwd=ROOT, env=environment(), capture_output=True, text=True,
            timeout=MOST_IDLE_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def reader_fault(reader: Reader, file: str, data: bytes) -> None:
    """Print the traceback of an input."""
    with scratch() as folder, contextlib.suppress(PlannerError):
        (Path(folder) / file).write_bytes(data)
        try:
            reader.read(Path(folder) / file)
        except Exception:  # noqa: BLE001 - it is printed
            traceback.print_exc()


def again(name: str, seed: int, number: int, keep: Callable[[Path], None] | None = None) -> int:
    """Read one input as the program does; say what became of it, and return 0 where that is as it should be."""
    reader = READERS[name]
    file, data = make_input(name, reader, seeds_of(reader), seed, number)
    with scratch() as folder:
        path = Path(folder) / file
        path.write_bytes(data)
        if keep is not None:
            keep(path)
        begun = time.monotonic()
        what, place = one(reader, path)
        took = time.monotonic() - begun
        largest = said_of_memory("VmHWM") >> 20
    if what == "traceback":
        reader_fault(reader, file, data)
    print(f"{name} {number}: {what} in {took:.2f} s, {largest} MB {place}")
    return 0 if what in ("read", "refused", "held") and took < 3 * MOST_S else 1
