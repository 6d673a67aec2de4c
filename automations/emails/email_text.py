"""The text part of an email, from the same words and layout as its HTML."""

from __future__ import annotations

from collections.abc import Iterator

from automations.emails.email_layout import EmailLayout, OrderTable, Row

_WIDEST = 60


def text_part(layout: EmailLayout, words: str) -> str:
    """Return the text of a message: the store's name, the words, the button, the lines and the footer."""
    parts = [layout.look.brand, words.strip()]
    if layout.button:
        parts.append(f"{layout.button.label}:\n{layout.button.url}")
    if layout.table:
        parts.append("\n".join(_table(layout.table)))
    return "\n\n".join(filter(None, parts)) + "\n\n-- \n" + "\n".join(_foot(layout)) + "\n"


def _table(table: OrderTable) -> Iterator[str]:
    rows = [*table.lines, *table.sums, table.total, *table.below]
    first = min(_WIDEST, max(len(what) for what, _ in rows))
    second = max(len(price) for _, price in rows)
    return (_row(row, first, second) for row in rows)


def _row(row: Row, first: int, second: int) -> str:
    what, price = row
    return f"{what:<{first}}  {price:>{second}}".rstrip()


def _foot(layout: EmailLayout) -> Iterator[str]:
    look = layout.look
    yield ", ".join(filter(None, (look.brand, look.address)))
    reach = ", ".join(filter(None, (look.phone, look.email)))
    if reach:
        yield reach
    if layout.why:
        yield layout.why
    if layout.ending:
        yield f"{layout.ending.label}:"
        yield layout.ending.url
