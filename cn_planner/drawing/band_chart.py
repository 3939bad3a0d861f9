"""A band at a place as a display list: the law on top, who is heard below it, what is lost on each channel at the foot.

Frequency and widths are to scale. The axis runs from left to right in every language, as a radio's own scan does.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.drawing.display import Anchor, DisplayList, Fill, Hatch, ItemGroup, Polygon, Polyline, Stroke, Text
from cn_planner.drawing.labels import LabelBox, Wanted, place, right_to_left, shorten, text_width
from cn_planner.drawing.palette import Role
from cn_planner.drawing.profile_curves import axis_ticks
from cn_planner.i18n import SOURCE_LANGUAGE, say
from cn_planner.message import Message, msg
from cn_planner.spectrum.band import ChannelState
from cn_planner.spectrum.band_words import STATE_WORDS, band_summary, lost_words

if TYPE_CHECKING:
    from cn_planner.drawing.display import XY, DisplayItem
    from cn_planner.spectrum.band import BandChannel, BandRadio, BandSpan, BandView

_LEFT, _RIGHT = 36.0, 12.0
_LAW, _LAW_TALL, _TOP = 3.0, 15.0, 24.0
_AXIS, _STRIP, _KEY = 16.0, 40.0, 16.0
_FOOT = _AXIS + _STRIP + _KEY
_SMALL, _LABEL = 7.5, 8.0
_LTR, _END = "\u2066", "\u2069"
"""Round figures that are read from left to right in every language: signs that nobody sees."""
_ABOVE = 13.0
"""A name stands on its block."""


class BandScale(NamedTuple):
    """Where frequencies and levels stand in the drawing, points."""

    left: float
    right: float
    top: float
    bottom: float
    low_mhz: float
    high_mhz: float
    low_dbm: float
    high_dbm: float

    def x(self, freq_mhz: float) -> float:
        """Return where a frequency stands, within the plot."""
        share = (freq_mhz - self.low_mhz) / (self.high_mhz - self.low_mhz)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def y(self, level_dbm: float) -> float:
        """Return where a level stands, within the plot."""
        share = (level_dbm - self.low_dbm) / (self.high_dbm - self.low_dbm)
        return self.bottom - min(max(share, 0.0), 1.0) * (self.bottom - self.top)

    def freq_at(self, x: float) -> float:
        """Return the frequency at a place across."""
        return self.low_mhz + (x - self.left) / (self.right - self.left) * (self.high_mhz - self.low_mhz)


def band_scale(found: BandView, width: float, height: float) -> BandScale:
    """Return the scale of the drawing of a band in a size, points."""
    levels = [one.level_dbm for one in found.radios if one.level_dbm is not None]
    low = 10.0 * math.floor((found.noise_dbm - 8.0) / 10.0)
    loudest, tall = max(levels, default=low), max(height - _FOOT - _TOP, 40.0)
    # Over the loudest block its name has room.
    high = 10.0 * math.ceil((low + (loudest - low) * tall / (tall - _ABOVE - _LABEL)) / 10.0)
    high = max(high, low + 40.0)
    return BandScale(_LEFT, width - _RIGHT, _TOP, height - _FOOT, found.low_mhz, found.high_mhz, low, high)


def channel_at(found: BandView, freq_mhz: float) -> BandChannel | None:
    """Return the channel in which a frequency lies, the one whose middle is nearest; None beyond all."""
    near = min(found.channels, key=lambda one: abs(one.channel.freq_mhz - freq_mhz), default=None)
    if near is None or abs(near.channel.freq_mhz - freq_mhz) > near.channel.width_mhz / 2.0:
        return None
    return near


def band_chart(
    found: BandView,
    *,
    width: float = 760.0,
    height: float = 300.0,
    chosen_mhz: float | None = None,
    language: str = SOURCE_LANGUAGE,
) -> DisplayList:
    """Draw a band as it is at a place.

    Parameters
    ----------
    found : BandView
    width, height : float
        Points.
    chosen_mhz : float, optional
        Centre of the channel that is framed.
    language : str
        BCP 47.
    """
    scale = band_scale(found, width, height)
    items = [*_law(found, scale, language), *_grid(found, scale, language), *_radios(found, scale)]
    items += _channels(found, scale, chosen_mhz, language)
    items.append(_key(found, scale, height, language))
    title = (
        say(msg("The band at {name}", name=found.name), language) if found.name else say(msg("The band here"), language)
    )
    words = " ".join(say(one, language) for one in band_summary(found))
    return DisplayList(width, height, tuple(items), title, words)


def _latin(text: str) -> str:
    """Return a text that runs from left to right whatever stands round it; one with letters of another way as it is."""
    return text if right_to_left(text) else f"{_LTR}{text}{_END}"


def _said(words: Message, language: str) -> str:
    return _latin(say(words, language, isolate=True))


def _box(left: float, top: float, right: float, bottom: float) -> tuple[XY, ...]:
    return (left, top), (right, top), (right, bottom), (left, bottom)


def _span_words(one: BandSpan) -> tuple[Message, ...]:
    """Return what is said of a part of the law, the longest first."""
    if one.eirp_dbm is None:
        return (STATE_WORDS[ChannelState.INDOOR if one.indoor else ChannelState.CLOSED],)
    if one.licence:
        return (STATE_WORDS[ChannelState.LICENCE],)
    power, short = msg("{dbm:.0f} dBm EIRP", dbm=one.eirp_dbm), msg("{dbm:.0f} dBm", dbm=one.eirp_dbm)
    bare = Message("{dbm:.0f}", (("dbm", one.eirp_dbm),))
    if one.dfs:
        radar = msg("{limit}, radars first (DFS)", limit=power)
        return radar, msg("{limit}, DFS", limit=short), short, bare
    return power, short, bare


def _law(found: BandView, scale: BandScale, language: str) -> list[DisplayItem]:
    """Return the plates of the law over the plot, and the hatching of what is closed."""
    items: list[DisplayItem] = []
    for one in found.spans:
        left, right = scale.x(one.low_mhz), scale.x(one.high_mhz)
        closed = one.eirp_dbm is None or one.licence
        if right - left < 0.5:
            continue
        if closed:
            ring = _box(left, scale.top, right, scale.bottom)
            items.append(Polygon((ring,), Fill(Role.GRID, 0.45), None, Hatch(Role.MUTED, 45.0, 5.0, 0.5, 0.55)))
        tint = Fill(Role.GRID, 0.6) if closed else Fill(Role.CAUTION, 0.16) if one.dfs else Fill(Role.GOOD, 0.14)
        edge = Stroke(Role.MUTED if closed else Role.CAUTION if one.dfs else Role.GOOD, 0.7)
        items.append(Polygon((_box(left + 0.6, _LAW, right - 0.6, _LAW + _LAW_TALL),), tint, edge))
        room = right - left - 5.0
        said = [_said(words, language) for words in _span_words(one)]
        fits = next((words for words in said if text_width(words, _SMALL) <= room), None)
        if fits is None and room > 24.0:
            fits = shorten(said[0], _SMALL, room)
        if fits is not None:
            items.append(Text((left + right) / 2.0, _LAW + _LAW_TALL / 2.0, fits, _SMALL, Role.INK, Anchor.MIDDLE))
    return items


def _grid(found: BandView, scale: BandScale, language: str) -> list[DisplayItem]:
    """Return levels and frequencies, and the radio's own noise."""
    items: list[DisplayItem] = [Text(2.0, _LAW + _LAW_TALL / 2.0, "dBm", _SMALL, Role.MUTED)]
    for level in axis_ticks(scale.low_dbm, scale.high_dbm, max(3, int((scale.bottom - scale.top) / 10))):
        y = scale.y(level)
        items.append(Polyline(((scale.left, y), (scale.right, y)), Stroke(Role.GRID, 0.5)))
        items.append(
            Text(scale.left - 4.0, y, _latin(f"{level:.0f}".replace("-", "−")), _SMALL, Role.MUTED, Anchor.END)
        )
    y = scale.y(found.noise_dbm)
    items.append(Polyline(((scale.left, y), (scale.right, y)), Stroke(Role.INK, 0.9, (1.0, 2.4))))
    items.append(Polyline(((scale.left, scale.bottom), (scale.right, scale.bottom)), Stroke(Role.INK, 0.8)))
    for mhz in axis_ticks(scale.low_mhz, scale.high_mhz, max(3, int((scale.right - scale.left) / 64))):
        x = scale.x(mhz)
        items.append(Polyline(((x, scale.bottom), (x, scale.bottom + 3.0)), Stroke(Role.MUTED, 0.6)))
        text = say(msg("{freq:g}", freq=round(mhz, 3)), language)
        items.append(Text(x, scale.bottom + 9.0, text, _SMALL, Role.MUTED, Anchor.MIDDLE))
    return items


def _radios(found: BandView, scale: BandScale) -> list[DisplayItem]:
    """Return a block for each sector and link that is heard, as wide as its channel, as high as it is loud."""
    heard = [one for one in found.radios if one.level_dbm is not None and one.level_dbm > scale.low_dbm]
    items: list[DisplayItem] = []
    for one in sorted(heard, key=lambda row: (row.own, row.level_dbm or 0.0)):
        ring = _box(
            scale.x(one.channel.low_mhz), scale.y(one.level_dbm or 0.0), scale.x(one.channel.high_mhz), scale.bottom
        )
        items.append(Polygon((ring,), *_look(one)))
    wanted, roles = [], []
    for one in sorted(heard, key=lambda row: (not row.own, not row.meets, -(row.level_dbm or 0.0))):
        x = scale.x(one.channel.freq_mhz)
        name = shorten(f"▲ {one.name}" if one.meets else one.name, _LABEL, 110.0, bold=one.own)
        wanted.append(Wanted(name, x, scale.y(one.level_dbm or 0.0) - _ABOVE, 1.0, _LABEL, bold=one.own))
        roles.append(Role.ACCENT if one.own else Role.CAUTION if one.meets else Role.INK)
    if wanted:
        sheet = LabelBox(scale.left, scale.top, scale.right, scale.bottom)
        for spot in place(wanted, sheet):
            want = wanted[spot.index]
            middle = (spot.box.left + spot.box.right) / 2.0, (spot.box.top + spot.box.bottom) / 2.0
            if spot.leader:
                items.append(Polyline(((want.x, want.y), middle), Stroke(roles[spot.index], 0.5)))
            items.append(
                Text(*middle, want.text, want.size, roles[spot.index], Anchor.MIDDLE, bold=want.bold, plate=Role.PLATE)
            )
    return items


def _look(one: BandRadio) -> tuple[Fill, Stroke]:
    if one.own:
        return Fill(Role.ACCENT, 0.28), Stroke(Role.ACCENT, 2.0)
    if one.meets:
        return Fill(Role.CAUTION, 0.22), Stroke(Role.CAUTION, 1.4, (3.0, 2.0))
    return Fill(Role.MUTED, 0.2), Stroke(Role.MUTED, 1.0)


def _channels(found: BandView, scale: BandScale, chosen_mhz: float | None, language: str) -> list[DisplayItem]:
    """Return a cell for each channel at the foot: how much is lost there, the best one marked, closed ones hatched."""
    top, foot = scale.bottom + _AXIS, scale.bottom + _AXIS + _STRIP - 14.0
    now = found.now
    most = max((one.lost for one in found.channels if one.lost is not None), default=0.0)
    loudest = max((one.rise_db for one in found.channels), default=0.0)
    items: list[DisplayItem] = []
    boxes: list[tuple[BandChannel, str]] = []
    for one in found.channels:
        left, right = scale.x(one.channel.low_mhz) + 0.6, scale.x(one.channel.high_mhz) - 0.6
        if not one.state.may_send:
            hatch = Hatch(Role.MUTED, 45.0, 4.0, 0.5, 0.6)
            items.append(Polygon((_box(left, top, right, foot),), Fill(Role.GRID, 0.4), Stroke(Role.GRID, 0.6), hatch))
        else:
            items.append(Polygon((_box(left, top, right, foot),), None, Stroke(Role.GRID, 0.8)))
            share = _share(one, most, loudest)
            if share > 0.0:
                bar = _box(left, foot - share * (foot - top), right, foot)
                weak = one.state is not ChannelState.OPEN
                items.append(Polygon((bar,), Fill(Role.CAUTION if weak or share > 0.3 else Role.GOOD, 0.55)))
        best = found.best is not None and one.channel == found.best
        mine = now is not None and one.channel.freq_mhz == now.channel.freq_mhz
        if mine:
            items.append(Polygon((_box(left, top, right, foot),), None, Stroke(Role.ACCENT, 1.8)))
        if one.channel.freq_mhz == chosen_mhz:
            ring = _box(left - 2.0, scale.top, right + 2.0, foot + 2.0)
            items.append(Polygon((ring,), None, Stroke(Role.ZONE, 1.6)))
        if best or mine:
            boxes.append((one, "✓ " if best else ""))
    wanted = []
    for one, sign in boxes:
        lost = "" if one.lost is None else say(lost_words(one.lost), language)
        text = f"{sign}{say(msg('{freq:g}', freq=one.channel.freq_mhz), language)}"
        text = _latin(f"{text}: {lost}" if lost else text)
        wanted.append(Wanted(text, scale.x(one.channel.freq_mhz), foot, 1.0, _LABEL, bold=bool(sign)))
    for spot in place(wanted, LabelBox(scale.left, foot, scale.right, foot + 30.0)):
        want = wanted[spot.index]
        middle = (spot.box.left + spot.box.right) / 2.0, (spot.box.top + spot.box.bottom) / 2.0
        role = Role.GOOD if want.bold else Role.ACCENT
        items.append(Text(*middle, want.text, want.size, role, Anchor.MIDDLE, bold=want.bold, plate=Role.PLATE))
    return items


def _share(one: BandChannel, most: float, loudest: float) -> float:
    """Return how high the bar of a channel is: what is lost there, else by how much its noise rises."""
    if one.lost is not None:
        return one.lost / most if most > 0.0 else 0.0
    if most > 0.0 or one.state is not ChannelState.OPEN:
        return 0.0
    return one.rise_db / loudest if loudest > 0.0 else 0.0


def _key(found: BandView, scale: BandScale, height: float, language: str) -> DisplayItem:
    """Return the legend of what is there."""
    own = found.own is not None
    box = _box(0.0, -4.0, 13.0, 4.0)
    entries: list[tuple[DisplayItem, Message]] = []
    if own:
        entries.append((Polygon((box,), Fill(Role.ACCENT, 0.28), Stroke(Role.ACCENT, 1.6)), msg("this radio")))
    if any(one.meets for one in found.radios):
        look = Fill(Role.CAUTION, 0.22), Stroke(Role.CAUTION, 1.2, (3.0, 2.0))
        entries.append((Polygon((box,), *look), msg("▲ gets onto its channel")))
    entries.append((Polygon((box,), Fill(Role.MUTED, 0.2), Stroke(Role.MUTED, 1.0)), msg("others of the plan")))
    noise = Polyline(((0.0, 0.0), (14.0, 0.0)), Stroke(Role.INK, 0.9, (1.0, 2.4)))
    entries.append((noise, msg("noise of the radio, {noise:.0f} dBm", noise=found.noise_dbm)))
    hatch = Hatch(Role.MUTED, 45.0, 4.0, 0.5, 0.6)
    entries.append((Polygon((box,), Fill(Role.GRID, 0.4), Stroke(Role.GRID, 0.6), hatch), msg("not open outdoors")))
    foot = msg("foot: lost on each channel") if own else msg("foot: heard on each channel")
    entries.append((Polygon((box,), Fill(Role.CAUTION, 0.55)), foot))
    items: list[DisplayItem] = []
    x = scale.left
    for sample, words in entries:
        text = _said(words, language)
        wide = 18.0 + text_width(text, _SMALL)
        if x + wide > scale.right + 4.0:
            break
        items += [ItemGroup((sample,), offset=(x, 0.0)), Text(x + 17.0, 0.0, text, _SMALL, Role.INK)]
        x += wide + 12.0
    return ItemGroup(tuple(items), "key", offset=(0.0, height - _KEY / 2.0))
