"""Kinds of actions are found by folder; a broken or misnamed one stops the start, not the send."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable
from types import ModuleType

from automations.actions.shared.action_kind import Action
from automations.actions.shared.inside_action import InsideAction


class BrokenAction(RuntimeError):
    """A module in the folder is not exactly one action whose key is the file's name."""


def discover(package: str, paths: Iterable[str]) -> dict[str, Action]:
    """Every action in the folders `paths` of `package`, by key, in their rank. Raises BrokenAction."""
    names = [info.name for info in pkgutil.iter_modules(paths) if not info.ispkg]
    found = {name: only_action(importlib.import_module(f"{package}.{name}"), name) for name in names}
    return dict(sorted(found.items(), key=lambda entry: (entry[1].rank, entry[0])))


def only_action(module: ModuleType, name: str) -> Action:
    """The one action of a module whose file is `name`. Raises BrokenAction."""
    found = [kind for kind in vars(module).values() if _is_action_of(kind, module)]
    if len(found) != 1:
        raise BrokenAction(f"{module.__name__} has to define exactly one action, and defines {len(found)}.")
    if getattr(found[0], "key", None) != name:
        raise BrokenAction(f"{module.__name__}: the action's key has to be “{name}”, like the file.")
    return _made(found[0], module)


def _is_action_of(kind: object, module: ModuleType) -> bool:
    return inspect.isclass(kind) and issubclass(kind, Action) and kind.__module__ == module.__name__


def _made(kind: type[Action], module: ModuleType) -> Action:
    missing = [name for name in ("label", "icon", "Form") if not hasattr(kind, name)]
    if missing or inspect.isabstract(kind):
        gaps = missing + sorted(getattr(kind, "__abstractmethods__", ()))
        raise BrokenAction(f"{module.__name__}: the action lacks {', '.join(gaps)}.")
    if (kind.place == "inside") != issubclass(kind, InsideAction):
        raise BrokenAction(f"{module.__name__}: an action is inside if, and only if, it is an InsideAction.")
    return kind()
