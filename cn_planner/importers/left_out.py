"""What was left out of a file, and why: counted by reason, with the first rows of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.message import Message, counted, msg

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMED = 5
_LEFT_OUT = counted(
    "{count} row was left out (row {rows}): {why}", "{count} rows were left out (rows {rows}): {why}", 0
)
_KEPT = counted("{count} row was kept (row {rows}): {why}", "{count} rows were kept (rows {rows}): {why}", 0)


@dataclass(frozen=True, slots=True)
class Reason:
    """Rows of a file that have something in common.

    ``why``: what; of the first of them, where they differ in numbers. ``rows``: the first ones.
    """

    why: Message
    count: int
    rows: tuple[int, ...]

    @property
    def left_out(self) -> Message:
        """That they were left out, as a sentence."""
        return self._said(_LEFT_OUT)

    @property
    def kept(self) -> Message:
        """That they were kept, as a sentence."""
        return self._said(_KEPT)

    def _said(self, form: Message) -> Message:
        rows = ", ".join(str(row) for row in self.rows)
        return form.about(self.count, rows=rows if self.count <= len(self.rows) else f"{rows} …", why=self.why)


class Tally:
    """Reasons while they are counted."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[Message, list[int], list[int]]] = {}
        self.count = 0

    def add(self, why: Message, rows: Sequence[int], column: str = "") -> None:
        """Count rows for a reason; rows of one sentence in one column are counted together."""
        if not rows:
            return
        self.count += len(rows)
        _, count, first = self._found.setdefault((why.key, column), (why, [0], []))
        count[0] += len(rows)
        first += rows[: _NAMED - len(first)]

    def reasons(self) -> tuple[Reason, ...]:
        """Return what was counted, the most frequent first."""
        found = [
            Reason(msg("{column}: {why}", column=column, why=why) if column else why, count[0], tuple(rows))
            for (_, column), (why, count, rows) in self._found.items()
        ]
        return tuple(sorted(found, key=lambda one: (-one.count, one.rows)))
