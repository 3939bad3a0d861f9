#!/usr/bin/env python3
"""Set all up and do one thing: ``python3 run.py demo``, tests, install, mutants, fuzz, reliability, sbom or tables.

Standard library only. The packages go into the folder .venv beside this file, from the lock file with its hashes;
a second run finds them there. What the computer itself lacks is installed where the user may do that, else named.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
OLDEST, NEWEST = (3, 11), (3, 13)
TOOLS = {
    "mutants": ["tools/mutants.py"], "fuzz": ["-m", "tests.fuzz"], "reliability": ["-m", "tests.reliability"],
    "sbom": ["tools/sbom.py"], "tables": ["tools/tables.py"],
}  # fmt: skip
"""What the interpreter is given for the jobs that are one program each."""
LOCKS = {"demo": "requirements.lock", **dict.fromkeys(("tests", "install", *TOOLS), "requirements-dev.lock")}
# What PySide6 loads from a bare Debian 13 for drawing without a screen, by the library that tells.
QT_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0t64",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    # For a window of an X server as well, as the journey by mouse and keys has it.
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
}
# A screen in memory, a window manager, a hand, and what tells that the manager is there.
PROGRAMS = {"Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool", "xprop": "x11-utils"}


def stop(message: str) -> None:
    """Say what is wrong and end with status 1."""
    print(message, file=sys.stderr)
    raise SystemExit(1)


def venv_python() -> Path:
    """Return the interpreter of the virtual environment."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def call(*command: str | Path, **environment: str) -> int:
    """Run a command in the project's folder and return its status."""
    words = [str(part) for part in command]
    return subprocess.run(words, cwd=ROOT, env=os.environ | environment, check=False).returncode


def judge(checks: list[list[str | Path]]) -> tuple[bool, str]:
    """Return whether all checks pass, and what they say: they run beside the tests, whose words they leave whole."""
    done = [
        subprocess.run(
            check, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False
        )
        for check in checks
    ]
    return not any(one.returncode for one in done), "".join(one.stdout for one in done)


def compile_kernels(python: Path) -> None:
    """Have all that the program computes with compiled: else both processes of the tests compile the same at a time."""
    work = "from cn_planner.session import engine; "
    maps = "from cn_planner.coverage.map_models import map_models; "
    halves = (
        work + "engine.make_engine_ready(); engine.make_planner_ready()",
        work + maps + "[engine.make_map_ready(model) for model in map_models()]",
    )
    print("Compiling what is not compiled yet ...", file=sys.stderr)
    with ThreadPoolExecutor(len(halves)) as beside:
        list(beside.map(lambda half: call(python, "-c", half), halves))


def make_venv() -> None:
    """Make the virtual environment where it is not there yet."""
    if venv_python().exists():
        return
    print("Making the folder .venv ...", file=sys.stderr)
    if call(sys.executable, "-m", "venv", VENV) != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        stop("Python cannot make a virtual environment. On Debian and Ubuntu: apt install python3-venv")


def install(lock: str) -> None:
    """Install what the lock file names, and the program itself, unless that was done before."""
    text = (ROOT / lock).read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    stamp, wanted = VENV / f".{lock}.done", hashlib.sha256(text + str(ROOT).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("Installing the packages of " + lock + " (some 300 MB, once) ...", file=sys.stderr)
    pip = [venv_python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if call(*pip, "--require-hashes", "--only-binary", ":all:", "-r", ROOT / lock) != 0:
        stop("The packages could not be installed: is this computer connected to the Internet?")
    if call(*pip, "--no-deps", "--no-build-isolation", "--no-index", "--editable", ROOT) != 0:
        stop("The program could not be installed into .venv; remove that folder and try again.")
    stamp.write_text(wanted)


def missing_packages() -> list[str]:
    """Return the Debian packages of what the window's tests need of the system and do not find."""
    import ctypes

    missing = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    for library, package in QT_LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def system_packages() -> None:
    """Install what the window's tests need of the system where that is allowed, else say what is missing."""
    if not sys.platform.startswith("linux") or not (missing := missing_packages()):
        return
    by_hand = "apt-get install --no-install-recommends " + " ".join(missing)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        stop("System packages are missing. Install them, then run this again: sudo " + by_hand)
    print("Installing system packages: " + " ".join(missing), file=sys.stderr)
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    call("apt-get", "update", "-qq", **quiet)
    if call("apt-get", "install", "-qq", "-y", "--no-install-recommends", *missing, **quiet) != 0:
        stop("System packages could not be installed. By hand: " + by_hand)


def main() -> int:
    """Do what was asked."""
    if len(sys.argv) < 2 or sys.argv[1] not in LOCKS:
        print(__doc__.strip().splitlines()[0], file=sys.stderr)
        return 2
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        stop(f"Python {sys.version.split()[0]} is not supported; 3.11, 3.12 and 3.13 are.")
    job, rest = sys.argv[1], sys.argv[2:]
    # What Python compiles of the package's 600 modules is kept, whatever this machine's own habit: else each of the
    # dozen processes that make the kernels does so anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    make_venv()
    install(LOCKS[job])
    if job == "demo":
        return call(venv_python(), "-m", "cn_planner.cli.main", "demo", *rest)
    system_packages()
    if job == "install":
        return 0
    python = venv_python()
    if job in TOOLS:
        return call(python, *TOOLS[job], *rest, QT_QPA_PLATFORM="offscreen")
    checks = [
        [python, "-m", "ruff", "check"],
        [python, "-m", "ruff", "format", "--check"],
        [python, "-m", "mypy"],
        [python, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"],
    ]
    if os.environ.get("CHECKED"):  # beside another run of the same source, whose Python does not matter to them
        checks = []
    compile_kernels(python)
    with ThreadPoolExecutor(1) as beside:
        judged = beside.submit(judge, checks)
        # A file's tests stay together, in order: what they share is made once. Machine code that one of the two has
        # compiled the other finds in the cache. Where one of them dies the run ends there and says so: with another in
        # its place pytest-xdist 3.8 would wait for ever for what the dead one had been given.
        sharing = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", "--max-worker-restart", "0"]
        tests = call(python, "-m", "pytest", *sharing, *rest, QT_QPA_PLATFORM="offscreen")
        fine, said = judged.result()
    print(said, end="")
    return tests or int(not fine)


if __name__ == "__main__":
    sys.exit(main())
