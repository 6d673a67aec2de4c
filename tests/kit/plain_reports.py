"""What a test wrote can be passed on between processes, also half a character that an attack is made of."""

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
