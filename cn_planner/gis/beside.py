"""Work with the library behind pyogrio, in a process of its own.

The library takes 40 MB, and while an import reads it from the disk no other thread runs: a window would stand still for
100 ms. What such a file does to the library it does there, too.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import Any

import msgspec.msgpack


class BesideError(Exception):
    """The process failed; the text is the library's own."""


def beside(module: str, function: str, *order: Any) -> Any:
    """Return what a function of a module of this room makes of an order: plain data in, plain data out.

    Raises
    ------
    BesideError
        Where it ends with an OSError or a ValueError, or the process dies.
    """
    # -P: what lies in the folder that the program was started from is none of its modules.
    words = [sys.executable, "-P", "-c", "import sys; from cn_planner.gis.beside import run; sys.exit(run())"]
    done = subprocess.run(  # noqa: S603 - our own words
        words,
        input=msgspec.msgpack.encode((module, function, order)),
        capture_output=True,
        check=False,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
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
