"""Where numba keeps the machine code of a kernel: by the kernel's place in the package, wherever the package lies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

import numba
from numba.core.caching import _CacheLocator

if TYPE_CHECKING:
    from types import FunctionType


class PlaceInPackage(_CacheLocator):
    """Names a kernel by its module, name and line, and nothing else.

    numba's own places have the path of the source in their names and the time or bytes of a file in their stamps: a
    program that is moved or unpacked anew would compile all again. Here the folder is named by what all kernels say
    (`kernel.cache_key`), so a kernel's place in it is enough.
    """

    def __init__(self, function: FunctionType) -> None:
        self._line = function.__code__.co_firstlineno
        self._folder = Path(numba.config.CACHE_DIR, "_".join(function.__module__.split(".")[1:-1]))  # type: ignore[attr-defined]

    def get_cache_path(self) -> str:
        """Return the folder of a module's kernels."""
        return str(self._folder)

    def get_source_stamp(self) -> str:
        """Return what tells an older source from a newer one: the folder's name does already."""
        return ""

    def get_disambiguator(self) -> str:
        """Return what tells kernels of one name in a module from each other."""
        return str(self._line)

    @classmethod
    def from_function(cls, py_func: FunctionType, py_file: str) -> Self:  # noqa: ARG003 - numba's words
        """Return the place of a function."""
        place = cls(py_func)
        place.ensure_cache_path()  # type: ignore[no-untyped-call]
        return place
