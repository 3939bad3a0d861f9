"""The gap of the optimiser on published and further instances, beside its bars.

Usage: planning.py FOLDER [FOLDER ...] [--kinds tiny,village,valley,district] [--seconds 30,120] [--goal A|B]
                   [--threads N] [--only NAME] [--write]

FOLDER: where instances are, named KIND-*.json.gz, and reference.csv beside them where optima are known. Further
instances are made by instances.py. Each plan goes through check_plan.py where that is beside the instances.
--write puts the table into the marked section of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from coverage_table import busy_s

from cn_planner.progress import Run
from cn_planner.solver.instance import read_instance, write_solution
from cn_planner.solver.optimise import optimise

_BARS = {
    ("tiny", 2.0): "the optimum; -",
    ("village", 30.0): "3 %; -",
    ("village", 120.0): "1 %; -",
    ("village", 300.0): "-; 0 %",
    ("valley", 30.0): "5 %; -",
    ("valley", 120.0): "4 %; -",
    ("valley", 300.0): "-; 2 %",
    ("district", 5.0): "15 %; -",
    ("district", 300.0): "5 %; 3 %",
}
"""Bar; stretch, by kind and seconds."""
_BEGIN, _END = "<!-- planning: begin -->", "<!-- planning: end -->"
_DOC = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class _Result:
    """What one run gave; ``others``: cores that other programs took meanwhile, None where the system does not tell."""

    kind: str
    limit: float
    name: str
    gap: float | None
    took: float
    cpu: float
    checked: str
    others: float | None


def _references(folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    table = folder / "reference.csv"
    if not table.is_file():
        return {}
    return {(row["instance"], row["goal"]): row for row in csv.DictReader(table.read_text().splitlines())}


def _checker(folders: list[Path]) -> Path | None:
    return next((folder / "check_plan.py" for folder in folders if (folder / "check_plan.py").is_file()), None)


def _run(
    path: Path, kind: str, limit: float, threads: int, row: dict[str, str], goal: str, checker: Path | None
) -> _Result:
    budget = float(row["budget"]) if goal == "B" else None
    instance = read_instance(path)
    start, busy, all_busy = time.perf_counter(), time.process_time(), busy_s()
    solution = optimise(instance, budget=budget, time_limit_s=limit, run=Run(threads=threads))
    took, cpu = time.perf_counter() - start, time.process_time() - busy
    now = busy_s()
    others = None if now is None or all_busy is None else max(0.0, (now - all_busy - cpu) / took)
    words = "no plan"
    if solution.cost is not None:
        words = "not checked"
        if checker is not None:
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "solution.json"
                write_solution(solution, out)
                money = [] if budget is None else ["--budget", str(budget)]
                done = subprocess.run(
                    [sys.executable, str(checker), str(path), str(out), *money],
                    capture_output=True, text=True, check=False,
                )  # fmt: skip
                words = "ok" if done.returncode == 0 else done.stdout.strip()
    value = solution.cost if budget is None else solution.served_weight
    known = row.get("best_cost" if goal == "A" else "best_served", "")
    if known and value is not None and abs(value - float(known)) > 1e-6:
        words += f", not the optimum {known}"
    if row and not known and solution.status.value != "infeasible":
        words += ", a plan where none is"
    bound = solution.lower_bound if budget is None else solution.upper_bound
    gap = None if solution.gap is None else 100.0 * solution.gap
    print(path.name.removesuffix(".json.gz"), f"{limit:g} s", solution.status.value, value, bound,
          "-" if gap is None else f"{gap:.2f} %", f"{took:.1f} s", f"cpu {cpu:.0f} s",
          "" if others is None else f"others {others:.1f} cores", words, flush=True)  # fmt: skip
    return _Result(kind, limit, path.name, gap, took, cpu, words, others)


def _table(results: list[_Result]) -> str:
    lines = [
        "| instances | limit | worst gap; median | wall; CPU, at most | refused by the checker | bar; stretch |",
        "|---|---|---|---|---|---|",
    ]
    for kind, limit in dict.fromkeys((result.kind, result.limit) for result in results):
        here = [result for result in results if (result.kind, result.limit) == (kind, limit)]
        gaps = sorted(100.0 if result.gap is None else result.gap for result in here if result.checked != "no plan")
        refused = sum(1 for result in here if result.checked not in ("ok", "no plan", "not checked"))
        gap = f"{gaps[-1]:.1f} %; {gaps[len(gaps) // 2]:.1f} %" if gaps else "-"
        took, cpu = max(result.took for result in here), max(result.cpu for result in here)
        lines.append(
            f"| {len(here)} {kind} | {limit:g} s | {gap} | {took:.0f} s; {cpu:.0f} s | {refused} "
            f"| {_BARS.get((kind, limit), '-')} |"
        )
    return "\n".join(lines)


def _write(results: list[_Result]) -> None:
    text = _DOC.read_text(encoding="utf-8")
    others = sorted(result.others for result in results if result.others is not None)
    load = f"Other programs took {others[0]:.1f} to {others[-1]:.1f} cores of the machine meanwhile" if others else ""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    section = (
        f"{_BEGIN}\n## The optimiser\n\n    python benchmarks/planning.py FOLDER --seconds 30,120 --write\n\n"
        "Least cost, against the run's own bound, with two threads. What a clock cut depends on what else the machine\n"
        f"does. {load} ({os.cpu_count()} cores in all). Memory at most {peak:.0f} MB.\n\n"
        f"{_table(results)}\n{_END}"
    )
    marked = re.compile(re.escape(_BEGIN) + ".*?" + re.escape(_END), re.DOTALL)
    if marked.search(text):
        text = marked.sub(lambda _match: section, text)
    else:
        text = text.rstrip("\n") + "\n\n" + section + "\n"
    _DOC.write_text(text, encoding="utf-8")


def main() -> int:
    """Run and print; return 1 where the checker refuses a plan or an optimum is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--kinds", default="tiny,village,valley,district")
    parser.add_argument("--seconds", default="30")
    parser.add_argument("--goal", choices=["A", "B"], default="A")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default="", help="part of an instance's name")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    words = parser.parse_args()
    checker = _checker(words.folders)
    results: list[_Result] = []
    for kind in words.kinds.split(","):
        for limit in (float(s) for s in words.seconds.split(",")):
            for folder in words.folders:
                known = _references(folder)
                for path in sorted(folder.glob(f"{kind}-*.json.gz")):
                    name = path.name.removesuffix(".json.gz")
                    row = known.get((name, words.goal), {})
                    if words.only in name and (words.goal == "A" or row):
                        results.append(_run(path, kind, limit, words.threads, row, words.goal, checker))
    print(_table(results))
    if words.write:
        _write(results)
    return int(any(result.checked not in ("ok", "no plan", "not checked") for result in results))


if __name__ == "__main__":
    sys.exit(main())
