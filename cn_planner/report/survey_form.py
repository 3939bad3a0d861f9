"""What a phone asks on site: the questions of the printed sheet as data, for whoever writes and reads them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from cn_planner.message import Message, msg
from cn_planner.report.field_sheets import FROM_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class SurveyQuestion:
    """One question.

    Attributes
    ----------
    name : str
        Of the column that comes back.
    kind : str
        Its type in XLSForm; of a choice, the list beside it.
    label : Message
    when : str
        For which kinds of visit it is asked: words of `KINDS`; empty for all.
    low, high : float or None
        Limits of a number.
    required : bool
    unless : str
        The question whose yes says that this one may be left empty.
    """

    name: str
    kind: str
    label: Message
    when: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    required: bool = False
    unless: str = ""


KINDS: Mapping[str, Message] = {
    "site": msg("A place for a tower"),
    "home": msg("A home of the village"),
    "tree": msg("A tree, wood or building in the way"),
    "measurement": msg("A measured signal"),
}
STATUSES: Mapping[str, Message] = {
    "surveyed": msg("Visited"),
    "agreed": msg("The owner agrees"),
    "built": msg("It is built"),
    "rejected": msg("It cannot be used"),
}
HOME_STATES: Mapping[str, Message] = {
    "visited": msg("Visited"),
    "refused": msg("They do not want it"),
    "wrong_position": msg("The home stands elsewhere"),
    "better_place": msg("There is a better place for the antenna"),
}
SEEN: Mapping[str, Message] = {
    "clear": msg("Seen: nothing in between"),
    "trees": msg("Trees in between"),
    "hidden": msg("Hidden behind a hill or a building"),
}
YES_NO: Mapping[str, Message] = {"yes": msg("Yes"), "no": msg("No")}
POWER: Mapping[str, Message] = {"grid": msg("Mains"), "solar": msg("Sun"), "unknown": msg("Not known")}
CHOICES: Mapping[str, Mapping[str, Message]] = {
    "kinds": KINDS,
    "statuses": STATUSES,
    "home_states": HOME_STATES,
    "seen": SEEN,
    "yes_no": YES_NO,
    "power": POWER,
}
SITES_LIST, HOMES_LIST = "sites", "homes"

SURVEY_QUESTIONS: tuple[SurveyQuestion, ...] = (
    SurveyQuestion("who", "text", msg("Who are you?")),
    SurveyQuestion("kind", "select_one kinds", msg("What do you tell about?"), required=True),
    SurveyQuestion("site", "select_one sites", msg("Which place?"), ("site",), required=True),
    SurveyQuestion("home", "select_one homes", msg("Which home?"), ("home",), required=True),
    SurveyQuestion("place", "geopoint", msg("Where do you stand? For a tree: where does it stand?")),
    SurveyQuestion("move", "select_one yes_no", msg("Is it drawn elsewhere, and should move to here?"),
                   ("site", "home")),
    SurveyQuestion("status", "select_one statuses", msg("How far has it come?"), ("site",)),
    SurveyQuestion("max_height_m", "decimal", msg("Highest mast possible here, m"), ("site",), 0, 150),
    SurveyQuestion("owner", "text", msg("Owner, telephone"), ("site",)),
    SurveyQuestion("consent", "text", msg("What was agreed, with whom, when"), ("site",)),
    SurveyQuestion("power", "select_one power", msg("What power is there?"), ("site",)),
    SurveyQuestion("access", "text", msg("The way there, in the rains too"), ("site",)),
    SurveyQuestion("hazard", "text", msg("What is dangerous here"), ("site",)),
    SurveyQuestion("home_state", "select_one home_states", msg("What came of the visit?"), ("home",)),
    SurveyQuestion("antenna_height_m", "decimal", msg("Height at which an antenna can stand, m"), ("home",), 0, 50),
    SurveyQuestion("towards", "select_one sites", msg("Towards which tower did you look?"), ("site", "home")),
    SurveyQuestion("seen", "select_one seen", msg("What did you see there?"), ("site", "home")),
    SurveyQuestion("from_height_m", "decimal", FROM_WORDS, ("site", "home"), 0, 150),
    SurveyQuestion("tree_height_m", "decimal", msg("How high is it, m?"), ("tree",), 0, 500, required=True),
    SurveyQuestion("heard", "select_one sites", msg("Which tower did you hear?"), ("measurement",), required=True),
    SurveyQuestion("freq_mhz", "decimal", msg("Frequency, MHz"), ("measurement",), 30, 100_000, required=True),
    SurveyQuestion(
        "nothing_heard", "select_one yes_no",
        msg("Nothing heard? Then the level is the weakest that your radio shows; empty: that of the plan's radio"),
        ("measurement",),
    ),
    SurveyQuestion("level_dbm", "decimal", msg("Measured level, dBm: below 0, such as -85"), ("measurement",), -180, -1,
                   required=True, unless="nothing_heard"),
    SurveyQuestion("height_m", "decimal", msg("How high did you hold the antenna, m?"), ("measurement",), 0, 150),
    SurveyQuestion("photo", "image", msg("A photograph, if you like")),
    SurveyQuestion("note", "text", msg("What else was seen")),
)  # fmt: skip
"""In the order in which they are asked."""


def survey_tag(secret: str, name: str) -> str:
    """Return what a form and what comes back of it tell the plan by; the plan's secret cannot be read off it."""
    return sha256(f"survey\0{secret or name}".encode()).hexdigest()[:12]
