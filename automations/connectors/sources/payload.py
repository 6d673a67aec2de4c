"""Read values out of a payload whose shape nobody promises: what is missing or of another type is empty."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from automations.connectors.event_times import moment_of
from automations.connectors.plain_text import one_line, plain

Data = Mapping[str, Any]
NAME = 200
NOTE = 10_000
#: More digits than any amount or quantity has.
_LONGEST_NUMBER = 40


class NotUnderstood(ValueError):
    """The payload cannot be read; `str(error)` is a sentence."""


def json_value(body: bytes, of_pairs: Callable[[Sequence[tuple[str, Any]]], Any] | None = None) -> Any:
    """Return what a body says, with exact decimals. Raises NotUnderstood.

    `of_pairs` makes an object of its names and values; without it, the last of equal names counts.
    """
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=of_pairs)
    except (ValueError, RecursionError):
        raise NotUnderstood("The body is not JSON that can be read.") from None


def json_object(body: bytes) -> dict[str, Any]:
    """Return the object a body is, with exact decimals. Raises NotUnderstood."""
    data = json_value(body)
    if not isinstance(data, dict):
        raise NotUnderstood("The body is JSON, but not an object.")
    return data


def in_body(body: bytes, *path: str, longest: int = NAME) -> str:
    """Return a text of the object a body is; "" if there is none, or no such object."""
    try:
        return text(json_object(body), *path, longest=longest)
    except NotUnderstood:
        return ""


def at(data: object, *path: str) -> Any:
    """Return the value at a path of names; None if there is none."""
    for name in path:
        data = data.get(name) if isinstance(data, Mapping) else None
    return data


def text(data: object, *path: str, longest: int = NAME) -> str:
    """Return a text or number as text on one line; "" for anything else."""
    value = at(data, *path)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return ""
    return one_line(str(value), longest)


def long_text(data: object, *path: str) -> str:
    """Return a text of several lines; "" for anything else."""
    value = at(data, *path)
    return plain(value)[:NOTE].strip() if isinstance(value, str) else ""


def objects(data: object, *path: str) -> list[dict[str, Any]]:
    """Return the objects of a list; an empty list for anything else."""
    value = at(data, *path)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def number(data: object, *path: str) -> Decimal | None:
    """Return a number or a text that is one; None for anything else."""
    value = at(data, *path)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    written = str(value).strip()
    try:
        exact = Decimal(written) if 0 < len(written) <= _LONGEST_NUMBER else None
    except InvalidOperation:
        return None
    return exact if exact is not None and exact.is_finite() and abs(exact.adjusted()) < 30 else None


def first_number(data: object, *names: str) -> Decimal | None:
    """Return the first number under these names; zero is one. None if there is none."""
    found = (number(data, name) for name in names)
    return next((one for one in found if one is not None), None)


def moment(data: object, *path: str) -> dt.datetime | None:
    """Return the instant at a path, in UTC; None if there is none."""
    value = at(data, *path)
    return moment_of(float(value) if isinstance(value, Decimal) else value)


def total(amounts: Iterable[Decimal | None]) -> Decimal:
    """Return the sum; what is no amount counts as nothing."""
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


def address_parts(address: object, street: tuple[str, str], region: str, postcode: str) -> dict[str, str]:
    """Return the parts of an address that it has, by our names; the source has its own for these four."""
    lines = [text(address, line) for line in street]
    parts = {
        "company": text(address, "company"),
        "street": "\n".join(line for line in lines if line),
        "city": text(address, "city"),
        "region": text(address, region),
        "postcode": text(address, postcode, longest=20),
        "country": text(address, "country", longest=100),
        "phone": text(address, "phone", longest=50),
    }
    return {name: part for name, part in parts.items() if part}


def full_name(person: object) -> str:
    """Return the first and the last name of a person or an address."""
    return f"{text(person, 'first_name')} {text(person, 'last_name')}".strip()


def identity(data: object, *path: str) -> str:
    """Return a source's own id, of any length that an id may have; "" if there is none."""
    return text(data, *path, longest=500)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number in JSON.")
