"""The pictures of deciding.md: a place without and with what is decided, both as the program's map shows them.

Usage: deciding_pictures.py [--to docs/images] [--only KEY ...]

Takes the example plans that the program ships and the commands that deciding.md prints, as they stand there.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QImage, QPainter
from readme_pictures import opened, run, until

from cn_planner.jobs import close_pools

DOC = Path(__file__).with_name("deciding.md")
EXAMPLES = Path(__file__).resolve().parents[1] / "resources" / "examples"
SUFFIX = ".cnplan.gpkg"
WIDTH, HEAD, GAP, QUALITY = 560, 30, 8, 82
PART = re.compile(r"^## (\d)[^\n]*\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^    cn-planner ((?:.+\\\n)*.+)", re.MULTILINE)


class Half(NamedTuple):
    """One side of a picture: what stands above it, and the words of the command that plans it."""

    title: str
    words: list[str]


class Pair(NamedTuple):
    """The picture of a decision: both sides, the settings under which both are looked at then."""

    place: str
    halves: tuple[Half, Half]
    looked_at: tuple[str, ...] = ()


def commands() -> dict[int, list[str]]:
    """Return the words of the command of each decision, by its number on the page."""
    found = {}
    for number, text in PART.findall(DOC.read_text(encoding="utf-8")):
        line = COMMAND.search(text)
        if line is not None:
            found[int(number)] = shlex.split(line[1].replace("\\\n", " "))
    return found


def without(words: list[str], *left_out: str) -> list[str]:
    """Return the words of a command without some options and what stands behind each."""
    kept, skip = list[str](), False
    for word, after in zip(words, [*words[1:], ""], strict=True):
        if skip:
            skip = False
        elif word in left_out or (word == "--set" and any(after.startswith(one) for one in left_out)):
            skip = True
        else:
            kept.append(word)
    return kept


def pairs() -> dict[str, Pair]:
    """Return what is drawn of each decision, by the name of its picture."""
    said = commands()
    price = ["--set", "sites.N016.role=gateway_option", "--set", "sites.N016.uplink.open_cost=1"]
    plain, kept = ["plan", f"andoain{SUFFIX}"], said[1][2:]
    room, whole = ([*said[7], "--take", way] for way in ("room", "all"))

    def pair(first: Half, title: str, number: int, place: str = "andoain", looked_at: tuple[str, ...] = ()) -> Pair:
        """Return one whose second side is the command of the page."""
        return Pair(place, (first, Half(title, said[number])), looked_at)

    return {
        "internet": Pair(
            "andoain", (Half("one connection", [*plain, *kept]), Half("and one at N016", [*plain, *kept, *price]))
        ),
        "years": pair(Half("least money to build", without(said[2], "--objective")), "least over five years", 2),
        "relays": pair(Half("towers alone", plain), "and homes that pass it on", 3),
        "kits": pair(Half("the usual kit everywhere", without(said[4], "more_clients")), "a dish where it helps", 4),
        "trees": pair(
            Half("cheapest over bare ground", without(said[5], "--hold")), "nine in ten hold", 5, "bergueda",
            ("canopy_m=10",),
        ),
        "phones": pair(Half("6,000 for homes", without(said[6], "sites.N004")), "6,000 with a hotspot", 6),
        "growth": Pair("andoain", (Half("with room for year five", room), Half("all bought now", whole))),
        "owner": pair(Half("N016 may be built on", plain), "its owner says no", 8),
    }  # fmt: skip


def planned(pair: Pair, half: Half, folder: Path) -> Path:
    """Return the plan of one side, made by its command of a copy of the example."""
    shutil.copytree(EXAMPLES / pair.place, folder)
    plan = folder / f"{pair.place}{SUFFIX}"
    run(half.words[0], plan, *half.words[2:])
    if pair.looked_at:
        run("set", plan, *pair.looked_at)
    return plan


def seen(plan: Path) -> QImage:
    """Return the map of a plan as the window shows it."""
    window, computed = opened(plan, "light")
    canvas = window.regions.canvas
    canvas.show_all(animated=False)
    until(computed)
    picture = canvas.grab().toImage()
    window.close()
    return picture.scaledToWidth(WIDTH, Qt.TransformationMode.SmoothTransformation)


def joined(maps: list[QImage], titles: list[str], path: Path) -> None:
    """Keep two maps beside each other, each under its title."""
    high = max(one.height() for one in maps)
    sheet = QImage(2 * WIDTH + GAP, high + HEAD, QImage.Format.Format_RGB32)
    sheet.fill(Qt.GlobalColor.white)
    painter = QPainter(sheet)
    font = QFont()
    font.setPixelSize(16)
    painter.setFont(font)
    for number, (one, title) in enumerate(zip(maps, titles, strict=True)):
        left = number * (WIDTH + GAP)
        painter.drawText(QRect(left + 4, 0, WIDTH - 4, HEAD), Qt.AlignmentFlag.AlignVCenter, title)
        painter.drawImage(left, HEAD, one)
    painter.end()
    if not sheet.save(str(path), None, QUALITY):
        raise OSError(path)


def main() -> None:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=Path(__file__).parent / "images")
    parser.add_argument("--only", nargs="*", help="these pictures alone, by their names")
    asked = parser.parse_args()
    for key, pair in pairs().items():
        if asked.only and key not in asked.only:
            continue
        with tempfile.TemporaryDirectory() as name:
            made = [planned(pair, half, Path(name, str(number))) for number, half in enumerate(pair.halves)]
            titles = [half.title for half in pair.halves]
            joined([seen(plan) for plan in made], titles, asked.to / f"decide-{key}.jpg")
    close_pools()


if __name__ == "__main__":
    main()
