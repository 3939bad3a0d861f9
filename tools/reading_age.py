"""How old a reader has to be for what villagers read: ``python tools/reading_age.py`` lists what is above 14.

Age is five more than the grade of Flesch and Kincaid (Kincaid, Fishburne, Rogers and Chissom, "Derivation of new
readability formulas for Navy enlisted personnel", Research Branch Report 8-75, 1975):
``0.39 words/sentences + 11.8 syllables/words - 15.59``. It was made for passages; so what stands together is one
passage here (a message), and what is shorter than six words, a label, is judged by its words alone: it is not counted.
English only: the formula is one of English.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
FOR_VILLAGERS = (
    "gui/start.py", "gui/tour.py", "gui/overview.py", "gui/sidebar.py", "gui/people.py", "gui/places.py",
    "gui/village.py", "gui/dialogs/new_plan.py", "gui/dialogs/share.py", "gui/panels/home.py",
    "gui/panels/public.py", "gui/panels/people.py", "gui/panels/suggestions.py", "gui/panels/zone.py",
    "gui/panels/obstacle.py", "export/assembly.py", "export/assembly_two.py", "export/tower_pages.py",
    "export/tower_rescue.py", "report/checklists.py", "report/cards.py", "report/survey_form.py",
    "report/field_sheets.py", "planning/fix_words.py", "planning/explain.py", "service/homes.py",
    "gui/figures.py", "gui/panels/formatters.py", "gui/panels/verdict_card.py", "export/reader_papers.py",
    "export/words.py",
)  # fmt: skip
"""Modules whose sentences are marked for villagers, who plan and build for themselves (docs/words.md)."""
FEWEST_WORDS, OLDEST = 6, 14.0
_WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")
_VOWELS = re.compile(r"[aeiouy]+")


class Sentence(NamedTuple):
    """A sentence of the source, and where it stands."""

    where: str
    text: str


def syllables(word: str) -> int:
    """Return how many syllables an English word has: groups of vowels, less a silent e at its end."""
    word = word.lower()
    count = len(_VOWELS.findall(word))
    silent = word.endswith(("e", "es", "ed")) and not word.endswith(
        ("le", "ted", "ded", "ses", "ces", "ges", "ches", "shes", "ies", "ee")
    )
    return max(count - silent, 1)


def reading_age(text: str) -> float:
    """Return the age at which a passage is read with ease; 0 for a label of a few words."""
    # What is filled in is a name or a number: one short word.
    plain = re.sub(r"\{[^{}]*\}", "ten", text)
    words = _WORD.findall(plain)
    if len(words) < FEWEST_WORDS:
        return 0.0
    sentences = max(len(re.findall(r"[.!?:;](?:\s|$)", plain)), 1)
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59 + 5.0


def sentences(places: tuple[str, ...] = FOR_VILLAGERS) -> list[Sentence]:
    """Return every sentence that is marked for villagers."""
    found = []
    for place in places:
        for node in ast.walk(ast.parse((ROOT / "cn_planner" / place).read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"msg", "counted"}:
                texts = [
                    one.value for one in node.args[:2] if isinstance(one, ast.Constant) and isinstance(one.value, str)
                ]
                found += [Sentence(f"{place}:{node.lineno}", text) for text in texts]
    return found


def main() -> None:
    """Print those above the age, oldest first, and their share."""
    all_ = [one for one in sentences() if reading_age(one.text) > 0.0]
    hard = sorted(((reading_age(one.text), one) for one in all_ if reading_age(one.text) > OLDEST), reverse=True)
    for age, one in hard:
        print(f"{age:5.1f}  {one.where}  {one.text}")
    print(f"{len(hard)} of {len(all_)} sentences are above {OLDEST:g}: {100 * len(hard) / len(all_):.1f} %")


if __name__ == "__main__":
    main()
