"""What differs between two plans, in words: towers, links, homes, settings, and all else by number."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from cn_planner.geo import geodesic
from cn_planner.message import Message, counted, msg
from cn_planner.model.history import changes
from cn_planner.model.plan import SECTIONS
from cn_planner.model.settings import PLAN_SETTINGS
from cn_planner.report import words
from cn_planner.report.work_records import ChangeRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cn_planner.model.history import Change
    from cn_planner.model.plan import Household, Link, Plan, Site

_UNSAID = frozenset({"outcome", "scenarios", "choices"})
"""What the planner said, and other plans in the same file: no part of what is built."""
_COUNTED = {
    "zones": msg("Areas"),
    "obstacles": msg("Trees and buildings"),
    "terrain": msg("Elevation files"),
    "measurements": msg("Measurements"),
    "notes": msg("Notes"),
    "places": msg("Public places"),
    "evidence": msg("Evidence"),
}


def plan_changes(before: Plan, now: Plan) -> tuple[ChangeRecord, ...]:
    """Return what differs between two plans; nothing where they are the same."""
    found = changes(before, now)
    by_part: dict[str, list[Change]] = {}
    for one in found:
        by_part.setdefault(one.part, []).append(one)
    return (
        *_sites(before, now, by_part.get("sites", [])),
        *_links(before, now, by_part.get("links", [])),
        *_homes(by_part.get("households", [])),
        *_others(by_part),
        *_settings(by_part),
    )


def _name(thing: Any) -> str:
    return str(thing.name or thing.id)


def _sites(before: Plan, now: Plan, found: list[Change]) -> Iterator[ChangeRecord]:
    # A tower may come to be used, or idle, by what hangs on it alone.
    old_towers, new_towers = before.used_sites, now.used_sites
    keys = {one.id for one in found} | (old_towers.keys() ^ new_towers.keys())
    for key in sorted(keys):
        old, new = before.sites.get(key), now.sites.get(key)
        for text in _site(old, new, key in old_towers, key in new_towers):
            yield ChangeRecord("site", key, text)


def _site(old: Site | None, new: Site | None, stood: bool, stands: bool) -> Iterator[Message]:
    site = new or old
    if site is None:
        return
    name = _name(site)
    if stands and not stood:
        yield msg("New tower: {site}, {height:g} m.", site=name, height=site.mast_height_m or 0.0)
    elif stood and not stands:
        yield msg("No tower any more: {site}.", site=name)
    elif old is None:
        yield msg("New place: {site}.", site=name)
    elif new is None:
        yield msg("The place {site} is gone.", site=name)
    if old is None or new is None:
        return
    if stood and stands and old.mast_height_m != new.mast_height_m:
        yield msg(
            "{site}: a mast of {now:g} m instead of {before:g} m.",
            site=name, now=round(new.mast_height_m or 0.0, 1), before=round(old.mast_height_m or 0.0, 1),
        )  # fmt: skip
    moved = geodesic(old.latitude, old.longitude, new.latitude, new.longitude).distance_m
    if moved > 0.0:
        yield msg("{site}: moved by {metres:.0f} m.", site=name, metres=moved)
    if old.status is not new.status:
        yield msg(
            "{site}: {now}; before: {before}.",
            site=name, now=words.STATUS_WORDS[new.status], before=words.STATUS_WORDS[old.status],
        )  # fmt: skip
    if len(old.sectors) != len(new.sectors):
        if stood == stands:
            count, was = len(new.sectors), len(old.sectors)
            yield msg("{site}: sectors: {now} instead of {before}.", site=name, now=count, before=was)
    elif old.sectors != new.sectors:
        yield msg("{site}: its sectors are turned, or on other channels.", site=name)
    said = {"mast_height_m", "latitude", "longitude", "status", "sectors"}
    rest = [one for one in _differing(old, new) if one not in said]
    if rest:
        yield msg("{site}: {fields}.", site=name, fields=_named(rest))


def _differing(old: Any, new: Any) -> list[str]:
    return [one.name for one in fields(new) if getattr(old, one.name) != getattr(new, one.name)]


def _named(names: list[str]) -> Message:
    """Return fields as tables and panels head them."""
    heads = list(dict.fromkeys(words.FIELD_HEADS.get(one, Message(one)) for one in names))
    said = heads[0]
    for one in heads[1:]:
        said = msg("{first}, {second}", first=said, second=one)
    return said


def _links(before: Plan, now: Plan, found: list[Change]) -> Iterator[ChangeRecord]:
    stood, stands = before.standing_links, now.standing_links
    keys = {one.id for one in found} | (stood.keys() ^ stands.keys())
    for key in sorted(keys):
        old, new = before.links.get(key), now.links.get(key)
        link = new or old
        if link is None:
            continue
        ends = _ends(now if new is not None else before, link)
        if key in stands and key not in stood:
            text = msg("New link: {ends}.", ends=ends)
        elif key in stood and key not in stands:
            text = msg("No link any more: {ends}.", ends=ends)
        elif old is None or new is None:
            continue  # neither stood nor stands: nothing of it is built
        else:
            text = msg("{ends}: {fields}.", ends=ends, fields=_named(_differing(old, new)))
        yield ChangeRecord("link", key, text)


def _ends(plan: Plan, link: Link) -> str:
    sites = (plan.sites.get(link.from_site), plan.sites.get(link.to_site))
    return " – ".join(_name(site) if site is not None else "?" for site in sites)


def _homes(found: list[Change]) -> Iterator[ChangeRecord]:
    kinds: dict[str, list[Household]] = {}
    for one in found:
        for kind in _home_kinds(one.before, one.after):
            kinds.setdefault(kind, []).append(one.after or one.before)
    said = {
        "added": counted("{count} home is new.", "{count} homes are new.", 0),
        "gone": counted("{count} home is gone.", "{count} homes are gone.", 0),
        "served": counted("{count} home is newly served.", "{count} homes are newly served.", 0),
        "lost": counted("{count} home is no longer served.", "{count} homes are no longer served.", 0),
        "other": counted("{count} home is served by another tower.", "{count} homes are served by another tower.", 0),
        "changed": counted("{count} home is described anew.", "{count} homes are described anew.", 0),
    }
    for kind, text in said.items():
        rows = kinds.get(kind, [])
        if rows:
            # As the figures beside it count: a row may stand for five homes. Of rows that count for nobody: the rows.
            count = sum(home.weight for home in rows) or len(rows)
            count = int(count) if float(count).is_integer() else count
            yield ChangeRecord("home", "", text.about(count), ", ".join(sorted(home.id for home in rows)))


def _home_kinds(old: Household | None, new: Household | None) -> Iterator[str]:
    if old is None:
        yield "added"
    if new is None:
        yield "gone"
    was, now = (None if one is None else one.server for one in (old, new))
    if was != now:
        yield "served" if was is None else "lost" if now is None else "other"
    if old is not None and new is not None and any(one != "server" for one in _differing(old, new)):
        yield "changed"


def _others(by_part: Mapping[str, list[Change]]) -> Iterator[ChangeRecord]:
    for part, title in _COUNTED.items():
        rows = by_part.get(part, [])
        if rows:
            added = sum(1 for one in rows if one.before is None)
            gone = sum(1 for one in rows if one.after is None)
            yield ChangeRecord(
                "other", "",
                msg(
                    "{what}: new: {added}, gone: {gone}, changed: {changed}.",
                    what=title, added=added, gone=gone, changed=len(rows) - added - gone,
                ),
            )  # fmt: skip


def _settings(by_part: Mapping[str, list[Change]]) -> Iterator[ChangeRecord]:
    for section in SECTIONS:
        for one in by_part.get(section, []):
            if section in _UNSAID:
                continue
            said = False
            for key, setting in PLAN_SETTINGS.items():
                owner, _, name = key.partition(".")
                if owner != section or one.before is None or one.after is None:
                    continue
                old, new = getattr(one.before, name), getattr(one.after, name)
                if old != new:
                    said = True
                    yield ChangeRecord("setting", key, _setting(setting.meaning, old, new, setting.unit))
            if not said:
                text = msg("What stands under “{section}” is changed.", section=section)
                yield ChangeRecord("setting", section, text)


def _setting(meaning: Message, old: Any, new: Any, unit: str) -> Message:
    shown = [_shown(one, "" if unit in ("1", "currency") else unit) for one in (new, old)]
    return msg("{meaning} Now {now}; before: {before}.", meaning=meaning, now=shown[0], before=shown[1])


def _shown(value: Any, unit: str) -> str | Message:
    if value is None or value == "" or value == ():
        return words.UNKNOWN
    if isinstance(value, bool):
        return words.yes_no(value)
    text = ", ".join(f"{one:g}" for one in value) if isinstance(value, tuple) else str(value)
    text = f"{round(value, 6):,.12g}" if isinstance(value, float) else text
    return f"{text} {unit}".strip()
