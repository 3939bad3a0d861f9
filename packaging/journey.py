"""The journey by a bundle's commands: the sample valley planned, exported, and counted again.

    python3 packaging/journey.py PROGRAM [WORD...]     such as: journey.py chroot /srv/bare /usr/bin/cn-planner

Anything that is not as it should be ends it with an error. The program may be behind others, which see the same folder
of this process; ``JOURNEY_FOLDER`` names it as both see it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main(program: list[str], here: str, seen: str) -> None:
    """Take the journey in a folder, which the program sees under another name where it is behind others."""

    def run(*words: str) -> str:
        begun = time.monotonic()
        done = subprocess.run([*program, *words], capture_output=True, text=True, encoding="utf-8", check=False)
        print(f"{time.monotonic() - begun:6.1f} s  {' '.join(words)}", flush=True)
        if done.returncode != 0:
            raise SystemExit(f"{done.stdout}\n{done.stderr}")
        return done.stdout

    version = run("--version")
    assert version.startswith("cn-planner "), version
    run("demo", "--out", f"{seen}/demo")
    [plan] = Path(here, "demo").glob("*.cnplan.gpkg")
    known = f"{seen}/demo/{plan.name}"
    found = json.loads(run("plan", known, "--json"))
    assert found["served"] > 0, found["status"]
    assert found["links"], found["status"]
    run("export", known, "--to", f"{seen}/out", "--formats", "pdf,xlsx,kmz,geojson")
    written = sorted(path.suffix for path in Path(here, "out").rglob("*") if path.is_file())
    assert {".pdf", ".xlsx", ".kmz"} <= set(written), written
    assert all(path.read_bytes().startswith(b"%PDF-") for path in Path(here, "out").rglob("*.pdf"))
    print(f"{version.strip()}: {found['served']:g} of {found['households']} homes for {found['capex']:,.0f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as own:
        pair = os.environ.get("JOURNEY_FOLDER", f"{own}:{own}").rsplit(":", 1) if os.name == "posix" else [own, own]
        main(sys.argv[1:], pair[0], pair[1])
