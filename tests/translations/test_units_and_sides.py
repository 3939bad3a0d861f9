"""A sentence is read in the reader's units, and what is filled in keeps its own order in a mirrored window."""

from __future__ import annotations

import re

import pytest
from babel.messages import pofile

from cn_planner import i18n
from cn_planner.gui import words
from cn_planner.importers.coordinates import place_readings
from cn_planner.message import Message, counted, msg
from cn_planner.model.plan import Plan
from cn_planner.model.settings import change_setting
from cn_planner.paths import resources


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (msg("Put the antenna higher: {ways}.", ways=msg("{name} to {height_m} m", name="Coll", height_m=18)),
         "Put the antenna higher: Coll to 59 ft."),
        (msg("The ridge at {at_km:.1f} km stands {over:.0f} m above.", at_km=3.7, over=6.0),
         "The ridge at 2.3 mi stands 20 ft above."),
        (msg("{size:.1f} km² and {loss:.0f} dB at {freq:g} MHz", size=2.0, loss=3.0, freq=5600.0),
         "2.0 km² and 3 dB at 5600 MHz"),
        (msg("{height} m", height="12"), "12 m"),
    ],
)  # fmt: skip
def test_lengths_of_any_sentence_are_said_in_feet_and_miles(message: Message, said: str) -> None:
    assert i18n.say(message, imperial=True) == said
    assert i18n.say(message) == str(message)


UNITS = {"ar": {"m": "م", "km": "كم"}, "hi": {"m": "मी", "km": "किमी"}}
CATALOGUES = sorted((resources() / "translations").glob("*.po"))


def _forms(text):
    return (text,) if isinstance(text, str) else text


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_length_has_its_unit_behind_it_in_every_translation_where_feet_take_its_place(path):
    with path.open("rb") as file:
        sentences = [one for one in pofile.read_po(file, charset="utf-8") if one.id]
    asked = 0
    for one in sentences:
        lengths = re.findall(r"\{(\w+)(?::[^{}]*)?\}[ \u00a0](k?m)(?![\w²³/])", _forms(one.id)[-1])
        for form in filter(None, _forms(one.string)):
            for name, unit in lengths:
                own = UNITS.get(path.stem, {}).get(unit, unit)
                for behind in re.findall(rf"\{{{name}(?::[^{{}}]*)?\}}(.{{0,5}})", form):
                    assert re.match(rf"[ \u00a0]{own}(?:$|[^\w\u0900-\u0963])", behind), (one.id, form)
                    asked += 1
    assert asked > 200


@pytest.fixture
def shipped():
    before = list(i18n._folders)
    i18n.use_catalogues(resources() / "translations")
    yield
    i18n._folders[:] = before
    i18n._catalogue.cache_clear()


@pytest.mark.usefixtures("shipped")
def test_feet_leave_nothing_of_a_hindi_unit() -> None:
    mast = msg("mast of {height:g} m at {name}", height=12.0, name="Coll")
    assert i18n.say(mast, "hi", imperial=True) == "Coll पर 39 फ़ुट का मास्ट"
    assert i18n.say(msg("{name}, {km:.1f} km", name="A", km=5.0), "hi", imperial=True) == "A, 3.1 मील"


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize(("language", "sign"), [("ar", "قدم"), ("hi", "फ़ुट"), ("pt", "pés"), ("fr", "ft"), ("es", "ft")])
def test_feet_in_a_sentence_have_the_sign_that_a_field_has(language: str, sign: str) -> None:
    """Arabic said 33 قدم in the field and 33 ft in the question above it."""
    alone = i18n.say(msg("{value:,.0f} ft", value=39.0), language)
    alone = alone.replace("\u00a0", " ")
    assert alone == f"39 {sign}"
    mast = msg("mast of {height:g} m at {name}", height=12.0, name="Coll")
    assert alone in i18n.say(mast, language, imperial=True).replace("\u00a0", " ")


@pytest.mark.usefixtures("shipped")
def test_a_list_of_what_is_set_apart_runs_as_its_language_does() -> None:
    """First strong finds no letter outside of the parts: in the rail the homes lost stood before those won."""
    assert i18n.opening("\u2068+3 بيوت\u2069، \u2068−5 بيوت\u2069") == "\u2067"
    assert i18n.opening("\u2068+3 homes\u2069, \u2068−5 homes\u2069") == "\u2068"
    assert i18n.opening("Alto · \u2068بيت\u2069") == i18n.opening("12 m") == i18n.opening("بيت") == "\u2068"
    homes = msg("{first}, {second}", first=counted("+{count:,g} home", "+{count:,g} homes", 3.0),
                second=counted("−{count:,g} home", "−{count:,g} homes", 5.0))  # fmt: skip
    assert i18n.say(msg("{first}, {second}", first="", second=""), "ar") == "، "
    assert ": \u2067\u2068" in i18n.say(msg("A proposal waits: {homes}", homes=homes), "ar", isolate=True)


@pytest.fixture
def arabic(tmp_path):
    (tmp_path / "ar.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "ground {height} above sea"\nmsgstr "الأرض {height} فوق البحر"\n\n'
        'msgid "mast of {height:g} m"\nmsgstr "سارية {height:g} م"\n',
        encoding="utf-8",
    )
    before, was = list(i18n._folders), words.WORDS.language
    i18n.use_catalogues(tmp_path)
    words.set_language("ar")
    yield
    words.set_language(was)
    words.WORDS.imperial = False
    i18n._folders[:] = before
    i18n._catalogue.cache_clear()


@pytest.mark.usefixtures("arabic")
def test_a_height_within_an_arabic_sentence_and_alone_keeps_its_unit_behind_it() -> None:
    height = msg("{value:,.0f} m", value=846.0)
    said = words.tr(msg("ground {height} above sea", height=height))
    assert said == "الأرض \u2068\u2066846\u00a0m\u2069\u2069 فوق البحر"
    assert words.tr(height) == "\u2066\u2066846\u00a0m\u2069\u2069"
    words.WORDS.imperial = True
    assert words.tr(msg("mast of {height:g} m", height=12.0)) == "سارية \u206639\u00a0ft\u2069"


@pytest.mark.usefixtures("arabic")
def test_a_figure_with_a_latin_unit_is_set_apart_and_a_name_before_a_word_is_not() -> None:
    spare = msg("spare {margin:.0f} dB of {name} IPv6 for {cost:,.0f} {currency}", margin=51.0, name="Alto",
                cost=649.0, currency="USD")  # fmt: skip
    said = i18n.say(spare, "ar", isolate=True)
    assert "\u206651\u00a0dB\u2069" in said
    assert "\u2066649\u00a0\u2068USD\u2069\u2069" in said
    assert "\u2068Alto\u2069 IPv6" in said
    assert words.side_by_side(["Alto", "6 m"], " · ") == "\u200f\u2068Alto\u2069 · \u20686 m\u2069"


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize(
    ("sentence", "sample"),
    [
        ("To be sure write letters: 42.0931 N, 1.8082 E.", "42.0931 N, 1.8082 E"),
        ("Give it from low to high, as 5150-5875 MHz.", "5150-5875 MHz"),
    ],
)
def test_a_sample_keeps_its_order_in_arabic(sentence: str, sample: str) -> None:
    assert f"\u2066{sample}\u2069" in i18n.say(msg(sentence), "ar", isolate=True)


@pytest.mark.parametrize(
    "whole", ["802.11ac MCS {mcs}", "MCS0: 20 25 -96 6.5", "ssh root@192.168.1.1", "{a} 5-7 m", "12"]
)
def test_a_part_of_something_in_latin_letters_is_no_sample(whole: str) -> None:
    assert i18n._figures_apart(whole, {}) == whole


def test_what_is_copied_from_a_mirrored_window_is_read_again() -> None:
    assert place_readings("\u200f\u206642.0931 N, 1.8082 E\u2069")[0][:2] == (42.0931, 1.8082)
    assert change_setting(Plan(), {"info.country": "\u2066ES\u2069"}).plan.info.country == "ES"


@pytest.mark.usefixtures("arabic")
def test_files_hold_no_marks_of_direction() -> None:
    said = i18n.say(msg("ground {height} above sea", height=msg("{value:,.0f} m", value=846.0)), "ar")
    assert said == "الأرض 846 m فوق البحر"
    assert i18n.say(counted("{count} home", "{count} homes", 2), "ar") == "2 homes"
