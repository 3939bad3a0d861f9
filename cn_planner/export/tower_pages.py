"""The packs of the towers as the template sets them: four pages each, strings and drawings that are ready."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from cn_planner.drawing.alignment import compass_rose, horizon_view, level_bands
from cn_planner.drawing.labels import shorten, shorten_middle, text_width
from cn_planner.drawing.sketch import level_text
from cn_planner.drawing.tower_elevation import aim_words, mm_a_metre, tower_elevation, tower_from_above
from cn_planner.drawing.tower_wiring import tower_wiring
from cn_planner.export.book_fields import landmark_words
from cn_planner.export.pdf_data import printable
from cn_planner.export.tower_rescue import rescue_page
from cn_planner.message import counted, msg

if TYPE_CHECKING:
    from cn_planner.export.book import Sheet
    from cn_planner.export.pdf_data import Tongue
    from cn_planner.message import Message
    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.report.tower_records import TowerPack, TowerRadio

WIDTH = 519.0
_LEFT, _RIGHT = 346.0, 163.0
_TALL, _ROW = 396.0, 14.0
_ROOM_ROWS = 5
"""So many radios leave the mast all its room; for each more it is drawn lower."""
_LEAST_TALL = 300.0
"""What stands beside it is as high: less would leave no more room for the table."""
_ROSE, _VIEW = 78.0, 312.0
_MOST_CARDS = 3
"""So many cards fill a page as they are; more are drawn short, four or five on it."""
_SHORT_ROSE, _SHORT_VIEW, _SHORT_BANDS = 58.0, 200.0, 189.0
_NAME_ROOM = 122.0
"""For a name in the table of radios, where the figures beside it are as wide as any language has them: on one line."""
_BILL_SIZE = 8.2
_BILL_GAP = 7.0
"""Between name, quantity and amount: without it the two figures read as one."""
_BILL_SPARE = 4.0
"""Behind a name, whose width the formatter sees a little differently."""
_COLUMNS, _GUTTER = 3, 13.0
_DASH = "\u2013"
_IRON = msg("Take the bearing 10 m away from the mast and any iron, then climb.")


def tower_pages(plan: DeploymentPlan, sheet: Sheet, tongue: Tongue) -> list[dict[str, Any]]:
    """Return the packs, one dictionary each; empty where there is no tower yet. The public gets no rescue page."""
    return [_Pack(plan, one, sheet, tongue).pages() for one in plan.packs]


class _Pack:
    def __init__(self, plan: DeploymentPlan, pack: TowerPack, sheet: Sheet, tongue: Tongue) -> None:
        self.plan, self.pack, self.sheet, self.tongue = plan, pack, sheet, tongue
        self.say, self.number, self._of = tongue.say, tongue.number, tongue.figure

    def pages(self) -> dict[str, Any]:
        """Return all that the four pages hold."""
        pack = self.pack
        links = [one for one in pack.radios if one.card.towards]
        short = len(links) > _MOST_CARDS
        return {
            "name": printable(pack.name),
            "titles": [
                self.say(words)
                for words in (
                    msg("{name}: the mast", name=pack.name), msg("{name}: wires and tests", name=pack.name),
                    msg("{name}: point the antennas", name=pack.name),
                    msg("{name}: a radio that does not answer", name=pack.name),
                )
            ],
            "subtitle": self._subtitle(),
            "mast": self._mast(),
            "radios": self._radios(),
            "bill": self._bill(),
            "wires": self._wires(),
            "tests": self._tests(),
            "short": short,
            "cards": [self._card(one, short=short) for one in links],
            "bands": self._all_bands() if short else [],
            "sectors": [self._sector(one) for one in pack.radios if not one.card.towards],
            "iron": self.say(_IRON),
            "rescue": None if self.plan.meta.homes_blurred_m is not None else rescue_page(pack, self.tongue),
            "foot": self.say(msg("Tower pack {name}", name=pack.name)),
        }  # fmt: skip

    def _subtitle(self) -> str:
        pack = self.pack
        parts = [
            self.say(msg("Tower pack, for those who climb")),
            printable(pack.site) if pack.site != pack.name else "",
            f"{pack.latitude:.6f}, {pack.longitude:.6f}",
            "" if pack.ground_m_amsl is None
            else self.say(msg("ground {metres:,.0f} m above the sea", metres=pack.ground_m_amsl)),
            "" if pack.phase is None else self.say(msg("phase {number}", number=pack.phase)),
            self.say(counted("{count:,g} home", "{count:,g} homes", pack.homes)),
        ]  # fmt: skip
        return " · ".join(part for part in parts if part)

    # Page one

    def _mast(self) -> dict[str, Any]:
        pack, code = self.pack, self.plan.meta.language
        tall = max(_TALL - _ROW * max(0, len(pack.radios) - _ROOM_ROWS), _LEAST_TALL)
        scale = mm_a_metre(pack, _LEFT, tall)
        caption = msg("1 m is {mm:.1f} mm here. Guys are turned into the plane.", mm=scale)
        if pack.stands:
            caption = msg("1 m is {mm:.1f} mm here. What stands there is not drawn as it looks.", mm=scale)
        return {
            "head": self.say(msg("Seen from the south")),
            "caption": self.say(caption),
            "elevation": self.sheet.add(tower_elevation(pack, width=_LEFT, height=tall, language=code)),
            "above-head": self.say(msg("From above, degrees true")),
            "above": self.sheet.add(tower_from_above(pack, width=_RIGHT, language=code)),
            "notes": self._notes(),
            "wind": self._wind(),
            "climb-head": self.say(msg("Before you climb")),
            "climb": self._climb(),
        }

    def _notes(self) -> str:
        pack, said = self.pack, []
        if pack.anchors_deg:
            far = ", ".join(f"{self.number(one)}°" for one in pack.anchors_deg)
            said.append(msg("Squares: anchors, at {degrees}.", degrees=far))
        if pack.declination_deg is not None:
            turn = abs(pack.declination_deg)
            day = pack.date
            less = msg("By compass: true less {degrees:.1f}° ({date}).", degrees=turn, date=day)
            more = msg("By compass: true and {degrees:.1f}° more ({date}).", degrees=turn, date=day)
            said.append(less if pack.declination_deg >= 0.0 else more)
        if pack.guys:
            said.append(msg("Guys as the authors of the program would set them: the drawing of the mast's maker goes "
                            "before."))  # fmt: skip
        return " ".join(self.say(one) for one in said)

    def _wind(self) -> dict[str, Any]:
        wind = self.pack.wind
        blank = ""
        rows = [
            (msg("Area of what hangs there"), self._of(wind.area_m2, "m²", 2) if not wind.unknown else blank),
            (msg("Push of all that hangs"), blank if wind.push_n is None else self._of(wind.push_n, "N")),
            (msg("The mast carries"), blank if wind.carries_n is None else self._of(wind.carries_n, "N")),
        ]
        asked = []
        if wind.unknown:
            asked.append(msg("Not answered: what area against the wind have {radios}? Ask their makers.",
                             radios="; ".join(one.split(" · ")[0] for one in wind.unknown)))  # fmt: skip
        if wind.wind_ms is None:
            asked.append(msg("Not answered: what is the strongest gust to build for here? Ask who knows the building "
                             "code."))  # fmt: skip
        if wind.carries_n is None:
            asked.append(msg("Not answered: how much wind on antennas does the mast carry? Ask its maker."))
        head = msg("What the wind does") if wind.wind_ms is None else msg("What the wind does at {ms:g} m/s",
                                                                          ms=wind.wind_ms)  # fmt: skip
        share = wind.share_pct
        return {
            "head": self.say(head),
            "rows": [{"label": self.say(label), "value": value} for label, value in rows],
            "share": None if share is None else min(share, 100.0),
            "share-words": "" if share is None else self.say(
                msg("{share:.0f} % of what it carries", share=share) if share <= 100.0
                else msg("{share:.0f} % of what it carries: too much", share=share)
            ),
            "asked": [self.say(one) for one in asked],
        }  # fmt: skip

    def _climb(self) -> list[str]:
        pack = self.pack
        said = [
            msg("Two trained people. Harness, two lanyards, helmet. No rain, no storm near, no strong wind. Guys "
                "tight, anchors cured 7 days. Earth at most {ohm:g} Ω when dry: measured before the mast stands.",
                ohm=pack.earth_ohm)
        ]  # fmt: skip
        if pack.stands:
            said.append(msg("Nobody has said yet what this mast bears: have it looked at first."))
        lines = [self.say(one) for one in said]
        if pack.hazard:
            lines.append(self.say(msg("Danger here: {what}", what=printable(pack.hazard))))
        return lines

    def _radios(self) -> dict[str, Any]:
        columns = (
            (msg("Radio"), False), (msg("Looks at"), False), (msg("Height"), True), (msg("True"), True),
            (msg("Compass"), True), (msg("Tilt"), True), (msg("Cable"), True), (msg("Port"), True),
        )  # fmt: skip
        several = self.pack.switches > 1
        rows = []
        for one in self.pack.radios:
            card = one.card
            port = _DASH if not one.port else f"{one.switch}.{one.port}" if several else f"{one.port}"
            rows.append(
                [
                    one.letter, shorten(printable(card.model.split(" · ")[0]), 8.5, _NAME_ROOM),
                    shorten(self._looks_at(one), 8.5, _NAME_ROOM), self._of(card.height_m, "m", 1),
                    self._of(None if card.azimuth_deg is None else card.azimuth_deg % 360.0, "°", 1),
                    self._of(card.azimuth_magnetic_deg, "°", 1),
                    self._tilt(card.tilt_deg), self._of(one.cable_m, "m"), port,
                ]
            )  # fmt: skip
        run = sum(one.cable_m for one in self.pack.radios)
        note = msg("Cable: height, the way to the box, to the next whole metre; together {metres:,.0f} m.", metres=run)
        return {
            "columns": [{"title": self.say(title), "right": right} for title, right in columns],
            "rows": rows,
            "note": self.say(note),
            "empty": self.say(msg("No radio hangs here yet.")),
        }

    def _looks_at(self, one: TowerRadio) -> str:
        if one.card.task == "phones":
            return self.say(msg("phones, all round"))
        if not one.card.towards:
            return self.say(counted("{count:,g} home", "{count:,g} homes", one.homes))
        far = f", {self._of((one.distance_m or 0.0) / 1000.0, 'km', 2)}"
        return shorten(printable(one.card.towards_name), 8.5, _NAME_ROOM - text_width(far, 8.5)) + far

    def _tilt(self, tilt_deg: float | None) -> str:
        if tilt_deg is None:
            return _DASH
        up = msg("up {degrees}°", degrees=self.number(abs(tilt_deg), 1))
        down = msg("down {degrees}°", degrees=self.number(abs(tilt_deg), 1))
        return self.say(msg("level") if abs(tilt_deg) < 0.05 else up if tilt_deg > 0.0 else down)

    def _bill(self) -> dict[str, Any]:
        pack, currency = self.pack, self.plan.meta.currency
        bought = [line for line in self.plan.site_bom if line.site == pack.site]
        kinds = Counter(line.name.split(",")[0] for line in bought)
        figures = [
            (self.number(line.quantity), _DASH if line.total is None else self.number(line.total)) for line in bought
        ]
        widths = [max((text_width(one[n], _BILL_SIZE) for one in figures), default=0.0) + _BILL_GAP for n in range(2)]
        room = (WIDTH - (_COLUMNS - 1) * _GUTTER) / _COLUMNS - sum(widths) - _BILL_SPARE
        lines = []
        for line, (quantity, amount) in zip(bought, figures, strict=True):
            kind = line.name.split(",")[0]
            name = shorten_middle(printable(kind if kinds[kind] == 1 else line.name), _BILL_SIZE, room)
            lines.append([name, quantity, amount])
        each = -(-len(lines) // _COLUMNS)
        return {
            "head": self.say(msg("Bill of this tower, {currency}", currency=currency)),
            "columns": [lines[n * each : (n + 1) * each] for n in range(_COLUMNS)] if lines else [],
            "widths": widths,
            "money": [{"label": self.say(one.title), "value": self.number(one.amount)} for one in pack.money],
            "total-label": self.say(msg("This tower")),
            "total": self.tongue.money(pack.cost, currency, 0),
            "note": self.say(msg("Whole {currency}; the sum is that of the exact amounts. Spare radios are in the "
                                 "whole bill.", currency=currency)) if lines
            else self.say(msg("Nothing is bought for this tower.")),
        }  # fmt: skip

    # Page two

    def _wires(self) -> dict[str, Any]:
        pack = self.pack
        fed = sum(one.fed for one in pack.radios)
        said: list[Message] = []
        if pack.switch:
            said.append(counted("The switch feeds {count} radio.", "The switch feeds {count} radios.", fed))
        if any(one.injector for one in pack.radios):
            letters = ", ".join(one.letter for one in pack.radios if one.injector)
            said.append(msg("PoE: {letters} has an injector of its own in the box.", letters=letters))
        said.append(msg("Black labels: tie one to each end of the cable. The jagged sign is an Ethernet arrester: one "
                        "at the radio, one where the cable enters the box."))  # fmt: skip
        power = [msg("All at its greatest: {watts:.1f} W, {wh:,.0f} Wh a day.", watts=pack.load_w, wh=pack.wh_day)]
        if pack.power is not None and pack.power.autonomy_days is not None:
            power.append(msg("Batteries alone: {days:.1f} days.", days=pack.power.autonomy_days))
        earth = [
            msg("Earth: measure it when the soil is dry, before anything hangs there; at most {ohm:g} Ω "
                "(IEC 62305-3). If it is more: add a rod further off, or in moist soil.", ohm=pack.earth_ohm)
        ]  # fmt: skip
        return {
            "drawing": self.sheet.add(tower_wiring(pack, width=WIDTH, language=self.plan.meta.language)),
            "notes": [" ".join(self.say(one) for one in group) for group in (said, power, earth)],
        }

    def _tests(self) -> dict[str, Any]:
        """Return the test sheet: what must be measured, and what it must be."""
        pack = self.pack
        rows: list[tuple[str, str]] = [
            (self.say(msg("Earth, dry soil")), self.say(msg("at most {ohm:g} Ω", ohm=pack.earth_ohm))),
            (self.say(msg("Mast, off plumb at the top")), self.say(msg("at most {mm:.0f} mm", mm=pack.plumb_mm))),
            (self.say(msg("Battery, rested: what does its maker ask?")), "____ V"),
            (self.say(msg("Draw of all, busy")), self.say(msg("up to {watts:.1f} W", watts=pack.load_w))),
        ]
        for one in pack.radios:
            if not one.card.towards:
                continue
            low, high = one.card.accept_dbm, one.over_dbm
            level = _DASH if low is None or high is None else f"{level_text(low)} … {level_text(high)} dBm"
            rows.append((self.say(msg("{letter}: level, both ends", letter=one.letter)), level))
            rate = _DASH if one.rate_mbps is None else self.say(
                msg("{rate} or more", rate=self.tongue.rate(one.rate_mbps))
            )  # fmt: skip
            rows.append((self.say(msg("{letter}: rate each way", letter=one.letter)), rate))
        labels = ", ".join(one.label for one in pack.radios)
        rows += [
            (self.say(msg("Cable labels, both ends")), shorten(labels, 8.5, 92.0)),
            (self.say(msg("To the gateway, 10 minutes")), self.say(msg("loss under 1 %"))),
            (self.say(msg("Off and on again")), self.say(msg("all back in 5 min"))),
        ]
        half = -(-len(rows) // 2)
        return {
            "head": self.say(msg("Test sheet")),
            "columns": [self.say(one) for one in (msg("Test"), msg("Must be"), msg("Measured"))],
            "halves": [[list(row) for row in part] for part in (rows[:half], rows[half:])],
            "signed": [
                self.say(one) for one in (msg("Date"), msg("Weather"), msg("Tested by"), msg("Second person"))
            ],
        }  # fmt: skip

    # Page three

    def _card(self, one: TowerRadio, *, short: bool) -> dict[str, Any]:
        card, code = one.card, self.plan.meta.language
        rose, view, bands = (_SHORT_ROSE, _SHORT_VIEW, _SHORT_BANDS) if short else (_ROSE, _VIEW, _VIEW)
        compass = card.azimuth_magnetic_deg
        bearing = (card.azimuth_deg or 0.0) if compass is None else compass
        known = card.expected_dbm is not None and one.over_dbm is not None
        return {
            "head": self.say(msg("{letter} to {site}: align", letter=one.letter, site=card.towards_name)),
            "rose": self.sheet.add(compass_rose(bearing, size=rose, language=code)),
            "by": self.say(msg("By compass") if compass is not None else msg("From true north")),
            "big": f"{self.number(round(bearing) % 360)}°",
            "exact": "" if compass is None else self.say(
                msg("{degrees}° exactly", degrees=self.number(compass, 1))
            ),
            "true": self.say(
                msg("{degrees}° from true north", degrees=self.number((card.azimuth_deg or 0.0) % 360.0, 1))
            ),
            "facts": [
                [self.say(label), value]
                for label, value in (
                    (msg("Tilt"), self._tilt(card.tilt_deg)), (msg("Height"), self._of(card.height_m, "m", 1)),
                    (msg("Channel"), self._of(card.freq_mhz, "MHz")), (msg("Width"), self._of(card.width_mhz, "MHz")),
                    (msg("Sent"), self._of(card.tx_power_dbm, "dBm")),
                    (msg("Far end"), self._of((one.distance_m or 0.0) / 1000.0, "km", 2)),
                )
            ],
            "iron": self.say(_IRON),
            "caution": "" if card.caution is None else self.say(card.caution),
            "seen": self.say(msg("What you see there.")),
            "turn": landmark_words(card.landmark, self.tongue),
            "view": self.sheet.add(horizon_view(one, width=view, language=code)) if one.horizon else None,
            "bands": self.sheet.add(level_bands(card, one.over_dbm or 0.0, width=bands, language=code))
            if known else None,
            "words": self._band_words(one) if known and not short else [],
            "boxes": [
                self.say(label)
                for label in (
                    msg("Level here, dBm"), msg("Level at {site}, dBm", site=shorten(card.towards_name, 8.5, 60.0)),
                    msg("Compass, °"), msg("Tilt, °"), msg("Height, m"),
                )
            ],
        }  # fmt: skip

    def _band_words(self, one: TowerRadio) -> list[dict[str, str]]:
        power, over = self._of(one.card.tx_power_dbm, "dBm"), level_text(one.over_dbm or 0.0)
        return self._bands(
            msg("fasten, seal, write it down. Stronger than {dbm}: is the power {power}?", dbm=over, power=power)
        )

    def _all_bands(self) -> list[dict[str, str]]:
        """Return what the bands say, once for all cards of a page."""
        return self._bands(msg("fasten, seal, write it down. Stronger: is the power the one that is written here?"))

    def _bands(self, planned: Message) -> list[dict[str, str]]:
        rows = (
            (msg("Wrong:"), msg("far end off, another channel, or something stands between.")),
            (msg("Look for the main lobe:"), msg("sweep 15° each way, slowly, then tilt. The strongest is right.")),
            (msg("As planned:"), planned),
        )
        return [{"head": self.say(head), "text": self.say(text)} for head, text in rows]

    def _sector(self, one: TowerRadio) -> dict[str, Any]:
        card = one.card
        compass = card.azimuth_magnetic_deg
        bearing = (card.azimuth_deg or 0.0) if compass is None else compass
        aim = "" if card.azimuth_deg is None else self.say(
            msg("{degrees}° from true north", degrees=self.number(card.azimuth_deg % 360.0, 1))
        )  # fmt: skip
        level = (
            "" if card.expected_dbm is None or card.tested_at_m is None
            else self.say(msg("A home {km:.1f} km off then hears {dbm} dBm.", km=card.tested_at_m / 1000.0,
                              dbm=level_text(card.expected_dbm)))
        )  # fmt: skip
        return {
            "head": f"{one.letter}: {self.say(aim_words(one))}",
            "big": f"{self.number(round(bearing) % 360)}°" if aim else self.say(msg("All round")),
            "by": "" if not aim else self.say(msg("By compass") if compass is not None else msg("From true north")),
            "rest": " · ".join(
                part
                for part in (
                    aim, self._tilt(card.tilt_deg), self._of(card.height_m, "m", 1), self._of(card.freq_mhz, "MHz"),
                    self._of(card.tx_power_dbm, "dBm"),
                )
                if part
            ),
            "level": level,
        }  # fmt: skip
