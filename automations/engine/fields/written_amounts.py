"""Amounts as sources write them, "69.8400", 10.90909 or 5400 cents, rounded by one rule.

The rule: to the decimals of the currency, half a unit away from zero. What that changed is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from automations.engine.fields.currencies import decimals_of
from automations.engine.operators.value_types import counted

#: Amounts from here on are no amounts of a shop.
LIMIT = Decimal("1000000000000")
LONGEST = 40
_CENT = Decimal("0.01")
_EXACT = Context(prec=80)


@dataclass(frozen=True, slots=True)
class WrittenAmount:
    """An amount with the decimals of its currency, and what the source wrote, as exact decimal text."""

    amount: Decimal
    written: str

    @property
    def difference(self) -> Decimal:
        """What rounding added, below zero if it took something off; 0 if the amount is exact."""
        return _EXACT.subtract(self.amount, Decimal(self.written))

    @property
    def rounding(self) -> Mapping[str, str] | None:
        """What a record keeps of the rounding, {"written", "difference"}; None if the amount is exact."""
        difference = self.difference
        if not difference:
            return None
        return {"written": self.written, "difference": f"{difference.normalize(_EXACT):f}"}


def written_amount(value: Any, currency: str, *, minor: bool = False) -> WrittenAmount:
    """Read an amount: decimal text, a whole number, or a number as a JSON parser returns it.

    With `minor` it counts the smallest units of the currency: 5400 is £54.00, and ¥5400. Raises ValueError
    with a sentence for what is no amount.
    """
    exact = _decimal(value)
    places = decimals_of(currency)
    if minor:
        exact = exact.scaleb(-places, _EXACT)
    if abs(exact) >= LIMIT:
        raise ValueError(f"Needs an amount below {counted(LIMIT)}, not {str(value)[:LONGEST]}.")
    rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, context=_EXACT)
    return WrittenAmount(_kept(rounded), f"{exact:f}")


def rounded_half_up(amount: Decimal, currency: str) -> Decimal:
    """Return an exact amount by the same rule, as the database returns amounts."""
    step = Decimal(1).scaleb(-decimals_of(currency))
    return _kept(amount.quantize(step, ROUND_HALF_UP, context=_EXACT))


def _decimal(value: Any) -> Decimal:
    # A float has the digits that were written, as long as they are no more than 15: repr returns them.
    text = repr(value) if isinstance(value, float) else str(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError("Needs an amount such as 86.50, not something else.")
    text = text.strip()
    try:
        number = _EXACT.create_decimal(text) if len(text) <= LONGEST and text.isascii() else None
    except ArithmeticError:
        number = None
    if number is None or not number.is_finite() or abs(number.adjusted()) > LONGEST or "_" in text:
        raise ValueError(f"Needs an amount such as 86.50, not “{text[:LONGEST]}”.")
    return number


def _kept(amount: Decimal) -> Decimal:
    """Return the amount with two decimals, or three if it needs them; zero has no sign."""
    cents = amount.quantize(_CENT, context=_EXACT)
    return (cents if cents == amount else amount) + 0
