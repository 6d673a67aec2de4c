"""An order on paper: what a PDF of it shows, as plain data that is stored beside the message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from automations.emails.email_layout import OrderTable, Row, row_from, table_from
from automations.emails.email_look import EmailLook, look_from


@dataclass(frozen=True)
class OrderDocument:
    """The store's name and address as of the message, and the order with all amounts as written."""

    look: EmailLook
    title: str
    language: str = "en-GB"
    #: What it says above the lines: ("Placed on", "24 November 2026").
    facts: Sequence[Row] = ()
    table: OrderTable | None = None

    def to_data(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: object) -> OrderDocument | None:
        """Return the inverse of `to_data`; None for no document. Of an erased customer no text is left."""
        if not isinstance(data, Mapping) or not isinstance(data.get("look"), Mapping):
            return None
        return cls(
            look=look_from(data["look"]),
            title=str(data.get("title") or ""),
            language=str(data.get("language") or "en-GB"),
            facts=[row_from(row) for row in data.get("facts") or ()],
            table=table_from(data.get("table")),
        )
