"""Work that makes very many things which all stay."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def many_things() -> Iterator[None]:
    """Do not look for cycles meanwhile: each time the things are more by a quarter all of them are looked through.

    Measured with 667,000 homes: a sixth of the whole import. Whoever switched it off switches it on again, also where
    two threads are within this.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
