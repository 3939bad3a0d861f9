"""UCI as text: sections, and values that nothing breaks out of (libuci, file.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def quoted(text: str) -> str:
    """Return a text as UCI takes it: within single quotes, and none in them but by ending and beginning anew."""
    return "'" + one_line(text).replace("'", "'\\''") + "'"


def one_line(text: str) -> str:
    """Return a text without ends of lines and control characters."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def section(kind: str, name: str, *options: tuple[str, str | int | Iterable[str] | None]) -> Iterator[str]:
    """Yield a section; an option of several values is a list, one of None is left out."""
    yield f"config {kind} {quoted(name)}" if name else f"config {kind}"
    for key, value in options:
        if value is None:
            continue
        if isinstance(value, str | int):
            yield f"\toption {key} {quoted(str(value))}"
        else:
            yield from (f"\tlist {key} {quoted(one)}" for one in value)
    yield ""


def comment_of(text: str) -> str:
    """Return a line of comment."""
    return f"# {one_line(text)}"
