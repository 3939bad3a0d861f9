"""What a user would miss: the same answer compiled and plain, never old physics from a cache, a start without numba."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import cn_planner
from cn_planner.propagation.kernel import cache_folder, cache_key, compiled, kernel, known_digest, prepare_cache
from cn_planner.propagation.knife_edge import knife_edge_kernel

PACKAGE = Path(cn_planner.__file__).parent


@kernel
def _twice(x):
    return 2.0 * x


@kernel
def _count_down(x, n):
    if n <= 0:
        return _twice(x)
    return _count_down(_twice(x), n - 1)


def test_a_kernel_stays_plain_python():
    assert type(_twice).__name__ == "function"
    assert _count_down(1.0, 3) == 16.0


def test_callees_and_recursion_are_compiled_with_the_caller():
    fast = compiled(_count_down)
    assert fast is compiled(_count_down)
    assert fast(1.0, 3) == 16.0


def test_what_is_not_a_kernel_is_refused():
    def other(x):
        return x

    with pytest.raises(TypeError, match="not marked"):
        compiled(other)


@kernel
def _edge_and_one(v):
    return knife_edge_kernel(v) + 1.0


def test_what_is_loaded_is_read_for_the_compiler_only_where_it_compiles_a_caller(tmp_path):
    code = (
        "from cn_planner.propagation.kernel import _called, compiled\n"
        "from cn_planner.propagation.knife_edge import knife_edge_kernel\n"
        "from tests.propagation.test_kernel import _edge_and_one\n"
        "fast = compiled(knife_edge_kernel); fast(0.5)\n"
        "hits = lambda one: sum(one.stats.cache_hits.values())\n"
        "unread = lambda one: next(iter(one.overloads.values())).library._shared_module is None\n"
        "print(hits(fast), unread(fast))\n"
        "right = compiled(_edge_and_one)(0.5) == _edge_and_one(0.5)\n"
        "called = _called[knife_edge_kernel]\n"
        "print(right, unread(fast), hits(called), unread(called))"
    )
    own = {"XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    assert _python(code, **own).split()[0] == "0"  # compiled, and kept
    assert _python(code, **own).split() == ["1", "True", "True", "True", "1", "False"]


def test_many_threads_may_ask_for_and_call_the_same_kernel_at_once():
    @kernel
    def fresh(x):
        return _twice(x) + 1.0

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda x: (compiled(fresh), compiled(fresh)(x)), map(float, range(64))))
    assert len({id(one) for one, _ in found}) == 1
    assert [value for _, value in found] == [2.0 * x + 1.0 for x in range(64)]


def test_the_cache_folder_changes_when_a_kernel_or_a_constant_changes_and_not_otherwise(tmp_path):
    copy = tmp_path / "package"
    (copy / "propagation").mkdir(parents=True)
    shutil.copy(PACKAGE / "units.py", copy)
    shutil.copy(PACKAGE / "errors.py", copy)
    for path in (PACKAGE / "propagation").glob("*.py"):
        shutil.copy(path, copy / "propagation")
    key = cache_key(copy)
    assert cache_key(copy) == key

    (copy / "errors.py").write_text("# a module without kernels\n")
    assert cache_key(copy) == key

    callee = copy / "propagation" / "knife_edge.py"
    callee.write_text(callee.read_text().replace("6.9", "6.8"))
    changed = cache_key(copy)
    assert changed != key

    (copy / "units.py").write_text((copy / "units.py").read_text().replace("299_792_458.0", "3e8"))
    assert cache_key(copy) not in (key, changed)


def test_sources_are_read_again_where_one_has_changed_and_only_then(tmp_path, monkeypatch):
    copy, kept = tmp_path / "package", tmp_path / "cache"
    copy.mkdir()
    shutil.copy(PACKAGE / "units.py", copy)
    first = known_digest(kept, copy)

    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) if path.suffix == ".json" else pytest.fail("read"))
    assert known_digest(kept, copy) == first
    monkeypatch.undo()

    # As large as before, and as old: a package manager may set that.
    told, text = (copy / "units.py").stat(), (copy / "units.py").read_text()
    (copy / "units.py").write_text(text.replace("299_792_458.0", "299_792_459.0"))
    os.utime(copy / "units.py", ns=(told.st_atime_ns, told.st_mtime_ns))
    second = known_digest(kept, copy)
    assert second[0] != first[0]

    (copy / "new.py").write_text("@kernel\ndef new(): ...\n")
    assert known_digest(kept, copy)[0] not in {first[0], second[0]}

    for path in kept.glob("*.json"):
        path.write_text("{")
    assert known_digest(kept, copy) == known_digest(tmp_path / "empty", copy)


def test_every_named_tuple_that_a_kernel_takes_stands_in_a_file_that_the_cache_is_keyed_by():
    # A field that moves within a tuple, in a file that nobody digests, would leave old machine code in use.
    kernels, taken, tuples = set(), set(), {}
    for path in Path(cn_planner.__file__).parent.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and "NamedTuple" in [ast.unparse(base) for base in node.bases]:
                tuples.setdefault(node.name, set()).add(path)
            if isinstance(node, ast.FunctionDef) and "kernel" in [ast.unparse(one) for one in node.decorator_list]:
                kernels.add(path)
                for argument in node.args.args:
                    taken.add(ast.unparse(argument.annotation) if argument.annotation else "")
    ours = {name: places for name, places in tuples.items() if name in taken}
    assert {"Octant", "Draft"} <= set(ours)
    assert {name for name, places in ours.items() if not places <= kernels} == set()


def test_the_cache_key_names_the_versions_of_program_and_numba():
    import numba

    assert cache_key().startswith(cn_planner.__version__)
    assert cache_key().endswith(numba.__version__)


def test_old_cache_folders_are_removed_and_the_latest_kept(tmp_path):
    for age, name in enumerate("abcde"):
        old = tmp_path / name
        old.mkdir()
        os.utime(old, (1e9 - age, 1e9 - age))
    folder = prepare_cache(tmp_path)
    assert folder is not None
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b", folder.name}


def test_the_cache_of_a_program_that_may_still_run_stays(tmp_path):
    now = time.time()
    for age, name in enumerate("abcde"):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (now - 3_600.0 * age, now - 3_600.0 * age))
    folder = prepare_cache(tmp_path)
    assert folder is not None
    assert {path.name for path in tmp_path.iterdir()} == {*"abcde", folder.name}


def test_a_cache_that_cannot_be_written_is_no_cache(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    assert prepare_cache(tmp_path / "file") is None


def _python(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_kernels_compile_where_the_cache_folder_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    code = (
        "from cn_planner.propagation.kernel import compiled, cache_folder\n"
        "from cn_planner.propagation.knife_edge import knife_edge_kernel\n"
        "print(cache_folder(), round(compiled(knife_edge_kernel)(0.0), 3))"
    )
    blocked = str(tmp_path / "file")
    said = _python(code, XDG_CACHE_HOME=blocked, HOME=blocked, LOCALAPPDATA=blocked)
    if sys.platform == "linux":
        assert said.startswith("None ")
    assert said.endswith(" 6.033")


def test_a_program_whose_sources_change_while_it_runs_keeps_no_cache(tmp_path):
    copy = tmp_path / "cn_planner"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    code = (
        "import sys, time\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "from cn_planner.propagation import kernel, knife_edge\n"
        "print(kernel.cache_folder() is not None)\n"
        "kernel.cache_folder.cache_clear()\n"
        "import os, pathlib; path = pathlib.Path(knife_edge.__file__)\n"
        "os.utime(path)\n"
        "print(kernel.cache_folder())"
    )
    assert _python(code, XDG_CACHE_HOME=str(tmp_path / "cache"), HOME=str(tmp_path)).split() == ["True", "None"]


def test_machine_code_is_kept_in_the_program_s_own_cache_folder():
    fast, foreign = compiled(knife_edge_kernel), compiled(_twice)
    fast(1.0)
    foreign(1.0)
    folder = cache_folder()
    if folder is None:
        pytest.skip("no cache folder can be written here")
    assert Path(fast.stats.cache_path).is_relative_to(folder)
    # That of another package is not: the folder is not keyed by its sources, and old physics would stay.
    assert foreign.stats.cache_path is None


def test_a_program_that_is_moved_finds_its_machine_code_again(tmp_path):
    said = []
    for place in ("here", "there"):
        shutil.copytree(PACKAGE, tmp_path / place / "cn_planner", ignore=shutil.ignore_patterns("__pycache__"))
        code = (
            f"import sys; sys.path.insert(0, {str(tmp_path / place)!r})\n"
            "from cn_planner.propagation.kernel import compiled\n"
            "from cn_planner.propagation.knife_edge import knife_edge_kernel\n"
            "fast = compiled(knife_edge_kernel); fast(0.0)\n"
            "print(sum(fast.stats.cache_hits.values()), sum(fast.stats.cache_misses.values()))"
        )
        said.append(_python(code, XDG_CACHE_HOME=str(tmp_path / "cache"), HOME=str(tmp_path)))
    assert said == ["0 1", "1 0"]


def test_links_and_propagation_start_without_numba_or_scipy():
    code = (
        "import sys, cn_planner.links.budget, cn_planner.propagation.p526, cn_planner.propagation.clearance\n"
        "print([name for name in ('numba', 'scipy') if name in sys.modules])"
    )
    assert _python(code) == "[]"


def test_kernels_run_without_scipy_and_leave_it_to_who_asks():
    code = (
        "import sys\n"
        "from cn_planner.propagation.kernel import compiled\n"
        "from cn_planner.propagation.knife_edge import knife_edge_kernel\n"
        "compiled(knife_edge_kernel)(0.0)\n"
        "print('scipy' in sys.modules)\n"
        "import scipy.linalg.cython_blas\n"
        "print('scipy.linalg' in sys.modules)"
    )
    assert _python(code).split() == ["False", "True"]


def test_on_first_use_somebody_is_told_once_and_never_where_the_machine_code_is_kept(tmp_path):
    code = (
        "from cn_planner.propagation.kernel import compiled, tell_first_use\n"
        "from cn_planner.propagation.knife_edge import knife_edge_kernel\n"
        "from cn_planner.propagation.free_space import free_space_kernel\n"
        "tell_first_use(lambda message: print(message))\n"
        "compiled(knife_edge_kernel)(0.0), compiled(free_space_kernel)(100.0, 900.0)"
    )
    own = {"XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    assert _python(code, **own) == "Preparing the engine; the first time this takes a minute"
    assert _python(code, **own) == ""
