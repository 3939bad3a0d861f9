"""Damaged files at every reader for two minutes, with another seed each time; and the fuzzer itself."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from cn_planner.errors import PlannerError

from . import damage, engine
from .engine import Tally
from .readers import READERS, Reader

CPU_S, START_S = float(os.environ.get("FUZZ_CPU_S", "120")), 1.2
"""Of the processor in all, and of that what each process takes until it reads."""


def spent_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_every_reader_reads_or_refuses_in_words_whatever_it_is_given() -> None:
    seed, before, following = int(os.environ["FUZZ_SEED"]), spent_s(), list(READERS)
    found: list[str] = []
    while following:
        share = (CPU_S - (spent_s() - before)) / len(following) - START_S
        name, tally = following.pop(), Tally()
        engine.run(name, seed, 0, 10**9, max(share, 0.3), tally)
        for _ in range(5):  # a slow reader on a busy machine takes more than its share for its first inputs
            if tally.inputs <= 10:
                engine.run(name, seed, tally.inputs, 10**9, 1.0, tally)
        assert tally.inputs > 10, name
        found += [
            f'python3 run.py fuzz --again "{name}" {tally.first[one]} --seed {seed}: {one}' for one in tally.findings
        ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", READERS)
def test_every_reader_reads_the_good_files_that_the_damage_is_done_to(name: str, tmp_path: Path) -> None:
    reader, read = READERS[name], 0
    for file, data in engine.seeds_of(reader).items():
        (tmp_path / file).write_bytes(data)
        try:
            reader.read(tmp_path / file)
        except PlannerError:
            continue
        read += 1
    assert read


def test_an_input_is_made_again_by_its_number_and_seed() -> None:
    reader = READERS["csv homes"]
    seeds = engine.seeds_of(reader)
    made = [[engine.make_input("csv homes", reader, seeds, seed, number) for number in range(50)] for seed in (1, 1, 2)]
    assert made[0] == made[1]
    assert made[0] != made[2]
    assert len({data for _, data in made[0]}) > 40


@pytest.mark.parametrize(
    ("trap", "what"),
    [("raises", "traceback: ZeroDivisionError"), ("dies", "crash"), ("hangs", "hang"), ("grows", "memory")],
)
def test_the_fuzzer_sees_what_it_is_there_for(trap: str, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUZZ_TRAP", trap)
    if trap == "hangs":  # to touch a gigabyte takes some machines more than a second
        monkeypatch.setenv("FUZZ_MOST_S", "1")
    tally = Tally()
    engine.run("trap", 1, 0, 4, 60.0, tally)
    assert tally.inputs == 4
    (found,) = tally.findings
    assert found.startswith(what)
    assert tally.findings[found] == 1
    assert tally.first[found] == 2
    assert tally.read + tally.refused == 3


def test_what_a_process_of_the_program_fails_on_is_held_by_it(tmp_path: Path) -> None:
    def fails(_path: Path) -> object:
        raise ValueError("of a library")

    path = tmp_path / "a"
    path.write_bytes(b"")
    assert engine.one(Reader(lambda _: {}, (), fails, apart=True), path) == ("held", "")
    assert engine.one(Reader(lambda _: {}, (), fails), path)[0] == "traceback"


@pytest.mark.parametrize("name", READERS)
def test_damage_changes_most_files(name: str) -> None:
    import random

    reader = READERS[name]
    seeds = engine.seeds_of(reader)
    changed = sum(
        damage.damaged(data, [data], reader.kinds_of(file), random.Random(number)) != data
        for number, (file, data) in enumerate(list(seeds.items()) * 12)
    )
    assert changed > 4 * len(seeds)
