"""For whom nothing is left on the channels of a plan."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.message import Message


class Unheard(NamedTuple):
    """For whom nothing is left on the channels of a plan (`spectrum.channels.unheard`).

    ``homes``, each with why; ``links`` between towers that carry nothing there, and the ``towers`` to which nothing
    comes for their sake. What links do not carry on any channel is not in it.
    """

    homes: Mapping[str, Message] = MappingProxyType({})
    links: frozenset[str] = frozenset()
    towers: frozenset[str] = frozenset()
