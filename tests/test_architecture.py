"""What a next developer would miss: that one module can be read, tried and changed without half of the program."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "cn_planner"


@cache
def _modules() -> dict[str, ast.Module]:
    files = {".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}
    return {name.removesuffix(".__init__"): ast.parse(path.read_text("utf-8")) for name, path in files.items()}


def _imported(tree: ast.Module, modules: dict[str, ast.Module]) -> set[str]:
    """Return the modules of the package that one imports, anywhere in it, for its types too."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            names = {f"{node.module}.{one.name}" for one in node.names}
            found |= {name if name in modules else node.module for name in names}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return found & modules.keys()


def _reached(start: str, graph: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    front = graph[start]
    while front:
        seen |= front
        front = set().union(*(graph[name] for name in front)) - seen
    return seen


def test_no_circle_of_modules_stands_anywhere():
    modules = _modules()
    graph = {name: _imported(tree, modules) for name, tree in modules.items()}
    assert sorted(name for name in graph if name in _reached(name, graph)) == []


def test_a_public_name_stands_in_one_file_but_for_a_few():
    """The front door and what it opens share a name; kernels of two Recommendations are called by what they compute."""
    files: dict[str, set[str]] = {}
    for module, tree in _modules().items():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                files.setdefault(node.name, set()).add(module)
    several = sorted(name for name, where in files.items() if len(where) > 1)
    assert len(several) <= 15, several


def test_files_are_short_and_few_functions_take_more_than_ten_things():
    assert [path for path in PACKAGE.rglob("*.py") if len(path.read_text(encoding="utf-8").splitlines()) > 600] == []
    many = []
    for module, tree in _modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                if len([one for one in taken if one.arg not in {"self", "cls"}]) > 10:
                    many.append(f"{module}.{node.name}")
    assert len(many) <= 15, many


def test_every_database_that_is_opened_is_closed():
    """`with sqlite3.connect()` commits and leaves it open; Python 3.13 says so, in whichever test stands there then."""
    bare = [
        f"{path.name}:{node.lineno}"
        for path in [*PACKAGE.rglob("*.py"), *(PACKAGE.parent / "tests").rglob("*.py")]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.With)
        for item in node.items
        if ast.unparse(item.context_expr).startswith("sqlite3.connect(")
    ]
    assert bare == []
