"""Escapes lone surrogates in the captured output of a test, which worker processes could not pass on."""

from __future__ import annotations

from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    report.sections = [(name, _plain(text)) for name, text in report.sections]
    return report


def _plain(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
