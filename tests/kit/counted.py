"""The world outside as a test sees it: what was handed over, what took effect, answered as the test says."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from automations.connectors.delivery import Receipt, Refused, TryAgain, Uncertain
from automations.connectors.registry import Connectors

#: It took effect and said so; it took effect and the answer was lost; nothing happened, three ways to say it.
SENT, LOST, BUSY, DOWN, NO = "sent", "lost", "busy", "down", "no"
ANSWERS = (SENT, LOST, BUSY, DOWN, NO)


@dataclass(frozen=True)
class Handed:
    """One message, as it came to a provider."""

    channel: str
    run_id: int
    part: int
    text: str


class Outside:
    """Three providers that count; `first` hears of every message before it is answered."""

    def __init__(self) -> None:
        self.answers: deque[str] = deque()
        self.handed: Counter[tuple[int, int]] = Counter()
        self.effects: Counter[tuple[int, int]] = Counter()
        #: Channel and answer -> how often.
        self.answered: Counter[tuple[str, str]] = Counter()
        self.first: Callable[[Handed], None] = lambda _: None

    def connectors(self, *_: object) -> Connectors:
        """What stands for `connections.connectors_for`."""
        email, sms = Provider(self, "email", "smtp"), Provider(self, "sms", "gateway")
        return Connectors(email=email, sms=sms, http=Provider(self, "http", "http", keyed=True))

    def will_answer(self, answers: Iterable[str]) -> None:
        """To the next messages; what comes after those is sent."""
        self.answers = deque(answers)

    def answer(self, handed: Handed, keyed: bool) -> Receipt:
        self.first(handed)
        what = handed.run_id, handed.part
        self.handed[what] += 1
        answer = self.answers.popleft() if self.answers else SENT
        if keyed and self.effects[what]:
            # The key is known: it is done already, and that is what is said.
            return Receipt("again", "Taken before")
        self.answered[handed.channel, answer] += 1
        if answer in (SENT, LOST):
            self.effects[what] += 1
        if answer == SENT:
            return Receipt("new", "Taken")
        if answer == LOST:
            raise TryAgain("No answer came.", down=True) if keyed else Uncertain("No answer came.")
        if answer == NO:
            raise Refused("It is not wanted.")
        raise TryAgain("Later.", down=answer == DOWN)


@dataclass(frozen=True)
class Provider:
    """Of one channel."""

    world: Outside
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
        handed = Handed(self.channel, int(run_id), int(part), str(getattr(message, text)))
        return self.world.answer(handed, self.keyed)
