"""Stand-in for a provider whose settings are unusable: it refuses every message and says why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from automations.connectors.receipts import Refused


@dataclass(frozen=True)
class Unusable:
    """Refuses every message with `sentence`, which says what to correct."""

    key: str
    sentence: str

    host = ""
    outside = False
    keyed = False

    def send(self, _: object) -> NoReturn:
        """Raise Refused."""
        raise Refused(self.sentence)
