"""The programs a store runs: one process on SQLite; a web process and two workers on Postgres."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from tests.kit.programs import Program, free_port


@dataclass
class Fleet:
    """All programs together; `kill_one` takes one at random and starts it again."""

    programs: list[Program]
    chance: random.Random

    @property
    def web_port(self) -> int:
        return next(program.port for program in self.programs if program.port)

    def start(self) -> None:
        for program in self.programs:
            program.start()
        for program in self.programs:
            program.wait_until_ready()

    def kill_one(self) -> None:
        program = self.chance.choice(self.programs)
        program.kill()
        time.sleep(self.chance.uniform(0, 0.1))
        program.start()

    def stop(self) -> list[int | None]:
        return [program.stop() for program in self.programs]


@contextmanager
def fleet(app: Flask, folder: Path, seed: int) -> Iterator[Fleet]:
    """The programs on the database of `app`, started; whatever still runs is killed at the end."""
    port = free_port()
    environment = {
        "DATABASE_URL": app.config["DATABASE_URL"],
        "SECRET_KEY": app.config["SECRET_KEY"],
        "DATA_FOLDER": str(folder),
        "PORT": str(port),
    }
    arguments = [(["app.py"], port)]
    if not app.config["DATABASE_URL"].startswith("sqlite"):
        web = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
        web += ["--workers", "2", "--threads", "2", "app:create_app()"]
        worker = ["-m", "flask", "--app", "app", "worker"]
        arguments = [(web, port), (worker, 0), (worker, 0)]
    programs = [
        Program(words, environment, folder / f"program-{place}.log", port or None)
        for place, (words, port) in enumerate(arguments)
    ]
    found = Fleet(programs, random.Random(seed))
    found.start()
    try:
        yield found
    finally:
        for program in programs:
            program.kill()
