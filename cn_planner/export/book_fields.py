"""What is taken to the mast, as strings that are ready to set: alignment cards, survey sheets, checklists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cn_planner.export.pdf_data import printable
from cn_planner.message import Message, msg
from cn_planner.report import words
from cn_planner.report.checklists import CHECKLISTS
from cn_planner.report.field_sheets import (
    FROM_WORDS,
    MEASUREMENT_FIELDS,
    SITE_FIELDS,
    SITE_LINES,
    VISIT_WORDS,
    WHEN_WORDS,
    WHO_WORDS,
    survey_sheets,
)

if TYPE_CHECKING:
    from cn_planner.export.pdf_data import Tongue
    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.report.field_sheets import Reading, SheetSight, SurveySheet
    from cn_planner.report.tower_records import AlignmentCard, Landmark

_DASH = "\u2013"


def _whole_deg(bearing_deg: float | None) -> float | None:
    """Return a bearing in whole degrees, below 360."""
    return None if bearing_deg is None else float(round(bearing_deg) % 360)


def cards(plan: DeploymentPlan, tongue: Tongue) -> list[dict[str, Any]]:
    """Return each alignment card as the template sets it."""
    return [_card(one, tongue) for one in plan.cards]


def _card(card: AlignmentCard, tongue: Tongue) -> dict[str, Any]:
    aim = msg("To {site}", site=card.towards_name) if card.towards else msg("Sector {id}", id=card.antenna)
    power = tongue.figure(card.tx_power_dbm, "dBm", 0)
    channel = " · ".join(
        (tongue.figure(card.freq_mhz, "MHz", 0), tongue.figure(card.width_mhz, "MHz", 0), power)
    )  # fmt: skip
    around = tongue.say(msg("All round")) if card.azimuth_deg is None else ""
    return {
        "site": printable(card.site_name),
        "site-id": printable(card.site),
        "aim": tongue.say(aim),
        "model": printable(card.model),
        "azimuth": card.azimuth_deg,
        "figures": [
            {"label": tongue.say(label), "value": value}
            for label, value in (
                (msg("By compass"), around or tongue.figure(_whole_deg(card.azimuth_magnetic_deg), "°", 0)),
                (msg("From true north"), around or tongue.figure(card.azimuth_deg, "°", 1)),
                (msg("Tilt, up is positive"), tongue.figure(card.tilt_deg, "°", 1)),
                (msg("Height above ground"), tongue.figure(card.height_m, "m", 1)),
            )
        ],
        "landmark": landmark_words(card.landmark, tongue),
        "channel-label": tongue.say(msg("Channel, width, power")),
        "channel": channel,
        "caution": "" if card.caution is None else tongue.say(card.caution),
        "levels": _levels(card, tongue),
        "heard": _heard(card, tongue),
        "boxes": [
            tongue.say(label)
            for label in (
                msg("Measured, dBm"), msg("Compass, °"), msg("Tilt, °"), msg("Height, m"), msg("Date"), msg("By whom"),
            )
        ],
    }  # fmt: skip


def landmark_words(landmark: Landmark | None, tongue: Tongue) -> str:
    """Return where to point by a landmark; empty without one."""
    if landmark is None:
        return ""
    name = landmark.name or tongue.say(msg("without a name"))
    height = landmark.ground_m_amsl
    what = (
        msg("{kind} {name}", kind=landmark.kind, name=name)
        if height is None
        else msg("{kind} {name}, {metres:.0f} m above the sea", kind=landmark.kind, name=name, metres=height)
    )
    km = landmark.distance_m / 1000.0
    if abs(landmark.off_deg) < 0.5:
        return tongue.say(msg("{what}: straight ahead, {km:.1f} km away.", what=what, km=km))
    if landmark.off_deg > 0.0:
        return tongue.say(
            msg(
                "{what}, {km:.1f} km away: point {degrees:.0f}° left of it.", what=what, km=km, degrees=landmark.off_deg
            )
        )
    return tongue.say(
        msg("{what}, {km:.1f} km away: point {degrees:.0f}° right of it.", what=what, km=km, degrees=-landmark.off_deg)
    )


def _levels(card: AlignmentCard, tongue: Tongue) -> list[dict[str, str]]:
    if card.expected_dbm is None:
        return []
    rows = (
        (msg("Expected"), card.expected_dbm, msg("while nobody loads it")),
        (msg("As planned from"), card.accept_dbm, msg("write it down, fasten, seal")),
        (msg("Less, down to"), card.reject_dbm, msg("a side lobe: turn on and tilt until you find the main lobe")),
        (msg("Wrong below"), card.reject_dbm, msg("look at channel, power, height, and what stands between")),
    )
    return [
        {"label": tongue.say(label), "value": tongue.figure(value, "dBm", 0), "why": tongue.say(why)}
        for label, value, why in rows
    ]


def _heard(card: AlignmentCard, tongue: Tongue) -> str:
    if card.tested_with and card.tested_at_m is not None:
        return tongue.say(
            msg("The level is that at {home}, {km:.1f} km away.", home=card.tested_with, km=card.tested_at_m / 1000.0)
        )
    return tongue.say(msg("The level is that at this antenna.")) if card.task == "backhaul" else ""


def survey_blocks(plan: DeploymentPlan, tongue: Tongue) -> list[dict[str, Any]]:
    """Return each survey sheet as the template sets it."""
    names = {site.id: site.name or site.id for site in plan.sites}
    found = [_sheet(one, names, tongue) for one in survey_sheets(plan)]
    if found:
        found[0]["lead"] = tongue.say(
            msg(
                "Fill in by hand what you see. At home “What did you see?” (W) has the same numbers; or type a table "
                "with the names in small letters as its first line, and import it."
            )
        )
    return found


def _sheet(sheet: SurveySheet, names: dict[str, str], tongue: Tongue) -> dict[str, Any]:
    site = sheet.site
    known = (
        (msg("Id"), printable(site.id)),
        (msg("Role"), tongue.say(words.ROLE_WORDS[site.role])),
        (msg("Status"), tongue.say(words.STATUS_WORDS[site.status])),
        (msg("Position"), f"{site.latitude:.6f}, {site.longitude:.6f}"),
        (msg("MGRS"), site.mgrs),
        (msg("Ground above sea level"), tongue.figure(site.ground_m_amsl, "m", 0)),
        (msg("Mast"), tongue.figure(site.mast_height_m, "m", 0)),
        (msg("Power"), tongue.say(words.POWER_WORDS[site.power])),
    )
    of = dict(SITE_FIELDS)
    first = (("", VISIT_WORDS), ("", WHO_WORDS), ("", WHEN_WORDS), ("latitude", of["latitude"]),
             ("longitude", of["longitude"]), ("", FROM_WORDS))  # fmt: skip
    # Latitude and longitude are one line of the screen "What did you see?", which has the same numbers.
    begun, looks = len(first), len(sheet.looks)
    levels = begun + looks + len(SITE_LINES)
    return {
        "kind": "survey",
        "lead": "",
        "title": printable(site.name or site.id),
        "sites": [site.id],
        "known": [{"label": tongue.say(label), "value": value or _DASH} for label, value in known],
        "looks": {
            "columns": [
                tongue.say(title)
                for title in (
                    msg("Look towards"), msg("By compass"), msg("From true north"), msg("Distance"), msg("Verdict"),
                    msg("Tightest place"), msg("Seen? What stands there, how tall?"),
                )
            ],
            "rows": [_look(number, one, names, tongue) for number, one in enumerate(sheet.looks, begun)],
        },
        "first": [
            {"field": field, "label": f"{number - (number > 4)}  {tongue.say(label)}"}
            for number, (field, label) in enumerate(first, 1)
        ],
        "boxes": [
            {"field": field, "label": f"{number}  {tongue.say(label)}"}
            for number, (field, label) in enumerate(SITE_LINES, begun + looks)
        ],
        "last": {"field": "note", "label": f"{levels + len(sheet.readings)}  {tongue.say(of['note'])}"},
        "measure": {
            "title": f"{levels}  {tongue.say(msg('Levels measured here'))}",
            "columns": list(MEASUREMENT_FIELDS),
            "rows": [_reading(one) for one in sheet.readings],
        },
    }  # fmt: skip


def _look(number: int, look: SheetSight, names: dict[str, str], tongue: Tongue) -> list[str]:
    tight = _DASH
    if look.tightest_at_m is not None and look.clearance_m is not None:
        at = tongue.figure(look.tightest_at_m / 1000.0, "km", 1)
        tight = f"{at} ({tongue.figure(look.clearance_m, 'm', 0)})"
    return [
        f"{number}  {printable(names.get(look.towards, look.towards))}",
        tongue.figure(_whole_deg(look.azimuth_magnetic_deg), "°", 0),
        tongue.figure(look.azimuth_deg, "°", 1),
        tongue.figure(look.distance_m / 1000.0, "km", 2),
        tongue.say(words.VERDICT_WORDS[look.verdict]),
        tight,
        " · ".join(
            f"{key} {tongue.say(word)}" for key, word in enumerate((msg("Clear"), msg("Trees"), msg("Hidden")), 1)
        ),
    ]


def _reading(reading: Reading) -> list[str]:
    """Return what is known of a level to be measured, as it is typed: with points, whatever the language."""
    return [
        printable(reading.id), f"{reading.latitude:.6f}", f"{reading.longitude:.6f}", f"{reading.freq_mhz:g}", "",
        printable(reading.site), f"{reading.height_m:g}", "", "",
    ]  # fmt: skip


def checklists(tongue: Tongue) -> list[dict[str, Any]]:
    """Return the checklists as the template sets them."""
    sources: Message = msg("Sources")
    return [
        {
            "kind": "checklist",
            "title": tongue.say(one.title),
            "items": [{"text": tongue.say(text), "source": source} for text, source in one.items],
            "sources-label": tongue.say(sources),
            "sources": [f"[{number}] {printable(source)}" for number, source in enumerate(one.sources, start=1)],
        }
        for one in CHECKLISTS
    ]
