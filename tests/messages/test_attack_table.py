"""Over sixty templates that reach outside and over thirty beyond our limits are refused; no code runs."""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from automations.messages import environment
from automations.messages.environment import MessageEnvironment, parsed
from automations.messages.render import render
from automations.messages.template_check import check
from automations.messages.template_problem import TemplateFailed
from tests.messages.attacks import ESCAPES, OVER_THE_LIMITS, PLAIN
from tests.messages.samples import order_context

#: CPU time of this thread, so that a busy machine does not matter.
MOST_SECONDS = 0.1
MOST_MEMORY = 32 * 1024 * 1024
TRIES = 5
#: Work units and characters that one rendering may spend in these tests, small so that the inputs are too.
SMALL_WORK, SMALL_OUTPUT = 25, 300
LINES = [{"name": f"Rose {place}", "quantity": 1} for place in range(5)]
#: Prefixes of the audit events that Python raises when code is executed or a file is opened.
EXECUTIONS = ("exec", "compile", "import", "open", "os.", "subprocess.", "socket.", "ctypes.", "pickle.")
_heard: list[str] | None = None


def _listen(event: str, _arguments: Any) -> None:
    if _heard is not None and event.startswith(EXECUTIONS):
        _heard.append(event)


# An audit hook can't be removed, so it records only inside `executions()`.
sys.addaudithook(_listen)


@contextmanager
def executions() -> Iterator[list[str]]:
    global _heard
    _heard = events = []
    try:
        yield events
    finally:
        _heard = None


def test_the_tables_are_as_long_as_the_documentation_says() -> None:
    assert len(set(ESCAPES)) >= 60 and len(set(OVER_THE_LIMITS)) >= 30 and len(PLAIN) >= 7


@pytest.mark.parametrize("text", ESCAPES)
def test_a_template_that_reaches_outside_is_refused_and_executes_nothing(text: str) -> None:
    _render("{{ order.number | upcase }}")
    with executions() as heard:
        assert check(text, "order")
        output = _render(text)
    assert heard == []
    assert not any(word in output for word in ("<class", "object at", "builtin", "method", "5332114"))


@pytest.mark.parametrize("text", PLAIN)
def test_marks_of_other_template_languages_are_plain_text(text: str) -> None:
    assert check(text, "order") == [] and _render(text) == text


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "WORK_LIMIT", SMALL_WORK)
    monkeypatch.setattr(MessageEnvironment, "output_stream_limit", SMALL_OUTPUT)


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("text", OVER_THE_LIMITS, ids=range(len(OVER_THE_LIMITS)))
def test_a_template_beyond_the_limits_is_refused(text: str) -> None:
    if not check(text, "order"):
        with pytest.raises(TemplateFailed):
            render(text, _context())


@pytest.mark.parametrize("text", OVER_THE_LIMITS, ids=range(len(OVER_THE_LIMITS)))
def test_checking_and_rendering_a_template_costs_little(text: str) -> None:
    # Most of these can't be saved; one saved under older rules must still be cheap to render.
    _check_and_render(text)
    assert min(_seconds(text) for _ in range(TRIES)) <= MOST_SECONDS
    assert _memory(lambda: _check_and_render(text)) <= MOST_MEMORY


@pytest.mark.usefixtures("small_limits")
def test_a_template_within_the_small_limits_is_rendered() -> None:
    assert render("{% for l in order.lines %}{{ l.quantity }}{% endfor %}", _context()) == "11111"


def test_the_audit_hook_reports_executed_code_and_opened_files() -> None:
    with executions() as heard:
        exec("1 + 1")
        with open("/dev/null"):
            pass
    assert {"exec", "compile", "open"} <= set(heard)


def _check_and_render(text: str) -> str:
    parsed.cache_clear()
    check(text, "order")
    return _render(text)


def _render(text: str) -> str:
    try:
        return render(text, _context())
    except TemplateFailed as failure:
        return str(failure)


def _context() -> dict[str, object]:
    return order_context(note="x" * 100, lines=LINES)


def _seconds(text: str) -> float:
    start = time.thread_time()
    _check_and_render(text)
    return time.thread_time() - start


def _memory(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
