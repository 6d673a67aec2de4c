"""A real SMTP server that stores and counts what it takes."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.kit.fire.programs import free_port

HOST = "127.0.0.1"
#: Seconds after which a sink that waits answers all the same.
PATIENCE = 60


@dataclass
class SmtpSink:
    """Listens on a free port of 127.0.0.1 while entered."""

    emails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    port: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        self.port = free_port()
        self._controller = Controller(self, hostname=HOST, port=self.port)
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    def per_message_id(self) -> Counter[str]:
        """Return how often each message arrived, by Message-ID."""
        with self._lock:
            return Counter(email["Message-ID"] for email in self.emails)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        parsed: Any = message_from_bytes(envelope.content, policy=policy.default)
        with self._lock:
            self.emails.append(parsed)
            self.recipients.append(list(envelope.rcpt_tos))
        return "250 taken"


class SlowSink(SmtpSink):
    """Takes messages, but does not answer before `answers` is set."""

    answers = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        while not self.answers:
            await asyncio.sleep(0.02)
        return answer


@dataclass
class SinkThatLooksAway(SmtpSink):
    """Takes its time over the first message: something happens before it answers."""

    meanwhile: Callable[[], object] = lambda: None
    _has_one: bool = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if not self._has_one:
            self._has_one = True
            await asyncio.to_thread(self.meanwhile)
        return answer


@dataclass
class SinkThatWaits(SmtpSink):
    """Has taken a message, and answers only when it may."""

    has_one: threading.Event = field(default_factory=threading.Event)
    may_answer: threading.Event = field(default_factory=threading.Event)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        self.has_one.set()
        await asyncio.to_thread(self.may_answer.wait, PATIENCE)
        return answer
