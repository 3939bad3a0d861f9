"""A band by place in words: the same for picture, table and command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import Message, msg
from cn_planner.spectrum.band import ChannelState

if TYPE_CHECKING:
    from cn_planner.spectrum.band import BandChannel, BandRadio, BandView

NOBODY = msg("nobody")
STATE_WORDS = {
    ChannelState.OPEN: msg("open"),
    ChannelState.WEAKER: msg("open with less power"),
    ChannelState.PATHS: msg("open, but its paths do not hold there"),
    ChannelState.LICENCE: msg("asks for a licence"),
    ChannelState.INDOOR: msg("indoors only"),
    ChannelState.CLOSED: msg("closed"),
}
_LEAST = 0.0005
"""A smaller share is said as none."""


def band_summary(found: BandView) -> tuple[Message, ...]:
    """Return what is to be known of a band at a place: where, which channel is best, what is not known."""
    where = msg("{lat:.5f}, {lon:.5f}", lat=found.ear.latitude, lon=found.ear.longitude)
    said = [
        msg(
            "{name}, {height:g} m above the ground: channels of {width:g} MHz, the radio's own noise {noise:.0f} dBm.",
            name=found.name or where, height=round(found.ear.height_m, 1), width=found.width_mhz, noise=found.noise_dbm,
        ),
        best_words(found),
    ]  # fmt: skip
    if not found.law:
        said.append(msg("The rules of the country are not known: every channel of the radios was taken to be open."))
    said.append(msg("Other people's radios are not known here: let the radios scan on site before you settle."))
    return tuple(said)


def best_words(found: BandView) -> Message:
    """Return which channel is best, and how much better."""
    best, now = None if found.best is None else found.at(found.best.freq_mhz), found.now
    if best is None:
        return msg("No channel of this radio is open outdoors here.")
    freq = best.channel.freq_mhz
    if best.lost is None:
        return msg("Least of the plan is heard on {freq:g} MHz.", freq=freq)
    lost = lost_words(best.lost)
    if now is not None and now.channel.freq_mhz == freq:
        return msg("No channel is better than {freq:g} MHz, which it has: {lost} is lost there.", freq=freq, lost=lost)
    if now is None or now.lost is None:
        return msg("{freq:g} MHz is best: {lost} is lost there.", freq=freq, lost=lost)
    if now.state is not ChannelState.OPEN:
        return msg(
            "{now:g} MHz, which it has: {state}. The best of the open ones is {freq:g} MHz: {lost} is lost there.",
            now=now.channel.freq_mhz, state=STATE_WORDS[now.state], freq=freq, lost=lost,
        )  # fmt: skip
    return msg(
        "{freq:g} MHz is best: {lost} is lost there, {more} on {now:g} MHz, which it has.",
        freq=freq, lost=lost, more=lost_words(now.lost), now=now.channel.freq_mhz,
    )  # fmt: skip


def lost_words(share: float) -> Message:
    """Return a share of the network's capacity."""
    if share < _LEAST:
        return msg("nothing")
    return msg("{pct:.1f} %", pct=100.0 * share)


def dbm_words(level_dbm: float | None) -> Message:
    """Return a level, or that nothing comes."""
    return NOBODY if level_dbm is None else msg("{level:.0f} dBm", level=level_dbm)


def law_words(channel: BandChannel) -> Message:
    """Return what the law says of a channel."""
    if channel.state in (ChannelState.LICENCE, ChannelState.INDOOR, ChannelState.CLOSED):
        return STATE_WORDS[channel.state]
    said = STATE_WORDS[channel.state]
    if channel.limit_dbm is not None:
        limit = msg("{dbm:.0f} dBm EIRP", dbm=channel.limit_dbm)
        said = limit if channel.state is ChannelState.OPEN else msg("{limit}, {state}", limit=limit, state=said)
    if channel.channel.dfs:
        said = msg("{limit}, radars first (DFS)", limit=said)
    return said


def channel_words(found: BandView, channel: BandChannel) -> tuple[Message, ...]:
    """Return the row of a channel: its centre, the law, what is heard, what is lost, and whether it is the one."""
    now = found.now
    mark = msg("best") if channel.channel == found.best else Message("")
    if now is not None and channel.channel.freq_mhz == now.channel.freq_mhz:
        mark = msg("best, it has it") if channel.channel == found.best else msg("it has it")
    return (
        msg("{freq:g} MHz", freq=channel.channel.freq_mhz),
        law_words(channel),
        dbm_words(channel.heard_dbm),
        Message("–") if channel.lost is None else lost_words(channel.lost),
        mark,
    )


def radio_words(radio: BandRadio) -> tuple[Message, ...]:
    """Return the row of a sector or link: who, on which channel, and how loud."""
    level = dbm_words(radio.level_dbm) if radio.level_dbm is not None else msg("not heard")
    if radio.own and radio.level_dbm is not None:
        level = msg("{level}, wanted", level=level)
    elif radio.meets:
        level = msg("{level}, on its channel", level=level)
    width = msg("{freq:g} MHz, {width:g} wide", freq=radio.channel.freq_mhz, width=radio.channel.width_mhz)
    return Message("{name}", (("name", radio.name),)), width, level
