"""The plan for the public: homes moved or left out, and what would give their places or people away removed."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.geo import destination
from cn_planner.message import msg
from cn_planner.model.items import Items
from cn_planner.model.measurement import Calibration
from cn_planner.model.plan import RelayConsent, Scenarios
from cn_planner.report.tower_packs import public_pack

if TYPE_CHECKING:
    from cn_planner.model.plan import Household, Plan
    from cn_planner.model.purpose import Purpose
    from cn_planner.report.deployment import DeploymentPlan, HomeRecord
    from cn_planner.report.tower_records import AlignmentCard


def _digest(secret: str, home: str, purpose: bytes) -> bytes:
    # Keyed with what stands in the plan file alone. Name, id and place of a home may be public, as those of mapped
    # buildings are: a key made of them could be made again by anyone.
    key = hashlib.blake2b(secret.encode("utf-8", "surrogatepass"), digest_size=32).digest()
    return hashlib.blake2b(home.encode("utf-8", "surrogatepass"), key=key, person=purpose, digest_size=16).digest()


def _moved(home: HomeRecord | Household, secret: str, radius_m: float) -> tuple[float, float]:
    """Return a place drawn evenly from the disc round the home, the same each time for the same secret and home."""
    seed = _digest(secret, home.id, b"place")
    first, second = (int.from_bytes(half, "big") / 2.0**64 for half in (seed[:8], seed[8:]))
    latitude, longitude = destination(home.latitude, home.longitude, 360.0 * first, radius_m * math.sqrt(second))
    return round(latitude, 6), round(longitude, 6)


def for_public(plan: DeploymentPlan, blur_homes_m: float) -> DeploymentPlan:
    """Return the plan with its homes moved by up to `blur_homes_m`, or without them.

    Names, ids and notes of homes go, and so does what would give the exact place away: distance, direction, level,
    margin, heights. Homes get numbers in an order that says nothing. Owners, consents and notes of sites go too, so do
    addresses and names of the homes' routers, and how the towers' devices are set.

    Parameters
    ----------
    plan : DeploymentPlan
        The plan as it is.
    blur_homes_m : float
        Metres; infinite leaves the homes out. A plan without a secret cannot hide where homes are: they are left out.

    Raises
    ------
    InputError
        Where the distance is not above zero.
    """
    if not blur_homes_m > 0.0:
        raise _no_distance(blur_homes_m)
    secret = plan.meta.secret
    radius_m = blur_homes_m if secret else math.inf
    order = sorted(plan.homes, key=lambda home: (_digest(secret, home.id, b"order"), home.id))
    digits = len(str(len(order)))
    names = {home.id: f"{number:0{digits}d}" for number, home in enumerate(order, start=1)}
    homes = () if math.isinf(radius_m) else tuple(_public_home(home, names, secret, radius_m) for home in order)
    sites = tuple(replace(site, owner="", consent="", note="", access="", hazard="") for site in plan.sites)
    unserved = tuple(
        replace(group, homes=tuple(sorted(names[home] for home in group.homes)) if homes else ())
        for group in plan.unserved
    )
    log = plan.log
    if log is not None:
        log = replace(log, changes=tuple(replace(one, which="") for one in log.changes))
    meta = replace(plan.meta, homes_blurred_m=radius_m, secret="")
    cards = tuple(_public_card(card) for card in plan.cards)
    return replace(
        plan,
        meta=meta,
        sites=sites,
        homes=homes,
        unserved=unserved,
        places=tuple(replace(one, note="") for one in plan.places),
        obstacles=tuple(one for one in plan.obstacles if one.kind == "tree"),  # a building tells where a home is
        cards=cards,
        packs=tuple(public_pack(pack, cards) for pack in plan.packs),
        log=log,
        home_addresses=(),
        devices=(),
        papers=replace(plan.papers, left_out=(), purpose=_public_purpose(plan.papers.purpose)),
        home_devices=(),
    )


def _public_purpose(purpose: Purpose) -> Purpose:
    """Return the answers without those that name people: whom to write to, whom to call, who sees to safety."""
    return replace(purpose, contact="", call="", safety="")


def _public_card(card: AlignmentCard) -> AlignmentCard:
    """Return a card without the home that its level is meant at, and without a home as its landmark."""
    landmark = None if card.landmark is None or card.landmark.private else card.landmark
    if not card.tested_with:
        return replace(card, landmark=landmark)
    return replace(
        card, landmark=landmark, tested_with="", tested_at_m=None, expected_dbm=None, accept_dbm=None, reject_dbm=None
    )


def redacted(plan: Plan, blur_homes_m: float | None) -> Plan:
    """Return a plan that may be given away: without owners, contacts, keys and notes, its homes moved or left out.

    Measurements and what they taught, buildings seen on site and other scenarios go too, for they tell where homes are
    or what was said.
    Terrain files are named without where they lie.

    Parameters
    ----------
    plan : Plan
        The plan as it is.
    blur_homes_m : float or None
        By up to so many metres homes are moved; None leaves them out, as does a plan without a secret.

    Raises
    ------
    InputError
        Where the distance is not above zero.
    """
    if blur_homes_m is not None and not blur_homes_m > 0.0:
        raise _no_distance(blur_homes_m)
    secret = plan.info.secret
    homes: list[Household] = []
    if secret and blur_homes_m is not None and math.isfinite(blur_homes_m):
        order = sorted(plan.households.values(), key=lambda home: (_digest(secret, home.id, b"order"), home.id))
        digits = len(str(len(order)))
        for number, home in enumerate(order, start=1):
            latitude, longitude = _moved(home, secret, blur_homes_m)
            key = f"{number:0{digits}d}"
            kept = replace(home, id=key, name="", note="", people=None, relay=RelayConsent.ASK)
            homes.append(replace(kept, latitude=latitude, longitude=longitude))
    return replace(
        plan,
        info=replace(plan.info, secret=""),
        rules=replace(plan.rules, own_limits_source=""),
        scenarios=Scenarios(),
        # Why homes are left out names them.
        outcome=None if plan.outcome is None else replace(plan.outcome, left_out=()),
        purpose=_public_purpose(plan.purpose),
        addresses=replace(plan.addresses, ssh_key="", log_to=""),
        sites=Items(replace(one, owner="", consent="", access="", hazard="", note="") for one in plan.sites.values()),
        households=Items(homes),
        links=Items(replace(one, note="") for one in plan.links.values()),
        obstacles=Items(replace(one, note="") for one in plan.obstacles.values() if one.kind == "tree"),
        terrain=Items(replace(one, path=PurePath(one.path).name) for one in plan.terrain.values()),
        measurements=Items(()),
        calibration=Calibration(),
        notes=Items(()),
        evidence=Items(()),
        places=Items(replace(one, note="") for one in plan.places.values()),
    )


def _no_distance(blur_homes_m: float) -> InputError:
    return InputError(
        msg("Homes cannot be blurred by {metres} m.", metres=blur_homes_m),
        fix=msg("Give a distance above zero, such as 200, or leave it out to keep homes where they are."),
    )


def _public_home(home: HomeRecord, names: dict[str, str], secret: str, radius_m: float) -> HomeRecord:
    latitude, longitude = _moved(home, secret, radius_m)
    return replace(
        home,
        id=names[home.id],
        name="",
        note="",
        hamlet="",
        people=None,
        relay=RelayConsent.ASK,
        latitude=latitude,
        longitude=longitude,
        distance_m=None,
        azimuth_deg=None,
        rsl_dbm=None,
        margin_db=None,
        fallback_db=None,
        rate_down_mbps=None,
        rate_up_mbps=None,
        height_needed_m=None,
        reason=None,
        fix=None,
        fix_cost=None,
    )
