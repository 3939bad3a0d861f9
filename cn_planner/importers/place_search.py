"""Where is it: a place of the plan or of its base map by its name, also misspelt, or by coordinates. No network."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.importers.coordinates import place_readings
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.model.plan import Household, Plan, Site

_MOST = 8
_LEAST_LIKENESS = 72.0
"""Of 100: a letter wrong in four is found, another word is not."""
EXACT, _BEGUN = 100.0, 98.5
"""Of the very word; of what begins as what was typed: before all that is only alike, after the very word."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that a text may mean.

    Attributes
    ----------
    kind : str
        ``site``, ``household``, ``public``, ``zone``, ``on_map`` for a place of the base map, or ``place`` where it is
        coordinates.
    id : str
        Of the thing; empty for what is none of the plan.
    name : Message or str
        What it is called; for coordinates, as what they were read.
    latitude, longitude : float or None
        Of coordinates and of places of the base map; None for a thing of the plan, which knows where it is.
    likeness : float
        100 where it is the very word.
    """

    kind: str
    id: str
    name: Message | str
    latitude: float | None = None
    longitude: float | None = None
    likeness: float = EXACT


_TYPED_OTHERWISE = str.maketrans({"\u2019": "'", "œ": "oe", "æ": "ae", "ø": "o", "\u0901": "\u0902"})
"""What keyboards lack, as people type it: the apostrophe, joined letters, the chandrabindu of Hindi."""


def plain_name(text: str) -> str:
    """Return a text in small letters, without accents, with single spaces."""
    bare = unicodedata.normalize("NFKD", text.casefold()).translate(_TYPED_OTHERWISE)
    return " ".join("".join(sign for sign in bare if not unicodedata.combining(sign)).split())


def search(plan: Plan, text: str, on_map: Sequence[tuple[str, float, float]] = ()) -> tuple[Hit, ...]:
    """Return what a text may mean, the likeliest first, at most `_MOST`.

    Ids and names of sites, public places, homes and zones, then names of the base map, without regard to accents and
    small mistakes; else coordinates in any common way, read where the plan is if they can be read two ways.

    Parameters
    ----------
    plan : Plan
        What is searched.
    text : str
        As it was typed.
    on_map : sequence of (name, latitude, longitude)
        Places that the base map names.

    Raises
    ------
    InputError
        Where nothing is like it.
    """
    word = plain_name(text)
    found = _named(plan, word, on_map) if word else []
    if found and found[0].likeness >= 99.0:
        return tuple(found[:_MOST])
    try:
        places = place_readings(text, _middle(plan))
    except InputError:
        if not found:
            raise InputError(
                msg("Nothing is called {text}, and it is no latitude and longitude.", text=text.strip()[:60]),
                fix=msg("Write a name of the plan, or degrees, latitude first: 42.0931, 1.8082."),
            ) from None
        return tuple(found[:_MOST])
    return tuple(Hit("place", "", one.how, one.latitude, one.longitude) for one in places)


def _named(plan: Plan, word: str, on_map: Sequence[tuple[str, float, float]]) -> list[Hit]:
    from rapidfuzz import fuzz, process

    things = [
        Hit(kind, key, thing.name)
        for kind, table in (
            ("site", plan.sites),
            ("public", plan.places),
            ("zone", plan.zones),
            ("household", plan.households),
        )
        for key, thing in table.items()
    ]
    things += [Hit("on_map", "", name, latitude, longitude) for name, latitude, longitude in on_map]
    hits: dict[int, float] = {}
    for texts in ([plain_name(str(one.name)) for one in things], [plain_name(one.id) for one in things]):
        for at, text in enumerate(texts):
            if text and text == word:
                hits[at] = EXACT
            elif f" {word}" in f" {text}":  # half typed, or one of its words
                hits[at] = max(hits.get(at, 0.0), _BEGUN)
        # Twice as many as wanted, so that what begins alike is not lost to what is alike only by length.
        for _, score, at in process.extract(
            word, texts, scorer=fuzz.WRatio, limit=2 * _MOST, score_cutoff=_LEAST_LIKENESS
        ):
            if texts[at]:
                hits[at] = max(hits.get(at, 0.0), min(score, 98.0))
    ranked = sorted(hits.items(), key=lambda one: (-one[1], one[0]))
    return [replace(things[at], name=things[at].name or things[at].id, likeness=score) for at, score in ranked]


def _middle(plan: Plan) -> tuple[float, float] | None:
    things: list[Site | Household] = [*plan.sites.values(), *plan.households.values()]
    return (things[0].latitude, things[0].longitude) if things else None
