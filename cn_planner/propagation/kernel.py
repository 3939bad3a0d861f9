"""Kernels: plain Python functions on scalars and flat arrays, run as they are for one link, compiled for many.

A kernel calls other kernels by their bare names and uses constants of its own module or of ``units``. It divides by
nothing that can be zero, keeps no state, and takes any indexable of floats where it says array: lists make the plain
form several times faster. What belongs together it takes as a named tuple; the tuple's class stands in a module of
kernels, for the cache is keyed by those. In a loop it reads the fields from variables, not from the tuple each time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import re
import shutil
import sys
import tempfile
import threading
import time
from functools import lru_cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from cn_planner import paths
from cn_planner.helpers import bundled
from cn_planner.message import msg
from cn_planner.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.machinery import ModuleSpec

    import numpy as np
    from numpy.typing import NDArray

    from cn_planner.message import Message

_F = TypeVar("_F", bound="Callable[..., Any]")
_S = TypeVar("_S", bound="np.generic")


class Floats(Protocol):
    """What a kernel takes as an array: a flat float64 array, or in the plain form also a list of floats."""

    def __getitem__(self, index: int, /) -> float: ...

    def __len__(self) -> int: ...


_kernels: set[FunctionType] = set()
_dispatchers: dict[FunctionType, Any] = {}
_called: dict[FunctionType, Any] = {}
"""Those that other kernels call."""
_at_hand: set[FunctionType] = set()
# One thread builds at a time: numba's cache folder is a global of numba, read while a dispatcher is made.
_lock = threading.RLock()
_tell: Callable[[Message], None] | None = None
_MARK = re.compile(rb"^@kernel\b", re.MULTILINE)
_KEPT_FOLDERS = 3
DIGEST, MACHINE_CODE = "digest", "code.tar.xz"
"""What a bundle ships in a folder of its resources: the digest of its kernels' sources, and their machine code.

The code is packed: a person's disk holds it once as it runs, in the cache.
"""
_IN_USE_S = 86_400.0
"""A program that was begun within this time may still write there: without its folder it ends on an error."""
_DIGEST_FORMAT = 1
_CACHE_PLACE = "cn_planner.propagation.cache_place.PlaceInPackage"
_PACKAGE = Path(__file__).resolve().parents[1]
_ROOM = f"{__name__.partition('.')[0]}."
_ANY_PROCESSOR = "x86-64-v2" if platform.machine().lower() in {"x86_64", "amd64"} else "generic"
"""What numpy asks for as well: any since about 2010."""
_SHIPPED = "kernels"
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
            _build(plain, _dispatchers)
            _say_once(plain)
        return cast("_F", _dispatchers[plain])


def put_at_hand(function: _F, *arguments: Any) -> None:
    """Have `at_hand` give the compiled form of a kernel from now on; it is loaded by a call with such arguments."""
    plain = cast("Any", function)
    cast("Any", compiled)(plain)(*arguments)
    _at_hand.add(plain)


def at_hand(function: _F) -> _F | None:
    """Return the compiled form of a kernel where it was put at hand, None where it was not.

    For who asks of a single path, for which alone no compiler is loaded; what is said is the same, bit for bit. Other
    types of arguments than it was put at hand with would be compiled for at the call.
    """
    return cast("_F", _dispatchers[plain]) if (plain := cast("FunctionType", function)) in _at_hand else None


def to_read(array: NDArray[_S]) -> NDArray[_S]:
    """Return an array for a kernel that only reads it: of one kind, in one piece, whoever made it.

    For arrays that may be written a kernel is compiled once more, and once more for each mixture of both kinds.
    """
    import numpy as np

    seen = np.ascontiguousarray(array).view()
    seen.flags.writeable = False
    return seen


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
    root = package or _PACKAGE
    return _key(_digest(root)[0])


def _key(digest: str) -> str:
    import numba

    return f"{__version__}-{digest}-numba{numba.__version__}"


def _digest(root: Path) -> tuple[str, float]:
    """Return the digest of all kernel sources of a package, and when the last of them was changed."""
    digest, changed = hashlib.sha256(), 0.0
    for path in sorted(root.rglob("*.py")):
        source = path.read_bytes()
        # Constants are compiled in, and units is the one module without kernels whose constants kernels may use.
        if _MARK.search(source) or path == root / "units.py":
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + source + b"\0")
            changed = max(changed, path.stat().st_mtime)
    return digest.hexdigest()[:16], changed


@lru_cache(maxsize=1)
def cache_folder() -> Path | None:
    """Return the folder of the compile cache, None where none can be written or none may be trusted."""
    parent = paths.cache() / "kernels"
    shipped = paths.resources() / _SHIPPED
    if (shipped / DIGEST).is_file():  # a bundle: no sources to read, and what was compiled when it was built
        return prepare_cache(parent, (shipped / DIGEST).read_text("ascii"), shipped / MACHINE_CODE)
    digest, changed = known_digest(parent)
    # Changed under a running program, whose older code must not be kept under the newer name. What says that it will
    # change in the future was changed by a clock that went right: this one is behind.
    if _LOADED_AT < changed <= time.time():
        return None
    return prepare_cache(parent, digest)


def known_digest(parent: Path, package: Path | None = None) -> tuple[str, float]:
    """Return the digest of the kernel sources, and when the last of them was changed; they are read where they must be.

    To read them all takes longer than to load a kernel. So the digest is kept in a file beside the caches, with size
    and times of each source file: where none of these differs, none is read. The time that is asked for first is that
    of the last change to a file's entry, which nobody can set back.

    Parameters
    ----------
    parent : Path
        The folder of the caches.
    package : Path, optional
        The folder of the package; this program's where not given.
    """
    root = package or _PACKAGE
    stamp = hashlib.sha256(f"{_DIGEST_FORMAT} {root}".encode())
    for place, size, *times in _entries(str(root)):
        stamp.update(f"\0{place} {size} {times}".encode())
    stamped = stamp.hexdigest()
    # One file a place of the program: two that are used in turn would forget each other's.
    kept = parent / f"sources-{hashlib.sha256(str(root).encode()).hexdigest()[:8]}.json"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads(kept.read_bytes())
        if known["stamp"] == stamped:
            return str(known["digest"]), float(known["changed"])
    digest, changed = _digest(root)
    written = kept.with_suffix(f".{os.getpid()}.part")
    with contextlib.suppress(OSError):
        parent.mkdir(parents=True, exist_ok=True)
        written.write_text(json.dumps({"stamp": stamped, "digest": digest, "changed": changed}), encoding="utf-8")
        written.replace(kept)
    return digest, changed


def _entries(folder: str) -> list[tuple[str, int, int, int]]:
    """Return place, size and times of every source file of a folder and its folders, in order."""
    found: list[tuple[str, int, int, int]] = []
    for entry in os.scandir(folder):
        if entry.is_dir():
            found += [] if entry.name == "__pycache__" else _entries(entry.path)
        elif entry.name.endswith(".py"):
            told = Path(entry.path).stat()  # of the entry itself Windows would not tell all
            found.append((entry.path, told.st_size, told.st_mtime_ns, told.st_ctime_ns))
    return sorted(found)


def prepare_cache(parent: Path, digest: str | None = None, shipped: Path | None = None) -> Path | None:
    """Make this program's folder within another, and remove older ones beside it; None where it cannot be written.

    What a bundle ships is unpacked there when it is made: more may have to be compiled, and a bundle is not written to.
    """
    folder = parent / (cache_key() if digest is None else _key(digest))
    try:
        if shipped is not None and shipped.is_file() and not folder.exists():
            _unpack_whole(shipped, folder)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        os.utime(folder)  # says that it is in use
    except OSError:
        return None
    _prune(parent, keep=folder)
    return folder


def _unpack_whole(shipped: Path, folder: Path) -> None:
    """Unpack what is shipped, so that it is there whole or not at all, whoever else does so at the same time."""
    import lzma
    import tarfile

    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="part-", ignore_cleanup_errors=True) as name:
        part = Path(name) / folder.name
        try:
            with tarfile.open(shipped) as archive:
                for entry in archive:
                    data = archive.extractfile(entry)
                    if data is not None:  # one file after the other: Python 3.11.2 has no safe way for all
                        (part / entry.name).parent.mkdir(parents=True, exist_ok=True)
                        (part / entry.name).write_bytes(data.read())
        except (tarfile.TarError, lzma.LZMAError, EOFError):  # damaged: all is compiled here
            return
        with contextlib.suppress(OSError):  # another process was quicker
            part.rename(folder)


def pack_whole(folder: Path, to: Path) -> None:
    """Pack a folder of machine code as `prepare_cache` unpacks it."""
    import tarfile

    def bare(entry: tarfile.TarInfo) -> tarfile.TarInfo:  # names and bytes alone are of use to others
        entry.uid = entry.gid = entry.mtime = 0
        entry.uname = entry.gname = ""
        return entry

    to.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(to, "w:xz", preset=9) as archive:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            archive.add(path, path.relative_to(folder).as_posix(), filter=bare)


def _prune(parent: Path, keep: Path) -> None:
    # A few are kept, so that two versions used in turn do not empty each other's cache.
    ages: list[tuple[float, Path]] = []
    for path in parent.iterdir():
        with contextlib.suppress(OSError):  # removed by another process meanwhile
            if path != keep and path.is_dir():
                ages.append((path.stat().st_mtime, path))
    for age, path in sorted(ages, reverse=True)[_KEPT_FOLDERS - 1 :]:
        if time.time() - age > _IN_USE_S:
            shutil.rmtree(path, ignore_errors=True)


def _build(plain: FunctionType, made: dict[FunctionType, Any]) -> None:
    """Make the dispatcher of a kernel and of the kernels that it calls; `_lock` is held.

    One that only others call is made without the code that takes its arguments from Python: for tuples of arrays that
    is most of it.
    """
    if plain not in _kernels:
        raise TypeError(f"{plain!r} is not marked with @kernel")
    _load_numba()
    import numba

    if bundled():  # what was compiled where the bundle was built runs on any processor of its kind
        numba.config.CPU_NAME, numba.config.CPU_FEATURES = _ANY_PROCESSOR, ""  # type: ignore[attr-defined]
    folder = cache_folder()
    if folder is not None:
        numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]  # numba makes its settings at import
    # The same code over globals in which kernels are dispatchers. Entered before its callees, so that a kernel may
    # call itself; numba reads the globals when it compiles.
    names = dict(plain.__globals__)
    twin = FunctionType(plain.__code__, names, plain.__name__, plain.__defaults__, plain.__closure__)
    twin.__kwdefaults__ = plain.__kwdefaults__
    twin.__qualname__ = plain.__qualname__ if made is _dispatchers else f"{plain.__qualname__}.called"
    twin.__doc__ = plain.__doc__
    # Kernels of other packages are compiled anew each time: the folder is keyed by the sources of this program alone.
    kept = folder is not None and plain.__module__.startswith(_ROOM)
    # One set of flags for all. Never parallel (two threads in numba's own pool abort the process), never fastmath
    # (the same bits as plain Python). error_model: a kernel never divides by zero, so no test of each division.
    others = numba.config.CACHE_LOCATOR_CLASSES  # type: ignore[attr-defined]
    numba.config.CACHE_LOCATOR_CLASSES = _CACHE_PLACE if kept else others  # type: ignore[attr-defined]
    called = made is _called
    try:
        jit: Any = numba.njit  # whose stubs do not know that code for callers of no other kind can be left out
        made[plain] = jit(
            nogil=True, cache=kept, error_model="numpy", no_cfunc_wrapper=True, no_cpython_wrapper=called
        )(twin)
    finally:
        numba.config.CACHE_LOCATOR_CLASSES = others  # type: ignore[attr-defined]
    for name in set(_names(plain.__code__)):
        value = names.get(name)
        if isinstance(value, FunctionType) and value in _kernels:
            if value not in _called:
                _build(value, _called)
            names[name] = _called[value]


def _load_numba() -> None:
    """Load numba, 0.2 s, without SciPy, another 0.13 s.

    numba loads `scipy.linalg` where it is there, for products of matrices alone, and does without where it is not. No
    kernel has such a product. So this thread, and only this one, finds no SciPy meanwhile.
    """
    if "numba.np.arraymath" in sys.modules:
        return
    without = _WithoutScipy()
    sys.meta_path.insert(0, without)
    try:
        import numba.np.arraymath  # noqa: F401
    finally:
        sys.meta_path.remove(without)
    from cn_planner.propagation.lean_library import keep_less

    keep_less()


class _WithoutScipy:
    """Finds no SciPy, for the thread that made it; others import it as ever, also at the same time."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG002
        """Say that there is no such module, or leave it to the finders that follow."""
        if name in {"scipy", "scipy.linalg"} and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(name, name=name)
        return None


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
