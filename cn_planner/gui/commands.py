"""Every command of the window as data: its words, keys and menu. The menu bar and the list of keys come from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence

from cn_planner.gui.words import tr
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from PySide6.QtWidgets import QMainWindow, QMenu

_KEY = QKeySequence.StandardKey


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes
    ----------
    key : str
        Its name; the window's table of actions is by it.
    menu : str
        Where it stands; see `MENUS`.
    words : Message
    keys : tuple
        What is pressed; the first one is shown.
    needs_plan : bool
        Whether it means anything without an open plan.
    checkable : bool
    new_group : bool
        Whether a line stands above it.
    """

    key: str
    menu: str
    words: Message
    keys: tuple[str | QKeySequence.StandardKey, ...] = ()
    needs_plan: bool = True
    checkable: bool = False
    new_group: bool = False


MENUS: tuple[tuple[str, Message], ...] = (
    ("plan", msg("&Plan")),
    ("edit", msg("&Edit")),
    ("view", msg("&View")),
    ("place", msg("P&lace")),
    ("network", msg("&Network")),
    ("help", msg("&Help")),
)
COMMANDS: tuple[Command, ...] = (
    Command("new", "plan", msg("New plan…"), (_KEY.New,), needs_plan=False),
    Command("open", "plan", msg("Open a plan…"), (_KEY.Open,), needs_plan=False),
    Command("sample", "plan", msg("Sample valley"), needs_plan=False),
    Command("ground", "plan", msg("Start from the ground…"), ("Ctrl+Shift+B",), new_group=True),
    Command("add_terrain", "plan", msg("Add terrain…"), ("Ctrl+Shift+T",)),
    Command("add_trees", "plan", msg("Add tree heights…")),
    Command("add_land_cover", "plan", msg("Add land cover…")),
    Command("base_map", "plan", msg("Base map…")),
    Command("get_area", "plan", msg("Get data for this area…"), ("Ctrl+Shift+G",)),
    Command("open_pack", "plan", msg("Open an area pack…"), needs_plan=False),
    Command("import_homes", "plan", msg("Add homes from a file…"), ("Ctrl+I",)),
    Command("import_sites", "plan", msg("Add places for towers from a file…")),
    Command("import_places", "plan", msg("Add public places from a file…")),
    Command("import_measurements", "plan", msg("Add measurements from a file…")),
    Command("import_survey", "plan", msg("Add what telephones send back…")),
    Command("data", "plan", msg("Data used…"), ("Ctrl+Shift+D",)),
    Command("share", "plan", msg("Share: write the files…"), ("Ctrl+E",), new_group=True),
    Command("field_sheets", "plan", msg("Print field sheets…"), ("Ctrl+P",)),
    Command("plan_settings", "plan", msg("What holds for this plan…"), new_group=True),
    Command("costs", "plan", msg("Prices and wages…")),
    Command("power", "plan", msg("Power from the sun…")),
    Command("import_sun", "plan", msg("Read how much sun there is…")),
    Command("catalogue", "plan", msg("The shelf: kits, radios, antennas, price list…")),
    Command("settings", "plan", msg("Settings…"), ("Ctrl+,",), needs_plan=False),
    Command("close", "plan", msg("Close the plan"), (_KEY.Close,), new_group=True),
    Command("quit", "plan", msg("Quit"), ("Ctrl+Q",), needs_plan=False),
    Command("undo", "edit", msg("Undo"), (_KEY.Undo,)),
    Command("redo", "edit", msg("Redo"), (_KEY.Redo, "Ctrl+Y")),
    Command("delete", "edit", msg("Delete what is selected"), ("Ctrl+Backspace",), new_group=True),
    Command("find", "edit", msg("Go to a place…"), (_KEY.Find, "Ctrl+G"), new_group=True),
    Command("palette", "edit", msg("Find anything…"), ("Ctrl+K",), needs_plan=False),
    Command("answer", "edit", msg("Answer the village's question"), ("Ctrl+J",)),
    Command("zoom_in", "view", msg("Zoom in"), ("Ctrl++", "Ctrl+=")),
    Command("zoom_out", "view", msg("Zoom out"), ("Ctrl+-",)),
    Command("show_all", "view", msg("Show the whole plan"), ("Ctrl+0",)),
    Command("show_3d", "view", msg("Terrain in 3D"), ("D",), checkable=True),
    Command("show_sidebar", "view", msg("Fold the tasks"), ("F6",), needs_plan=False, checkable=True, new_group=True),
    Command("show_side", "view", msg("Side panel"), ("F7",), checkable=True),
    Command("show_profile", "view", msg("Profile"), ("F8",), checkable=True),
    Command("show_tables", "view", msg("Tables"), ("F9",), checkable=True),
    Command("show_layers", "view", msg("Layers"), ("F10",), checkable=True),
    Command("online_map", "view", msg("Map from the Internet"), checkable=True, new_group=True),
    Command("full_screen", "view", msg("Full screen"), ("F11",), needs_plan=False, checkable=True, new_group=True),
    Command("tool_select", "place", msg("Select and move"), ("Ctrl+1",)),
    Command("place_tower", "place", msg("Tower"), ("Ctrl+2",)),
    Command("place_home", "place", msg("Home"), ("Ctrl+3",)),
    Command("draw_link", "place", msg("Link, or look along any path"), ("Ctrl+4",)),
    Command("draw_zone", "place", msg("Named area"), ("Ctrl+5",)),
    Command("draw_no_build", "place", msg("Area where nothing may be built"), ("Ctrl+6",)),
    Command("place_obstacle", "place", msg("Tree or building seen on site"), ("Ctrl+7",)),
    Command("place_public", "place", msg("School, clinic, market or another public place"), ("Ctrl+8",)),
    Command("measure", "place", msg("Measure"), ("Ctrl+M",), new_group=True),
    Command("look_round", "place", msg("Stand here and look…"), ("V",)),
    Command("what_seen", "place", msg("What did you see?…"), ("W",)),
    Command("make_plan", "network", msg("Plan the network"), ("Ctrl+Return",)),
    Command("reach_more", "network", msg("Reach the homes that are left")),
    Command("show_proposal", "network", msg("What was proposed last"), ("Ctrl+Shift+P",)),
    Command("tradeoff", "network", msg("Cost against homes…")),
    Command("savings", "network", msg("What would save money?")),
    Command("suggest", "network", msg("What could be built next"), new_group=True),
    Command("find_places", "network", msg("Find places for towers")),
    Command("choose_gateway", "network", msg("Choose the gateway")),
    Command("give_channels", "network", msg("Give channels")),
    Command("band", "network", msg("The band here…"), ("B",)),
    Command("addresses", "network", msg("Addresses…")),
    Command("compare", "network", msg("Compare…")),
    Command("measured", "network", msg("What was measured…")),
    Command("bring_together", "network", msg("Bring together…")),
    Command("new_scenario", "network", msg("New scenario…"), ("Ctrl+T",), new_group=True),
    Command("cancel_jobs", "network", msg("Cancel everything that is being computed"), ("Ctrl+.",)),
    Command("manual", "help", msg("Manual"), ("F1",), needs_plan=False),
    Command("shortcuts", "help", msg("Keyboard shortcuts"), ("?",), needs_plan=False),
    Command("tour", "help", msg("Tour: to a plan of your own"), needs_plan=False),
    Command("copy_report", "help", msg("Copy a report of this window"), needs_plan=False, new_group=True),
    Command("show_log", "help", msg("Show the log"), needs_plan=False),
    Command("about", "help", msg("About CN Planner"), needs_plan=False),
)
TOOLS = {
    "tool_select": "select", "place_tower": "tower", "place_home": "home", "place_public": "public",
    "place_obstacle": "obstacle",
    "draw_link": "link", "draw_zone": "zone", "draw_no_build": "no_build", "measure": "measure",
}  # fmt: skip
"""The tools of the map by the commands that take them in hand, as their buttons stand."""
MAP_KEYS: tuple[tuple[str, Message], ...] = (
    ("← ↑ → ↓", msg("Move the map; with a tool in hand, move its cross")),
    ("+  −", msg("Zoom")),
    ("Page Up  Page Down", msg("Walk from thing to thing, each is read out")),
    ("Tab", msg("Go on to the next region or control")),
    ("Enter", msg("Use the tool at the cross; open what is selected")),
    ("Del", msg("Delete what is selected")),
    ("Esc", msg("Let go: what is under way, then the tool, then the selection")),
)
"""What the map itself takes while it has the cursor."""


def sequences(command: Command) -> list[QKeySequence]:
    """Return the keys of a command, as the platform has them."""
    found: list[QKeySequence] = []
    for key in command.keys:
        found += QKeySequence.keyBindings(key) if isinstance(key, _KEY) else [QKeySequence(key)]
    # A platform's own keys may hold one of ours already.
    return list({one.toString(): one for one in found}.values())


class Commands:
    """The actions of a window, by name.

    Parameters
    ----------
    window : QMainWindow
        Gets the menu bar.
    act : callable of str
        Does a command.
    """

    def __init__(self, window: QMainWindow, act: Callable[[str], None]) -> None:
        self._window = window
        self._menus: dict[str, QMenu] = {}
        self.actions: dict[str, QAction] = {}
        for name, words in MENUS:
            self._menus[name] = window.menuBar().addMenu(tr(words))
        for command in COMMANDS:
            action = QAction(tr(command.words), window)
            action.setShortcuts(sequences(command))
            action.setCheckable(command.checkable)
            action.triggered.connect(lambda _=False, key=command.key: act(key))
            menu = self._menus[command.menu]
            if command.new_group:
                menu.addSeparator()
            menu.addAction(action)
            self.actions[command.key] = action
        self.recent = window.menuBar().addMenu("")
        window.menuBar().removeAction(self.recent.menuAction())
        self._menus["plan"].insertMenu(self.actions["sample"], self.recent)
        self.retitle()

    def __getitem__(self, key: str) -> QAction:
        return self.actions[key]

    def retitle(self) -> None:
        """Say all commands in the window's language."""
        for name, words in MENUS:
            self._menus[name].setTitle(tr(words))
            self._menus[name].setAccessibleName(tr(words).replace("&", ""))
        for command in COMMANDS:
            self.actions[command.key].setText(tr(command.words))
        self.recent.setTitle(tr(msg("Recent plans")))
        self.recent.setAccessibleName(tr(msg("Recent plans")))

    def show_recent(self, plans: Iterable[str], act: Callable[[Path], object]) -> None:
        """Offer the plans that were open last; `act` opens one."""
        self.recent.clear()
        for text in plans:
            path = Path(text)
            action = self.recent.addAction(path.name)
            action.setToolTip(text)
            action.triggered.connect(lambda _=False, path=path: act(path))
        self.recent.setEnabled(not self.recent.isEmpty())

    def allow(self, *, plan: bool) -> None:
        """Switch off what means nothing without a plan."""
        for command in COMMANDS:
            if command.needs_plan:
                self.actions[command.key].setEnabled(plan)
