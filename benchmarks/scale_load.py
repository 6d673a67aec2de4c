"""Sends orders of many stores to many web processes and takes the requests that come of them.

A process of its own, with one clock. Its first line is the port of the sink, which answers on every address
of this machine. It reads jobs from standard input and answers each with a JSON object.
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

from benchmarks.actions_load import read_message

#: Seconds after which what has not arrived is given up.
PATIENCE = 150.0
#: Seconds after which a server that does not answer an order ends the program.
SILENCE = 120.0
#: The arrivals that count towards the rate: beginning and end are those of the programs, not of the work.
BEGIN, END = 0.1, 0.9


@dataclass
class Arrivals:
    """When each order was sent, and when its request arrived first."""

    latency: float
    sent: dict[str, float] = field(default_factory=dict)
    at: dict[str, float] = field(default_factory=dict)
    twice: int = 0

    def note(self, number: str) -> None:
        if number in self.at:
            self.twice += 1
        self.at.setdefault(number, perf_counter())


async def main() -> None:
    arrivals = Arrivals(float(sys.argv[1]))
    sink = await asyncio.start_server(lambda *pair: _take(arrivals, *pair), "0.0.0.0", 0)
    print(sink.sockets[0].getsockname()[1], flush=True)
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        job = json.loads(line)
        told = await (_post(arrivals, job) if job["do"] == "post" else _await(arrivals))
        print(json.dumps(told), flush=True)


async def _post(arrivals: Arrivals, job: dict[str, Any]) -> dict[str, float]:
    """Send `count` orders to `targets`, [port, key] each, in turn: `rate` a second, or as many as go."""
    began, orders = perf_counter(), iter(range(job["count"]))
    await asyncio.gather(*(_client(arrivals, job, orders, began) for _ in range(job["connections"])))
    return {"orders_per_second": job["count"] / (perf_counter() - began)}


async def _client(arrivals: Arrivals, job: dict[str, Any], orders: Any, began: float) -> None:
    opened: dict[int, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}
    for place in orders:
        port, key = job["targets"][place % len(job["targets"])]
        due = began + place / job["rate"] if job["rate"] else perf_counter()
        await asyncio.sleep(max(0.0, due - perf_counter()))
        number = f"{job['prefix']}{place}"
        body = json.dumps({"number": number, "total": f"{place % job['hosts']}.00"}).encode()
        if port not in opened:
            opened[port] = await asyncio.open_connection("127.0.0.1", port)
        reader, writer = opened[port]
        # It counts from when it was due: who makes others wait is not spared.
        arrivals.sent[number] = due
        head = f"POST /api/orders HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        async with asyncio.timeout(SILENCE):
            status, _ = await read_message(reader)
        if b" 20" not in status:
            raise SystemExit(f"refused: {status!r}")
    for _, writer in opened.values():
        writer.close()


async def _await(arrivals: Arrivals) -> dict[str, float]:
    """Wait until everything that was sent has arrived; tell of it and forget it."""
    ends = perf_counter() + PATIENCE
    while len(arrivals.at) < len(arrivals.sent) and perf_counter() < ends:
        await asyncio.sleep(0.02)
    times = sorted(arrivals.at.values())
    late = sorted(
        arrivals.at[number] - sent for number, sent in arrivals.sent.items() if number in arrivals.at
    )
    first, last = times[int(BEGIN * len(times))], times[int(END * len(times)) - 1]
    told = {
        "sent": len(arrivals.sent),
        "arrived": len(times),
        "twice": arrivals.twice,
        "actions_per_second": (END - BEGIN) * len(times) / max(last - first, 1e-9),
        "p50_ms": statistics.median(late) * 1e3,
        "p95_ms": late[int(len(late) * 0.95)] * 1e3,
    }
    arrivals.sent.clear()
    arrivals.at.clear()
    arrivals.twice = 0
    return told


async def _take(arrivals: Arrivals, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head, _ = await read_message(reader)
            arrivals.note(head.split(b" ")[1][1:].decode())
            await asyncio.sleep(arrivals.latency)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


if __name__ == "__main__":
    asyncio.run(main())
