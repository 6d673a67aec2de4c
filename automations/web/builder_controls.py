"""The controls of the builder as plain values: what is offered, what is chosen, what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Option:
    """One entry of a list. `strange` ones are kept from the draft though the list does not have them."""

    value: str
    label: str
    strange: bool = False
    group: str = ""


@dataclass(frozen=True)
class Control:
    """One select, input or set of boxes. Its name is its id unless two share it; `label` names it to readers.

    `redraws` says that another choice offers other controls beside it. `suggestions` are offered
    while typing. `values` are several at once; `word` stands before it in a sentence of controls.
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
    values: tuple[str, ...] = ()
    word: str = ""
    own_id: str = ""

    @property
    def id(self) -> str:
        return self.own_id or self.name

    @property
    def is_select(self) -> bool:
        return self.type == "select"

    @property
    def groups(self) -> list[tuple[str, list[Option]]]:
        """The options under their headings, in order."""
        return [(label, list(some)) for label, some in groupby(self.options, key=lambda one: one.group)]


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
    word: str = "",
) -> Control:
    """A list. `empty` is its entry for no value; a value it lacks is kept, under the label `strange`."""
    options = [Option(key, text) for key, text in pairs]
    return grouped(
        name, label, value, options, empty=empty, strange=strange, error=error, redraws=redraws, word=word
    )


def grouped(
    name: str,
    label: str,
    value: str | None,
    options: Sequence[Option],
    *,
    empty: str = "",
    strange: str = "",
    error: str = "",
    redraws: bool = False,
    word: str = "",
) -> Control:
    """The same of options that may stand under headings."""
    offered = [Option("", empty), *options] if empty else list(options)
    offered += kept(offered, [value or ""], strange)
    return Control(name, label, value or "", tuple(offered), error=error, redraws=redraws, word=word)


def boxes(name: str, label: str, values: Sequence[str], pairs: Pairs) -> Control:
    """Boxes to tick, one for each option; what the list lacks is kept, ticked."""
    options = [Option(key, text) for key, text in pairs]
    options += kept(options, values)
    return Control(name, label, options=tuple(options), type="boxes", values=tuple(values))


def kept(options: Sequence[Option], values: Sequence[str], strange: str = "") -> list[Option]:
    """Entries for the values that the options lack."""
    known = {option.value for option in options}
    lacking = dict.fromkeys(value for value in values if value and value not in known)
    return [Option(value, strange or f"“{value}” (not in the list)", strange=True) for value in lacking]
