"""What every email connector takes, answers and raises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from automations.connectors.contacts import EmailContact


@dataclass(frozen=True)
class OutgoingEmail:
    """One email to one person. `key` is the same at every try and becomes the Message-ID."""

    to: EmailContact
    sender: EmailContact
    subject: str
    text: str
    key: str


@dataclass(frozen=True)
class Receipt:
    """The provider took it: its id for it ("" when it gives none), and a sentence for the log."""

    provider_id: str
    detail: str


class Refused(Exception):
    """A final no: trying again gives the same answer. `str(error)` is a sentence for the log."""


class TryAgain(Exception):
    """Nothing left, and it may work later. `after` is the wait in seconds the provider asked for."""

    def __init__(self, sentence: str, after: int | None = None) -> None:
        super().__init__(sentence)
        self.after = after


class Uncertain(Exception):
    """It cannot be told whether the provider took it, so a person has to decide."""


class EmailConnector(Protocol):
    """A way for email to leave."""

    @property
    def key(self) -> str:
        """The name of the provider: "smtp", "mailbox"."""
        ...

    @property
    def outside(self) -> bool:
        """Whether an email leaves this program; one that does not needs no attempt written first."""
        ...

    def send(self, email: OutgoingEmail) -> Receipt:
        """Hand over one email. Raises Refused, TryAgain or Uncertain, and nothing else."""
        ...
