"""Providers that count messages handed over and effects, and answer as the test says."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from automations.connectors.connector_set import Connectors
from automations.connectors.receipts import Receipt, Refused, TryAgain, Uncertain

#: Answers: done and confirmed; done and the answer lost; and three ways of not doing it.
SENT, LOST, BUSY, DOWN, NO = "sent", "lost", "busy", "down", "no"
ANSWERS = (SENT, LOST, BUSY, DOWN, NO)


@dataclass(frozen=True)
class HandedMessage:
    """One message as a provider received it."""

    channel: str
    run_id: int
    part: int
    text: str


class CountingProviders:
    """Three counting providers; `first` is called with every message before it is answered."""

    def __init__(self) -> None:
        self.answers: deque[str] = deque()
        self.handed: Counter[tuple[int, int]] = Counter()
        self.effects: Counter[tuple[int, int]] = Counter()
        #: (channel, answer) -> how often it was given.
        self.answered: Counter[tuple[str, str]] = Counter()
        self.first: Callable[[HandedMessage], None] = lambda _: None

    def connectors(self, *_: object) -> Connectors:
        """Stand in for `connections.connectors_for`."""
        email, sms = CountingProvider(self, "email", "smtp"), CountingProvider(self, "sms", "gateway")
        http: Any = CountingProvider(self, "http", "http", keyed=True)
        return Connectors(email=email, sms=sms, http=http)

    def will_answer(self, answers: Iterable[str]) -> None:
        """Give these answers to the next messages; later messages are sent."""
        self.answers = deque(answers)

    def answer(self, handed: HandedMessage, keyed: bool) -> Receipt:
        """Count one message and answer it. Raises what a connector raises."""
        self.first(handed)
        part = handed.run_id, handed.part
        self.handed[part] += 1
        answer = self.answers.popleft() if self.answers else SENT
        if keyed and self.effects[part]:
            # The provider knows the key: it did the work before and says so.
            return Receipt("again", "Taken before")
        self.answered[handed.channel, answer] += 1
        if answer in (SENT, LOST):
            self.effects[part] += 1
        if answer == SENT:
            return Receipt("new", "Taken")
        if answer == LOST:
            raise TryAgain("No answer came.", down=True) if keyed else Uncertain("No answer came.")
        if answer == NO:
            raise Refused("It is not wanted.")
        raise TryAgain("Later.", down=answer == DOWN)


@dataclass(frozen=True)
class CountingProvider:
    """The provider of one channel."""

    world: CountingProviders
    channel: str
    key: str
    keyed: bool = False
    outside = True

    @property
    def host(self) -> str:
        return "" if self.channel == "http" else f"{self.channel}.example"

    def send(self, message: Any) -> Receipt:
        _, run_id, part = message.key.split("-")
        text = {"email": "subject", "sms": "text", "http": "body"}[self.channel]
        handed = HandedMessage(self.channel, int(run_id), int(part), str(getattr(message, text)))
        return self.world.answer(handed, self.keyed)
