"""The kinds of files: sites, homes, public places, measurements; their fields, and what a row becomes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any

from cn_planner.importers.fields import TargetField, Word, degrees, number_between, text
from cn_planner.importers.measured import (
    QUANTITIES,
    Day,
    WeakerThan,
    another_reading,
    read_heard,
    read_level,
    read_lora_snr,
)
from cn_planner.model.fields import described
from cn_planner.model.gateways import NOT_SAID
from cn_planner.model.measurement import Quantity
from cn_planner.model.plan import (
    HomeKind,
    Household,
    Measurement,
    PlaceKind,
    PowerSource,
    Priority,
    PublicPlace,
    RelayConsent,
    Site,
    SiteRole,
    Status,
    Uplink,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ROLES: dict[str, Enum] = {
    "gateway": SiteRole.GATEWAY,
    "gw": SiteRole.GATEWAY,
    "internet": SiteRole.GATEWAY,
    "gateway_option": SiteRole.GATEWAY_OPTION,
    "possible_gateway": SiteRole.GATEWAY_OPTION,
    "candidate": SiteRole.CANDIDATE,
    "possible": SiteRole.CANDIDATE,
    "relay": SiteRole.RELAY,
    "relay_at_a_home": SiteRole.RELAY,
    "existing": SiteRole.EXISTING,
    "tower": SiteRole.EXISTING,
}
_STATUSES: dict[str, Enum] = {
    **{one.value: one for one in Status},
    "planned": Status.IDEA,
    "proposed": Status.IDEA,
    "potential": Status.IDEA,
    "building": Status.AGREED,
    "approved": Status.AGREED,
    "visited": Status.SURVEYED,
    "working": Status.BUILT,
    "testing": Status.BUILT,
    "active": Status.BUILT,
    "online": Status.BUILT,
    "operational": Status.BUILT,
    "existing": Status.BUILT,
    "installed": Status.BUILT,
    "interested": Status.IDEA,
    "scheduled": Status.AGREED,
    "to_be_scheduled": Status.AGREED,
    "refused": Status.REJECTED,
}
_POWER: dict[str, Enum] = {
    **{one.value: one for one in PowerSource},
    # As our own tables write it.
    "mains": PowerSource.GRID,
    "sun": PowerSource.SOLAR,
    "power_not_known": PowerSource.UNKNOWN,
}
_HOME_KINDS: dict[str, Enum] = {
    **{one.value: one for one in HomeKind},
    "house": HomeKind.HOME,
    "household": HomeKind.HOME,
    "residential": HomeKind.HOME,
    "hospital": HomeKind.CLINIC,
    "health": HomeKind.CLINIC,
    "health_centre": HomeKind.CLINIC,
    "health_center": HomeKind.CLINIC,
    "university": HomeKind.SCHOOL,
    "kindergarten": HomeKind.SCHOOL,
    **dict.fromkeys(("business", "store", "company", "office", "hotel", "restaurant", "retail"), HomeKind.SHOP),
}
_RELAYS: dict[str, Enum] = {
    **dict.fromkeys(("yes", "true", "1"), RelayConsent.YES),
    **dict.fromkeys(("no", "false", "0"), RelayConsent.NO),
    **dict.fromkeys(("ask", "not_asked", "unknown"), RelayConsent.ASK),
}
_PRIORITIES: dict[str, Enum] = {
    **dict.fromkeys(("must", "must_be_reached", "high", "yes", "true", "1"), Priority.MUST),
    **dict.fromkeys(("normal", "low", "no", "false", "0"), Priority.NORMAL),
}

_PLACE_KINDS: dict[str, Enum] = {
    **{one.value: one for one in PlaceKind},
    **dict.fromkeys(("kindergarten", "university", "college", "primary_school"), PlaceKind.SCHOOL),
    **dict.fromkeys(
        ("hospital", "health", "health_centre", "health_center", "health_post", "doctors", "pharmacy"), PlaceKind.CLINIC
    ),
    **dict.fromkeys(("marketplace", "market_place", "square"), PlaceKind.MARKET),
    **dict.fromkeys(("place_of_worship", "mosque", "temple", "chapel", "synagogue"), PlaceKind.CHURCH),
    **dict.fromkeys(("water_point", "well", "water_well", "borehole", "spring", "drinking_water"), PlaceKind.WATER),
    **dict.fromkeys(("crossroads", "crossing", "bus_stop", "bus_station"), PlaceKind.JUNCTION),
    **dict.fromkeys(("store", "kiosk", "supermarket", "convenience"), PlaceKind.SHOP),
}


class _Answer(StrEnum):
    """What stands in a column that asks yes or no."""

    YES = "yes"
    NO = "no"


_ANSWERS: dict[str, Enum] = {
    **dict.fromkeys(("yes", "must", "true", "1", "x"), _Answer.YES),
    **dict.fromkeys(("no", "normal", "false", "0"), _Answer.NO),
}

_POSITION = (
    TargetField(
        "latitude",
        "latitude",
        degrees(90.0, "N", "S"),
        ("lat", "latitude_deg", "lat_deg", "latitude_wgs84", "lat_wgs84", "latitud", "latitude_dd", "breite", "y"),
        required=True,
    ),
    TargetField(
        "longitude",
        "longitude",
        degrees(180.0, "E", "W"),
        (
            *("lon", "lng", "long", "longitude_deg", "lon_deg", "lng_deg", "longitude_wgs84", "lon_wgs84"),
            *("longitud", "longitude_dd", "laenge", "lange", "x"),
        ),
        required=True,
    ),
)

_HEARD_AT = ("rx_lat", "rx_latitude")
LATITUDE_NAMES = frozenset({"latitude", *_POSITION[0].aliases, *_HEARD_AT})
"""What a column of latitudes may be called."""


def _limits(owner: type) -> dict[str, Callable[[Any], float]]:
    # The limits are those of the plan itself, where check_limits reads them too.
    return {
        one.name: number_between(max(meaning.low, -1e15), min(meaning.high, 1e15), meaning.unit)
        for one, meaning in described(owner)
        if not math.isinf(meaning.low)
    }


def _named(ids: tuple[str, ...]) -> tuple[TargetField, ...]:
    return (
        TargetField("id", "id", text, ("code", "node", "node_id", "ref", "identifier", *ids)),
        TargetField("name", "name", text, ("title", "label", "nom", "nombre", "nome", "site_name")),
        *_POSITION,
    )


@dataclass(frozen=True, slots=True)
class ImportKind:
    """What a file holds.

    Attributes
    ----------
    table : str
        The plan's table.
    fields : tuple of Field
    prefix : str
        Begins the ids of rows that have none.
    make : callable
        From the values of a row, and the thing of the same id that is in the plan, to the thing.
    plain : callable or None
        From id, name, latitude and longitude to a new thing, where that is all that it takes.
    another : callable or None
        Whether the values of a row are of another thing than that of the plan which has the same id.
    """

    table: str
    fields: tuple[TargetField, ...]
    prefix: str
    make: Callable[[dict[str, Any], Any], Any]
    plain: Callable[[str, str, float, float], Any] | None = None
    another: Callable[[dict[str, Any], Any], bool] | None = None


def _note(values: dict[str, Any], words: Mapping[str, str]) -> None:
    """Keep words that mean nothing to the program where a person still sees them."""
    kept = "; ".join(f"{name}: {word}" for name, word in words.items())
    if kept and kept not in values.get("note", ""):
        values["note"] = f"{values['note']}; {kept}" if values.get("note") else kept


def _site(values: dict[str, Any], old: Site | None) -> Site:
    words = values.pop("words", {})
    uplink = {name.partition(".")[2]: values.pop(name) for name in list(values) if name.startswith("uplink.")}
    if uplink:
        values["uplink"] = replace(old.uplink if old is not None and old.uplink is not None else NOT_SAID, **uplink)
    mast = values.pop("mast_height_m", None)
    status = values.get("status", old.status if old is not None else Status.IDEA)
    if mast is not None:
        # A height is a mast only where something stands; elsewhere the planner chooses.
        if status is Status.BUILT:
            values["mast_height_m"] = mast
            if old is None:
                values.setdefault("role", SiteRole.EXISTING)
        highest = old.max_height_m if old is not None else 30.0
        values.setdefault("max_height_m", max(highest, mast))
    if old is not None:
        values.setdefault("note", old.note)
        _note(values, words)
        return replace(old, **values)
    _note(values, words)
    values.setdefault("name", values["id"])
    return Site(**values)


def _household(values: dict[str, Any], old: Household | None) -> Household:
    words, usual = values.pop("words", {}), values.pop("usual_height_m", None)
    if usual is not None and values.get("antenna_height_m") == usual:  # in a table of the program's own: none was given
        values["antenna_height_m"] = None
    if "on_pole" in values:
        values["on_pole"] = values["on_pole"] is _Answer.YES
    if old is not None:
        values.setdefault("note", old.note)
        _note(values, words)
        return replace(old, **values)
    if words:
        _note(values, words)
    values.setdefault("name", "")
    return Household(**values)


def _place(values: dict[str, Any], old: PublicPlace | None) -> PublicPlace:
    words = values.pop("words", {})
    if "must" in values:
        values["must"] = values["must"] is _Answer.YES
    if words:
        values.setdefault("note", old.note if old is not None else "")
        _note(values, words)
    if old is not None:
        return replace(old, **values)
    values.setdefault("name", values["id"])
    return PublicPlace(**values)


def _measurement(values: dict[str, Any], old: Measurement | None) -> Measurement:
    words = values.pop("words", {})
    of_snr, of_rsrp = values.pop("snr_level_dbm", None), values.pop("rsrp_dbm", None)
    if of_rsrp is not None and "level_dbm" not in values:
        values |= {"level_dbm": of_rsrp, "quantity": Quantity.RSRP}
    if of_snr is not None:
        values.setdefault("level_dbm", of_snr)
    level = values.get("level_dbm")
    if isinstance(level, WeakerThan):
        values["level_dbm"] = float(level)
        values["floor_dbm"] = max(float(level), values.get("floor_dbm", -math.inf))
    if words:
        values.setdefault("note", old.note if old is not None else "")
        _note(values, words)
    if old is None:
        return Measurement(**values)
    # What the file says now was not taken from the plan.
    taken = " ".join(name for name in old.from_plan.split() if name not in values)
    return replace(old, **values, from_plan=taken)


def sites() -> ImportKind:
    """Return the kind of file that holds sites."""
    limit, uplink = _limits(Site), _limits(Uplink)
    return ImportKind(
        "sites",
        (
            *_named(("site", "site_id")),
            TargetField("role", "role", Word(_ROLES, strict=True)),
            TargetField("status", "status", Word(_STATUSES, strict=False), ("state", "estado", "estat")),
            TargetField("max_height_m", "max_height_m", limit["max_height_m"], ("max_height", "maximum_height")),
            TargetField(
                "mast_height_m",
                "mast_height_m",
                limit["mast_height_m"],
                ("mast_height", "tower_height_m", "antenna_height_m", "antenna_height", "height_m"),
            ),
            TargetField("mast_carries_n", "mast_carries_n", limit["mast_carries_n"]),
            # Not `cost_USD`: in the program's own table that is all that is spent on a tower.
            TargetField("cost", "build_cost", limit["build_cost"], ("build_cost", "site_cost"), money=("build_cost",)),
            TargetField("owner", "owner", text),
            TargetField("consent", "consent", text),
            TargetField("power", "power", Word(_POWER, strict=True)),
            TargetField("access", "access", text, ("road",)),
            TargetField("hazard", "hazard", text, ("hazards",)),
            TargetField("uplink_kind", "uplink.kind", text),
            TargetField("uplink_mbps", "uplink.mbps", uplink["mbps"], ("internet_mbps",)),
            TargetField(
                "uplink_month",
                "uplink.monthly_cost",
                uplink["monthly_cost"],
                ("uplink_monthly_cost", "internet_monthly_cost"),
                money=("uplink_month",),
            ),
            TargetField(
                "uplink_open", "uplink.open_cost", uplink["open_cost"], ("uplink_open_cost",), money=("uplink_open",)
            ),
            TargetField("note", "note", text, ("notes", "remark", "remarks", "comment", "description", "desc", "cmt")),
        ),
        "site",
        _site,
    )


def households() -> ImportKind:
    """Return the kind of file that holds homes."""
    limit = _limits(Household)
    return ImportKind(
        "households",
        (
            *_named(("home", "home_id", "household_id", "building_id", "full_plus_code")),
            TargetField("weight", "weight", limit["weight"], ("homes", "households", "families")),
            TargetField(
                "antenna_height_m",
                "antenna_height_m",
                limit["antenna_height_m"],
                ("antenna_height", "roof_height_m", "height_m"),
            ),
            TargetField("usual_height_m", "usual_height_m", limit["antenna_height_m"]),
            TargetField("on_pole", "on_pole", Word(_ANSWERS, strict=True)),
            TargetField("kind", "kind", Word(_HOME_KINDS, strict=False), ("type",)),
            TargetField("priority", "priority", Word(_PRIORITIES, strict=True)),
            TargetField(
                "hamlet", "hamlet", text, ("village", "settlement", "locality", "community", "barrio", "aldea")
            ),
            TargetField("relay", "relay", Word(_RELAYS, strict=False)),
            TargetField("people", "people", limit["people"], ("persons", "inhabitants", "residents", "personas")),
            TargetField("note", "note", text, ("notes", "remark", "remarks", "comment", "description", "desc", "cmt")),
        ),
        "home",
        _household,
        Household,
    )


def places() -> ImportKind:
    """Return the kind of file that holds public places."""
    limit = _limits(PublicPlace)
    return ImportKind(
        "places",
        (
            *_named(("place", "place_id")),
            TargetField("kind", "kind", Word(_PLACE_KINDS, strict=False), ("type", "amenity", "category")),
            TargetField("people", "people", limit["people"], ("persons", "users", "visitors", "pupils", "personas")),
            TargetField("must", "must", Word(_ANSWERS, strict=True), ("priority", "must_be_reached", "required")),
            TargetField("busy_mbps", "busy_mbps", limit["busy_mbps"], ("mbps", "demand_mbps", "demand")),
            TargetField(
                "antenna_height_m",
                "antenna_height_m",
                limit["antenna_height_m"],
                ("antenna_height", "roof_height_m", "height_m"),
            ),
            TargetField("note", "note", text, ("notes", "remark", "remarks", "comment", "description", "desc", "cmt")),
        ),
        "place",
        _place,
    )


def measurements() -> ImportKind:
    """Return the kind of file that holds measured levels."""
    limit = _limits(Measurement)
    latitude, longitude = _POSITION
    return ImportKind(
        "measurements",
        (
            TargetField("id", "id", text, ("code", "ref", "measurement_id")),
            replace(latitude, aliases=(*_HEARD_AT, *latitude.aliases)),
            replace(longitude, aliases=("rx_long", "rx_lon", "rx_longitude", *longitude.aliases)),
            TargetField(
                "freq_mhz", "freq_mhz", limit["freq_mhz"], ("frequency_mhz", "frequency", "freq"), required=True
            ),
            TargetField("level_dbm", "level_dbm", read_heard, _LEVELS, required=True, instead=("snr", "rsrp")),
            TargetField("snr", "snr_level_dbm", read_lora_snr, ("rx_snr",)),
            TargetField("rsrp", "rsrp_dbm", read_heard, ("rsrp_dbm",)),
            TargetField("site", "site", text, ("site_id", "tower", "sender_name", "sender")),
            TargetField("height_m", "height_m", limit["height_m"], ("height", "antenna_height_m", "rx_height_m")),
            TargetField("tx_height_m", "tx_height_m", limit["tx_height_m"], ("tx_height", "tower_height_m")),
            TargetField("eirp_dbm", "eirp_dbm", limit["eirp_dbm"], ("eirp",)),
            TargetField("width_mhz", "width_mhz", limit["width_mhz"], ("channel_width_mhz", "bandwidth_mhz")),
            TargetField("rx_gain_dbi", "rx_gain_dbi", limit["rx_gain_dbi"], ("rx_gain",)),
            TargetField("floor_dbm", "floor_dbm", read_level, ("floor", "noise_floor_dbm", "sensitivity_dbm")),
            TargetField("quantity", "quantity", Word(QUANTITIES, strict=True)),
            TargetField("date", "date", Day(), ("time", "timestamp", "datetime", "date_time", "when")),
            TargetField("who", "who", text, ("measured_by", "name_of_volunteer", "user")),
            TargetField("note", "note", text, ("notes", "remark", "comment")),
        ),
        "measurement",
        _measurement,
        another=another_reading,
    )


_LEVELS = (
    *("level", "rssi", "rssi_dbm", "signal", "signal_dbm", "rsl_dbm", "rsl", "rsrp", "rsrp_dbm"),
    *("signal_strength", "signal_strength_dbm", "rx_rssi", "best_level", "strength"),
)
THING_KINDS: dict[str, Callable[[], ImportKind]] = {
    "sites": sites,
    "households": households,
    "places": places,
    "measurements": measurements,
}
