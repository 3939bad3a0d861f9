"""Makes the bundle of this system, a folder that runs without Python, and the packages of it.

    python3 packaging/build.py [--out build/bundle] [--forms tar deb appimage] [--python PYTHON] [--quick]

An environment of its own is made by the locks (`requirements.lock`, `packaging/requirements.lock`); ``--python`` takes
one that is there. The machine that builds decides the oldest system that the bundle runs on: see docs/packaging.md.
"""

from __future__ import annotations

import argparse
import os
import runpy
import shutil
import subprocess
import sys
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(HERE))

from packages import FORMS  # noqa: E402
from trim import trim  # noqa: E402

VERSION: str = runpy.run_path(str(ROOT / "cn_planner" / "version.py"))["__version__"]
MAPS = ("los", "fresnel", "min-height", "free-space", "p526", "p1812", "itm")
SITE = "-8.12,-21.0,20"
"""A place of the sample valley, and a height."""
WINDOWS = sys.platform == "win32"


def environment(out: Path) -> Path:
    """Make the environment by the locks, and return its Python."""
    folder = out / "venv"
    python = folder / ("Scripts/python.exe" if WINDOWS else "bin/python")
    venv.create(folder, with_pip=True)
    locks = [word for lock in (ROOT / "requirements.lock", HERE / "requirements.lock") for word in ("-r", lock)]
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "--require-hashes", "--only-binary", ":all:", *locks], check=True
    )
    return python


def freeze(python: Path, out: Path) -> Path:
    """Make the folder and return it."""
    made = out / "made"
    shutil.rmtree(made, ignore_errors=True)
    words = os.environ | {"PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([python, HERE / "pictures.py", made], env=words, check=True)
    subprocess.run([python, ROOT / "tools" / "manual.py", made / "manual.pdf"], env=words, check=True)
    digest = "import sys; from pathlib import Path; from cn_planner.propagation.kernel import known_digest as d; "
    digest += "print(d(Path(sys.argv[1]))[0], end='')"
    said = subprocess.run([python, "-c", digest, made], env=words, check=True, capture_output=True, text=True)
    subprocess.run(
        [python, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", "--distpath", out / "dist",
         "--workpath", out / "work", HERE / "cn-planner.spec"], env=words, check=True,
    )  # fmt: skip
    folder = out / "dist" / "cn-planner"
    if sys.platform == "darwin":
        folder = out / "dist" / "CN Planner.app" / "Contents" / "MacOS"
    kernels = resources(folder) / "kernels"
    kernels.mkdir()
    (kernels / "digest").write_text(said.stdout, "ascii")
    return folder


def resources(folder: Path) -> Path:
    """Return where the program's resources lie in a bundle."""
    return (
        next(folder.parent.rglob("cn_planner/resources"))
        if sys.platform == "darwin"
        else folder / "_internal/cn_planner/resources"
    )


def program(folder: Path) -> Path:
    """Return the program of a bundle that has a console."""
    return folder / ("cn-planner.exe" if WINDOWS else "cn-planner")


def compile_kernels(folder: Path, out: Path) -> None:
    """Have the bundle compile all that it computes with, and ship it: no first use waits."""
    own = out / "home"
    shutil.rmtree(own / "demo", ignore_errors=True)  # its cache stays: what has not changed is not compiled again
    own.mkdir(exist_ok=True)
    words = os.environ | {"HOME": str(own), "XDG_CACHE_HOME": str(own / "cache"), "QT_QPA_PLATFORM": "offscreen"}
    run = program(folder)
    helper = [run, "--cn-planner-helper", "cn_planner.session.engine"]
    subprocess.run([run, "demo", "--out", own / "demo"], env=words, check=True, stdout=subprocess.DEVNULL)
    ground = next((own / "demo").rglob("*-terrain.tif"))
    for model in MAPS:
        subprocess.run([*helper, "make_map", model], env=words, check=True)
        subprocess.run(
            [run, "coverage", "--dem", ground, f"--site={SITE}", "--rx-height", "5", "--radius-km", "3",
             "--model", model, "--freq-mhz", "5500", "--out", own / "map.tif"],
            env=words, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    for maker in ("make_search", "make_plan", "make"):
        subprocess.run([*helper, maker], env=words, check=True)
    subprocess.run([*helper, "hand_over", resources(folder) / "kernels"], env=words, check=True)


def main() -> None:
    """Do what the words ask."""
    told = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    told.add_argument("--out", type=Path, default=ROOT / "build" / "bundle")
    told.add_argument("--forms", nargs="*", choices=sorted(FORMS), help="all of this system where not said")
    told.add_argument("--python", type=Path, help="of an environment that holds both locks")
    told.add_argument("--quick", action="store_true", help="pack fast, not small")
    asked = told.parse_args()
    out: Path = asked.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    folder = freeze(asked.python or environment(out), out)
    trim(folder)
    compile_kernels(folder, out)
    forms = [
        pack
        for form, (system, pack) in FORMS.items()
        if system == sys.platform and (asked.forms is None or form in asked.forms)
    ]
    with ThreadPoolExecutor(os.cpu_count()) as beside:  # each compresses minutes on one core
        for made in beside.map(lambda pack: pack(folder, out, VERSION, 1 if asked.quick else 9), forms):
            for path in made:
                print(path, f"{path.stat().st_size / 1e6:.1f} MB" if path.is_file() else "")


if __name__ == "__main__":
    main()
