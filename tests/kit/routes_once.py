"""Compiles each route of the product once per process, not once per application: that is most of a start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing.rules import Rule

_compile = Rule._compile_builder
_compiled: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}


def _compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    if rule.defaults:
        return _compile(rule, append_unknown)
    # What is compiled depends on nothing else, and takes the rule as its first argument.
    key = (rule.rule, append_unknown, *rule._trace)
    if key not in _compiled:
        _compiled[key] = _compile(rule, append_unknown)
    return _compiled[key]


def compile_routes_once() -> None:
    """Do so from now on, in this process and in those forked from it."""
    place: Any = Rule
    place._compile_builder = _compile_once
