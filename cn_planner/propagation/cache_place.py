"""Where numba keeps the machine code of a kernel: by the kernel's place in the package, wherever the package lies."""

from __future__ import annotations

from pathlib import Path

from numba.core.caching import UserProvidedCacheLocator

_PACKAGE = Path(__file__).resolve().parents[1]


class PlaceInPackage(UserProvidedCacheLocator):
    """numba's own place would have the path of the source in it: a program that is moved would compile all anew.

    Two programs at two places share what they find here where they have the same folder, which is named by what all
    kernels say (see `kernel.cache_key`).
    """

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        """Return the folder, within the cache, of a source of this package."""
        return "_".join(Path(py_file).resolve().parent.relative_to(_PACKAGE).parts)
