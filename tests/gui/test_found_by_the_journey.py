"""What the journey by hand ran into, each held in the small."""

from __future__ import annotations

from cn_planner.gui.panels.fields import ChoiceField
from cn_planner.gui.panels.import_dialog import _FIELDS
from cn_planner.importers.kinds import THING_KINDS
from cn_planner.message import msg
from cn_planner.model.plan import SiteRole


def test_a_choice_gives_back_the_very_value_it_was_given(qtbot):
    box = ChoiceField("Role", [(role, msg("role")) for role in SiteRole])
    qtbot.addWidget(box)
    taken: list[object] = []
    box.committed.connect(taken.append)
    for number in range(len(SiteRole)):
        box.activated.emit(number)
    assert all(one is role for one, role in zip(taken, SiteRole, strict=True)), taken
    box.show_value(SiteRole.GATEWAY)
    assert box.currentIndex() == list(SiteRole).index(SiteRole.GATEWAY)


def test_the_look_at_a_file_has_a_word_for_every_field_that_is_read():
    unknown = {field.name for kind in THING_KINDS.values() for field in kind().fields} - set(_FIELDS)
    assert not unknown
