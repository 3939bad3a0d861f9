"""Whose data a plan rests on, of when and under which licence; and what was measured, where that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.i18n import say
from cn_planner.links.known_place import known_place
from cn_planner.message import Message, counted, msg
from cn_planner.model.ground import FileKind
from cn_planner.model.regulations import texts_read
from cn_planner.report.deployment import SEAMS, SourceRecord
from cn_planner.service.calibrate import offset_words, offsets
from cn_planner.terrain.overview import data_of, seam_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cn_planner.model.plan import Plan
    from cn_planner.report.deployment import AntennaRecord, BomLine
    from cn_planner.study import Study
    from cn_planner.terrain.surface import Surface


def _ground_sources(plan: Plan, surface: Surface) -> Iterable[SourceRecord]:
    """Return the sources of the ground and of its trees, with what a reader of the plan has to know of each."""
    data = data_of(plan, surface)
    for one in data.rows:
        what: Message = msg("Terrain") if one.kind is FileKind.ELEVATION else msg("Trees")
        name = one.name if isinstance(one.name, str) else say(one.name, plan.info.language)
        said = ", ".join(say(phrase, plan.info.language) for phrase in one.said)
        yield SourceRecord(what, one.source or name, one.date, one.licence, said)
    for sentence in (*(seam_words(seam) for seam in data.seams if seam.most_m > 0.0), *data.notes):
        yield SourceRecord(SEAMS, say(sentence, plan.info.language), "", "")


def source_records(
    study: Study, antennas: tuple[AntennaRecord, ...], bom: tuple[BomLine, ...]
) -> Iterable[SourceRecord]:
    """Yield the data that a plan rests on, some of them more than once.

    Parameters
    ----------
    study : Study
        The plan, its ground and its equipment.
    antennas, bom : tuple of records
        What hangs, and what is bought: whose data sheets, rules and prices they are.
    """
    plan, surface, regulations = study.plan, study.surface, study.regulations
    terrain: Message = msg("Terrain")
    if not surface.empty and plan.elevation:
        yield from _ground_sources(plan, surface)
    else:
        for row in plan.elevation:
            yield SourceRecord(terrain, row.source or row.id, row.date, row.licence)
    if not surface.empty and not plan.elevation:
        for source in surface.sources:
            yield SourceRecord(terrain, source.source or source.name, "", source.licence)
    for whose in filter(None, plan.info.data_sources.split("; ")):
        yield SourceRecord(msg("Homes and places"), whose, "", "")
    yield from _measured(plan)
    used = {one.radio for one in antennas}
    for radio in study.catalogue.radios.values():
        if f"{radio.maker} {radio.name}".strip() in used:
            sheet = radio.source
            yield SourceRecord(msg("Radios"), f"{sheet.publisher}: {sheet.title}", sheet.date, "")
    for line in bom:
        if line.price_source:
            yield SourceRecord(msg("Prices"), line.price_source, line.price_date, "")
    if plan.sun.monthly_kwh_m2_day:
        yield SourceRecord(msg("Sun"), plan.sun.source or say(msg("figures of the plan"), plan.info.language),
                           plan.sun.date, "")  # fmt: skip
    elif plan.sun.clearness is not None:
        how = msg("a clear sky (Haurwitz 1945), of which an average day has {share:.0%}", share=plan.sun.clearness)
        yield SourceRecord(msg("Sun"), plan.sun.source or say(how, plan.info.language), plan.sun.date, "")
    if regulations is not None:
        freqs = (one.freq_mhz for one in antennas if one.freq_mhz is not None)
        own = say(msg("what you wrote down"), plan.info.language)
        yield from (
            SourceRecord(msg("Radio rules"), name or own, day, "") for name, day in texts_read(regulations, freqs)
        )
    if any(one.declination_deg is not None for one in antennas):
        yield SourceRecord(msg("Compass"), "World Magnetic Model 2025, NOAA/NCEI and BGS", "2025", "public domain")


def _measured(plan: Plan) -> Iterable[SourceRecord]:
    """Return what levels to homes were corrected by: how many readings of which towers, and by how much."""
    known, place = plan.calibration, known_place(plan)
    if place is None:
        return
    count = counted("{count} level of {sites}", "{count} levels of {sites}", len(known.residuals),
                    sites=", ".join(known.sites))  # fmt: skip
    language = plan.info.language
    offset = say(offset_words(offsets(place.posterior, known.sites)[0]), language)
    yield SourceRecord(msg("What was measured"), say(count, language), "", "", offset)
