"""Effects of inside actions are found by folder, like the actions themselves.

An inside action is two files, since forms know no tables: `actions/<kind>.py` with its words, its form and
`prepare`, and `pipeline/effects/<kind>.py` with its effect and the preview of it.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Collection, Iterable
from types import ModuleType

from automations.pipeline.effects.shared.effect_kind import Effect


class BrokenEffect(RuntimeError):
    """The modules in the folder are not exactly one effect for each inside action."""


def discover(package: str, paths: Iterable[str], kinds: Collection[str]) -> dict[str, Effect]:
    """Return the effects in the folders `paths` of `package` by kind of action.

    Raises BrokenEffect unless there is one for each of `kinds`, and no other.
    """
    names = [info.name for info in pkgutil.iter_modules(paths) if not info.ispkg]
    effects: dict[str, Effect] = {}
    for name in names:
        effect = only_effect(importlib.import_module(f"{package}.{name}"))
        if effect.kind not in kinds:
            raise BrokenEffect(f"{package}.{name}: there is no inside action “{effect.kind}”.")
        if effect.kind in effects:
            raise BrokenEffect(f"{package}.{name}: the action “{effect.kind}” has an effect already.")
        effects[effect.kind] = effect
    if missing := sorted(set(kinds) - effects.keys()):
        raise BrokenEffect(f"{package}: no module has the effect of {', '.join(missing)}.")
    return effects


def only_effect(module: ModuleType) -> Effect:
    """Return the one effect that a module defines. Raises BrokenEffect."""
    effects = [kind for kind in vars(module).values() if _is_effect_of(kind, module)]
    if len(effects) != 1 or inspect.isabstract(effects[0]):
        raise BrokenEffect(f"{module.__name__} has to define exactly one whole effect.")
    effect: Effect = effects[0]()
    return effect


def _is_effect_of(kind: object, module: ModuleType) -> bool:
    return inspect.isclass(kind) and issubclass(kind, Effect) and kind.__module__ == module.__name__
