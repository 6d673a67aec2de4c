"""Counts what the relay noticed being written, so that other jobs can sleep until something was."""

from __future__ import annotations

import threading


class WriteCount:
    """How often something was written, as far as it was noticed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.value = 0

    def note(self) -> None:
        """Something was written, or nothing may wait any more: wake all who wait."""
        with self._changed:
            self.value += 1
            self._changed.notify_all()

    def wait_for_more(self, than: int, seconds: float) -> None:
        """Wait until the count is another one, `seconds` at most."""
        with self._changed:
            self._changed.wait_for(lambda: self.value != than, timeout=seconds)
