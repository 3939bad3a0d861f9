"""The links as the network book tells them, half a page each: is it clear, strong both ways, what to check on site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cn_planner.drawing.inset_profile import TightPlace, cover_at, inset_profile
from cn_planner.drawing.labels import shorten
from cn_planner.drawing.rate_chart import RateSteps, rate_chart, staircase
from cn_planner.export.network_fit import CHART_WIDTH, WIDTH, fitted, title_of
from cn_planner.export.pdf_data import DASH, breakable, printable
from cn_planner.message import counted, msg
from cn_planner.model.owners import owner_agreed
from cn_planner.report import words
from cn_planner.report.deployment import LinkReport

if TYPE_CHECKING:
    from cn_planner.drawing.profile_chart import ProfileContent
    from cn_planner.export.book import LinkDrawings, Sheet
    from cn_planner.export.paper_words import Paper
    from cn_planner.message import Message
    from cn_planner.report.deployment import AntennaRecord, DeploymentPlan, LinkEnd, LinkRecord, SiteRecord
    from cn_planner.service.mode_ladder import ModeStep

_PROFILE, _CHART = 116.0, 90.0
_HAIR_KEPT = 0.02
_HAIR_MBPS = 1e-6
_NAME, _COLUMN, _SHORT = 84.0, 48.0, 100.0
"""Room for a name over a column of figures, on two lines, for a word of it, and within a sentence, points."""


def link_halves(
    paper: Paper, drawn: LinkDrawings, sheet: Sheet, count: int, *, with_owners: bool
) -> list[dict[str, Any]]:
    """Return so many links, the weakest first, each as half a page; those whose ends stand in the plan.

    ``with_owners``: whether it is asked who has not agreed yet.
    """
    plan = paper.plan
    reports = {one.link: one for one in plan.link_reports}
    sites = {one.id: one for one in plan.sites}
    found = []
    for number, link in enumerate(plan.links[:count]):
        if link.a.site in sites and link.b.site in sites:
            ends = sites[link.a.site], sites[link.b.site]
            own = _Half(paper, link, reports.get(link.id, LinkReport(link.id)), ends)
            found.append(own.half(number, drawn, sheet, with_owners=with_owners))
    return [one for n in range(0, len(found), 2) for one in fitted(found[n : n + 2])]


class _Way(NamedTuple):
    """One direction: who sends, who hears, what each mode has to spare there."""

    sends: LinkEnd
    hears: LinkEnd
    modes: tuple[ModeStep, ...]


class _Half:
    def __init__(self, paper: Paper, link: LinkRecord, report: LinkReport, ends: tuple[SiteRecord, SiteRecord]) -> None:
        self.paper, self.link, self.report, self.ends = paper, link, report, ends
        self.plan: DeploymentPlan = paper.plan
        self.say, self.tongue = paper.say, paper.tongue
        self.names = tuple(printable(one.name or one.id) for one in ends)
        self.short = tuple(shorten(name, 8.0, _SHORT) for name in self.names)
        self.radios = {one.site: one for one in self.plan.antennas if one.id == link.id and one.towards}
        self.ways = (_Way(link.a, link.b, report.modes_b), _Way(link.b, link.a, report.modes_a))
        self.wanted_db = paper.assumed("rules.backhaul_margin_db")
        self.counted_mbps = min((one.hears.rate_mbps or 0.0 for one in self.ways), default=0.0)
        # What other senders leave of it on its channel.
        self.kept = 1.0
        if link.carries_mbps is not None and self.counted_mbps > 0.0:
            self.kept = min(1.0, link.carries_mbps / self.counted_mbps)

    def half(self, number: int, drawn: LinkDrawings, sheet: Sheet, *, with_owners: bool) -> dict[str, Any]:
        """Return what stands on half a page."""
        link = self.link
        profile = drawn.profile(link)
        tight = None
        if link.clearance_at_m is not None and link.clearance_m is not None:
            wanted = self.paper.assumed("rules.clearance_f1")
            zone = link.clearance_f1 if link.freq_mhz is not None else None
            tight = TightPlace(link.clearance_at_m, link.clearance_m, zone, 0.6 if wanted is None else wanted)
        language = self.plan.meta.language
        told = [self.say(link.reason), *([] if link.fix is None else [self.say(link.fix)])]
        return {
            **title_of(f"{self.names[0]} – {self.names[1]}"),
            "verdict": link.verdict,
            "word": self.say(words.VERDICT_WORDS[link.verdict]),
            "facts": self._facts(number),
            "asked": [] if link.freq_mhz is not None else [self.paper.blank(msg("on which channel, with which kit?"))],
            "told": " ".join(told),
            "profile": None if profile is None
            else sheet.add(inset_profile(profile, tight, width=WIDTH, height=_PROFILE, language=language)),
            "no-profile": self.paper.blank(msg("what stands between them? No terrain is known.")),
            "table": self._table(),
            "chart": self._chart(sheet),
            "worse": self._worse(),
            "said": self._said(),
            "check-head": self.say(msg("Check on site")),
            "checks": [self.say(one) for one in self._checks(profile, with_owners=with_owners)],
        }  # fmt: skip

    def _facts(self, number: int) -> list[dict[str, Any]]:
        link, tongue = self.link, self.tongue
        facts = [(tongue.figure(link.distance_m / 1000.0, "km", 2), False)]
        if link.freq_mhz is not None:
            channel = tongue.figure(link.freq_mhz, "MHz")
            wide = msg("{channel}, {width} wide", channel=channel, width=tongue.figure(link.width_mhz, "MHz"))
            facts.append((channel if link.width_mhz is None else self.say(wide), False))
        facts.append((printable(link.kit), False))
        if link.homes_lost_if_fails:
            silent = counted(
                "{count:,g} home falls silent without it", "{count:,g} homes fall silent without it",
                link.homes_lost_if_fails,
            )  # fmt: skip
            facts.append((self.say(silent), True))
        place = msg("{n} of {all}, weakest first", n=number + 1, all=len(self.plan.links))
        facts.append((self.say(place), False))
        return [{"text": text, "bold": bold} for text, bold in facts if text]

    # Both ways

    def _table(self) -> dict[str, Any] | None:
        link = self.link
        if link.a.rsl_dbm is None or link.b.rsl_dbm is None:
            return None
        modes = [one.hears.mcs for one in self.ways]
        one_mode = modes[0] if modes[0] == modes[1] else ""
        lost = [one for one in (link.loss_diffraction_db, link.loss_vegetation_db, link.loss_gas_db, link.loss_rain_db)
                if one]  # fmt: skip
        rows: list[tuple[Message, list[str], bool]] = [
            (msg("Sent, dBm, and antenna, dBi"), [self._sent(one) for one in self.ways], False),
            (msg("Radiated at most; the law allows, dBm"), [self._radiated(one) for one in self.ways], False),
            (msg("Lost in free space, dB"), [self._signed(_less(link.loss_free_space_db))] * 2, False),
        ]
        if lost:
            rows.append((msg("Hills, trees, gases, rain, dB"), [self._signed(-sum(lost))] * 2, False))
        cables = sum(one.cable_loss_db or 0.0 for one in self.radios.values())
        if cables:
            rows.append((msg("Cables at both ends, dB"), [self._signed(-cables)] * 2, False))
        rows += [
            (msg("Antenna there, dBi"), [self._signed(self._gain(one.hears)) for one in self.ways], False),
            (msg("Arrives, dBm"), [self._signed(one.hears.rsl_dbm, plus=False) for one in self.ways], True),
        ]
        if not one_mode:
            rows.append((msg("Mode"), [printable(one) or DASH for one in modes], False))
        needs = [self._needs(one) for one in self.ways]
        if any(one is not None for one in needs):
            rows.append((msg("The mode needs, dBm"), [self._signed(one, plus=False) for one in needs], False))
        spare = msg("To spare, dB")
        if self.wanted_db is not None:
            spare = msg("To spare, dB ({wanted} wanted)", wanted=self._short(self.wanted_db))
        rows.append((spare, [self._signed(one.hears.margin_db, plus=False) for one in self.ways], True))
        rows.append((msg("Mbit/s; the busiest hour needs"), [self._rates(one) for one in self.ways], False))
        head = msg("Both ways at one mode: {mode}", mode=one_mode) if one_mode else msg("Both ways")
        return {
            "head": self.say(head),
            "columns": [
                self.say(msg("To {site}", site=breakable(shorten(name, 8.5, _NAME), _COLUMN, 9.0)))
                for name in reversed(self.names)
            ],
            "rows": [{"title": self.say(title), "cells": cells, "bold": bold} for title, cells, bold in rows],
        }

    def _radio(self, end: LinkEnd) -> AntennaRecord | None:
        return self.radios.get(end.site)

    def _gain(self, end: LinkEnd) -> float | None:
        radio = self._radio(end)
        return None if radio is None else radio.gain_dbi

    def _short(self, value: float | None) -> str:
        if value is None:
            return DASH
        return self.tongue.number(value, 0 if abs(value - round(value)) < 0.05 else 1)

    def _signed(self, value: float | None, *, plus: bool = True) -> str:
        if value is None:
            return DASH
        text = self.tongue.number(value, 1)
        return f"+{text}" if plus and value > 0.0 else text

    def _sent(self, way: _Way) -> str:
        return f"{self._short(way.sends.sent_dbm)} + {self._short(self._gain(way.sends))}"

    def _radiated(self, way: _Way) -> str:
        radio = self._radio(way.sends)
        if radio is None:
            return DASH
        return f"{self._short(radio.eirp_dbm)}; {self._short(radio.limit_dbm)}"

    def _needs(self, way: _Way) -> float | None:
        return next((one.needs_dbm for one in way.modes if one.mode == way.hears.mcs), None)

    def _rates(self, way: _Way) -> str:
        load = self.link.load_mbps
        return f"{self._mbps(way.hears.rate_mbps)}; {DASH if load is None else self.tongue.number(load, 1)}"

    def _mbps(self, value: float | None) -> str:
        """Return a rate in Mbit/s, without its unit."""
        if value is None:
            return DASH
        return self.tongue.number(value, 0 if value >= 1.0 else 2 if value >= 0.1 else 4)

    # What it falls back to

    def _steps(self) -> tuple[ModeStep, ...]:
        """Return the modes of the way that has less to spare, that carry more than all that ask for less."""
        worse = min(self.ways, key=lambda way: min((one.spare_db for one in way.modes), default=0.0))
        stairs = staircase([(-one.spare_db, one.rate_mbps, one.mode) for one in worse.modes])
        kept = {mode for _, _, mode in stairs}
        return tuple(sorted((one for one in worse.modes if one.mode in kept), key=lambda one: one.rate_mbps))

    def _chart(self, sheet: Sheet) -> dict[str, Any] | None:
        link, steps = self.link, self._steps()
        if not steps or link.a.rsl_dbm is None or link.b.rsl_dbm is None:
            return None
        slower = min(self.ways, key=lambda way: way.hears.rate_mbps or 0.0).hears
        counted_mode, rate = slower.mcs, slower.rate_mbps or 0.0
        at = next((n for n, one in enumerate(steps) if rate and abs(one.rate_mbps - rate) < _HAIR_MBPS), -1)
        # A mode may be sent with less power than another: each begins where what arrives in the mode that is counted
        # on is so much less or more than it is as that mode has to spare.
        weakest = min(link.a.rsl_dbm, link.b.rsl_dbm)
        spare = min((one.hears.margin_db for one in self.ways if one.hears.margin_db is not None), default=None)
        foot = msg("dBm that arrive")
        if counted_mode:
            foot = msg("dBm that arrive, sent as in {mode}", mode=counted_mode)
        chart = RateSteps(
            tuple((weakest - one.spare_db, one.rate_mbps, self._mbps(one.rate_mbps)) for one in steps),
            at,
            tuple((name, end.rsl_dbm) for name, end in zip(self.names, (link.a, link.b), strict=True)
                  if end.rsl_dbm is not None),
            "" if spare is None or at < 0 else self.say(msg("{db} dB to spare", db=self.tongue.number(spare, 1))),
            self.say(msg("Mbit/s by what arrives")),
            self.say(foot),
            self.say(msg("both ways")),
        )  # fmt: skip
        return sheet.add(rate_chart(chart, width=CHART_WIDTH, height=_CHART, language=self.plan.meta.language))

    def _worse(self) -> list[dict[str, str]]:
        """Return what stands under the table, each after a lead in bold."""
        said: list[tuple[Message, str]] = []
        if self.report.what_ifs:
            cases = [
                self.say(msg("{what}: {verdict}, {db} dB", what=one.what, verdict=words.VERDICT_WORDS[one.verdict],
                             db=DASH if one.margin_db is None else self.tongue.number(one.margin_db, 1)))
                for one in self.report.what_ifs
            ]  # fmt: skip
            said.append((msg("If it is worse than thought:"), " · ".join(cases)))
        least = self.link.a.height_needed_m, self.link.b.height_needed_m
        if None not in least:
            high = (self.tongue.figure(one, "m", 1) for one in least)
            both = "; ".join(f"{name} {metres}" for name, metres in zip(self.short, high, strict=True))
            said.append((msg("Least height, the other end kept:"), both))
        return [{"lead": self.say(lead), "text": text} for lead, text in said]

    def _said(self) -> list[dict[str, str]]:
        """Return what stands under the chart, each after a lead in bold."""
        said: list[tuple[Message, str]] = []
        falls = self._falls_back()
        if falls:
            said.append((msg("When it fades:"), " ".join(self.say(one) for one in falls)))
        told = [self.say(one) for one in self.report.told]
        if self.kept < 1.0 - _HAIR_KEPT and self.link.carries_mbps is not None:
            carries = msg("carries {rate} on its channel", rate=self.tongue.rate(self.link.carries_mbps))
            told.insert(0, f"{self.say(carries)}.")
        if self.report.relay is not None:
            told.append(self.say(self.report.relay))
        if told:
            said.append((msg("To be minded:"), " ".join(told)))
        return [{"lead": self.say(lead), "text": text} for lead, text in said]

    def _falls_back(self) -> list[Message]:
        link, steps, said = self.link, self._steps(), []
        counted_on = self.counted_mbps
        faster = [one for one in steps if one.rate_mbps > counted_on + _HAIR_MBPS]
        if faster and counted_on and self.wanted_db is not None:
            said.append(
                msg("{mode} is not counted: it leaves {db} dB, under {wanted}.", mode=faster[0].mode,
                    db=self.tongue.number(faster[0].spare_db, 1), wanted=self._short(self.wanted_db))
            )  # fmt: skip
        elif steps and not counted_on and self.wanted_db is not None:
            said.append(msg("No mode leaves the {wanted} dB that are wanted.", wanted=self._short(self.wanted_db)))
        slower = [one for one in steps if one.rate_mbps < counted_on - _HAIR_MBPS and one.spare_db >= 0.0][::-1]
        load = link.load_mbps or 0.0
        if slower:
            rates = ", ".join(self._mbps(one.rate_mbps) for one in slower)
            few = [one for one in slower if self.kept * one.rate_mbps < load]
            busy = self.tongue.number(load, 1)
            if few and len(few) < len(slower):
                said.append(msg("Falls back to {rates} Mbit/s; from {rate} down they do not carry the busiest hour "
                                "({busy}).", rates=rates, rate=self._mbps(few[0].rate_mbps), busy=busy))  # fmt: skip
            elif few:
                said.append(msg("Falls back to {rates} Mbit/s: none of these carries the busiest hour ({busy}).",
                                rates=rates, busy=busy))  # fmt: skip
            elif load:
                said.append(msg("Falls back to {rates} Mbit/s; even the slowest carries the busiest hour ({busy}).",
                                rates=rates, busy=busy))  # fmt: skip
            else:
                said.append(msg("Falls back to {rates} Mbit/s.", rates=rates))
        if link.fallback_db is not None and link.fallback_db >= 0.0:
            said.append(msg("Silent when {db} dB are lost.", db=self.tongue.number(link.fallback_db, 1)))
        return said

    # On site

    def _checks(self, profile: ProfileContent | None, *, with_owners: bool) -> list[Message]:
        link, checks = self.link, []
        if profile is not None and link.clearance_at_m is not None:
            checks.append(self._tightest(profile, link.clearance_at_m))
        else:
            checks.append(msg("From the mast of {a} the mast of {b} is seen:", a=self.short[0], b=self.short[1]))
        if link.freq_mhz is not None:
            checks.append(
                msg("Scan at both ends, 10 minutes, in the evening: who else sends near {channel}?",
                    channel=self.tongue.figure(link.freq_mhz, "MHz"))
            )  # fmt: skip
        checks.append(msg("Level measured, dBm, at {a} and at {b}:", a=self.short[0], b=self.short[1]))
        if with_owners:
            unsaid = [name for name, one in zip(self.short, self.ends, strict=True) if not owner_agreed(one)]
            if unsaid:
                checks.append(msg("Has the owner signed? {sites}", sites=", ".join(unsaid)))
        return checks

    def _tightest(self, profile: ProfileContent, at_m: float) -> Message:
        cover = cover_at(profile, at_m)
        km = self.tongue.figure(at_m / 1000.0, "km", 2)
        if cover > 0.0:
            return msg("{km} from {site}: is anything taller there than {metres}, which is counted?",
                       km=km, site=self.short[0], metres=self.tongue.figure(cover, "m"))  # fmt: skip
        return msg("{km} from {site}: does a tree or a house stand there? None is counted.",
                   km=km, site=self.short[0])  # fmt: skip


def _less(value: float | None) -> float | None:
    return None if value is None else -value
