"""A delivery as a person reads it: the payload, and beside it what was understood."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subjects import SUBJECTS
from automations.models.settings.choices import StoreWords
from automations.models.tables.shop_connection import ShopConnection, ShopDelivery

#: Longer payloads are cut on the page.
MOST_SHOWN = 30_000


@dataclass(frozen=True)
class ShownDelivery:
    """One delivery; `understood` are (label, value) in words."""

    delivery: ShopDelivery
    payload: str
    #: What was fetched for it, "" if nothing was.
    fetched: str
    understood: list[tuple[str, str]]


def latest(session: Session, connection: ShopConnection, words: StoreWords) -> ShownDelivery | None:
    """Return the latest delivery whose payload is kept."""
    query = sa.select(ShopDelivery).where(
        ShopDelivery.connection_id == connection.id, ShopDelivery.payload.is_not(None)
    )
    delivery = session.scalar(query.order_by(ShopDelivery.id.desc()).limit(1))
    return shown(delivery, words) if delivery else None


def shown(delivery: ShopDelivery, words: StoreWords) -> ShownDelivery:
    """Return a delivery in words."""
    values: dict[str, Any] = delivery.understood.get("values") or {}
    rows = [_row(name, value, words) for name, value in values.items() if value not in ("", None, [], {})]
    customer = delivery.understood.get("customer") or {}
    rows += [(f"Customer: {name.replace('_', ' ')}", _text(value)) for name, value in customer.items()]
    return ShownDelivery(delivery, _pretty(delivery.payload), _pretty(delivery.fetched), rows)


def _row(name: str, value: Any, words: StoreWords) -> tuple[str, str]:
    entry = SUBJECTS["order"].columns.get(name)
    label = entry.label if entry else name.replace("_", " ").capitalize()
    if entry is not None and entry.choices and isinstance(value, str):
        return label, words.choice(entry.choices, value)
    return label, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_line(part) if isinstance(part, dict) else str(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {part}" for name, part in value.items() if part)
    return str(value)


def _line(line: dict[str, Any]) -> str:
    return f"{line.get('quantity', '')} × {line.get('name', '')} at {line.get('unit_price', '')}".strip()


def _pretty(payload: str | None) -> str:
    try:
        text = json.dumps(json.loads(payload or ""), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        text = payload or ""
    return text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "\n…"
