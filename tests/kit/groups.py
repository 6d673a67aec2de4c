"""Keeps the tests of an xdist_group in one worker, and begins the largest group first: groups take longest.

pytest-xdist 3.8 does this by an attribute that pytest 9.2 no longer has, so every test would be by itself.
It also goes through all tests that ended each time that one ends; here they are forgotten.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling
from xdist.workermanage import WorkerController

_GROUP = re.compile(r'^pytestmark = .*\bpytest\.mark\.xdist_group\("([^"]+)"\)', re.MULTILINE)


@cache
def group_of(file: Path) -> str | None:
    """Return the group that the tests of a file belong to."""
    found = _GROUP.search(file.read_text(encoding="utf-8"))
    return found[1] if found else None


class GroupsOfFiles(LoadGroupScheduling):
    """Gives each worker its next test, or its next group of tests."""

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        nodeid = self.registered_collections[node][item_index]
        assigned, scope = self.assigned_work[node], self._split_scope(nodeid)
        # A test that has a second try ends twice.
        if scope in assigned:
            assigned[scope][nodeid] = True
            if all(assigned[scope].values()):
                del assigned[scope]
        self._reschedule(node)

    def _assign_work_unit(self, node: WorkerController) -> None:
        scope, unit = self.workqueue.popitem(last=False)
        self.assigned_work[node][scope] = unit
        node.send_runtest_some([self._places[nodeid] for nodeid, ended in unit.items() if not ended])

    @cached_property
    def _places(self) -> dict[str, int]:
        return {nodeid: place for place, nodeid in enumerate(self.collection or ())}

    def _split_scope(self, nodeid: str) -> str:
        return group_of(self.config.rootpath / nodeid.partition("::")[0]) or nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadGroupScheduling | None:
    return GroupsOfFiles(config, log) if config.getoption("dist") == "loadgroup" else None
