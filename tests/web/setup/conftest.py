"""Fixtures of the tests of starting and serving."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def cores() -> Iterator[set[int]]:
    """The cores that this process may use; afterwards all its threads use them again."""
    found = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if len(found) < 2:
        pytest.skip("needs a machine with two cores that lets programs choose between them")
    yield found
    for task in Path("/proc/self/task").iterdir():
        os.sched_setaffinity(int(task.name), found)
