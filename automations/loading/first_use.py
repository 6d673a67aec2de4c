"""Stands for a module until one of its names is used: a program that never needs it does not pay for it.

    if TYPE_CHECKING:
        import apprise
    else:
        apprise = FirstUse("apprise")

Type checkers see the plain import. `tests/test_import_closure.py` lists what is loaded this way.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class FirstUse:
    """The module of this full name, loaded when the first of its names is read."""

    def __init__(self, module: str) -> None:
        self.__name__ = module

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self.__name__), name)
        # The next time it is an attribute like any other.
        setattr(self, name, value)
        return value
