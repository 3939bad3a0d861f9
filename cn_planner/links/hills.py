"""Which hills a path bends over, in words: the verdict names the worst of them, this names all that count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.links.losses import amsl
from cn_planner.message import Message, msg
from cn_planner.propagation.cascaded_edges import main_edges

if TYPE_CHECKING:
    from cn_planner.links.conditions import Conditions
    from cn_planner.propagation.cascaded_edges import Hill
    from cn_planner.terrain.profile import PathProfile

_TOLD_DB = 3.0
"""A hill that costs less than this alone is not worth a word."""
_TOLD = 8
"""Of more hills those that cost most are named."""


def hills_of(
    profile: PathProfile, heights_m: tuple[float, float], freq_mhz: float, conditions: Conditions
) -> tuple[Hill, ...]:
    """Return the hills, woods and houses that a path bends over, in its order.

    Parameters
    ----------
    profile : PathProfile
        The ground with what stands on it; no height may be missing.
    heights_m : (float, float)
        Antennas above ground, m.
    freq_mhz : float
        Frequency, MHz.
    conditions : Conditions
        The air.
    """
    surface = profile.ground_m + profile.cover_m
    return main_edges(profile.distance_m, surface, *amsl(profile, heights_m), freq_mhz, conditions.k_factor)


def hills_in_words(hills: tuple[Hill, ...], name: str) -> tuple[Message, ...]:
    """Return the sentence that names the hills of a path, seen from an end of that name; nothing for one or none."""
    costly = sorted((hill for hill in hills if hill.loss_db >= _TOLD_DB), key=lambda hill: -hill.loss_db)[:_TOLD]
    costly.sort(key=lambda hill: hill.at_m)
    if len(costly) < 2:
        return ()
    places = [
        msg(
            "at {at_km:.1f} km ({top_m:.0f} m above the sea, {loss_db:.0f} dB as an edge)",
            at_km=hill.at_m / 1000.0,
            top_m=hill.top_m,
            loss_db=hill.loss_db,
        )
        for hill in costly
    ]
    words = places[0]
    for place in places[1:]:
        words = msg("{first}, {second}", first=words, second=place)
    return (msg("Seen from {name} the path bends over hills {places}.", name=name, places=words),)
