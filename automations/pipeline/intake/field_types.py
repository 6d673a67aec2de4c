"""Field types of the API: each reads one plain JSON value and describes itself in JSON Schema."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from automations.connectors.payment_words import payment_status
from automations.engine.operators.value_types import counted, shown
from automations.models.settings.choices import DEFAULTS, StoreWords
from automations.pipeline.intake import moments, patterns
from automations.pipeline.intake.amounts import Amounts

Schema = dict[str, Any]
Read = Callable[[Any], Any]

MOST_TAGS = 50
LONGEST_TAG = 100
#: What the reader of a text returns for one without characters: whoever sent it said nothing.
SAYS_NOTHING = ""
#: Why a number is refused that would lead elsewhere in an address.
NO_PATH = "Needs something beside dots before and after each “/”."
#: The most choices named in a sentence.
NAMED = 12


class InvalidInput(ValueError):
    """A refused value; each problem is a path inside it ("" for the value itself) and a sentence."""

    def __init__(self, *problems: tuple[str, str]) -> None:
        super().__init__(problems)
        self.problems = problems


def invalid_input(sentence: str) -> InvalidInput:
    """Return the error for one problem of the value itself."""
    return InvalidInput(("", sentence))


@dataclass(frozen=True)
class ReadingContext:
    """What reading depends on: the store's vocabulary, and the amounts its currency allows."""

    words: StoreWords
    amounts: Amounts


class FieldType(ABC):
    """A type of value that the API takes."""

    #: False if a record always has a value: null is refused then.
    nullable: Any = True

    def nothing(self) -> Any:
        """Return the value that null stands for."""
        return None

    @abstractmethod
    def reader(self, context: ReadingContext) -> Read:
        """Return a function from plain JSON (never None) to the typed value, which raises InvalidInput."""

    @abstractmethod
    def schema(self) -> Schema:
        """Return the JSON Schema of the values it takes, without null."""


@dataclass(frozen=True)
class TextType(FieldType):
    limit: int
    example: str = ""
    least: int = 0
    nullable: bool = True

    def nothing(self) -> str:
        return ""

    def reader(self, context: ReadingContext) -> Read:
        least, limit = self.least, self.limit

        def read(value: Any) -> str:
            text = text_of(value)
            if len(text) < least:
                raise invalid_input("Needs some text.")
            if len(text) > limit:
                raise invalid_input(
                    f"Needs at most {counted(limit)} characters, this has {counted(len(text))}."
                )
            return text if least or text.strip() else SAYS_NOTHING

        return read

    def schema(self) -> Schema:
        least = {"minLength": self.least} if self.least else {}
        limits = {"maxLength": self.limit, "pattern": patterns.TEXT} | least
        return {"type": "string"} | limits | _example(self.example)


@dataclass(frozen=True)
class Name(FieldType):
    """A name of something: trimmed, never empty, on one line."""

    limit: int
    example: str = ""

    def reader(self, context: ReadingContext) -> Read:
        limit, fits = self.limit, patterns.matcher(patterns.ONE_LINE)

        def read(value: Any) -> str:
            whole = text_of(value)
            text = whole.strip(patterns.AROUND)
            size = len(whole) if text else 0
            if not 0 < size <= limit:
                raise invalid_input(f"Needs between 1 and {limit} characters, this has {counted(size)}.")
            if not fits(whole) or text in patterns.DOTS:
                raise invalid_input("Needs plain characters on one line.")
            return text

        return read

    def schema(self) -> Schema:
        limits = {"minLength": 1, "maxLength": self.limit, "pattern": patterns.ONE_LINE}
        return (
            {"type": "string"}
            | limits
            | {"not": {"type": "string", "pattern": self._unlike}}
            | _example(self.example)
        )

    @property
    def _unlike(self) -> str:
        return patterns.ONLY_DOTS


@dataclass(frozen=True)
class Number(Name):
    """The number of a record, which becomes part of an address and may contain slashes."""

    def reader(self, context: ReadingContext) -> Read:
        read_name = super().reader(context)

        def read(value: Any) -> str:
            text: str = read_name(value)
            if patterns.is_path(text):
                raise invalid_input(NO_PATH)
            return text

        return read

    @property
    def _unlike(self) -> str:
        return patterns.NO_PATH


@dataclass(frozen=True)
class ChoiceType(FieldType):
    """An entry of one of the store's lists, by label, former label or key, in any letter case."""

    list_key: str
    nullable: bool = True

    def reader(self, context: ReadingContext) -> Read:
        words, list_key = context.words, self.list_key
        exact = {label: key for key, label in words.options(list_key)}

        def read(value: Any) -> str:
            if value.__class__ is str and value in exact:
                return exact[value]
            text = text_of(value)
            key = words.key_for(list_key, text) or meant(words, list_key, text)
            if key is None:
                raise invalid_input(_no_such_choice(words, list_key, text))
            return key

        return read

    def schema(self) -> Schema:
        names = DEFAULTS[self.list_key]
        words = f"{_a(self.list_key)} of your store, by its name (in any case) or its key."
        return {"type": "string", "description": words.capitalize(), "examples": list(names)}


@dataclass(frozen=True)
class MoneyType(FieldType):
    nullable: bool = False
    example: str = "86.50"

    def reader(self, context: ReadingContext) -> Read:
        amounts = context.amounts

        def read(value: Any) -> Decimal:
            if value.__class__ is not str:
                raise invalid_input(
                    f'Needs an amount in quotes, such as "{amounts.example}", not {_kind_of(value)}.'
                )
            try:
                return amounts[value]
            except ValueError as error:
                raise invalid_input(str(error)) from None

        return read

    def schema(self) -> Schema:
        pattern = r"^-?[0-9]{1,12}(\.[0-9]{1,3})?$"
        return {"type": "string", "pattern": pattern, "maxLength": 17, "examples": [self.example]}


@dataclass(frozen=True)
class Count(FieldType):
    least: int
    most: int
    nullable: bool = True
    example: int = 1

    def reader(self, context: ReadingContext) -> Read:
        def read(value: Any) -> int:
            # JSON has one kind of number: 3.0 is a whole one.
            if value.__class__ is float and value.is_integer():
                value = int(value)
            if value.__class__ is not int or not self.least <= value <= self.most:
                raise invalid_input(
                    f"Needs a whole number from {self.least} to {counted(self.most)}, without quotes."
                )
            return int(value)

        return read

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.least, "maximum": self.most, "examples": [self.example]}


@dataclass(frozen=True)
class DateType(FieldType):
    def reader(self, context: ReadingContext) -> Read:
        return lambda value: _moment(moments.day, value)

    def schema(self) -> Schema:
        return {"type": "string", "format": "date", "pattern": patterns.YEAR, "examples": ["2026-11-24"]}


@dataclass(frozen=True)
class InstantType(FieldType):
    nullable = False

    def reader(self, context: ReadingContext) -> Read:
        return lambda value: _moment(moments.instant, value)

    def schema(self) -> Schema:
        words = "As in RFC 3339, with its offset. Fractions of a second are not shown."
        limits = {"format": "date-time", "pattern": patterns.YEAR}
        return {"type": "string"} | limits | {"description": words, "examples": ["2026-11-22T10:00:00Z"]}


_TAG = Name(LONGEST_TAG)


@dataclass(frozen=True)
class Tags(FieldType):
    def nothing(self) -> list[str]:
        return []

    def reader(self, context: ReadingContext) -> Read:
        read_tag = _TAG.reader(context)

        def read(value: Any) -> list[str]:
            if value.__class__ is not list or len(value) > MOST_TAGS:
                raise invalid_input(f'Needs a list of at most {MOST_TAGS} tags, such as ["vip"].')
            return list(dict.fromkeys(each(value, read_tag)))

        return read

    def schema(self) -> Schema:
        return {"type": "array", "items": _TAG.schema(), "maxItems": MOST_TAGS, "examples": [["vip"]]}


def text_of(value: Any) -> str:
    """Return `value` if it is a text; raises InvalidInput otherwise."""
    if value.__class__ is not str:
        raise invalid_input(f"Needs text in quotes, not {_kind_of(value)}.")
    text: str = value
    return text


def each(values: list[Any], read: Read) -> list[Any]:
    """Read every value of a list; raises InvalidInput with all the problems in it."""
    values_read, problems = [], []
    for place, value in enumerate(values):
        try:
            values_read.append(read(value))
        except InvalidInput as error:
            problems += [(joined(str(place), path), sentence) for path, sentence in error.problems]
    if problems:
        raise InvalidInput(*problems)
    return values_read


def joined(path: str, inner: str) -> str:
    """Join two paths: "lines.2" and "unit_price" give "lines.2.unit_price"."""
    return f"{path}.{inner}" if path and inner else path or inner


def _moment(read: Callable[[str], Any], value: Any) -> Any:
    try:
        return read(text_of(value))
    except InvalidInput:
        raise
    except ValueError as error:
        raise invalid_input(str(error)) from None


def meant(words: StoreWords, list_key: str, text: str) -> str | None:
    """Return the payment status that a word of payment services means, if the store has it."""
    key = payment_status(text) if list_key == "payment_status" else None
    return words.key_for(list_key, key) if key else None


def _no_such_choice(words: StoreWords, list_key: str, text: str) -> str:
    labels = [label for _, label in words.options(list_key)]
    named = ", ".join(labels[:NAMED]) + (", …" if len(labels) > NAMED else "")
    return f"{shown(text)} is not {_a(list_key)}. Use one of {named}."


def _a(list_key: str) -> str:
    noun = list_key.replace("_", " ")
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {str(value)[:40]}"
    return "a list" if isinstance(value, list) else "an object" if isinstance(value, dict) else "text"


def _example(text: str) -> Schema:
    return {"examples": [text]} if text else {}
