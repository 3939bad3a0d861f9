"""Write what a release is made of, as a CycloneDX document made from the lock file.

    python3 run.py sbom [--check]

Each locked package stands in ``sbom.cdx.json`` with its version, the sums of its files and its licence, and where it is
for some systems or Pythons alone, with that. The same lock gives the same bytes. With --check nothing is written, and
the end is 1 where the file is not what the lock says. CycloneDX 1.6 (ECMA-424); package URLs after ECMA-427.

Our own, as the document is one flat list: the kept library would bring six packages more to look after.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCK, OUT = ROOT / "requirements.lock", ROOT / "sbom.cdx.json"
_ENTRY = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)\s*(?:;\s*(.*?))?\s*\\?$")
_SUM = re.compile(r"--hash=sha256:([0-9a-f]{64})")
# What packages say of themselves in other words than SPDX has.
_SPDX = {
    "BSD": "BSD-3-Clause", "New BSD": "BSD-3-Clause", "ISC License": "ISC", "MIT License": "MIT",
    "ISC License (ISCL)": "ISC", "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
}  # fmt: skip
_ELSEWHERE = {"colorama": "BSD-3-Clause"}
"""Of packages that are installed on other systems alone, as they say."""


def locked(text: str) -> list[tuple[str, str, str, list[str]]]:
    """Return name, version, marker and sums of each package of a lock file."""
    found: list[tuple[str, str, str, list[str]]] = []
    for line in text.splitlines():
        entry = _ENTRY.match(line)
        if entry is not None:
            found.append((entry[1].lower(), entry[2], entry[3] or "", []))
        elif (one := _SUM.search(line)) is not None:
            found[-1][3].append(one[1])
    return found


def licence(name: str) -> str:
    """Return the licence that an installed package states, as an SPDX expression."""
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return _ELSEWHERE[name]
    if said.get("License-Expression"):
        return str(said["License-Expression"])
    short = str(said.get("License") or "").strip()
    words = [one.rsplit(" :: ", 1)[-1] for one in said.get_all("Classifier", []) if one.startswith("License")]
    if short.startswith("The MIT License"):
        return "MIT"
    if not short or "\n" in short or len(short) > 80:
        short = words[0]
    return _SPDX.get(short, short)


def component(name: str, version: str, marker: str, sums: list[str]) -> dict[str, Any]:
    """Return a package as the document has it."""
    url = f"pkg:pypi/{name}@{version}"
    one: dict[str, Any] = {
        "type": "library", "bom-ref": url, "name": name, "version": version, "purl": url,
        "licenses": [{"expression": licence(name)}],
        "hashes": [{"alg": "SHA-256", "content": content} for content in sums],
    }  # fmt: skip
    if marker:
        one["properties"] = [{"name": "python:marker", "value": marker}]
    return one


def document() -> dict[str, Any]:
    """Return what the program is made of."""
    text = LOCK.read_text(encoding="utf-8")
    version = (ROOT / "cn_planner" / "version.py").read_text(encoding="utf-8").split('"')[-2]
    components = [component(*one) for one in locked(text)]
    own = f"pkg:pypi/cn-planner@{version}"
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, own + text)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application", "bom-ref": own, "name": "cn-planner", "version": version, "purl": own,
                "licenses": [{"expression": "Apache-2.0"}],
            },
        },
        "components": components,
        "dependencies": [{"ref": own, "dependsOn": [one["bom-ref"] for one in components]}],
    }  # fmt: skip


def main() -> int:
    """Write or check."""
    text = json.dumps(document(), indent=1) + "\n"
    if sys.argv[1:] == ["--check"]:
        same = OUT.exists() and OUT.read_text(encoding="utf-8") == text
        print("sbom.cdx.json is as the lock says." if same else "sbom.cdx.json is old: python3 run.py sbom")
        return int(not same)
    OUT.write_text(text, encoding="utf-8")
    print(f"sbom.cdx.json: {len(document()['components'])} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
