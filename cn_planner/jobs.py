"""One process-wide pool for tiles. Rooms below are handed an executor and never make one."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.message import msg

if TYPE_CHECKING:
    from concurrent.futures import Executor

_lock = Lock()
_pools: dict[int, ThreadPoolExecutor] = {}


def tile_pool(threads: int | None = None) -> Executor:
    """Return the pool for tiles with so many threads (by default one a core).

    Raises
    ------
    InputError
        Where fewer than one thread is asked for.
    """
    count = threads if threads is not None else os.cpu_count() or 1
    if count < 1:
        raise InputError(msg("{threads} threads cannot work.", threads=count), fix=msg("Ask for 1 or more."))
    with _lock:
        if count not in _pools:
            _pools[count] = ThreadPoolExecutor(count, thread_name_prefix="tile")
        return _pools[count]
