"""What a channel plan says: which channel each sector and link takes, what it hears, what conflicts remain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from cn_planner.message import Message, msg
from cn_planner.service.unheard import Unheard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.links.channels import Channel
    from cn_planner.model.history import Edit
    from cn_planner.service.judge import Why


@dataclass(frozen=True, slots=True)
class ChannelUse:
    """A channel of a sector or link.

    Attributes
    ----------
    kind, id, site : str
        "sector" or "link", its id in the plan, and the site of a sector or the first of a link.
    channel : Channel
    full_mhz : float
        The channel width of its kit.
    choices : int
        Number of channels that it might have.
    homes : float
        That are behind it.
    snr_db, sinr_db : float or None
        At the receiver that is disturbed most, without and with the others; None where nothing is received.
    disturbed : int
        Receivers whose rate is less than without the others, of ``receivers``.
    carries_mbps : float or None
        What a link carries both ways with the others on their channels, with the reserve of the rules; None of sectors.
    """

    kind: str
    id: str
    site: str
    channel: Channel
    full_mhz: float
    choices: int
    homes: float
    snr_db: float | None
    sinr_db: float | None
    disturbed: int
    receivers: int
    carries_mbps: float | None = None


@dataclass(frozen=True, slots=True)
class ChannelConflict:
    """What remains: a sector or link (kind, site, id) that is disturbed, by which other one most, in words."""

    victim: tuple[str, str, str]
    by: tuple[str, str, str]
    text: Message
    fix: Message


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A sector or link (kind, site, id) that carries less on its channel than its homes want, in words.

    ``homes``, by weight, are those that it cuts off; ``rate_mbps`` is what it still carries.
    """

    user: tuple[str, str, str]
    homes: float
    rate_mbps: float
    text: Message
    fix: Message


DROWNED = msg(
    "A tower sees it, but on the channels that the radios may use the network's own radios drown each other on the way "
    "to it."
)


class Unheld(NamedTuple):
    """Why the path of a home does not serve it on its channel, as the judge of homes has it, with its words."""

    why: Why
    reason: Message


@dataclass(frozen=True, slots=True, eq=False)
class ChannelPlan:
    """What each takes and hears.

    ``lost`` is the mean share of capacity that is lost, by homes: what the network's own radios take from each other,
    and what channels do that are narrower than the kit's; ``proven``: no other assignment loses less. ``short`` are
    those that do not carry what they must, the worst first; ``silent`` the homes to which nothing comes, and
    ``crowded_out`` those for which nothing is left at the busy hour, with what is too full for them. ``edit`` is None
    where nothing changes. ``fewer``: on which channels more homes are heard where some sectors and links do not go
    on the air, whose homes are silent too; None where that was not asked or does not help. ``unheld``: homes whose own
    path does not hold there, whatever the others send, where the judge was asked of each. ``dead``: links between
    towers that carry nothing there, and ``cut_off`` the towers to which nothing comes for their sake.
    """

    uses: tuple[ChannelUse, ...]
    conflicts: tuple[ChannelConflict, ...]
    short: tuple[Shortfall, ...]
    lost: float
    proven: bool
    edit: Edit | None
    notes: tuple[Message, ...]
    silent: frozenset[str] = frozenset()
    crowded_out: Mapping[str, Shortfall] = field(default_factory=dict)
    fewer: ChannelPlan | None = None
    unheld: Mapping[str, Unheld] = field(default_factory=dict)
    dead: frozenset[str] = frozenset()
    cut_off: frozenset[str] = frozenset()

    @property
    def not_served(self) -> frozenset[str]:
        """The homes that do not get on these channels what they are promised."""
        return self.silent | self.crowded_out.keys() | self.unheld.keys()

    @property
    def unheard(self) -> Unheard:
        """Who does not get on these channels what is promised, homes each with why."""
        return Unheard({key: self._why(key) for key in sorted(self.not_served)}, self.dead, self.cut_off)

    def _why(self, home: str) -> Message:
        if home in self.unheld:
            return self.unheld[home].reason
        if home in self.silent:
            return DROWNED
        return msg(
            "A tower sees it, but nothing is left for it at the busy hour: {why}", why=self.crowded_out[home].text
        )

    @property
    def lost_words(self) -> Message:
        """What is lost, in words."""
        if any(use.channel.width_mhz < use.full_mhz for use in self.uses):
            return msg(
                "The network's own radios take {pct:.1f} % of its capacity from each other, narrower channels counted.",
                pct=100.0 * self.lost,
            )
        return msg("The network's own radios take {pct:.1f} % of its capacity from each other.", pct=100.0 * self.lost)

    def as_dict(self) -> dict[str, Any]:
        """Return what ``channels --json`` prints."""
        return {
            "lost": round(self.lost, 6),
            "proven": self.proven,
            "channels": [
                {
                    "kind": use.kind,
                    "id": use.id,
                    "site": use.site,
                    "freq_mhz": use.channel.freq_mhz,
                    "width_mhz": use.channel.width_mhz,
                    "full_width_mhz": use.full_mhz,
                    "dfs": use.channel.dfs,
                    "choices": use.choices,
                    "homes": round(use.homes, 3),
                    "snr_db": None if use.snr_db is None else round(use.snr_db, 2),
                    "sinr_db": None if use.sinr_db is None else round(use.sinr_db, 2),
                    "disturbed": use.disturbed,
                }
                for use in self.uses
            ],
            "conflicts": [
                {
                    "kind": one.victim[0],
                    "id": one.victim[2],
                    "by_kind": one.by[0],
                    "by_id": one.by[2],
                    "text": str(one.text),
                    "fix": str(one.fix),
                }
                for one in self.conflicts
            ],
            "short": [
                {
                    "kind": one.user[0],
                    "id": one.user[2],
                    "homes_cut_off": round(one.homes, 3),
                    "rate_mbps": round(one.rate_mbps, 2),
                    "text": str(one.text),
                    "fix": str(one.fix),
                }
                for one in self.short
            ],
            "silent": sorted(self.silent),
            "crowded_out": sorted(self.crowded_out),
            "notes": [str(note) for note in self.notes],
        }
