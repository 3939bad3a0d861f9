"""The small faults that could be made in a module: each one place of its text, and what would stand there instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

_OTHER: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Lt: ("<=", ">="), ast.LtE: ("<", ">"), ast.Gt: (">=", "<="), ast.GtE: (">", "<"), ast.Eq: ("!=",),
    ast.NotEq: ("==",), ast.In: ("not in",), ast.NotIn: ("in",), ast.Is: ("is not",), ast.IsNot: ("is",),
    ast.Add: ("-",), ast.Sub: ("+",), ast.Mult: ("/",), ast.Div: ("*",), ast.FloorDiv: ("/",), ast.Mod: ("*",),
    ast.Pow: ("*",), ast.BitOr: ("&",), ast.BitAnd: ("|",), ast.And: (" or ",), ast.Or: (" and ",),
}  # fmt: skip
_CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}
# Types, decorators, patterns, imports stay as they are; f-strings too, whose parts have no place before Python 3.12.
_LEFT = (ast.JoinedStr, ast.Import, ast.ImportFrom)
# What only tells how far the work has come.
_PROGRESS = {"part", "progress"}
_SKIPPED = {"annotation", "returns", "decorator_list", "bases", "pattern"}


@dataclass(frozen=True)
class Fault:
    """One change of the text of one module."""

    module: str
    kind: str
    start: int  # in bytes
    end: int
    was: str
    became: str
    text: str  # the line in which it begins
    lines: range  # of the statement in which it stands
    everywhere: bool  # whether it acts beyond the tests that run its lines: outside of functions, or on a kept answer
    kernel: bool  # whether it may change compiled code

    def __str__(self) -> str:
        was, became = (part if len(part) < 90 else part[:87] + "..." for part in (self.was, self.became))
        return f"{self.module}:{self.lines.start} {self.kind}: {was!r} -> {became!r} in {self.text!r}"

    def applied(self, source: bytes) -> bytes:
        """Return the text of the module with the fault in it."""
        return source[: self.start] + self.became.encode() + source[self.end :]

    def is_like(self, entry: dict[str, str]) -> bool:
        """Return whether an entry of ``mutants.toml`` speaks of it."""
        mine = {"module": self.module, "text": self.text, "change": f"{self.was} -> {self.became}"}
        same = all(entry.get(name, mine[name]) == mine[name] for name in mine)
        return same and fnmatchcase(self.text, entry.get("like", "*"))


def faults_of(module: str, source: bytes) -> list[Fault]:
    """Return all faults that could be made in a module, in the order of its text."""
    lines, tree = source.splitlines(keepends=True), ast.parse(source)
    found: dict[tuple[int, int, str], Fault] = {}
    starts = [sum(map(len, lines[:n])) for n in range(len(lines))]
    for node, statement, function in _nodes(tree, tree.body[0], None):
        marks = ast.unparse(function.decorator_list) if function else ""
        body = getattr(statement, "body", None) or [None]
        last = body[0].lineno - 1 if body[0] else statement.end_lineno
        for kind, part, became in _changes(node, function):
            start, end = starts[part.lineno - 1] + part.col_offset, starts[part.end_lineno - 1] + part.end_col_offset
            fault = Fault(
                module, kind, start, end, source[start:end].decode(), became, lines[part.lineno - 1].decode().strip(),
                range(statement.lineno, max(last, statement.lineno) + 1),
                everywhere=function is None or kind == "default changed" or "cache" in marks,
                kernel="kernel" in marks or (function is None and b"@kernel" in source),
            )  # fmt: skip
            if became != fault.was:
                found.setdefault((start, end, became), fault)
    return [found[place] for place in sorted(found)]


def _nodes(node: ast.AST, statement: ast.stmt, function: ast.FunctionDef | None) -> Iterator[tuple[Any, Any, Any]]:
    """Walk through what may be changed, with the statement and the function in which it stands."""
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, _LEFT) or name in _SKIPPED:
                continue
            if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                continue
            if isinstance(child, ast.keyword) and child.arg == "strict":  # of zip: it is a check itself
                continue
            call = child.value if isinstance(child, ast.Expr) else child
            if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] in _PROGRESS:
                continue
            within = child if isinstance(child, ast.stmt) else statement
            yield child, within, function
            yield from _nodes(child, within, child if isinstance(child, ast.FunctionDef) else function)


def _changes(node: ast.AST, function: ast.FunctionDef | None) -> Iterator[tuple[str, Any, str]]:
    """Return the faults of one node: their kind, the part of it that is changed, and into what."""
    match node:
        case ast.Constant(value=bool() | int() | float() as value):
            yield "constant", node, _next(value)
        case ast.Compare(ops=[op], left=left, comparators=[right]):
            for other in _OTHER[type(op)]:
                yield "comparison", node, f"({ast.unparse(left)} {other} {ast.unparse(right)})"
        case ast.BinOp(op=op, left=left, right=right) if type(op) in _OTHER:
            yield "arithmetic", node, f"(({ast.unparse(left)}) {_OTHER[type(op)][0]} ({ast.unparse(right)}))"
        case ast.BoolOp(op=op, values=values):
            yield "and/or", node, f"({_OTHER[type(op)][0].join(f'({ast.unparse(value)})' for value in values)})"
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield "not/minus dropped", node, f"({ast.unparse(operand)})"
        case ast.IfExp(test=test, body=yes, orelse=no):
            yield "conditional swapped", node, f"({ast.unparse(no)} if {ast.unparse(test)} else {ast.unparse(yes)})"
        case ast.Call(func=ast.Name(id=name)) if name in _CALLED:
            yield "min/max any/all", node.func, _CALLED[name]
        case ast.Call(func=ast.Name(id="range"), args=[*_, ast.expr() as last]) if not isinstance(last, ast.Starred):
            yield "off by one", last, f"({ast.unparse(last)}) - 1"
        case _:
            yield from _changes_of_more(node, function)


def _changes_of_more(node: ast.AST, function: ast.FunctionDef | None) -> Iterator[tuple[str, Any, str]]:
    match node:
        case ast.If(test=test, body=body, orelse=orelse):
            leaves = isinstance(body[-1], ast.Return | ast.Raise | ast.Continue | ast.Break) and not orelse
            yield ("guard removed", test, "False") if leaves else ("if made always", test, "True")
        case ast.Return(value=ast.expr() as value):
            yield "return replaced", value, _wrong(value, function)
        case ast.Expr(value=ast.Call()) | ast.AugAssign():
            yield "statement dropped", node, "pass"
        case ast.comprehension(ifs=ifs):
            yield from (("filter removed", one, "True") for one in ifs)
        case ast.arguments(defaults=defaults, kw_defaults=more):
            for one in [*defaults, *more]:
                if isinstance(one, ast.Constant) and isinstance(one.value, bool | int | float):
                    yield "default changed", one, _next(one.value)
        case ast.Slice(lower=lower, upper=upper):
            for bound in (one for one in (lower, upper) if one is not None and not isinstance(one, ast.Constant)):
                yield "off by one", bound, f"({ast.unparse(bound)}) + 1"


def _next(value: bool | float) -> str:
    if isinstance(value, bool):
        return repr(not value)
    # One more than a million would be as good as a million.
    return repr(value * 1.1 if isinstance(value, float) and value >= 100.0 else value + 1)


def _wrong(value: ast.expr, function: ast.FunctionDef | None) -> str:
    """Return what a function gives back instead: the opposite, one more, or nothing, by what it says that it gives."""
    kind = ast.unparse(function.returns) if function and function.returns else ""
    return {
        "bool": f"not ({ast.unparse(value)})",
        "int": f"({ast.unparse(value)}) + 1",
        "float": f"({ast.unparse(value)}) + 1",
    }.get(kind, "None")
