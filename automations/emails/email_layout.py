"""What stands around the words of one email, as plain data that is stored beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from automations.emails.email_look import EmailLook, look_from

#: Two cells: what it is, and its amount as it is written.
Row = tuple[str, str]


@dataclass(frozen=True)
class Button:
    """The one button of an email."""

    label: str
    url: str


@dataclass(frozen=True)
class OrderTable:
    """The lines of an order, what is added and taken off, and the total; all amounts as written."""

    heads: Row
    lines: Sequence[Row]
    sums: Sequence[Row]
    total: Row
    #: What stands below the total: it changes nothing in it.
    below: Sequence[Row] = ()


@dataclass(frozen=True)
class EmailLayout:
    """The store's look as of the message, and what this message has besides its words."""

    look: EmailLook
    language: str = "en-GB"
    button: Button | None = None
    table: OrderTable | None = None
    #: Why one gets it; marketing has the label and the address of the link that ends it.
    why: str = ""
    ending: Button | None = None

    def to_data(self) -> dict[str, Any]:
        """Return it as plain JSON, without what is empty."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_data(cls, data: object) -> EmailLayout | None:
        """Return the inverse of `to_data`; None for a message without a layout.

        Texts may have been replaced since, where a customer was erased.
        """
        if not isinstance(data, Mapping) or not isinstance(data.get("look"), Mapping):
            return None
        look = data["look"]
        return cls(
            look=look_from(look),
            language=str(data.get("language") or "en-GB"),
            button=_button(data.get("button")),
            table=table_from(data.get("table")),
            why=str(data.get("why") or ""),
            ending=_button(data.get("ending")),
        )


def _button(data: object) -> Button | None:
    if not isinstance(data, Mapping):
        return None
    return Button(str(data.get("label") or ""), str(data.get("url") or ""))


def table_from(data: object) -> OrderTable | None:
    """Return the table that stored data describe; None for anything else."""
    if not isinstance(data, Mapping):
        return None
    return OrderTable(
        heads=row_from(data.get("heads")),
        lines=[row_from(row) for row in data.get("lines") or ()],
        sums=[row_from(row) for row in data.get("sums") or ()],
        total=row_from(data.get("total")),
        below=[row_from(row) for row in data.get("below") or ()],
    )


def row_from(data: object) -> Row:
    """Return a row of two cells; two empty ones for anything else."""
    cells = [str(cell) for cell in data] if isinstance(data, (list, tuple)) else []
    return (cells[0], cells[1]) if len(cells) == 2 else ("", "")
