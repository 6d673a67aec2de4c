"""One finding about a draft: its weight, its sentence with links, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from automations.features.authoring.loop_detection import Circle

#: "stop": an action fails for certain until someone mends it. "warn": look at it. "ok": checked and well.
Level = Literal["stop", "warn", "ok"]
_ORDER: dict[str, int] = {"stop": 0, "warn": 1, "ok": 2}


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """What a piece of a sentence leads to: an automation or a record by id, a page of settings, a place on
    the page of the draft.
    """

    #: "automation", "settings", "place", or the subject of a record. "unless": the text is only for those who
    #: may not open that page of settings.
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class CheckPiece:
    """A piece of a sentence."""

    text: str
    to: LinkTarget | None = None
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `details` is a second line: witnesses, a proof, or who can mend it."""

    #: "never", "idle", "duplicate", "overlap", "order", "loop", "secret", "sender", "address", …
    kind: str
    level: Level
    parts: tuple[CheckPiece, ...]
    details: tuple[CheckPiece, ...] = ()
    #: More witnesses than the second line names, and how many more there are in all.
    more: tuple[CheckPiece, ...] = ()
    more_count: int = 0
    circle: Circle | None = None
    #: A record that was constructed, as (label, value), and whether it can be tried.
    example: tuple[tuple[str, str], ...] = ()
    can_be_tried: bool = False
    #: The places of the actions it is about, counted from 0; there the builder says it too.
    actions: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """Return the sentence without its links."""
        return "".join(piece.text for piece in self.parts)

    @property
    def details_text(self) -> str:
        """Return the second line without its links."""
        return "".join(piece.text for piece in self.details)


def sorted_checks(checks: Iterable[Check]) -> list[Check]:
    """Return the checks by weight: what stops first, what is well last."""
    return sorted(checks, key=lambda check: _ORDER[check.level])


def sentence(*pieces: CheckPiece | str) -> tuple[CheckPiece, ...]:
    """Return the pieces of a sentence; plain text is written as it is."""
    return tuple(CheckPiece(piece) if isinstance(piece, str) else piece for piece in pieces)


def place_of(path: Iterable[object]) -> LinkTarget:
    """Return the target of a condition or action by its path, as ids on the page are made."""
    return LinkTarget("place", "-".join(str(step) for step in path))
