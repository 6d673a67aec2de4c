"""Numbers in messages: exact decimals of a limited size."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_MOST_DIGITS = 20


def number(value: object) -> Decimal:
    """Return `value` as a Decimal; None and "" count as 0. Raises ValueError with a sentence."""
    if value is None or value == "":
        return Decimal(0)
    try:
        amount = Decimal(str(value)[:100])
    except InvalidOperation:
        raise ValueError(f"“{str(value)[:40]}” is not a number.") from None
    return bounded(amount)


def bounded(number: Decimal) -> Decimal:
    """Return `found` if it is finite and not too large or small. Raises ValueError with a sentence."""
    if not number.is_finite() or (number and abs(number.adjusted()) > _MOST_DIGITS):
        raise ValueError("A number in the message is too large.")
    return number


def rounded(value: Decimal, digits: int) -> Decimal:
    """Return `value` rounded to `digits` decimals, clamped to 0 to 6; halves round away from zero."""
    return value.quantize(Decimal(1).scaleb(-min(6, max(0, digits))), ROUND_HALF_UP)
