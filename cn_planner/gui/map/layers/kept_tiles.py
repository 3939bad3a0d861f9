"""Tiles of the map that take a while to make: made beside the window's thread, and kept as long as there is room."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

SIDE = 256
"""Pixels of the device to a tile's side."""


class TileKey(NamedTuple):
    """A tile of the world at a scale: the world is `scale` pixels wide, and the tile the i-th from west, j-th down."""

    scale: float
    i: int
    j: int


class Costly(Protocol):
    """A finished tile."""

    @property
    def cost(self) -> int:
        """Bytes that it holds."""


_T = TypeVar("_T", bound=Costly)


class KeptTiles(QObject, Generic[_T]):
    """Tiles that are kept, and those that are asked for.

    What is asked for replaces what was asked for before: a tile that the view has left is never made. One worker at a
    time takes the next tile, so that the machine stays with the person.

    Parameters
    ----------
    executor : Executor
        Who works. Not shut down here.
    limit_bytes : int
        How many bytes of tiles are kept beside those that were asked for last, on a screen of scale 1; those asked for
        longest ago go first. That is a window of 1440 x 900 with its contours; a finer screen takes as many more as it
        has pixels.
    """

    changed = Signal()
    arrived = Signal(object)
    """The keys of tiles that have just been made."""
    _made = Signal(int, object, object)

    def __init__(self, executor: Executor, limit_bytes: int = 16_000_000, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor = executor
        self._limit = limit_bytes
        self._bytes = 0
        self._tiles: OrderedDict[TileKey, _T] = OrderedDict()
        self._lock = Lock()
        self._wanted: list[TileKey] = []
        self._working = False
        self._under_way = 0  # made, and not taken yet
        self._closed = False
        self._generation = 0
        self._ratio = 1.0
        self._made.connect(self._take, Qt.ConnectionType.QueuedConnection)
        # Tiles come by the dozen; the map is painted for several at once.
        self._tell = QTimer(self, singleShot=True, interval=40)
        self._tell.timeout.connect(self._tell_arrived)
        self._fresh: list[TileKey] = []
        self._seen: frozenset[TileKey] = frozenset()

    def _maker(self) -> Callable[[TileKey], _T] | None:
        """Return what makes a tile as they are to look now; None where there is nothing to make them of."""
        raise NotImplementedError

    def _forget(self) -> None:
        self._generation += 1
        self._tiles.clear()
        self._wanted.clear()
        self._bytes = 0

    def let_go_unseen(self) -> None:
        """Give up the tiles that were not asked for last."""
        self._keep_unseen(0)

    def _keep_unseen(self, most_bytes: int) -> None:
        """Keep so much of what was not asked for last; what was stays, however large the window is."""
        unseen = [key for key in self._tiles if key not in self._seen]
        over = sum(self._tiles[key].cost for key in unseen) - most_bytes
        for key in unseen:
            if over <= 0:
                return
            cost = self._tiles.pop(key).cost
            self._bytes -= cost
            over -= cost

    def close(self) -> None:
        """Take no more tiles; a tile that is being made is thrown away."""
        with self._lock:
            self._closed = True
            self._wanted.clear()
        self._tell.stop()

    def get(self, key: TileKey) -> _T | None:
        """Return a tile that is ready."""
        return self._tiles.get(key)

    def others(self, scale: float) -> dict[float, list[TileKey]]:
        """Return the keys of ready tiles of other scales, by scale."""
        groups: dict[float, list[TileKey]] = {}
        for key in self._tiles:
            if key.scale != scale:
                groups.setdefault(key.scale, []).append(key)
        return groups

    @property
    def bytes_held(self) -> int:
        """Bytes of all tiles."""
        return self._bytes

    @property
    def room_bytes(self) -> int:
        """Bytes of tiles that are kept beside those asked for last."""
        return int(self._limit * max(self._ratio, 1.0) ** 2)

    @property
    def busy(self) -> bool:
        """Whether tiles are asked for that are not there."""
        return self._working or self._under_way > 0 or self._tell.isActive()

    def ask(self, keys: list[TileKey]) -> None:
        """Have tiles made, the first one first, instead of those asked for before; the others make room for them."""
        if self._maker() is None:
            return
        self._seen = frozenset(keys)
        for key in reversed(keys):
            if key in self._tiles:
                self._tiles.move_to_end(key)
        with self._lock:
            self._wanted = [key for key in reversed(keys) if key not in self._tiles]
            start = bool(self._wanted) and not self._working and not self._closed
            if start:
                self._working = True
        if start:
            self._executor.submit(self._work)

    def _work(self) -> None:
        while (wanted := self._next()) is not None:
            make, key, generation = wanted
            tile = make(key)
            with self._lock:
                # Under the lock: `close` then cannot take the object away meanwhile.
                if not self._closed:
                    self._under_way += 1
                    self._made.emit(generation, key, tile)

    def _next(self) -> tuple[Callable[[TileKey], _T], TileKey, int] | None:
        """Return what is to be made next, and what with; None ends the work."""
        with self._lock:
            make = self._maker()
            if not self._wanted or self._closed or make is None:
                self._working = False
                return None
            return make, self._wanted.pop(), self._generation

    def _take(self, generation: int, key: TileKey, tile: _T) -> None:
        with self._lock:
            self._under_way -= 1
        if generation != self._generation or self._closed or key in self._tiles:
            return
        self._tiles[key] = tile
        self._bytes += tile.cost
        self._keep_unseen(self.room_bytes)
        self._fresh.append(key)
        if not self._tell.isActive():
            self._tell.start()

    def _tell_arrived(self) -> None:
        fresh, self._fresh = self._fresh, []
        self.arrived.emit(fresh)
