"""A real mail server in a process of its own, which counts what it takes.

Its first line is its port. It answers every line it reads with a JSON object of what came since the last one.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Counting:
    """How many emails came, how many of them for the first time, over how many connections, and when."""

    seen: set[bytes] = field(default_factory=set)
    emails: int = 0
    connections: int = 0
    first_at: float = 0.0
    last_at: float = 0.0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.last_at = time.time()
        self.first_at = self.first_at or self.last_at
        self.emails += 1
        self.seen.add(_message_id(envelope.content))
        return "250 taken"

    def made(self) -> SMTP:
        self.connections += 1
        return SMTP(self, hostname="localhost")

    def report(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "emails": self.emails,
            "different": len(self.seen),
            "connections": self.connections,
        }
        told |= {"first_at": self.first_at, "last_at": self.last_at}
        self.seen.clear()
        self.emails = self.connections = 0
        self.first_at = self.last_at = 0.0
        return told


def _message_id(content: str | bytes | None) -> bytes:
    raw = content if isinstance(content, bytes) else b""
    _, _, rest = raw.partition(b"Message-ID: ")
    return rest.partition(b"\r\n")[0]


async def main() -> None:
    counting, loop = Counting(), asyncio.get_running_loop()
    server = await loop.create_server(counting.made, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while await lines.readline():
        print(json.dumps(counting.report()), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
