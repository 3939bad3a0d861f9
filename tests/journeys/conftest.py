"""How a journey runs the program: as its user does, in a process of its own; or within the process of the tests.

A process of its own takes a second to load what it needs, each time: what a chain of commands does to a plan is asked
here, what a user's first command does (demo, a real place from files to papers, plug-ins) apart.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cn_planner.cli.main import app, one_value_each


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        answer = json.loads(self.out)
        assert isinstance(answer, dict)
        return answer


class CommandLine:
    """The command line in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: object, status: int = 0) -> Ran:
        """Run the program and hold its exit status against what is expected; never a traceback."""
        command = [sys.executable, "-W", "error", "-m", "cn_planner.cli.main", *map(str, words)]
        done = subprocess.run(command, cwd=self.folder, env=os.environ, capture_output=True, text=True, check=False)
        ran = Ran(done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in ran.err, ran.err
        assert ran.status == status, f"{words}: status {ran.status}\n{ran.out}\n{ran.err}"
        return ran


class CommandLineHere(CommandLine):
    """The same, within this process."""

    def __call__(self, *words: object, status: int = 0) -> Ran:
        """Run the command as `CommandLine` does: the same words, answer, status and folder."""
        with contextlib.chdir(self.folder):
            done = CliRunner().invoke(app, one_value_each(list(map(str, words))))
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == status, f"{words}: status {done.exit_code}\n{done.stdout}\n{done.stderr}"
        return Ran(done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def run(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


@pytest.fixture
def here(tmp_path: Path) -> CommandLineHere:
    """The same folder, for what a journey does between the commands that it runs as its user does."""
    return CommandLineHere(tmp_path)


@pytest.fixture
def plan(run: CommandLine, sample_folder: Path) -> Path:
    """The sample plan, nothing chosen in it yet."""
    shutil.copytree(sample_folder, run.folder, dirs_exist_ok=True)
    (path,) = run.folder.glob("*.cnplan.gpkg")
    return path
