"""Keeps the tests of an xdist_group in one worker, and begins the largest group first: groups take longest.

pytest-xdist 3.8 does this by an attribute that pytest 9.2 no longer has, so every test would be by itself.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling

_GROUP = re.compile(r'^pytestmark = .*\bpytest\.mark\.xdist_group\("([^"]+)"\)', re.MULTILINE)


@cache
def group_of(file: Path) -> str | None:
    """Return the group that the tests of a file belong to."""
    found = _GROUP.search(file.read_text(encoding="utf-8"))
    return found[1] if found else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadGroupScheduling | None:
    if config.getoption("dist") != "loadgroup":
        return None

    class GroupsOfFiles(LoadGroupScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(config.rootpath / nodeid.partition("::")[0]) or nodeid

    return GroupsOfFiles(config, log)
