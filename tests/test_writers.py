"""Several processes that read and then write: none is refused and no write is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pysqlite3

from tests.kit.fire.counting import TABLE
from tests.kit.fire.programs import ROOT

PROCESSES, TIMES = 4, 100


def count(folder: Path, *how: str) -> tuple[int, list[int]]:
    """Return the final count and the exit code of each process."""
    path = folder / "counted.db"
    connection = pysqlite3.connect(path)
    connection.executescript(f"PRAGMA journal_mode=WAL; {TABLE}; INSERT INTO counted VALUES (1, 0)")
    command = [sys.executable, "-m", "tests.kit.fire.counting", f"sqlite:///{path}", str(TIMES), *how]
    running = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) for _ in range(PROCESSES)]
    codes = [process.wait(timeout=300) for process in running]
    ((number,),) = connection.execute("SELECT number FROM counted").fetchall()
    connection.close()
    return number, codes


def test_concurrent_writers_lose_no_write(tmp_path: Path) -> None:
    assert count(tmp_path) == (PROCESSES * TIMES, [0] * PROCESSES)


def test_without_taking_the_lock_first_some_writers_fail(tmp_path: Path) -> None:
    number, codes = count(tmp_path, "careless")
    assert number < PROCESSES * TIMES
    assert any(codes)
