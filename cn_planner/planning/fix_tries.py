"""What may reach a home and has yet to prove itself: in which order that is tried, and what nobody needs any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cn_planner.planning.fix_words import FixKind

if TYPE_CHECKING:
    from cn_planner.planning.joining import Join

_ANTENNAS = (FixKind.CONNECT, FixKind.TURN, FixKind.SECTOR)
NEEDLESS_AFTER = {
    **dict.fromkeys(FixKind, ()),
    **dict.fromkeys((FixKind.TURN, FixKind.SECTOR), (FixKind.CONNECT,)),
    **dict.fromkeys((FixKind.POLE, FixKind.MAST), _ANTENNAS),
}
"""Nobody needs a pole or a higher mast where the roof and the antennas do."""


class Try(NamedTuple):
    """A fix that has yet to prove itself; sorted by what it costs."""

    cents: int
    kind: FixKind
    tower: int
    height_m: float
    pole: int
    kit: int
    sector: int
    """Number of the sector to turn."""
    new_sector: bool
    join: Join | None = None

    @property
    def on_air(self) -> tuple[object, ...]:
        """What decides who is heard by it; the same antennas on a higher mast are heard by more, not by fewer."""
        return self.kind, self.tower, self.pole, self.kit, self.sector, self.new_sector

    @property
    def order(self) -> tuple[int, ...]:
        """What it is sorted by."""
        return self.cents, self.kind, self.tower, round(self.height_m * 1000), self.pole, self.kit, self.sector
