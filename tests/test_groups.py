"""Tests of one group run in one worker, one after the other, and the largest group is begun first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
