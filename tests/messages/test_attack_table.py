"""Over sixty ways out and over thirty bombs: nothing is executed, and each costs little and ends."""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from automations.messages.check import check
from automations.messages.environment import parsed
from automations.messages.problem import TemplateFailed
from automations.messages.render import render
from tests.messages.attacks import BOMBS, ESCAPES, PLAIN
from tests.messages.samples import order_context

#: Of one thread's own time: how busy the machine is does not count.
MOST_SECONDS = 0.1
MOST_MEMORY = 32 * 1024 * 1024
TRIES = 5
LINES = [{"name": f"Rose {place}", "quantity": 1} for place in range(100)]
#: What Python tells its auditors when something is executed, opened or called for.
EXECUTIONS = ("exec", "compile", "import", "open", "os.", "subprocess.", "socket.", "ctypes.", "pickle.")
_heard: list[str] | None = None


def _listen(event: str, _arguments: Any) -> None:
    if _heard is not None and event.startswith(EXECUTIONS):
        _heard.append(event)


# Once added it stays, so it listens only while somebody asks.
sys.addaudithook(_listen)


@contextmanager
def executions() -> Iterator[list[str]]:
    global _heard
    _heard = found = []
    try:
        yield found
    finally:
        _heard = None


def test_the_tables_are_as_long_as_they_say() -> None:
    assert len(set(ESCAPES)) >= 60 and len(set(BOMBS)) >= 30 and len(PLAIN) >= 7


@pytest.mark.parametrize("text", ESCAPES)
def test_a_way_out_is_refused_and_leads_nowhere_all_the_same(text: str) -> None:
    _render("{{ order.number | upcase }}")
    with executions() as heard:
        assert check(text, "order")
        said = _render(text)
    assert heard == []
    assert not any(word in said for word in ("<class", "object at", "builtin", "method", "root:", "5332114"))


@pytest.mark.parametrize("text", PLAIN)
def test_marks_of_other_languages_are_text(text: str) -> None:
    assert check(text, "order") == [] and _render(text) == text


@pytest.mark.parametrize("text", BOMBS, ids=range(len(BOMBS)))
def test_a_bomb_costs_little_and_ends(text: str) -> None:
    # Nobody could save most of them; a template that was saved under older rules must not hurt either.
    _both(text)
    assert min(_seconds(text) for _ in range(TRIES)) <= MOST_SECONDS
    assert _memory(lambda: _both(text)) <= MOST_MEMORY


def test_what_is_executed_would_be_heard() -> None:
    with executions() as heard:
        exec("1 + 1")
        with open("/dev/null"):
            pass
    assert {"exec", "compile", "open"} <= set(heard)


def _both(text: str) -> str:
    parsed.cache_clear()
    check(text, "order")
    return _render(text)


def _render(text: str) -> str:
    try:
        return render(text, order_context(note="x" * 10_000, lines=LINES))
    except TemplateFailed as failure:
        return str(failure)


def _seconds(text: str) -> float:
    start = time.thread_time()
    _both(text)
    return time.thread_time() - start


def _memory(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
