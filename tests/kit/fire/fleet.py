"""The programs of a store: one process on SQLite; two web processes and two workers on Postgres."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from automations.models.db.base import db
from automations.models.db.database import WORKER_LOCK_SPACE
from tests.kit.fire.incubator import Incubator, has_ended, incubator
from tests.kit.fire.programs import answers, free_port

START_LIMIT = 60.0
#: Longer than any action in progress may take.
STOP_LIMIT = 180.0
#: The worker looks after what a dead one left every few seconds; most tests do not want to wait for that.
SOON = {"automations.worker.periodic_jobs:SWEEP_EVERY": 0.3}
_LIVES = sa.text(
    "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
    " WHERE locktype = 'advisory' AND classid = :space AND objsubid = 2 AND granted"
    " AND datname = current_database()"
)
WEB = ["-m", "flask", "--app", "app", "web"]
WORKER = ["-m", "flask", "--app", "app", "worker"]


@dataclass
class Member:
    """One program of the fleet, a process group with its children; web programs have a port."""

    incubator: Incubator
    arguments: list[str]
    environment: dict[str, str]
    log: Path
    port: int | None = None
    patches: Mapping[str, Any] = field(default_factory=dict)
    pid: int = 0

    def start(self, **environment: str) -> None:
        """Start the program, with additional environment variables."""
        variables = {**self.environment, **environment}
        self.pid = self.incubator.start(self.arguments, variables, str(self.log), dict(self.patches))

    def wait_until_ready(self) -> None:
        """Wait until the port answers; fail if the program ends or takes too long."""
        ends = time.monotonic() + START_LIMIT
        while self.port and not answers(self.port):
            assert time.monotonic() < ends and not self.has_ended(), f"It did not start:\n{self.words()}"
            time.sleep(0.02)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all processes of the group."""
        os.killpg(self.pid, number)

    def kill(self) -> None:
        """Kill it with SIGKILL, without warning."""
        if self.pid:
            self.signal(signal.SIGKILL)
            self.bury()

    def bury(self) -> int:
        """Wait for its end; return the exit code, or minus the signal."""
        pid, self.pid = self.pid, 0
        return self.incubator.wait(pid)

    def stop(self) -> int:
        """Send SIGTERM to the program itself and return its exit code; kill it if it does not stop."""
        os.kill(self.pid, signal.SIGTERM)
        ends = time.monotonic() + STOP_LIMIT
        while not self.has_ended():
            if time.monotonic() > ends:
                self.signal(signal.SIGKILL)
            time.sleep(0.02)
        return self.bury()

    def has_ended(self) -> bool:
        return has_ended(self.pid)

    def words(self) -> str:
        """Return the end of its output."""
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""


@dataclass
class Fleet:
    """All programs together; `trouble` kills or freezes one at random."""

    members: list[Member]
    chance: random.Random

    @property
    def ports(self) -> list[int]:
        return [member.port for member in self.members if member.port]

    @property
    def web_port(self) -> int:
        return self.ports[0]

    @property
    def workers(self) -> list[Member]:
        return [member for member in self.members if not member.port]

    def start(self) -> None:
        for member in self.members:
            member.start()
        for member in self.members:
            member.wait_until_ready()

    def trouble(self) -> bool:
        """Kill a random program and restart it, or one time in ten freeze it briefly.

        Return whether it was killed.
        """
        member = self.chance.choice(self.members)
        if self.chance.random() < 0.1:
            member.signal(signal.SIGSTOP)
            time.sleep(self.chance.uniform(0.05, 0.3))
            member.signal(signal.SIGCONT)
            return False
        member.kill()
        member.start()
        return True

    def stop(self) -> list[int]:
        return [member.stop() for member in self.members]


@contextmanager
def fleet(
    app: Flask,
    folder: Path,
    seed: int = 1,
    together: bool = False,
    patches: Mapping[str, Any] | None = None,
    **environment: str,
) -> Iterator[Fleet]:
    """Start the programs on the database of `app`; kill whatever still runs at the end.

    With `together` each program serves and works, on Postgres as on SQLite.
    """
    common = {
        "DATABASE_URL": app.config["DATABASE_URL"],
        "SECRET_KEY": app.config["SECRET_KEY"],
        "DATA_FOLDER": str(folder),
        "ALLOWED_PRIVATE_HOSTS": "127.0.0.1",
        **environment,
    }
    programs = Fleet([], random.Random(seed))
    for place, (arguments, port) in enumerate(_programs(common["DATABASE_URL"], together)):
        variables = common | ({"PORT": str(port)} if port else {})
        log = folder / f"program-{place}.log"
        member = Member(incubator(), arguments, variables, log, port, patches or {})
        programs.members.append(member)
    try:
        programs.start()
        yield programs
    finally:
        for member in programs.members:
            member.kill()


def living_workers() -> int:
    """Return how many workers hold the advisory lock that shows they are alive (Postgres only)."""
    db.session.rollback()
    return int(db.session.scalar(_LIVES, {"space": WORKER_LOCK_SPACE}) or 0)


def _programs(url: str, together: bool) -> Iterator[tuple[list[str], int | None]]:
    if url.startswith("sqlite") or together:
        for _ in range(1 if url.startswith("sqlite") else 2):
            yield ["app.py"], free_port()
        return
    for port in (free_port(), free_port()):
        yield WEB, port
    for _ in range(2):
        yield WORKER, None
