"""What every connector returns and raises, whatever it sends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Receipt:
    """The provider accepted it: the provider's id ("" if it gives none) and a sentence for the log."""

    provider_id: str
    detail: str
    #: The answer where it is worth keeping, plain JSON: {"status", "body", "cut"}.
    answer: dict[str, object] | None = None
    #: Whether it stayed here: no provider is set up, and nobody got it.
    kept_here: bool = False
    #: A sentence for each address that was to get it too, and did not.
    missed: tuple[str, ...] = ()
    #: The addresses among those that the server refused.
    refused: tuple[str, ...] = ()

    def told(self, what: str, to: str = "") -> str:
        """Return what became of `what` as a sentence: "The test was sent to Ada; accepted as 17."."""
        if self.kept_here:
            return f"{what}{' for ' if to else ''}{to} was not sent. It is {self.detail}."
        sent = f"{what} was sent{' to ' if to else ''}{to}"
        return f"{sent}; {self.detail}." if self.detail else f"{sent}."


class Refused(Exception):
    """A permanent refusal: retrying is pointless. `str(error)` is a sentence for the log."""

    def __init__(self, sentence: str, answer: dict[str, object] | None = None) -> None:
        super().__init__(sentence)
        self.answer = answer


class Gone(Refused):
    """The address is closed for good: nothing may be sent there any more."""


class TryAgain(Exception):
    """Nothing was delivered, and a retry may work. `after` is the wait the provider asked for, in seconds.

    `down` means that the host itself fails, so the next message would fail too.
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
    """Whether the provider accepted it is unknown, so a person has to decide."""


class Connector(Protocol):
    """What connectors of every channel have in common."""

    @property
    def key(self) -> str:
        """The name of the provider: "smtp", "twilio", "mailbox"."""
        ...

    @property
    def host(self) -> str:
        """The one host it talks to; "" if the message decides, or if there is none."""
        ...

    @property
    def outside(self) -> bool:
        """Whether anything leaves this program; if not, no attempt is written first."""
        ...

    @property
    def keyed(self) -> bool:
        """Whether the provider handles each key only once, so that an unanswered try may be repeated."""
        ...
