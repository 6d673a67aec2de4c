"""Calls that end in a known order, in the thread that asks what came of them."""

from __future__ import annotations

from collections.abc import Callable

from automations.pipeline.delivery.side_by_side import Replies


class CallsOfOneThread:
    """Stands in for the threads of a workflow: of the calls under way, the one begun last ends first."""

    def __init__(self) -> None:
        self._begun: list[tuple[int, Callable[[], Replies]]] = []

    @property
    def under_way(self) -> int:
        return len(self._begun)

    def begin(self, place: int, work: Callable[[], Replies]) -> None:
        """Remember a call."""
        self._begun.append((place, work))

    def next(self, seconds: float) -> tuple[int, Replies | BaseException] | None:
        """Do one of the calls under way; with no time to wait, none."""
        if not seconds:
            return None
        place, work = self._begun.pop(self.chosen())
        try:
            return place, work()
        except BaseException:
            # The worker died: what it had not begun to send never leaves.
            self._begun.clear()
            raise

    def chosen(self) -> int:
        """Return which of them ends now."""
        return -1
