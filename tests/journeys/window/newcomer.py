"""A newcomer's first plan by hand, with files at hand and no net: clicks and seconds are counted, and written down.

From the first page to a plan of all who can be reached, taken. Every press of the mouse counts; file names are typed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from pathlib import Path

from hand import Hand
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QAbstractButton, QPushButton
from walk import TOWERS, lists

from cn_planner.gui import ground_flow
from cn_planner.gui.app import application, make_window
from cn_planner.gui.dialogs.new_plan import NewPlanDialog
from cn_planner.gui.settings import Settings
from cn_planner.jobs import close_pools

_PLANNED_S = 400.0
"""On a machine that does much else besides; what a person waits for is in the facts."""


def main() -> int:
    """Walk and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--data", "--pictures", "--folder"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--first-plan-s", type=float, default=ground_flow._FIRST_PLAN_S, help="its clock")
    asked = parser.parse_args()
    ground_flow._FIRST_PLAN_S = asked.first_plan_s
    app = application()
    settings = Settings()
    settings.set("look", "light")
    settings.set("language", "en")
    window = make_window(settings)
    window.show()
    hand = Hand(app)
    facts: dict[str, object] = {"error": ""}
    try:
        walk(hand, window, asked.data, asked.folder, asked.pictures, facts)
    except Exception:  # noqa: BLE001 - whatever it was, it is told, with a picture of it
        facts["error"] = traceback.format_exc()
        hand.picture(asked.pictures / "newcomer fell.png", window)
    window.close()
    close_pools()
    print(json.dumps({"facts": facts}))
    return 1 if facts["error"] else 0


def walk(hand: Hand, window, data: Path, folder: Path, pictures: Path, facts: dict[str, object]) -> None:
    """From the first page to a plan that is taken."""
    state, canvas = window.state, window.regions.canvas
    homes, _ = lists(data, folder)
    hand.active(window)
    new = hand.find(window, "New plan…", QPushButton)
    begun = time.monotonic()

    def keep(what: str, one=window) -> None:
        hand.picture(pictures / f"newcomer {what}.png", one)

    hand.click(new)
    dialog = hand.top(NewPlanDialog)
    hand.write(dialog.name, "Bergueda")
    hand.click(hand.find(dialog, "Choose files…", QPushButton))
    hand.choose_files(*(data / "terrain" / name for name in ("N41E001.hgt.zip", "N42E001.hgt.zip")), homes)
    hand.active(dialog)
    hand.until(lambda: dialog.country.code() == "ES", "the country is found by the files")
    keep("1 new plan", dialog)
    hand.click(hand.find(dialog, "Make the plan", QPushButton))
    hand.until(lambda: state.project is not None, "the plan is open")
    hand.active(window)
    hand.until(lambda: len(state.plan.households) == 144, "the homes are in", 120)
    hand.until(lambda: canvas.tool.key == "gateway", "the map asks where the Internet comes in", 60)
    hand.until(lambda: canvas.content.surface is not None and not canvas.content.tiles.busy, "the ground is painted")
    keep("2 the Internet")

    def spot() -> QPoint:
        x, y = canvas.view.to_screen(*TOWERS[0][1:])
        return QPoint(round(float(x) / canvas.ratio), round(float(y) / canvas.ratio))

    hand.click(canvas, spot())
    hand.until(lambda: len(state.plan.sites) == 1, "the Internet has a place")
    go = window.regions.ground.widget().go
    hand.until(lambda: go.isVisible() and go.isEnabled(), "all is there for a first plan", 60)
    keep("3 all is there")
    hand.click(go)
    proposals = state.proposals
    hand.until(lambda: proposals.now is not None and proposals.shown, "a plan is proposed", _PLANNED_S)
    keep("4 proposal")
    hand.click(window.regions.proposal[0].accept)
    hand.until(lambda: state.plan.outcome is not None, "the plan is taken", 60)
    facts["seconds"] = round(time.monotonic() - begun, 1)
    facts["clicks"] = hand.clicks
    facts["served"], facts["coverable"] = state.plan.outcome.served, state.plan.outcome.coverable
    facts["towers"] = len(state.plan.used_sites)
    hand.find(window, "Share", QAbstractButton)
    keep("5 a plan")


if __name__ == "__main__":
    sys.exit(main())
