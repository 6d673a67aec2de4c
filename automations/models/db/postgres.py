"""Postgres connections that notice when the server is gone, instead of waiting minutes for an answer."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

#: Seconds of silence after which the server is checked for life.
SILENCE = 1.0
#: Seconds it has to respond. Together they stay under the three in which a page has to answer.
PATIENCE = 1.0
#: Seconds for which a server known to be unavailable is not tried again.
KNOWN = 1.0
#: Seconds to open a connection; libpq allows no less than two.
CONNECTING = 2
#: Seconds; longer than the server's own limit on a statement, so after it the connection is dead.
LONGEST = 15.0
_HELLO = bytes.fromhex("0000000804d2162f")  # an SSLRequest, which any server answers with one letter

_away: dict[tuple[str, int], float] = {}
_lock = threading.Lock()


class PatientConnection(psycopg.Connection[Any]):
    """A connection that waits as long as the server is alive, and no longer."""

    #: Whether prepared statements outlive a rollback. psycopg drops all of them, as what they name may have
    #: been made in the transaction; where nobody makes tables, they are prepared anew for nothing.
    keeps_statements = False

    @classmethod
    def connect(cls, *arguments: Any, **options: Any) -> Any:
        """Connect as psycopg does, but fail at once if the server did not answer a moment ago."""
        place = _place(str(options.get("host") or ""), options.get("port"))
        with _lock:
            is_known_away = time.monotonic() - _away.get(place, -KNOWN) < KNOWN
        if is_known_away:
            raise psycopg.OperationalError("the server did not answer a moment ago")
        try:
            return super().connect(*arguments, **options)
        except psycopg.OperationalError:
            _note(place)
            raise

    def wait(self, gen: PQGen[Any], *arguments: Any, **options: Any) -> Any:
        """Return the answer of the server. Raises OperationalError if the server is gone."""
        if options.get("timeout") is not None:
            return super().wait(gen, *arguments, **options)
        ends = time.monotonic() + LONGEST
        waiting = gen
        while time.monotonic() < ends:
            try:
                return super().wait(waiting, timeout=SILENCE)
            except psycopg.errors._WaitTimeout:
                if not _is_there(self.info.host, self.info.port):
                    break
                waiting = _resumed(gen)
        self.pgconn.finish()
        raise psycopg.OperationalError("the server does not answer any more")

    def _rollback_gen(self) -> PQGen[None]:
        is_well = self.pgconn.transaction_status == TransactionStatus.INTRANS
        if self.keeps_statements and is_well and not self._num_transactions and not self._pipeline:
            yield from self._exec_command(b"ROLLBACK")
        else:
            yield from super()._rollback_gen()


def _resumed(gen: PQGen[Any]) -> PQGen[Any]:
    """Continue an interrupted wait: sending the first value again would start it anew."""
    wait_for = gen.send(psycopg.waiting.READY_NONE)
    while True:
        ready = yield wait_for
        try:
            wait_for = gen.send(ready)
        except StopIteration as ended:
            return ended.value


def _is_there(host: str, port: int) -> bool:
    """Return whether a server answers there; any answer counts."""
    place = _place(host, port)
    with contextlib.suppress(OSError), _dial(*place) as line:
        line.sendall(_HELLO)
        if line.recv(1):
            return True
    _note(place)
    return False


def _dial(host: str, port: int) -> socket.socket:
    if not host.startswith("/"):
        return socket.create_connection((host or "localhost", port), timeout=PATIENCE)
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(PATIENCE)
    line.connect(f"{host}/.s.PGSQL.{port}")
    return line


def _place(host: str, port: object) -> tuple[str, int]:
    return host, int(str(port or 5432))


def _note(place: tuple[str, int]) -> None:
    with _lock:
        _away[place] = time.monotonic()
