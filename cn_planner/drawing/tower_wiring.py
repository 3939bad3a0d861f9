"""How the cables of a tower run: from each radio over its arresters into its port, and from sun or mains to all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.drawing.display import Anchor
from cn_planner.drawing.labels import text_width
from cn_planner.drawing.palette import Role
from cn_planner.drawing.sketch import PLAIN, SMALL, Sketch, wrapped
from cn_planner.drawing.tower_elevation import aim_words
from cn_planner.message import counted, msg

if TYPE_CHECKING:
    from cn_planner.drawing.display import DisplayList
    from cn_planner.report.tower_records import PortUse, TowerPack

_ROW = 26.0
_HEAD = 22.0
_LABEL_X, _ARREST_X = 164.0, 134.0
_BOX_X = 246.0
_SWITCH_X, _SWITCH_W = 330.0, 62.0
_PORT_W, _PORT_H = 19.0, 14.0
_RIGHT_X = _SWITCH_X + _SWITCH_W + _PORT_W
_POWER_H = 124.0


def tower_wiring(pack: TowerPack, *, width: float, language: str) -> DisplayList:
    """Return the wiring of a tower: cables by length and label, ports, what feeds it, and its earth.

    Parameters
    ----------
    pack : TowerPack
        The tower.
    width : float
        Of the sheet, points; its height follows from the radios.
    language : str
        Of the words.
    """
    inside = [one for one in pack.ports if one.kind != "radio"]
    rows = max(len(pack.radios), len(inside), 3)
    bottom = _HEAD + rows * _ROW
    sketch = Sketch(width, bottom + _POWER_H + 30.0, language)
    sketch.words(0.0, 8.0, msg("On the mast"), PLAIN, bold=True)
    boxed = pack.part("box")
    sketch.box(_BOX_X, 0.0, width - _BOX_X, bottom + _POWER_H - 16.0, fill=Role.PLATE, edge=1.3)
    sketch.words(_BOX_X + 7.0, 9.0, boxed.name or msg("The box that stands there"), PLAIN, bold=True,
                 room=width - _BOX_X - 14.0)  # fmt: skip
    bar = bottom + _POWER_H - 6.0
    places = _radios(sketch, pack, bar)
    _switch(sketch, pack, places, inside)
    _power(sketch, pack, bottom, bar)
    _earth(sketch, pack, bar)
    described = counted("Wiring of {name}: {count} radio, its ports, power and earth.",
                        "Wiring of {name}: {count} radios, their ports, power and earth.",
                        len(pack.radios), name=pack.name)  # fmt: skip
    return sketch.done(msg("{name}: wires", name=pack.name), described)


def arrester(sketch: Sketch, x: float, y: float) -> None:
    """Draw the sign of a surge arrester, centred on a place."""
    sketch.box(x - 8.5, y - 5.0, 17.0, 10.0, edge=1.0)
    sketch.line((x + 1.8, y - 3.4), (x - 2.2, y + 0.4), (x + 2.2, y - 0.2), (x - 1.6, y + 3.6), width=0.9)


def _radios(sketch: Sketch, pack: TowerPack, bar: float) -> dict[str, float]:
    """Draw the radios with their cables as far as the switch; return at which height each comes in."""
    places: dict[str, float] = {}
    columns: set[float] = set()
    for number, radio in enumerate(pack.radios):
        y = _HEAD + _ROW * (number + 0.5)
        places[radio.letter] = y
        end = _SWITCH_X - _PORT_W if radio.port else _BOX_X + 20.0
        sketch.line((108.0, y), (end, y), width=1.4)
        sketch.box(0.0, y - 9.0, 108.0, 18.0, edge=1.1)
        sketch.words(6.0, y, radio.letter, PLAIN + 0.5, bold=True)
        sketch.words(19.0, y, aim_words(radio), SMALL, room=87.0)
        for at in (_ARREST_X, _BOX_X + 26.0)[: radio.arresters]:
            arrester(sketch, at, y)
            sketch.line((at - 9.0, y + 9.0), (at, y + 9.0), (at, y + 5.0), width=0.9, role=Role.ACCENT)
            columns.add(at - 9.0)
        _tag(sketch, _LABEL_X, y, radio.label)
        sketch.words(_LABEL_X + 34.0, y - 6.0, msg("{metres:g} m", metres=radio.cable_m), SMALL, bold=True)
        if radio.injector:
            sketch.box(_BOX_X + 40.0, y - 5.5, 28.0, 11.0)
            sketch.words(_BOX_X + 54.0, y, msg("PoE"), SMALL, anchor=Anchor.MIDDLE)
    for x in sorted(columns):
        sketch.line((x, _HEAD + _ROW * 0.5 + 9.0), (x, bar), width=1.1, role=Role.ACCENT)
    return places


def _tag(sketch: Sketch, x: float, y: float, label: str) -> None:
    """Draw a label as it is tied to a cable: white on black."""
    wide = max(text_width(label, SMALL, bold=True) + 8.0, 24.0)
    sketch.box(x, y - 6.0, wide, 12.0, fill=Role.INK, edge=0.0)
    sketch.words(x + wide / 2.0, y, label, SMALL, anchor=Anchor.MIDDLE, bold=True, role=Role.PAPER)


def _switch(sketch: Sketch, pack: TowerPack, places: dict[str, float], inside: list[PortUse]) -> None:
    if not pack.switch:
        room = sketch.width - _SWITCH_X - 14.0
        for number, line in enumerate(
            wrapped(sketch.say(msg("Ports: as in the box that stands there.")), SMALL, room, 3)
        ):
            sketch.words(_SWITCH_X, _HEAD + 0.5 * _ROW + 10.5 * number, line, SMALL, room=room)
        return
    rows = max(len(places), len(inside), 3)
    sketch.box(_SWITCH_X, _HEAD, _SWITCH_W, rows * _ROW, edge=1.3)
    middle, x = _HEAD + rows * _ROW / 2.0, _SWITCH_X + _SWITCH_W / 2.0
    lines = [msg("Switch") if pack.switches == 1 else msg("{count} switches", count=pack.switches)]
    lines.append(msg("{count} ports", count=pack.switch_ports))
    if pack.feed_v:
        lines.append(msg("{volts:g} V out", volts=pack.feed_v))
    long = text_width(sketch.say(lines[0]), PLAIN, bold=True) > _SWITCH_W - 4.0
    for number, words in enumerate(lines):
        size = SMALL if number or long else PLAIN
        sketch.words(x, middle + 11.0 * (number - (len(lines) - 1) / 2.0), words, size,
                     anchor=Anchor.MIDDLE, bold=number == 0, room=_SWITCH_W - 4.0)  # fmt: skip
    for radio in pack.radios:
        if radio.port:
            _port(sketch, _SWITCH_X - _PORT_W, places[radio.letter], _port_name(pack, radio.switch, radio.port))
    for number, one in enumerate(sorted(inside, key=lambda use: (use.kind != "router", use.switch, use.port))):
        y = _HEAD + _ROW * (number + 0.5)
        _port(sketch, _SWITCH_X + _SWITCH_W, y, _port_name(pack, one.switch, one.port))
        _inside(sketch, pack, one, y)


def _port_name(pack: TowerPack, switch: int, port: int) -> str:
    return f"{port}" if pack.switches == 1 else f"{switch}.{port}"


def _port(sketch: Sketch, x: float, y: float, name: str) -> None:
    sketch.box(x, y - _PORT_H / 2.0, _PORT_W, _PORT_H, edge=1.1)
    sketch.words(x + _PORT_W / 2.0, y, name, SMALL, anchor=Anchor.MIDDLE, bold=True)


def _inside(sketch: Sketch, pack: TowerPack, one: PortUse, y: float) -> None:
    if one.kind == "router":
        left, wide = _RIGHT_X + 8.0, sketch.width - _RIGHT_X - 15.0
        sketch.line((_RIGHT_X, y), (left, y), width=1.4)
        sketch.box(left, y - 11.0, wide, 25.0, edge=1.3)
        middle = left + wide / 2.0
        sketch.words(middle, y - 4.5, msg("Router, port 1"), SMALL, anchor=Anchor.MIDDLE, bold=True)
        last = msg("2: Internet · 5: keeper") if pack.gateway else msg("5: keeper's laptop")
        sketch.words(middle, y + 6.5, last, SMALL - 0.6, anchor=Anchor.MIDDLE,
                     room=wide - 3.0)  # fmt: skip
    elif one.kind == "switch":
        sketch.words(_RIGHT_X + 6.0, y, msg("to switch {number}", number=one.other), SMALL)
    else:
        sketch.words(_RIGHT_X + 6.0, y, msg("free: next radio"), SMALL, role=Role.MUTED)


_PART_H = 48.0


def _lines(sketch: Sketch, x: float, y: float, width: float, lines: list[str]) -> None:
    """Draw a box with lines of words round a middle, the first bold, the second over two where it is long."""
    sketch.box(x, y - _PART_H / 2.0, width, _PART_H, edge=1.2)
    shown = [lines[0], *wrapped(lines[1], SMALL, width - 6.0, 2), *lines[2:]] if len(lines) > 1 else lines
    for number, words in enumerate(shown):
        sketch.words(x + width / 2.0, y + 10.5 * (number - (len(shown) - 1) / 2.0), words, SMALL,
                     anchor=Anchor.MIDDLE, bold=number == 0, room=width - 2.0)  # fmt: skip


def _power(sketch: Sketch, pack: TowerPack, bottom: float, bar: float) -> None:
    y = bottom + 56.0
    # Of a box that stands nobody knows what it holds: there is only the way out of its supply.
    top = bottom if pack.switch else bottom + 12.0
    sketch.line((_SWITCH_X + _SWITCH_W / 2.0, top), (_SWITCH_X + _SWITCH_W / 2.0, y - _PART_H / 2.0), width=1.8)
    if pack.switch:
        sketch.line((_SWITCH_X + _SWITCH_W / 2.0, bottom + 12.0), (sketch.width - 34.0, bottom + 12.0),
                    (sketch.width - 34.0, _HEAD + 26.0), width=1.4)  # fmt: skip
    if pack.load_fuse_a is not None:
        words = msg("fuse {amps:g} A", amps=pack.load_fuse_a)
        across = max(48.0, text_width(sketch.say(words), SMALL) + 6.0)
        sketch.box(_SWITCH_X + _SWITCH_W / 2.0 - across / 2.0, bottom + 19.0, across, 12.0)
        sketch.words(_SWITCH_X + _SWITCH_W / 2.0, bottom + 25.0, words, SMALL, anchor=Anchor.MIDDLE)
    wide = sketch.width - 7.0
    battery = pack.part("battery")
    kept = [f"{battery.quantity:g} × {battery.name}"] if battery.quantity else [sketch.say(msg("as it stands there"))]
    if pack.battery_fuse_a is not None and battery.quantity:
        kept.append(sketch.say(msg("fuse {amps:g} A at each +", amps=pack.battery_fuse_a)))
    stored = [sketch.say(msg("Batteries")), *kept]
    ctrl_x, battery_x = _SWITCH_X - 8.0, _SWITCH_X + 86.0
    if pack.solar:
        panel, control, wire = (pack.part(one) for one in ("panel", "controller", "solar_cable"))
        for n in range(min(int(panel.quantity), 4)):
            sketch.box(n * 22.0, y - 14.0, 22.0, 28.0, fill=Role.ACCENT, edge=0.7, role=Role.PAPER)
        sketch.words(0.0, y + 22.0, f"{panel.quantity:g} × {panel.name}" if panel.quantity else msg("panels"), SMALL,
                     room=_LABEL_X + 60.0)  # fmt: skip
        sketch.line((22.0 * min(max(panel.quantity, 1.0), 4.0), y), (wide - 60.0, y), width=1.9)
        if wire.quantity:
            runs = max(1.0, pack.part("breakers").quantity)  # each cable has a breaker of its own
            each = sketch.say(msg("{metres:g} m", metres=wire.quantity / runs))
            sketch.words(_LABEL_X + 42.0, y - 7.0, each if runs == 1.0 else f"{runs:g} × {each}", SMALL, bold=True)
        _tag(sketch, _LABEL_X, y, f"{_initial(pack)}-SUN")
        if pack.part("breakers").quantity:
            _lines(sketch, _BOX_X + 8.0, y, 62.0,
                   [sketch.say(one) for one in (msg("Breaker"), msg("and arrester"))])  # fmt: skip
            sketch.line((_BOX_X + 39.0, y + _PART_H / 2.0), (_BOX_X + 39.0, bar), width=1.1, role=Role.ACCENT)
        name = f"{control.quantity:g} × {control.name}" if control.quantity else ""
        _lines(sketch, ctrl_x, y, 86.0, [sketch.say(msg("Controller")), name])
    else:
        sketch.line((0.0, y), (wide - 60.0, y), width=1.9)
        sketch.words(0.0, y - 9.0, msg("from the mains"), SMALL, bold=True)
        _tag(sketch, _LABEL_X, y, f"{_initial(pack)}-PWR")
        _lines(sketch, _BOX_X + 8.0, y, 62.0,
               [sketch.say(one) for one in (msg("Mains box"), msg("and protector"))])  # fmt: skip
        sketch.line((_BOX_X + 39.0, y + _PART_H / 2.0), (_BOX_X + 39.0, bar), width=1.1, role=Role.ACCENT)
        supply = sketch.say(msg("with battery charger"))
        _lines(sketch, ctrl_x, y, 86.0,
               [sketch.say(msg("{volts:g} V supply", volts=pack.system_v)), supply])  # fmt: skip
    _lines(sketch, battery_x, y, wide - battery_x, stored)


def _initial(pack: TowerPack) -> str:
    """Return the letter that the labels of a tower begin with."""
    return pack.radios[0].label.split("-")[0] if pack.radios else "X"


def _earth(sketch: Sketch, pack: TowerPack, bar: float) -> None:
    left = 112.0
    sketch.box(left, bar, sketch.width - left, 5.5, edge=1.2, role=Role.ACCENT)
    sketch.line((left, bar + 2.75), (left - 22.0, bar + 2.75), (left - 22.0, bar + 6.0), width=1.1, role=Role.ACCENT)
    sketch.earth(left - 22.0, bar + 6.0)
    rods = pack.part("earth_rod").quantity
    first = counted("to {count} earth rod", "to {count} earth rods", int(rods)) if rods else msg("to its own earth")
    for number, line in enumerate(reversed(wrapped(sketch.say(first), SMALL, left - 36.0, 2))):
        sketch.words(left - 36.0, bar + 4.0 - 9.5 * number, line, SMALL, anchor=Anchor.END, role=Role.ACCENT,
                     room=left - 36.0)  # fmt: skip
    sketch.words(left - 36.0, bar + 15.0, msg("at most {ohm:g} Ω", ohm=pack.earth_ohm), SMALL, anchor=Anchor.END,
                 bold=True, role=Role.ACCENT)  # fmt: skip
    name = sketch.say(msg("earth bar"))
    sketch.words(left + 4.0, bar + 15.0, name, SMALL, bold=True, role=Role.ACCENT)
    start = left + max(56.0, text_width(name, SMALL, bold=True) + 12.0)
    room = sketch.width - start - 2.0
    ends = sketch.say(msg("Mast, frame, box, switch and every arrester end here, none in a chain."))
    for number, line in enumerate(wrapped(ends, SMALL, room, 2)):
        sketch.words(start, bar + 15.0 + 9.5 * number, line, SMALL, room=room)
