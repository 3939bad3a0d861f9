"""What the kept results are said to hold is what they hold: their limit of bytes is one of the machine's memory."""

from __future__ import annotations

import sys
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

import numpy as np

from cn_planner.model import edits
from cn_planner.model.items import Items
from cn_planner.session.project import Project
from cn_planner.session.suggestions import suggest


def bytes_of(value: Any, seen: set[int]) -> int:
    """Return what a value holds that nothing seen before holds: arrays with their memory, rows, tables, numbers."""
    if id(value) in seen or isinstance(value, type | Enum) or callable(value):
        return 0
    seen.add(id(value))
    own, parts = sys.getsizeof(value), ()
    if isinstance(value, np.ndarray):
        own, parts = 112, (value.base,)
        if value.base is None:
            return own + value.nbytes
    elif isinstance(value, dict):
        parts = (*value, *value.values())
    elif isinstance(value, tuple | list):
        parts = tuple(value)
    elif isinstance(value, Items):
        parts = tuple(value.values())
    elif is_dataclass(value):
        parts = tuple(getattr(value, one.name, None) for one in fields(value))
    return own + sum(bytes_of(one, seen) for one in parts)


def test_results_of_moved_towers_hold_no_more_than_is_counted(network: Project) -> None:
    for step in range(4):
        suggest(network.snapshot())
        tower = next(iter(network.plan.used_sites.values()))
        network.apply(edits.put(network.plan, [replace(tower, latitude=tower.latitude + 0.001 * (step + 1))]))
    cache = network.workspace.cache
    seen: set[int] = set()
    shared = network.snapshot()
    for one in (shared.plan, shared.surface, shared.homes, shared.catalogue, shared.regulations):
        bytes_of(one, seen)
    held = sum(bytes_of(value, seen) for value, _ in cache._values.values())
    assert len(cache) > 8
    assert 0.5 * cache.bytes_used < held <= cache.bytes_used
