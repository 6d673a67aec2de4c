"""Connectors may call servers of this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kit.outside.outside import allowing


@pytest.fixture
def local_calls() -> Iterator[None]:
    with allowing("127.0.0.1", "localhost"):
        yield
