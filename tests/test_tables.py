"""What a maintainer would miss: a public table that changed, and a shelf or a law that still says what it said."""

from __future__ import annotations

import copy
import json
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import tables  # noqa: E402

FILES = {
    path.name: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in (ROOT / "resources" / "equipment").glob("radios-*.toml")
}
KEYS = {
    radio["id"]: found["key"]
    for file in FILES.values()
    for radio in file["radio"]
    if (found := tables._KEY.match(radio.get("read", ""))) is not None
}


def as_it_stands() -> dict[str, dict[str, object]]:
    """Return a table that says what the shelf says, in AREDN's form."""
    rows: dict[str, dict[str, object]] = {}
    for file in FILES.values():
        for radio in file["radio"]:
            if radio["id"] not in KEYS:
                continue
            row: dict[str, object] = {"maxpower": radio["most_tx_power_dbm"] - 4.0, "pwroffset": 4}
            antenna = radio.get("antenna")
            if antenna is not None:
                width = antenna.get("stated_az_deg", antenna["beamwidth_az_deg"])
                row["antenna"] = {"gain": antenna["gain_dbi"], "beamwidth": width}
            rows[KEYS[radio["id"]]] = row
    return rows


def test_nearly_every_radio_names_the_key_that_it_was_read_by_and_none_stands_twice() -> None:
    assert len(KEYS) >= 50
    assert len(set(KEYS.values())) == len(KEYS), "one product, one entry"


def test_a_power_or_a_width_that_changed_is_shown_and_an_entry_that_is_gone() -> None:
    table = as_it_stands()
    assert tables.aredn_differences(table, FILES) == []
    changed = copy.deepcopy(table)
    changed[KEYS["tp-link-cpe710"]]["maxpower"] = 23  # with 4 more: 27
    changed[KEYS["tp-link-cpe710"]]["antenna"] = {"gain": 23.0, "beamwidth": 7}
    del changed[KEYS["bullet-m2-titanium"]]
    assert tables.aredn_differences(changed, FILES) == [
        ("tp-link-cpe710", "most_tx_power_dbm", 30.0, 27.0),
        ("tp-link-cpe710", "beamwidth_az_deg", 9.0, 7),
        ("bullet-m2-titanium", "entry", "0xe2d2", None),
    ]


def test_a_limit_that_changed_is_shown_both_ways(shared_data: Path) -> None:
    text = (shared_data / "regulatory" / "db.txt").read_text(encoding="utf-8")
    kept = json.loads((ROOT / "resources" / "rules" / "wireless-regdb.json").read_text(encoding="utf-8"))["countries"]
    assert tables.regdb_differences(text, kept) == []
    uganda = text[text.index("country UG:") :].split("\n\n")[0]
    changed = uganda.replace("(30)", "(27)")
    assert changed != uganda
    found = tables.regdb_differences(text.replace(uganda, changed), kept)
    assert {one.what for one in found} == {"UG"}
    assert {(one.ours or one.theirs)[3] for one in found} == {30.0, 27.0}
    assert any(one.ours is None for one in found)
    assert any(one.theirs is None for one in found)


def test_the_program_says_what_differs_and_ends_with_1(
    tmp_path: Path, shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = as_it_stands()
    (tmp_path / "radios.json").write_text(json.dumps(table), encoding="utf-8")
    words = ["--aredn", str(tmp_path / "radios.json"), "--regdb", str(shared_data / "regulatory" / "db.txt")]
    assert tables.main(words) == 0
    assert "Nothing differs" in capsys.readouterr().out
    table[KEYS["rocket-m5"]]["maxpower"] = 1
    (tmp_path / "radios.json").write_text(json.dumps(table), encoding="utf-8")
    assert tables.main([*words, "--json"]) == 1
    (one,) = json.loads(capsys.readouterr().out)["differences"]
    assert (one["what"], one["theirs"]) == ("rocket-m5", 5.0)


@pytest.mark.parametrize("text", ["", "[1]", "{", "country UG: DFS-ETSI\n\t(what - 1 @ 2), (3)\n"])
def test_a_table_that_is_no_table_is_no_traceback(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "table"
    file.write_text(text, encoding="utf-8")
    option = "--regdb" if text.startswith("country") else "--aredn"
    assert tables.main([option, str(file)]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert tables.main([option, str(tmp_path / "nowhere")]) == 2
