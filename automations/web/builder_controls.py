"""The controls of the builder as plain values: what is offered, what is chosen, what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Option:
    """One entry of a list. `strange` ones are kept from the draft though the list does not have them."""

    value: str
    label: str
    strange: bool = False


@dataclass(frozen=True)
class Control:
    """One select or input. Its name is its id; `label` is its accessible name.

    `redraws` says that another choice offers other controls beside it. `suggestions` are offered
    while typing.
    """

    name: str
    label: str
    value: str = ""
    options: tuple[Option, ...] = ()
    type: str = "select"
    prefix: str = ""
    suffix: str = ""
    placeholder: str = ""
    error: str = ""
    redraws: bool = False
    suggestions: tuple[str, ...] = ()

    @property
    def is_select(self) -> bool:
        return self.type == "select"


def select(
    name: str,
    label: str,
    value: str | None,
    pairs: Pairs,
    *,
    empty: str = "",
    strange: str = "",
    error: str = "",
    redraws: bool = False,
) -> Control:
    """A list. `empty` is its entry for no value; a value it lacks is kept, under the label `strange`."""
    options = [Option("", empty)] if empty else []
    options += [Option(key, text) for key, text in pairs]
    if value and all(option.value != value for option in options):
        options.append(Option(value, strange or f"“{value}” (not in the list)", strange=True))
    return Control(name, label, value or "", tuple(options), error=error, redraws=redraws)
