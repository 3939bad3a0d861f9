"""Words for the values that the plan holds as codes, one place for every table, page and label."""

from __future__ import annotations

from cn_planner.message import Message, Value, counted, msg
from cn_planner.model.aims import Objective, Relays
from cn_planner.model.equipment import Chemistry, ItemClass
from cn_planner.model.evidence import Seen
from cn_planner.model.plan import HomeKind, PlaceKind, PowerSource, Priority, RelayConsent, SiteRole, Status
from cn_planner.model.propagation_models import MODELS

ESTIMATE = msg("Estimate. Check on site before you buy or build.")

ROLE_WORDS: dict[SiteRole, Message] = {
    SiteRole.GATEWAY: msg("gateway"),
    SiteRole.GATEWAY_OPTION: msg("possible gateway"),
    SiteRole.CANDIDATE: msg("candidate"),
    SiteRole.EXISTING: msg("existing"),
    SiteRole.RELAY: msg("relay at a home"),
}
STATUS_WORDS: dict[Status, Message] = {
    Status.IDEA: msg("idea"),
    Status.AGREED: msg("agreed"),
    Status.SURVEYED: msg("surveyed"),
    Status.BUILT: msg("built"),
    Status.REJECTED: msg("rejected"),
}
POWER_WORDS: dict[PowerSource, Message] = {
    PowerSource.UNKNOWN: msg("power not known"),
    PowerSource.GRID: msg("mains"),
    PowerSource.SOLAR: msg("solar"),
}
HOME_KINDS: dict[HomeKind, Message] = {
    HomeKind.HOME: msg("home"),
    HomeKind.SCHOOL: msg("school"),
    HomeKind.CLINIC: msg("clinic"),
    HomeKind.SHOP: msg("shop"),
    HomeKind.OTHER: msg("other"),
}
PLACE_KINDS: dict[PlaceKind, Message] = {
    PlaceKind.SCHOOL: msg("school"),
    PlaceKind.CLINIC: msg("clinic"),
    PlaceKind.MARKET: msg("market"),
    PlaceKind.CHURCH: msg("church"),
    PlaceKind.WATER: msg("water"),
    PlaceKind.JUNCTION: msg("junction"),
    PlaceKind.SHOP: msg("shop"),
    PlaceKind.OTHER: msg("other"),
}
RELAY_WORDS: dict[RelayConsent, Message] = {
    RelayConsent.ASK: msg("not asked"), RelayConsent.YES: msg("yes"), RelayConsent.NO: msg("no"),
}  # fmt: skip
PRIORITY_WORDS: dict[Priority, Message] = {Priority.NORMAL: msg("normal"), Priority.MUST: msg("must be reached")}
CLASSES: dict[ItemClass, Message] = {
    ItemClass.RADIO: msg("Radios"),
    ItemClass.ANTENNA: msg("Antennas"),
    ItemClass.MAST: msg("Masts"),
    ItemClass.POWER: msg("Power"),
    ItemClass.BATTERY: msg("Batteries"),
    ItemClass.CABLE: msg("Cable"),
    ItemClass.GROUNDING: msg("Grounding and lightning"),
    ItemClass.ENCLOSURE: msg("Enclosures"),
    ItemClass.NETWORK: msg("Network"),
    ItemClass.TOOL: msg("Tools"),
    ItemClass.SAFETY: msg("Safety gear"),
}
VERDICT_WORDS: dict[str, Message] = {
    "likely": msg("likely"),
    "check_on_site": msg("check on site"),
    "blocked": msg("blocked"),
    "no_data": msg("no data"),
    "": msg("not computed"),
}
SEEN_WORDS: dict[Seen, Message] = {
    Seen.UNKNOWN: msg("visited"),
    Seen.CLEAR: msg("seen clear"),
    Seen.TREES: msg("trees in between"),
    Seen.HIDDEN: msg("hidden"),
}
MONTH_NAMES: tuple[Message, ...] = (
    msg("January"), msg("February"), msg("March"), msg("April"), msg("May"), msg("June"), msg("July"), msg("August"),
    msg("September"), msg("October"), msg("November"), msg("December"),
)  # fmt: skip
CHEMISTRIES: dict[Chemistry, Message] = {
    Chemistry.LIFEPO4: msg("LiFePO4"),
    Chemistry.LEAD: msg("lead"),
}
TASKS: dict[str, Message] = {"access": msg("homes"), "backhaul": msg("link")}
CAPACITY_KINDS: dict[str, Message] = {
    "sector": msg("sector"),
    "link": msg("link"),
    "uplink": msg("Internet connection"),
}
SECURITY_TOPICS: dict[str, Message] = {
    "filtering": msg("MANRS 1: routes"),
    "anti-spoofing": msg("MANRS 2: false sources"),
    "coordination": msg("MANRS 3: contacts"),
    "validation": msg("MANRS 4: registries"),
    "encryption": msg("Encryption"),
    "management": msg("Management apart"),
    "passwords": msg("Passwords"),
    "updates": msg("Updates"),
}
ADDRESS_KINDS: dict[str, Message] = {
    "network": msg("the network"),
    "site": msg("tower, all"),
    "loopback": msg("router itself"),
    "management": msg("management"),
    "sector": msg("sector"),
    "homes": msg("prefixes of homes"),
    "link": msg("link"),
}
DEVICE_KINDS: dict[str, Message] = {
    "router": msg("router"),
    "sector": msg("sector radio"),
    "link": msg("link radio"),
}
CHANGE_KINDS: dict[str, Message] = {
    "site": msg("Site"),
    "link": msg("Link"),
    "home": msg("Homes"),
    "setting": msg("Setting"),
    "other": msg("Other"),
}
YES, NO, UNKNOWN = msg("yes"), msg("no"), msg("unknown")


def behind_trees(homes: float, height: Value) -> Message:
    """Return what assumed trees of a height cost in homes, for window and paper alike."""
    return counted(
        "{height} of assumed trees hide {count:,g} home: ask the village how tall they are.",
        "{height} of assumed trees hide {count:,g} homes: ask the village how tall they are.",
        homes,
        height=height,
    )


def yes_no(value: bool | None) -> Message:
    """Return yes, no, or unknown."""
    return UNKNOWN if value is None else YES if value else NO


_INTERNET, _HEIGHT, _MAST = msg("Internet connection"), msg("Height"), msg("Mast")
_HOTSPOT = msg("Hotspot on the mast")
FIELD_HEADS = {
    "name": msg("Name"), "role": msg("Role"), "status": msg("State"), "choice": msg("Planner"),
    "max_height_m": msg("Greatest mast"), "mast_height_m": _MAST, "keep_mast_m": _MAST, "mast_carries_n": _MAST,
    "build_cost": msg("Cost of the place"), "sectors": msg("Sectors"), "two_ways": msg("Must have two ways"),
    "uplink": _INTERNET, "uplink_bought": _INTERNET, "uplink_choice": _INTERNET, "power": msg("Power"),
    "owner": msg("Owner"), "consent": msg("Consent"), "access": msg("Access"), "hazard": msg("Hazard"),
    "note": msg("Note"), "kit": msg("Kit"), "from_height_m": _HEIGHT, "to_height_m": _HEIGHT,
    "freq_mhz": msg("Frequency"), "width_mhz": msg("Channel width"),
    "hotspot": _HOTSPOT, "hotspot_choice": _HOTSPOT,
}  # fmt: skip
"""What differs of a place or a link, in words: a list of changes named the fields of the file."""


_CALLED: dict[str, dict[str, Message]] = {
    "rules.objective": {
        Objective.CAPITAL: msg("The money to build"),
        Objective.FIVE_YEARS: msg("That and what five years cost to run"),
    },
    "rules.relays": {
        Relays.NO: msg("No"),
        Relays.WILLING: msg("Those that said yes"),
        Relays.ASK: msg("Those too that nobody asked yet"),
    },
    "power.chemistry": {one.value: words for one, words in CHEMISTRIES.items()},
    "area.rain_zone": {"unknown": UNKNOWN},
}


def setting_words(key: str, value: str) -> Message | None:
    """Return how a value of a setting of the plan is called, where it is one of a few; None where as it is written."""
    if key == "rules.link_model":
        model = MODELS.get(value)  # none where a package that has it fails: that is said elsewhere
        return None if model is None else model.choice
    return _CALLED.get(key, {}).get(value)
