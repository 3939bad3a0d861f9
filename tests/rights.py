"""The rights of a plain user over one's own files, for tests that run as one who may do everything."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

_VERSION_3 = 0x20080522  # of capset(2): two sets of three words
_DAC_OVERRIDE = 1  # capabilities(7): to write where a file's mode forbids it


@contextmanager
def plain_rights() -> Iterator[None]:
    """Let the modes of files and folders hold for this thread, of root as well: no other user, no mounted folder."""
    if os.name != "posix":
        pytest.skip("rights are set in the POSIX way")
    if os.geteuid() != 0:
        yield
        return
    if not sys.platform.startswith("linux"):
        pytest.skip("root cannot lay down its rights here")
    libc = ctypes.CDLL(None, use_errno=True)
    header, held = (ctypes.c_uint32 * 2)(_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, held) == 0, os.strerror(ctypes.get_errno())
    less = type(held)(*held)
    less[0] &= ~(1 << _DAC_OVERRIDE)  # the first word is what is in effect; it may be taken up again
    assert libc.capset(header, less) == 0, os.strerror(ctypes.get_errno())
    try:
        yield
    finally:
        assert libc.capset(header, held) == 0, os.strerror(ctypes.get_errno())
