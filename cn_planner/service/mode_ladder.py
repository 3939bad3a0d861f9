"""Mode by mode: the level that each asks for, what arrives of it, and what that leaves to spare, on any channel.

What arrives is what the path's own view says of it (`service.path_view`), so that the ladder of the channel that a link
has, and its panel, say the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from cn_planner.links.counted import rates_mbps
from cn_planner.links.radio import direction
from cn_planner.service.path_view import on_channel, radios

if TYPE_CHECKING:
    from cn_planner.links.radio import Direction
    from cn_planner.service.path_view import LinkView
    from cn_planner.study import Study


class ModeStep(NamedTuple):
    """One mode on a path, in the direction that is listened to.

    Attributes
    ----------
    mode : str
    rate_mbps : float
        At the IP level over the length of the path.
    level_dbm, needs_dbm, spare_db : float
        What arrives, the least level, and the difference: negative where the mode does not hold.
    """

    mode: str
    rate_mbps: float
    level_dbm: float
    needs_dbm: float
    spare_db: float


@dataclass(frozen=True, slots=True)
class ModeLadder:
    """The modes of one direction of a path.

    Attributes
    ----------
    far : str
        Who sends.
    freq_mhz : float
    wanted_db : float
        What the plan wants to spare in the mode that it counts on.
    counted : str
        That mode; empty where none leaves so much.
    steps : tuple of ModeStep
        The fastest first; of two alike the one that asks for less.
    """

    far: str
    freq_mhz: float
    wanted_db: float
    counted: str
    steps: tuple[ModeStep, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return what ``spectrum --json`` prints."""
        steps = [
            {name: value if isinstance(value, str) else round(value, 2) for name, value in one._asdict().items()}
            for one in self.steps
        ]
        return {
            "far": self.far,
            "freq_mhz": self.freq_mhz,
            "wanted_db": self.wanted_db,
            "counted": self.counted or None,
            "steps": steps,
        }


def mode_steps(way: Direction, length_m: float, arrives_dbm: float, counted: str | None) -> tuple[ModeStep, ...]:
    """Return what each mode of one direction has to spare.

    Parameters
    ----------
    way : Direction
        The radios as they are set.
    length_m : float
    arrives_dbm : float
        What arrives in the mode that is counted on; in the most robust one where none is.
    counted : str or None
        That mode.

    Returns
    -------
    tuple of ModeStep
        The fastest first; of two alike the one that asks for less.
    """
    # Of all modes the same is lost on the way; what was measured or seen there is in it.
    level = way.level_dbm - way.level_dbm[way.mcs.index(counted) if counted else way.robust] + arrives_dbm
    rate = rates_mbps(way, length_m)
    steps = (
        ModeStep(mode, float(rate[n]), float(level[n]), float(way.sensitivity_dbm[n]),
                 float(level[n] - way.sensitivity_dbm[n]))
        for n, mode in enumerate(way.mcs)
    )  # fmt: skip
    return tuple(sorted(steps, key=lambda one: (-one.rate_mbps, one.needs_dbm)))


def mode_ladder(study: Study, view: LinkView, *, at_first: bool, freq_mhz: float | None = None) -> ModeLadder | None:
    """Return what each mode has to spare at one end of a path.

    Parameters
    ----------
    study : Study
    view : LinkView
    at_first : bool
        Whether the first end listens, else the second.
    freq_mhz : float, optional
        Centre of another channel, as wide; that of the view where not given.

    Returns
    -------
    ModeLadder or None
        None where terrain is missing.

    Raises
    ------
    InputError
        Where a kit is not on the shelf, or the radios have no mode in common.
    """
    if freq_mhz is not None and freq_mhz != view.freq_mhz:
        view = on_channel(study, view, freq_mhz)
    budget, plan = view.budget, study.plan
    arrives, counted = (budget.rsl_from_dbm, budget.mcs_up) if at_first else (budget.rsl_to_dbm, budget.mcs_down)
    if arrives is None:
        return None
    a, b = (
        replace(end, pointing_loss_db=lost) for end, lost in zip(radios(study, view), view.pointing_db, strict=True)
    )
    way = direction(b, a) if at_first else direction(a, b)
    steps = mode_steps(way, view.profile.length_m, arrives, counted)
    home = "household" in (view.a.kind, view.b.kind)
    return ModeLadder(
        view.names[1 if at_first else 0], view.freq_mhz,
        plan.rules.access_margin_db if home else plan.rules.backhaul_margin_db, counted or "", steps,
    )  # fmt: skip
