"""Calls to servers on this machine, which the product refuses unless its operator lists them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from automations.connectors import egress


@contextmanager
def allowing(*hosts: str) -> Iterator[None]:
    """Allow these hosts for a while, as the operator would."""
    egress.allow(hosts)
    try:
        yield
    finally:
        egress.allow(())
