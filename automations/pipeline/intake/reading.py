"""From the bytes of a request to typed values, or to everything that has to be changed in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from automations.engine.rules.rule_check import Problem
from automations.models.db.column_types import MONEY_LIMIT
from automations.models.settings.choices import StoreWords
from automations.pipeline.intake import duplicate_keys
from automations.pipeline.intake.amounts import Amounts, plain
from automations.pipeline.intake.composite_types import NOBODY, Object
from automations.pipeline.intake.field_types import ReadingContext, Wrong, each
from automations.pipeline.intake.record_schema import FIELDS

MOST_AT_ONCE = 1000
T = TypeVar("T")
_decode = msgspec.json.Decoder().decode


class RequestNotJson(ValueError):
    """The body cannot be read at all; `str(error)` is a sentence."""


class IntakeRefused(ValueError):
    """The body can be read but not taken; `problems` are all that was found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems


@dataclass(slots=True)
class Item:
    """One record as sent. `values` are columns with typed values; the rest is found in the store later."""

    number: str | None
    values: dict[str, Any]
    #: The parts given of its customer, and the name of its account; None inside `values` clears them.
    customer: dict[str, Any] | None = None
    account: str | None = None

    def copy(self) -> Item:
        """One whose values may be changed without changing these."""
        return Item(self.number, dict(self.values), self.customer, self.account)


ReadItem = Callable[[Any], Item]


def reader(subject: str, words: StoreWords) -> ReadItem:
    """How one record of a subject is read; worth keeping, because it prepares a lot."""
    parts = Object(FIELDS[subject], ReadingContext(words, Amounts(words.currency)))

    def read(data: Any) -> Item:
        values = parts.read(data)
        if "lines" in values:
            _add_up(values)
        return _item(values)

    return read


def somebody(read: ReadItem) -> ReadItem:
    """The same for customers who may be new: each has to be somebody."""

    def checked(data: Any) -> Item:
        item = read(data)
        if not item.number and not any(
            item.values.get(name) for name in ("email", "first_name", "last_name")
        ):
            raise Wrong(("", NOBODY))
        return item

    return checked


def one(body: bytes, read: ReadItem) -> Item:
    """The one record of a body. Raises NotJson and Refused."""
    return _checked(read, json(body))


def many(body: bytes, subject: str, read: ReadItem) -> list[Item]:
    """The records of a body that is a list of at most MOST_AT_ONCE. Raises NotJson and Refused."""
    data = json(body)
    if not isinstance(data, list) or len(data) > MOST_AT_ONCE:
        has = f", this one has {len(data):,}" if isinstance(data, list) else ""
        raise IntakeRefused([Problem("", f"Send a list of at most {MOST_AT_ONCE:,} {subject}s{has}.")])
    items: list[Item] = _checked(lambda whole: each(whole, read), data)
    return items


def json(body: bytes) -> Any:
    """The plain data of a JSON text. Raises NotJson, and Refused for text no database keeps."""
    try:
        data = _decode(body)
    except RecursionError:
        raise RequestNotJson("The body is nested too deeply.") from None
    except UnicodeDecodeError:
        raise RequestNotJson("The body is not valid UTF-8.") from None
    except msgspec.DecodeError as error:
        raise RequestNotJson(f"The body is not JSON that can be read: {error}.") from None
    if b"\\u0000" in body:
        _refuse_nul(data)
    problems = duplicate_keys.problems(body, data)
    if problems:
        raise IntakeRefused(problems)
    return data


def _checked(read: Callable[[Any], T], data: Any) -> T:
    try:
        return read(data)
    except Wrong as error:
        raise IntakeRefused([Problem(*problem) for problem in error.problems]) from None


def _item(values: dict[str, Any]) -> Item:
    number = values.pop("number", None) or None
    item = Item(number, values)
    if values.get("account"):
        item.account = values.pop("account")
    elif "account" in values:
        values["account_id"] = values.pop("account")
    if values.get("customer"):
        item.customer = values.pop("customer")
    elif "customer" in values:
        values["customer_id"] = values.pop("customer")
    return item


def _add_up(values: dict[str, Any]) -> None:
    """The number of items always follows from the lines, the total where none is given."""
    lines = values["lines"]
    values["item_count"] = sum([line["quantity"] for line in lines])
    if "total" not in values:
        prices = (line["quantity"] * Decimal(line["unit_price"]) for line in lines)
        total = plain(sum(prices, Decimal(0)))
        if abs(total) >= MONEY_LIMIT:
            raise Wrong(("lines", "Their prices add up to more than can be kept."))
        values["total"] = total


def _refuse_nul(data: Any) -> None:
    """Postgres keeps no NUL in a text. Walks without recursion: the data may be nested deeply."""
    found, left = [], [("", data)]
    while left:
        path, value = left.pop()
        if isinstance(value, dict):
            left += [(f"{path}.{name}".strip("."), part) for name, part in value.items()]
            value = "".join(value)
        elif isinstance(value, list):
            left += [(f"{path}.{place}".strip("."), part) for place, part in enumerate(value)]
        if isinstance(value, str) and "\0" in value:
            found.append(Problem(path, "Has a character that cannot be kept (NUL). Leave it out."))
    if found:
        raise IntakeRefused(sorted(found, key=lambda problem: problem.path))
