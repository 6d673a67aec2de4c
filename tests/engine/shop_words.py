"""The words of a small shop, for tests of sentences."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from automations.engine.wording.formats import BritishFormats, Formats

BERLIN = ZoneInfo("Europe/Berlin")

_REFERENCES = {("account", "7"): "Grand Hotel", ("store", "1"): "Bloom & Wild St"}


@dataclass
class ShopWords:
    """Labels made of the keys, two named records, a currency, and formats."""

    currency: str = "GBP"
    formats: Formats = field(default_factory=BritishFormats)

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(BERLIN)

    def choice(self, list_key: str, key: str) -> str:
        return key.replace("_", " ").capitalize()

    def reference(self, kind: str, id: str) -> str:
        return _REFERENCES.get((kind, id), f"{kind} {id}")
