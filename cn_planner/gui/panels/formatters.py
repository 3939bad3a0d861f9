"""How panels say things: verdicts with symbol and word, codes of the plan in words, numbers as a person reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner import i18n, units
from cn_planner.gui.words import is_right_to_left, isolated, language, side_by_side, tr
from cn_planner.links.verdict import Verdict
from cn_planner.message import Message, counted, msg
from cn_planner.model.plan import Choice, PowerSource, SiteRole

if TYPE_CHECKING:
    from enum import Enum

    from cn_planner.links.budget import LinkBudget
    from cn_planner.service.outage import OutageImpact

SITE_ROLE_WORDS: dict[Enum, Message] = {
    SiteRole.GATEWAY: msg("gateway"),
    SiteRole.GATEWAY_OPTION: msg("possible gateway"),
    SiteRole.CANDIDATE: msg("tower"),
    SiteRole.EXISTING: msg("existing tower"),
    SiteRole.RELAY: msg("relay at a home"),
}
SITE_POWER_WORDS: dict[Enum, Message] = {
    PowerSource.UNKNOWN: msg("not known"),
    PowerSource.GRID: msg("mains"),
    PowerSource.SOLAR: msg("sun"),
}
CHOICE_WORDS: dict[Enum, Message] = {
    Choice.FREE: msg("the planner may choose"),
    Choice.LOCKED: msg("locked: always built"),
    Choice.FORBIDDEN: msg("never here"),
}

_VERDICTS: dict[Verdict | None, tuple[str, Message, str]] = {
    Verdict.LIKELY: ("✓", msg("Likely"), "ok"),
    Verdict.CHECK_ON_SITE: ("▲", msg("Check on site"), "warn"),
    Verdict.BLOCKED: ("✕", msg("Blocked"), "bad"),
    Verdict.NO_DATA: ("?", msg("No data"), "label"),
    None: ("…", msg("Not computed yet"), "label"),
}
UNKNOWN = msg("unknown")


WEAKEST_FIRST = {Verdict.BLOCKED: 0, Verdict.NO_DATA: 1, Verdict.CHECK_ON_SITE: 2, Verdict.LIKELY: 3}


def link_strength(budget: LinkBudget | None) -> tuple[int, float]:
    """Return by what links are ordered, the weakest first: bar, panel and table name the same one."""
    if budget is None:
        return WEAKEST_FIRST[Verdict.NO_DATA], -1e9
    margin = budget.fallback_margin_db
    return WEAKEST_FIRST[budget.verdict], -1e9 if margin is None else margin


def verdict(value: Verdict | None) -> tuple[str, str, str]:
    """Return symbol, word, and the kind of text that a verdict is shown as."""
    symbol, word, kind = _VERDICTS[value]
    return symbol, tr(word), kind


def capitalised(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def dotted(*texts: str) -> str:
    """Return short texts with dots between, without those that are empty."""
    return side_by_side((text for text in texts if text), " · ")


def spaced(*texts: str) -> str:
    """Return short texts with a gap between, such as a name and a length."""
    return side_by_side((text for text in texts if text), "  ")


def with_unit(value: float | None, unit: str = "", decimals: int = 0) -> str:
    """Return a number with its unit; "unknown" where there is none."""
    if value is None or value != value:
        return tr(UNKNOWN)
    value = round(value, decimals) + 0.0  # no "-0"
    text = i18n.say(Message(_NUMBERS[decimals].key, (("value", value),)), language())
    if not unit:
        return isolated(text)
    gap = "" if unit == "°" else i18n.NO_BREAK if is_right_to_left() else " "
    return isolated(f"{text}{gap}{unit}")


_NUMBERS = {0: msg("{value:,.0f}"), 1: msg("{value:,.1f}"), 2: msg("{value:,.2f}")}


def data_rate(value_mbps: float | None) -> str:
    """Return a rate with its unit: whole Mbit/s, or the smaller unit where a radio is slow."""
    if value_mbps is None:
        return with_unit(None)
    value, unit, decimals = units.rate(value_mbps)
    return with_unit(value, unit, 0 if unit == "Mbit/s" and value >= 1.0 else decimals)


def plain(value: float) -> str:
    """Return a number without decimals that say nothing."""
    return with_unit(value, decimals=0 if float(value).is_integer() else 1)


def link_line(budget: LinkBudget | None) -> str:
    """Return the line of a link: word, rate, spare level."""
    if budget is None:
        return verdict(None)[1]
    word = verdict(budget.verdict)[1]
    speed = "" if not budget.rate_mbps else data_rate(budget.rate_mbps)
    margin = budget.fade_margin_db
    if margin is None:
        return dotted(word, speed)
    return dotted(word, speed, spare(margin))


def spare(margin_db: float) -> str:
    """Return what is to spare, or what is missing."""
    if margin_db >= 0.0:
        return tr(msg("spare {margin:.0f} dB", margin=margin_db))
    return tr(msg("{margin:.0f} dB are missing", margin=-margin_db))


def compass_point(azimuth_deg: float) -> str:
    """Return the point of the compass that lies nearest."""
    names = (
        msg("north"), msg("north-east"), msg("east"), msg("south-east"),
        msg("south"), msg("south-west"), msg("west"), msg("north-west"),
    )  # fmt: skip
    return tr(names[round(azimuth_deg / 45.0) % 8])


def stake(one: OutageImpact) -> str:
    """Return how many homes lose the network if a tower fails, those behind it among them."""
    if not one.online:
        return tr(msg("Nobody: no links lead from here to a gateway yet."))
    if one.lost <= 0.0:
        return tr(msg("No home loses the network."))
    said = [tr(counted("{count:,g} home loses the network.", "{count:,g} homes lose the network.", one.lost))]
    if one.behind > 0.0 and one.own <= 0.0:
        said.append(tr(msg("All of them hang on towers behind it.")))
    elif one.behind > 0.0:
        own = tr(counted("{count:,g} is its own", "{count:,g} are its own", one.own))
        behind = tr(counted("{count:,g} hangs on towers behind it", "{count:,g} hang on towers behind it", one.behind))
        said.append(tr(msg("{own}, {behind}.", own=own, behind=behind)))
    if one.elsewhere > 0.0:
        said.append(
            tr(
                counted(
                    "{count:,g} of them could be served from another tower.",
                    "{count:,g} of them could be served from another tower.",
                    one.elsewhere,
                )
            )
        )
    return " ".join(said)


def only_reached(one: OutageImpact) -> str:
    """Return how many homes a tower alone reaches."""
    if one.sees <= 0.0:
        return tr(msg("It reaches no home."))
    if one.only <= 0.0:
        return tr(msg("Every home that it reaches, another tower reaches too."))
    return tr(
        counted("{count:,g} home is reached by this tower alone.",
                "{count:,g} homes are reached by this tower alone.", one.only)
    )  # fmt: skip
