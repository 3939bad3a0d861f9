"""What a plan must keep, and the limits of the verdict: alone here, so that one link need not load the plan."""

from __future__ import annotations

from dataclasses import dataclass

from cn_planner.message import msg
from cn_planner.model.aims import Objective, Relays
from cn_planner.model.fields import about
from cn_planner.model.propagation_models import MODELS, P526


@dataclass(frozen=True, slots=True)
class Rules:
    """What a plan must keep. The limits of the verdict are here because limits are data."""

    cover: float = about(msg("Share of the coverable homes to reach."), default=0.95, low=0, high=1)
    objective: Objective = about(  # noqa: RUF009  # it is dataclasses.field
        msg("What is least: the money to build (capital), or that and what five years cost to run (five_years)."),
        default=Objective.CAPITAL,
    )
    relays: Relays = about(  # noqa: RUF009  # it is dataclasses.field
        msg("Homes where a relay may hang: no, willing (those that said yes), ask (those too that nobody asked yet)."),
        default=Relays.WILLING,
    )
    more_access: str = about(
        msg(
            "Kits of sectors for homes that the usual one does not reach, of any band: “halow-sector-900mhz”; empty: "
            "none. List a kit of that band for homes too (more_clients)."
        ),
        default="",
    )
    max_hops: int = about(msg("Most links between a tower and its gateway."), default=4, low=1, high=20)
    max_sectors: int = about(msg("Most sectors on one tower."), default=4, low=1, high=12)
    clearance_f1: float = about(msg("Share of the first Fresnel zone to keep clear."), default=0.6, low=0, high=2)
    likely_probability: float = about(msg("Least probability of a path called likely."), default=0.9, low=0.5, high=1)
    blocked_probability: float = about(msg("A path below this probability is blocked."), default=0.5, low=0, high=0.9)
    serve_on_check: bool = about(msg("Count homes that must be checked on site as served."), default=False)
    certainty_pct: float = about(
        msg(
            "A home counts as served where it holds in so many of 100 places such as this: levels may be off all over "
            "a place. 50: as predicted; 90: the careful end."
        ),
        default=50.0,
        unit="%",
        low=50,
        high=99,
    )
    trees: str = about(
        msg(
            "How high trees may be that nobody measured, with the weight of each: “0:30, 5:30, 10:30, 15:10”; empty: "
            "as the area assumes."
        ),
        default="",
    )
    hold_share: float = about(
        msg("Share of the homes served that must hold with these trees too; 0: none has to."),
        default=0.0,
        low=0,
        high=1,
    )
    trees_certainty_pct: float = about(
        msg("A home holds with these trees where it does in so many of 100 cases, by their weights."),
        default=90.0,
        unit="%",
        low=1,
        high=100,
    )
    backhaul_margin_db: float = about(msg("Least fade margin of a backhaul link."), default=10.0, unit="dB", low=0)
    access_margin_db: float = about(msg("Least fade margin of a home's link."), default=6.0, unit="dB", low=0)
    max_access_km: float | None = about(
        msg("No home is served from further away; unset: as far as radios, law and ground let a signal come."),
        default=None,
        unit="km",
        low=0.1,
        high=200,
    )
    max_backhaul_km: float | None = about(
        msg("No link between towers is longer; unset: as far as radios, law and ground let a signal come."),
        default=None,
        unit="km",
        low=0.1,
        high=200,
    )
    mast_heights_m: tuple[float, ...] = about(
        msg("Mast heights to choose from."), default=(6.0, 12.0, 18.0, 24.0, 30.0), unit="m", low=1, high=120
    )
    link_model: str = about(
        msg("What predicts the loss of a link between towers: p526, p1812, itm or free-space. Homes and maps: p526."),
        default=P526,
        choices=MODELS.names,
    )
    own_limits: str = about(
        msg(
            "Limits that the regulator told you: “5470-5725 MHz 30 dBm EIRP 40 wide DFS; 5725-5850 MHz 1 W conducted”."
        ),
        default="",
    )
    own_limits_source: str = about(msg("Who said so, and when."), default="")
    keep_limits: bool = about(msg("Lower the power of radios to what the rules of the country allow."), default=True)
    licence_held: bool = about(msg("Whether you hold the licence that some bands ask for."), default=False)
    hotspots: bool = about(
        msg("Plan hotspots for people with a phone, where the plan has public places."), default=True
    )
    sky_from_deg: float = about(
        msg("Lowest elevation at which the satellites of a connection stand; above it the ground should hide nothing."),
        default=25.0,
        unit="°",
        low=0,
        high=85,
        source="SpaceX, application to the FCC, SAT-MOD-20200417-00037: 25 degrees",
    )
    look_again_months: float = about(
        msg("After so many months what was seen on site is asked again: trees grow, houses are built."),
        default=24.0,
        unit="months",
        low=1,
        high=600,
        source="an assumption: planted trees grow one to two metres a year",
    )
