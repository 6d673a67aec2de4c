"""Reads the bytes of a request into typed values, or lists every problem in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from automations.engine.fields.currencies import CODES
from automations.engine.operators.value_types import counted
from automations.engine.rules.rule_check import Problem
from automations.models.db.column_types import MONEY_LIMIT, MONEY_SCALE
from automations.models.settings.choices import StoreWords
from automations.pipeline.intake import duplicate_keys
from automations.pipeline.intake.amounts import Amounts
from automations.pipeline.intake.composite_types import NOBODY, ObjectReader
from automations.pipeline.intake.field_types import InvalidInput, ReadingContext, each
from automations.pipeline.intake.record_schema import FIELDS
from automations.pipeline.records.change import Sender
from automations.pipeline.records.order_totals import thousandths

MOST_AT_ONCE = 1000
#: By one of these a customer can be found or told from others.
WHO = ("number", "email", "first_name", "last_name")
#: From here on lines are worth too much together, in thousandths.
_LIMIT = int(MONEY_LIMIT * MONEY_SCALE)
_CURRENCIES = frozenset(CODES)
T = TypeVar("T")
_decode = msgspec.json.Decoder().decode


class RequestNotJson(ValueError):
    """The body is not JSON; `str(error)` is a sentence."""


class IntakeRefused(ValueError):
    """The body is JSON but is refused; `problems` lists everything found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems


@dataclass(slots=True)
class Item:
    """One record as sent. `values` are columns with typed values; customer and account are matched later."""

    number: str | None
    values: dict[str, Any]
    #: The parts sent of its customer, and the name of its account; None inside `values` clears them.
    customer: dict[str, Any] | None = None
    account: str | None = None
    #: The request it came with, where several are received together.
    sender: Sender | None = None

    def copy(self, sender: Sender | None = None) -> Item:
        """Return a copy, of this sender, whose values may change without changing these."""
        return Item(self.number, dict(self.values), self.customer, self.account, sender or self.sender)


ReadItem = Callable[[Any], Item]


def reader(subject: str, words: StoreWords) -> ReadItem:
    """Return a function that reads one record of a subject. It is costly to make: keep it."""

    def reader_in(currency: str) -> ObjectReader:
        return ObjectReader(FIELDS[subject], ReadingContext(words, Amounts(currency)))

    own = reader_in(words.currency)
    others = lru_cache(maxsize=16)(reader_in)

    def read(data: Any) -> Item:
        currency = _named_currency(data) if subject == "order" else None
        parts = own if currency in (None, words.currency) else others(str(currency))
        values = parts.read(data)
        lines = values.get("lines")
        if lines and abs(thousandths(lines, currency or words.currency)) >= _LIMIT:
            raise InvalidInput(("lines", "Their prices add up to more than can be kept."))
        if values.get("delivery_until") and values["delivery_until"] < (values.get("delivery_from") or ""):
            raise InvalidInput(("delivery_until", "Needs a time after the one from which it is delivered."))
        return _item(values)

    return read


def _named_currency(data: Any) -> str | None:
    """Return the currency that a body names; None if it names none, or one that will be refused."""
    named = data.get("currency") if data.__class__ is dict else None
    code = named.strip().upper() if isinstance(named, str) else ""
    return code if code and code in _CURRENCIES else None


def requiring_identity(read: ReadItem) -> ReadItem:
    """Return `read` with a check for customers who may be new: each needs a number, an email or a name."""

    def checked(data: Any) -> Item:
        item = read(data)
        if not item.number and not any(item.values.get(name) for name in WHO):
            raise InvalidInput(("", NOBODY))
        return item

    return checked


def read_one(body: bytes, read: ReadItem) -> Item:
    """Read a body that is one record. Raises RequestNotJson and IntakeRefused."""
    return _checked(read, read_json(body))


def read_many(body: bytes, subject: str, read: ReadItem) -> list[Item]:
    """Read a body that is a list of at most MOST_AT_ONCE records. Raises RequestNotJson and IntakeRefused."""
    data = read_json(body)
    if not isinstance(data, list) or len(data) > MOST_AT_ONCE:
        has = f", this one has {counted(len(data))}" if isinstance(data, list) else ""
        raise IntakeRefused([Problem("", f"Send a list of at most {counted(MOST_AT_ONCE)} {subject}s{has}.")])
    items: list[Item] = _checked(lambda whole: each(whole, read), data)
    return items


def read_json(body: bytes) -> Any:
    """Decode a JSON text. Raises RequestNotJson; IntakeRefused for duplicate names and for NUL characters."""
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
    except InvalidInput as error:
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


def _refuse_nul(data: Any) -> None:
    """Refuse NUL, which Postgres cannot store in a text. Not recursive: the data may be nested deeply."""
    problems, pending = [], [("", data)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, dict):
            pending += [(f"{path}.{name}".strip("."), part) for name, part in value.items()]
            value = "".join(value)
        elif isinstance(value, list):
            pending += [(f"{path}.{place}".strip("."), part) for place, part in enumerate(value)]
        if isinstance(value, str) and "\0" in value:
            problems.append(Problem(path, "Has a character that cannot be kept (NUL). Leave it out."))
    if problems:
        raise IntakeRefused(sorted(problems, key=lambda problem: problem.path))
