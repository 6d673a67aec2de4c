"""Tests of one group run in one worker, one after the other, and the largest group is begun first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.kit import groups
from tests.kit.source import ROOT

#: The group's tests see each other's mark only if they run in one process, and one at a time.
TESTS = """
import os, pytest
{mark}
@pytest.mark.parametrize("number", range(9))
def test_it(number):
    with open("{log}", "a") as log:
        print({name!r}, os.getpid(), file=log)
"""
MARK = 'pytestmark = [pytest.mark.xdist_group("fleet"), pytest.mark.slow]'


def test_the_tests_of_a_group_run_in_one_process_and_begin_first(tmp_path: Path) -> None:
    log = tmp_path / "log"
    texts = {"test_alone.py": "", "test_first.py": MARK, "test_second.py": MARK}
    for name, mark in texts.items():
        (tmp_path / name).write_text(TESTS.format(mark=mark, log=log, name=name))
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow\n")
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "-p", "tests.kit.groups"]
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    ran = [line.split() for line in log.read_text().splitlines()]
    assert len({process for _, process in ran}) == 2
    grouped = [process for name, process in ran if name != "test_alone.py"]
    assert len(grouped) == 18 and len(set(grouped)) == 1


def test_every_group_is_found() -> None:
    marked = [path for path in (ROOT / "tests").rglob("test_*.py") if "xdist_group(" in path.read_text()]
    found = {path.name: groups.group_of(path) for path in marked}
    assert found.pop("test_groups.py") is None
    assert len(found) >= 5 and None not in found.values()


class Worker:
    """Takes the places of tests, as a worker process does."""

    shutting_down = False

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.given: list[int] = []

    def send_runtest_some(self, places: list[int]) -> None:
        self.given += places

    def shutdown(self) -> None:
        self.shutting_down = True


def test_what_has_ended_is_forgotten_and_a_second_try_ends_twice() -> None:
    here = Path(__file__).relative_to(ROOT).as_posix()
    fleet = ["tests/test_kill.py::test_a", "tests/test_away.py::test_b"]
    tests = [f"{here}::test_{number}" for number in range(20)] + fleet
    option = SimpleNamespace(loadscopereorder=True)
    config = SimpleNamespace(rootpath=ROOT, option=option, getvalue=lambda _name: ["2*popen"])
    scheduler: Any = groups.GroupsOfFiles(cast(pytest.Config, config))
    workers = [Worker("gw0"), Worker("gw1")]
    for worker in workers:
        scheduler.add_node(worker)
        scheduler.add_node_collection(worker, tests)
    scheduler.schedule()
    ended = 0
    while any(worker.given for worker in workers):
        for worker in workers:
            for place in worker.given[:1]:
                scheduler.mark_test_complete(worker, place)
                scheduler.mark_test_complete(worker, place)
                worker.given.remove(place)
                ended += 1
        assert all(len(work) <= 5 for work in scheduler.assigned_work.values())
    assert ended == len(tests) and scheduler.tests_finished
    assert list(scheduler.assigned_work.values()) == [{}, {}]
