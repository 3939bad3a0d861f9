"""What a user would miss: the one command that shows how far our numbers are from everybody else's, file by file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Not golden figures: inputs, documents, tables of older editions, and maps that are not the program's to have.
NOT_GOLDEN = {
    "profiles.npz", "p1812_clutter.npz", "itm_profiles_meta.csv", "ITURP676-12_A_gas.csv", "ITURP676-12_gamma.csv",
    "ITURP676-12_zenith_attenuation.csv",
}  # fmt: skip


def test_every_golden_file_is_in_the_table_and_every_bar_is_kept(shared_data):
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "golden.py")], check=False, capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()[1:]
    assert all(line.endswith(" kept") and "NOT" not in line for line in lines)
    named = {line.split()[0] for line in lines}
    folder = shared_data / "propagation"
    files = {path for path in folder.rglob("*.csv") if path.name not in NOT_GOLDEN}
    missing = {
        str(path.relative_to(folder))
        for path in files
        if not any(str(path.relative_to(folder)).startswith(name) for name in named)
    }
    assert missing == {"itm_ntia_published/pfls.csv"}  # the profiles of the cases beside it
