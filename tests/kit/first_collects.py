"""On a clean checkout, lets one worker compile what all workers import; the others wait and read that.

Compiled by each worker, the tests cost as much processor time again in each. See CI in `.ci/run`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest

#: Seconds after which a worker goes on by itself.
PATIENCE = 180.0


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    worker = getattr(session.config, "workerinput", {}).get("workerid")
    if worker is None or os.environ.get("CI") != "true":
        return (yield)
    # Each worker has a folder of its own in that of the run.
    mark = Path(session.config.getoption("basetemp")).parent / "collected"
    if worker == "gw0":
        try:
            return (yield)
        finally:
            mark.touch()
    ends = time.monotonic() + PATIENCE
    while not mark.exists() and time.monotonic() < ends:
        time.sleep(0.05)
    return (yield)
