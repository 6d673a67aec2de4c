"""Finds in the source what the audit's rows can say was done."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from tests.kit import source

#: Stands for what an action names itself, such as the number of a version.
NAMED = "…"


def written_actions() -> set[str]:
    """Return every action that some code gives to `audit.note`, itself or through a helper of its own."""
    texts = [one.path.read_text() for one in source.product()]
    auditing = [ast.parse(text) for text in texts if "audit" in text]
    public = {name: place for tree in auditing for name, place in _helpers(tree) if not name.startswith("_")}
    trees = [ast.parse(text) for text in texts if "audit" in text or any(name in text for name in public)]
    constants = {name: value for tree in trees for name, value in _constants(tree)}
    found = set()
    for tree in trees:
        # Helpers of several files bear the same name, and take the action at another place.
        for expression in _given(tree, public | dict(_helpers(tree))):
            found |= set(_texts(expression, tree, constants))
    return {action for action in found if action}


def _helpers(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield the functions with a parameter `action`, and its place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [one.arg for one in node.args.args]
            if "action" in names:
                yield node.name, names.index("action")


def _given(tree: ast.Module, places: Mapping[str, int]) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            named = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield from (keyword.value for keyword in node.keywords if keyword.arg == "action")
            place = places.get(named)
            if place is not None and place < len(node.args):
                yield node.args[place]
        if isinstance(node, ast.FunctionDef):
            names = [one.arg for one in node.args.args][-len(node.args.defaults) or len(node.args.args) :]
            yield from (
                value for name, value in zip(names, node.args.defaults, strict=False) if name == "action"
            )


def _texts(expression: ast.expr, tree: ast.Module, constants: Mapping[str, str]) -> Iterator[str]:
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        yield expression.value
    elif isinstance(expression, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else NAMED for part in expression.values
        )
    elif isinstance(expression, ast.IfExp):
        yield from _texts(expression.body, tree, constants)
        yield from _texts(expression.orelse, tree, constants)
    elif isinstance(expression, ast.Name | ast.Attribute):
        name = expression.id if isinstance(expression, ast.Name) else expression.attr
        if name in constants:
            yield constants[name]
        if name == "action":
            for value in _assigned(tree):
                yield from _texts(value, tree, constants)


def _assigned(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield what is assigned to a name `action`, alone or as the first of several."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            (target, value) = node.targets[0], node.value
            if isinstance(target, ast.Name) and target.id == "action":
                yield value
            elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                for one, given in zip(target.elts, value.elts, strict=True):
                    if isinstance(one, ast.Name) and one.id == "action":
                        yield given


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            pairs = (
                zip(target.elts, value.elts, strict=True)
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
                else [(target, value)]
            )
            for one, given in pairs:
                if (
                    isinstance(one, ast.Name)
                    and isinstance(given, ast.Constant)
                    and isinstance(given.value, str)
                ):
                    yield one.id, given.value
