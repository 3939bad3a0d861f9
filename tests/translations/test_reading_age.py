"""What a villager would miss: a sentence that is understood when it is read once."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import reading_age as ages  # noqa: E402

_MOST = 0.02
_ENGINEERS = re.compile(
    r"\b(fresnel|eirp|cpe|backhaul|azimuth|capex|opex|milp|csma|disjoint|throughput|topology|fade margin)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    ("text", "age"),
    # By hand: 6 words in a sentence, 6 syllables; 7 words in two, 14 syllables.
    [("The cat sat on the mat.", 0.39 * 6 + 11.8 * 6 / 6 - 15.59 + 5.0),
     ("Open the window. Volunteers carry antennas up.", 0.39 * 3.5 + 11.8 * 14 / 7 - 15.59 + 5.0)],
)  # fmt: skip
def test_the_age_is_that_of_the_formula(text: str, age: float) -> None:
    assert ages.reading_age(text) == pytest.approx(age)


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("tower", 2),
        ("home", 1),
        ("people", 2),
        ("reached", 1),
        ("needed", 2),
        ("antenna", 3),
        ("electricity", 5),
        ("table", 2),
    ],
)
def test_syllables_are_counted_as_they_are_spoken(word: str, count: int) -> None:
    assert ages.syllables(word) == count


def test_a_label_is_not_judged_and_a_hard_sentence_is_found() -> None:
    assert ages.reading_age("Regulatory documentation") == 0.0
    assert ages.reading_age("Regulatory authorities habitually require comprehensive documentation.") > ages.OLDEST


def test_under_two_in_a_hundred_sentences_for_villagers_are_above_fourteen() -> None:
    judged = [one for one in ages.sentences() if ages.reading_age(one.text) > 0.0]
    assert len(judged) > 250
    hard = [one for one in judged if ages.reading_age(one.text) > ages.OLDEST]
    assert len(hard) < _MOST * len(judged), hard


def test_no_engineers_words_stand_in_them() -> None:
    assert not [one for one in ages.sentences() if _ENGINEERS.search(re.sub(r"\{[^{}]*\}", "", one.text))]


def test_the_manual_for_villagers_reads_as_easily() -> None:
    judged = []
    for path in sorted((ROOT / "docs" / "manual").glob("[0-2]*.md")):
        passages = re.split(r"\n\s*\n|\n(?=[-|\d])", path.read_text("utf-8"))
        told = [one for one in passages if not one.startswith(("    ", "#", "|", "!"))]
        judged += [(age, path.name, one) for one in told if (age := ages.reading_age(one)) > 0.0]
    assert len(judged) > 150
    assert len([one for one in judged if one[0] > ages.OLDEST]) < _MOST * len(judged), sorted(judged)[-5:]
