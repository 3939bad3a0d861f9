"""The digests of what a plan and a comparison rest on: where one changes, something was changed by hand since."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.economics.prices import amount_of
from cn_planner.model.clients import unserved
from cn_planner.model.items import Items
from cn_planner.model.measurement import Calibration
from cn_planner.model.phones import Phones
from cn_planner.model.plan import Choice, Info, Scenarios, SiteRole, Status
from cn_planner.model.purpose import KeptChoices, Purpose
from cn_planner.model.work import Labour

if TYPE_CHECKING:
    from cn_planner.model.plan import Plan

_LATER = (
    ", customs_source=''", ", satellite_w=100.0", ", readings=()",
    ", ports=0, poe_ports=0, supply_w=0.0, idle_w=0.0, note='', read_in=None, figures=()",
    f", calibration={Calibration()!r}",
    f", work={Labour()!r}", ", income_month=None", ", open_cost=0.0",
    ", uplink_bought=False", ", objective=<Objective.CAPITAL: 'capital'>", ", discount_pct=0.0",
    ", relays=<Relays.WILLING: 'willing'>", ", relay_cost=60.0, relay_pole_m=6.0",
    f", purpose={Purpose()!r}, choices={KeptChoices()!r}",
    ", client_kit=''", ", more_clients=''",
    ", certainty_pct=50.0", ", trees='', hold_share=0.0, trees_certainty_pct=90.0",
    ", relay=<RelayConsent.ASK: 'ask'>, people=None",
    ", tx_height_m=None, eirp_dbm=None, rx_gain_dbi=0.0, floor_dbm=None, quantity=<Quantity.RSSI: 'rssi'>, who=''",
    ", width_mhz=None, from_plan=''",
    ", places=Items([])", f", phones={Phones()!r}", ", hotspot='hotspot-2ghz'", ", hotspots=True", ", hotspot=False",
    ", mast_carries_n=None", ", wind_ms=None", ", ssh_key='', log_to=''",
    ", look_again_months=24.0", ", evidence=Items([])",
    ", keep_mast_m=None, uplink_choice=<Choice.FREE: 'free'>, hotspot_choice=<Choice.FREE: 'free'>", ", left_out=False",
    ", more_homes_pct=0.0, grow_later=False", ", box=()", ", school_mbps=None, clinic_mbps=None, shop_mbps=None",
    ", fibre_per_m=None", ", sky_from_deg=25.0", ", more_access=''",
)  # fmt: skip
"""Fields that plans in people's hands did not have yet, as they stand where nobody filled them in."""


def basis_of(plan: Plan) -> str:
    """Return the digest of all that bears on reach and cost: where it changes, the plan was changed by hand.

    In what language a plan is printed, who owns a place and what was noted there change nothing that is proven.
    """
    info = Info(country=plan.info.country, currency=plan.info.currency)
    sites = [
        replace(site, name="", owner="", consent="", access="", hazard="", note="", mast_carries_n=None)
        for site in plan.sites.values()
    ]
    links = [replace(link, note="") for link in plan.links.values()]
    # Customs that nobody said cost nothing, and who said them costs nothing either.
    # An example that counts where nobody said an amount is that amount.
    costs = replace(
        plan.costs, customs_pct=plan.costs.duty_pct, customs_source="", labour_day=amount_of(plan, "labour_day"),
        relay_cost=amount_of(plan, "relay_cost"),
    )  # fmt: skip
    # What a mast must bear is said on its own paper; the box says what ground to bring.
    area = replace(plan.area, wind_ms=None, box=())
    rest = replace(
        plan, info=info, area=area, costs=costs, sites=Items(), links=Items(), notes=Items(), outcome=None,
        scenarios=Scenarios(), purpose=Purpose(), choices=KeptChoices(),
    )  # fmt: skip
    # What is proven of plans that are in people's hands stands by the words that models had there.
    model = plan.rules.link_model
    said = f"<LinkModel.{model.upper().replace('-', '_')}: {model!r}>"
    text = repr((rest, sites, links)).replace(f"link_model={model!r}", f"link_model={said}")
    for words in _LATER:
        text = text.replace(words, "")
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def inputs_of(plan: Plan) -> str:
    """Return the digest of what a comparison of networks rests on: the same whichever of them the plan holds."""
    sites = [
        replace(one, mast_height_m=None, sectors=(), uplink_bought=False, hotspot=False)
        for one in plan.sites.values()
        if one.role is not SiteRole.RELAY or one.choice is not Choice.FREE or one.status is not Status.IDEA
    ]
    homes = [unserved(one) for one in plan.households.values()]
    places = [unserved(one) for one in plan.places.values()]
    return basis_of(
        replace(
            plan, sites=Items(sites), households=Items(homes), places=Items(places), links=Items(),
            power=replace(plan.power, sets=()),
        )
    )  # fmt: skip
