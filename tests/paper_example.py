"""A plan for the tests of papers, with phases, money, answers and choices by hand; and a language with long words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from deployment_example import example_deployment, home

from cn_planner.export.pdf_data import Tongue
from cn_planner.message import msg
from cn_planner.model.plan import Costs
from cn_planner.model.purpose import KeptChoice, Purpose
from cn_planner.report.cash import cash_flow
from cn_planner.report.deployment import MoneyLine
from cn_planner.report.money import fee_as_set
from cn_planner.report.paper_records import DoorRecord, LeftOutRecord, PaperFacts
from cn_planner.report.work_records import PhaseRecord

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.report.deployment import DeploymentPlan

COSTS = Costs(
    fee_month=350.0, uptake_pct=60.0, income_month=14_000.0, grant=2_500_000.0, loan=800_000.0, loan_interest_pct=9.0,
    wages_month=18_000.0, site_rent_month=500.0, labour_day=800.0,
)  # fmt: skip
ANSWERS = Purpose(
    aim="Lessons and health for all.", body="Valley cooperative", start="2027-01-04", no_climb_months=(7.0, 8.0, 9.0),
    keepers=2, repair_days=2.0, grant_from="State fund", loan_from="Bank", women=310,
)  # fmt: skip
BUILD = (
    ("mast", "Masts and structures", 151_872.40),
    ("radio", "Radios", 353_304.20),
    ("power", "Power", 584_388.0),
    ("place", "Road, land, mains", 138_600.0),
    ("homes", "Antennas of homes", 2_122_260.75),
    ("labour", "Labour", 199_200.0),
    ("transport", "Transport", 771_000.0),
    ("contingency", "For what nobody foresaw", 432_062.53),
    ("rounding", "Rounding", -0.02),
)
MONTH = (("uplink", 12_000.0), ("maintenance", 31_667.4), ("wages", 18_000.0), ("rent", 3_000.0))
CAPEX = round(sum(amount for _, _, amount in BUILD), 2)


def paper_plan(
    purpose: Purpose = ANSWERS, costs: Costs = COSTS, *, hamlets: int = 4, towers: int = 3
) -> DeploymentPlan:
    """Return the plan of the example with money in rupees, three phases, and homes left out in some hamlets."""
    plan = example_deployment()
    month = round(sum(amount for _, amount in MONTH), 2)
    parts = (0.42, 0.75, 1.0)
    homes = (47.0, 103.0, 163.0)
    phases = tuple(
        PhaseRecord(
            n + 1, (("vila",), ("serra",), ("coll",))[n], (), homes[n] - (homes[n - 1] if n else 0.0), homes[n],
            round(CAPEX * (part - (parts[n - 1] if n else 0.0)), 2), CAPEX if n == 2 else round(CAPEX * part, 2),
            1 + 6 * n, 7 + 6 * n, month * part, 0.0,
        )
        for n, part in enumerate(parts)
    )  # fmt: skip
    left = tuple(
        LeftOutRecord(
            f"Hamlet {n + 1}", 32.0 / hamlets, msg("A hill or trees stand before them"),
            (msg("a tower at {site}", site="Pla"),) if n else (),
            100_000.25 if n else None, 0.0 if n else 32.0 / hamlets,
        )
        for n in range(hamlets)
    )  # fmt: skip
    facts = PaperFacts(
        purpose=purpose, costs=costs,
        choices=(
            KeptChoice(103.0, 4, 3_665_100.2, 59_700.4, 12), KeptChoice(189.0, 8, 6_447_100.0, 80_800.0, 24),
        ),
        left_out=left, doors=(DoorRecord("vila", "Vila", "fibre", 12_000.0),), paid_days=249.0, free_days=223.0,
        a_home=17_800.0,
    )  # fmt: skip
    more = tuple(home(f"x{n}", f"House {n}", north_km=2.0 + n / 40.0, east_km=4.0 + n / 70.0) for n in range(40))
    return replace(
        plan,
        meta=replace(plan.meta, currency="INR", plan="Kangra valley network", invented=False),
        headline=replace(
            plan.headline, homes=195.0, homes_reached=163.0, capex=CAPEX, monthly=month, towers=towers,
            agreed=fee_as_set(costs, month, 163.0),
        ),
        budget=tuple(MoneyLine(key, msg("{name}", name=name), None, amount) for key, name, amount in BUILD),
        monthly=tuple(MoneyLine(key, msg("{name}", name=key), None, amount) for key, amount in MONTH),
        phases=phases,
        cash=cash_flow(costs, phases, month),
        homes=(*plan.homes, *more),
        papers=facts,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LongTongue(Tongue):
    """A language whose every sentence is 35 in a hundred longer than in English."""

    def say(self, message: Message) -> str:
        text = Tongue.say(self, message)
        return f"{text} {text[: round(0.35 * len(text))]}".strip() if len(text) > 3 else text
