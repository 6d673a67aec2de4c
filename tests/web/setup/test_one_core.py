"""A program keeps to one core, and leaves it to those who need it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from automations.web.setup import one_core
from automations.web.setup.one_core import Keeper, better_core, busy_seconds
from tests.kit.fire.programs import ROOT, Program, free_port

ASK = """
import os, threading
from automations.web.setup.one_core import keep_to_one_core
keep_to_one_core()
late = []
thread = threading.Thread(target=lambda: late.append(os.sched_getaffinity(0)))
thread.start()
thread.join()
print(*os.sched_getaffinity(0), *late[0])
"""


@pytest.mark.parametrize(
    ("own", "busy", "best"),
    [
        (0.9, {0: 0.95, 1: 0.0}, None),
        (0.5, {0: 1.0, 1: 0.1}, 1),
        (0.5, {0: 1.0, 1: 0.9}, None),
        (0.5, {0: 1.0, 1: 0.45}, None),
        (0.3, {0: 1.0, 1: 0.4, 2: 0.2}, 2),
        (0.2, {0: 0.44, 1: 0.0}, None),
    ],
    ids=["alone", "shared", "no better", "hardly better", "the best of two", "hardly shared"],
)
def test_it_moves_where_others_use_less(own: float, busy: dict[int, float], best: int | None) -> None:
    assert better_core(0, own, busy) == best


def test_all_threads_move(cores: set[int]) -> None:
    here, there = sorted(cores)[:2]
    os.sched_setaffinity(0, {here})
    keeper = Keeper(here, {here, there})
    tries = 0
    while keeper.core == here:
        keeper.look(0.5, {here: 1.0, there: 0.0})
        tries += 1
        assert tries < 200, "it moves every other time"
    assert {
        frozenset(os.sched_getaffinity(int(task.name))) for task in Path("/proc/self/task").iterdir()
    } == {frozenset({there})}


def test_a_program_takes_one_core_for_all_threads(cores: set[int]) -> None:
    program = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, text=True, check=True
    )
    said = program.stdout.split()
    assert len(said) == 2 and len(set(said)) == 1, "later threads are there too"
    assert int(said[0]) in cores


def test_programs_that_are_bound_to_a_core_are_counted(cores: set[int]) -> None:
    wait = "print('started', flush=True); input()"
    first = subprocess.Popen([sys.executable, "-c", wait], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        # Until then it may have no command line.
        assert first.stdout and first.stdout.readline()
        os.sched_setaffinity(first.pid, {min(cores)})
        # Others on this machine may be bound to it too.
        assert one_core._bound_to()[min(cores)] >= 1
    finally:
        first.communicate(b"\n")


def test_a_system_that_says_nothing_of_its_cores_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: set[int]
) -> None:
    monkeypatch.setattr(one_core, "STAT", tmp_path / "missing")
    assert busy_seconds() == {}
    one_core.keep_to_one_core()
    assert os.sched_getaffinity(0) == cores


@pytest.mark.slow
def test_the_web_server_keeps_to_a_core(app: Flask, tmp_path: Path, cores: set[int]) -> None:
    same = {name: app.config[name] for name in ("DATABASE_URL", "SECRET_KEY")}
    port = free_port()
    same |= {"DATA_FOLDER": str(tmp_path), "PORT": str(port)}
    web = Program(["-m", "flask", "--app", "app", "web"], same, tmp_path / "web.log", port)
    web.start()
    try:
        web.wait_until_ready()
        assert web.process
        kept = os.sched_getaffinity(web.process.pid)
        assert len(kept) == 1 and kept <= cores
    finally:
        web.kill()
