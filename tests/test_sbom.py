"""What a release says that it is made of is what the lock installs: each package, version and sum, with a licence."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SBOM = json.loads((ROOT / "sbom.cdx.json").read_bytes())


def in_the_lock() -> dict[tuple[str, str], set[str]]:
    """Return the sums of each package of the lock, by name and version: joined lines, cut at spaces."""
    joined = (ROOT / "requirements.lock").read_text("utf-8").replace("\\\n", " ")
    found = {}
    for line in joined.splitlines():
        words = line.split()
        if words and "==" in words[0]:
            name, version = words[0].split("==")
            found[name.lower(), version] = {word.split(":")[-1] for word in words if word.startswith("--hash=sha256:")}
    return found


def test_every_locked_package_stands_there_with_its_version_and_sums() -> None:
    lock = in_the_lock()
    assert len(lock) > 50
    assert {
        (one["name"], one["version"]): {part["content"] for part in one["hashes"]} for one in SBOM["components"]
    } == lock
    assert all(lock.values())


def test_every_package_has_a_licence_in_words_of_spdx() -> None:
    said = {one["name"]: one["licenses"][0]["expression"] for one in SBOM["components"]}
    word = r"[A-Za-z0-9.-]+"
    assert not [name for name, words in said.items() if not re.fullmatch(rf"{word}( (AND|OR|WITH) {word})*", words)]
    assert (said["pyside6-essentials"], said["lxml"], said["certifi"]) == (
        "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only", "BSD-3-Clause", "MPL-2.0",
    )  # fmt: skip
    # The notices, written by hand, say the same of what the program asks for itself.
    notices = (ROOT / "THIRD-PARTY-NOTICES.md").read_text("utf-8")
    for row in re.findall(
        r"^\| ([^|]+) \| (MIT|BSD-3-Clause|BSD-2-Clause|MPL-2.0|ISC|Apache-2.0)[^|]* \|$", notices, re.MULTILINE
    ):
        for name in row[0].split(", "):
            assert row[1] in said[name.lower()], name


def test_what_the_program_asks_for_is_in_it_and_it_names_the_program() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = {re.split(r"[<>=!~\[; ]", one)[0].lower().replace("_", "-") for one in project["dependencies"]}
    assert asked <= {one["name"] for one in SBOM["components"]}
    refs = [one["bom-ref"] for one in SBOM["components"]]
    assert len(set(refs)) == len(refs)
    assert set(SBOM["dependencies"][0]["dependsOn"]) == set(refs)
    own = SBOM["metadata"]["component"]
    assert own["version"] in (ROOT / "cn_planner" / "version.py").read_text("utf-8")
    assert own["name"] == project["name"]
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", SBOM["serialNumber"])


def test_it_goes_out_with_the_source() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]
    assert "sbom.cdx.json" in build["sdist"]["include"]
