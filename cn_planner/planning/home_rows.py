"""Every home's service as a table: by whom, how well, what height it needs, who else, and what would reach it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.links.many_paths import expect_many_paths
from cn_planner.message import msg
from cn_planner.model.clients import REFUSED_WORDS, who_refuse
from cn_planner.planning.fixes import home_fixes
from cn_planner.planning.held_on_air import HeldOnAir
from cn_planner.planning.left_out import reasons_kept
from cn_planner.progress import ALONE, Run
from cn_planner.service.homes import whole_service
from cn_planner.spectrum.channels import unheard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.message import Message
    from cn_planner.planning.fix_found import HomeFixes
    from cn_planner.service.homes import HomeService
    from cn_planner.study import Study

_MANY = 50
"""Of so many homes left out it is worth while to load a compiler for their paths."""


@dataclass(frozen=True, slots=True)
class HomeRow:
    """What is said of one home.

    Attributes
    ----------
    home, name, hamlet : str
    served : bool
        By its own tower, which hangs on a gateway.
    served_by : str or None
        The tower that the plan says, where it serves the home.
    judged : str or None
        The tower that the figures are of: that one, or else the best that it could have.
    verdict : str or None
        Of the path.
    margin_db, rate_down_mbps, rate_up_mbps, height_needed_m : float or None
        As in `service.homes.HomeService`.
    second, second_margin_db
        The second choice, and its margin.
    reason : Message or None
        Why it is not served; None where it is.
    fix : Message or None
        The cheapest thing that would serve it, or else what could help; None where it is served.
    fix_cost : float or None
        By how much the capital of the plan then rises.
    fix_unpriced : tuple of str
        What that buys and has no price on the shelf: it costs more then.
    client_kit : str
        The kit that it has; empty where it is not served.
    """

    home: str
    name: str
    hamlet: str
    served: bool
    served_by: str | None
    judged: str | None
    verdict: str | None
    margin_db: float | None
    rate_down_mbps: float | None
    rate_up_mbps: float | None
    height_needed_m: float | None
    second: str | None
    second_margin_db: float | None
    reason: Message | None
    fix: Message | None
    fix_cost: float | None
    fix_unpriced: tuple[str, ...] = ()
    client_kit: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return what ``homes --json`` prints of it, texts in English."""
        found = asdict(self)
        found = {"id": found.pop("home"), **found}
        for key in ("margin_db", "rate_down_mbps", "rate_up_mbps", "height_needed_m", "second_margin_db", "fix_cost"):
            found[key] = None if found[key] is None else round(found[key], 2)
        found["reason"] = None if self.reason is None else str(self.reason)
        found["fix"] = None if self.fix is None else str(self.fix)
        found["fix_unpriced"] = list(self.fix_unpriced)
        return found


def home_rows(study: Study, homes: Iterable[str] | None = None, *, run: Run = ALONE) -> tuple[HomeRow, ...]:
    """Return the service of homes, of all where none are named, in the order of ids.

    Raises
    ------
    InputError
        Where there is no such home, a kit is not on the shelf, or the kits of tower and home have no mode in common.
    MissingTerrainError, FileError
        Where the plan has no terrain, or a file of it cannot be read.
    CancelledError
    """
    plan = study.plan
    wanted = set(plan.households if homes is None else homes)
    for key in sorted(wanted):
        if key not in plan.households:
            raise InputError(msg("There is no home {id}.", id=key))
    run.progress(0.0, msg("Judging the homes"))
    everyone = whole_service(study, only=wanted, run=run.part(0.0, 0.4))
    everyone = everyone.on_channels(unheard(study, everyone.now.down, run=run.part(0.4, 0.5)))
    found, now = everyone.homes, everyone.now
    left = [one.home for one in found if not one.served]
    if len(left) >= _MANY:
        expect_many_paths()
    run.progress(0.5, msg("Asking what the homes left out would take"))
    last = run.part(0.5, 1.0)
    on_air = HeldOnAir(study, run=last.silently())
    fixes = home_fixes(study, left, only_cheapest=True, on_air=on_air, down=now.down, unheard=now.unheard, run=last)
    refused = who_refuse(plan)
    kept = reasons_kept(plan)
    rows = (_row(study, one.as_told(kept), fixes.get(one.home)) for one in found)
    return tuple(replace(row, reason=REFUSED_WORDS) if row.home in refused else row for row in rows)


def _row(study: Study, one: HomeService, fixes: HomeFixes | None) -> HomeRow:
    plan = study.plan
    best = fixes.fixes[0] if fixes is not None and fixes.fixes else None
    return HomeRow(
        home=one.home,
        name=plan.households[one.home].name,
        hamlet=plan.households[one.home].hamlet,
        served=one.served,
        served_by=one.server if one.works and one.server == one.site else None,
        judged=one.site,
        verdict=None if one.verdict is None else one.verdict.value,
        margin_db=one.margin_db,
        rate_down_mbps=one.rate_down_mbps,
        rate_up_mbps=one.rate_up_mbps,
        height_needed_m=_finite(one.height_needed_m),
        second=one.second_choice,
        second_margin_db=one.second_margin_db,
        reason=None if one.served else one.reason,
        fix=None if fixes is None else fixes.words,
        fix_cost=None if fixes is None else fixes.cost,
        fix_unpriced=() if best is None else best.unpriced,
        client_kit=plan.client_of(plan.households[one.home]) if one.served else "",
    )


def _finite(value: float | None) -> float | None:
    return None if value is None or value == float("inf") else value
