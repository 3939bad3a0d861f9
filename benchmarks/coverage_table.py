"""What benchmarks/coverage.py measures, and how docs/benchmarks.md shows it. Not run by itself."""

from __future__ import annotations

import math
import os
import platform
import sys
import textwrap
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BEGIN, END = "<!-- coverage: begin -->", "<!-- coverage: end -->"


@dataclass
class Row:
    """One figure of ours beside its bar.

    Attributes
    ----------
    work : str
    figure : float
        Best of the rounds.
    bar, stretch : float or None
        What is demanded, and what is hoped for.
    unit : str
    more : bool
        More is better.
    one_thread : float or None
        The same with one thread.
    middle : float or None
        Median of the rounds.
    processor_s : float or None
        Processor time of a round, all threads together.
    profile : str
        Where the time goes; told where the bar is missed.
    others : float or None
        Cores that other programs took meanwhile.
    """

    work: str
    figure: float
    bar: float | None = None
    stretch: float | None = None
    unit: str = "s"
    more: bool = False
    one_thread: float | None = None
    middle: float | None = None
    processor_s: float | None = None
    profile: str = ""
    others: float | None = None

    def keeps(self, limit: float) -> bool:
        """Return whether a limit is kept."""
        return self.figure >= limit if self.more else self.figure <= limit

    @property
    def missed(self) -> bool:
        """Whether the bar is missed."""
        return self.bar is not None and not self.keeps(self.bar)

    @property
    def verdict(self) -> str:
        """Say in a few words whether bar and stretch are kept."""
        if self.bar is None:
            return "-"
        if self.missed:
            return f"**missed by {100 * abs(self.figure / self.bar - 1.0):.0f} %**"
        return "both kept" if self.stretch is not None and self.keeps(self.stretch) else "bar kept"

    def shown(self, value: float | None) -> str:
        """Write a value with its unit."""
        if value is None:
            return "-"
        if self.unit == "s":
            return seconds(value)
        digits = {"%": ".2f", "dB": ".2f", "MB": ".0f", "a second": ".0f"}[self.unit]
        if self.unit == "%":
            value = math.floor(100.0 * value) / 100.0  # not 100 % where a cell in ten thousand is wrong
        text = f"{value:{digits}}"
        return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {self.unit}"

    def one(self) -> str:
        """Write what one thread takes, and how many times that of all is."""
        return "-" if self.one_thread is None else f"{seconds(self.one_thread)} ({self.one_thread / self.figure:.2f})"


@dataclass(frozen=True)
class Beside:
    """A peer's run of the same work.

    Attributes
    ----------
    work, name : str
    ours_s : float
        Ours in process.
    taken_s : float or None
        Its own; None where it fails.
    answer : str
        What it answers, beside what is right.
    set_s : float
        What it took on the machine that the bars were set on.
    command_s : float or None
        Ours as a whole process, like its own.
    """

    work: str
    name: str
    ours_s: float
    taken_s: float | None
    answer: str
    set_s: float
    command_s: float | None = None

    @property
    def slower(self) -> float | None:
        """How many times as long it took as when the bars were set."""
        return None if self.taken_s is None else self.taken_s / self.set_s

    def line(self) -> str:
        """Write it as a line of a table."""
        of_command = times(self.taken_s, self.command_s)
        cells = (self.work, self.name, "-" if self.taken_s is None else seconds(self.taken_s),
                 times(self.taken_s, self.ours_s), of_command, seconds(self.set_s), self.answer)  # fmt: skip
        return f"| {' | '.join(cells)} |"


@dataclass
class Found:
    """What one work found: figures of speed, figures of exactness, peers' runs."""

    speed: list[Row] = field(default_factory=list)
    exact: list[Row] = field(default_factory=list)
    beside: list[Beside] = field(default_factory=list)

    def add(self, other: Found) -> None:
        """Take over what another found."""
        self.speed += other.speed
        self.exact += other.exact
        self.beside += other.beside


def times(value: float | None, other: float | None) -> str:
    """Write how many times as long the one is as the other."""
    if value is None or other is None:
        return "-"
    return f"{value / other:,.0f}" if value >= 10.0 * other else f"{value / other:.1f}"


def seconds(value: float) -> str:
    """Write seconds, in milliseconds where they are few."""
    return f"{1e3 * value:.3g} ms" if value < 1.0 else f"{value:.3g} s"


def busy_s() -> float | None:
    """Return processor seconds of the whole machine since it started, where the system tells (Linux)."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return None
    user, nice, system, _idle, _wait, irq, soft, *_ = map(int, stat.read_text().split("\n", 1)[0].split()[1:])
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")


@contextmanager
def locked(path: Path | None) -> Iterator[None]:
    """Wait for a file's lock and hold it, where one is named."""
    if path is None:
        yield
        return
    import fcntl

    with path.open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def others_noted(found: Found) -> Iterator[None]:
    """Write into rows, once they are found, how many cores other programs took meanwhile."""
    begun, busy, own = time.perf_counter(), busy_s(), sum(os.times()[:4])
    yield
    after = busy_s()
    if busy is not None and after is not None:
        others = (after - busy - (sum(os.times()[:4]) - own)) / (time.perf_counter() - begun)
        for row in found.speed:
            row.others = max(others, 0.0)


def _table(head: str, lines: Iterable[str]) -> list[str]:
    return [head, "|" + "---|" * (head.count("|") - 1), *lines, ""]


def _machine() -> str:
    info = Path("/proc/cpuinfo")
    text = info.read_text(encoding="utf-8") if info.exists() else ""
    return next((line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")),
                platform.processor() or platform.machine())  # fmt: skip


def _paragraph(text: str) -> list[str]:
    return textwrap.wrap(text, 118, break_long_words=False, break_on_hyphens=False)


def _intro(found: Found) -> list[str]:
    others = [row.others for row in found.speed if row.others is not None]
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    least, most = (f"{value:.1f}" for value in (min(others, default=0.0), max(others, default=0.0)))
    load = f" Other programs took {least} to {most} of its cores meanwhile." if others else ""
    return [
        "## Coverage",
        "",
        "    python benchmarks/coverage.py --write        # ours and the peers in one run; this section is its output",
        "",
        *_paragraph(
            f"One machine with {os.cpu_count()} cores ({_machine()}), {python}.{load} Each figure is the best of its "
            "rounds (of dragging: the median of the best one); in brackets how many times as long one thread takes as "
            "all cores. Ours is in process and without reading the terrain, but for the rows that say whole process."
        ),
        "",
    ]


def _missed(rows: list[Row]) -> list[str]:
    lines = []
    for row in rows:
        if not row.missed:
            continue
        parts = [f"{row.shown(row.figure)} where {row.shown(row.bar)} is demanded"]
        if row.middle is not None:
            parts.append(f"median {row.shown(row.middle)}")
        if row.processor_s is not None:
            parts.append(f"{seconds(row.processor_s)} of processor")
        if row.others is not None:
            parts.append(f"others took {row.others:.1f} cores")
        if row.profile:
            parts.append(row.profile)
        lines += textwrap.wrap(f"- **{row.work}**: {'; '.join(parts)}.", 118, subsequent_indent="  ")
    return lines


def section(found: Found, versions: list[str], absent: list[str]) -> str:
    """Return the whole section of docs/benchmarks.md, marks included."""
    lines = [BEGIN, *_intro(found)]
    lines += _table("| work | all cores | one thread | bar | stretch | |", (
        f"| {row.work} | {row.shown(row.figure)} | {row.one()} | {row.shown(row.bar)} | {row.shown(row.stretch)} "
        f"| {row.verdict} |" for row in found.speed))  # fmt: skip
    if found.exact:
        lines += ["Lines of sight are held against the slow definition in plain numpy, the other maps against each",
                  "cell's own profile (`--exact`).", ""]  # fmt: skip
        lines += _table("| map | | bar | |", (
            f"| {row.work} | {row.shown(row.figure)} | {row.shown(row.bar)} | {row.verdict} |" for row in found.exact
        ))  # fmt: skip
    if found.beside:
        lines += _paragraph(
            f"Peers: {', '.join(versions)}. They are whole processes with reading and writing, but GRASS's time is "
            "without reading the file. GDAL, GRASS and SPLAT! use one core."
        )
        head = "| work | peer | takes | times ours | times our command | took when the bars were set | its answer |"
        lines += ["", *_table(head, (one.line() for one in found.beside))]
    if absent:
        lines += [f"Not installed, so not run: {', '.join(absent)}.", ""]
    missed = _missed(found.speed + found.exact)
    slower = [one.slower for one in found.beside if one.slower is not None]
    if missed and slower:
        missed = [*_paragraph(
            f"What is missed, on a machine where the peers took {min(slower):.1f} to {max(slower):.1f} times as long "
            "as when the bars were set:"
        ), "", *missed]  # fmt: skip
    elif missed:
        missed = ["What is missed:", "", *missed]
    lines += [*(missed or ["Every bar is kept."]), END]
    return "\n".join(lines)


def write(text: str, path: Path) -> None:
    """Put the section in place of the one between its marks, or at the end."""
    whole = path.read_text(encoding="utf-8") if path.exists() else "# Benchmarks\n"
    if BEGIN in whole and END in whole:
        before, after = whole[: whole.index(BEGIN)], whole[whole.index(END) + len(END) :]
        path.write_text(before + text + after, encoding="utf-8")
    else:
        path.write_text(f"{whole.rstrip()}\n\n{text}\n", encoding="utf-8")
