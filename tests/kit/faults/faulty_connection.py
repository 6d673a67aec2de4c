"""A connection to Postgres that can be cut, held or slowed while programs use it."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal

import sqlalchemy as sa

Mode = Literal["open", "refuse", "reset", "blackhole", "slow", "sliced"]
HOST = "127.0.0.1"
SLOW = 0.02


class FaultyLine:
    """Passes bytes between 127.0.0.1:`port` and the server of `url`, as its mode says."""

    def __init__(self, url: str) -> None:
        self._target = sa.make_url(url)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._goes_on = asyncio.Event()
        self._mode: Mode = "open"
        self.port = 0

    @property
    def url(self) -> str:
        """The URL of the database by way of this line."""
        query = {name: value for name, value in self._target.query.items() if name != "host"}
        through = self._target.set(host=HOST, port=self.port, query=query)
        return through.render_as_string(hide_password=False)

    def start(self) -> None:
        """Listen on a free port."""
        self._thread.start()
        self._call(self._listen())

    def stop(self) -> None:
        """Cut all connections and stop listening."""
        self._call(self._change("refuse"))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def set(self, mode: Mode) -> None:
        """Change the mode, for existing connections too."""
        self._call(self._change(mode))

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _listen(self) -> None:
        self._goes_on.set()
        self._server = await asyncio.start_server(self._serve, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _change(self, mode: Mode) -> None:
        self._mode = mode
        if mode in ("refuse", "reset"):
            for writer in list(self._writers):
                _reset(writer)
        if mode == "refuse" and self._server:
            self._server.close()
            self._server = None
        elif mode != "refuse" and not self._server:
            await self._listen()
        # Bytes held back are lost for good, so the connections they belong to are cut.
        if mode == "blackhole":
            self._goes_on.clear()
        elif not self._goes_on.is_set():
            self._goes_on.set()
            for writer in list(self._writers):
                _reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._mode == "reset":
            _reset(writer)
            return
        far_reader, far_writer = await self._dial()
        ends = {writer, far_writer}
        self._writers |= ends
        try:
            await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))
        finally:
            self._writers -= ends
            for end in ends:
                _reset(end)

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host = str(self._target.query.get("host") or self._target.host or "localhost")
        port = self._target.port or 5432
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(65536):
                await self._goes_on.wait()
                for part in self._parts(piece):
                    if self._mode == "slow":
                        await asyncio.sleep(SLOW)
                    writer.write(part)
                    await writer.drain()
        _reset(writer)

    def _parts(self, piece: bytes) -> list[bytes]:
        size = 3 if self._mode == "sliced" and len(piece) < 3000 else len(piece)
        return [piece[start : start + size] for start in range(0, len(piece), size)]


def _reset(writer: asyncio.StreamWriter) -> None:
    line = writer.get_extra_info("socket")
    with suppress(OSError):
        if line and line.family != socket.AF_UNIX:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextmanager
def faulty_line(url: str) -> Iterator[FaultyLine]:
    """Open a line to the server of `url`, in mode "open"."""
    line = FaultyLine(url)
    line.start()
    try:
        yield line
    finally:
        line.stop()
