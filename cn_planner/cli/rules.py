"""``cn-planner rules`` and ``country``: what the law allows the antennas of a plan, and where the plan lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cn_planner.cli.console import as_command, opened, show, show_json, tell
from cn_planner.cli.options import Json, PlanPath
from cn_planner.i18n import say
from cn_planner.message import Message, msg
from cn_planner.model.equipment import Task

if TYPE_CHECKING:
    from cn_planner.links.regulatory_limits import AntennaLimit, KitLimit
    from cn_planner.model.law import CountryRules, PowerLimit


def _limit(limit: PowerLimit | None, regulations: CountryRules | None) -> dict[str, Any] | None:
    from cn_planner.model.regulations import conditions, source_words

    if limit is None or regulations is None:
        return None
    return {
        "low_mhz": limit.low_mhz,
        "high_mhz": limit.high_mhz,
        "limit_dbm": limit.limit_dbm,
        "kind": "eirp" if limit.eirp else "conducted",
        "use": limit.use.value,
        "max_width_mhz": limit.max_width_mhz,
        "dfs": limit.dfs,
        "indoor_only": limit.indoor_only,
        "licence": limit.licence,
        "database": limit.database,
        "duty_pct": limit.duty_pct,
        "registration": limit.registration,
        "tpc": limit.tpc,
        "less_without_tpc_db": limit.less_without_tpc_db,
        "more_eirp_dbm": limit.more_eirp_dbm,
        "density_dbm_mhz": limit.density_dbm_mhz,
        "free_gain_dbi": limit.free_gain_dbi,
        "full_gain_dbi": limit.full_gain_dbi,
        "less_per_db": limit.less_per_db if (limit.free_gain_dbi, limit.full_gain_dbi) != (None, None) else None,
        "conditions": [say(one) for one in conditions(limit)],
        "source": source_words(limit, regulations),
    }


def _verdict(one: KitLimit, regulations: CountryRules | None) -> Message:
    if regulations is None:
        return msg("unknown: nothing is known of this country")
    if one.limit is None:
        return msg("not allowed outdoors on this channel")
    if not regulations.open(one.limit):
        return msg("only with a licence")
    if _is_over(one):
        return msg("{db:.1f} dB over the limit", db=-(one.margin_db or 0.0))
    return msg("{db:.1f} dB under the limit", db=one.margin_db or 0.0)


def _is_over(one: KitLimit) -> bool:
    return one.margin_db is not None and one.margin_db < -0.05


def _allowed(one: KitLimit, regulations: CountryRules | None) -> bool | None:
    return None if regulations is None else regulations.open(one.limit) and not _is_over(one)


def _lines(one: KitLimit, regulations: CountryRules | None) -> None:
    from cn_planner.model.regulations import conditions, less_words, limit_words, source_words, stricter_words

    show(f"{one.kit.id}: {one.eirp_dbm:.1f} dBm EIRP, {one.kit.freq_mhz:g} MHz: {say(_verdict(one, regulations))}")
    if one.limit is not None and regulations is not None:
        show(f"    {say(limit_words(one.limit))}")
        gain = one.antenna.gain_dbi
        stricter = stricter_words(one.limit, gain, one.kit.width_mhz)
        for sentence in (*less_words(one.limit), *conditions(one.limit), *stricter):
            show(f"    {say(sentence)}")
        source = source_words(one.limit, regulations) or say(msg("your own words"))
        read = say(msg("Read in: {source}", source=source))
        show(f"    {read}")


_TASKS = {
    Task.ACCESS: msg("sector"),
    Task.CLIENT: msg("roofs that hear it"),
    Task.BACKHAUL: msg("link"),
}


def _antenna_line(one: AntennaLimit, regulations: CountryRules | None) -> str:
    return (
        f"{one.site} {one.id} ({say(_TASKS[one.task])}): {one.regulations.kit.freq_mhz:g} MHz, "
        f"{one.regulations.eirp_dbm:.1f} dBm EIRP: {say(_verdict(one.regulations, regulations))}"
    )


def _antenna(one: AntennaLimit, regulations: CountryRules | None) -> dict[str, Any]:
    kit = one.regulations.kit
    return {
        "site": one.site,
        "id": one.id,
        "task": one.task.value,
        "kit": kit.id,
        "freq_mhz": kit.freq_mhz,
        "width_mhz": kit.width_mhz,
        "eirp_dbm": one.regulations.eirp_dbm,
        "limit_eirp_dbm": one.regulations.limit_eirp_dbm,
        "margin_db": one.regulations.margin_db,
        "allowed": _allowed(one.regulations, regulations),
    }


@as_command("rules")
def _rules(
    plan: PlanPath,
    everything: Annotated[
        bool, typer.Option("--all", help="Every limit of the country, not only of its kits.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what the law allows the kits and each antenna of a plan: EIRP, limit, margin, conditions, the text read."""
    from cn_planner.links.regulatory_limits import plan_antennas, plan_kits
    from cn_planner.model.regulations import (
        NO_ADVICE,
        conditions,
        duty_words,
        less_words,
        limit_words,
        source_words,
        terms_words,
    )
    from cn_planner.storage.regulations import load_country_duties

    with opened(plan) as project:
        regulations = project.country_rules
        of_plan = project.plan, project.catalogue, regulations
        kits, antennas = plan_kits(*of_plan), plan_antennas(*of_plan)
        country = project.plan.info.country
    duties = load_country_duties(country) if regulations is None else regulations.duties
    if as_json:
        show_json(
            {
                "country": country or None,
                "known": regulations is not None,
                "kits": [
                    {
                        "kit": one.kit.id,
                        "freq_mhz": one.kit.freq_mhz,
                        "width_mhz": one.kit.width_mhz,
                        "eirp_dbm": one.eirp_dbm,
                        "limit_eirp_dbm": one.limit_eirp_dbm,
                        "margin_db": one.margin_db,
                        "allowed": _allowed(one, regulations),
                        "limit": _limit(one.limit, regulations),
                    }
                    for one in kits
                ],
                "antennas": [_antenna(one, regulations) for one in antennas],
                "limits": [_limit(one, regulations) for one in regulations.limits]
                if regulations is not None and everything
                else None,
                "contradictions": [
                    {"kept": _limit(one.kept, regulations), "other": _limit(one.other, regulations)}
                    for one in regulations.contradictions
                ]
                if regulations is not None
                else [],
                "duties": [say(duty_words(one)) for one in duties],
                "not_read": regulations.not_reached if regulations is not None else "",
                "note": say(NO_ADVICE),
            }
        )
        return
    if regulations is None:
        show(say(msg("Nothing is known of the rules of {country}.", country=country or "?")))
        show('    cn-planner set PLAN rules.own_limits="5470-5725 MHz 30 dBm EIRP DFS"')
    for one in kits:
        _lines(one, regulations)
    for antenna in antennas:
        show(_antenna_line(antenna, regulations))
    if regulations is not None and everything:
        texts = list(dict.fromkeys(source_words(limit, regulations) for limit in regulations.limits))
        for limit in regulations.limits:
            terms = " ".join(say(one) for one in (*less_words(limit), *conditions(limit)))
            show(f"{say(limit_words(limit))} [{texts.index(source_words(limit, regulations)) + 1}] {terms}".rstrip())
        for number, text in enumerate(texts, start=1):
            read = say(msg("Read in: {source}", source=text))
            show(f"[{number}] {read}")
        for pair in regulations.contradictions:
            kept, other = limit_words(pair.kept), limit_words(pair.other)
            words = msg("Not agreed: {kept}; {other}.", kept=kept, other=other)
            if kept == other:
                words = msg("Not agreed what is asked for at {limit}: “{kept}” and “{other}”",
                            limit=kept, kept=terms_words(pair.kept), other=terms_words(pair.other))  # fmt: skip
            show(say(words))
    for duty in duties:
        show(say(duty_words(duty)))
    if regulations is not None and regulations.not_reached:
        show(say(msg("Not read of the rules of this country: {what}.", what=regulations.not_reached)))
    show(say(NO_ADVICE))


@as_command("country")
def _country(
    plan: PlanPath,
    take: Annotated[bool, typer.Option("--set", help="Put it into the plan where it is sure.")] = False,
    as_json: Json = False,
) -> None:
    """Say in which country the places of a plan lie, or its terrain, without any connection."""
    from cn_planner.session.country import country_of_plan, set_country

    with opened(plan) as project:
        found = country_of_plan(project.snapshot())
        if take and found is not None and found.sure and found.code:
            edit = set_country(project.plan, found.code)
            project.apply(edit)
            tell(msg("Done: {edit}.", edit=edit.label))
    if as_json:
        show_json(
            {
                "country": found.code if found else None,
                "sure": bool(found and found.sure),
                "others": list(found.others) if found else [],
            }
        )
    elif found is None:
        show(say(msg("There is no place yet to tell the country from.")))
    elif found.code is None:
        show(say(msg("No country is near.")))
    elif found.sure:
        show(found.code)
    else:
        show(
            say(
                msg(
                    "Not sure: {codes}. Ask, then say it: cn-planner set PLAN country={code}",
                    codes=", ".join(found.candidates),
                    code=found.code,
                )
            )
        )
