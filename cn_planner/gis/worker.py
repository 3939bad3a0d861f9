"""Work with the library behind pyogrio, in a process of its own.

The library takes 40 MB, and while an import reads it from the disk no other thread runs: a window would stand still for
100 ms. What such a file does to the library it does there, too.
"""

from __future__ import annotations

import contextlib
import importlib
import subprocess
import sys
from threading import Lock, Timer
from typing import IO, TYPE_CHECKING, Any

import msgspec.msgpack

if TYPE_CHECKING:
    from collections.abc import Callable


_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
_LENGTH = 8
"""Bytes before each order and each answer: how long it is."""


def _program(function: str) -> list[str]:
    # -P: what lies in the folder that the program was started from is none of its modules.
    return [sys.executable, "-P", "-c", f"import sys; from cn_planner.gis.worker import {function} as f; sys.exit(f())"]


class BesideError(Exception):
    """The process failed; the text is the library's own."""


def beside(module: str, function: str, *order: Any) -> Any:
    """Return what a function of a module of this room makes of an order: plain data in, plain data out.

    Raises
    ------
    BesideError
        Where it ends with an OSError or a ValueError, or the process dies.
    """
    done = subprocess.run(  # noqa: S603 - our own words
        _program("run"),
        input=msgspec.msgpack.encode((module, function, order)),
        capture_output=True,
        check=False,
        creationflags=_NO_WINDOW,
    )
    if done.returncode != 0:
        raise BesideError(done.stderr.decode("utf-8", "replace").strip())
    return msgspec.msgpack.decode(done.stdout)


def run() -> int:
    """Do what the standard input orders: what the process does. Return its exit status."""
    module, function, order = msgspec.msgpack.decode(sys.stdin.buffer.read())
    try:
        answer = getattr(importlib.import_module(f"cn_planner.gis.{module}"), function)(*order)
    except (OSError, ValueError, RuntimeError) as error:  # pyogrio's are RuntimeErrors and ValueErrors
        sys.stderr.buffer.write(str(error).encode())
        return 1
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))
    return 0


class Companion:
    """A process that stays and answers one order after the other; where it died it is begun anew at the next.

    Parameters
    ----------
    module, function : str
        What it calls first, with `first`: that returns what takes the orders.
    first : tuple
        Plain data.
    most_s : float
        So long an answer may take; then the process is ended.
    """

    def __init__(self, module: str, function: str, *first: Any, most_s: float = 30.0) -> None:
        self._begin = (module, function, first)
        self._most_s = most_s
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def ask(self, *order: Any) -> Any:
        """Return what it answers; it takes a while, so not on the window's thread.

        Raises
        ------
        BesideError
            Where the order fails, the process dies or takes too long, or was closed.
        """
        with self._lock:
            if self._closed:
                raise BesideError("closed")
            process = self._process
            if process is None or process.poll() is not None:
                process = self._process = subprocess.Popen(  # noqa: S603 - our own words
                    _program("serve"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    creationflags=_NO_WINDOW,
                )  # fmt: skip
                order = (self._begin, order)
            else:
                order = (None, order)
        watch = Timer(self._most_s, process.kill)
        watch.daemon = True
        watch.start()
        try:
            if process.stdin is None or process.stdout is None:
                raise AssertionError
            _put(process.stdin, order)
            answer = _take(process.stdout)
        except (OSError, EOFError, ValueError) as problem:
            _end(process)
            raise BesideError(str(problem)) from problem
        finally:
            watch.cancel()
        fine, value = answer
        if not fine:
            raise BesideError(value)
        return value

    def close(self) -> None:
        """End the process; whoever waits for an answer gets a BesideError."""
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
                    module, function, first = begin
                    act = getattr(importlib.import_module(module), function)(*first)
                answer = (True, act(*order))
            except (OSError, ValueError, RuntimeError) as error:
                answer = (False, str(error))
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
