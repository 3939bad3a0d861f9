"""Doors for others: what somebody else's package adds to the program by an entry point of one of its groups.

A door knows what the program has itself and finds what others add, when a choice is first asked for: not at the start.
What fails there is left out and named, once; it never stops the program, and its traceback stands in the log.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cn_planner.errors import PlannerError
from cn_planner.faults import note
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from importlib.metadata import EntryPoint

T = TypeVar("T")

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_lock = RLock()
_left_out: dict[Message, bool] = {}
"""What was left out, and whether that has been told."""


class PluginError(PlannerError):
    """Something of somebody else's package failed while it was used; from then on it is left out."""


class Door(Generic[T]):
    """What there is of one kind: the program's own, and what other packages add.

    Parameters
    ----------
    group : str
        The group of entry points. The name of an entry point is the key by which people choose the thing.
    kind : str
        What an entry point leads to, as ``module:class``: an instance of that class, whose ``key`` is the name.
    own : mapping of str to T or str
        The program's own by key, or where they are found, as ``module:name``: loaded when they are used.
    unfit : callable, optional
        Says what is wrong with somebody else's thing beside what there is already; None where nothing is.
    """

    def __init__(
        self,
        group: str,
        kind: str,
        own: Mapping[str, T | str],
        unfit: Callable[[T, Mapping[str, T]], Message | None] | None = None,
    ) -> None:
        self.group = group
        self._kind, self._own, self._unfit = kind, own, unfit
        self._loaded: dict[str, T] = {}
        self._others: dict[str, T] | None = None
        self._package: dict[str, str] = {}

    def is_own(self, key: str) -> bool:
        """Return whether the program has this itself."""
        return key in self._own

    def names(self) -> tuple[str, ...]:
        """Return all keys: the program's own in their order, then those of others by the alphabet."""
        return *self._own, *self.others()

    def others(self) -> Mapping[str, T]:
        """Return what other packages add, by key."""
        with _lock:
            if self._others is None:
                self._others = {}
                self._look()
            return dict(self._others)

    def get(self, key: str) -> T | None:
        """Return what has this key, None where there is nothing of that name."""
        if key not in self._own:
            return self.others().get(key)
        with _lock:
            if key not in self._loaded:
                found: Any = self._own[key]
                self._loaded[key] = _named(found) if isinstance(found, str) else found
            return self._loaded[key]

    def all(self) -> dict[str, T]:
        """Return everything, loaded, by key in the order of `names`."""
        own = {key: self.get(key) for key in self._own}
        return {key: one for key, one in (own | dict(self.others())).items() if one is not None}

    @contextmanager
    def using(self, key: str) -> Iterator[None]:
        """Guard what is done with a thing: where somebody else's fails it is left out from then on.

        Raises
        ------
        PluginError
            In place of whatever somebody else's thing raises, but for errors that are meant for people.
        """
        try:
            yield
        except PlannerError:
            raise
        except Exception as problem:
            if self.is_own(key):
                raise
            note(problem, f"{self.group}, {key}")
            why = msg("it failed when it was used: {error}", error=_said(problem))
            what = self._leave_out(key, self._package.get(key, ""), why, told=True)
            raise PluginError(what, fix=msg("Tell its makers, or remove their package.")) from problem

    def _look(self) -> None:
        from importlib.metadata import entry_points  # 10 ms

        # Sorted: which of two of one name is taken does not depend on where the packages lie.
        for point in sorted(entry_points(group=self.group), key=lambda one: (one.name, _package_of(one))):
            package = _package_of(point)
            wrong = self._why_not(point)
            if wrong is not None:
                self._leave_out(point.name, package, wrong)
            else:
                self._package[point.name] = package

    def _why_not(self, point: EntryPoint) -> Message | None:
        """Take what an entry point leads to, or return why it cannot be."""
        others: Any = self._others
        if _KEY.fullmatch(point.name) is None:
            return msg("its name must be of small letters, digits and hyphens")
        if point.name in self._own or point.name in others:
            return msg("the name is taken")
        try:
            found = point.load()
        except (Exception, SystemExit) as problem:  # noqa: BLE001 - whatever somebody else's module raises
            note(problem, f"{self.group}, {point.name}")
            return msg("it cannot be loaded: {error}", error=_said(problem))
        if not isinstance(found, _named(self._kind)):
            return msg("{what} is not a {kind}", what=point.value, kind=self._kind.replace(":", "."))
        if found.key != point.name:
            return msg("it calls itself {key}", key=str(found.key))
        wrong = None if self._unfit is None else self._unfit(found, others)
        if wrong is None:
            others[point.name] = found
        return wrong

    def _leave_out(self, key: str, package: str, why: Message, *, told: bool = False) -> Message:
        message = msg("“{name}” of the package {package} is left out: {why}.", name=key, package=package, why=why)
        with _lock:
            (self._others or {}).pop(key, None)
            _left_out.setdefault(message, told)
        return message

    def forget(self) -> None:
        """Look anew for what others add, at the next time that it is asked for."""
        with _lock:
            self._others = None
            self._package.clear()


def left_out() -> tuple[Message, ...]:
    """Return what was left out and has not been told, each once."""
    with _lock:
        new = tuple(message for message, told in _left_out.items() if not told)
        _left_out.update(dict.fromkeys(new, True))
        return new


def tell_later(problem: PluginError) -> None:
    """Note that an error was not passed on to a person, who is to be told of it by `left_out`."""
    with _lock:
        _left_out[problem.what] = False


def _named(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def _package_of(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else ""


def _said(problem: BaseException) -> str:
    return f"{type(problem).__name__}: {problem}" if str(problem) else type(problem).__name__
