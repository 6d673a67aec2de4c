"""How long reading one 3 kB order takes: JSON to checked, typed values, by three ways.

Every way gets the same bytes, a thousand orders one by one and as one batch, and takes turns with the others.
pydantic and msgspec structs stop at shape and simple limits: the words of the store's lists, which are data,
would come on top of both. Ours reads those too, and finds every problem where the others find shapes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from time import process_time
from types import GenericAlias
from typing import Annotated, Any

import msgspec
import pydantic

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from automations.models.settings.choices import DEFAULTS, key_of
from automations.pipeline.intake import reading

ORDERS = 1000
ROUNDS = 7
TEXTS = ("number", "status", "payment_status", "order_type", "fulfilment_method", "source", "note", "account")
PARTS = ("email", "first_name", "last_name", "phone")
#: Takes one body, or a batch of them, and returns what it read.
Reader = Callable[[bytes], Any]


class Words:
    """The lists a new store starts with."""

    currency = "GBP"

    def options(self, list_key: str) -> list[tuple[str, str]]:
        return [(key_of(label), label) for label in DEFAULTS[list_key]]

    def key_for(self, list_key: str, word: str) -> str | None:
        return {label.casefold(): key for key, label in self.options(list_key)}.get(word.casefold())

    def custom(self, subject: str) -> dict[str, Any]:
        """Return no fields: a new store has none of its own."""
        return {}


def order(number: int, lines: int = 16) -> dict[str, Any]:
    """An order of about 3 kB."""
    return {
        "number": str(number),
        "status": "Ready for Fulfilment",
        "payment_status": "Paid",
        "order_type": "Gift",
        "fulfilment_method": "Delivery",
        "source": "Till",
        "total": "386.50",
        "amount_paid": "386.50",
        "delivery_date": "2026-11-24",
        "placed_at": "2026-11-22T10:00:00Z",
        "tags": ["vip", "birthday"],
        "note": "Please ring the bell twice. " * 15,
        "account": "Grand Hotel",
        "customer": dict(
            zip(PARTS, ("anna@grandhotel.example", "Anna", "Petrova", "+442079460958"), strict=True)
        ),
        "lines": [_line(place) for place in range(lines)],
    }


def _line(place: int) -> dict[str, Any]:
    name = f"Red Naomi roses, long stem, bunch {place}"
    return {
        "sku": f"RS-{place:04}",
        "name": name,
        "category": "Roses",
        "quantity": 1,
        "unit_price": f"{place}.50",
    }


def struct_way() -> tuple[Reader, Reader]:
    """msgspec structs with limits; amounts and dates by its own types."""
    text = Annotated[str, msgspec.Meta(max_length=10_000)]
    fields = {"sku": text, "name": text, "category": text, "quantity": int, "unit_price": Decimal}
    line = msgspec.defstruct("Line", fields.items(), forbid_unknown_fields=True)
    person = msgspec.defstruct("Person", [(name, text) for name in PARTS], forbid_unknown_fields=True)
    whole = [(name, text) for name in TEXTS] + _typed(list[text], person, GenericAlias(list, (line,)))
    record = msgspec.defstruct("Order", whole, forbid_unknown_fields=True)
    return msgspec.json.Decoder(record).decode, msgspec.json.Decoder(GenericAlias(list, (record,))).decode


def model_way() -> tuple[Reader, Reader]:
    """pydantic models with the same limits."""
    text = Annotated[str, pydantic.Field(max_length=10_000)]
    strict = pydantic.ConfigDict(extra="forbid")
    fields = {"sku": text, "name": text, "category": text, "quantity": int, "unit_price": Decimal}
    line = pydantic.create_model("Line", __config__=strict, **fields)
    person = pydantic.create_model("Person", __config__=strict, **dict.fromkeys(PARTS, text))
    whole = dict.fromkeys(TEXTS, text) | dict(_typed(list[text], person, GenericAlias(list, (line,))))
    record = pydantic.create_model("Order", __config__=strict, **whole)
    return record.model_validate_json, pydantic.TypeAdapter(GenericAlias(list, (record,))).validate_json


def our_way() -> tuple[Reader, Reader]:
    """The API's own table of fields, over plain decoded JSON."""
    words: Any = Words()
    read = reading.reader("order", words)
    return lambda body: reading.read_one(body, read), lambda body: reading.read_many(body, "order", read)


def _typed(tags: Any, person: Any, lines: Any) -> list[tuple[str, Any]]:
    money = [("total", Decimal), ("amount_paid", Decimal), ("delivery_date", date)]
    return [*money, ("placed_at", str), ("tags", tags), ("customer", person), ("lines", lines)]


def measure(
    ways: dict[str, tuple[Reader, Reader]],
) -> dict[str, dict[str, float]]:
    """µs of CPU per order, the best of ROUNDS, one by one and in a batch."""
    bodies = [json.dumps(order(number)).encode() for number in range(ORDERS)]
    batch = b"[" + b",".join(bodies) + b"]"
    costs: dict[str, dict[str, float]] = {name: {"one": 1e9, "batch": 1e9} for name in ways}
    for _ in range(ROUNDS):
        for name, (one, many) in ways.items():
            costs[name]["one"] = min(costs[name]["one"], _clock(one, bodies))
            costs[name]["batch"] = min(costs[name]["batch"], _clock(many, [batch]))
    return costs


def _clock(read: Reader, bodies: list[bytes]) -> float:
    """Return the µs of CPU per order that reading all `bodies` takes."""
    begun = process_time()
    for body in bodies:
        read(body)
    return round((process_time() - begun) / ORDERS * 1e6, 1)


def main() -> None:
    plain = msgspec.json.Decoder().decode
    ways: dict[str, tuple[Reader, Reader]] = {
        "json, no checks": (json.loads, json.loads),
        "msgspec, no checks": (plain, plain),
        "msgspec structs": struct_way(),
        "pydantic models": model_way(),
        "our table of fields": our_way(),
    }
    costs = measure(ways)
    print(f"{len(json.dumps(order(1)).encode()):,} bytes an order; µs of CPU per order")
    for name, numbers in costs.items():
        print(f"{name:22} {numbers['one']:8.1f} one by one {numbers['batch']:8.1f} in a batch of {ORDERS}")
    print(json.dumps(costs))


if __name__ == "__main__":
    main()
