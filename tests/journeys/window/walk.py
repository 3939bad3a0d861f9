"""The journey of a first plan, by hand: one step a point of how the program is meant to feel.

Started by the test with a screen of its own; walks step by step, keeps a picture of each, and writes one line of JSON
for each step to standard output. It can be started by hand too, on a screen with a window manager:

    python tests/journeys/window/walk.py --data ../shared/data --pictures /tmp/pictures
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import time
import traceback
from pathlib import Path

from hand import Hand
from PySide6.QtCore import QPoint, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QAbstractButton, QComboBox, QInputDialog, QLineEdit, QPushButton, QWidget
from walk_steps import STEPS

from cn_planner.gui.app import application, make_window
from cn_planner.gui.dialogs.channels import ChannelsDialog
from cn_planner.gui.dialogs.new_plan import NewPlanDialog
from cn_planner.gui.dialogs.share import ShareDialog
from cn_planner.gui.dialogs.tradeoff import TradeoffDialog
from cn_planner.gui.panels.import_dialog import ImportDialog
from cn_planner.gui.panels.profile_handle import AntennaHandle
from cn_planner.gui.settings import Settings
from cn_planner.jobs import close_pools
from cn_planner.model.plan import Choice, SiteRole, Status

TOWERS = (("Serrat", 42.0932, 1.8082), ("Coll", 42.0786, 1.7955), ("Bosc", 42.0998, 1.8655))
"""Three places where people of the Berguedà have built."""
MOST_CLICKS = 5
_WRITTEN_S = 180.0
"""A book, a map and tables: on a busy machine they take longer than anything else that is waited for."""
_OF_THE_MACHINE = ("This plugin does not support", "propagateSizeHints")


def lists(data: Path, folder: Path) -> tuple[Path, Path]:
    """Write what the people bring: their homes, and places where a tower may stand."""
    with (data / "networks/bergueda_nodes.csv").open(encoding="utf-8") as stream:
        rows = [
            row for row in csv.DictReader(stream)
            if 42.03 < float(row["latitude_deg"]) < 42.14 and 1.72 < float(row["longitude_deg"]) < 1.92
        ]  # fmt: skip
    homes, sites = folder / "homes.csv", folder / "places.csv"
    for path, chosen, more in (
        (homes, [r for r in rows if r["kind"] != "Supernode" and r["status"] == "Working"], ()),
        (sites, [r for r in rows if r["kind"] == "Supernode"], ("role",)),
    ):
        with path.open("w", encoding="utf-8", newline="") as stream:
            out = csv.writer(stream)
            out.writerow(["id", "latitude", "longitude", *more])
            out.writerows(
                [[r["id"], r["latitude_deg"], r["longitude_deg"], *(["candidate"] * len(more))] for r in chosen]
            )
    return homes, sites


class Journey:
    """The steps, in their order; each is one of `STEPS`."""

    def __init__(self, hand: Hand, window, data: Path, folder: Path) -> None:
        self.hand, self.window, self.data, self.folder = hand, window, data, folder
        self.state, self.canvas = window.state, window.regions.canvas
        self.homes, self.places = lists(data, folder)
        self.facts: dict[str, object] = {}
        self.edits_before = 0

    # What the hand needs to know of the map

    def spot(self, latitude: float, longitude: float) -> QPoint:
        """Where a place is on the map, in the map's own pixels."""
        x, y = self.canvas.view.to_screen(latitude, longitude)
        ratio = self.canvas.ratio
        return QPoint(round(float(x) / ratio), round(float(y) / ratio))

    def site_spot(self, key: str) -> QPoint:
        """Where a tower is on the map."""
        site = self.state.plan.sites[key]
        return self.spot(site.latitude, site.longitude)

    def still(self) -> None:
        """Wait until the map stands and its ground is painted."""
        content = self.canvas.content
        self.hand.until(lambda: content.surface is not None and not content.tiles.busy, "the ground is painted")
        before = None

        def stands() -> bool:
            nonlocal before
            now, before = before == self.canvas.view, self.canvas.view
            return now

        self.hand.until(stands, "the map stands still")

    def idle(self) -> None:
        """Wait until everything that follows an edit is computed."""
        self.hand.until(lambda: not self.state.jobs.active() and not self.state._rest.isActive(), "all is computed", 60)

    def served_words(self) -> str:
        """Return the sentence in which the window says how many homes are reached; empty while it says none."""
        words = self.window.sidebar.item("connect").button.accessibleName()
        found = re.search(r"([1-9]\d*) reached", words)
        return found[0] if found else ""

    def button(self, name: str) -> QAbstractButton:
        """Return a button of the window by its name."""
        return self.hand.find(self.window, name, QAbstractButton)

    def verb(self, key: str) -> None:
        """Open a verb of the sidebar and take its next action."""
        item = self.window.sidebar.item(key)
        if not item.action.isVisible():
            self.hand.click(item.button)
            self.hand.until(item.action.isVisible, f"the action of {key} is shown")
        self.hand.click(item.action)

    def take(self, tool: str) -> None:
        """Take a tool from the bar over the map."""
        self.hand.click(self.window.regions.tools._buttons[tool])
        self.hand.until(lambda: self.canvas.tool.key == tool, f"the tool {tool} is in hand")

    def edited(self, act, what: str) -> None:
        """Do something by hand and wait until it is one edit more."""
        before = self.state.project.version
        act()
        self.hand.until(lambda: self.state.project.version > before, what)

    # The steps

    def first_page(self) -> None:
        """The program opens on its first page."""
        self.hand.active(self.window)
        self.hand.find(self.window, "New plan…", QPushButton)

    def new_plan(self) -> None:
        """A new plan needs a name and nothing else."""
        self.hand.click(self.button("New plan…"))
        dialog = self.hand.top(NewPlanDialog)
        self.hand.write(dialog.name, "Berguedà")
        self.keep_of(dialog, "name of the plan")
        self.hand.click(self.hand.find(dialog, "Make the plan", QPushButton))
        self.hand.until(lambda: self.state.project is not None, "the plan is open")
        self.hand.active(self.window)
        assert self.state.plan.info.name == "Berguedà"

    def leave_tour(self) -> None:
        """The tour can be left at once."""
        self.hand.click(self.button("Leave the tour"))
        self.hand.until(lambda: self.window.tour is None or not self.window.tour.isVisible(), "the tour is gone")

    def terrain(self) -> None:
        """An empty plan asks where the village is; two files of terrain, joined, answer it and the next."""
        self.hand.click(self.button("From files…"))
        self.hand.choose_files(*(self.data / "terrain" / name for name in ("N41E001.hgt.zip", "N42E001.hgt.zip")))
        self.hand.until(lambda: len(self.state.plan.terrain) == 2, "the terrain is in the plan")
        self.idle()
        self.still()
        self.keep("the next question")
        self.hand.click(self.button("Close"))
        self.hand.key("Escape")  # the next click would say where the Internet comes in
        self.hand.until(lambda: self.canvas.tool.key == "select", "no tool is in hand")

    def people(self) -> None:
        """A list of homes goes in, and the map shows them all."""
        self.verb("people")
        self.hand.choose_files(self.homes)
        self.take_in(lambda: len(self.state.plan.households) == 144)
        self.idle()
        self.still()
        self.hand.clicks = 0

    def take_in(self, is_in) -> None:
        """Agree to what the look at a file shows before it is imported."""
        go: list[QPushButton] = []

        def asked() -> bool:
            go[:] = [
                one.ok for one in self.hand.app.topLevelWidgets()
                if isinstance(one, ImportDialog) and one.isVisible() and one.ok.isEnabled()
            ]  # fmt: skip
            return bool(go) or is_in()

        self.hand.until(asked, "the file is shown, or in")
        if go:
            self.keep_of(go[0].window(), "look at a file")
            self.hand.click(go[0])
        self.hand.until(is_in, "what the file holds is in the plan")
        self.hand.active(self.window)

    def first_served(self) -> None:
        """The first tower says at once who is reached."""
        self.take("tower")
        _, latitude, longitude = TOWERS[0]
        self.edited(lambda: self.hand.click(self.canvas, self.spot(latitude, longitude)), "a tower stands")
        self.hand.until(self.served_words, "the window says who is reached")
        self.facts["clicks to the first served count"] = self.hand.clicks
        self.facts["first served count"] = self.served_words()
        assert self.hand.clicks <= MOST_CLICKS, self.hand.clicks
        self.leave_it_here()
        assert self.state.computed.service.works_weight > 0

    def more_towers(self) -> None:
        """The tool stays in hand: two towers more with two clicks."""
        for _, latitude, longitude in TOWERS[1:]:
            self.edited(lambda a=latitude, b=longitude: self.hand.click(self.canvas, self.spot(a, b)), "a tower stands")
            self.leave_it_here()
        assert len(self.state.plan.sites) == 3
        self.idle()
        self.hand.key("Escape")
        self.hand.until(lambda: self.canvas.tool.key == "select", "the tool is laid down")

    def leave_it_here(self) -> None:
        """Where higher ground is offered beside a tower, leave the tower where it was put."""
        self.idle()
        card = self.window.regions.higher
        if card.isVisible():
            self.keep("higher ground")
            self.hand.click(card.no)
            self.hand.until(lambda: not card.isVisible(), "the question is gone")

    def drag_tower(self) -> None:
        """Under the hand, the coverage and the homes of a tower follow it."""
        key = next(iter(self.state.plan.sites))
        start = self.site_spot(key)
        seen: list[object] = []

        def follows() -> None:
            self.hand.until(lambda: self.state.computed.live is not None, "coverage follows the hand")
            seen.append(self.state.computed.live)
            self.idle()
            self.keep("while dragging a tower")

        def act() -> None:
            self.hand.drag(self.canvas, start, start + QPoint(70, -45), on_the_way=follows)

        before = self.state.plan.sites[key]
        self.edited(act, "the tower stands elsewhere")
        after = self.state.plan.sites[key]
        assert seen
        assert (before.latitude, before.longitude) != (after.latitude, after.longitude)
        assert "move" in str(self.window.commands["undo"].text()).lower(), self.window.commands["undo"].text()
        self.hand.until(lambda: self.state.computed.live is None, "what the hand showed is gone")
        self.leave_it_here()

    def drag_link(self) -> None:
        """From a tower to another: the line says in colours and words whether they see each other."""
        a, b = list(self.state.plan.sites)[:2]
        self.take("link")
        seen: list[object] = []

        def says() -> None:
            self.hand.until(lambda: self.state.computed.path is not None, "the path is looked along")
            self.idle()
            seen.append(self.state.computed.path)
            self.keep("while dragging a link")

        self.edited(
            lambda: self.hand.drag(self.canvas, self.site_spot(a), self.site_spot(b), on_the_way=says),
            "the link is kept",
        )
        assert seen[0].segments
        assert len(self.state.plan.links) == 1
        self.idle()

    def raise_mast(self) -> None:
        """On the profile the antenna is drawn up; clearance, cost and homes change."""
        handles: list[QWidget] = []

        def there() -> bool:
            found = self.window.regions.profile.findChildren(AntennaHandle)
            handles[:] = [one for one in found if one.isVisible() and one.isEnabled()]
            return len(handles) == 2

        self.hand.until(there, "both antennas of the profile can be held")
        key = self.state.plan.links[next(iter(self.state.plan.links))].from_site
        mast = self.state.plan.sites[key].mast_height_m
        panel = self.window.regions.profile
        before = panel.view
        seen: list[object] = []

        def follows() -> None:
            self.hand.until(lambda: panel.view is not before, "the path follows the antenna")
            self.idle()
            seen.append(panel.view)
            self.keep("while raising a mast")

        grip = handles[0].rect().center()
        self.edited(
            lambda: self.hand.drag(handles[0], grip, grip + QPoint(0, -30), on_the_way=follows), "the mast is higher"
        )
        assert seen[0].budget.clearance_m > before.budget.clearance_m, (seen[0].budget, before.budget)
        assert self.state.plan.sites[key].mast_height_m > mast
        self.idle()

    def gateway(self) -> None:
        """The sidebar asks where the Internet enters; one click on that tower says it."""
        key = next(iter(self.state.plan.sites))
        self.verb("places")
        self.hand.until(lambda: self.canvas.tool.key == "gateway", "the map asks where the Internet comes in")
        self.edited(lambda: self.hand.click(self.canvas, self.site_spot(key)), "the gateway is said")
        assert self.state.plan.sites[key].role is SiteRole.GATEWAY, (
            self.state.plan.sites[key].role,
            self.state.undo_label,
        )
        self.idle()

    def choose(self, box: QComboBox, value: object) -> None:
        """Choose from a list that opens."""
        number = next(i for i in range(box.count()) if box.itemData(i) == value)
        self.hand.click(box)
        self.hand.until(lambda: box.view().isVisible(), "the list is open")
        view = box.view()
        self.hand.until(view.window().isActiveWindow, "the list takes the mouse")
        self.keep("list")
        self.hand.click(view.viewport(), view.visualRect(box.model().index(number, 0)).center())

    def suggestions(self) -> None:
        """Places for towers come as a list; what could be built there is suggested, and one is taken."""
        self.menu("Plan", "import_sites")
        self.hand.choose_files(self.places)
        self.take_in(lambda: len(self.state.plan.sites) > 20)
        self.idle()
        self.hand.until(lambda: len(self.state.computed.suggestions) > 2, "something is suggested", 60)
        self.still()
        self.keep("suggestions")
        one = self.show_suggestion()
        built = sum(site.in_network for site in self.state.plan.sites.values())
        served = self.state.computed.service.works_weight
        self.hand.click(self.window.regions.suggestion.accept)
        self.hand.until(lambda: self.state.proposals.shown, "what it brings is shown")
        self.edited(lambda: self.hand.click(self.window.regions.proposal[0].accept), "it is built")
        assert self.state.plan.sites[one.site].in_network
        assert sum(site.in_network for site in self.state.plan.sites.values()) > built
        self.idle()
        assert self.state.computed.service.works_weight > served

    def show_suggestion(self):
        """Click a ghost marker; return what it suggests."""
        shown = self.canvas.rect().adjusted(40, 160, -80, -60)
        built = [self.site_spot(key) for key, site in self.state.plan.sites.items() if site.in_network]
        one = next(
            s for s in self.state.computed.suggestions
            if not self.state.plan.sites[s.site].in_network
            and shown.contains(spot := self.spot(s.latitude, s.longitude))
            and all((spot - other).manhattanLength() > 40 for other in built)
        )  # fmt: skip
        self.hand.click(self.canvas, self.spot(one.latitude, one.longitude))
        self.hand.until(
            lambda: self.state.selection is not None and self.state.selection.kind == "suggestion",
            f"the suggestion is selected, not {self.state.selection}",
        )
        card = self.window.regions.suggestion
        self.hand.until(card.isVisible, "what is suggested is told")
        found = card.suggestion()
        assert found is not None
        return found

    def reject(self) -> None:
        """Another is rejected, and is not suggested again."""
        one = self.show_suggestion()
        self.edited(lambda: self.hand.click(self.window.regions.suggestion.reject), "it is rejected")
        self.idle()
        assert self.state.plan.sites[one.site].status is Status.REJECTED
        assert one.site not in {other.site for other in self.state.computed.suggestions}

    def lock(self) -> None:
        """A third is built and kept whatever the planner finds."""
        one = self.show_suggestion()
        self.hand.click(self.window.regions.suggestion.lock)
        self.hand.until(lambda: self.state.proposals.shown, "what it brings is shown")
        self.edited(lambda: self.hand.click(self.window.regions.proposal[0].accept), "it is built and locked")
        self.idle()
        assert self.state.plan.sites[one.site].in_network
        assert self.state.plan.sites[one.site].choice is Choice.LOCKED

    def compare(self) -> None:
        """Cost against homes: plans from few homes to all; one of them is taken."""
        locked = [key for key, site in self.state.plan.sites.items() if site.choice is Choice.LOCKED]
        self.menu("Network", "tradeoff")
        dialog = self.hand.top(TradeoffDialog)
        self.hand.until(lambda: dialog.found is not None, "the first plan is shown", 120)
        self.hand.until(lambda: not dialog.busy or len(dialog.found.points) >= 3, "some plans are found", 240)
        if dialog.busy:  # who has seen enough looks no further
            self.hand.click(dialog.job._cancel)
            self.hand.until(lambda: not dialog.busy, "the search has ended", 60)
        assert len(dialog.found.points) >= 3, dialog.found.as_dict()
        middle = len(dialog.found.points) // 2
        self.hand.click(dialog.chart, dialog.chart.place(dialog.chart.dots[middle]).toPoint())
        self.hand.until(lambda: dialog.at == middle, "the point is chosen")
        self.keep_of(dialog, "cost against homes")
        point = dialog.point()
        self.hand.click(dialog.use)
        proposals = self.state.proposals
        self.hand.until(lambda: proposals.now is not None and proposals.shown, "the plan is proposed", 120)
        self.hand.active(self.window)
        self.idle()
        self.keep("proposal")
        self.edited(lambda: self.hand.click(self.window.regions.proposal[0].accept), "the plan is taken")
        served = sum(home.weight for home in self.state.plan.households.values() if home.server)
        assert abs(served - point.served) < 1e-6, (served, point.served)
        assert all(self.state.plan.sites[key].in_network for key in locked)
        assert "take the plan for" in self.window.commands["undo"].text()
        self.idle()

    def second_way(self) -> None:
        """A tower is asked for a second way, which is built or said not to be had."""
        part = self.window.regions.panel["site"].second_way
        key = next(key for key, site in self.state.plan.used_sites.items() if site.role is not SiteRole.GATEWAY)
        self.window.do(f"show:{key}")  # on the map it may lie under another one's name
        self.hand.until(lambda: part.site_id == key and part.isVisible(), "the tower is told")
        self.hand.click(part.search)
        self.hand.until(lambda: part.card.isVisible() or part.said.isVisible(), "a second way is told", 60)
        self.keep("second way")
        if part.card.isVisible():
            links = set(self.state.plan.links)
            self.edited(lambda: self.hand.click(part.accept), "the second way is built")
            assert set(self.state.plan.links) > links
        self.idle()  # what is told of the tower anew moves what stands below it
        self.edited(lambda: self.hand.click(part.must, QPoint(10, part.must.height() // 2)), "it must have two ways")
        assert self.state.plan.sites[key].two_ways
        self.idle()

    def channels(self) -> None:
        """Every sector and link has a channel; who disturbs whom is told."""
        self.menu("Network", "give_channels")
        dialog = self.hand.top(ChannelsDialog)
        self.hand.until(lambda: not dialog.busy, "channels are given", 60)
        assert dialog.found is not None, dialog.said.text()
        self.keep_of(dialog, "channels")
        plan = self.state.plan
        assert all(link.freq_mhz is not None for link in plan.standing_links.values())
        assert all(one.freq_mhz is not None for site in plan.used_sites.values() for one in site.sectors)
        self.hand.key("Escape")
        self.hand.active(self.window)
        self.idle()

    def scenario(self) -> None:
        """A second scenario is a copy to try something in; the bar compares them."""
        self.hand.click(self.window.top._add)
        dialog = self.hand.top(QInputDialog)
        self.hand.write(dialog.findChild(QLineEdit), "Higher masts")
        self.edited(lambda: self.hand.key("Return"), "the scenario is there")
        assert len(self.state.plan.scenarios.others) == 1
        self.hand.active(self.window)
        slider = self.window.regions.panel["site"].slider
        key = next(key for key, site in self.state.plan.sites.items() if site.in_network)
        self.hand.click(self.canvas, self.site_spot(key))
        self.hand.until(lambda: slider.isVisible(), "the mast can be drawn")
        self.hand.click(self.window.regions.panel["site"].slider, QPoint(4, slider.height() // 2))
        self.hand.key("End")
        self.hand.key("Tab")
        self.idle()
        self.hand.until(lambda: len(self.state.computed.scenarios) == 2, "both scenarios have their figures")
        first = next(name for name in self.window.top.findChildren(QPushButton) if name.text() == "Plan A")
        self.edited(lambda: self.hand.click(first), "the first scenario is shown")
        self.idle()

    def undo_all(self) -> None:
        """Everything can be undone, by name, to the empty plan."""
        self.edits = 0
        self.full = self.state.plan
        names = []
        self.hand.click(self.canvas, QPoint(self.canvas.width() - 120, self.canvas.height() - 90))
        while self.state.undo_label is not None:
            names.append(self.window.commands["undo"].text())
            before = self.state.plan
            self.hand.key("ctrl+z")
            self.hand.until(lambda before=before: self.state.plan is not before, f"{names[-1]} is undone")
            self.edits += 1
        self.facts["undone"] = names
        assert not self.state.plan.terrain
        assert not self.state.plan.households
        assert not self.state.plan.sites
        self.idle()

    def redo_all(self) -> None:
        """And redone, to the same plan."""
        for _ in range(self.edits):
            before = self.state.plan
            self.hand.key("ctrl+y")
            self.hand.until(lambda before=before: self.state.plan is not before, "it is redone")
        assert self.state.redo_label is None
        assert self.state.plan == self.full
        self.idle()
        self.still()

    def export(self) -> None:
        """Share writes the files that the assembly, the donor and the builders need."""
        self.hand.click(self.button("Share"))
        dialog = self.hand.top(ShareDialog)
        for name, box in dialog.boxes.items():
            if box.isChecked() != (name in {"pdf", "kmz", "gpkg"}):
                self.hand.click(box)
        self.keep_of(dialog, "share")
        self.hand.click(self.hand.find(dialog, "Write the files", QPushButton))
        self.hand.find(self.window, "Open the folder", QPushButton, _WRITTEN_S)
        self.idle()
        written = sorted(
            path for path in self.state.project.path.parent.rglob("*.*") if path.suffix in {".pdf", ".kmz"}
        )
        assert {path.suffix for path in written} == {".pdf", ".kmz"}, written
        assert all(path.stat().st_size > 5000 for path in written), written
        self.facts["written"] = [path.name for path in written]

    def menu(self, title: str, key: str) -> None:
        """Choose from the menu bar, with the mouse."""
        bar = self.window.menuBar()
        for action in bar.actions():
            if action.text().replace("&", "") == title:
                self.hand.click(bar, bar.actionGeometry(action).center())
                shown = action.menu()
                self.hand.until(shown.isVisible, f"the menu {title} is open")
                self.hand.click(shown, shown.actionGeometry(self.window.commands[key]).center())
                return
        raise AssertionError(f"there is no menu {title}")


def main() -> int:
    """Walk and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--without", default="", help="steps to leave out, with commas")
    asked = parser.parse_args()
    asked.pictures.mkdir(parents=True, exist_ok=True)
    warned: list[str] = []

    def heard(kind: QtMsgType, _context: object, text: str) -> None:
        print(f"Qt: {text}", file=sys.stderr)
        if kind is not QtMsgType.QtDebugMsg and not any(part in text for part in _OF_THE_MACHINE):
            warned.append(text)

    qInstallMessageHandler(heard)

    def fell(kind: type[BaseException], error: BaseException, trace: object) -> None:
        warned.append("".join(traceback.format_exception(kind, error, trace)))

    sys.excepthook = fell  # what goes wrong in a slot of Qt comes here, and nowhere else
    begun = time.perf_counter()
    app = application()
    settings = Settings()
    settings.set("look", "light")
    settings.set("language", "en")
    window = make_window(settings)
    window.show()
    hand = Hand(app)
    journey = Journey(hand, window, asked.data, asked.folder)
    ok = True
    for number, name in enumerate(STEPS, 1):
        if name in asked.without.split(","):
            continue
        start = time.perf_counter()
        error = ""
        to = f"{asked.pictures}/{number:02d}"
        journey.keep_of = lambda one, what, to=to: hand.picture(Path(f"{to} {what}.png"), one)
        journey.keep = lambda what, to=to: hand.picture(Path(f"{to} {what}.png"), window)
        step = getattr(journey, name)
        try:
            step()
        except Exception:  # noqa: BLE001 - whatever it was, it is told, with a picture of it
            error = traceback.format_exc()
        hand.picture(asked.pictures / f"{number:02d} {name.replace('_', ' ')}.png", window)
        print(json.dumps({"step": name, "error": error, "seconds": round(time.perf_counter() - start, 2)}), flush=True)
        if error:
            ok = False
            break
    journey.facts["seconds"] = round(time.perf_counter() - begun, 1)
    window.close()
    close_pools()
    print(json.dumps({"facts": journey.facts, "warned": warned}))
    return 0 if ok and not warned else 1


if __name__ == "__main__":
    sys.exit(main())
