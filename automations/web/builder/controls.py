"""The builder's controls as plain values: their options, the current choice and the error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Option:
    """One entry of a list. A `strange` one comes from the draft and is not in the list."""

    value: str
    label: str
    strange: bool = False
    group: str = ""
    #: Other words by which it is found while someone searches the list.
    words: str = ""


@dataclass(frozen=True)
class Control:
    """One select, input or set of checkboxes. `label` is its accessible name.

    `own_id` is set where two controls share a name; otherwise the name is the id. `redraws` says that
    changing it changes the controls beside it. `suggestions` appear while typing. `values` holds
    several choices at once; `word` precedes the control in a line that reads as a sentence.
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
        """The options by heading, in order."""
        return [
            (label, list(group)) for label, group in groupby(self.options, key=lambda option: option.group)
        ]


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
    """Return a select. `empty` labels the entry for no value; a value not in the list stays, as `strange`."""
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
    """Return a select whose options may stand under headings; otherwise like `select`."""
    offered = [Option("", empty), *options] if empty else list(options)
    offered += kept(offered, [value or ""], strange)
    return Control(name, label, value or "", tuple(offered), error=error, redraws=redraws, word=word)


def boxes(name: str, label: str, values: Sequence[str], pairs: Pairs) -> Control:
    """Return a checkbox for each option; values not in the list are kept, ticked."""
    options = [Option(key, text) for key, text in pairs]
    options += kept(options, values)
    return Control(name, label, options=tuple(options), type="boxes", values=tuple(values))


def kept(options: Sequence[Option], values: Sequence[str], strange: str = "") -> list[Option]:
    """Return options for the values that `options` does not contain."""
    offered = {option.value for option in options}
    missing = dict.fromkeys(value for value in values if value and value not in offered)
    return [Option(value, strange or f"“{value}” (not in the list)", strange=True) for value in missing]
