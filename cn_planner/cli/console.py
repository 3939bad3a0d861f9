"""What every command shares: words to standard error, one JSON object to standard output, progress, Ctrl-C, status."""

from __future__ import annotations

import functools
import inspect
import json
import math
import os
import signal
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Annotated, Any

import click
import typer

from cn_planner.cli.options import key_values
from cn_planner.errors import PlannerError
from cn_planner.i18n import say
from cn_planner.message import joined, msg
from cn_planner.progress import CancelToken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import FrameType

    from cn_planner.message import Message
    from cn_planner.progress import Run
    from cn_planner.session.project import Project


COMMANDS_OF: dict[str, dict[str, Callable[..., None] | typer.Typer]] = {}
"""What each module that is imported runs, by the command's name."""
ADDED_TO: dict[str, Callable[[], Sequence[str]]] = {}
"""What other packages add to a command, in the lines that its help ends with, by the command's name."""

_CHANGES: ContextVar[dict[str, str]] = ContextVar("_CHANGES")
"""Settings that the next plan that is opened is given first."""


def as_command(
    name: str, *, adds: Callable[[], Sequence[str]] | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Note a function as the command of a name, and what tells of what other packages add to it."""

    def note(function: Callable[..., None]) -> Callable[..., None]:
        if adds is not None:
            ADDED_TO[name] = adds
        COMMANDS_OF.setdefault(function.__module__, {})[name] = function
        return function

    return note


def changing(function: Callable[..., None]) -> Callable[..., None]:
    """Let a command on a plan change settings first: ``--set KEY=VALUE``, one edit, made when its words were right."""

    @functools.wraps(function)
    def command(*, changes: list[str] | None = None, **words: Any) -> None:
        here = _CHANGES.set(key_values(changes or []))
        try:
            function(**words)
        finally:
            _CHANGES.reset(here)

    said = "Change this setting, or field of a row, first, as the command set does; kept. May be repeated."
    option = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help=said)]
    own = inspect.signature(function, eval_str=True)
    more = inspect.Parameter("changes", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=option)
    command.__signature__ = own.replace(parameters=[*own.parameters.values(), more])  # type: ignore[attr-defined]
    command.__annotations__ = {key: one.annotation for key, one in command.__signature__.parameters.items()}  # type: ignore[attr-defined]
    return command


def tell(message: Message | str) -> None:
    """Say something to the person, on standard error."""
    print(message if isinstance(message, str) else say(message), file=sys.stderr)  # noqa: T201 - the one door to the terminal


def show(text: str) -> None:
    """Print an answer, on standard output."""
    with unread():
        print(text)  # noqa: T201 - the one door to the terminal


@contextmanager
def unread() -> Iterator[None]:
    """Let the work go on where whoever read the answer has read enough, as `head` does: the rest goes nowhere."""
    try:
        yield
    except BrokenPipeError:
        # What is still held back would be written when the program ends, and fail there.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def show_json(answer: dict[str, Any]) -> None:
    """Print an answer as one JSON object; what is not finite is null, and no zero is less than nothing."""
    show(json.dumps(_finite(answer), ensure_ascii=False, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    if hasattr(value, "item"):  # a numpy scalar
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value + 0.0 if isinstance(value, float) else value  # a zero has no sign


def words_of(error: PlannerError) -> str:
    """Return where, what and what to do, in the user's language."""
    head = f"{error.where}: {say(error.what)}" if error.where else say(error.what)
    return joined(head, say(error.fix)) if error.fix else head


@contextmanager
def failing_in_words() -> Iterator[None]:
    """End with status 1 and one message where the work cannot be done."""
    try:
        yield
    except PlannerError as error:
        tell(words_of(error))
        raise typer.Exit(1) from error
    except (typer.Exit, typer.Abort, typer.BadParameter, click.ClickException):  # typer's are not always click's
        raise
    except Exception as problem:
        from cn_planner.faults import note, of_system

        if (known := of_system(problem)) is not None:
            tell(words_of(known))
            raise typer.Exit(1) from problem
        report = note(problem, " ".join(sys.argv[1:]))
        tell(msg("The program made a mistake: {kind}.", kind=type(problem).__name__))
        tell(msg("What happened stands in {log}; send it to those who look after the program.", log=str(report)))
        raise typer.Exit(1) from problem


@contextmanager
def opened(path: Path) -> Iterator[Project]:
    """Open a plan, say what was found in its file, and end with status 1 and one message where something fails."""
    from cn_planner.session.project import Project

    with failing_in_words(), Project.open(path) as project:
        for notice in project.notices:
            tell(notice)
        if changes := _CHANGES.get({}):
            tell(msg("Done: {edit}.", edit=project.change_settings(changes).label))
        yield project


class Watch:
    """Progress on a terminal: one line that is written over; on a pipe: each kind of work once."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._doing = ""
        self._told: set[str] = set()
        self._shown = ""

    def __call__(self, done: float, doing: Message | None = None, /) -> None:
        """Take note of the fraction done and of what is being done."""
        # By its key: two searches side by side would tell each percentage in turn.
        new = doing is not None and doing.key not in self._told
        if doing is not None:
            self._doing = say(doing)
            self._told.add(doing.key)
        if self._terminal:
            line = f"{self._doing}  {done:4.0%}"
            if line != self._shown:
                sys.stderr.write(f"\r{line:<70}")
                sys.stderr.flush()
                self._shown = line
        elif new:
            tell(self._doing)

    def tell(self, message: Message) -> None:
        """Say something between two lines of progress."""
        self.close()
        tell(message)

    def close(self) -> None:
        """Leave the terminal with a clean line."""
        if self._terminal and self._shown:
            sys.stderr.write("\r" + " " * 70 + "\r")
            sys.stderr.flush()


@contextmanager
def working(threads: int | None = None) -> Iterator[Run]:
    """Give a long job its run, of so many threads: Ctrl-C asks it to stop, a second one ends the program."""
    from cn_planner.jobs import run_on
    from cn_planner.propagation.kernel import tell_first_use

    watch, cancel = Watch(), CancelToken()
    tell_first_use(watch.tell)

    def ask(_number: int, _frame: FrameType | None) -> None:
        cancel.cancel()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield run_on(watch, cancel, threads)
    finally:
        tell_first_use(None)
        watch.close()
        signal.signal(signal.SIGINT, before)
