"""Small wrongs in Python code: where they can be, and the text of a module with one of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Wrong", "statement_of", "wrong_text", "wrongs"]

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
UNSEEN = {"annotation", "returns", "decorator_list", "type_params", "bases", "keywords_of_class"}
"""Fields of a node that tests cannot see, or that a type checker sees better."""
COMPILED = {"compiled", "inlined", "vectorized"}


@dataclass(frozen=True)
class Wrong:
    """One wrong: its module, the number of its site there, the line, the line as it is, and what becomes wrong."""

    path: Path
    number: int
    line: int
    text: str
    what: str


def wrongs(path: Path) -> list[Wrong]:
    """List every wrong that a module can have."""
    text = path.read_text(encoding="utf-8")
    lines = ["", *map(str.strip, text.splitlines())]
    return [
        Wrong(path, number, line, lines[line], what)
        for number, (line, what, _) in enumerate(_sites(ast.parse(text)))
    ]


def statement_of(wrong: Wrong) -> range | None:
    """Lines of the statement that it is in, as Python runs them; None outside of functions, or if it is compiled."""
    lines, seen = range(0), False
    for node in ast.walk(ast.parse(wrong.path.read_text(encoding="utf-8"))):  # outer ones come first
        if isinstance(node, ast.stmt) and node.lineno <= wrong.line <= (node.end_lineno or 0):
            body = getattr(node, "body", None)
            end = body[0].lineno if body else (node.end_lineno or 0) + 1
            if isinstance(node, ast.FunctionDef) and wrong.line >= end:
                seen = not any(
                    isinstance(one, ast.Name) and one.id in COMPILED for one in node.decorator_list
                )
            elif wrong.line < max(end, node.lineno + 1):
                lines = range(node.lineno, max(end, node.lineno + 1))
    return lines if seen else None


def wrong_text(wrong: Wrong) -> str:
    """Write the module with that wrong."""
    tree = ast.parse(wrong.path.read_text(encoding="utf-8"))
    _, _, change = list(_sites(tree))[wrong.number]
    change()
    return ast.unparse(ast.fix_missing_locations(tree))


Site = tuple[int, str, Callable[[], None]]


def _sites(node: ast.AST) -> Iterator[Site]:
    for field, value in ast.iter_fields(node):
        if field in UNSEEN:
            continue
        children = value if isinstance(value, list) else [value]
        for place, child in enumerate(children):
            if not isinstance(child, ast.AST) or _is_unseen(child):
                continue
            if isinstance(child, ast.stmt) and isinstance(value, list):
                yield from _dropped(child, value, place)
            yield from _changed(child)
            yield from _sites(child)


def _is_unseen(node: ast.AST) -> bool:
    """Say whether a node is a docstring, a list of names, an import, a message, or for the type checker alone.

    So is `strict=True`: lists of one length are zipped as before, and of others there are none, unless code is wrong.
    """
    if isinstance(node, ast.keyword) and node.arg == "strict":
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name | ast.UnaryOp)
        and "TYPE_CHECKING" in ast.dump(node.test)
    ):
        return True
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(one, ast.Name) and one.id == "__all__" for one in targets):
            return True
    return isinstance(node, ast.Import | ast.ImportFrom | ast.Raise | ast.JoinedStr)


def _dropped(node: ast.stmt, body: list[ast.stmt], place: int) -> Iterator[Site]:
    """Leave a statement out that is there for its effect."""
    if isinstance(node, ast.AugAssign) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):

        def change() -> None:
            body[place] = ast.Pass()

        yield node.lineno, f"drop {ast.unparse(node)[:60]}", change


def _changed(node: ast.AST) -> Iterator[Site]:
    line = getattr(node, "lineno", 0)
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            if type(operator) in SWAPS:
                yield (
                    line,
                    f"{_name(operator)} in {ast.unparse(node)[:60]}",
                    _setter(node.ops, place, operator),
                )
    elif isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp) and type(node.op) in SWAPS:
        if not _is_text(node):
            yield (
                line,
                f"{_name(node.op)} in {ast.unparse(node)[:60]}",
                _attribute(node, "op", SWAPS[type(node.op)]()),
            )
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        negated = ast.UnaryOp(ast.Not(), node.test)
        yield line, f"not {ast.unparse(node.test)[:60]}", _attribute(node, "test", negated)
    elif isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        yield line, f"no {ast.unparse(node)[:60]}", _attribute(node, "value", ast.Constant(None))
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float):
        other = not node.value if isinstance(node.value, bool) else node.value + 1
        yield line, f"{node.value} is {other}", _attribute(node, "value", other)
    elif (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and not isinstance(node.operand, ast.Constant)
    ):
        yield line, f"no sign in {ast.unparse(node)[:60]}", _attribute(node, "op", ast.UAdd())


def _name(operator: ast.AST) -> str:
    return f"{type(operator).__name__} is {SWAPS[type(operator)].__name__}"


def _is_text(node: ast.AST) -> bool:
    """Say whether a sum is of words, such as a message: no test should repeat it."""
    return any(isinstance(one, ast.JoinedStr) for one in ast.walk(node)) or any(
        isinstance(one, ast.Constant) and isinstance(one.value, str) for one in ast.iter_child_nodes(node)
    )


def _setter(items: list[ast.cmpop], place: int, operator: ast.cmpop) -> Callable[[], None]:
    def change() -> None:
        items[place] = SWAPS[type(operator)]()  # type: ignore[call-overload]

    return change


def _attribute(node: ast.AST, name: str, value: object) -> Callable[[], None]:
    return lambda: setattr(node, name, value)
