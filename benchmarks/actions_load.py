"""Sends orders and takes the requests that come of them, in one process with one clock.

Reads jobs from standard input and answers each with what it measured; its first line is the sink's port.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.line_shop import order

#: Seconds after which what has not arrived is given up.
PATIENCE = 120.0


@dataclass
class Arrivals:
    """When the request of each order arrived, the first time and how often in all."""

    at: dict[str, float] = field(default_factory=dict)
    count: int = 0
    #: Seconds until a request is answered.
    latency: float = 0.0
    #: Set when `wanted` orders have arrived.
    wanted: int = 0
    complete: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, number: str) -> None:
        self.count += 1
        self.at.setdefault(number, perf_counter())
        if len(self.at) >= self.wanted:
            self.complete.set()


async def main() -> None:
    arrivals = Arrivals()
    sink = await asyncio.start_server(lambda *pair: _take(arrivals, *pair), "127.0.0.1", 0)
    print(sink.sockets[0].getsockname()[1], flush=True)
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        print(json.dumps(await _measure(arrivals, json.loads(line))), flush=True)


async def _measure(arrivals: Arrivals, job: dict[str, Any]) -> dict[str, float]:
    """Orders at `rate` a second, or as many as `clients` connections get through."""
    numbers = [f"{job['prefix']}{place}" for place in range(job["requests"])]
    arrivals.at.clear()
    arrivals.complete.clear()
    arrivals.count, arrivals.wanted, arrivals.latency = 0, len(numbers), job.get("latency", 0.0)
    sent: dict[str, float] = {}
    waiting: asyncio.Queue[tuple[float, str] | None] = asyncio.Queue()
    began = perf_counter()
    clients = [asyncio.create_task(_client(job, waiting, sent)) for _ in range(job["clients"])]
    for place, number in enumerate(numbers):
        due = began + place / job["rate"] if job["rate"] else began
        await asyncio.sleep(max(0.0, due - perf_counter()) if job["rate"] else 0)
        waiting.put_nowait((due, number))
    for _ in clients:
        waiting.put_nowait(None)
    await asyncio.gather(*clients)
    answered = perf_counter() - began
    try:
        await asyncio.wait_for(arrivals.complete.wait(), PATIENCE)
    except TimeoutError:
        print(f"{len(arrivals.at)} of {len(numbers)} arrived", file=sys.stderr)
    late = sorted(arrivals.at[number] - sent[number] for number in numbers if number in arrivals.at)
    return {
        "arrived": len(late),
        "twice": arrivals.count - len(late),
        "answered_per_second": len(numbers) / answered,
        "per_second": len(late) / (max(arrivals.at.values()) - began),
        "p50_ms": statistics.median(late) * 1e3,
        "p95_ms": late[int(len(late) * 0.95)] * 1e3,
    }


async def _client(
    job: dict[str, Any], waiting: asyncio.Queue[tuple[float, str] | None], sent: dict[str, float]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", job["port"])
    head = f"POST {job['path']} HTTP/1.1\r\nHost: 127.0.0.1:{job['port']}\r\n"
    head += f"Authorization: Bearer {job['key']}\r\nContent-Type: application/json\r\n"
    while (found := await waiting.get()) is not None:
        # At a fixed rate an order counts from when it was due: who makes others wait is not spared.
        due, number = found
        sent[number] = due if job["rate"] else perf_counter()
        # Every tenth order fires the one automation; here every order does.
        body = json.dumps(order(number, 10 * int(number[len(job["prefix"]) :]))).encode()
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        status, _ = await read_message(reader)
        if b" 20" not in status:
            raise SystemExit(f"refused: {status!r}")
    writer.close()


async def _take(arrivals: Arrivals, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            _, body = await read_message(reader)
            arrivals.note(json.loads(body)["order"])
            if arrivals.latency:
                await asyncio.sleep(arrivals.latency)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def read_message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """The first line and the body of a request or an answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    _, found, after = head.lower().partition(b"content-length:")
    length = int(after.split(b"\r\n", 1)[0]) if found else 0
    return head.split(b"\r\n", 1)[0], await reader.readexactly(length)


if __name__ == "__main__":
    asyncio.run(main())
