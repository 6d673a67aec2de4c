"""Stands in for a provider whose settings cannot be used: what needs it is refused, and says why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from automations.connectors.delivery import Refused


@dataclass(frozen=True)
class Unusable:
    """`sentence` says what to mend."""

    key: str
    sentence: str

    host = ""
    outside = False
    keyed = False

    def send(self, _: object) -> NoReturn:
        """Raises Refused."""
        raise Refused(self.sentence)
