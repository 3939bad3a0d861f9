"""Freight, customs and taxes of a country, asked once: what was said for one plan is offered to the next.

Kept in the user's folder for settings, by country; nothing of it leaves the machine. A file that cannot be read or
written stands in nobody's way: the question is then asked again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from cn_planner import paths
from cn_planner.message import msg
from cn_planner.model.history import Edit

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.model.plan import Plan

_HIGHEST_PCT = 300.0


class CountryDuties(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goods cost more until they are there, per cent of them, and who said so."""

    transport_pct: float
    customs_pct: float
    source: str = ""


def duties_of(country: str) -> CountryDuties | None:
    """Return what was said last of a country; None where nothing was."""
    return _all().get(country.upper()) if country else None


def remember_duties(plan: Plan) -> None:
    """Keep what a plan says for its country; nothing where it says nothing, or has no country."""
    costs, country = plan.costs, plan.info.country.upper()
    if costs.customs_pct is None or not country:
        return
    known = _all() | {country: CountryDuties(costs.transport_pct, costs.customs_pct, costs.customs_source)}
    path, part = _path(), _path().with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.json.format(msgspec.json.encode(dict(sorted(known.items())))))
        part.replace(path)
    except OSError:
        return


def with_known_duties(plan: Plan) -> Edit:
    """Return a plan with what was said of its country; as it is where it says so itself, or nothing was."""
    known = None if plan.costs.customs_pct is not None else duties_of(plan.info.country)
    label = msg("customs as for the last plan")
    if known is None:
        return Edit(label, plan)
    costs = replace(plan.costs, transport_pct=known.transport_pct, customs_pct=known.customs_pct,
                    customs_source=known.source)  # fmt: skip
    return Edit(label, replace(plan, costs=costs))


def _path() -> Path:
    return paths.config() / "customs.json"


def _all() -> dict[str, CountryDuties]:
    try:
        found = msgspec.json.decode(_path().read_bytes(), type=dict[str, CountryDuties])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return {
        key: one
        for key, one in found.items()
        if 0.0 <= one.customs_pct <= _HIGHEST_PCT and 0.0 <= one.transport_pct <= _HIGHEST_PCT
    }
