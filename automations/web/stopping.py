"""A program that runs until it is told to stop."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """Whether this program was told to stop: SIGTERM or SIGINT."""

    def __init__(self, told: int) -> None:
        self._told = told

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it is said, `seconds` at most; whether it was."""
        return bool(select.select([self._told], [], [], seconds)[0])


@contextmanager
def told_to_stop() -> Iterator[Stop]:
    """Listen for it while this is entered. Call it in the main thread."""
    # The kernel may hand a signal to any thread: one that waits for a lock in the main thread would not wake
    # up, and a handler that sets an event may find its lock held. Only a descriptor is woken in every case.
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    before = {number: signal.signal(number, lambda *_: None) for number in SIGNALS}
    woken_before = signal.set_wakeup_fd(tell)
    try:
        yield Stop(told)
    finally:
        signal.set_wakeup_fd(woken_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(told)
        os.close(tell)
