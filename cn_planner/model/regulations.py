"""What the law allows, put together from several sources, and the limits that people write down themselves.

Nothing of it is legal advice: each limit names the text that was read, and where two texts disagree both are named.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.message import Message, in_a_row, msg
from cn_planner.model.law import Contradiction, CountryRules, Duty, DutyKind, PowerLimit, Use
from cn_planner.model.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.model.equipment import Antenna, Kit, Radio
    from cn_planner.model.plan import Plan

ERP_TO_EIRP_DB = 2.15
"""What a half-wave dipole, to which e.r.p. refers, gains over the isotropic antenna."""
_HIGHEST_MHZ = 300_000.0
_SAME_DB = 0.05
_OWN_PUBLISHER = "-"


def check_limit(limit: PowerLimit, where: str = "") -> None:
    """Raise InputError where a limit cannot be one."""

    def require(holds: bool, what: Message) -> None:
        if not holds:
            raise InputError(what, where=where)

    require(
        0.0 < limit.low_mhz < limit.high_mhz <= _HIGHEST_MHZ,
        msg("A band from {low:g} to {high:g} MHz.", low=limit.low_mhz, high=limit.high_mhz),
    )
    require(0.0 < limit.max_width_mhz < math.inf, msg("A channel of {width:g} MHz.", width=limit.max_width_mhz))
    require(-60.0 <= limit.limit_dbm <= 85.0, msg("A limit of {limit:g} dBm.", limit=limit.limit_dbm))
    require(
        limit.density_dbm_mhz is None or -80.0 <= limit.density_dbm_mhz <= 80.0,
        msg("A density of {density:g} dBm in 1 MHz.", density=limit.density_dbm_mhz or 0.0),
    )
    require(
        limit.duty_pct is None or 0.0 < limit.duty_pct <= 100.0,
        msg("A duty cycle of {duty:g} %.", duty=limit.duty_pct or 0.0),
    )
    require(0.0 <= limit.less_without_tpc_db <= 10.0, msg("{db:g} dB less without TPC.", db=limit.less_without_tpc_db))
    require(
        limit.more_eirp_dbm is None or (limit.more_eirp_dbm <= 85.0 and bool(limit.more_for.strip())),
        msg("More is allowed, and not said for what."),
    )
    if limit.full_gain_dbi is None:
        require(
            0.0 <= limit.less_per_db <= 1.0 and (limit.free_gain_dbi is None or not limit.eirp),
            msg("Only a conducted limit falls with the gain of the antenna, by at most 1 dB a dB."),
        )
    else:
        require(
            0.0 <= limit.less_per_db <= 3.0 and limit.free_gain_dbi is None and limit.eirp,
            msg("Only a limit on what is radiated falls with the gain that an antenna lacks, by at most 3 dB a dB."),
        )


def _agree(one: PowerLimit, other: PowerLimit) -> bool:
    return abs(one.limit_dbm - other.limit_dbm) <= _SAME_DB and (one.eirp, one.terms) == (other.eirp, other.terms)


def _overlap(one: PowerLimit, other: PowerLimit) -> bool:
    return one.low_mhz < other.high_mhz and other.low_mhz < one.high_mhz


def _by_width(one: PowerLimit, other: PowerLimit) -> bool:
    """Return whether one text says both of one band, one for narrow channels alone: there the stricter holds."""
    same = one.source is not None and one.source == other.source
    band = (one.low_mhz, one.high_mhz) == (other.low_mhz, other.high_mhz)
    return same and band and one.max_width_mhz != other.max_width_mhz


def contradictions(limits: Iterable[PowerLimit]) -> tuple[Contradiction, ...]:
    """Return pairs of limits of one source for the same channels on the same terms that do not agree.

    The stricter one is the one that is kept. Two that one text says for different widths of channels are none.
    """
    rows = list(limits)
    found = []
    for number, one in enumerate(rows):
        for other in rows[number + 1 :]:
            if one.terms != other.terms or not _overlap(one, other) or _by_width(one, other):
                continue
            if not _agree(one, other):
                kept, left = sorted((one, other), key=lambda limit: limit.eirp_dbm(0.0, 20.0))
                found.append(Contradiction(kept, left))
    return tuple(found)


def _outside(limit: PowerLimit, taken: Iterable[PowerLimit]) -> list[PowerLimit]:
    """Return the parts of a limit that lie in no band that is taken."""
    parts = [limit]
    for one in taken:
        left = []
        for part in parts:
            if not _overlap(part, one):
                left.append(part)
                continue
            if part.low_mhz < one.low_mhz:
                left.append(replace(part, high_mhz=one.low_mhz))
            if part.high_mhz > one.high_mhz:
                left.append(replace(part, low_mhz=one.high_mhz))
        parts = left
    return parts


def merged(first: CountryRules, then: CountryRules) -> CountryRules:
    """Return the rules of two sources: what the first says of a band holds, the other fills the bands between.

    Where both speak of the same channels for any use and disagree, both are named among the contradictions.
    """
    more: list[PowerLimit] = []
    found = [*first.contradictions, *then.contradictions]
    for limit in then.limits:
        more += _outside(limit, first.limits)
        found += [
            Contradiction(one, limit)
            for one in first.limits
            if one.use is limit.use and _overlap(one, limit) and not _agree(one, limit)
        ]
    ordered = sorted((*first.limits, *more), key=lambda one: (one.low_mhz, one.high_mhz))
    return replace(
        first,
        limits=tuple(ordered),
        contradictions=tuple(found),
        duties=(*first.duties, *then.duties),
        not_reached=first.not_reached or then.not_reached,
    )


_BAND = re.compile(
    r"(?P<low>\d+(?:\.\d+)?)\s*(?P<unit1>[MG]Hz)?\s*(?:-|–|to)\s*(?P<high>\d+(?:\.\d+)?)\s*(?P<unit>[MG]Hz)?\s+"
    r"(?P<power>-?\d+(?:\.\d+)?)\s*(?P<power_unit>dBm|mW|W)?(?P<density>\s*/\s*MHz)?\s+(?P<kind>EIRP|ERP|conducted)\b(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_WIDE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:MHz)?\s*wide\b", re.IGNORECASE)
_DUTY = re.compile(r"duty\s*(\d+(?:\.\d+)?)\s*%", re.IGNORECASE)
_FORM = msg("Write each as “5470-5725 MHz 30 dBm EIRP”, or “11 dBm/MHz EIRP” where the text says it for 1 MHz alone, "
            "then as needed: 40 wide, DFS, indoor, licence, point-to-point, white space, duty 1 %. Put a semicolon "
            "between two.")  # fmt: skip
_LONGEST = 500
_FLAGS = {
    "dfs": "dfs", "indoor": "indoor_only", "licence": "licence", "license": "licence", "white space": "database",
}  # fmt: skip


def _dbm(value: float, unit: str) -> float:
    if unit in ("mw", "w"):
        if value <= 0.0:
            raise ValueError(value)
        return 10.0 * math.log10(value * (1000.0 if unit == "w" else 1.0))
    return value


def _own_limit(text: str, source: Source, *, typed: bool) -> PowerLimit:
    text = " ".join(text.split())
    found = _BAND.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None or (typed and found["power_unit"] is None):
        raise InputError(msg("“{text}” is not a limit.", text=text), fix=_FORM)
    rest = found["rest"].strip(" ,")
    wide, duty = _WIDE.search(rest), _DUTY.search(rest)
    rest = _DUTY.sub(" ", _WIDE.sub(" ", rest)).lower()
    flags: dict[str, Any] = {}
    for word, name in _FLAGS.items():
        if re.search(rf"\b{word}\b", rest):
            flags[name] = True
            rest = re.sub(rf"\b{word}\b", " ", rest)
    point = "point-to-point" in rest
    rest = rest.replace("point-to-point", " ").replace("only", " ").strip(" ,")
    if rest:
        raise InputError(msg("“{word}” in “{text}” is not understood.", word=rest, text=text), fix=_FORM)
    times = 1000.0 if (found["unit"] or found["unit1"] or "").lower() == "ghz" else 1.0
    low, high = float(found["low"]) * times, float(found["high"]) * times
    try:
        power = _dbm(float(found["power"]), (found["power_unit"] or "dBm").lower())
    except ValueError as problem:
        raise InputError(msg("“{text}” is not a limit.", text=text), fix=_FORM) from problem
    kind = found["kind"].lower()
    power = round(power + (ERP_TO_EIRP_DB if kind == "erp" else 0.0), 2)
    width = float(wide.group(1)) if wide else high - low
    density = power if found["density"] else None
    if density is not None and width > 0.0:
        # A text that speaks of 1 MHz alone leaves each channel what its width makes of it: no more is put in its place.
        power = round(density + 10.0 * math.log10(width), 2)
    limit = PowerLimit(
        low,
        high,
        power,
        kind != "conducted",
        width,
        density_dbm_mhz=density,
        use=Use.POINT_TO_POINT if point else Use.ANY,
        duty_pct=float(duty.group(1)) if duty else None,
        source=source,
        **{"dfs": False, "indoor_only": False, **flags},
    )
    check_limit(limit, text)
    return limit


def own_limits(text: str, source: str = "", *, typed: bool = False) -> tuple[PowerLimit, ...]:
    """Return the limits that people wrote down.

    ``typed``: whether somebody writes them now, who is asked for the unit of each; plans of before hold limits without
    one, which are in dBm.

    Raises
    ------
    InputError
        Where one cannot be read or cannot be, or two contradict each other.
    """
    from_whom = Source(source or "-", _OWN_PUBLISHER)
    limits = tuple(_own_limit(one.strip(), from_whom, typed=typed) for one in text.split(";") if one.strip())
    for pair in contradictions(limits):
        raise InputError(
            msg("Two of the limits contradict each other: {one}, and {other}.",
                one=limit_words(pair.kept), other=limit_words(pair.other)),
            fix=msg("Leave out the one that does not hold, or say for what each holds."),
        )  # fmt: skip
    return limits


def regulations_of(plan: Plan, shipped: CountryRules | None) -> CountryRules | None:
    """Return what holds for a plan: what its people were told goes before what the program knows of the country.

    Returns
    -------
    CountryRules or None
        None where neither is known: there is no world default.
    """
    rules = plan.rules
    try:
        own = own_limits(rules.own_limits, rules.own_limits_source)
    except InputError:  # written into the file by another program: the check of the plan says what is wrong
        own = ()
    if own:
        told = CountryRules(plan.info.country, own, Source(rules.own_limits_source or "-", _OWN_PUBLISHER))
        shipped = told if shipped is None else merged(told, shipped)
    if shipped is None or (rules.keep_limits and not rules.licence_held):
        return shipped
    return replace(shipped, caps=rules.keep_limits, licence_held=rules.licence_held)


def limit_words(limit: PowerLimit) -> Message:
    """Return a limit in one line: band, power, and how it is meant."""
    values = {"low": limit.low_mhz, "high": limit.high_mhz, "dbm": limit.limit_dbm}
    if limit.eirp:
        return msg("{low:g} to {high:g} MHz, {dbm:.4g} dBm EIRP", **values)
    return msg("{low:g} to {high:g} MHz, {dbm:.4g} dBm conducted", **values)


def less_words(limit: PowerLimit) -> tuple[Message, ...]:
    """Return by what a limit falls with the antenna and the channel, as sentences."""
    found = []
    if limit.free_gain_dbi is not None:
        found.append(
            msg("{less:.3g} dB less for each dB that the antenna gains over {gain:g} dBi.",
                less=limit.less_per_db, gain=limit.free_gain_dbi)
        )  # fmt: skip
    if limit.full_gain_dbi is not None:
        found.append(
            msg("{less:.3g} dB less for each dB that the antenna gains less than {gain:g} dBi.",
                less=limit.less_per_db, gain=limit.full_gain_dbi)
        )  # fmt: skip
    if limit.density_dbm_mhz is not None:
        found.append(msg("At most {density:g} dBm in 1 MHz.", density=limit.density_dbm_mhz))
    if limit.less_without_tpc_db:
        found.append(
            msg("{less:g} dB less for radios that do not lower their power by themselves (TPC): that is kept here.",
                less=limit.less_without_tpc_db)
        )  # fmt: skip
    return tuple(found)


def stricter_words(limit: PowerLimit, gain_dbi: float, width_mhz: float) -> tuple[Message, ...]:
    """Return what a text allows beyond a limit that is kept, what must be done for it, and what that gives in range."""
    db = limit.stricter_db(gain_dbi, width_mhz)
    if db < _SAME_DB:
        return ()
    what = limit.more_for or msg("radios that lower their power by themselves (TPC)")
    values = {"db": db, "times": 10.0 ** (db / 20.0), "what": what}
    return (
        msg("The text allows {db:.0f} dB more, {times:.1f} times the range in free space, for {what}: ask the "
            "regulator.", **values),
    )  # fmt: skip


_DUTIES = {
    DutyKind.REGISTRATION: msg("Registration"),
    DutyKind.LICENCE: msg("Licence"),
    DutyKind.COMMUNITY: msg("Community licence"),
    DutyKind.FEE: msg("Fee"),
    DutyKind.APPROVAL: msg("Type approval"),
}


def duty_words(duty: Duty) -> Message:
    """Return what a country asks for, and where it was read."""
    source = ", ".join(one for one in (duty.source.publisher, duty.source.date, duty.source.url) if one)
    return msg("{kind}: {words}. Read in: {source}.", kind=_DUTIES[duty.kind], words=duty.words, source=source)


def conditions(limit: PowerLimit) -> tuple[Message, ...]:
    """Return what a limit asks for beside its power, as sentences."""
    found = []
    if limit.licence:
        found.append(msg("Only with a licence of the regulator."))
    if limit.registration:
        found.append(msg("Whoever sends must register with the regulator first."))
    if limit.database:
        found.append(msg("Only on the channels that a data base of white spaces gives out for this place."))
    if limit.dfs:
        found.append(msg("The radio must look for radars and leave their channel (DFS)."))
    if limit.tpc:
        found.append(msg("The radio must be able to lower its power by itself (TPC)."))
    if limit.indoor_only:
        found.append(msg("Indoors only."))
    if limit.use is Use.POINT_TO_POINT:
        found.append(msg("Only for a fixed link from one point to one other."))
    if limit.use is Use.ACCESS_POINT:
        found.append(msg("Only for the antenna that many homes speak to."))
    if limit.duty_pct is not None:
        found.append(msg("It may send {duty:g} % of each hour.", duty=limit.duty_pct))
    return tuple(found)


def terms_words(limit: PowerLimit) -> Message:
    """Return in one row what a limit asks for beside its power."""
    found = (*less_words(limit), *conditions(limit))
    return in_a_row(*found) if found else msg("Nothing beside the power.")


def source_words(limit: PowerLimit, rules: CountryRules) -> str:
    """Return the text that was read for a limit, with its date where it has one."""
    source = limit.source or rules.source
    return ", ".join(one for one in (source.title, source.publisher, source.date) if one and one != _OWN_PUBLISHER)


def texts_read(rules: CountryRules, freqs_mhz: Iterable[float]) -> tuple[tuple[str, str], ...]:
    """Return name and day of the texts that say something of these frequencies; of the rules where none does.

    Without a name where people wrote a limit down and nobody said who told them.
    """
    freqs = set(freqs_mhz)
    said = [one for one in rules.limits if any(one.low_mhz <= freq <= one.high_mhz for freq in freqs)]
    found = [one.source or rules.source for one in said] or [rules.source]
    named = ((": ".join(part for part in (one.publisher, one.title) if part != _OWN_PUBLISHER), one.date)
             for one in found)  # fmt: skip
    return tuple(dict.fromkeys(named))


def closed_words(rules: CountryRules, kit: Kit, radio: Radio, antenna: Antenna) -> Message | None:
    """Return that the law lets a kit send nothing outdoors on its channel, and what it opens; None where it does."""
    limit = rules.limit_of(kit, antenna)
    if rules.open(limit):
        return None
    source = source_words(limit, rules) if limit is not None else f"{rules.source.title}, {rules.source.publisher}"
    place = msg("{freq:g} MHz, {width:g} MHz wide, in {country}",
                freq=kit.freq_mhz, width=kit.width_mhz, country=rules.country)  # fmt: skip
    why = msg(
        "The rules of the country allow no sending outdoors at {place} (read in: {source}).", place=place, source=source
    )
    if limit is not None:
        why = msg(
            "The rules of the country ask for a licence at {place} (read in: {source}).", place=place, source=source
        )
    spans = open_words(rules, kit, radio)
    if spans is None:
        return msg("{why} No other channel is open to its radio: choose a kit of another band.", why=why)
    return msg("{why} Open to its radio are {spans} MHz.", why=why, spans=spans)


def open_words(rules: CountryRules, kit: Kit, radio: Radio) -> str | None:
    """Return the spans in MHz that are open outdoors to a kit's radio at the kit's width; None where none is."""
    low, high = radio.band_mhz
    spans = sorted(
        {
            (max(one.low_mhz, low), min(one.high_mhz, high))
            for one in rules.limits
            if rules.open(one) and not one.indoor_only and one.use.fits(kit.task) and kit.width_mhz <= one.max_width_mhz
        }
    )
    return ", ".join(f"{first:g}–{last:g}" for first, last in spans if last - first >= kit.width_mhz) or None


NO_ADVICE = msg("This is what was read, not legal advice: ask the regulator before you send.")
"""Said wherever limits are shown."""
