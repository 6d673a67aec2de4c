"""Tills that post changes of orders in batches and repeat each until it is acknowledged."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests


@dataclass(frozen=True)
class Acknowledged:
    """One acknowledged change: the word that identifies it, and the revision it created."""

    number: str
    word: str
    revision: int


@dataclass
class BatchTill(threading.Thread):
    """Posts `changes` in order, to each of `ports` in turn; `acknowledged` holds the answers.

    Each change has its own word in the note of the order.
    """

    ports: Sequence[int]
    key: str
    name_of_till: str
    changes: Iterable[dict[str, Any]]
    acknowledged: list[Acknowledged] = field(default_factory=list)
    together: int = 5
    #: Seconds between two batches.
    pause: float = 0.0
    #: Answers that neither accepted a batch nor asked to try again: (status, text).
    refused: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self._next_port = itertools.cycle(self.ports)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        changes = iter(self.changes)
        for place in itertools.count():
            batch = list(itertools.islice(changes, self.together))
            if not batch:
                return
            self._deliver(batch, f"{self.name_of_till}-{place}")
            time.sleep(self.pause)

    def _deliver(self, batch: list[dict[str, Any]], key: str) -> None:
        results = self._post(batch, key)
        while results is None:
            time.sleep(0.02)
            results = self._post(batch, key)
        for change, result in zip(batch, results, strict=False):
            acknowledged = Acknowledged(change["number"], change["note"], result["revision"])
            self.acknowledged.append(acknowledged)

    def _post(self, batch: list[dict[str, Any]], key: str) -> list[dict[str, Any]] | None:
        """Return the results; [] if refused, None to try again."""
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": key}
        try:
            url = f"http://127.0.0.1:{next(self._next_port)}/api/orders/batch"
            answer = requests.post(url, json=batch, headers=headers, timeout=15)
        except requests.RequestException:
            return None
        if answer.status_code == 200:
            results: list[dict[str, Any]] = answer.json()["results"]
            return results
        if answer.status_code < 500:
            self.refused.append((answer.status_code, answer.text))
            return []
        return None
