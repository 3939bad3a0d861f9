"""What to look at before one builds: on the survey, before climbing, against lightning; each list names its sources.

The lists are short forms in our own words. They replace neither the law of the country nor a trained person.
"""

from __future__ import annotations

from dataclasses import dataclass

from cn_planner.message import Message, msg


@dataclass(frozen=True, slots=True)
class Checklist:
    """A list to tick. Each item stands with the sources that it is taken from, by their numbers."""

    key: str
    title: Message
    items: tuple[tuple[Message, str], ...]
    sources: tuple[str, ...]


# Reference data: where it can be read, and when it was published.
_WNDW = "Wireless Networking in the Developing World, 2nd edition, 2007, wndw.net (CC BY-SA 3.0), chapters 7 and 9"
_ICTP = "ICTP Wireless School 2006, Site survey and antenna mounting, wireless.ictp.it/school_2006"
_OSHA_FCC = "OSHA and FCC, Communication Tower Best Practices, 2017, docs.fcc.gov, DOC-345150A1"
_CFR = "29 CFR 1926.502(d)(15), (16), (19) to (21), Personal fall arrest systems, osha.gov"
# By the titles of its clauses, which are public on the page of its contents.
_K112 = "ITU-T K.112 (05/2021), Lightning protection, earthing and bonding: radio base stations, 6.1 to 6.6, itu.int"
_NWS = "US National Weather Service, Lightning safety: When thunder roars, go indoors, weather.gov/safety/lightning"

SURVEY = Checklist(
    "survey",
    msg("Survey of a place"),
    (
        (msg("Take along: map, GPS receiver, compass, field glasses, camera, tape, these sheets, water."), "1"),
        (msg("The owner, or who may let you in, is asked and present; the name is on the sheet."), "1"),
        (msg("Position read from the receiver and written down, with six decimals, at the foot of the mast."), "1"),
        (
            msg("Every other end looked for with field glasses, along the bearing of the sheet; what stands between?"),
            "1",
        ),
        (msg("Trees near the line: how tall now, and how tall in ten years."), "2"),
        (msg("Ground for mast and guys: rock, sand, wet; room for every anchor."), "2"),
        (msg("Power: mains, how far, how often it fails; or room for panels without shade from nine to three."), "1"),
        (msg("The way in the rains: on foot, by animal, by car; who may close it."), "1"),
        (msg("Who guards it: a house in sight, a fence, animals."), "1"),
        (
            msg(
                "Other antennas and power lines nearby; if something falls, it must not be able to touch a power line."
            ),
            "2",
        ),
        (msg("Photographs all round, each with its bearing written down."), "1"),
    ),
    (_ICTP, _WNDW),
)
CLIMBING = Checklist(
    "climbing",
    msg("Before anyone climbs"),
    (
        (msg("Only trained people climb, never alone, and never ill, tired or after alcohol."), "1"),
        (msg("The work is talked through: what, in which order, what may go wrong, who gives the word."), "1"),
        (msg("The weather holds: no storm or lightning near, no strong wind, no ice, no wet steel."), "1"),
        (msg("The mast is looked over first: rust, loose bolts, cracked welds, slack guys, anchors that moved."), "1"),
        (msg("A full body harness with lanyards for fall arrest; a belt alone is not enough."), "2"),
        (msg("Harness, lanyards, hooks looked at before each use; worn, or after a fall, they are used no more."), "2"),
        (msg("Tied on at every moment: one hook is opened only when the other holds."), "1"),
        (msg("Tied to steel that holds 22 kN for each person, so short that nobody falls further than 1.8 m."), "2"),
        (msg("Somebody is there who can bring a hanging person down at once."), "2"),
        (msg("Helmets above and below; a fenced circle in which nobody stands; tools on cords, loads on ropes."), "1"),
        (msg("Transmitters at the top are off or at low power while people work in front of them."), "1"),
        (msg("Telephone or radio works here; the way to the clinic and its number are written on this sheet."), "1"),
    ),
    (_OSHA_FCC, _CFR),
)
LIGHTNING = Checklist(
    "lightning",
    msg("Lightning and grounding"),
    (
        (msg("One earthing network: mast foot, guys, fence, cabinet, panels and mains earth are joined to it."), "1"),
        (msg("A rod stands higher than every antenna, which lie within the cone that it protects."), "1"),
        (msg("The way down is the shortest: thick conductor, no sharp bend, no loop, no joint that rusts."), "1, 2"),
        (msg("Electrodes deep in moist soil or as a ring, in rock longer ones; the value written down."), "1"),
        (msg("Different metals are joined by clamps made for both, greased, and looked at every year."), "1"),
        (msg("Outdoor cable is shielded; its shield is earthed at the top, at the foot, and where it enters."), "1"),
        (msg("A surge protector at each end of every outdoor data cable, earthed by a short wire."), "1, 2"),
        (msg("Surge protection and breakers at the mains, or at the panels; no coin or wire in place of a fuse."), "2"),
        (msg("Indoors everything is earthed at one point; no device is connected to two earths."), "1"),
        (msg("When thunder is heard everybody comes down and goes indoors, until half an hour after the last."), "3"),
        (
            msg(
                "After each thunderstorm, and once a year: clamps, rods and protectors looked over, the earthing "
                "measured."
            ),
            "1",
        ),
    ),
    (_K112, _WNDW, _NWS),
)
CHECKLISTS = (SURVEY, CLIMBING, LIGHTNING)
