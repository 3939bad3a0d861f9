"""The form of one entry of the shelf: what it is first, its numbers in a drawer."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, get_type_hints

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from cn_planner.errors import PlannerError
from cn_planner.gui import theme
from cn_planner.gui.dialogs.catalogue_words import EXAMPLES, FIELD_WORDS, TASK_WORDS
from cn_planner.gui.dialogs.dialog import Dialog
from cn_planner.gui.panels.fields import ChoiceField, TextField
from cn_planner.gui.panels.parts import Drawer, caption
from cn_planner.gui.values import told_of
from cn_planner.gui.words import tr
from cn_planner.message import msg
from cn_planner.model.entry_form import PLAIN, names_of, to_texts, unit_of
from cn_planner.model.own_entries import ENTRY_KINDS, entry_kind_of, find_entry, is_own
from cn_planner.report.words import CLASSES
from cn_planner.session.own_entries import add_entry, change_entry, copy_entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.gui.state import AppState
    from cn_planner.message import Message
    from cn_planner.model.history import Edit
    from cn_planner.session.project import Project

_CHOICES: dict[str, Message] = {**{str(key): words for key, words in CLASSES.items()}, **TASK_WORDS}
_LONG = frozenset({"modes", "parts"})


class EntryDialog(Dialog):
    """The form.

    Parameters
    ----------
    parent : QWidget
    state : AppState
    kind : str
        Of a new entry.
    key : str, optional
        The entry that is changed, or copied where it is not one's own; without it a new one is made.
    as_copy : bool
        Whether one's own entry is copied too.
    """

    def __init__(
        self, parent: QWidget, state: AppState, kind: str, key: str | None = None, *, as_copy: bool = False
    ) -> None:
        project = state.project
        base = None if key is None or project is None else find_entry(project.catalogue, key)
        self._kind = kind if base is None else entry_kind_of(base)
        self._state, self._key = state, key
        self._copies = base is not None and (as_copy or not is_own(base))
        title = (
            msg("New entry") if base is None else msg("Copy of an entry") if self._copies else msg("Change an entry")
        )
        super().__init__(parent, title, width=560, height=640)
        texts = dict.fromkeys(names_of(ENTRY_KINDS[self._kind]), "") if base is None else to_texts(base)
        if self._copies:
            texts["name"] = tr(msg("{name} (own)", name=texts["name"]))
        self._first = texts if not self._copies else texts | {"name": ""}
        self.fields: dict[str, QWidget] = {}
        self._readers: dict[str, Callable[[], str]] = {}
        self.problem = caption("", "warn")
        self.problem.setAccessibleName(tr(msg("What is wrong")))
        self.problem.hide()
        self.column.addWidget(self.problem)
        self.drawer = Drawer(msg("Numbers"))
        hints = get_type_hints(ENTRY_KINDS[self._kind])
        for name, text in texts.items():
            self._field(name, text, hints[name])
        self.column.addWidget(self.drawer)
        if base is None:
            self.drawer.toggle.setChecked(self._kind != "item")
        self.column.addStretch(1)
        self.add_button(msg("Cancel"), self.close)
        self.add_button(msg("Keep it"), self.keep, "primary")
        state.projectChanged.connect(self.close)

    def _field(self, name: str, text: str, hint: Any) -> None:
        words = FIELD_WORDS.get(name)
        said = tr(words) if words is not None else name
        unit, project = unit_of(name), self._state.project
        choices: list[tuple[str, Message | str]] = []
        if isinstance(hint, type) and issubclass(hint, Enum):
            choices = [(one.value, _CHOICES.get(one.value, one.value)) for one in hint]
        elif project is not None and name in ("radio", "antenna") and self._kind == "kit":
            rows = getattr(project.catalogue, f"{name}s").values()
            named = sorted((f"{one.maker} {one.name}".strip(), one.id) for one in rows)
            choices = [(key, called) for called, key in named]
        elif project is not None and name == "technology":
            choices = [(one, one) for one in sorted(project.catalogue.technologies)]
        made: QWidget
        if choices:
            field = ChoiceField(said, choices)
            field.show_value(text or choices[0][0])
            self._readers[name] = lambda: str(field.currentData())
            made = field
        elif name in _LONG:
            area = QPlainTextEdit(text.replace("; ", "\n") if name == "modes" else text)
            area.setTabChangesFocus(True)
            area.setFixedHeight(theme.px(96))
            self._readers[name] = area.toPlainText
            made = area
        else:
            line = TextField(said, placeholder=EXAMPLES.get(name, ""))
            line.show_value(text)
            self._readers[name] = line.text
            made = line
        made.setAccessibleName(f"{said} ({unit})" if unit else said)
        into = self.column if name in PLAIN else self.drawer.body
        heading = caption(f"{said}, {unit}" if unit else said)
        heading.setBuddy(made)
        into.addWidget(heading)
        if name in _LONG:
            into.addWidget(caption(EXAMPLES[name], "label"))
        into.addWidget(made)
        self.fields[name] = made

    def texts(self) -> dict[str, str]:
        """Return the fields that differ from what was shown first; of a new entry those that are filled in."""
        now = {name: read().strip() for name, read in self._readers.items()}
        first = {name: text.replace("; ", "\n") if name == "modes" else text for name, text in self._first.items()}
        return {name: text for name, text in now.items() if text != first[name]}

    def _edit(self, project: Project) -> Edit:
        plan, catalogue, texts = project.plan, project.catalogue, self.texts()
        if self._key is None:
            return add_entry(plan, catalogue, self._kind, texts)
        return (copy_entry if self._copies else change_entry)(plan, catalogue, self._key, texts)

    def keep(self) -> None:
        """Put the entry on the shelf; what is wrong is said above the form, which stays as it is."""
        project = self._state.project
        if project is None:
            return
        try:
            edit = self._edit(project)
        except PlannerError as error:
            self.problem.setText(told_of(error, place=False))
            self.problem.show()
            return
        if self._state.apply(edit):
            self.close()
