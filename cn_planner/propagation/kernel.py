"""Kernels: plain Python functions on scalars and flat arrays, run as they are for one link, compiled for many.

A kernel calls other kernels by their bare names and uses constants of its own module or of ``units``. It divides by
nothing that can be zero, keeps no state, and takes any indexable of floats where it says array: lists make the plain
form several times faster.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
import threading
import time
from functools import lru_cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

import cn_planner
from cn_planner import paths
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cn_planner.message import Message

_F = TypeVar("_F", bound="Callable[..., Any]")


class Floats(Protocol):
    """What a kernel takes as an array: a flat float64 array, or in the plain form also a list of floats."""

    def __getitem__(self, index: int, /) -> float: ...

    def __len__(self) -> int: ...


_kernels: set[FunctionType] = set()
_dispatchers: dict[FunctionType, Any] = {}
# One thread builds at a time: numba's cache folder is a global of numba, read while a dispatcher is made.
_lock = threading.RLock()
_tell: Callable[[Message], None] | None = None
_MARK = re.compile(rb"^@kernel\b", re.MULTILINE)
_KEPT_FOLDERS = 3
_PACKAGE = Path(__file__).resolve().parents[1]
_LOADED_AT = time.time()


def kernel(function: _F) -> _F:
    """Mark a function as a kernel; it stays the plain Python function that it is."""
    _kernels.add(cast("FunctionType", function))
    return function


def compiled(function: _F) -> _F:
    """Return the compiled form of a kernel; all kernels that it calls are compiled with it.

    The result is the same object each time and may be called from several threads at once: it releases the GIL.
    Machine code is made at the first call with each set of argument types, and kept in the user's cache folder.

    Raises
    ------
    TypeError
        Where the function is not marked with `kernel`.
    """
    plain = cast("FunctionType", function)
    with _lock:
        if plain not in _dispatchers:
            _build(plain)
            _say_once(plain)
        return cast("_F", _dispatchers[plain])


def tell_first_use(tell: Callable[[Message], None] | None) -> None:
    """Have somebody told, once, when machine code is about to be made that no cache holds: that takes a while."""
    global _tell  # noqa: PLW0603 - one for the process, as the compiler is
    _tell = tell


def _say_once(plain: FunctionType) -> None:
    folder = cache_folder()
    # numba names the index of what it keeps by file, function and line.
    kept = () if folder is None else folder.rglob(f"*.{plain.__qualname__}-*.nbi")
    if _tell is not None and not any(True for _ in kept):
        tell = _tell
        tell_first_use(None)
        tell(msg("Preparing the engine; the first time this takes a minute"))


def cache_key(package: Path | None = None) -> str:
    """Return what the cache folder is named by: program version, digest of all kernel sources, numba version.

    numba itself looks only at the file of the function that it compiles: a callee that changed in another file would
    go unnoticed and the old physics would be kept.

    Parameters
    ----------
    package : Path, optional
        The folder of the package; this program's where not given.
    """
    import numba

    root = package or _PACKAGE
    digest = hashlib.sha256()
    for path, source in _sources(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + source + b"\0")
    return f"{cn_planner.__version__}-{digest.hexdigest()[:16]}-numba{numba.__version__}"


def _sources(root: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(root.rglob("*.py")):
        source = path.read_bytes()
        # Constants are compiled in, and units is the one module without kernels whose constants kernels may use.
        if _MARK.search(source) or path == root / "units.py":
            yield path, source


@lru_cache(maxsize=1)
def cache_folder() -> Path | None:
    """Return the folder of the compile cache, None where none can be written or none may be trusted."""
    if any(path.stat().st_mtime > _LOADED_AT for path, _ in _sources(_PACKAGE)):
        return None  # changed under a running program, whose older code must not be kept under the newer name
    return prepare_cache(paths.cache() / "kernels")


def prepare_cache(parent: Path) -> Path | None:
    """Make this program's folder within another, and remove older ones beside it; None where it cannot be written."""
    folder = parent / cache_key()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        os.utime(folder)  # says that it is in use
    except OSError:
        return None
    _prune(parent, keep=folder)
    return folder


def _prune(parent: Path, keep: Path) -> None:
    # A few are kept, so that two versions used in turn do not empty each other's cache.
    ages: list[tuple[float, Path]] = []
    for path in parent.iterdir():
        with contextlib.suppress(OSError):  # removed by another process meanwhile
            if path != keep and path.is_dir():
                ages.append((path.stat().st_mtime, path))
    for _, path in sorted(ages, reverse=True)[_KEPT_FOLDERS - 1 :]:
        shutil.rmtree(path, ignore_errors=True)


def _build(plain: FunctionType) -> None:
    """Make the dispatcher of a kernel and of the kernels that it calls; `_lock` is held."""
    if plain not in _kernels:
        raise TypeError(f"{plain!r} is not marked with @kernel")
    import numba  # 0.2 s, and one link needs none of it

    folder = cache_folder()
    if folder is not None:
        numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]  # numba makes its settings at import
    # The same code over globals in which kernels are dispatchers. Entered before its callees, so that a kernel may
    # call itself; numba reads the globals when it compiles.
    names = dict(plain.__globals__)
    twin = FunctionType(plain.__code__, names, plain.__name__, plain.__defaults__, plain.__closure__)
    twin.__kwdefaults__ = plain.__kwdefaults__
    twin.__qualname__ = plain.__qualname__
    twin.__doc__ = plain.__doc__
    # One set of flags for all. Never parallel (two threads in numba's own pool abort the process), never fastmath
    # (the same bits as plain Python). error_model: a kernel never divides by zero, so no test of each division.
    _dispatchers[plain] = numba.njit(nogil=True, cache=folder is not None, error_model="numpy")(twin)
    for name in set(_names(plain.__code__)):
        value = names.get(name)
        if isinstance(value, FunctionType) and value in _kernels:
            if value not in _dispatchers:
                _build(value)
            names[name] = _dispatchers[value]


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
