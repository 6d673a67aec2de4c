"""Column types that behave the same on SQLite and on Postgres."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Dialect

#: Money is stored in whole thousandths: sums and comparisons are exact in both databases, and currencies with
#: three decimals fit.
MONEY_SCALE = 1000
MONEY_LIMIT = Decimal("1000000000000")


class MoneyColumn(sa.types.TypeDecorator[Decimal]):
    """An exact Decimal, stored as an integer number of thousandths."""

    impl = sa.BigInteger
    cache_ok = True

    @staticmethod
    def stored(value: Decimal | None) -> int | None:
        """Return the integer to store; None for None."""
        return None if value is None else int(value * MONEY_SCALE)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return self.stored(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else from_thousandths(value)


def from_thousandths(value: int) -> Decimal:
    """86500 -> Decimal("86.50"); a third decimal only if it is not zero."""
    return Decimal(value).scaleb(-3) if value % 10 else Decimal(value // 10).scaleb(-2)


class QuantityColumn(sa.types.TypeDecorator[Any]):
    """An exact quantity of at most three decimals, stored as thousandths; a whole one is an int."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value * MONEY_SCALE)

    def process_result_value(self, value: int | None, dialect: Dialect) -> int | Decimal | None:
        if value is None:
            return None
        whole, rest = divmod(value, MONEY_SCALE)
        return Decimal(value).scaleb(-3).normalize() if rest else whole


class InstantColumn(sa.types.TypeDecorator[dt.datetime]):
    """An aware instant in UTC. SQLite stores it as text without a zone, always in UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant needs a time zone.")
        utc = value.astimezone(dt.UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class JsonColumn(sa.types.TypeDecorator[Any]):
    """Plain JSON data stored as text; the database never searches inside it."""

    impl = sa.Text
    cache_ok = True

    @staticmethod
    def stored(value: Any) -> str | None:
        """Return the text to store; None for None."""
        return None if value is None else _encode(value).decode()

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return self.stored(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else msgspec.json.decode(value)


_encode = msgspec.json.Encoder().encode

#: SQLite generates ids only for columns declared INTEGER.
Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
