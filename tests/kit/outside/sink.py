"""A real HTTP server with many hosts; it records every request, and hangs or runs code on demand."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Seen:
    """One request as received; header names are in lower case."""

    port: int
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HttpSink:
    """Listens on `hosts` free ports of 127.0.0.1 while entered; to callers each port is a host."""

    hosts: int = 1
    #: Returns the status of the answer; runs in its own thread and may do anything before.
    answer: Callable[[Seen], int] = lambda _: 200
    #: Ports that accept requests and do not answer until `let_go`.
    hanging: set[int] = field(default_factory=set)
    ports: list[int] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    under_way: Counter[int] = field(default_factory=Counter)

    def __enter__(self) -> HttpSink:
        self._loop = asyncio.new_event_loop()
        self._let_go = asyncio.Event()
        self._servers: list[asyncio.Server] = []
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go()
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()

    def url(self, place: int = 0, path: str = "/") -> str:
        """Return the URL of the host with this index."""
        return f"http://{HOST}:{self.ports[place]}{path}"

    def let_go(self) -> None:
        """Answer all hanging requests; from now on none hangs."""
        self._loop.call_soon_threadsafe(self._let_go.set)

    async def _listen(self) -> None:
        for _ in range(self.hosts):
            server = await asyncio.start_server(self._serve, HOST, 0)
            self._servers.append(server)
            self.ports.append(server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        await asyncio.sleep(0)
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("sockname")[1]
        self.under_way[port] += 1
        try:
            request = await _read(reader, port)
            self.seen.append(request)
            if port in self.hanging:
                await self._let_go.wait()
            status = await asyncio.to_thread(self.answer, request)
            head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
            writer.write(f"{head}Connection: close\r\n\r\n{{}}".encode())
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.under_way[port] -= 1
            writer.close()


async def _read(reader: asyncio.StreamReader, port: int) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = [line.partition(":") for line in head[1:] if line]
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Seen(port, head[0].split(" ")[1], headers, body)
