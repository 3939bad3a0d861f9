"""An immutable table of things with an ``id``, always in the order of their ids."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Generic, Protocol, TypeVar, overload


class HasId(Protocol):
    """Anything that can stand in a table."""

    @property
    def id(self) -> str:
        """The name that is unique in its table."""
        ...


_T = TypeVar("_T", bound=HasId)
D = TypeVar("D")


class Items(Mapping[str, _T], Generic[_T]):
    """Things by id.

    The order is that of the ids, never that of the edits that led here: two plans with the same content are equal,
    are stored alike, and give the same result to the last bit.
    """

    __slots__ = ("_by_id", "_hash")

    def __init__(self, things: Iterable[_T] = ()) -> None:
        by_id: dict[str, _T] = {}
        for thing in sorted(things, key=lambda t: t.id):
            if thing.id in by_id:
                raise ValueError(thing.id)
            by_id[thing.id] = thing
        self._by_id = by_id
        self._hash: int | None = None

    def __getitem__(self, key: str) -> _T:
        return self._by_id[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    # What a Mapping gives by itself looks each key up again, in Python: seven times as slow.

    @overload
    def get(self, key: str, /) -> _T | None: ...
    @overload
    def get(self, key: str, /, default: _T | D) -> _T | D: ...
    def get(self, key: str, /, default: _T | D | None = None) -> _T | D | None:
        """Return the thing of an id, the default where there is none."""
        return self._by_id.get(key, default)

    def keys(self) -> KeysView[str]:
        """Return the ids in their order."""
        return self._by_id.keys()

    def values(self) -> ValuesView[_T]:
        """Return the things in the order of their ids."""
        return self._by_id.values()

    def items(self) -> ItemsView[str, _T]:
        """Return ids and things in the order of the ids."""
        return self._by_id.items()

    def __len__(self) -> int:
        return len(self._by_id)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return self._by_id == other._by_id if isinstance(other, Items) else NotImplemented

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(tuple(self._by_id.values()))
        return self._hash

    def __repr__(self) -> str:
        return f"Items({list(self._by_id.values())!r})"

    def differences(self, other: Items[_T]) -> tuple[list[str], list[str]]:
        """Return the ids whose things differ in the other table or are only there, and those that are only here.

        Things that both share are recognised by identity, so that the cost is that of what changed.
        """
        mine, theirs = self._by_id, other._by_id
        others = [key for key, thing in theirs.items() if mine.get(key) is not thing]
        put = [key for key in others if mine.get(key) != theirs[key]]
        added = sum(key not in mine for key in others)
        # Nothing is only here where the tables are as long as what was added says.
        gone = [] if len(theirs) - added == len(mine) else [key for key in mine if key not in theirs]
        return put, gone

    def changed(self, put: Iterable[_T] = (), remove: Iterable[str] = ()) -> Items[_T]:
        """Return a table with some things put in place of those of the same id, or added, and some removed.

        Raises
        ------
        KeyError
            Where an id to remove is not there.
        """
        by_id = dict(self._by_id)
        for key in remove:
            del by_id[key]
        count = len(by_id)
        by_id.update((thing.id, thing) for thing in put)
        new: Items[_T] = Items.__new__(Items)
        new._by_id = by_id if len(by_id) == count else dict(sorted(by_id.items()))
        new._hash = None
        return new
