"""The program's own tables come back: what it writes of a home, it reads."""

from __future__ import annotations

from cn_planner.importers.files import import_file
from cn_planner.model.plan import Plan, PowerSource
from cn_planner.report.words import POWER_WORDS, PRIORITY_WORDS


def test_a_home_that_must_be_reached_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / "homes.csv"
    rows = [f"{key.name},{number / 1000},7.0,{words}" for number, (key, words) in enumerate(PRIORITY_WORDS.items())]
    path.write_text("\n".join(["id,latitude,longitude,priority", *rows]), encoding="utf-8")
    homes = import_file(Plan(), path, "households").edit.plan.households
    assert {key.name: key for key in PRIORITY_WORDS} == {home.id: home.priority for home in homes.values()}


def test_what_feeds_a_tower_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / "sites.csv"
    rows = [f"{key.name},{number / 1000},7.0,{words}" for number, (key, words) in enumerate(POWER_WORDS.items())]
    path.write_text("\n".join(["id,latitude,longitude,power", *rows]), encoding="utf-8")
    sites = import_file(Plan(), path, "sites").edit.plan.sites
    assert {key.name: key for key in POWER_WORDS} == {site.id: site.power for site in sites.values()}


def test_what_feeds_a_place_is_read_as_the_questions_ask_it(tmp_path):
    """`check` asks for mains or sun and `set` takes both; a list with "sun" was refused, all of it."""
    path = tmp_path / "sites.csv"
    path.write_text("id,latitude,longitude,power\na,42,1,sun\nb,42.1,1,Mains\n", encoding="utf-8")
    sites = import_file(Plan(), path, "sites").edit.plan.sites
    assert [sites[key].power for key in "ab"] == [PowerSource.SOLAR, PowerSource.GRID]
