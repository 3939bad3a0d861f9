"""What a person can set for the window, as data: key, type, default, meaning, choices.

The settings dialog, the check of what is read back, and docs/settings.md are all made from this one table. What
belongs to a plan (demand, trees, rules) is not here but in `model.settings`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLocale, QObject, QSettings, Signal

from cn_planner import paths
from cn_planner.i18n import own_language, say
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from pathlib import Path

MOST_RECENT = 8


@dataclass(frozen=True, slots=True)
class SettingChoice:
    """One of the values that a setting may have, and its words."""

    value: str
    words: Message


@dataclass(frozen=True, slots=True)
class WindowSetting:
    """One setting.

    Attributes
    ----------
    key : str
        As it stands in the file.
    kind : type
        bool, int, float, str, or tuple (of str).
    default : value of that type
    words : Message
        Its name in the dialog.
    meaning : Message
        One sentence.
    choices : tuple of Choice
        What it may be; empty where anything of its type goes.
    low, high : float
        Limits of a number.
    shown : bool
        False for what the window remembers by itself.
    """

    key: str
    kind: type
    default: Any
    words: Message
    meaning: Message
    choices: tuple[SettingChoice, ...] = ()
    low: float = float("-inf")
    high: float = float("inf")
    shown: bool = True


_LANGUAGES = (
    SettingChoice("system", msg("As the system")),
    # Each in its own words: who looks for theirs can read no other.
    SettingChoice("en", msg("English")),
    SettingChoice("es", msg("Español")),
    SettingChoice("fr", msg("Français")),
    SettingChoice("pt", msg("Português")),
    SettingChoice("sw", msg("Kiswahili")),
    SettingChoice("ar", msg("العربية")),
    SettingChoice("hi", msg("हिन्दी")),
)

_ALL = (
    WindowSetting(
        "language", str, "system", msg("Language"),
        msg("Language of the window. A text without a translation is shown in English."), _LANGUAGES,
    ),
    WindowSetting(
        "units", str, "metric", msg("Units"), msg("Units of lengths and heights."),
        (SettingChoice("metric", msg("Metres and kilometres")), SettingChoice("imperial", msg("Feet and miles"))),
    ),
    WindowSetting(
        "coordinates", str, "degrees", msg("Coordinates"), msg("How a position is written."),
        (
            SettingChoice("degrees", msg("Degrees, 42.0871 N")),
            SettingChoice("minutes", msg("Degrees and minutes, 42° 05.226′ N")),
            SettingChoice("seconds", msg("Degrees, minutes, seconds, 42° 05′ 13.6″ N")),
            SettingChoice("mgrs", msg("MGRS, 31TCG 99211 60427")),
        ),
    ),
    WindowSetting(
        "look", str, "system", msg("Look"), msg("Colours of the window."),
        (
            SettingChoice("system", msg("As the system")),
            SettingChoice("light", msg("Light")),
            SettingChoice("dark", msg("Dark")),
            SettingChoice("contrast", msg("High contrast")),
        ),
    ),
    WindowSetting(
        "text_percent", int, 100, msg("Size of letters"), msg("Size of letters in the window, in percent."),
        low=80, high=200,
    ),
    WindowSetting(
        "online_map", bool, False, msg("Map from the Internet"),
        msg("Whether pictures of a map are loaded from the Internet as you look. Off until you switch it on."),
    ),
    WindowSetting(
        "online_address", str, "https://tile.openstreetmap.org/{z}/{x}/{y}.png", msg("Address of the online map"),
        msg("Where its pictures come from; zoom, column and row stand in braces as z, x and y."),
    ),
    WindowSetting(
        "online_attribution", str, "© OpenStreetMap contributors", msg("Attribution of the online map"),
        msg("What its makers want to be named with; always shown on the map."),
    ),
    WindowSetting(
        "terrain_server", str, "", msg("Address of a terrain server"),
        msg("Where terrain is fetched from in place of the public server; of the same layout. Empty: the public one."),
    ),
    WindowSetting(
        "map_server", str, "", msg("Address of a map server"),
        msg("Where roads, names and roofs are fetched from in place of the public server; an Overpass API."),
    ),
    WindowSetting(
        "names_server", str, "", msg("Address of a server of names"),
        msg("Which server is asked where a name lies in place of the public one; a Nominatim."),
    ),
    WindowSetting(
        "blur_homes_m", int, 0, msg("Hide homes in files"),
        msg("How far homes are moved in the files that are shared, m; 0 leaves them where they are."), low=0, high=5000,
    ),
    WindowSetting(
        "tour_seen", bool, False, msg("Tour"), msg("Whether the tour was seen or left."),
        shown=False,
    ),
    WindowSetting(
        "tour_at", int, 0, msg("Step of the tour"), msg("Where the tour was left: there it is taken up."), shown=False,
        low=0, high=6,
    ),
    WindowSetting(
        "recent", tuple, (), msg("Recent plans"), msg("Plans that were open, the last one first."),
        shown=False,
    ),
    WindowSetting("folder", str, "", msg("Folder"), msg("Where a plan was opened or made last."), shown=False),
    WindowSetting(
        "read_folder", str, "", msg("Folder of files"), msg("Where a file was read last."), shown=False
    ),
    WindowSetting(
        "plan_folder", str, "", msg("Folder of the plan"), msg("Where a plan was made last."), shown=False
    ),
    WindowSetting(
        "write_folder", str, "", msg("Folder of written files"), msg("Where a file was written last."), shown=False
    ),
    WindowSetting(
        "geometry", str, "", msg("Window"), msg("Where the window stood, and how large."),
        shown=False,
    ),
    WindowSetting(
        "share_folder", str, "", msg("Folder of shared files"), msg("Where files were written last."),
        shown=False,
    ),
    WindowSetting(
        "share_formats", tuple, ("pdf", "xlsx", "kmz"), msg("Shared files"), msg("What was written last."), shown=False
    ),
)  # fmt: skip
WINDOW_SETTINGS: dict[str, WindowSetting] = {one.key: one for one in _ALL}


def setting_of_text(setting: WindowSetting, text: object) -> Any:
    """Return what a stored text stands for, typed; the default where it is not a value of this setting."""
    if not isinstance(text, str):
        return setting.default
    try:
        value = json.loads(text)
    except ValueError:
        return setting.default
    if setting.kind is tuple:
        value = tuple(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else None
    elif setting.kind is float and type(value) is int:
        value = float(value)
    return value if allowed(setting, value) else setting.default


def allowed(setting: WindowSetting, value: object) -> bool:
    """Return whether a value is of the setting's type, among its choices, and within its limits."""
    if type(value) is not setting.kind:
        return False
    if setting.choices and value not in {one.value for one in setting.choices}:
        return False
    return not isinstance(value, int | float) or setting.low <= value <= setting.high


class Settings(QObject):
    """The settings of this user.

    Parameters
    ----------
    path : Path, optional
        The file; in the user's folder where not given.
    """

    changed = Signal(str)
    """The key whose value is another now."""

    def __init__(self, path: Path | None = None) -> None:
        super().__init__()
        file = path if path is not None else paths.config() / "window.ini"
        self._store = QSettings(str(file), QSettings.Format.IniFormat)
        self._values: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        """Return a value, of the setting's type and within its limits whatever the file says."""
        if key not in self._values:
            setting = WINDOW_SETTINGS[key]
            self._values[key] = setting_of_text(setting, self._store.value(key))
        return self._values[key]

    def set(self, key: str, value: Any) -> None:
        """Keep a value.

        Raises
        ------
        ValueError
            Where the value is not one of this setting.
        """
        setting = WINDOW_SETTINGS[key]
        if not allowed(setting, value):
            raise ValueError(f"{key} cannot be {value!r}")
        if value == self.get(key):
            return
        self._values[key] = value
        self._store.setValue(key, json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False))
        self.changed.emit(key)

    def reset(self) -> None:
        """Give everything that is shown in the dialog its default."""
        for setting in _ALL:
            if setting.shown:
                self.set(setting.key, setting.default)

    def remember_plan(self, path: Path) -> None:
        """Put a plan at the head of the recent ones."""
        text = str(path)
        self.set("recent", (text, *(one for one in self.get("recent") if one != text))[:MOST_RECENT])
        self.set("folder", str(path.parent))

    def sync(self) -> None:
        """Have everything written to the file."""
        self._store.sync()


def reference() -> str:
    """Return docs/settings.md: what can be set, made from the table."""
    lines = [
        "# Settings of the window",
        "",
        "Made from the table in `cn_planner/gui/settings.py`; a test keeps it current. What belongs to a plan is",
        "listed by `cn-planner set PLAN`. The window keeps its settings in `window.ini` in the user's settings folder.",
        "",
        "| key | type | default | may be | meaning |",
        "|---|---|---|---|---|",
    ]
    kinds = {bool: "yes or no", int: "whole number", float: "number", str: "text", tuple: "list of texts"}
    for one in _ALL:
        if one.choices:
            may_be = ", ".join(f"`{choice.value}`" for choice in one.choices)
        elif one.low != float("-inf"):
            may_be = f"{one.low:g} to {one.high:g}"
        else:
            may_be = ""
        default = json.dumps(list(one.default) if isinstance(one.default, tuple) else one.default, ensure_ascii=False)
        meaning = say(one.meaning) if one.shown else f"{say(one.meaning)} Kept by the window itself."
        lines.append(f"| `{one.key}` | {kinds[one.kind]} | `{default}` | {may_be} | {meaning} |")
    return "\n".join(lines) + "\n"


def chosen_language(settings: Settings) -> str:
    """Return the language to speak: a translator's own file's, the one chosen, or the system's where there is one."""
    if own_language():
        return own_language()
    chosen = str(settings.get("language"))
    if chosen != "system":
        return chosen
    known = {one.value for one in WINDOW_SETTINGS["language"].choices}
    for tag in QLocale.system().uiLanguages():
        if tag.split("-")[0] in known:
            return tag.split("-")[0]
    return "en"
