"""Score the answers of any solver to the planning benchmark (docs/planning-benchmark.md).

    python benchmarks/score.py INSTANCES ANSWERS

INSTANCES: folder of ``NAME.json.gz``, with ``reference.csv`` beside them where optima are known. ANSWERS: folder of
``NAME.json``, one for each instance that was tried. Each answer is checked by rules that share nothing with the
program; of one that keeps them the cost stands beside the best bound that is known: the answer's own is not believed.
Ends with 1 where an answer breaks a rule or claims a bound above what a known plan costs.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import importlib.util
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

_HERE = Path(__file__).resolve().parent
_HAIR = 1e-6


def _checker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("plan_checker", _HERE.parent / "tests" / "solver" / "plan_checker.py")
    assert spec is not None  # the file is part of the project
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _json(path: Path) -> Any:
    data = path.read_bytes()
    return json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)


def known(folder: Path) -> dict[str, tuple[float, float]]:
    """Return by instance the least cost of a plan and the greatest bound that are known, for least cost."""
    with (_HERE / "planning_best.csv").open(encoding="utf-8", newline="") as stream:
        found = {row["instance"]: (float(row["cost"]), float(row["bound"])) for row in csv.DictReader(stream)}
    table = folder / "reference.csv"
    if table.is_file():
        for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines()):
            if row["goal"] == "A" and row["best_bound"]:
                found[row["instance"]] = float(row["best_cost"]), float(row["best_bound"])
    return found


def score(instance: Any, answer: Any, best: tuple[float, float] | None, faults: Any) -> tuple[str, str, bool]:
    """Return the cost and the gap of an answer in words, and whether it stands."""
    try:
        broken = [f"status {answer['status']}"] if "cost" not in answer else faults(instance, answer)
        cost, own = float(answer.get("cost", 0.0)), answer.get("lower_bound")
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as problem:
        return "-", f"not in the form of an answer: {type(problem).__name__} {problem}", False
    if broken:
        return "-", broken[0], False
    if own is not None and own > min(cost, best[0] if best else cost) + _HAIR:
        return f"{cost:g}", f"its bound {own:g} is above what a plan costs", False
    if best is None:
        return (
            f"{cost:g}",
            "no bound is known" if own is None else f"{(cost - own) / max(cost, _HAIR):.2%} by its own bound",
            True,
        )
    return (
        f"{cost:g}",
        f"{(cost - best[1]) / max(cost, _HAIR):.2%}" + (", better than the best known" if cost < best[0] else ""),
        True,
    )


def main() -> int:
    """Print a line an answer."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("instances", type=Path)
    words.add_argument("answers", type=Path)
    asked = words.parse_args()
    best, checker, wrong = known(asked.instances), _checker(), 0
    answers = sorted([*asked.answers.glob("*.json"), *asked.answers.glob("*.json.gz")])
    print("instance | cost | gap | best known")
    for path in answers:
        name = path.name.removesuffix(".gz").removesuffix(".json")
        where = asked.instances / f"{name}.json.gz"
        if not where.is_file():
            print(f"{name} | - | there is no such instance | -")
            wrong += 1
            continue
        try:
            answer = _json(path)
        except (OSError, UnicodeDecodeError, json.JSONDecodeError) as problem:
            print(f"{name} | - | cannot be read: {problem} | -")
            wrong += 1
            continue
        cost, gap, stands = score(_json(where), answer, best.get(name), checker.faults)
        print(f"{name} | {cost} | {gap} | {best[name][0]:g}" if name in best else f"{name} | {cost} | {gap} | -")
        wrong += not stands
    return int(wrong > 0 or not answers)


if __name__ == "__main__":
    sys.exit(main())
