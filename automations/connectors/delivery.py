"""What every connector answers with, whatever it carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Receipt:
    """The provider took it: its id for it ("" when it gives none), and a sentence for the log."""

    provider_id: str
    detail: str
    #: What it said back, plain JSON, where that is worth keeping: {"status", "body", "cut"}.
    answer: dict[str, object] | None = None


class Refused(Exception):
    """A final no: trying again gives the same answer. `str(error)` is a sentence for the log."""

    def __init__(self, sentence: str, answer: dict[str, object] | None = None) -> None:
        super().__init__(sentence)
        self.answer = answer


class Gone(Refused):
    """The address is closed for good: nothing at all is to be sent there any more."""


class TryAgain(Exception):
    """Nothing left, and it may work later. `after` is the wait in seconds the provider asked for.

    `down` says that it is the host that fails, so that the next message would fare no better.
    """

    def __init__(
        self,
        sentence: str,
        after: int | None = None,
        answer: dict[str, object] | None = None,
        *,
        down: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.after = after
        self.answer = answer
        self.down = down


class Uncertain(Exception):
    """It cannot be told whether the provider took it, so a person has to decide."""


class Connector(Protocol):
    """What holds for a way out of any channel."""

    @property
    def key(self) -> str:
        """The name of the provider: "smtp", "twilio", "mailbox"."""
        ...

    @property
    def host(self) -> str:
        """The one host it talks to; "" where that is the message's choice, or nobody."""
        ...

    @property
    def outside(self) -> bool:
        """Whether anything leaves this program; where nothing does, no attempt is written first."""
        ...

    @property
    def keyed(self) -> bool:
        """Whether the provider does one key only once, so that a try without an answer may be repeated."""
        ...
