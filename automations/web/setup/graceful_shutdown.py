"""Graceful shutdown: waiting for SIGTERM or SIGINT."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """The stop signal of this program, SIGTERM or SIGINT."""

    def __init__(self, read_end: int) -> None:
        self._read_end = read_end

    def wait(self, seconds: float | None = None) -> bool:
        """Wait up to `seconds` for a stop signal, for ever if None; return whether one came."""
        return bool(select.select([self._read_end], [], [], seconds)[0])


@contextmanager
def told_to_stop() -> Iterator[Stop]:
    """Listen for stop signals inside the `with` block. Must be called in the main thread."""
    # The kernel may deliver a signal to any thread. A main thread that waits for a lock would not wake up,
    # and a handler that sets an event may find its lock held. A file descriptor wakes the main thread always.
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    handlers_before = {number: signal.signal(number, lambda *_: None) for number in SIGNALS}
    wakeup_before = signal.set_wakeup_fd(write_end)
    try:
        yield Stop(read_end)
    finally:
        signal.set_wakeup_fd(wakeup_before)
        for number, handler in handlers_before.items():
            signal.signal(number, handler)
        os.close(read_end)
        os.close(write_end)
