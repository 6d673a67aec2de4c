"""One worker collects before the others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.source import ROOT

#: Each process notes when it begins and ends to read this file.
TESTS = """
import os, time
with open("{log}", "a") as log:
    print(os.environ["PYTEST_XDIST_WORKER"], "begins", file=log, flush=True)
    time.sleep(0.3)
    print(os.environ["PYTEST_XDIST_WORKER"], "ends", file=log, flush=True)
def test_it():
    pass
"""


@pytest.mark.parametrize("breaks", [False, True])
def test_on_a_clean_checkout_the_first_worker_collects_alone(tmp_path: Path, breaks: bool) -> None:
    log = tmp_path / "log"
    (tmp_path / "test_one.py").write_text(TESTS.format(log=log) + ("assert False" if breaks else ""))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-n", "3", "-p", "tests.kit.first_collects"]
    environment = {**os.environ, "CI": "true", "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) is not breaks, done.stdout
    noted = log.read_text().splitlines()
    assert len(noted) == 6 and noted[:2] == ["gw0 begins", "gw0 ends"]
