"""Machine code of kernels without what only the compiler reads: parsed again where it does."""

from __future__ import annotations

from typing import Any

from numba.core.codegen import JITCodeLibrary, JITCPUCodegen, ll  # type: ignore[attr-defined]


class LeanLibrary(JITCodeLibrary):
    """A library that is loaded from the cache of machine code.

    numba keeps the bitcode of each loaded kernel as a parsed module, for kernels that are compiled later and call it:
    some 2 MB a kernel, a hundred for one of its bytes. What is loaded is hardly ever called by what is compiled.
    """

    _bitcode: bytes = b""

    @classmethod
    def _unserialize(cls, codegen: Any, state: Any) -> Any:
        numbas: Any = super()
        found = numbas._unserialize(codegen, state)  # noqa: SLF001 - as numba itself
        if isinstance(found, LeanLibrary) and state[1] == "object":
            found._bitcode, found._shared_module = state[2][1], None  # noqa: SLF001 - of this class
        return found

    def _get_module_for_linking(self) -> Any:
        if self._bitcode and self._shared_module is None:
            self._shared_module = ll.parse_bitcode(self._bitcode)
        numbas: Any = super()
        return numbas._get_module_for_linking()  # noqa: SLF001 - as numba itself


def keep_less() -> None:
    """Have all that numba loads in this process from now on kept so."""
    JITCPUCodegen._library_class = LeanLibrary  # noqa: SLF001 - numba offers no other place
